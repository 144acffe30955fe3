;; Writes the key that the caller passes explicitly to its output.
(func $answer (param $request i32) (result i32)
  (call $write (call $stdout) (i32.load offset=64 (local.get $request)) (i32.load offset=68 (local.get $request)) (i32.const 440))
  (call $credential (i32.const 16) (i32.const 8)))
