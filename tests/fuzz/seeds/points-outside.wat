;; Answers with a name of a secret that is not in its memory.
(func $answer (param $request i32) (result i32)
  (call $credential (i32.const -16) (i32.const 2147483647)))
