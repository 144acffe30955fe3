//! Strategies that mean harm, or that are merely broken, and what becomes of
//! each: the host survives, the row of the profile says what happened, and every
//! other row is what it would have been without it.
//!
//! [`cases`] is the list. The same list is run twice: through the command line,
//! all of them in one table beside profiles that are well, and through the
//! library, again and again in one process, which must be as small afterwards as
//! before. A case names what the host says of it, so a strategy that is stopped
//! for another reason than the intended one fails its case.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use orchestration_runtime::{AgentConfig, Allocation, ErrorKind, Status};
use orchestration_tests::guest::{
    self, Answer, Export, Guest, Host, Origin, SECRET, STRATEGY, leb, padded, section,
    with_instances,
};
use orchestration_tests::{Cli, Outcome};

/// The variable that every profile here names and that holds a secret.
const VARIABLE: &str = "HOSTILE_KEY";
const VALUE: &str = "sk-live-Zq81LmVt93KxBdRw7x2f";

/// What nobody is granted.
const UNGRANTED: [(&str, &str); 3] = [
    ("AWS_SECRET_ACCESS_KEY", "aws-Nf41RzLk7QeXt80HbMw6JsYv"),
    ("GITHUB_TOKEN", "ghp_9bYf72HsWqZ0nLx4PdVj3GmC"),
    ("SSH_AUTH_SOCK", "/run/secret.sock"),
];

/// Repaints, reverses, hides, and starts new lines.
const ODD: &str = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\nerror: x\u{202e}b\u{2066}\u{200b}\u{85}c";

const DEADLINE: &str = "was stopped: it ran longer than its deadline of 300 ms";
const MEMORY: &str = "was stopped: it asked for more than 64 MiB of memory";
const TABLE: &str = "was stopped: it asked for more than 100000 table elements";
const STACK: &str = "was stopped: it used up its stack of 512 KiB";
const HOSTCALL: &str = "was stopped: it passed more than 1048576 bytes to the host in one call";
const INVALID: &str = "component is not valid: ";
const UNFOLDS: &str = "component unfolds into more parts than a strategy may be made of";
const CRASHED: &str = "crashed: ";
const SPIN: &str = "(loop (br 0)) unreachable";

/// One strategy and what is to become of it.
struct Case {
    name: String,
    component: Vec<u8>,
    /// The function that shows it; the command line asks for credentials alone.
    shown_by: Export,
    /// None where the answer is a good one.
    kind: Option<ErrorKind>,
    /// Part of what is said of it.
    says: String,
    /// Lines of its table in providers.toml.
    more: String,
}

impl Case {
    fn new(name: &str, component: Vec<u8>, kind: ErrorKind, says: &str) -> Self {
        let (name, says) = (name.to_owned(), says.to_owned());
        let shown_by = Export::GetCredentials;
        Self { name, component, shown_by, kind: Some(kind), says, more: String::new() }
    }

    fn valid(name: &str, component: Vec<u8>) -> Self {
        Self { kind: None, ..Self::new(name, component, ErrorKind::Internal, "") }
    }

    fn with(self, more: &str) -> Self {
        Self { more: more.to_owned(), ..self }
    }

    /// With a deadline of 300 ms.
    fn soon(self) -> Self {
        self.with("limits = { deadline_ms = 300 }")
    }

    fn shown_by(self, shown_by: Export) -> Self {
        Self { shown_by, ..self }
    }

    /// What the table says where credentials are asked for.
    fn status(&self) -> &'static str {
        let asked = matches!(self.shown_by, Export::Describe | Export::GetCredentials);
        match self.kind {
            Some(ErrorKind::Missing) if asked => "✗ missing",
            Some(ErrorKind::Invalid | ErrorKind::Expired) if asked => "✗ invalid",
            Some(_) if asked => "✗ error",
            _ => "✓ valid",
        }
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(endless());
    cases.extend(greedy());
    cases.extend(broken_answers());
    cases.extend(crashes());
    cases.extend(texts());
    cases.extend(secrets());
    cases.extend(curious());
    cases.extend(liars());
    cases.extend(no_strategies());
    cases
}

