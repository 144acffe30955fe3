;; What a core module exports to be the code of a strategy.
(memory (export "memory") 1 4)
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
(func (export "orchestration:auth/strategy@0.2.0#describe") (result i32) unreachable)
(func (export "orchestration:auth/strategy@0.2.0#get-credentials") (param i32) (result i32) unreachable)
(func (export "orchestration:auth/strategy@0.2.0#refresh-if-needed") (param i32) (result i32) unreachable)
(func (export "orchestration:auth/strategy@0.2.0#is-valid") (param i32) (result i32) unreachable)
