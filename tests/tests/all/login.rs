//! `auth login PROFILE`: whether a credential is there, and how to set it.
//!
//! Promised here: the transcripts of the documentation, byte for byte; hints that
//! work when they are followed; and masks that tell a key from another without
//! giving it away or upsetting a terminal.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use orchestration_tests::Cli;

const KEY: &str = "sk-proj-abcdefghijkl7x2f";

/// What `auth login openai` says about this key.
fn login_with(key: &str) -> String {
    Cli::new().env("OPENAI_API_KEY", key).login("openai").exits_with(0).stdout
}

#[test]
fn a_set_key_is_confirmed_with_its_mask() {
    let outcome = Cli::new().env("OPENAI_API_KEY", KEY).login("openai").exits_with(0);
    assert_eq!(outcome.stdout, "✓ OPENAI_API_KEY is set (sk-...7x2f)\n");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_missing_key_comes_with_the_line_that_sets_it_and_exit_status_1() {
    let outcome = Cli::new().env("OPENAI_API_KEY", KEY).login("openrouter").exits_with(1);
    let expected = "\
✗ OPENROUTER_API_KEY is not set
  Set it with: export OPENROUTER_API_KEY=your-key-here
";
    assert_eq!(outcome.stdout, expected);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_local_profile_needs_no_key() {
    let outcome = Cli::new().login("local").exits_with(0);
    assert_eq!(outcome.stdout, "✓ No authentication required for local profile\n");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn an_unknown_profile_is_a_usage_error_that_lists_the_known_ones() {
    let outcome = Cli::new().login("nope").exits_with(2);
    let expected = "\
error: profile 'nope' not found
  available profiles: gemini, local, openai, openrouter
";
    assert_eq!(outcome.stderr, expected);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn the_profiles_of_providers_toml_are_among_the_available_ones() {
    let cli = Cli::new().config("[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n");
    cli.login("nope").exits_with(2).explains(&["corp, gemini, local, openai, openrouter"]);
}

#[test]
fn following_the_hint_of_a_missing_key_sets_it() {
    let outcome = Cli::new().login("openrouter").exits_with(1);
    let (_, line) = outcome.stdout.split_once("export ").expect("the hint is an export");
    let (name, value) = line.trim().split_once('=').expect("an export has a value");
    // Unchanged, it is a placeholder, and is not taken for a key.
    Cli::new().env(name, value).login("openrouter").exits_with(1);
    let outcome = Cli::new().env(name, KEY).login("openrouter").exits_with(0);
    assert_eq!(outcome.stdout, "✓ OPENROUTER_API_KEY is set (sk-...7x2f)\n");
}

#[test]
fn following_the_hint_of_a_profile_without_a_variable_gives_it_one() {
    let config = "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1\"\n";
    let outcome = Cli::new().config(config).login("corp").exits_with(1);
    assert!(outcome.stdout.contains("names no variable"), "{outcome:#?}");
    assert!(outcome.stdout.contains("api_key_env = \"...\" to [profiles.corp]"), "{outcome:#?}");
    let config = format!("{config}api_key_env = \"CORP_TOKEN\"\n");
    let outcome = Cli::new().config(config).env("CORP_TOKEN", KEY).login("corp").exits_with(0);
    assert_eq!(outcome.stdout, "✓ CORP_TOKEN is set (sk-...7x2f)\n");
}

#[test]
fn an_empty_key_counts_as_missing() {
    let outcome = Cli::new().env("OPENAI_API_KEY", "").login("openai").exits_with(1);
    assert!(outcome.stdout.starts_with("✗ OPENAI_API_KEY is not set\n"), "{outcome:#?}");
}

#[test]
fn a_key_that_is_not_unicode_is_not_valid() {
    let key = OsString::from_vec(b"sk-proj-\xff\xfe-abcdefgh".to_vec());
    let outcome = Cli::new().env("OPENAI_API_KEY", key).login("openai").exits_with(1);
    assert!(outcome.stdout.starts_with("✗ OPENAI_API_KEY is set, but"), "{outcome:#?}");
    assert!(outcome.stdout.contains("not valid Unicode"), "{outcome:#?}");
    assert!(!outcome.all().contains("sk-proj"), "{outcome:#?}");
}

#[test]
fn an_unknown_auth_type_is_an_error_that_lists_the_known_ones() {
    let cli = Cli::new().config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
    let outcome = cli.login("corp").exits_with(3);
    assert_eq!(outcome.stdout, "");
    outcome.explains(&["'corp'", "unknown auth type 'corp-sso'", "available", "api_key"]);
}

#[test]
fn at_most_a_third_of_a_key_is_shown() {
    for short in ["x", "sk-45678901", "sk-456789012", "sk-45678901234567890"] {
        assert_eq!(login_with(short), "✓ OPENAI_API_KEY is set (***)\n");
    }
    assert_eq!(login_with("sk-456789012345678901"), "✓ OPENAI_API_KEY is set (sk-...8901)\n");
    let long = format!("sk-{}7x2f", "Zq81LmVt93KxBdRw".repeat(20));
    assert_eq!(login_with(&long), "✓ OPENAI_API_KEY is set (sk-...7x2f)\n");
}

#[test]
fn control_characters_of_a_key_never_reach_the_terminal() {
    for key in [
        "\u{1b}[2Jabcdefghijklm\u{1b}[0m",
        "\r\n\tabcdefghijklm\r\n\t\u{7}",
        "\u{9b}1mabcdefghijklm\u{9b}1m",
        "\u{202e}\u{2066}\u{200b}abcdefghijklm\u{202e}\u{2066}\u{200b}x",
    ] {
        let outcome = Cli::new().env("OPENAI_API_KEY", key).login("openai").exits_with(1);
        let strange =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{206f}');
        assert!(!outcome.all().contains(strange), "{key:?} {outcome:#?}");
        assert!(!outcome.all().contains("abcdefgh"), "{key:?} {outcome:#?}");
    }
}
