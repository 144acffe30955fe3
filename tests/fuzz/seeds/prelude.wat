;; What every seed is made of. A seed adds $answer, which answers the request at
;; $request with the place of a result, and may lay a value out at 1024.
;;
;;   answer of $get: 0 (0 for ok), 4 (is there), 8 (where), 12 (how long)
;;   answer of $text: 0 (0 for ok), 4 (where), 8 (how long)
;;   a part of $concat: 0 (0 for a text, 1 for a secret), 4 (where), 8 (how long)
;;   credentials: 0 (0), 8 values, 12 how many, 16 source, 20 its text, 24 how
;;     long, 32 expires-at (is there), 40
;;   auth-error: 0 (1), 8 kind, 12 message, 16 how long, 20 hint (is there), 24, 28
(memory (export "memory") 1)
(global $free (mut i32) (i32.const 8192))
(func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
  (global.set $free (i32.add (local.get $at) (local.get 3)))
  (local.get $at))
(data (i32.const 16) "CORP_KEY")
(data (i32.const 32) "api_key")
(data (i32.const 48) "fuzz")
(data (i32.const 64) "1.0.0")
(data (i32.const 80) "Does this and that.")
(data (i32.const 104) "explicit")
;; The description.
(data (i32.const 128) "\30\00\00\00\04\00\00\00" "\40\00\00\00\05\00\00\00" "\50\00\00\00\13\00\00\00" "\00\00\00\00\00\00\00\00")
(func (export "orchestration:auth/strategy@0.2.0#describe") (result i32) (i32.const 128))
(func (export "orchestration:auth/strategy@0.2.0#get-credentials") (param i32) (result i32)
  (call $answer (local.get 0)))
(func (export "orchestration:auth/strategy@0.2.0#refresh-if-needed") (param i32) (result i32)
  (unreachable))
(func (export "orchestration:auth/strategy@0.2.0#is-valid") (param i32) (result i32)
  (i32.const 1))
;; A credential with the secret whose name is at $at.
(func $credential (param $at i32) (param $length i32) (result i32)
  (i32.store (i32.const 512) (i32.const 32))
  (i32.store (i32.const 516) (i32.const 7))
  (i32.store (i32.const 520) (local.get $at))
  (i32.store (i32.const 524) (local.get $length))
  (i32.store (i32.const 1032) (i32.const 512))
  (i32.store (i32.const 1036) (i32.const 1))
  (i32.store8 (i32.const 1040) (i32.const 1))
  (i32.store (i32.const 1044) (i32.const 16))
  (i32.store (i32.const 1048) (i32.const 8))
  (i32.const 1024))
;; An error whose text and hint are at $at.
(func $error (param $at i32) (param $length i32) (result i32)
  (i32.store8 (i32.const 1024) (i32.const 1))
  (i32.store8 (i32.const 1032) (i32.const 2))
  (i32.store (i32.const 1036) (local.get $at))
  (i32.store (i32.const 1040) (local.get $length))
  (i32.store8 (i32.const 1044) (i32.const 1))
  (i32.store (i32.const 1048) (local.get $at))
  (i32.store (i32.const 1052) (local.get $length))
  (i32.const 1024))
;; Reads the granted variable: where it is at 408, how long at 412.
(func $read (call $get (i32.const 16) (i32.const 8) (i32.const 400)))
;; Reads the key that the caller passes explicitly, to the same places.
(func $explicit (call $text (i32.const 104) (i32.const 8) (i32.const 404)))
;; Makes the granted variable the secret of the same name.
(func $taken
  (call $take (i32.const 16) (i32.const 8) (i32.const 16) (i32.const 8) (i32.const 400)))