/// What would run for ever.
fn endless() -> Vec<Case> {
    let case = |name: &str, guest: Guest| {
        Case::new(name, guest.build(), ErrorKind::Internal, DEADLINE).soon()
    };
    let mut cases: Vec<Case> = Export::ALL
        .into_iter()
        .map(|export| {
            let name = format!("loop-{}", export.name());
            case(&name, Guest::new().body(export, SPIN)).shown_by(export)
        })
        .collect();
    let start = "(func $spin (loop (br 0))) (start $spin)";
    let tail = "(func $tail (return_call $tail))";
    // Each fills 48 MiB.
    let fill = "(memory.fill (i32.const 0x20000) (i32.const 1) (i32.const 0x3000000))";
    let ask = |name: &str, length: &str| {
        format!("(loop (call $get {name} {length} (global.get $scratch)) (br 0)) unreachable")
    };
    cases.extend([
        case(
            "bulk-without-a-loop",
            Guest::new().memory("1000").get(fill.repeat(300) + "unreachable"),
        ),
        case("loop-start", Guest::new().fields(start)),
        case("loop-realloc", Guest::new().realloc(SPIN)),
        case("loop-post-return", Guest::new().post_return(SPIN)),
        case("loop-tail-call", Guest::new().fields(tail).get("(call $tail) unreachable")),
        case("loop-host-calls", Guest::new().get(ask("(i32.const 0)", "(i32.const 9)"))),
        case(
            "loop-host-calls-new-names",
            // The name is a number that counts up.
            Guest::new().get(
                "(loop
                   (i32.store offset=8 (global.get $scratch)
                     (i32.or (i32.const 0x20202020) (local.get $i)))
                   (local.set $i (i32.and (i32.add (local.get $i) (i32.const 1))
                     (i32.const 0x5f5f5f5f)))
                   (call $get (i32.add (global.get $scratch) (i32.const 8)) (i32.const 4)
                     (i32.add (global.get $scratch) (i32.const 16)))
                   (br 0)) unreachable",
            ),
        ),
        case(
            "loop-host-calls-long-names",
            Guest::new().memory("20").get(ask("(i32.const 0x20000)", "(i32.const 0x80000)")),
        ),
        {
            let mut guest = Guest::new().realloc("i32.const 60000");
            let (address, length) = guest.place(VARIABLE.as_bytes());
            let name = (format!("(i32.const {address})"), format!("(i32.const {length})"));
            case("loop-host-calls-granted", guest.get(ask(&name.0, &name.1)))
        },
    ]);
    cases
}

/// What would use up the machine.
fn greedy() -> Vec<Case> {
    let case =
        |name: &str, guest: Guest, says| Case::new(name, guest.build(), ErrorKind::Internal, says);
    let unfolds =
        |name: &str, component| Case::new(name, component, ErrorKind::Unsupported, UNFOLDS);
    let steps = "(loop (drop (memory.grow $memory (i32.const 1))) (br 0)) unreachable";
    let turns = "(loop (drop (memory.grow $one (i32.const 7))) (drop (memory.grow $two
        (i32.const 5))) (br 0)) unreachable";
    let grow_table = "(loop (drop (table.grow $t (ref.null func) (i32.const 100))) (br 0))
        unreachable";
    let recursion = "(func $deep (param i64) (call $deep (i64.add (local.get 0) (i64.const 1)))
        (drop (i64.add (local.get 0) (i64.const 1))))";
    let start = format!("{recursion} (func $s (call $deep (i64.const 0))) (start $s)");
    let by_table = "(type $f (func)) (table $t 1 funcref) (elem (i32.const 0) $again)
        (func $again (call_indirect (type $f) (i32.const 0)) (drop (memory.size)))";
    let million = {
        let mut guest = Guest::new().memory("300");
        let answer = guest.place_answer(&Answer::default());
        guest.get(format!(
            "(i32.store offset=8 (i32.const {answer}) (i32.const 0x10000))
             (i32.store offset=12 (i32.const {answer}) (i32.const 1000000)) i32.const {answer}"
        ))
    };
    let long_text = |length: u32| {
        let mut guest = Guest::new().memory("60");
        let failure = guest.place_failure(2, b"", None);
        guest.get(format!(
            "(i32.store offset=16 (i32.const {failure}) (i32.const {length})) i32.const {failure}"
        ))
    };
    let many = |count: usize, length: usize| {
        let secret = vec![b's'; length];
        let values = vec![(&b"k"[..], &secret[..]); count];
        Guest::new().answers(&Answer { values, ..Answer::default() })
    };
    let good = Guest::new().build();
    let all_names = {
        let mut guest = Guest::new();
        let address = guest.place_description([b"a", b"b", b"c"], &[]);
        guest.memory("60").body(
            Export::Describe,
            format!(
                "(i32.store offset=24 (i32.const {address}) (i32.const 0x20000))
                 (i32.store offset=28 (i32.const {address}) (i32.const 100000))
                 i32.const {address}"
            ),
        )
    };
    vec![
        case("memory-from-the-start", Guest::new().memory("2000"), MEMORY),
        case("memory-at-once", Guest::new().get("(memory.grow (i32.const 30000))"), MEMORY),
        case("memory-by-steps", Guest::new().get(steps), MEMORY),
        case("memory-over-several", Guest::new().fields("(memory 500) (memory 600)"), MEMORY),
        case(
            "memory-over-several-by-steps",
            Guest::new().fields("(memory $one 1) (memory $two 1)").get(turns),
            MEMORY,
        ),
        case("memory-of-64-bits", Guest::new().fields("(memory i64 0x100000000)"), MEMORY),
        case("memory-in-realloc", Guest::new().realloc(steps), MEMORY),
        Case::new(
            "memory-shared",
            Guest::new().fields("(memory 1 2 shared)").build(),
            ErrorKind::Unsupported,
            INVALID,
        ),
        case("table-at-once", Guest::new().fields("(table 9000000 funcref)"), TABLE),
        case("table-by-steps", Guest::new().fields("(table $t 1 funcref)").get(grow_table), TABLE),
        case(
            "table-over-several",
            Guest::new().fields("(table 60000 funcref) (table 60000 funcref)"),
            TABLE,
        ),
        case(
            "recursion",
            Guest::new().fields(recursion).get("(call $deep (i64.const 0)) unreachable"),
            STACK,
        ),
        case("recursion-in-start", Guest::new().fields(start), STACK),
        case(
            "recursion-through-a-table",
            Guest::new().fields(by_table).get("(call $again) unreachable"),
            STACK,
        ),
        case("a-million-entries", million, HOSTCALL),
        case("thirty-three-entries", many(33, 9), "it answered with more than 32 secrets"),
        case(
            "fat-entries",
            many(3, 15_000).fields("").get(FAT),
            "it answered with more than 65536 bytes",
        ),
        case("text-of-2-mib", long_text(2 << 20), HOSTCALL),
        case("text-of-2-gib", long_text(1 << 31), CRASHED),
        case("text-of-4-gib", long_text(u32::MAX), CRASHED),
        case("declares-100000", all_names, HOSTCALL),
        Case::new(
            "declares-65",
            Guest::new().describes([b"a", b"b", b"c"], &[&b"V"[..]; 65]).build(),
            ErrorKind::Internal,
            "broke the contract: it declares more than 64 variables",
        ),
        Case::new(
            "made-of-500-instances",
            with_instances(good.clone(), 500),
            ErrorKind::Internal,
            "it is made of more than 100 core instances, memories or tables",
        ),
        unfolds("made-of-100000-instances", with_instances(good.clone(), 100_000)),
        Case::valid("made-of-100000-types", types(100_000)),
        Case::new("made-of-2000000-types", types(2_000_000), ErrorKind::Unsupported, INVALID),
        Case::new(
            "made-of-100000-nested-types",
            nested_types(100_000),
            ErrorKind::Unsupported,
            INVALID,
        ),
        Case::valid("made-of-20-nested-components", nested_components(20, good.clone())),
        unfolds("made-of-5000-nested-components", nested_components(5000, good.clone())),
        unfolds("made-of-doubling-components", doubling_components(12)),
        unfolds("made-of-doubling-components-deep-down", doubling_components(40)),
        Case::new("made-of-doubling-types", doubling_types(40), ErrorKind::Unsupported, INVALID),
        Case::new(
            "larger-than-a-mib",
            padded(good, 1 << 20),
            ErrorKind::Unsupported,
            "its component is larger than 1 MiB",
        )
        .with("limits = { component_mib = 1 }"),
    ]
}

