;; Asks for 16 EiB of random bytes.
(func $answer (param $request i32) (result i32)
  (call $random (i64.const -1) (i32.const 440))
  (unreachable))
