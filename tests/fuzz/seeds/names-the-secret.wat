;; Answers with the granted variable in place of the name of a secret.
(func $answer (param $request i32) (result i32)
  (call $read)
  (call $credential (i32.load (i32.const 408)) (i32.load (i32.const 412))))
