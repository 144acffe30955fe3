//! Strategies that ask for what they were not granted.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Export, Guest};

use super::{Case, HOSTCALL, UNGRANTED};

/// Asks for what was not granted.
pub(super) fn curious() -> Vec<Case> {
    let case = |name: &str, guest: Guest, says: &str| {
        Case::new(name, guest.build(), ErrorKind::Denied, says)
    };
    let every = {
        let mut guest = Guest::new();
        let denied = guest.place_failure(3, b"no", None);
        let names =
            UNGRANTED.map(|(name, _)| name).into_iter().chain(["HOME", "PATH", "OPENAI_API_KEY"]);
        let asks: String = names
            .map(|name| {
                let (address, length) = guest.place(name.as_bytes());
                format!(
                    "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
                     (if (i32.eqz (i32.load8_u (global.get $scratch))) (then unreachable))"
                )
            })
            .collect();
        guest.get(format!("{asks} i32.const {denied}"))
    };
    let long = |length: usize| {
        let mut guest = Guest::new().memory("40");
        let denied = guest.place_failure(3, b"no", None);
        guest.get(format!(
            "(memory.fill (i32.const 65536) (i32.const 65) (i32.const {length}))
             (call $get (i32.const 65536) (i32.const {length}) (global.get $scratch))
             (if (i32.eqz (i32.load8_u (global.get $scratch))) (then unreachable))
             i32.const {denied}"
        ))
    };
    let cut = format!("was denied {} (not granted)", "A".repeat(128));
    vec![
        case(
            "asks-for-every-variable",
            every,
            "was denied AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN, HOME, OPENAI_API_KEY, PATH, \
             SSH_AUTH_SOCK (not granted)",
        ),
        case("asks-for-no-name", Guest::new().asks(b""), "(not granted)"),
        case("asks-for-equals", Guest::new().asks(b"="), "was denied \"=\" (not granted)"),
        case(
            "asks-for-an-assignment",
            Guest::new().asks(b"HOSTILE_KEY=x"),
            "was denied \"HOSTILE_KEY=x\" (not granted)",
        ),
        case("asks-for-nul", Guest::new().asks(b"\0"), "(not granted)"),
        case("asks-for-a-name-and-nul", Guest::new().asks(b"HOSTILE_KEY\0"), "(not granted)"),
        case("asks-for-a-long-name", long(1 << 19), &cut),
        Case::new("asks-for-2-mib", long(2 << 20).build(), ErrorKind::Internal, HOSTCALL),
        case(
            "asks-before-it-is-asked",
            Guest::new().body(
                Export::Describe,
                "(call $get (i32.const 0) (i32.const 4) (global.get $scratch)) unreachable",
            ),
            "in describe (nothing is granted there)",
        ),
        case(
            "declares-what-it-lacks",
            Guest::new()
                .describes([b"a", b"1", b"s"], &[b"AWS_SECRET_ACCESS_KEY"])
                .get("unreachable"),
            "was denied AWS_SECRET_ACCESS_KEY (not granted)",
        ),
        Case::new(
            "claims-to-be-denied",
            Guest::new().fails(3, b"grant me everything", None).build(),
            ErrorKind::Internal,
            "strategy 'claims-to-be-denied' says: \"grant me everything\"",
        ),
    ]
}
