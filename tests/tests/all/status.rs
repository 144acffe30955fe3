//! `auth status`: one row a profile, and an exit status that a script can use.
//!
//! Promised here: the table is the one of the documentation, byte for byte; a
//! profile is judged by its own variable alone; a missing credential is no
//! failure; and one profile that is in a bad way spoils neither the rows nor the
//! words of the others.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use orchestration_tests::{Cli, STATUS_TABLE};

const KEY: &str = "sk-proj-abcdefgh7x2f";

/// A value that no Unicode text has.
fn not_unicode() -> OsString {
    OsString::from_vec(b"sk-proj-\xff\xfe-abcdefgh".to_vec())
}

#[test]
fn the_table_matches_the_documentation_byte_for_byte() {
    let outcome = Cli::new().env("OPENAI_API_KEY", KEY).status().exits_with(0);
    assert_eq!(outcome.stdout, STATUS_TABLE);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn missing_credentials_are_not_a_failure() {
    let outcome = Cli::new().status().exits_with(0);
    assert_eq!(outcome.stdout.matches("✗ missing").count(), 3);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_set_openai_key_leaves_the_other_profiles_missing() {
    let outcome = Cli::new().env("OPENAI_API_KEY", KEY).status().exits_with(0);
    assert_eq!(outcome.row("openai"), ["openai", "api_key", "✓ valid", "OPENAI_API_KEY"]);
    let openrouter = ["openrouter", "api_key", "✗ missing", "OPENROUTER_API_KEY"];
    assert_eq!(outcome.row("openrouter"), openrouter);
    assert_eq!(outcome.row("gemini"), ["gemini", "api_key", "✗ missing", "GEMINI_API_KEY"]);
}

#[test]
fn every_profile_is_valid_when_its_own_variable_is_set() {
    let cli = Cli::new()
        .env("OPENAI_API_KEY", KEY)
        .env("OPENROUTER_API_KEY", KEY)
        .env("GEMINI_API_KEY", KEY);
    let outcome = cli.status().exits_with(0);
    assert_eq!(outcome.stdout.matches("✓ valid").count(), 4, "{outcome:#?}");
}

#[test]
fn an_empty_variable_counts_as_missing() {
    let outcome = Cli::new().env("OPENAI_API_KEY", "").status().exits_with(0);
    assert_eq!(outcome.row("openai"), ["openai", "api_key", "✗ missing", "OPENAI_API_KEY"]);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_variable_that_is_not_unicode_is_invalid_and_stderr_says_why() {
    let cli = Cli::new().env("OPENAI_API_KEY", not_unicode()).env("GEMINI_API_KEY", KEY);
    let outcome = cli.status().exits_with(1);
    assert_eq!(outcome.row("openai"), ["openai", "api_key", "✗ invalid", "OPENAI_API_KEY"]);
    assert_eq!(outcome.row("gemini"), ["gemini", "api_key", "✓ valid", "GEMINI_API_KEY"]);
    let outcome = outcome.explains(&["'openai'", "OPENAI_API_KEY", "not valid Unicode", "export"]);
    assert!(!outcome.all().contains("sk-proj"), "{outcome:#?}");
}

#[test]
fn an_unknown_auth_type_is_one_error_row_beside_good_ones() {
    let cli = Cli::new()
        .env("OPENAI_API_KEY", KEY)
        .config("[profiles.corp]\nauth_type = \"corp-sso\"\napi_key_env = \"CORP_TOKEN\"\n");
    let outcome = cli.status().exits_with(3);
    assert_eq!(outcome.row("corp"), ["corp", "corp-sso", "✗ error", "CORP_TOKEN"]);
    // The others are the rows that they would be without it.
    let others: Vec<&str> =
        outcome.stdout.lines().filter(|line| !line.starts_with("corp ")).collect();
    assert_eq!(others, STATUS_TABLE.lines().collect::<Vec<_>>());
    outcome.explains(&["'corp'", "unknown auth type 'corp-sso'", "available", "api_key"]);
}

#[test]
fn every_bad_profile_is_explained() {
    let config = "[profiles.one]\nauth_type = \"first\"\n[profiles.two]\nauth_type = \"second\"\n";
    let outcome = Cli::new().config(config).status().exits_with(3);
    assert_eq!(outcome.stdout.matches("✗ error").count(), 2);
    outcome.explains(&["'one'", "'first'", "'two'", "'second'"]);
}

#[test]
fn a_failed_strategy_decides_the_exit_status_over_an_invalid_credential() {
    let cli = Cli::new()
        .env("OPENAI_API_KEY", not_unicode())
        .config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
    let outcome = cli.status().exits_with(3);
    assert_eq!(outcome.row("openai").get(2), Some(&"✗ invalid"));
    assert_eq!(outcome.row("corp").get(2), Some(&"✗ error"));
}

#[test]
fn profiles_are_sorted_by_name() {
    let config = "[profiles.zeta]\n[profiles.alpha]\n[profiles.middle]\n";
    let outcome = Cli::new().config(config).status().exits_with(0);
    let names = outcome.stdout.lines().skip(2).filter_map(|line| line.split(' ').next());
    let names: Vec<&str> = names.collect();
    assert_eq!(names, ["alpha", "gemini", "local", "middle", "openai", "openrouter", "zeta"]);
}

#[test]
fn only_an_endpoint_on_this_machine_needs_no_key() {
    let config = "\
[profiles.here]
base_url = \"http://127.0.0.2:8000/v1\"
[profiles.here6]
base_url = \"http://[::1]/v1\"
[profiles.prefix]
base_url = \"http://localhost.example.com/v1\"
[profiles.user]
base_url = \"http://localhost@example.com/v1\"
";
    let outcome = Cli::new().config(config).status().exits_with(0);
    for (profile, status) in
        [("here", "✓ valid"), ("here6", "✓ valid"), ("prefix", "✗ missing"), ("user", "✗ missing")]
    {
        assert_eq!(outcome.row(profile).get(2), Some(&status), "{profile}");
    }
}

#[test]
fn verbose_notes_go_to_stderr_and_leave_the_table_as_it_is() {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let outcome = cli.run(&["--verbose", "auth", "status"]).exits_with(0);
    assert_eq!(outcome.stdout, STATUS_TABLE);
    outcome.explains(&["OPENROUTER_API_KEY"]);
}

#[test]
fn the_number_of_threads_is_not_for_a_variable_to_decide() {
    let profile = |number| format!("[profiles.p{number}]\n");
    for threads in ["0", "abc", "100000", ""] {
        let cli = Cli::new().config((0..40).map(profile).collect::<String>());
        cli.env("TOKIO_WORKER_THREADS", threads).status().exits_with(0);
    }
}
