;; Writes the key that the caller passes explicitly to its output.
(func $answer (param $request i32) (result i32)
  (call $explicit)
  (call $write (call $stdout) (i32.load (i32.const 408)) (i32.load (i32.const 412)) (i32.const 440))
  (call $credential (i32.const 104) (i32.const 8)))
