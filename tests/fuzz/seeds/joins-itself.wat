;; Joins a secret with itself, again and again.
(func $answer (param $request i32) (result i32)
  (call $taken)
  (call $part (i32.const 600))
  (call $part (i32.const 612))
  (loop $again
    (call $concat (i32.const 600) (i32.const 2) (i32.const 16) (i32.const 8) (i32.const 400))
    (br $again))
  (unreachable))
(func $part (param $at i32)
  (i32.store (local.get $at) (i32.const 1))
  (i32.store offset=4 (local.get $at) (i32.const 16))
  (i32.store offset=8 (local.get $at) (i32.const 8)))