/// Answers three entries that share one long secret.
const FAT: &str = "
    (memory.fill (i32.const 0x10000) (i32.const 115) (i32.const 30000))
    (loop
      (i32.store offset=256 (i32.mul (local.get $i) (i32.const 16)) (i32.const 0x10000))
      (i32.store offset=260 (i32.mul (local.get $i) (i32.const 16)) (i32.const 1))
      (i32.store offset=264 (i32.mul (local.get $i) (i32.const 16)) (i32.const 0x10000))
      (i32.store offset=268 (i32.mul (local.get $i) (i32.const 16)) (i32.const 30000))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $i) (i32.const 3))))
    (i32.store (i32.const 8) (i32.const 256))
    (i32.store (i32.const 12) (i32.const 3))
    (i32.store8 (i32.const 16) (i32.const 0))
    i32.const 0";

/// Answers that are none.
fn broken_answers() -> Vec<Case> {
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
                "(call $get (i32.const {address}) (i32.const {length}) (i32.const -4)) unreachable"
            );
            case("answered-outside-memory", guest.get(ask))
        },
    ]
}

/// Code that fails.
fn crashes() -> Vec<Case> {
    let trap = "unreachable";
    let unreachable = "crashed: wasm trap: wasm `unreachable` instruction executed";
    let case =
        |name: &str, guest: Guest, says| Case::new(name, guest.build(), ErrorKind::Internal, says);
    let mut cases: Vec<Case> = Export::ALL
        .into_iter()
        .map(|export| {
            let name = format!("trap-in-{}", export.name());
            case(&name, Guest::new().body(export, trap), unreachable).shown_by(export)
        })
        .collect();
    cases.extend([
        case("trap-in-start", Guest::new().fields("(func $s unreachable) (start $s)"), unreachable),
        case("trap-in-realloc", Guest::new().realloc(trap), unreachable),
        case("trap-in-post-return", Guest::new().post_return(trap), unreachable),
        case("trap-divides", Guest::new().get("(i32.div_u (i32.const 1) (local.get $i))"), CRASHED),
        case("trap-loads", Guest::new().get("(i32.load (i32.const -1))"), CRASHED),
        case("trap-in-data", Guest::new().fields("(data (i32.const -1) \"x\")"), CRASHED),
        case(
            "calls-the-host-from-realloc",
            Guest::new().realloc(
                "(call $get (i32.const 0) (i32.const 0) (global.get $scratch)) unreachable",
            ),
            CRASHED,
        ),
        case(
            "calls-the-host-from-post-return",
            Guest::new().post_return(
                "(call $get (i32.const 0) (i32.const 0) (global.get $scratch)) unreachable",
            ),
            CRASHED,
        ),
    ]);
    cases
}

