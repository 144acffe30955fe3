//! What a strategy gets of WASI: the little that the toolchains of other
//! languages can't do without, and of that an empty world.
//!
//! An interface is linked or refused by its name; the two lists here are the
//! whole of WASI 0.2. What is linked gives nothing away: the environment is the
//! grants, there are no arguments, no directories and no input, and output goes into
//! the log of `--verbose`, cut and scrubbed like every other text.

use std::time::{Duration, Instant};

use orchestration_runtime::{AgentConfig, ErrorKind};
use orchestration_tests::guest::{self, Guest, Host, STRATEGY};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-corp-Zq81LmVt93KxBd7x2f";

/// What no strategy may have.
const REFUSED: [&str; 23] = [
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "wasi:http/types",
    "wasi:http/incoming-handler",
    "wasi:http/outgoing-handler",
    "wasi:http/proxy",
    "wasi:cli/run",
    "wasi:cli/command",
    "wasi:clocks/timezone",
    "wasi:config/store",
    "wasi:keyvalue/store",
    "wasi:blobstore/blobstore",
    "wasi:messaging/producer",
    "wasi:nn/inference",
    "wasi:logging/logging",
    "wasi:threads/threads",
    "wasi:filesystem/other",
    "wasi:io/other",
];

/// A call to each interface that is linked, and how it is imported. Those that
/// hold types alone are imported by the others.
const LINKED: [(&str, &str, &str, &str); 17] = [
    ("cli/environment", "get-environment", "(param i32)", "(call $f (global.get $scratch))"),
    ("cli/environment", "initial-cwd", "(param i32)", "(call $f (global.get $scratch))"),
    ("cli/stdin", "get-stdin", "(result i32)", "(drop (call $f))"),
    ("cli/stdout", "get-stdout", "(result i32)", "(drop (call $f))"),
    ("cli/stderr", "get-stderr", "(result i32)", "(drop (call $f))"),
    ("cli/terminal-stdin", "get-terminal-stdin", "(param i32)", NO_TERMINAL),
    ("cli/terminal-stdout", "get-terminal-stdout", "(param i32)", NO_TERMINAL),
    ("cli/terminal-stderr", "get-terminal-stderr", "(param i32)", NO_TERMINAL),
    ("clocks/monotonic-clock", "now", "(result i64)", "(drop (call $f))"),
    ("clocks/wall-clock", "now", "(param i32)", "(call $f (global.get $scratch))"),
    ("filesystem/preopens", "get-directories", "(param i32)", NOTHING),
    ("random/random", "get-random-u64", "(result i64)", "(drop (call $f))"),
    ("random/random", "get-random-bytes", "(param i64 i32)", RANDOM),
    ("random/insecure", "get-insecure-random-u64", "(result i64)", "(drop (call $f))"),
    ("random/insecure-seed", "insecure-seed", "(param i32)", "(call $f (global.get $scratch))"),
    ("io/poll", "poll", "(param i32 i32 i32)", ""),
    ("cli/exit", "exit", "(param i32)", ""),
];
const NO_TERMINAL: &str =
    "(call $f (global.get $scratch)) (if (i32.load8_u (global.get $scratch)) (then unreachable))";
const NOTHING: &str = "(call $f (global.get $scratch)) (if (i32.load offset=4 (global.get $scratch)) (then unreachable))";
const RANDOM: &str = "(call $f (i64.const 99) (global.get $scratch))
    (if (i32.ne (i32.load offset=4 (global.get $scratch)) (i32.const 99)) (then unreachable))";

/// `get-credentials` does this before it answers.
fn calling(interface: &str, function: &str, signature: &str, before: &str) -> Guest {
    let import =
        format!("(import \"wasi:{interface}@0.2.0\" \"{function}\" (func $f {signature}))");
    Guest::new().wasi(&[interface], &import).before(before)
}

fn run(component: &[u8], more: &str, arguments: &[&str]) -> Outcome {
    let toml = guest::lines("corp", component, more, "api_key_env = \"CORP_KEY\"");
    let cli = Cli::new().config(toml).env("CORP_KEY", KEY).env("UNRELATED", "sk-unrelated-1234");
    cli.file(".config/orchestration/corp.wasm", component);
    cli.run(arguments)
}

