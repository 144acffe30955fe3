//! Names of variables, in providers.toml and on the command line.
//!
//! Promised here: no profile can name a variable that decides how programs run, and
//! `auth exec` never makes such a name, nor one that belongs to someone else; a key that
//! is pasted in the place of a name is refused, and shown nowhere.

use orchestration_tests::guest::{self, Answer, Guest, Origin};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-corp-Zq81LmVt93KxBd7x2f";

/// Names that the loader, shells, interpreters and HTTP clients act on.
const RESERVED: [&str; 16] = [
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "PATH",
    "HOME",
    "IFS",
    "ENV",
    "BASH_ENV",
    "PYTHONPATH",
    "NODE_OPTIONS",
    "PERL5OPT",
    "RUBYOPT",
    "JAVA_TOOL_OPTIONS",
    "GIT_SSH_COMMAND",
    "https_proxy",
    "OPENAI_BASE_URL",
];

/// Keys that have the form of a name, by prefix or by shape.
const KEYS: [&str; 8] = [
    "gsk_Zx8vQ2mN4tR7wY1bK5dF9hJ3lP6sA0cE",
    "AIzaSyD4hNw82QpXvT6cJrEk19sUgM",
    "hf_abcdefGHIJKLmnopqrSTUVwxyzABCDEFgh",
    "d41d8cd98f00b204e9800998ecf8427e",
    "sk_live_51HqZx8vQ2mN4tR7wY1b",
    "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ",
    "q2w8e4r6t1y9u3i5o7p0a2s4d6f8g1h3",
    "sk-proj-Zq81LmVt93KxBdRw7x2f",
];

/// Checks that nothing of `key` is in what was written: no 8 characters in a row.
#[track_caller]
fn hides(outcome: &Outcome, key: &str) {
    let written = outcome.all();
    let parts = (0..=key.len() - 8).filter_map(|at| key.get(at..at + 8));
    for part in parts {
        assert!(!written.contains(part), "{part:?} of {key} is shown:\n{written}");
    }
}

mod that_programs_act_on {
    use super::*;

    #[test]
    fn cannot_be_the_variable_of_a_key() {
        for name in RESERVED {
            let cli = Cli::new().config(format!("[profiles.corp]\napi_key_env = \"{name}\"\n"));
            let outcome = cli.login("corp").exits_with(2);
            outcome.explains(&[
                "error: this variable controls how programs run, so it can't hold a key",
                "providers.toml:2:15",
                "name a variable that only holds the key, e.g. CORP_API_KEY",
            ]);
        }
    }

    #[test]
    fn are_not_added_to_a_profile() {
        for name in RESERVED {
            let cli = Cli::new();
            let outcome = cli.run(&["profile", "add", "corp", "--api-key-env", name]);
            outcome.exits_with(2).explains(&["controls how programs run", "e.g. CORP_API_KEY"]);
            assert!(!cli.home().join(".config").exists(), "{name}");
        }
    }

    #[test]
    fn can_be_granted_to_a_strategy_for_reading() {
        for name in ["HOME", "PATH", "HTTPS_PROXY", "LD_LIBRARY_PATH"] {
            let cli = Cli::new().config(format!("[strategies.api_key]\nenv = [\"{name}\"]\n"));
            cli.status().exits_with(0);
        }
    }
}

mod made_by_exec {
    use super::*;

    /// `auth exec NAME -- env` for a profile whose key is in `variable` and whose
    /// strategy returns one more secret.
    fn env(variable: &str, secret: &str, more: &str) -> Outcome {
        let values: Vec<(&[u8], &[u8])> =
            vec![(b"api_key", KEY.as_bytes()), (secret.as_bytes(), b"/evil.so")];
        let answer = Answer { values, source: Origin::Other(b"SSO"), expires_at: None };
        let component = Guest::new().answers(&answer).build();
        let profile = format!("api_key_env = \"{variable}\"");
        let lines = guest::lines("corp", &component, "", &profile);
        let path = std::env::var_os("PATH").expect("tests have a PATH");
        let cli = Cli::new().config(format!("{lines}\n{more}")).env("PATH", path);
        cli.file(".config/orchestration/corp.wasm", component);
        cli.run(&["auth", "exec", "corp", "--", "env"]).exits_with(0)
    }