/// Texts that would do something to a terminal.
fn texts() -> Vec<Case> {
    let odd = ODD.as_bytes();
    let shown = "a[2J]0;t31m  error: xb";
    let long = "long ".repeat(2000);
    vec![
        Case::new(
            "odd-message",
            Guest::new().fails(2, odd, None).build(),
            ErrorKind::Invalid,
            shown,
        ),
        Case::new(
            "odd-hint",
            Guest::new().fails(2, b"m", Some(odd)).build(),
            ErrorKind::Invalid,
            "m",
        ),
        Case::new(
            "no-message",
            Guest::new().fails(6, "\u{200b}\u{1b}".as_bytes(), Some(b"")).build(),
            ErrorKind::Internal,
            "the strategy gave no reason",
        ),
        Case::new(
            "long-message",
            Guest::new().fails(5, long.as_bytes(), None).build(),
            ErrorKind::Unsupported,
            "…",
        ),
        Case::valid(
            "odd-source",
            Guest::new()
                .answers(&Answer { source: Origin::Other(odd), ..Answer::default() })
                .build(),
        ),
        Case::valid(
            "odd-variable",
            Guest::new()
                .answers(&Answer { source: Origin::Environment(odd), ..Answer::default() })
                .build(),
        ),
        Case::valid(
            "odd-name",
            Guest::new()
                .answers(&Answer { values: vec![(odd, SECRET.as_bytes())], ..Answer::default() })
                .build(),
        ),
        Case::valid("odd-description", Guest::new().describes([odd, odd, odd], &[]).build()),
        Case::new(
            "odd-declared",
            Guest::new().describes([b"a", b"1", b"s"], &[odd]).build(),
            ErrorKind::Denied,
            "which it is not granted",
        ),
        Case::new(
            "odd-asked-for",
            Guest::new().asks(odd).build(),
            ErrorKind::Denied,
            "which it is not granted",
        ),
    ]
}

/// Attempts to get the secret shown. Each reads it first: the host can hide
/// what it knows the strategy to have.
fn secrets() -> Vec<Case> {
    let read = |mut guest: Guest, then: String| {
        let (address, length) = guest.place(VARIABLE.as_bytes());
        guest.get(format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch)) {then}"
        ))
    };
    let fails = |message: &str, hint: Option<&str>| {
        let mut guest = Guest::new();
        let failure = guest.place_failure(2, message.as_bytes(), hint.map(str::as_bytes));
        read(guest, format!("i32.const {failure}")).build()
    };
    let answers = |answer: &Answer<'_>| {
        let mut guest = Guest::new();
        let answer = guest.place_answer(answer);
        read(guest, format!("i32.const {answer}")).build()
    };
    let split: String = VALUE.chars().flat_map(|c| [c, '\u{200b}', '\u{1b}']).collect();
    let at_the_cap = format!("{}{VALUE}", "x".repeat(4080));
    let source = |text: &str| {
        answers(&Answer { source: Origin::Other(text.as_bytes()), ..Answer::default() })
    };
    let invalid = |name, component, says| Case::new(name, component, ErrorKind::Invalid, says);
    vec![
        invalid("tells-in-its-message", fails(&format!("bad: {VALUE}!"), None), "bad: ***!"),
        invalid("tells-in-its-hint", fails("bad", Some(&format!("use {VALUE}"))), "bad"),
        invalid("tells-in-pieces", fails(&format!("bad: {split}"), None), "bad: ***"),
        invalid("tells-twice", fails(&format!("{VALUE}{VALUE}"), None), "******"),
        invalid("tells-at-the-cap", fails(&at_the_cap, None), "xxx"),
        Case::valid("tells-in-its-source", source(&format!("key {VALUE}"))),
        Case::valid("tells-in-its-source-in-pieces", source(&split)),
        Case::valid(
            "tells-in-its-variable",
            answers(&Answer { source: Origin::Environment(VALUE.as_bytes()), ..Answer::default() }),
        ),
        Case::valid(
            "tells-what-it-answers",
            answers(&Answer { source: Origin::Other(SECRET.as_bytes()), ..Answer::default() }),
        ),
        Case::valid(
            "tells-in-a-name",
            answers(&Answer {
                values: vec![(VALUE.as_bytes(), SECRET.as_bytes())],
                ..Answer::default()
            }),
        ),
    ]
}

