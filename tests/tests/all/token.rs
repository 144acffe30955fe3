//! `auth token PROFILE`: the key alone, for a script.
//!
//! Promised here: stdout has the key and a line break, or nothing at all; a
//! terminal gets the key only if the user says so; whatever else there is to
//! say is on stderr, and has no key in it.

use orchestration_tests::guest::{self, Answer, Guest, Origin};
use orchestration_tests::{Cli, Outcome, client};

const KEY: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";

fn token(cli: &Cli, profile: &str) -> Outcome {
    cli.run(&["auth", "token", profile])
}

/// A profile `corp` whose strategy answers with these secrets.
fn corp(values: &[(&[u8], &[u8])]) -> Cli {
    let source = Origin::Other(b"a guest");
    let answer = Answer { values: values.to_vec(), source, expires_at: None };
    let component = Guest::new().answers(&answer).build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    cli
}

#[test]
fn the_key_is_printed_alone_with_a_line_break() {
    let outcome = token(&Cli::new().env("OPENAI_API_KEY", KEY), "openai").exits_with(0);
    assert_eq!(outcome.stdout, format!("{KEY}\n"));
    assert_eq!(outcome.stderr, "");
}

#[test]
fn the_key_is_printed_as_it_is() {
    // Nothing is taken out, as it would be of anything else that is shown.
    for key in ["sk-***-redacted-not", "sk-~!@#$%^&*()[]{}|;:,.<>?/", "k"] {
        let outcome = token(&Cli::new().env("OPENAI_API_KEY", key), "openai").exits_with(0);
        assert_eq!(outcome.stdout, format!("{key}\n"));
    }
}

#[test]
fn verbose_notes_are_on_stderr_and_have_no_key() {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let outcome = cli.run(&["-v", "auth", "token", "openai"]).exits_with(0);
    assert_eq!(outcome.stdout, format!("{KEY}\n"));
    let outcome = outcome.explains(&["OPENAI_API_KEY"]);
    assert!(!outcome.stderr.contains(&KEY[..8]), "{}", outcome.stderr);
}

#[test]
fn a_terminal_is_refused_unless_it_is_told_to() {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let Some(screen) = cli.on_terminal(100, &["auth", "token", "openai"]) else { return };
    let shown = screen.written.join("\n");
    assert!(!shown.contains("sk-"), "{shown}");
    assert!(shown.contains("error: ") && shown.contains("--show-token"), "{shown}");

    let arguments = ["auth", "token", "openai", "--show-token"];
    let Some(screen) = cli.on_terminal(100, &arguments) else { return };
    assert_eq!(screen.written, [KEY]);
}

#[test]
fn the_flag_for_terminals_changes_nothing_in_a_pipe() {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let outcome = cli.run(&["auth", "token", "openai", "--show-token"]).exits_with(0);
    assert_eq!(outcome.stdout, format!("{KEY}\n"));
}

#[test]
fn a_missing_key_prints_nothing_and_says_how_to_set_it() {
    let outcome = token(&Cli::new(), "openrouter").exits_with(1);
    assert_eq!(outcome.stdout, "");
    let expected = "\
error: profile 'openrouter': OPENROUTER_API_KEY is not set
  Set it with: export OPENROUTER_API_KEY=your-key-here
";
    assert_eq!(outcome.stderr, expected);
}

#[test]
fn a_missing_key_of_a_server_on_this_machine_is_missing_too() {
    for url in ["http://localhost:4000/v1", "http://127.0.0.1:4000", "http://[::1]:4000/v1"] {
        let config =
            format!("[profiles.corp]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n");
        let cli = Cli::new().config(config);
        let outcome = token(&cli, "corp").exits_with(1);
        assert_eq!(outcome.stdout, "");
        outcome.explains(&["CORP_TOKEN is not set", "export CORP_TOKEN="]);
        let row = ["corp", "api_key", "✗ missing", "CORP_TOKEN"];
        assert_eq!(cli.status().exits_with(0).row("corp"), row);
        cli.run(&["auth", "check", "corp"]).exits_with(1);
    }
}

