;; Makes one secret after the other, all of the same name.
(func $answer (param $request i32) (result i32)
  (loop $again (call $taken) (br $again))
  (unreachable))