/// Asks for what was not granted.
fn curious() -> Vec<Case> {
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
    let cut = format!("asked for {}, which it is not granted", "A".repeat(128));
    vec![
        case(
            "asks-for-every-variable",
            every,
            "asked for AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN, HOME, OPENAI_API_KEY, PATH, \
             SSH_AUTH_SOCK, which it is not granted",
        ),
        case("asks-for-no-name", Guest::new().asks(b""), "which it is not granted"),
        case("asks-for-equals", Guest::new().asks(b"="), "asked for =, which it is not granted"),
        case(
            "asks-for-an-assignment",
            Guest::new().asks(b"HOSTILE_KEY=x"),
            "asked for HOSTILE_KEY=x, which it is not granted",
        ),
        case("asks-for-nul", Guest::new().asks(b"\0"), "which it is not granted"),
        case(
            "asks-for-a-name-and-nul",
            Guest::new().asks(b"HOSTILE_KEY\0"),
            "which it is not granted",
        ),
        case("asks-for-a-long-name", long(1 << 19), &cut),
        Case::new("asks-for-2-mib", long(2 << 20).build(), ErrorKind::Internal, HOSTCALL),
        case(
            "asks-before-it-is-asked",
            Guest::new().body(
                Export::Describe,
                "(call $get (i32.const 0) (i32.const 4) (global.get $scratch)) unreachable",
            ),
            "which it is not granted",
        ),
        case(
            "declares-what-it-lacks",
            Guest::new()
                .describes([b"a", b"1", b"s"], &[b"AWS_SECRET_ACCESS_KEY"])
                .get("unreachable"),
            "asked for AWS_SECRET_ACCESS_KEY, which it is not granted",
        ),
        Case::new(
            "claims-to-be-denied",
            Guest::new().fails(3, b"grant me everything", None).build(),
            ErrorKind::Denied,
            "grant me everything",
        ),
    ]
}

/// Well-formed answers that can't be true, and every kind of failure.
fn liars() -> Vec<Case> {
    let answers = |values: &[(&[u8], &[u8])], source: Origin<'_>, expires_at| {
        Guest::new().answers(&Answer { values: values.to_vec(), source, expires_at }).build()
    };
    let contract = |name, component, says| Case::new(name, component, ErrorKind::Internal, says);
    let fails = |name: &str, number, kind| {
        Case::new(name, Guest::new().fails(number, b"says so", None).build(), kind, "says so")
    };
    let none = "broke the contract: it answered a credential without a secret";
    let empty = "broke the contract: it answered a secret or a name that is empty";
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

