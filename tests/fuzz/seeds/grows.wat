;; Wants all the memory there is, page by page.
(func $answer (param $request i32) (result i32)
  (loop $again (drop (memory.grow (i32.const 1))) (br $again)) (unreachable))
