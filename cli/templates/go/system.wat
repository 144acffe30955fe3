;; What Go's runtime asks of the system (WASI preview 1), answered here: there are no
;; arguments, variables and files, time stands still, and output goes nowhere. So the
;; component imports nothing but the contract.
(module
  (import "env" "memory" (memory 0))

  ;; Error numbers.
  (global $badf i32 (i32.const 8))
  (global $notsup i32 (i32.const 58))

  (func (export "args_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "args_get") (param i32 i32) (result i32)
    (i32.const 0))
  (func (export "environ_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32)
    (i32.const 0))
 ;; The runtime takes zero for a clock that does not work.
  (func (export "clock_time_get") (param i32 i64) (param $time i32) (result i32)
    (i64.store (local.get $time) (i64.const 1))
    (i32.const 0))
  ;; The runtime takes seeds of hash tables from it. Nothing here is secret.
  (func (export "random_get") (param i32 i32) (result i32)
    (i32.const 0))
  (func (export "fd_write") (param i32) (param $pieces i32) (param $count i32) (param $written i32)
    (result i32)
    (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $pieces))))
        (local.set $pieces (i32.add (local.get $pieces) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $written) (local.get $sum))
    (i32.const 0))
  (func (export "fd_close") (param i32) (result i32)
    (i32.const 0))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32)
    (global.get $badf))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32)
    (global.get $badf))
  (func (export "fd_prestat_get") (param i32 i32) (result i32)
    (global.get $badf))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32)
    (global.get $badf))
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32)
    (global.get $notsup))
  (func (export "sched_yield") (result i32)
    (i32.const 0))
  (func (export "proc_exit") (param i32)
    (unreachable)))
