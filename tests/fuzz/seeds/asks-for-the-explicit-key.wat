;; The same with the key that the caller passes explicitly.
(func $answer (param $request i32) (result i32)
  (call $get (i32.load offset=64 (local.get $request)) (i32.load offset=68 (local.get $request)) (i32.const 400))
  (unreachable))
