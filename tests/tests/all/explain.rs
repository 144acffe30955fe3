//! `auth explain`: what happened on the way to a credential.
//!
//! Promised here: every ask of the strategy is there, with what came of it and
//! who granted it, and no value ever is; the exit status is that of `auth login`.

use orchestration_tests::guest::{self, Guest, Piece, Tool};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-corp-abcdefgh7x2f";

fn explain(cli: &Cli, profile: &str) -> Outcome {
    let outcome = cli.run(&["auth", "explain", profile]);
    assert!(!outcome.all().contains(KEY), "{outcome:#?}");
    // Not even the ends of it, which `auth login` shows.
    assert!(!outcome.all().contains("7x2f"), "{outcome:#?}");
    outcome
}

/// The cells of the steps, without the times.
fn steps(outcome: &Outcome) -> Vec<Vec<&str>> {
    let table = outcome.stdout.split("\n\n").next().unwrap_or_default();
    let cells = |line| -> Vec<&str> {
        let cells = str::split(line, "  ").map(str::trim).filter(|cell| !cell.is_empty());
        cells.filter(|cell| !cell.ends_with(" µs") && !cell.ends_with(" ms")).collect()
    };
    table.lines().skip(2).map(cells).collect()
}

fn corp(guest: Guest, more: &str, profile: &str) -> Cli {
    let component = guest.build();
    let cli = Cli::new().config(guest::lines("corp", &component, more, profile));
    cli.file(".config/orchestration/corp.wasm", component);
    cli.env("CORP_KEY", KEY).env("CORP_OTHER", "sk-corp-other-0123457x2f")
}

