//! Strategies that use their session against the host.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Export, Guest, Saves};

use super::{CRASHED, Case, HOSTCALL, VALUE, VARIABLE};

/// What is said of a strategy that uses its session without end.
const OFTEN: &str = "used its session more than 16 times";

/// The address of memory that is free, and 16 MiB long.
const FREE: u32 = 0x20_0000;

/// Saves this session in `refresh-if-needed`.
fn saves(session: &Saves<'_>) -> Guest {
    Guest::new().keeps(VARIABLE, session)
}

/// Runs this code in `refresh-if-needed`, with 19 MiB of memory.
fn refreshing(code: &str) -> Guest {
    Guest::new().stores().memory("304").refreshes(code)
}

/// A call of `save` with these lists and this account.
fn call(secrets: (u32, u32), notes: (u32, u32), account: (u32, u32)) -> String {
    format!(
        "(call $save (i32.const {}) (i32.const {}) (i32.const {}) (i32.const {})
           (i32.const 1) (i32.const {}) (i32.const {}) (i32.const 0) (i64.const 0)
           (global.get $scratch))",
        secrets.0, secrets.1, notes.0, notes.1, account.0, account.1
    )
}

/// Uses the session against the host.
pub(super) fn store() -> Vec<Case> {
    let case = |name: &str, guest: Guest, kind, says| {
        Case::new(name, guest.build(), kind, says).shown_by(Export::RefreshIfNeeded)
    };
    let stopped = |name: &str, guest: Guest, says| case(name, guest, ErrorKind::Internal, says);
    let refused = |name: &str, guest: Guest, says| case(name, guest, ErrorKind::Unavailable, says);
    let endlessly = |code: &str| refreshing(&format!("(loop {code} (br 0)) unreachable"));
    let in_get = |code: &str| {
        let mut guest = Guest::new().stores();
        let read_only = guest.place_failure(4, b"read-only", None);
        let code = format!(
            "{code}
             (if (i32.eq (i32.load16_u (global.get $scratch)) (i32.const 0x101))
               (then (return (i32.const {read_only}))))
             unreachable"
        );
        guest.get(code).build()
    };
    let taken = || Saves::taken("ada@corp.example");
    let encoded = "c2stbGl2ZS1acTgxTG1WdDkzS3hCZFJ3N3gyZg==";
    let noted =
        |text: &'static str| saves(&Saves { notes: vec![(b"note", text.as_bytes())], ..taken() });
    vec![
        stopped("store-loads-without-end", endlessly("(call $load (global.get $scratch))"), OFTEN),
        stopped("store-saves-without-end", endlessly(&call((0, 0), (0, 0), (0, 0))), OFTEN),
        stopped(
            "store-forgets-without-end",
            endlessly("(call $forget (global.get $scratch))"),
            OFTEN,
        ),
        stopped(
            "store-saves-a-million-secrets",
            refreshing(&call((FREE, 1_000_000), (0, 0), (0, 0))),
            HOSTCALL,
        ),
        stopped(
            "store-saves-a-million-notes",
            refreshing(&call((0, 0), (FREE, 1_000_000), (0, 0))),
            HOSTCALL,
        ),
        stopped(
            "store-saves-an-account-of-16-mib",
            refreshing(&call((0, 0), (0, 0), (FREE, 16 << 20))),
            HOSTCALL,
        ),
        stopped(
            "store-saves-from-nowhere",
            refreshing(&call((0x7fff_0000, 3), (0, 0), (0, 0))),
            CRASHED,
        ),
        refused(
            "store-saves-65-secrets",
            saves(&Saves { secrets: vec![b"taken"; 65], ..taken() }),
            "too-large",
        ),
        refused(
            "store-saves-65-notes",
            saves(&Saves { notes: vec![(b"", b""); 65], ..taken() }),
            "too-large",
        ),
        refused(
            "store-saves-64-kib-and-a-byte",
            refreshing(&call((0, 0), (0, 0), (FREE, (64 << 10) + 1))),
            "too-large",
        ),
        refused(
            "store-saves-what-it-has-not",
            saves(&Saves { secrets: vec![b"nope"], ..taken() }),
            "no-secret",
        ),
        refused("store-notes-the-key", noted(VALUE), "leak"),
        refused("store-notes-the-key-in-base64", noted(encoded), "leak"),
        refused(
            "store-names-the-key-as-account",
            saves(&Saves { account: Some(VALUE.as_bytes()), ..taken() }),
            "leak",
        ),
        stopped(
            "store-saves-what-is-not-unicode",
            saves(&Saves { account: Some(b"\xff\xfe"), ..taken() }),
            CRASHED,
        ),
        Case::new(
            "store-saves-where-it-may-not",
            in_get(&call((0, 0), (0, 0), (0, 0))),
            ErrorKind::Unavailable,
            "read-only",
        ),
        Case::new(
            "store-forgets-where-it-may-not",
            in_get("(call $forget (global.get $scratch))"),
            ErrorKind::Unavailable,
            "read-only",
        ),
        Case::valid(
            "store-has-an-odd-account",
            saves(&Saves {
                account: Some("\u{1b}[2J\u{202e}ada\nroot\u{7}".as_bytes()),
                notes: vec![(b"\x1b[31m\x00", b"\x07\r\n")],
                ..taken()
            })
            .build(),
        )
        .shown_by(Export::RefreshIfNeeded),
    ]
}
