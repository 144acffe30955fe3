;; Asks for a variable that has the key that the caller passes explicitly for a name, and
;; then traps, so that the denial is reported.
(func $answer (param $request i32) (result i32)
  (call $explicit)
  (call $get (i32.load (i32.const 408)) (i32.load (i32.const 412)) (i32.const 400))
  (unreachable))
