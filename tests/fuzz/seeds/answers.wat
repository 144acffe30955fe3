;; Answers with the granted variable.
(func $answer (param $request i32) (result i32)
  (call $taken)
  (call $credential (i32.const 16) (i32.const 8)))
