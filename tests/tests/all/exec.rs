//! `auth exec PROFILE -- COMMAND`: a command with one credential in its
//! environment.
//!
//! Promised here: the command gets the key in the variable that the profile
//! names and no key of another profile; it takes the place of the product, so
//! exit status, signals and standard streams are its own; where there is no
//! credential it is not run at all; and nothing that a strategy says names a
//! variable that the user did not.

use std::collections::BTreeMap;
use std::io::{Write, pipe};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use orchestration_tests::guest::{self, Answer, Guest, Origin};
use orchestration_tests::{Cli, Outcome};

const OPENAI: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";
const OPENROUTER: &str = "sk-or-v1-Jd72HsWqZ0nLx4PdVj3G";
const GEMINI: &str = "AIzaSyD4hNw82QpXvT6cJrEk19sUgM";
const CORP: &str = "tok_9bYf72HsWqZ0nLx4PdVj3GmC";

/// Every built-in profile has its key, and the command can be found.
fn cli() -> Cli {
    Cli::new()
        .env("PATH", std::env::var_os("PATH").expect("tests have a PATH"))
        .env("OPENAI_API_KEY", OPENAI)
        .env("OPENROUTER_API_KEY", OPENROUTER)
        .env("GEMINI_API_KEY", GEMINI)
}

fn exec(cli: &Cli, profile: &str, command: &[&str]) -> Outcome {
    cli.run(&[&["auth", "exec", profile, "--"], command].concat())
}

/// The environment that a command under `auth exec PROFILE` gets.
fn environment(cli: &Cli, profile: &str) -> BTreeMap<String, String> {
    let outcome = exec(cli, profile, &["env", "-0"]).exits_with(0);
    assert_eq!(outcome.stderr, "");
    let variables = outcome.stdout.split('\0').filter_map(|line| line.split_once('='));
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The names that are in `environment` of those that hold a key.
fn keys(environment: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    let secret = |value: &str| [OPENAI, OPENROUTER, GEMINI, CORP].contains(&value);
    let pairs = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    pairs.filter(|(_, value)| secret(value)).collect()
}

/// The same with a profile `corp` whose strategy answers with these secrets, and
/// more lines of its two tables.
fn with_corp(values: &[(&[u8], &[u8])], source: Origin<'_>, strategy: &str, profile: &str) -> Cli {
    let answer = Answer { values: values.to_vec(), source, expires_at: None };
    let component = Guest::new().answers(&answer).build();
    let cli = cli().config(guest::lines("corp", &component, strategy, profile));
    cli.file(".config/orchestration/corp.wasm", component);
    cli
}

/// The catalogue of providers knows what other tools call a key.
mod other_names_of_a_key {
    use super::*;

    #[test]
    fn are_removed_so_that_the_profile_s_key_wins() {
        let other = "AIzaSyOther2QpXvT6cJrEk19sUgM";
        let cli = cli().env("GOOGLE_API_KEY", other).env("AZURE_OPENAI_API_KEY", other);
        let environment = environment(&cli, "gemini");
        assert_eq!(keys(&environment), [("GEMINI_API_KEY", GEMINI)]);
        for gone in ["GOOGLE_API_KEY", "AZURE_OPENAI_API_KEY"] {
            assert_eq!(environment.get(gone), None, "{gone}");
        }
    }

    #[test]
    fn are_removed_for_a_provider_that_only_a_preset_knows() {
        let other = "0123456789abcdef0123456789abcdef";
        let cli = cli()
            .config(
                "[profiles.azure]\nbase_url = \"https://corp.openai.azure.com/openai/v1\"\n\
                 api_key_env = \"AZURE_API_KEY\"\n",
            )
            .env("AZURE_API_KEY", CORP)
            .env("AZURE_OPENAI_API_KEY", other)
            .env("AZURE_OPENAI_AD_TOKEN", other);
        let environment = environment(&cli, "azure");
        assert_eq!(keys(&environment), [("AZURE_API_KEY", CORP)]);
        for gone in ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"] {
            assert_eq!(environment.get(gone), None, "{gone}");
        }
    }

    #[test]
    fn are_removed_even_if_the_profile_s_own_strategy_may_read_them() {
        let config = "[strategies.api_key]\nenv = [\"GOOGLE_API_KEY\", \"CORP_REGION\"]\n";
        let other = "AIzaSyOther2QpXvT6cJrEk19sUgM";
        let cli = cli().config(config).env("GOOGLE_API_KEY", other).env("CORP_REGION", "eu");
        let environment = environment(&cli, "gemini");
        assert_eq!(keys(&environment), [("GEMINI_API_KEY", GEMINI)]);
        assert_eq!(environment.get("GOOGLE_API_KEY"), None);
        assert_eq!(environment.get("CORP_REGION").map(String::as_str), Some("eu"));
    }

    #[test]
    fn are_removed_for_anthropic_whose_clients_prefer_the_token() {
        let config = "[profiles.claude]\nbase_url = \"https://api.anthropic.com\"\n\
                      api_key_env = \"ANTHROPIC_API_KEY\"\n";
        let cli = cli().config(config).env("ANTHROPIC_API_KEY", CORP);
        let environment = environment(&cli.env("ANTHROPIC_AUTH_TOKEN", "other"), "claude");
        assert_eq!(keys(&environment), [("ANTHROPIC_API_KEY", CORP)]);
        assert_eq!(environment.get("ANTHROPIC_AUTH_TOKEN"), None);
    }

    #[test]
    fn stay_if_the_profile_names_them() {
        let config = "[profiles.gemini]\napi_key_env = \"GOOGLE_API_KEY\"\n";
        let cli = cli().config(config).env("GOOGLE_API_KEY", GEMINI);
        assert_eq!(keys(&environment(&cli, "gemini")), [("GOOGLE_API_KEY", GEMINI)]);
    }
}

