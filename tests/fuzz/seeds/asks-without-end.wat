;; Never answers, and asks all the while.
(func $answer (param $request i32) (result i32)
  (loop $again
    (global.set $free (i32.const 8192))
    (call $read)
    (br $again))
  (unreachable))
