//! What a strategy may use up. Every limit has a test here that runs into it;
//! the message names strategy, profile and limit, and prints the line that
//! raises it. Each test writes that line into providers.toml, as the user would,
//! and sees the same strategy come to its end.

use std::path::Path;
use std::time::Duration;

use orchestration_runtime::{Limit, ProvidersToml, RaisedLimit};
use orchestration_tests::guest::{self, Answer, Guest, padded, with_instances};
use orchestration_tests::{Cli, Outcome};

/// `auth login corp` with `component` as the strategy `corp-sso`.
fn login(component: &[u8], limits: &str) -> Outcome {
    let lines = guest::lines("corp-sso", component, limits, "");
    let toml = format!("{lines}[profiles.corp]\nauth_type = \"corp-sso\"\n");
    let cli = Cli::new().config(toml);
    cli.file(".config/orchestration/corp-sso.wasm", component);
    cli.login("corp")
}

/// Returns the line that the message suggests.
fn suggested(outcome: &Outcome) -> &str {
    let line = outcome.stderr.lines().find_map(|line| line.trim().strip_prefix("raise it with "));
    let line = line.unwrap_or_else(|| panic!("no line to write: {}", outcome.stderr));
    line.strip_suffix(" under [strategies.corp-sso]").unwrap()
}

/// Runs into `limit`, sees `says`, writes the suggested line, and succeeds.
#[track_caller]
fn is_hit_and_raised(component: &[u8], limit: &str, raised: &str, says: &str) {
    let stopped = login(component, &format!("limits = {{ {limit} }}"))
        .exits_with(3)
        .explains(&["error: profile 'corp': strategy 'corp-sso'", says]);
    assert_eq!(suggested(&stopped), format!("limits = {{ {raised} }}"));
    login(component, suggested(&stopped)).exits_with(0);
}

#[test]
fn deadline_ms_is_hit_and_the_line_that_is_printed_raises_it() {
    // Runs for 3.2 s by the clock, the start of the instance not counted.
    let mut guest = Guest::new().wasi(
        &["clocks/monotonic-clock"],
        "(import \"wasi:clocks/monotonic-clock@0.2.0\" \"now\" (func $now (result i64)))
         (global $end (mut i64) (i64.const 0))",
    );
    let answer = guest.place_answer(&Answer::default());
    let guest = guest.get(format!(
        "(global.set $end (i64.add (call $now) (i64.const 3200000000)))
         (loop (br_if 0 (i64.lt_u (call $now) (global.get $end))))
         i32.const {answer}"
    ));
    is_hit_and_raised(
        &guest.build(),
        "deadline_ms = 2500",
        "deadline_ms = 5000",
        "was stopped: it ran longer than its deadline of 2500 ms",
    );
}

#[test]
fn memory_mib_is_hit_and_the_line_that_is_printed_raises_it() {
    let several = Guest::new().memory("12").fields("(memory 12)").build();
    let says = "was stopped: it asked for more than 1 MiB of memory";
    is_hit_and_raised(&several, "memory_mib = 1", "memory_mib = 2", says);
}

#[test]
fn table_elements_is_hit_and_the_line_that_is_printed_raises_it() {
    let several = Guest::new().fields("(table 80 funcref) (table 80 funcref)").build();
    let says = "was stopped: it asked for more than 100 table elements";
    is_hit_and_raised(&several, "table_elements = 100", "table_elements = 200", says);
}

#[test]
fn instances_is_hit_and_the_line_that_is_printed_raises_it() {
    let component = with_instances(Guest::new().build(), 50);
    let says = "was stopped: it has more than 40 core instances, memories or tables";
    is_hit_and_raised(&component, "instances = 40", "instances = 80", says);
}