#[test]
fn the_key_of_another_profile_is_never_printed_instead() {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let outcome = token(&cli, "openrouter").exits_with(1);
    assert!(!outcome.all().contains("sk-"), "{outcome:#?}");
}

#[test]
fn a_profile_that_needs_no_key_prints_nothing_and_succeeds() {
    let outcome = token(&Cli::new().env("OPENAI_API_KEY", KEY), "local").exits_with(0);
    assert_eq!(outcome.stdout, "");
    assert_eq!(outcome.stderr, "No authentication required for local profile\n");
}

#[test]
fn an_unknown_profile_and_a_failed_strategy_have_their_own_exit_status() {
    token(&Cli::new(), "nope").exits_with(2).explains(&["profile 'nope' not found"]);
    let cli = Cli::new().config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
    let outcome = token(&cli, "corp").exits_with(3);
    assert_eq!(outcome.stdout, "");
    outcome.explains(&["unknown auth type 'corp-sso'"]);
}

#[test]
fn the_api_key_is_printed_or_else_the_first_secret() {
    let cli = corp(&[(b"session", b"ses-0123456789"), (b"api_key", KEY.as_bytes())]);
    assert_eq!(token(&cli, "corp").exits_with(0).stdout, format!("{KEY}\n"));
    let cli = corp(&[(b"token", KEY.as_bytes()), (b"session", b"ses-0123456789")]);
    assert_eq!(token(&cli, "corp").exits_with(0).stdout, format!("{KEY}\n"));
}

mod as_ {
    use serde_json::{Value, json};

    use super::*;

    fn printed(cli: &Cli, profile: &str, format: &str) -> Value {
        let outcome = cli.run(&["auth", "token", profile, "--format", format]).exits_with(0);
        assert_eq!(outcome.stderr, "");
        serde_json::from_str(&outcome.stdout).expect("it is JSON")
    }

    /// A profile `corp` whose strategy answers with these secrets, which expire.
    fn expiring(values: &[(&[u8], &[u8])]) -> Cli {
        // In the year 2100.
        let expires_at = Some(4_102_444_800);
        let source = Origin::Other(b"a guest");
        let answer = Answer { values: values.to_vec(), source, expires_at };
        let component = Guest::new().answers(&answer).build();
        let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
        cli.file(".config/orchestration/corp.wasm", component);
        cli
    }

    #[test]
    fn json_has_every_secret_with_source_and_expiry() {
        let cli = expiring(&[(b"session", b"ses-0123456789"), (b"api_key", KEY.as_bytes())]);
        let shown = printed(&cli, "corp", "json");
        assert_eq!(shown["version"], 1);
        assert_eq!(shown["profile"], "corp");
        assert_eq!(shown["values"], json!({ "api_key": KEY, "session": "ses-0123456789" }));
        assert_eq!(shown["expires_at"], "2100-01-01T00:00:00Z");
        assert_eq!(shown["source"]["said_by"], "corp");
        let shown = printed(&Cli::new(), "local", "json");
        assert_eq!(
            (&shown["values"], &shown["source"]["type"]),
            (&json!({}), &json!("not_needed"))
        );
    }

    #[test]
    fn headers_are_those_that_the_provider_wants() {
        let cli = Cli::new().env("OPENAI_API_KEY", KEY).env("ANTHROPIC_API_KEY", KEY).config(
            "[profiles.claude]\nprovider = \"anthropic\"\napi_key_env = \"ANTHROPIC_API_KEY\"\n",
        );
        let bearer = format!("Bearer {KEY}");
        assert_eq!(printed(&cli, "openai", "headers"), json!({ "Authorization": bearer }));
        assert_eq!(printed(&cli, "claude", "headers"), json!({ "x-api-key": KEY }));
        assert_eq!(printed(&cli, "local", "headers"), json!({}));
    }