fn login(component: &[u8], more: &str) -> Outcome {
    run(component, more, &["auth", "login", "corp"])
}

#[test]
fn a_forbidden_interface_is_refused_by_name() {
    let versions = ["@0.2.0", "@0.2.6", "@0.3.0", ""];
    for (interface, version) in REFUSED.into_iter().zip(versions.into_iter().cycle()) {
        let component = guest::component(&format!(
            "(component (import \"{interface}{version}\" (instance)) (instance $i)
               (export \"{STRATEGY}\" (instance $i)))"
        ));
        let host =
            Host::new(&guest::lines("corp", &component, "", ""), &[("corp", &component)], &[]);
        let error = host.ask("corp").unwrap_err();
        let says = format!("component imports {interface}, which is not available to strategies");
        assert!(error.to_string().ends_with(&says), "{error}");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    let component = guest::component(&format!(
        "(component (import \"wasi:sockets/tcp@0.2.0\" (instance)) (instance $i)
           (export \"{STRATEGY}\" (instance $i)))"
    ));
    login(&component, "")
        .exits_with(3)
        .explains(&["component imports wasi:sockets/tcp, which is not available to strategies"]);
}

#[test]
fn an_interface_of_another_wasi_is_refused() {
    for version in ["0.1.0", "0.3.0", "1.0.0", "0.20.0"] {
        let component = guest::component(&format!(
            "(component (import \"wasi:cli/environment@{version}\" (instance)) (instance $i)
               (export \"{STRATEGY}\" (instance $i)))"
        ));
        login(&component, "").exits_with(3).explains(&["component imports wasi:cli/environment"]);
    }
}

#[test]
fn an_interface_that_toolchains_need_is_linked_and_gives_nothing_away() {
    for (interface, function, signature, before) in LINKED {
        let component = calling(interface, function, signature, before).build();
        let host =
            Host::new(&guest::lines("corp", &component, "", ""), &[("corp", &component)], &[]);
        let answer = host.ask("corp");
        assert!(answer.is_ok(), "{interface} {function}: {answer:?}");
    }
}

#[test]
fn the_environment_is_the_grants_and_nothing_else() {
    let import = "(import \"wasi:cli/environment@0.2.0\" \"get-environment\" (func $f (param i32)))
        (import \"wasi:cli/environment@0.2.0\" \"get-arguments\" (func $g (param i32)))";
    let mut guest = Guest::new().wasi(&["cli/environment"], import);
    let (text, _) = guest.place(&[0; 256]);
    let failure = guest.place_failure(2, b"", None);
    // The message is what the list has in it: names and values, each after a blank.
    let guest = guest.fields(format!("(global $end (mut i32) (i32.const {text}))")).get(format!(
        "(local $words i32)
         (call $g (global.get $scratch))
         (if (i32.load offset=4 (global.get $scratch)) (then unreachable))
         (call $f (global.get $scratch))
         (local.set $words (i32.mul (i32.const 2) (i32.load offset=4 (global.get $scratch))))
         (local.set $i (i32.load (global.get $scratch)))
         (loop $next
           (i32.store8 (global.get $end) (i32.const 32))
           (global.set $end (i32.add (global.get $end) (i32.const 1)))
           (memory.copy (global.get $end) (i32.load (local.get $i))
             (i32.load offset=4 (local.get $i)))
           (global.set $end (i32.add (global.get $end) (i32.load offset=4 (local.get $i))))
           (local.set $i (i32.add (local.get $i) (i32.const 8)))
           (local.set $words (i32.sub (local.get $words) (i32.const 1)))
           (br_if $next (local.get $words)))
         (i32.store offset=12 (i32.const {failure}) (i32.const {text}))
         (i32.store offset=16 (i32.const {failure}) (i32.sub (global.get $end) (i32.const {text})))
         i32.const {failure}"
    ));
    let component = guest.build();
    // What the profile names can be taken, and is not readable here either.
    let toml = guest::lines(
        "corp",
        &component,
        "env = [\"CORP_COLOUR\", \"CORP_REGION\", \"NOT_SET\"]",
        "api_key_env = \"CORP_KEY\"",
    );
    let variables = [
        ("CORP_KEY", KEY),
        ("CORP_COLOUR", "red"),
        ("CORP_REGION", "eu"),
        ("HOME", "/root"),
        ("PATH", "/bin"),
    ];
    let host = Host::new(&toml, &[("corp", &component)], &variables);
    let error = host.ask("corp").unwrap_err().to_string();
    assert!(error.ends_with("\"CORP_COLOUR red CORP_REGION eu\""), "{error}");
}

#[test]
fn stdin_is_closed() {
    let import = "(import \"wasi:cli/stdin@0.2.0\" \"get-stdin\" (func $f (result i32)))
        (import \"wasi:io/streams@0.2.0\" \"[method]input-stream.read\"
          (func $read (param i32 i64 i32)))";
    let guest = Guest::new().wasi(&["cli/stdin", "io/streams"], import).before(
        "(call $read (call $f) (i64.const 9) (global.get $scratch))
         (if (i32.eqz (i32.load8_u (global.get $scratch))) (then unreachable))
         (if (i32.ne (i32.load8_u offset=4 (global.get $scratch)) (i32.const 1)) (then unreachable))",
    );
    login(&guest.build(), "").exits_with(0);
}

#[test]
fn output_is_only_shown_with_verbose_and_cannot_control_the_terminal() {
    let component = Guest::new().says("hello\u{1b}[2J\u{202e}\r\nagain\n".as_bytes()).build();
    let quiet = login(&component, "").exits_with(0);
    assert_eq!(quiet.stderr, "");
    assert!(!quiet.stdout.contains("hello"));
    let verbose = run(&component, "", &["-v", "auth", "login", "corp"]).exits_with(0);
    assert_eq!(verbose.stdout, quiet.stdout);
    assert!(verbose.stderr.contains("hello[2J") && verbose.stderr.contains("again"), "{verbose:?}");
    assert!(!verbose.all().contains(['\u{1b}', '\u{202e}', '\r']), "{verbose:?}");
}

/// Takes `CORP_KEY`, writes `text` and answers.
fn telling(text: &str) -> Vec<u8> {
    let mut guest = Guest::new().says(text.as_bytes());
    let take = guest.take(b"CORP_KEY");
    guest.before(&take).build()
}

#[test]
fn output_is_scrubbed_of_what_the_strategy_has_read() {
    let component = telling(&format!("the key is {KEY}!\n"));
    let outcome = run(&component, "", &["-v", "auth", "login", "corp"]).exits_with(0);
    assert!(outcome.stderr.contains("the key is ***!"), "{outcome:?}");
    assert!(!outcome.all().contains(KEY), "{outcome:?}");
}

#[test]
fn output_that_is_cut_leaves_no_part_of_a_secret() {
    let component = telling(KEY);
    let outcome = run(&component, "limits = { log_bytes = 20 }", &["-v", "auth", "login", "corp"]);
    assert!(!outcome.all().contains(&KEY[..8]), "{outcome:?}");
}

/// A secret of several lines.
const LINES: &str = "BEGIN KEY\nZq81LmVt93KxBdRw7x2f\nEND KEY";

/// Asserts that a strategy that was granted [`LINES`] gets none of it shown.
#[track_caller]
fn assert_lines_are_hidden(component: &[u8]) {
    let toml = guest::lines("corp", component, "", "api_key_env = \"CORP_KEY\"");
    let cli = Cli::new().config(toml).env("CORP_KEY", LINES);
    cli.file(".config/orchestration/corp.wasm", component);
    let outcome = cli.run(&["-v", "auth", "login", "corp"]).exits_with(0);
    assert!(!outcome.all().contains("Zq81LmVt"), "{outcome:?}");
}

#[test]
fn output_is_scrubbed_of_a_secret_that_has_several_lines() {
    assert_lines_are_hidden(&telling(LINES));
}

#[test]
fn output_in_pieces_is_scrubbed_across_cuts_and_lines() {
    let split = |text: &str| text.chars().flat_map(|c| [c, '\u{200b}']).collect::<String>();
    let component = telling(&split(KEY));
    let outcome = run(&component, "limits = { log_bytes = 80 }", &["-v", "auth", "login", "corp"]);
    assert!(!outcome.all().contains(&KEY[..8]), "{outcome:?}");

    assert_lines_are_hidden(&telling(&split(LINES)));
}

#[test]
fn a_strategy_that_exits_counts_as_crashed() {
    for status in ["i32.const 0", "i32.const 1"] {
        let component =
            calling("cli/exit", "exit", "(param i32)", &format!("(call $f ({status}))")).build();
        login(&component, "").exits_with(3).explains(&["strategy 'corp' crashed: "]);
    }
}

#[test]
fn a_strategy_that_sleeps_ends_at_its_deadline_and_leaves_other_tasks_running() {
    let import = "(import \"wasi:clocks/monotonic-clock@0.2.0\" \"subscribe-duration\"
          (func $f (param i64) (result i32)))
        (import \"wasi:io/poll@0.2.0\" \"[method]pollable.block\" (func $block (param i32)))";
    let guest = Guest::new()
        .wasi(&["clocks/monotonic-clock", "io/poll"], import)
        .before("(call $block (call $f (i64.const 3600000000000)))");
    let component = guest.build();
    let toml = guest::lines("corp", &component, "limits = { deadline_ms = 300 }", "");
    let host = Host::new(&toml, &[("corp", &component)], &[]);
    let strategy = host.strategy("corp", &AgentConfig::default());
    let started = Instant::now();
    let mut ticks = 0;
    let error = guest::runtime().block_on(async {
        let counting = async {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                ticks += 1;
            }
        };
        tokio::select! {
            answer = strategy.get_credentials() => answer.unwrap_err(),
            () = counting => unreachable!(),
        }
    });
    assert!(error.to_string().contains("longer than its deadline of 300 ms"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(30) && ticks >= 10);
}

#[test]
fn endless_streams_timers_and_random_numbers_are_stopped() {
    let timers = Guest::new()
        .wasi(
            &["clocks/monotonic-clock", "io/poll"],
            "(import \"wasi:clocks/monotonic-clock@0.2.0\" \"subscribe-duration\"
               (func $f (param i64) (result i32)))",
        )
        .before("(loop (drop (call $f (i64.const 1))) (br 0))");
    let streams =
        calling("cli/stdout", "get-stdout", "(result i32)", "(loop (drop (call $f)) (br 0))");
    let random = "(call $f (i64.const 0x10000000000) (global.get $scratch))";
    let random = calling("random/random", "get-random-bytes", "(param i64 i32)", random);
    let zeroes = Guest::new()
        .wasi(
            &["cli/stdout", "io/streams"],
            "(import \"wasi:cli/stdout@0.2.0\" \"get-stdout\" (func $f (result i32)))
             (import \"wasi:io/streams@0.2.0\" \"[method]output-stream.write-zeroes\"
               (func $zeroes (param i32 i64 i32)))",
        )
        .before("(call $zeroes (call $f) (i64.const 0x10000000000) (global.get $scratch))");
    for (guest, says) in [
        (timers, "resource table has no free keys"),
        (streams, "resource table has no free keys"),
        (random, "exceeds limit 1048576"),
        (zeroes, "cannot write more zeroes"),
    ] {
        login(&guest.build(), "").exits_with(3).explains(&["strategy 'corp' crashed: ", says]);
    }
}

#[test]
fn endless_output_stops_at_the_deadline() {
    let mut guest = Guest::new();
    let (address, length) = guest.place(&[b'x'; 4000]);
    let guest = guest.says(b"").before(&format!(
        "(local.set $i (call $stdout))
         (loop (call $write (local.get $i) (i32.const {address}) (i32.const {length})
           (global.get $scratch)) (br 0))"
    ));
    login(&guest.build(), "limits = { deadline_ms = 300 }")
        .exits_with(3)
        .explains(&["longer than its deadline of 300 ms"]);
}
