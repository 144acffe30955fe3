;; Answers with an error whose text is the key that the caller passes explicitly.
(func $answer (param $request i32) (result i32)
  (call $explicit)
  (call $error (i32.load (i32.const 408)) (i32.load (i32.const 412))))
