//! No command prints a secret: not when all is well, not in an error, not with
//! `--verbose`, and not from a file that is so broken that nobody can tell what
//! in it was meant to be secret.
//!
//! Every secret here is looked for in everything that is written, stdout and
//! stderr, and so is every 8 bytes of it: a mask may show the first three and the
//! last four characters, and nothing else may show anything.
//!
//! Two things count as no secret wherever they stand, since no message could do
//! without them: the name of a key, and the name of an auth type.
#![allow(missing_docs, clippy::panic)]

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use orchestration_tests::{Cli, Outcome};

/// Variables that profiles name.
const OPENAI: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";
const GEMINI: &str = "AIzaSyD4hNw82QpXvT6cJrEk19sUgM";
const TOKEN: &str = "tok_9bYf72HsWqZ0nLx4PdVj3GmC";
/// A variable that is nobody's business.
const UNRELATED: &str = "env.Xk58TnCw06RjQyAe31ZoLhBv";
/// In providers.toml, in their places.
const HEADER: &str = "hdr-5RtGm83ZkQwXa61NyBf0CsVu";
const OPTION: &str = "opt-J7vKd20MfTzUe95CqSpLxWa4";
const PASSWORD: &str = "pwd-Nf41RzLk7QeXt80HbMw6JsYv";
/// In providers.toml, where it does not belong.
const MISPLACED: &str = "sk-live-W3xEo64HbIyRn18DtAfGk5";
/// The same, of the kind that ends like a key of TOML begins its value.
const PADDED: &str = "UHFaN2xWOHdNMnhLNGJUY1IwZ0U5cw==";

const SECRETS: [&str; 9] =
    [OPENAI, GEMINI, TOKEN, UNRELATED, HEADER, OPTION, PASSWORD, MISPLACED, PADDED];

/// A file in which all is in its place.
fn good_config() -> String {
    format!(
        "\
[profiles.corp]
base_url = \"https://user:{PASSWORD}@llm.corp.example/v1\"
api_key_env = \"CORP_TOKEN\"
headers = {{ Authorization = \"Bearer {HEADER}\" }}

[profiles.corp.options]
client_secret = \"{OPTION}\"
"
    )
}

/// Secrets everywhere, and everything asked to be as talkative as it can be.
fn cli() -> Cli {
    Cli::new()
        .env("OPENAI_API_KEY", OPENAI)
        .env("GEMINI_API_KEY", GEMINI)
        .env("CORP_TOKEN", TOKEN)
        .env("UNRELATED_SECRET", UNRELATED)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LIB_BACKTRACE", "full")
        .env("WASMTIME_BACKTRACE_DETAILS", "1")
}

/// Every 8 bytes of a secret that stand in `text`.
fn leaks(text: &str) -> Vec<&'static str> {
    SECRETS
        .iter()
        .flat_map(|secret| (0..=secret.len() - 8).filter_map(|at| secret.get(at..at + 8)))
        .filter(|part| text.contains(part))
        .collect()
}

/// Runs the command with and without `--verbose`; what it writes must be free of
/// secrets and of crashes, whose words nobody has looked through.
#[track_caller]
fn keeps_secrets(cli: &Cli, arguments: &[&str], what: &str) -> Outcome {
    let verbose = cli.run(&[&["--verbose"], arguments].concat());
    let quiet = cli.run(arguments);
    for outcome in [&verbose, &quiet] {
        let written = outcome.all();
        let leaks = leaks(&written);
        assert!(leaks.is_empty(), "{arguments:?} shows {leaks:?} of\n{what}\n\n{written}");
        assert!(!written.contains("panicked"), "{arguments:?} crashes at\n{what}\n\n{written}");
    }
    quiet
}

/// Has every command read each of the files, of which each is broken.
#[track_caller]
fn keep_secrets_of(files: &[String]) {
    for file in files {
        let cli = cli().config(file);
        for arguments in [&["auth", "status"][..], &["auth", "login", "openai"]] {
            let outcome = keeps_secrets(&cli, arguments, file);
            assert_eq!(outcome.status, 2, "a file that is not broken proves nothing:\n{file}");
        }
    }
}

#[test]
fn secrets_are_not_found_by_a_search_that_finds_nothing() {
    assert_eq!(leaks(&format!("error: bad key {OPENAI}")).len(), OPENAI.len() - 7);
    assert_eq!(leaks(&format!("x{}x", &PADDED[9..17])), [&PADDED[9..17]]);
    assert!(leaks("sk-...7x2f").is_empty());
}

#[test]
fn commands_that_succeed_or_fail_show_no_secret() {
    let good = good_config();
    let unknown = format!(
        "{good}[profiles.sso]\nauth_type = \"corp-sso\"\n[profiles.sso.options]\npassword = \"{OPTION}\"\n"
    );
    let commands: &[&[&str]] = &[
        &["auth", "status"],
        &["auth", "login", "openai"],
        &["auth", "login", "openrouter"],
        &["auth", "login", "gemini"],
        &["auth", "login", "local"],
        &["auth", "login", "corp"],
        &["auth", "login", "sso"],
        &["auth", "login", "nope"],
        &["auth", "login"],
        &["auth", "status", "--nope"],
        &["nope"],
        &["--help"],
        &["--version"],
    ];
    for config in [&good, &unknown] {
        for arguments in commands {
            keeps_secrets(&cli().config(config), arguments, config);
        }
    }
    // What was looked through were answers, and not something else that is silent.
    let outcome = cli().config(&good).run(&["auth", "login", "corp"]).exits_with(0);
    assert_eq!(outcome.stdout, "✓ CORP_TOKEN is set (tok...3GmC)\n");
    let outcome = cli().config(&good).run(&["-v", "auth", "status"]).exits_with(0);
    outcome.explains(&["CORP_TOKEN"]);
}

#[test]
fn results_that_can_not_be_written_show_no_secret() {
    let cli = cli().config(good_config());
    for arguments in [&["-v", "auth", "status"], &["auth", "login", "corp"][..]] {
        let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
            panic!("Linux has /dev/full");
        };
        let outcome = cli.run_into(arguments, full).exits_with(2);
        assert!(leaks(&outcome.all()).is_empty(), "{outcome:#?}");
    }
}