    #[test]
    fn are_never_those_that_programs_act_on() {
        for (variable, secret, made) in [
            ("LD", "preload", "LD_PRELOAD"),
            ("GIT", "ssh-command", "GIT_SSH_COMMAND"),
            ("BASH", "Env", "BASH_ENV"),
            ("NODE", "options", "NODE_OPTIONS"),
            ("HTTPS", "proxy", "HTTPS_PROXY"),
            ("OPENAI", "base.url", "OPENAI_BASE_URL"),
        ] {
            let outcome = env(variable, secret, "");
            assert!(!outcome.stdout.contains("/evil.so"), "{}", outcome.stdout);
            assert!(outcome.stdout.contains(&format!("{variable}={KEY}\n")), "{}", outcome.stdout);
            let warning = format!(
                "warning: the secret '{secret}' is not passed on in {made}: \
                 it controls how programs run\n"
            );
            outcome.explains(&[&warning, "change api_key_env in [profiles.corp]"]);
        }
    }

    #[test]
    fn are_never_those_of_others() {
        let other = "[profiles.other]\napi_key_env = \"CORP_TOKEN\"\n";
        let granted = "[strategies.api_key]\nenv = [\"CORP_TOKEN\"]\n";
        for (variable, secret, more, made) in [
            ("CORP", "token", other, "CORP_TOKEN"),
            ("CORP", "token", granted, "CORP_TOKEN"),
            // That of a built-in profile, and of a provider without a profile.
            ("GEMINI", "api-key", "", "GEMINI_API_KEY"),
            ("MISTRAL", "api key", "", "MISTRAL_API_KEY"),
        ] {
            let outcome = env(variable, secret, more);
            assert!(!outcome.stdout.contains("/evil.so"), "{}", outcome.stdout);
            let warning = format!(
                "warning: the secret '{secret}' is not passed on in {made}: \
                 another profile, strategy or provider uses it\n"
            );
            outcome.explains(&[&warning]);
        }
        // Without the others, the same name is set.
        let outcome = env("CORP", "token", "");
        assert!(outcome.stdout.contains("CORP_TOKEN=/evil.so\n"), "{}", outcome.stdout);
        assert_eq!(outcome.stderr, "");
    }
}

mod a_key_in_the_place_of_a_name {
    use super::*;

    #[test]
    fn is_refused_and_not_repeated_by_any_command() {
        for key in KEYS {
            for text in [
                format!("[profiles.corp]\napi_key_env = \"{key}\"\n"),
                format!("profiles.corp.api_key_env = '{key}'\n"),
                format!("[strategies.api_key]\nenv = [\"CORP_REGION\", \"{key}\"]\n"),
                format!("[strategies.api_key]\nenv = [\n  \"{key}\",\n]\n"),
            ] {
                let cli = Cli::new().config(&text);
                for command in [
                    &["auth", "status"][..],
                    &["-v", "auth", "check", "--format", "json"],
                    &["profile", "list"],
                ] {
                    let outcome = cli.run(command).exits_with(2);
                    hides(&outcome, key);
                }
                let outcome = cli.run(&["auth", "login", "corp"]).exits_with(2);
                hides(&outcome, key);
                outcome.explains(&["name the variable that holds the key, never the key itself"]);
            }
        }
    }

    #[test]
    fn is_not_added_to_a_profile_or_granted_to_a_strategy() {
        for key in KEYS {
            let cli = Cli::new();
            let outcome = cli.run(&["profile", "add", "corp", "--api-key-env", key]).exits_with(2);
            hides(&outcome, key);
            outcome.explains(&["takes the name of the variable that holds the key, never the key"]);

            let component = cli.file("corp.wasm", Guest::new().build());
            let component = component.to_str().expect("a temporary directory has a plain name");
            let add = ["strategy", "add", component, "--auth-type", "corp", "--env", key];
            let outcome = cli.run(&add).exits_with(2);
            hides(&outcome, key);
            outcome.explains(&["--env takes the name of an environment variable"]);
            assert!(!cli.home().join(".config").exists(), "{key}");
        }
    }

    #[test]
    fn is_told_from_the_names_that_people_give() {
        let names = ["hf_inference_api_token", "ANTHROPIC_API_KEY_20261201", "LLM_KEY_EU_1_GPT_4"];
        for name in names {
            let cli = Cli::new().config(format!("[profiles.corp]\napi_key_env = \"{name}\"\n"));
            let cli = cli.env(name, KEY);
            cli.login("corp").exits_with(0);
        }
    }
}