#[test]
fn stack_kib_is_hit_and_the_line_that_is_printed_raises_it() {
    let deep = |depth: u32| {
        let mut guest = Guest::new().fields(
            "(func $deep (param i32) (result i32)
               (if (result i32) (local.get 0)
                 (then (i32.add (local.get 0) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                 (else (i32.const 0))))",
        );
        let answer = guest.place_answer(&Answer::default());
        guest.get(format!("(drop (call $deep (i32.const {depth}))) i32.const {answer}")).build()
    };
    // How much a call takes is the compiler's business; it is found out here.
    let limit = "limits = { stack_kib = 64 }";
    let depth = (0..20)
        .map(|step| 1000 + 300 * step)
        .find(|depth| login(&deep(*depth), limit).status != 0)
        .expect("6700 calls need more than 64 KiB");
    let says = "was stopped: it used up its stack of 64 KiB";
    is_hit_and_raised(&deep(depth), "stack_kib = 64", "stack_kib = 128", says);
}

#[test]
fn returned_bytes_is_hit_and_the_line_that_is_printed_raises_it() {
    let values = vec![(&b"a"[..], &[b's'; 80][..]), (b"b", &[b's'; 80])];
    let component = Guest::new().answers(&Answer { values, ..Answer::default() }).build();
    let says = "was stopped: it returned more than 100 bytes";
    is_hit_and_raised(&component, "returned_bytes = 100", "returned_bytes = 200", says);
}

#[test]
fn returned_entries_is_hit_and_the_line_that_is_printed_raises_it() {
    let values = vec![(&b"name"[..], &b"sk-0123456789"[..]); 3];
    let component = Guest::new().answers(&Answer { values, ..Answer::default() }).build();
    let says = "was stopped: it returned more than 2 secrets";
    is_hit_and_raised(&component, "returned_entries = 2", "returned_entries = 4", says);
}

#[test]
fn hostcall_bytes_is_hit_and_the_line_that_is_printed_raises_it() {
    let values = vec![(&b"name"[..], &[b's'; 1500][..])];
    let component = Guest::new().answers(&Answer { values, ..Answer::default() }).build();
    let says = "was stopped: it passed more than 1000 bytes to the host in one call";
    is_hit_and_raised(&component, "hostcall_bytes = 1000", "hostcall_bytes = 2000", says);
}

#[test]
fn log_bytes_is_hit_without_an_error_and_what_comes_after_it_is_dropped() {
    let component = Guest::new().says(b"one line and another").build();
    let written = |limits: &str| {
        let lines = guest::lines("corp-sso", &component, limits, "");
        let cli = Cli::new().config(lines);
        cli.file(".config/orchestration/corp-sso.wasm", &component);
        cli.run(&["-v", "auth", "login", "corp-sso"]).exits_with(0).stderr
    };
    let cut = written("limits = { log_bytes = 8 }");
    assert!(cut.contains("one line") && !cut.contains("one line and"), "{cut}");
    let whole = written("limits = { log_bytes = 20 }");
    assert!(whole.contains("one line and another"), "{whole}");
}

#[test]
fn component_mib_is_hit_and_the_line_that_is_printed_raises_it() {
    let component = padded(Guest::new().build(), 1 << 20);
    let says = "its component is larger than 1 MiB";
    is_hit_and_raised(&component, "component_mib = 1", "component_mib = 2", says);
}

#[test]
fn compile_seconds_is_hit_and_the_line_that_is_printed_raises_it() {
    // How long a compiler takes is up to the machine: the guest grows until it
    // takes longer than a second, and the limit is raised until it is enough.
    let large = |calls: usize| {
        let call = "(memory.fill (i32.const 9) (i32.const 9) (i32.const 9))";
        Guest::new().fields(format!("(func {})", call.repeat(calls))).build()
    };
    let limit = "limits = { compile_seconds = 1 }";
    let (component, mut stopped) = (0..12)
        .map(|doubled| large(500 << doubled))
        .map(|component| (login(&component, limit), component))
        .find(|(outcome, _)| outcome.status != 0)
        .map(|(outcome, component)| (component, outcome))
        .expect("a million calls take longer than a second");
    stopped = stopped.exits_with(3).explains(&[
        "error: profile 'corp': strategy 'corp-sso': compiling it took longer than 1 s",
        "limits = { compile_seconds = 2 }",
    ]);
    for _ in 0..6 {
        let raised = login(&component, suggested(&stopped));
        if raised.status == 0 {
            return;
        }
        stopped = raised;
    }
    panic!("64 s were not enough: {stopped:?}");
}

/// However large a limit is already, the suggestion is a value that providers.toml accepts.
#[test]
fn the_largest_suggestion_is_accepted() {
    let (count, time) = (usize::MAX, Duration::MAX);
    for limit in [
        Limit::Deadline(time),
        Limit::HalvedDeadline(time),
        Limit::Memory(count),
        Limit::TableElements(count),
        Limit::Stack(count),
        Limit::ReturnedBytes(count),
        Limit::ReturnedEntries(count),
        Limit::Instances(count),
        Limit::Component(count),
        Limit::Compile(time),
        Limit::CompileMemory(count),
        Limit::HostcallBytes(count),
        Limit::HttpTime(time),
        Limit::HttpRequests(count),
    ] {
        let RaisedLimit { key, value } = limit.raised();
        let accepts = |value: u128| {
            let text = format!("[strategies.api_key]\nlimits = {{ {key} = {value} }}\n");
            ProvidersToml::parse(Path::new("providers.toml"), text.as_bytes()).is_ok()
        };
        assert!(accepts(value), "{key} = {value}");
        assert!(!accepts(value + 1), "{key} could be larger than {value}");
    }
}