    #[test]
    fn credentials_of_aws_have_the_names_that_its_sdks_read() {
        let cli = expiring(&[
            (b"access_key_id", b"AKIA0123456789"),
            (b"secret_access_key", b"wJalrXUtnFEMI/K7MDENG"),
            (b"session_token", b"FwoGZXIvYXdzE"),
        ]);
        let expected = json!({
            "Version": 1,
            "AccessKeyId": "AKIA0123456789",
            "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG",
            "SessionToken": "FwoGZXIvYXdzE",
            "Expiration": "2100-01-01T00:00:00Z",
        });
        assert_eq!(printed(&cli, "corp", "aws"), expected);
    }

    #[test]
    fn botocore_takes_a_credential_from_the_command() {
        let Some(python) = client("python") else { return };
        let cli = expiring(&[
            (b"access_key_id", b"AKIA0123456789"),
            (b"secret_access_key", b"wJalrXUtnFEMI/K7MDENG"),
            (b"session_token", b"FwoGZXIvYXdzE"),
        ]);
        let program = cli.command(&[""; 0]).get_program().to_owned();
        let program = program.to_str().expect("its path is text").to_owned();
        let command = format!("{program} auth token --format aws corp");
        cli.file(".aws/config", format!("[profile corp]\ncredential_process = {command}\n"));
        let script = "from botocore.session import Session\n\
                      found = Session(profile='corp').get_credentials()\n\
                      keys = found.get_frozen_credentials()\n\
                      print(found.method, keys.access_key, keys.secret_key, keys.token)\n";
        let python = python.to_str().expect("its path is text").to_owned();
        let outcome = Outcome::of(&mut cli.command_in(&python, &["-c", script])).exits_with(0);
        let expected = "custom-process AKIA0123456789 wJalrXUtnFEMI/K7MDENG FwoGZXIvYXdzE\n";
        assert_eq!(outcome.stdout, expected);
    }

    #[test]
    fn credentials_of_aws_are_refused_to_a_profile_that_has_none() {
        let cli = Cli::new().env("OPENAI_API_KEY", KEY);
        let outcome = cli.run(&["auth", "token", "openai", "--format", "aws"]).exits_with(2);
        assert_eq!(outcome.stdout, "");
        let outcome = outcome.explains(&["no secrets access_key_id", "--format json"]);
        assert!(!outcome.stderr.contains(&KEY[..8]), "{}", outcome.stderr);
        for format in ["aws", "kubernetes"] {
            let outcome = cli.run(&["auth", "token", "local", "--format", format]).exits_with(2);
            outcome.explains(&["profile 'local' needs no key"]);
        }
    }

    #[test]
    fn an_exec_credential_has_the_version_that_kubectl_asks_for() {
        let cli = expiring(&[(b"api_key", KEY.as_bytes())]);
        let shown = printed(&cli, "corp", "kubernetes");
        let expected = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "status": { "token": KEY, "expirationTimestamp": "2100-01-01T00:00:00Z" },
        });
        assert_eq!(shown, expected);
        for (asked, version) in [("v1beta1", "v1beta1"), ("v1", "v1"), ("v2", "v1")] {
            let info = format!("{{\"apiVersion\":\"client.authentication.k8s.io/{asked}\"}}");
            let cli = Cli::new().env("KUBERNETES_EXEC_INFO", info).env("OPENAI_API_KEY", KEY);
            let shown = printed(&cli, "openai", "kubernetes");
            assert_eq!(shown["apiVersion"], format!("client.authentication.k8s.io/{version}"));
        }
        let cli = Cli::new().env("KUBERNETES_EXEC_INFO", "{").env("OPENAI_API_KEY", KEY);
        let shown = printed(&cli, "openai", "kubernetes");
        assert_eq!(shown["apiVersion"], "client.authentication.k8s.io/v1");
    }
}