#[test]
fn a_variable_that_is_not_unicode_is_not_shown() {
    let mut bytes = OPENAI.as_bytes().to_vec();
    bytes.push(0xff);
    let key = OsString::from_vec(bytes);
    assert!(key.as_bytes().starts_with(OPENAI.as_bytes()));
    let cli = Cli::new().env("OPENAI_API_KEY", key).env("RUST_BACKTRACE", "full");
    for arguments in [&["auth", "status"][..], &["auth", "login", "openai"]] {
        let outcome = keeps_secrets(&cli, arguments, "a variable that is not Unicode");
        assert_eq!(outcome.status, 1, "{outcome:#?}");
    }
}

#[test]
fn a_secret_with_control_characters_is_not_shown_split() {
    let key = format!("\u{1b}[2J{OPENAI}\r\n{GEMINI}\u{1b}[0m");
    let cli = Cli::new().env("OPENAI_API_KEY", key);
    keeps_secrets(&cli, &["auth", "status"], "a variable with control characters");
    keeps_secrets(&cli, &["auth", "login", "openai"], "a variable with control characters");
}

mod a_key_that_somebody_wrote_into_providers_toml {
    use super::*;

    const QUOTES: [&str; 4] = ["\"", "'", "\"\"\"", "'''"];

    /// Both kinds of secret put into each of `files`, which have `KEY` for it.
    fn with_keys(files: &[&str]) -> Vec<String> {
        let keys = [MISPLACED, PADDED];
        let put = |file: &&str| keys.map(|key| file.replace("KEY", key));
        files.iter().flat_map(put).collect()
    }