#[test]
fn a_variable_that_is_set_is_found() {
    let outcome = explain(&Cli::new().env("OPENAI_API_KEY", KEY), "openai").exits_with(0);
    assert_eq!(
        steps(&outcome),
        [
            vec!["granted", "OPENAI_API_KEY", "the profile names it"],
            vec!["loaded", "api_key"],
            vec!["asked", "OPENAI_API_KEY", "taken as key"],
            vec!["called", "get-credentials"],
            vec!["returned", "api_key", "from OPENAI_API_KEY"],
        ]
    );
    assert!(outcome.stdout.ends_with("\n\n✓ the credential comes from OPENAI_API_KEY\n"));
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_variable_that_is_not_set_was_asked_for() {
    let outcome = explain(&Cli::new(), "openrouter").exits_with(1);
    assert!(steps(&outcome).contains(&vec!["asked", "OPENROUTER_API_KEY", "granted, not set"]));
    assert!(outcome.stdout.contains("✗ OPENROUTER_API_KEY is not set"), "{}", outcome.stdout);
}

#[test]
fn a_profile_that_needs_no_key_shows_no_ask() {
    let outcome = explain(&Cli::new(), "local").exits_with(0);
    assert_eq!(steps(&outcome), [vec!["loaded", "api_key"], vec!["called", "get-credentials"]]);
}

#[test]
fn a_granted_variable_names_the_table_that_grants_it() {
    let cli = corp(Guest::new().reads("CORP_KEY"), "env = [\"CORP_KEY\"]", "");
    let outcome = explain(&cli, "corp").exits_with(0);
    assert_eq!(
        steps(&outcome),
        [
            vec!["granted", "CORP_KEY", "by [strategies.corp]"],
            vec!["called", "describe"],
            vec!["loaded", "corp"],
            vec!["called", "refresh-if-needed"],
            vec!["asked", "CORP_KEY", "taken as taken"],
            vec!["called", "get-credentials"],
            vec!["returned", "api_key", "from CORP_KEY"],
        ]
    );
}

#[test]
fn a_denial_is_seen_and_says_what_would_grant_it() {
    let cli = corp(Guest::new().reads("CORP_KEY"), "", "api_key_env = \"CORP_OTHER\"");
    let outcome = explain(&cli, "corp").exits_with(3);
    assert!(steps(&outcome).contains(&vec!["asked", "CORP_KEY", "denied"]), "{}", outcome.stdout);
    outcome.explains(&["error: profile 'corp'", "CORP_KEY", "grant it with"]);
}

#[test]
fn a_strategy_that_cannot_run_fails_as_in_login() {
    let cli = corp(Guest::new().get("unreachable"), "", "");
    let outcome = explain(&cli, "corp").exits_with(3);
    assert!(steps(&outcome).contains(&vec!["called", "get-credentials"]), "{}", outcome.stdout);
    assert_eq!(outcome.stderr, cli.login("corp").exits_with(3).stderr);
}

#[test]
fn an_unknown_profile_is_a_usage_error() {
    explain(&Cli::new(), "nope").exits_with(2).explains(&["profile 'nope' not found"]);
}

#[test]
fn notes_are_shown_as_well() {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let outcome = cli.run(&["-v", "auth", "explain", "openai"]).exits_with(0);
    assert!(!outcome.all().contains(KEY), "{outcome:#?}");
    assert_eq!(steps(&outcome).len(), 5, "{}", outcome.stdout);
    outcome.explains(&["host call", "OPENAI_API_KEY"]);
}

#[test]
fn calls_to_wasi_are_shown_and_repetitions_counted() {
    let outcome = explain(&corp(Guest::new().says(b"line\n"), "", ""), "corp").exits_with(0);
    let steps = steps(&outcome);
    assert!(steps.contains(&vec!["asked", "wasi:cli/stdout", "granted"]), "{steps:?}");
    assert!(steps.contains(&vec!["asked", "wasi:io/streams", "granted"]), "{steps:?}");

    let import = "(import \"wasi:clocks/monotonic-clock@0.2.0\" \"now\" (func $f (result i64)))";
    let three = Guest::new()
        .wasi(&["clocks/monotonic-clock"], import)
        .before("(drop (call $f)) (drop (call $f)) (drop (call $f))");
    let outcome = explain(&corp(three, "", ""), "corp").exits_with(0);
    let row = vec!["asked", "wasi:clocks/monotonic-clock", "granted, 3 times"];
    assert!(self::steps(&outcome).contains(&row), "{outcome:#?}");
}

#[test]
fn each_tool_shows_which_secrets_it_worked_on_and_what_it_made() {
    let parts = [Piece::Text("Bearer "), Piece::Secret("key"), Piece::Secret("random")];
    let tools = [
        Tool::Take("CORP_KEY", "key"),
        Tool::Random(16, "random"),
        Tool::Concat(&parts, "header"),
        Tool::Base64("header", 0, "made"),
        Tool::Pick("key", "/a", "picked"),
        Tool::Claims("header"),
        Tool::Sign("key", 0, &parts[2..], "signature"),
    ];
    let guest = Guest::new().uses(&tools, "made");
    let outcome = explain(&corp(guest, "", "api_key_env = \"CORP_KEY\""), "corp").exits_with(0);
    let steps = steps(&outcome);
    let from = steps.iter().position(|step| step.contains(&"taken as key"));
    let expected = [
        vec!["made", "random", "by random"],
        vec!["made", "header", "by concat of key, random"],
        vec!["made", "made", "by base64 of header"],
        vec!["asked", "pick of key", "malformed"],
        vec!["asked", "claims of header", "made"],
        // The key has 20 bytes.
        vec!["asked", "sign of key, random", "bad-key"],
        vec!["called", "get-credentials"],
        vec!["returned", "api_key", "from CORP_KEY, the strategy's own text, random bytes"],
    ];
    assert_eq!(from.map(|from| steps[from + 1..].to_vec()), Some(expected.to_vec()), "{steps:?}");
}

#[test]
fn the_claims_that_a_strategy_reads_are_a_step_without_them() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEubG92ZWxhY2UifQ.c2lnbmF0dXJl";
    let tools = [Tool::Take("CORP_JWT", "token"), Tool::Claims("token")];
    let guest = Guest::new().uses(&tools, "token");
    let cli = corp(guest, "", "api_key_env = \"CORP_JWT\"").env("CORP_JWT", jwt);
    let outcome = explain(&cli, "corp").exits_with(0);
    assert!(steps(&outcome).contains(&vec!["read", "claims of token"]), "{}", outcome.stdout);
    assert!(!outcome.all().contains("ada.lovelace"), "{outcome:#?}");
}

#[test]
fn names_of_secrets_are_displayed_as_the_strategys_own_words() {
    let long = "a".repeat(128);
    let tools = [
        Tool::Take("CORP_KEY", "key"),
        Tool::Concat(&[], "granted,\u{1b}[2J found"),
        Tool::Concat(&[Piece::Secret(&long)], "two\nlines"),
        Tool::Base64("sk-corp-abcdefgh7x2f", 0, "sk-corp-abcdefgh7x2f"),
    ];
    let guest = Guest::new().uses(&tools, "key");
    let outcome = explain(&corp(guest, "", "api_key_env = \"CORP_KEY\""), "corp").exits_with(0);
    let steps = steps(&outcome);
    assert!(steps.contains(&vec!["made", "\"granted,[2J found\"", "by concat"]), "{steps:?}");
    let row = ["asked", &format!("concat of {long}"), "no-secret"];
    assert!(steps.contains(&row.to_vec()), "{steps:?}");
    assert!(steps.contains(&vec!["asked", "base64 of \"***\"", "no-secret"]), "{steps:?}");
}