mod the_environment {
    use super::*;

    #[test]
    fn has_the_key_of_the_profile_and_of_no_other() {
        for (profile, variable, key) in [
            ("openai", "OPENAI_API_KEY", OPENAI),
            ("openrouter", "OPENROUTER_API_KEY", OPENROUTER),
            ("gemini", "GEMINI_API_KEY", GEMINI),
        ] {
            assert_eq!(keys(&environment(&cli(), profile)), [(variable, key)], "{profile}");
        }
    }

    #[test]
    fn has_no_key_if_none_is_needed() {
        assert_eq!(keys(&environment(&cli(), "local")), []);
    }

    #[test]
    fn is_otherwise_unchanged() {
        let cli = cli().env("EDITOR", "ed").env("ODD", "a=b\nc");
        let environment = environment(&cli, "openai");
        assert_eq!(environment.get("EDITOR").map(String::as_str), Some("ed"));
        assert_eq!(environment.get("ODD").map(String::as_str), Some("a=b\nc"));
        let names: Vec<&str> = environment.keys().map(String::as_str).collect();
        assert_eq!(names, ["EDITOR", "HOME", "ODD", "OPENAI_API_KEY", "PATH"]);
    }

    #[test]
    fn has_no_key_of_a_profile_in_providers_toml() {
        let cli = cli().config("[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n");
        let cli = cli.env("CORP_TOKEN", CORP);
        assert_eq!(keys(&environment(&cli, "openai")), [("OPENAI_API_KEY", OPENAI)]);
        assert_eq!(keys(&environment(&cli, "corp")), [("CORP_TOKEN", CORP)]);
    }

    #[test]
    fn keeps_a_variable_that_two_profiles_share() {
        let cli = cli().config("[profiles.corp]\napi_key_env = \"OPENAI_API_KEY\"\n");
        for profile in ["corp", "openai"] {
            assert_eq!(keys(&environment(&cli, profile)), [("OPENAI_API_KEY", OPENAI)]);
        }
    }

    #[test]
    fn has_no_key_that_agents_would_fall_back_to() {
        let config = "[profiles.openai]\napi_key_env = \"MY_OPENAI_KEY\"\n";
        let cli = cli().config(config).env("MY_OPENAI_KEY", OPENAI);
        assert_eq!(keys(&environment(&cli, "gemini")), [("GEMINI_API_KEY", GEMINI)]);
        assert_eq!(keys(&environment(&cli, "openai")), [("MY_OPENAI_KEY", OPENAI)]);
    }

