//! Strategies that use the tools for secrets against the host.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Export, Guest, Piece, Tool};

use super::{CRASHED, Case, DEADLINE, HOSTCALL, VARIABLE};

const NAME: &str = "broke the contract: the name of a secret has more than 128 bytes";
const TEXT: &str = "broke the contract: its secrets have more than 1 MiB of text";
const SECRETS: &str = "broke the contract: it made more than 64 secrets";

/// The address of memory that is free, and 16 MiB long.
const FREE: u32 = 0x10000;

/// The bytes of a text that just passes to the host in one call, which are 1 MiB.
const MOST: u32 = 1 << 20;

/// A guest with 17 MiB of memory that takes the secret as `key`.
fn taking() -> (Guest, String) {
    let mut guest = Guest::new().tools().memory("272");
    let take = guest.tool(&Tool::Take(VARIABLE, "key"));
    (guest, take)
}

/// Uses a tool in an endless loop.
fn endlessly(tool: &Tool<'_>) -> Guest {
    let (mut guest, take) = taking();
    let code = guest.tool(tool);
    guest.get(format!("{take} (loop {code} (br 0)) unreachable"))
}

/// Fills `$list` with `count` parts that name the secret `key`.
fn many_parts(guest: &mut Guest, count: u32) -> String {
    let (name, length) = guest.place(b"key");
    format!(
        "(loop $next
           (i32.store offset={FREE} (i32.mul (local.get $i) (i32.const 12)) (i32.const 1))
           (i32.store offset={} (i32.mul (local.get $i) (i32.const 12)) (i32.const {name}))
           (i32.store offset={} (i32.mul (local.get $i) (i32.const 12)) (i32.const {length}))
           (local.set $i (i32.add (local.get $i) (i32.const 1)))
           (br_if $next (i32.lt_u (local.get $i) (i32.const {count}))))",
        FREE + 4,
        FREE + 8
    )
}

/// Uses the tools against the host.
pub(super) fn tools() -> Vec<Case> {
    let case =
        |name: &str, guest: Guest, says| Case::new(name, guest.build(), ErrorKind::Internal, says);
    let joining = |count: u32, tool: &str| {
        let (mut guest, take) = taking();
        let fill = many_parts(&mut guest, count);
        let (name, length) = guest.place(b"made");
        let (key, bytes) = guest.place(b"key");
        let call = match tool {
            "concat" => String::from("(call $concat"),
            _ => format!("(call $sign (i32.const {key}) (i32.const {bytes}) (i32.const 0)"),
        };
        guest.get(format!(
            "{take} {fill}
             {call} (i32.const {FREE}) (i32.const {count})
               (i32.const {name}) (i32.const {length}) (global.get $scratch))
             unreachable"
        ))
    };
    let named = |length: u32| {
        let (guest, take) = taking();
        guest.get(format!(
            "{take} (memory.fill (i32.const {FREE}) (i32.const 65) (i32.const {length}))
             (call $random (i32.const 16) (i32.const {FREE}) (i32.const {length}))
             unreachable"
        ))
    };
    // It is like any name that is not in the table. If not, the strategy never ends.
    let asking = {
        let (mut guest, take) = taking();
        let unknown = guest.tool(&Tool::Claims("nothing"));
        let outcome = "(i32.load16_u offset=4 (global.get $scratch))";
        guest.fields("(global $unknown (mut i32) (i32.const 0))").get(format!(
            "{take} {unknown} (global.set $unknown {outcome})
             (memory.fill (i32.const {FREE}) (i32.const 65) (i32.const {MOST}))
             (call $claims (i32.const {FREE}) (i32.const {MOST}) (global.get $scratch))
             (if (i32.ne (global.get $unknown) {outcome}) (then (loop (br 0))))
             unreachable"
        ))
    };
    let calling = |call: &str| {
        let (guest, take) = taking();
        guest.get(format!("{take} {call} unreachable"))
    };
    let doubled = {
        let parts = [Piece::Secret("key"), Piece::Secret("key")];
        endlessly(&Tool::Concat(&parts, "key"))
    };
    let many_names = Guest::new().tools().get(
        // The name is a number that counts up.
        "(loop
           (i32.store (global.get $scratch) (i32.or (i32.const 0x20202020) (local.get $i)))
           (local.set $i (i32.add (local.get $i) (i32.const 1)))
           (call $random (i32.const 16) (global.get $scratch) (i32.const 4))
           (br_if 0 (i32.lt_u (local.get $i) (i32.const 1000000))))
         unreachable",
    );
    let before_it_is_asked = Guest::new().tools().body(
        Export::Describe,
        "(call $random (i32.const 1) (i32.const 0) (i32.const 200)) unreachable",
    );
    vec![
        case("tools-joins-a-million-names", joining(1_000_000, "concat"), HOSTCALL),
        case("tools-signs-a-million-names", joining(1_000_000, "sign"), HOSTCALL),
        case("tools-makes-of-itself-without-end", doubled, TEXT),
        case("tools-makes-a-million-names", many_names, SECRETS),
        case("tools-makes-without-end", endlessly(&Tool::Random(0, "made")), SECRETS),
        case("tools-name-of-129-bytes", named(129), NAME),
        case("tools-name-of-half-a-mib", named(1 << 19), NAME),
        case("tools-name-of-1-mib", named(MOST), NAME),
        case("tools-name-of-1-mib-and-a-byte", named((1 << 20) + 1), HOSTCALL),
        case("tools-name-of-2-mib", named(2 << 20), HOSTCALL),
        case("tools-asks-for-a-name-of-1-mib", asking, CRASHED),
        case("tools-in-describe", before_it_is_asked, NAME),
        case("tools-picks-without-end", endlessly(&Tool::Pick("key", "/a", "made")), DEADLINE)
            .soon(),
        case("tools-claims-without-end", endlessly(&Tool::Claims("key")), DEADLINE).soon(),
        case("tools-signs-without-end", endlessly(&Tool::Sign("key", 1, &[], "made")), DEADLINE)
            .soon(),
        case(
            "tools-parts-nowhere",
            calling(
                "(call $concat (i32.const 0x7fffff00) (i32.const 9)
                   (i32.const 0) (i32.const 0) (global.get $scratch))",
            ),
            CRASHED,
        ),
        case(
            "tools-parts-of-no-kind",
            calling(
                "(i32.store (global.get $scratch) (i32.const 9))
                 (call $concat (global.get $scratch) (i32.const 1)
                   (i32.const 0) (i32.const 0) (global.get $scratch))",
            ),
            CRASHED,
        ),
        case("tools-no-such-alphabet", endlessly(&Tool::Base64("key", 2, "made")), CRASHED),
        case("tools-no-such-algorithm", endlessly(&Tool::Sign("key", 4, &[], "made")), CRASHED),
        case(
            "tools-name-that-is-not-unicode",
            calling(
                "(i32.store (global.get $scratch) (i32.const -1))
                 (call $random (i32.const 16) (global.get $scratch) (i32.const 4))",
            ),
            CRASHED,
        ),
    ]
}
