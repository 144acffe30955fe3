//! Limits of the system on this process.
//!
//! Promised here: a limit on addresses or on file size changes nothing that a user sees;
//! a limit that is too low is named, with what can be done, and no strategy is blamed.

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, Outcome};

/// Runs the command in a shell that has set a limit.
fn under(cli: &Cli, limit: &str, arguments: &[&str]) -> Outcome {
    let script = format!("{limit}; exec \"$0\" \"$@\"");
    Outcome::of(&mut cli.command_under("bash", &["-c", &script], arguments))
}

const KEY: &str = "sk-proj-abcdefgh7x2f";

fn openai() -> Cli {
    Cli::new().env("OPENAI_API_KEY", KEY)
}

/// A profile of a strategy from a file.
fn corp() -> Cli {
    let component = Guest::new().build();
    let cli = openai().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    cli
}

#[test]
fn built_in_strategies_run_whatever_the_limits_on_addresses_and_files() {
    let usual = openai().status();
    for limit in [
        "ulimit -v 4194304",
        "ulimit -v 2097152",
        "ulimit -v 524288",
        "ulimit -S -v 2097152",
        "ulimit -f 0",
        "ulimit -f 0 -v 2097152 -n 16",
    ] {
        let outcome = under(&openai(), limit, &["auth", "status"]).exits_with(usual.status);
        assert_eq!(outcome.all(), usual.all(), "{limit}");
        let outcome = under(&openai(), limit, &["auth", "token", "openai"]).exits_with(0);
        assert_eq!(outcome.stdout.trim(), KEY, "{limit}");
        let outcome = under(&openai(), limit, &["doctor"]);
        assert!(outcome.stdout.contains("✓ strategy"), "{limit}: {}", outcome.stdout);
        // Nothing can be cached where no file can be written.
        let is_written = !limit.contains("-f 0");
        assert_eq!(outcome.stdout.contains('✗'), !is_written, "{limit}: {}", outcome.stdout);
    }
}

#[test]
fn built_in_strategies_are_not_compiled_under_limits_either() {
    let arguments = ["--verbose", "auth", "token", "openai"];
    let outcome = under(&openai(), "ulimit -v 2097152", &arguments).exits_with(0);
    assert!(!outcome.stderr.contains("compil"), "{}", outcome.stderr);
}

#[test]
fn many_profiles_share_a_small_address_space() {
    let profiles: String = (0..400).map(|n| format!("[profiles.p{n}]\n")).collect();
    let cli = openai().config(profiles);
    let outcome = under(&cli, "ulimit -v 2097152", &["auth", "status"]);
    assert!(!outcome.stdout.contains("error"), "{outcome:#?}");
    assert_eq!(outcome.row("p399").get(2), Some(&"✗ missing"));
}

#[test]
fn strategies_from_files_run_under_limits_and_compile_again_without() {
    let cli = corp();
    for limit in ["true", "ulimit -v 2097152", "ulimit -v 524288", "true"] {
        under(&cli, limit, &["auth", "login", "corp"]).exits_with(0);
    }
}

#[test]
fn a_strategy_from_a_file_runs_where_no_file_can_be_written() {
    let outcome = under(&corp(), "ulimit -f 0", &["auth", "login", "corp"]).exits_with(0);
    outcome.explains(&["warning: ", "cache could not be written", "File too large"]);
}

#[test]
fn an_address_space_too_small_for_the_compiler_is_named() {
    // One function whose blocks take the compiler more than the system has.
    let body = "(block (br_if 0 (local.get 0)))".repeat(100_000);
    let module = wat::parse_str(format!("(module (func (param i32) {body}))"));
    let mut component = Guest::new().build();
    guest::section(&mut component, 1, &module.expect("the module is valid"));
    let cli = openai().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    let outcome = under(&cli, "ulimit -v 160000", &["auth", "login", "corp"]).exits_with(3);
    let named = "the limit of 156 MiB of address space (RLIMIT_AS) is too low";
    outcome.explains(&[named, "you can't raise it yourself"]);
}

#[test]
fn an_address_space_too_small_for_a_strategys_memory_is_named_and_the_remedy_helps() {
    // 900 MiB: less than the strategy's own limit, and more than the system's.
    let grows = "(drop (memory.grow $memory (i32.const 14400)))";
    for guest in [Guest::new().memory("14400"), Guest::new().before(grows)] {
        let component = guest.build();
        let limits = "limits = { memory_mib = 1000 }\n";
        let cli = openai().config(guest::lines("corp", &component, limits, ""));
        cli.file(".config/orchestration/corp.wasm", component);
        let login = ["auth", "login", "corp"];
        under(&cli, "true", &login).exits_with(0);
        let soft = "ulimit -S -v 800000";
        let outcome = under(&cli, soft, &login).exits_with(3);
        assert!(!outcome.stderr.contains("strategy 'corp'"), "{}", outcome.stderr);
        let outcome = outcome.explains(&["(RLIMIT_AS) is too low", "raise it with: ulimit -S -v"]);
        let doctor = under(&cli, soft, &["doctor"]);
        assert!(!doctor.stdout.contains("strategy remove"), "{}", doctor.stdout);
        let remedy = outcome.stderr.split("raise it with: ").nth(1).and_then(|l| l.lines().next());
        let remedy = remedy.expect("there is a remedy");
        under(&cli, &format!("{soft}; {remedy}"), &login).exits_with(0);
    }
}

#[test]
fn too_few_open_files_for_a_request_are_named() {
    for files in [5, 6, 7, 9, 10, 12] {
        let limit = format!("ulimit -n {files}");
        let arguments = ["auth", "check", "openai", "--verify"];
        let outcome = under(&openai(), &limit, &arguments).exits_with(3);
        let named = format!("the limit of {files} open files (RLIMIT_NOFILE)");
        outcome.explains(&[&named, "you can't raise it yourself"]);
    }
}
