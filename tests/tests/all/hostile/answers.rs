//! Answers that the contract does not allow, or that can't be true.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Answer, Export, Guest, Origin, SECRET};

use super::{CRASHED, Case, VARIABLE};

/// Answers that are none.
pub(super) fn broken_answers() -> Vec<Case> {
    let case =
        |name: &str, guest: Guest| Case::new(name, guest.build(), ErrorKind::Internal, CRASHED);
    let answer = Answer::default;
    let bad = &b"\xff\xfe bad"[..];
    let words = |words: &[u32]| {
        let mut guest = Guest::new();
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let (address, _) = guest.place(&bytes);
        guest.get(format!("i32.const {address}"))
    };
    vec![
        case("bad-utf8-message", Guest::new().fails(0, bad, None)),
        case("bad-utf8-hint", Guest::new().fails(0, b"m", Some(bad))),
        case(
            "bad-utf8-secret",
            Guest::new().answers(&Answer { values: vec![(b"k", bad)], ..answer() }),
        ),
        case(
            "bad-utf8-name",
            Guest::new().answers(&Answer { values: vec![(bad, b"k")], ..answer() }),
        ),
        case(
            "bad-utf8-source",
            Guest::new().answers(&Answer { source: Origin::Other(bad), ..answer() }),
        ),
        case("bad-utf8-description", Guest::new().describes([bad, b"1", b"s"], &[])),
        case("bad-utf8-declared", Guest::new().describes([b"a", b"1", b"s"], &[bad])),
        case("bad-utf8-asked-for", Guest::new().asks(bad)),
        case(
            "no-such-source",
            Guest::new().answers(&Answer { source: Origin::NoSuchCase, ..answer() }),
        ),
        case("no-such-kind", Guest::new().fails(99, b"m", None)),
        case("no-such-result", words(&[7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        case("no-such-option", words(&[1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0])),
        case("list-outside-memory", words(&[0, 0, 0xffff_fff0, 5, 2, 0, 0, 0, 0, 0, 0, 0])),
        case("list-not-aligned", words(&[0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0])),
        case("list-of-all-memory", words(&[0, 0, 0, 0x1000_0000, 2, 0, 0, 0, 0, 0, 0, 0])),
        case("answer-outside-memory", Guest::new().get("i32.const -16")),
        case("answer-not-aligned", Guest::new().get("i32.const 1025")),
        case("description-outside-memory", Guest::new().body(Export::Describe, "i32.const -4")),
        case("realloc-outside-memory", Guest::new().realloc("i32.const -16")),
        case("realloc-not-aligned", Guest::new().realloc("i32.const 60001")),
        case(
            "asks-outside-memory",
            Guest::new()
                .get("(call $get (i32.const -9) (i32.const 99) (global.get $scratch)) unreachable"),
        ),
        {
            let mut guest = Guest::new();
            let (address, length) = guest.place(VARIABLE.as_bytes());
            let ask = format!(
                "(call $take (i32.const {address}) (i32.const {length})
                   (i32.const {address}) (i32.const {length}) (i32.const -4)) unreachable"
            );
            case("answered-outside-memory", guest.get(ask))
        },
    ]
}

/// Well-formed answers that can't be true, and every kind of failure.
pub(super) fn liars() -> Vec<Case> {
    let answers = |values: &[(&[u8], &[u8])], source: Origin<'_>, expires_at| {
        Guest::new().answers(&Answer { values: values.to_vec(), source, expires_at }).build()
    };
    let contract = |name, component, says| Case::new(name, component, ErrorKind::Internal, says);
    let fails = |name: &str, number, kind| {
        Case::new(name, Guest::new().fails(number, b"says so", None).build(), kind, "says so")
    };
    let none = "broke the contract: it returned a credential without a secret";
    let empty = "broke the contract: it returned an empty secret or name";
    let key: &[(&[u8], &[u8])] = &[(b"api_key", SECRET.as_bytes())];
    vec![
        contract("no-secret", answers(&[], Origin::Environment(b"HOME"), None), none),
        contract("no-secret-in-words", answers(&[], Origin::Other(b"sso"), None), none),
        contract("empty-secret", answers(&[(b"api_key", b"")], Origin::Explicit, None), empty),
        contract("empty-name", answers(&[(b"", b"sk-1234567890")], Origin::Explicit, None), empty),
        Case::new(
            "expired-long-ago",
            answers(key, Origin::Explicit, Some(1)),
            ErrorKind::Expired,
            "the credential has expired",
        ),
        Case::valid("never-expires", answers(key, Origin::Explicit, Some(u64::MAX))),
        Case::valid("needs-nothing", answers(&[], Origin::NotNeeded, None)),
        fails("says-missing", 0, ErrorKind::Missing),
        fails("says-expired", 1, ErrorKind::Expired),
        fails("says-invalid", 2, ErrorKind::Invalid),
        fails("says-unavailable", 4, ErrorKind::Unavailable),
        fails("says-unsupported", 5, ErrorKind::Unsupported),
        fails("says-internal", 6, ErrorKind::Internal),
    ]
}
