;; Sleeps for a minute, which no epoch interrupts.
(func $answer (param $request i32) (result i32)
  (call $block (call $subscribe (i64.const 60000000000)))
  (call $taken)
  (call $credential (i32.const 16) (i32.const 8)))