    #[test]
    fn has_nothing_that_is_granted_to_the_strategy_of_another_profile() {
        let granted = "env = [\"CORP_CLIENT_SECRET\", \"PATH\", \"HOME\"]";
        let values: [(&[u8], &[u8]); 1] = [(b"api_key", b"tok-0123456789")];
        let cli = with_corp(&values, Origin::Other(b"SSO"), granted, "");
        let cli = cli.env("CORP_CLIENT_SECRET", CORP);
        assert_eq!(keys(&environment(&cli, "openai")), [("OPENAI_API_KEY", OPENAI)]);
        // What its own may read, a profile's command may read as well.
        let own = environment(&cli, "corp");
        assert_eq!(own.get("CORP_CLIENT_SECRET").map(String::as_str), Some(CORP));
    }
}

mod the_variable {
    use super::*;

    const KEY: (&[u8], &[u8]) = (b"api_key", CORP.as_bytes());

    #[test]
    fn is_the_one_of_the_profile_wherever_the_key_comes_from() {
        let cli = with_corp(&[KEY], Origin::Other(b"SSO"), "", "api_key_env = \"CORP_TOKEN\"");
        assert_eq!(keys(&environment(&cli, "corp")), [("CORP_TOKEN", CORP)]);
        // An old value gives way.
        let cli = cli.env("CORP_TOKEN", "old");
        assert_eq!(keys(&environment(&cli, "corp")), [("CORP_TOKEN", CORP)]);
    }

    #[test]
    fn is_that_of_openai_if_the_profile_names_none() {
        let cli = with_corp(&[KEY], Origin::Other(b"SSO"), "", "");
        assert_eq!(keys(&environment(&cli, "corp")), [("OPENAI_API_KEY", CORP)]);
    }

    #[test]
    fn is_the_usual_one_of_the_provider_if_the_profile_names_none() {
        for (base_url, variable) in [
            ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
            ("https://corp.openai.azure.com/openai/v1", "AZURE_API_KEY"),
            ("https://llm.corp.example/v1", "OPENAI_API_KEY"),
        ] {
            let base_url = format!("base_url = \"{base_url}\"");
            let cli = with_corp(&[KEY], Origin::Other(b"SSO"), "", &base_url);
            assert_eq!(keys(&environment(&cli, "corp")), [(variable, CORP)], "{base_url}");
        }
    }

    #[test]
    fn of_further_secrets_begins_with_that_of_the_key() {
        let values: [(&[u8], &[u8]); 3] = [(b"session-id", b"ses-1"), KEY, (b"SESSION_ID", b"no")];
        let cli = with_corp(&values, Origin::Other(b"SSO"), "", "api_key_env = \"CORP_TOKEN\"");
        let environment = environment(&cli, "corp");
        assert_eq!(keys(&environment), [("CORP_TOKEN", CORP)]);
        // The first of two that come out alike.
        assert_eq!(environment.get("CORP_TOKEN_SESSION_ID").map(String::as_str), Some("ses-1"));
        assert!(!environment.contains_key("CORP_TOKEN_API_KEY"), "{environment:?}");
    }

    #[test]
    fn is_never_one_that_only_the_strategy_names() {
        let values: [(&[u8], &[u8]); 3] =
            [KEY, (b"LD_PRELOAD", b"/evil.so"), (b"path", b"/evil/bin")];
        let source = Origin::Environment(b"LD_LIBRARY_PATH");
        let cli = with_corp(&values, source, "", "");
        let environment = environment(&cli, "corp");
        assert!(!environment.contains_key("LD_PRELOAD"), "{environment:?}");
        assert!(!environment.contains_key("LD_LIBRARY_PATH"), "{environment:?}");
        assert!(!environment["PATH"].contains("evil"), "{environment:?}");
    }
}

mod the_command {
    use super::*;

    /// What becomes of `sh -c SCRIPT`, signals too.
    fn sh(script: &str) -> Output {
        let arguments = ["auth", "exec", "openai", "--", "sh", "-c", script];
        cli().command(&arguments).output().expect("the product can be started")
    }

    #[test]
    fn passes_its_exit_status_on() {
        for status in [0, 1, 7, 255] {
            exec(&cli(), "openai", &["sh", "-c", &format!("exit {status}")]).exits_with(status);
        }
    }