    #[test]
    fn is_not_shown_where_there_is_no_such_setting() {
        keep_secrets_of(&with_keys(&[
            "api_key = \"KEY\"\n",
            "[profiles.corp]\napi_key = \"KEY\"\n",
            "[profiles.corp]\napi_key = 'KEY'\n",
            "[profiles.corp]\n\"api_key\" = \"KEY\"\n",
            "[profiles.corp]\napi_kye_env=\"KEY\"\n",
            "profiles.corp.api_key = \"KEY\"\n",
            "[profiles.corp.auth]\ntoken = \"KEY\"\n",
            "[[profiles.corp]]\ntoken = \"KEY\"\n",
            "[strategies.api_key]\ntoken = \"KEY\"\n",
            "[profiles.corp]\napi_key = \"KEY\"\n[profiles.corp]\napi_key = \"KEY\"\n",
        ]));
    }

    #[test]
    fn is_not_shown_where_the_name_of_a_variable_belongs() {
        keep_secrets_of(&with_keys(&[
            "[profiles.corp]\napi_key_env = \"KEY\"\n",
            "[profiles.corp]\napi_key_env = \"export CORP_TOKEN=KEY\"\n",
            "[strategies.api_key]\nenv = [\"KEY\"]\n",
            "[strategies.api_key]\nenv = [\n  \"KEY\",\n]\n",
            "[strategies.sso]\ncomponent = \"sso.wasm\"\nsha256 = \"KEY\"\n",
        ]));
    }

    /// Every setting of a profile with what it can't hold.
    #[test]
    fn is_not_shown_in_a_value_of_the_wrong_type() {
        let settings = [
            "provider",
            "base_url",
            "api_key_env",
            "fallback_env",
            "auth_type",
            "headers",
            "options",
            "api_key",
        ];
        let values =
            ["[\"KEY\"]", "{ api_key = [\"KEY\"] }", "{ a = 1, b = \"KEY\" }", "[[\"KEY\"]]"];
        let mut files = Vec::new();
        for setting in settings {
            for value in values {
                files.push(format!("[profiles.corp]\n{setting} = {value}\n"));
                files.push(format!("profiles = {{ corp = {{ {setting} = {value} }} }}\n"));
            }
        }
        let texts = ["headers = \"KEY\"", "options = \"KEY\"", "fallback_env = \"KEY\""];
        files.extend(texts.map(|text| format!("[profiles.corp]\n{text}\n")));
        files.push("profiles = \"KEY\"\n".into());
        files.push("[profiles]\ncorp = \"KEY\"\n".into());
        files.push("[profiles]\ncorp = [\"KEY\"]\n".into());
        files.push("strategies = \"KEY\"\n".into());
        files.push("[strategies.api_key]\nlimits = \"KEY\"\n".into());
        files.push("[strategies.api_key]\nlimits = { deadline_ms = \"KEY\" }\n".into());
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keep_secrets_of(&with_keys(&files));
    }

    #[test]
    fn is_not_shown_where_its_quotes_are_not_closed() {
        let mut files = Vec::new();
        for quote in QUOTES {
            for end in ["", "\n", "\n[profiles.other]\n", "\\", "\"\n", "'\n"] {
                files.push(format!("[profiles.corp]\napi_key = {quote}KEY{end}"));
                files
                    .push(format!("[profiles.corp]\nheaders = {{ Authorization = {quote}KEY{end}"));
            }
        }
        // One that happens to be closed by the end is whole, and then unknown.
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keep_secrets_of(&with_keys(&files));
    }

    #[test]
    fn is_not_shown_where_it_has_lines_of_its_own() {
        let mut files = Vec::new();
        for quote in ["\"\"\"", "'''"] {
            for tail in ["", "\n", &format!("\n{quote}\n"), &format!("{quote} junk\n"), "\n = \n"] {
                files.push(format!("[profiles.corp]\napi_key = {quote}\nKEY{tail}"));
                files.push(format!("[profiles.corp]\napi_key = {quote}\n  first\n  KEY{tail}"));
                files.push(format!("[profiles.corp]\nbase_url = [{quote}\nKEY{tail}"));
            }
        }
        files.push("[profiles.corp]\napi_key = [\n  \"KEY\",\n  \"KEY\"\n".into());
        files.push("[profiles.corp]\napi_key = \"KEY\nKEY\"\n".into());
        files.push("[profiles.corp]\napi_key = \"\"\"\nbase_url = KEY \\q\n\"\"\"\n".into());
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keep_secrets_of(&with_keys(&files));
    }

