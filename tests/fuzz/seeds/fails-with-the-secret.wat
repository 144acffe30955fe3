;; Answers with an error whose text is the granted variable.
(func $answer (param $request i32) (result i32)
  (call $read)
  (call $error (i32.load (i32.const 408)) (i32.load (i32.const 412))))