    #[test]
    fn passes_its_signals_on() {
        // SIGPIPE is ignored by the product itself, and must not be by commands.
        for signal in [1, 2, 9, 13, 15] {
            let output = sh(&format!("kill -{signal} $$"));
            assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        }
    }

    #[test]
    fn replaces_the_process_of_the_product() {
        let arguments = ["auth", "exec", "openai", "--", "sh", "-c", "echo $$"];
        let child = cli().command(&arguments).spawn().expect("the product can be started");
        let own = child.id();
        let output = child.wait_with_output().expect("the command ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{own}\n"));
    }

    #[test]
    fn has_no_key_in_its_arguments() {
        let output = sh("tr '\\0' ' ' < /proc/$$/cmdline");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(shown.starts_with("sh -c "), "{shown}");
        assert!(!shown.contains("sk-"), "{shown}");
    }

    #[test]
    fn inherits_no_open_file_of_the_product() {
        let list = ["ls", "/proc/self/fd"];
        let cli = cli();
        let direct = Outcome::of(Command::new(list[0]).arg(list[1]).stdin(Stdio::null()));
        assert_eq!(exec(&cli, "openai", &list).exits_with(0).stdout, direct.stdout);
    }

    #[test]
    fn reads_and_writes_what_the_product_was_given() {
        let cli = cli();
        let (reader, mut writer) = pipe().expect("a pipe can be made");
        let mut command = cli.command(&["auth", "exec", "openai", "--", "cat"]);
        let child = command.stdin(reader).spawn().expect("the product can be started");
        writer.write_all(b"through").expect("a pipe can be written");
        drop(writer);
        let output = child.wait_with_output().expect("the command ends");
        assert_eq!(output.stdout, b"through");
    }

    #[test]
    fn gets_its_arguments_as_they_are() {
        let outcome = exec(&cli(), "openai", &["printf", "%s|", "--", "-v", "a b", "", "$HOME"]);
        assert_eq!(outcome.exits_with(0).stdout, "--|-v|a b||$HOME|");
    }

    #[test]
    fn that_does_not_exist_is_127_as_in_a_shell() {
        let outcome = exec(&cli(), "openai", &["no-such-command"]).exits_with(127);
        assert_eq!(outcome.stdout, "");
        let outcome = outcome.explains(&["error: cannot run no-such-command: No such file"]);
        assert!(!outcome.stderr.contains("sk-"), "{}", outcome.stderr);
        exec(&cli(), "openai", &[""]).exits_with(127);
    }

    #[test]
    fn that_cannot_be_executed_is_126_as_in_a_shell() {
        let cli = cli();
        let file = cli.file("data", "not a program");
        let file = file.to_str().expect("a temporary directory has a plain name");
        exec(&cli, "openai", &[file]).exits_with(126).explains(&["Permission denied"]);
    }
}

mod without_a_credential {
    use super::*;

    #[test]
    fn nothing_is_run() {
        let cli = Cli::new().env("PATH", std::env::var_os("PATH").expect("tests have a PATH"));
        let cli = cli.env("OPENAI_API_KEY", OPENAI);
        let outcome = exec(&cli, "openrouter", &["touch", "ran"]).exits_with(1);
        assert_eq!(outcome.stdout, "");
        let outcome = outcome.explains(&["OPENROUTER_API_KEY is not set", "Set it with: export"]);
        assert!(!outcome.stderr.contains("sk-"), "{}", outcome.stderr);
        assert!(!cli.home().join("ran").exists());
    }

    #[test]
    fn nor_with_an_unknown_profile_or_strategy() {
        let cli = cli().config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
        exec(&cli, "nope", &["touch", "ran"]).exits_with(2).explains(&["'nope' not found"]);
        exec(&cli, "corp", &["touch", "ran"]).exits_with(3).explains(&["'corp-sso'"]);
        assert!(!cli.home().join("ran").exists());
    }
}

#[test]
fn a_command_is_required_after_two_dashes() {
    for arguments in [&["auth", "exec", "openai"][..], &["auth", "exec", "openai", "--"]] {
        cli().run(arguments).exits_with(2).explains(&["<COMMAND>", "Usage: orchestration"]);
    }
    let outcome = cli().run(&["auth", "exec", "openai", "env"]).exits_with(2);
    outcome.explains(&["'env'", "-- "]);
}