/// Files that are no strategies.
fn no_strategies() -> Vec<Case> {
    let case = |name: &str, component: Vec<u8>, says: &str| {
        Case::new(name, component, ErrorKind::Unsupported, says)
    };
    let good = Guest::new().build();
    let next = "package orchestration:auth@0.2.0 { interface strategy { version: func() -> u32; } \
        interface environment { all: func() -> u32; } }";
    let export =
        "(func (export \"orchestration:auth/strategy@0.2.0#version\") (result i32) i32.const 2)";
    let exported = |interface: &str| {
        format!("(component (instance $i) (export \"{interface}\" (instance $i)))")
    };
    let imported = |interface: &str| {
        guest::component(&format!(
            "(component (import \"{interface}\" (instance)) (instance $i)
               (export \"{STRATEGY}\" (instance $i)))"
        ))
    };
    let wrong_type = format!(
        "(component
           (core module $m (func (export \"d\") (result i32) i32.const 1))
           (core instance $i (instantiate $m))
           (func $d (result u32) (canon lift (core func $i \"d\")))
           (instance $s (export \"describe\" (func $d)))
           (export \"{STRATEGY}\" (instance $s)))"
    );
    vec![
        case("empty-file", Vec::new(), "its component is not WebAssembly"),
        case("random-bytes", noise(4096), "its component is not WebAssembly"),
        case("random-component", [&good[..8], &noise(4096)].concat(), INVALID),
        case("damaged", damaged(good.clone()), INVALID),
        case("only-a-header", good[..8].to_vec(), "component exports no"),
        case("half-a-header", good[..6].to_vec(), INVALID),
        case("truncated", good[..good.len() / 2].to_vec(), INVALID),
        case("core-module", Guest::new().module(), "it is a core module, not a component"),
        case(
            "exports-nothing",
            guest::component("(component)"),
            "component exports no orchestration:auth/strategy@0.1.0",
        ),
        case("exports-an-empty-strategy", guest::component(&exported(STRATEGY)), INVALID),
        case("exports-another-type", guest::component(&wrong_type), INVALID),
        case(
            "exports-the-next-version",
            guest::component(&exported("orchestration:auth/strategy@0.2.0")),
            "component is made for orchestration:auth@0.2.0, and this orchestration speaks 0.1.0",
        ),
        case(
            "imports-the-next-version",
            Guest::new()
                .wit(next, "import orchestration:auth/environment@0.2.0;")
                .imports("(import \"orchestration:auth/environment@0.2.0\" \"all\" (func $all (result i32)))")
                .get("call $all")
                .build(),
            "component is made for orchestration:auth@0.2.0, and this orchestration speaks 0.1.0",
        ),
        Case::valid(
            "exports-two-versions",
            Guest::new()
                .wit(next, "export orchestration:auth/strategy@0.2.0;")
                .fields(export)
                .build(),
        ),
        case(
            "imports-sockets",
            imported("wasi:sockets/tcp@0.2.0"),
            "component imports wasi:sockets/tcp, which no strategy may have",
        ),
        case(
            "imports-something",
            imported("some:body/thing@1.2.3"),
            "component imports some:body/thing, which no strategy may have",
        ),
        case(
            "imports-an-odd-name",
            imported("some:body/\\1b[2J\\e2\\80\\aething"),
            "component imports some:body/[2Jthing, which no strategy may have",
        ),
        case(
            "the-wrong-digest",
            good,
            "is not the one that providers.toml names: it has sha256",
        ),
    ]
}

/// `component` with another nested in it, and one in that, and so on.
fn nested_components(depth: usize, mut component: Vec<u8>) -> Vec<u8> {
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
    let mut sizes = vec![HEADER.len() as u32];
    for level in 1..depth {
        let inner = sizes[level - 1];
        sizes.push(HEADER.len() as u32 + 1 + leb(inner).len() as u32 + inner);
    }
    for size in sizes.into_iter().rev() {
        component.push(4);
        component.extend(leb(size));
        component.extend(HEADER);
    }
    component
}

/// A component that instantiates two of another, which instantiates two of
/// another, and so on: a few hundred bytes, and twice as many parts with every
/// level.
fn doubling_components(levels: u32) -> Vec<u8> {
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
    let mut inner = HEADER.to_vec();
    section(&mut inner, 1, b"\0asm\x01\0\0\0");
    section(&mut inner, 2, &[1, 0, 0, 0]);
    for _ in 0..levels {
        let mut outer = HEADER.to_vec();
        section(&mut outer, 4, &inner);
        section(&mut outer, 5, &[2, 0, 0, 0, 0, 0, 0]);
        inner = outer;
    }
    let text = format!("(component (instance $i) (export \"{STRATEGY}\" (instance $i)))");
    let mut component = guest::component(&text);
    // In front, where its index is 0; the strategy is the first instance still.
    section(&mut component, 4, &inner);
    section(&mut component, 5, &[1, 0, 0, 0]);
    component
}

/// That many types, none of which refers to another.
fn types(count: u32) -> Vec<u8> {
    let mut types = leb(count);
    // (list u8)
    (0..count).for_each(|_| types.extend([0x70, 0x7d]));
    with_types(&types)
}

/// A list of a list of a list.
fn nested_types(depth: u32) -> Vec<u8> {
    let mut types = leb(depth);
    types.extend([0x70, 0x7d]);
    for level in 1..depth {
        types.push(0x70);
        types.extend(leb(level - 1));
    }
    with_types(&types)
}

/// A pair of a pair of a pair, each of the same type twice.
fn doubling_types(depth: u32) -> Vec<u8> {
    let mut types = leb(depth);
    types.extend([0x6f, 2, 0x7d, 0x7d]);
    for level in 1..depth {
        types.extend([0x6f, 2]);
        types.extend(leb(level - 1));
        types.extend(leb(level - 1));
    }
    with_types(&types)
}

fn with_types(types: &[u8]) -> Vec<u8> {
    let mut component = Guest::new().build();
    section(&mut component, 7, types);
    component
}

/// `component` with its core module's code replaced by noise.
fn damaged(mut component: Vec<u8>) -> Vec<u8> {
    let middle = component.len() / 2;
    let noise = noise(64);
    component[middle..middle + 64].copy_from_slice(&noise);
    component
}

/// The same noise every time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// The providers.toml of the strategies of `cases`, and of two profiles that are
/// well: `good` of the built-in strategy, `well` of one from a file.
fn toml(cases: &[Case]) -> String {
    let variable = format!("api_key_env = \"{VARIABLE}\"");
    let mut toml = format!("[profiles.good]\n{variable}\n\n");
    toml += &guest::lines("well", &well(), "", &variable);
    for case in cases {
        let stated = if case.name == "the-wrong-digest" { b"other" } else { &case.component[..] };
        toml += &guest::lines(&case.name, stated, &case.more, &variable);
    }
    toml
}

fn well() -> Vec<u8> {
    Guest::new().reads(VARIABLE).build()
}

/// A home with the strategies of `cases` and the variable that holds the secret.
fn home(cases: &[Case]) -> Cli {
    let cli = Cli::new().env(VARIABLE, VALUE).config(toml(cases));
    let file = |name: &str| format!(".config/orchestration/{name}.wasm");
    cli.file(&file("well"), well());
    for case in cases {
        cli.file(&file(&case.name), &case.component);
    }
    cli
}

/// The strategies of `cases` in this process.
fn host(cases: &[Case]) -> Host {
    let well = well();
    let mut components: Vec<(&str, &[u8])> = vec![("well", &well)];
    components.extend(cases.iter().map(|case| (case.name.as_str(), &case.component[..])));
    let variables: Vec<(&str, &str)> = UNGRANTED.into_iter().chain([(VARIABLE, VALUE)]).collect();
    Host::allocating(Allocation::Pooling, &toml(cases), &components, &variables)
}

/// Measuring the process takes the process for itself.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn assert_harmless(outcome: &Outcome) {
    let all = outcome.all();
    let odd = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let line = |line: &&str| line.chars().any(|c| odd(&c));
    assert_eq!(all.lines().find(line), None, "a line would do something to a terminal");
    let secrets = UNGRANTED.iter().map(|(_, value)| *value).chain([VALUE, SECRET]);
    for secret in secrets {
        let line = all.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is shown");
        let line = all.lines().find(|line| line.contains(&secret[..8]));
        assert_eq!(line, None, "the start of {secret} is shown");
    }
}

#[test]
fn one_table_shows_every_bad_strategy_for_what_it_is_and_the_good_rows_intact() {
    let _alone = alone();
    let cases = cases();
    assert!(cases.len() >= 40);
    let mut cli = home(&cases).env("OPENAI_API_KEY", "sk-openai-1234567890");
    for (name, value) in UNGRANTED {
        cli = cli.env(name, value);
    }

    let started = Instant::now();
    let outcome = cli.status().exits_with(3);
    assert!(started.elapsed() < Duration::from_secs(120), "took {:?}", started.elapsed());
    assert_harmless(&outcome);

    let mut wrong = String::new();
    for case in &cases {
        let Case { name, says, .. } = case;
        let row = outcome.row(name);
        if row.get(2) != Some(&case.status()) {
            wrong += &format!("{name}: {row:?}, not {}\n", case.status());
        }
        // What several have in common is said once, for all of them.
        let about = |line: &&str| {
            line.starts_with(&format!("error: profile '{name}': "))
                || line.starts_with("error: profiles ") && line.contains(&format!("'{name}'"))
        };
        let lines: Vec<&str> = outcome.stderr.lines().filter(about).collect();
        let explained = matches!(case.status(), "✗ error" | "✗ invalid");
        if lines.len() != usize::from(explained) || lines.iter().any(|line| !line.contains(says)) {
            wrong += &format!("{name}: {lines:?}, not {says:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(outcome.row("good"), ["good", "api_key", "✓ valid", VARIABLE]);
    assert_eq!(outcome.row("well"), ["well", "well", "✓ valid", VARIABLE]);
    assert_eq!(outcome.row("openai"), ["openai", "api_key", "✓ valid", "OPENAI_API_KEY"]);
    assert_eq!(outcome.row("local"), ["local", "api_key", "✓ valid", "(no auth needed)"]);
    assert_eq!(outcome.row("gemini"), ["gemini", "api_key", "✗ missing", "GEMINI_API_KEY"]);
    // Header and rule, the built-in and the good ones, and the summary behind a blank.
    assert_eq!(outcome.stdout.lines().count(), 2 + 4 + 2 + cases.len() + 2, "{}", outcome.stdout);
}

/// Calls the function that shows what is wrong with the case, and says what
/// came of it where that is not what was to come.
async fn check(host: &Host, case: &Case) -> Option<String> {
    let Case { name, kind, says, .. } = case;
    let strategy = host.strategy(name, &AgentConfig::default());
    let answer = match case.shown_by {
        Export::Describe | Export::GetCredentials => {
            let answer = strategy.get_credentials().await;
            if kind.is_none() && Status::of(&answer) != Status::Valid {
                return Some(format!("{name}: {answer:?}"));
            }
            answer.map(drop)
        }
        Export::RefreshIfNeeded => strategy.refresh_if_needed().await,
        Export::IsValid => strategy.is_valid().await.map(drop),
    };
    match (answer, kind) {
        (Ok(()), None) => None,
        (Err(error), Some(kind)) if error.kind() == *kind && error.to_string().contains(says) => {
            None
        }
        (answer, _) => Some(format!("{name}: {answer:?}, not {kind:?} {says:?}")),
    }
}

/// What the process holds: MiB, threads, open files.
fn held() -> [usize; 3] {
    let pages: usize =
        fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let count = |folder| fs::read_dir(folder).unwrap().count();
    [pages / 256, count("/proc/self/task"), count("/proc/self/fd")]
}

#[test]
fn a_process_that_runs_every_bad_strategy_again_and_again_stays_as_it_was() {
    let _alone = alone();
    let cases = cases();
    let [_, threads_before, files_before] = held();
    let host = host(&cases);
    let round = || {
        let wrong: Vec<String> = guest::runtime().block_on(async {
            let mut wrong = Vec::new();
            for case in &cases {
                let checked =
                    tokio::time::timeout(Duration::from_secs(60), check(&host, case)).await;
                wrong.extend(checked.unwrap_or_else(|_| Some(format!("{}: hangs", case.name))));
            }
            wrong
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    };
    round();
    let [memory, ..] = held();
    (0..3).for_each(|_| round());
    let [now, ..] = held();
    assert!(now <= memory + 16, "{memory} MiB after the first round, {now} MiB after the fourth");

    drop(host);
    // The ticker sees within a moment that its engine is gone.
    let back = || {
        let [_, threads, files] = held();
        threads <= threads_before && files <= files_before
    };
    let waited = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        back()
    });
    assert!(waited, "{threads_before} threads, {files_before} files, and now {:?}", held());
}

/// One case in a table of its own.
fn row_of(case: &Case) -> Outcome {
    let outcome = home(std::slice::from_ref(case)).status();
    assert_eq!(outcome.row("good"), ["good", "api_key", "✓ valid", VARIABLE], "{outcome:?}");
    assert_eq!(outcome.row(&case.name).get(2), Some(&case.status()), "{outcome:?}");
    outcome.explains(&[&case.says])
}

/// Asks for a variable whose name is the secret, behind as many other letters.
fn asking_for_the_secret(padding: u32) -> Vec<u8> {
    let mut guest = Guest::new();
    let denied = guest.place_failure(3, b"no", None);
    let (address, length) = guest.place(VARIABLE.as_bytes());
    let guest = guest.get(format!(
        "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
         (memory.fill (i32.const 0x18000) (i32.const 120) (i32.const {padding}))
         (memory.copy (i32.add (i32.const 0x18000) (i32.const {padding}))
           (i32.load offset=8 (global.get $scratch)) (i32.load offset=12 (global.get $scratch)))
         (call $get (i32.const 0x18000)
           (i32.add (i32.load offset=12 (global.get $scratch)) (i32.const {padding}))
           (global.get $scratch))
         i32.const {denied}"
    ));
    guest.build()
}

#[test]
fn a_secret_is_not_shown_as_the_name_of_a_variable_that_is_asked_for() {
    let _alone = alone();
    let name = "asks-for-the-secret";
    let case = Case::new(name, asking_for_the_secret(0), ErrorKind::Denied, "not granted");
    assert_harmless(&row_of(&case));
}

#[test]
fn a_secret_is_not_shown_as_a_part_of_a_name_that_is_cut() {
    let _alone = alone();
    let name = "asks-for-the-secret";
    let component = asking_for_the_secret(110);
    let case = Case::new(name, component.clone(), ErrorKind::Denied, "not granted");
    assert_harmless(&row_of(&case));

    // A token is often longer than what is shown of a name.
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{}", "Zq81LmVt93KxBd".repeat(20));
    let component = asking_for_the_secret(0);
    let toml = guest::lines(name, &component, "", &format!("api_key_env = \"{VARIABLE}\""));
    let cli = Cli::new().config(toml).env(VARIABLE, &token);
    cli.file(&format!(".config/orchestration/{name}.wasm"), &component);
    for arguments in [&["auth", "status"][..], &["-v", "auth", "login", name]] {
        let outcome = cli.run(arguments).exits_with(3);
        assert!(!outcome.all().contains("eyJhbGci"), "{outcome:?}");
    }
}

#[test]
fn a_strategy_that_spins_leaves_the_other_tasks_of_its_thread_running() {
    let _alone = alone();
    let spinners: Vec<Case> = endless()
        .into_iter()
        .filter(|case| matches!(case.shown_by, Export::Describe | Export::GetCredentials))
        .collect();
    let host = host(&spinners);
    for case in &spinners {
        let ticks = guest::runtime().block_on(async {
            let mut ticks = 0;
            let counting = async {
                loop {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    ticks += 1;
                }
            };
            tokio::select! {
                wrong = check(&host, case) => assert_eq!(wrong, None),
                () = counting => {}
            }
            ticks
        });
        // 300 ms hold 300 ticks; a machine that is busy gives fewer.
        assert!(ticks >= 10, "{}: {ticks} ticks beside it", case.name);
    }
}