    #[test]
    fn is_not_shown_in_an_inline_table() {
        keep_secrets_of(&with_keys(&[
            "profiles = { corp = { api_key = \"KEY\" } }\n",
            "profiles = { corp = { api_key = \"KEY\"\n",
            "profiles.corp = { base_url = \"https://x\", api_key = \"KEY\" }\n",
            "[profiles]\ncorp = { api_key = \"KEY\" }\n",
            "[profiles]\ncorp = { api_key = \"KEY\"\n",
            "[profiles]\ncorp = { api_key = \"KEY }\n",
            "[profiles.corp]\nheaders = { A = \"KEY\", A = \"KEY\" }\n",
            "[profiles.corp]\nheaders = { A: \"KEY\" }\n",
            "[profiles.corp]\noptions = { KEY }\n",
        ]));
    }

    #[test]
    fn is_not_shown_where_it_has_no_quotes() {
        keep_secrets_of(&with_keys(&[
            "[profiles.corp]\napi_key = KEY\n",
            "[profiles.corp]\napi_key_env = KEY\n",
            "[profiles.corp]\nheaders = { Authorization = Bearer KEY }\n",
            "[profiles.corp]\napi_key = \"\" KEY\n",
            "[profiles.corp]\napi_key =\nKEY\n",
        ]));
    }

    #[test]
    fn is_not_shown_beside_a_setting_that_may_be_shown() {
        keep_secrets_of(&with_keys(&[
            "[profiles.corp]\nprovider = \"openai\", api_key = \"KEY\"\n",
            "[profiles.corp]\nprovider = \"openai\" api_key = \"KEY\"\n",
            "[profiles.corp]\nprovider = KEY\n",
            "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1?key=KEY\n",
            "[profiles.corp]\nbase_url = \"https://user:KEY@llm.corp.example/v1\" x\n",
            "[profiles.corp]\nauth_type = \"api key\" # was KEY\n",
            "[profiles.corp]\nfallback_env = 1 # was KEY\n",
            "[profiles.corp] KEY\n",
            "[profiles.corp] # KEY\n[profiles.corp] # KEY\n",
        ]));
    }

    #[test]
    fn is_not_shown_in_what_is_no_toml_at_all() {
        keep_secrets_of(&with_keys(&[
            "KEY",
            "KEY\n",
            "\n\n  KEY  \n",
            "[profiles.corp]\nKEY\n",
            "export OPENAI_API_KEY=KEY\n",
            "OPENAI_API_KEY=KEY\n",
            "api_key: KEY\n",
            "api_key: \"KEY\"\n",
            "profiles:\n  corp:\n    api_key: KEY\n",
            "{\"profiles\": {\"corp\": {\"api_key\": \"KEY\"}}}\n",
            "{\n  \"api_key\": \"KEY\"\n}\n",
            "[profiles.corp]\napi_key \"KEY\"\n",
            "[profiles.corp]\napi_key := \"KEY\"\n",
            "[profiles.corp]\napi_key == \"KEY\"\n",
            "Authorization: Bearer KEY\n",
            "curl -H 'Authorization: Bearer KEY' https://llm.corp.example/v1?a=b\n",
        ]));
    }

    #[test]
    fn is_not_shown_by_bytes_that_are_not_unicode() {
        for key in [MISPLACED, PADDED] {
            for start in ["api_key = \"", "api_key: ", "", "base_url = \"https://x?key=", "# "] {
                let mut file = format!("[profiles.corp]\n{start}{key}").into_bytes();
                file.extend(b"\xff\xfe\n");
                let cli = cli().config(&file);
                let what = String::from_utf8_lossy(&file);
                let outcome = keeps_secrets(&cli, &["auth", "status"], &what);
                assert_eq!(outcome.status, 2, "{what}");
            }
        }
    }

    #[test]
    fn is_not_shown_where_a_good_file_is_cut_off_anywhere() {
        let good = good_config();
        for end in 0..good.len() {
            let Some(file) = good.get(..end) else { panic!("the file is ASCII") };
            keeps_secrets(&cli().config(file), &["auth", "status"], file);
        }
    }
}
