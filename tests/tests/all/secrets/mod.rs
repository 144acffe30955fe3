//! No command prints a secret: not when all is well, not in an error, not with
//! `--verbose`, and not from a file that is so broken that it is unclear what
//! in it is secret.
//!
//! Every secret here is looked for in everything that is written, stdout and
//! stderr, and so is every 8 bytes of it: a mask may show the first three and the
//! last four characters, and nothing else may show anything.
//!
//! Two things count as no secret wherever they stand, since no message could do
//! without them: the name of a key, and the name of an auth type.

mod calls;
mod homes;
mod walk;

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStringExt;

use orchestration_tests::{Cli, Outcome};

/// Variables that profiles name.
const OPENAI: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";
const GEMINI: &str = "AIzaSyD4hNw82QpXvT6cJrEk19sUgM";
const TOKEN: &str = "tok_9bYf72HsWqZ0nLx4PdVj3GmC";
/// A variable that no profile names.
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
}

/// The runs of 8 bytes of any secret that are in `text`.
fn leaks(text: &str) -> impl Iterator<Item = &'static str> {
    SECRETS
        .iter()
        .flat_map(|secret| (0..=secret.len() - 8).filter_map(|at| secret.get(at..at + 8)))
        .filter(|part| text.contains(part))
}

/// The first of them.
fn leak(text: &str) -> Option<&'static str> {
    leaks(text).next()
}

/// What is wrong with what a command wrote: a secret, or a crash, whose words
/// nobody has looked through.
fn wrong(written: &str) -> Option<String> {
    let leak = leak(written).map(|part| format!("{part:?} is shown:\n{written}"));
    leak.or_else(|| written.contains("panicked").then(|| format!("a crash:\n{written}")))
}

/// Checks that the command keeps its secrets, with and without `--verbose`.
#[track_caller]
fn keeps_secrets(cli: &Cli, arguments: &[&str]) -> Outcome {
    let outcomes = [cli.run(&[&["--verbose"], arguments].concat()), cli.run(arguments)];
    for outcome in &outcomes {
        assert_eq!(wrong(&outcome.all()), None, "{arguments:?}: {}", outcome.all());
    }
    let [_, quiet] = outcomes;
    quiet
}

/// Has commands read each of the files, and checks that none shows a secret; a
/// file that is not broken would prove nothing. Every leak is reported.
#[track_caller]
fn keep_secrets_of<F: AsRef<[u8]>>(files: &[F]) {
    let mut wrongs = Vec::new();
    for file in files {
        let cli = cli().config(file);
        for arguments in [&["-v", "auth", "status"][..], &["auth", "login", "openai"]] {
            let outcome = cli.run(arguments);
            let good = (outcome.status != 2).then(|| format!("this is not broken: {outcome:#?}"));
            if let Some(wrong) = wrong(&outcome.all()).or(good) {
                let file = String::from_utf8_lossy(file.as_ref());
                wrongs.push(format!("---- {arguments:?} reads\n{file}\n---- {wrong}"));
                break;
            }
        }
    }
    let count = wrongs.len();
    assert!(wrongs.is_empty(), "{count} of {} files:\n{}", files.len(), wrongs.join("\n"));
}

#[test]
fn the_search_for_secrets_finds_them() {
    assert_eq!(leak(&format!("error: bad key {OPENAI}")), OPENAI.get(..8));
    assert_eq!(leak("error: bad key ...N2xWOHdN..."), PADDED.get(4..12));
    assert_eq!(leak("sk-...7x2f"), None);
}

#[test]
fn results_that_cannot_be_written_show_no_secret() {
    let cli = cli().config(good_config());
    for arguments in [&["-v", "auth", "status"], &["auth", "login", "corp"][..]] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has /dev/full");
        let outcome = cli.run_into(arguments, full).exits_with(2);
        assert_eq!(leak(&outcome.all()), None, "{outcome:#?}");
    }
}

#[test]
fn a_variable_that_is_not_unicode_is_not_shown() {
    let mut bytes = OPENAI.as_bytes().to_vec();
    bytes.push(0xff);
    let key = OsString::from_vec(bytes);
    let cli = Cli::new().env("OPENAI_API_KEY", key).env("RUST_BACKTRACE", "full");
    for arguments in [&["auth", "status"][..], &["auth", "login", "openai"]] {
        let outcome = keeps_secrets(&cli, arguments);
        assert_eq!(outcome.status, 1, "{outcome:#?}");
    }
}

#[test]
fn a_secret_with_control_characters_is_not_shown_split() {
    let key = format!("\u{1b}[2J{OPENAI}\r\n{GEMINI}\u{1b}[0m");
    let cli = Cli::new().env("OPENAI_API_KEY", key);
    keeps_secrets(&cli, &["auth", "status"]);
    keeps_secrets(&cli, &["auth", "login", "openai"]);
}

mod a_key_written_into_providers_toml {
    use super::*;

    const QUOTES: [&str; 4] = ["\"", "'", "\"\"\"", "'''"];

    /// Both kinds of secret put into each of `files`, which have `SECRET` for it.
    fn with_keys(files: &[&str]) -> Vec<String> {
        let keys = [MISPLACED, PADDED];
        let put = |file: &&str| keys.map(|key| file.replace("SECRET", key));
        files.iter().flat_map(put).collect()
    }

    #[test]
    fn is_not_shown_in_an_unknown_setting() {
        keep_secrets_of(&with_keys(&[
            "api_key = \"SECRET\"\n",
            "[profiles.corp]\napi_key = \"SECRET\"\n",
            "[profiles.corp]\napi_key = 'SECRET'\n",
            "[profiles.corp]\n\"api_key\" = \"SECRET\"\n",
            "[profiles.corp]\napi_kye_env=\"SECRET\"\n",
            "profiles.corp.api_key = \"SECRET\"\n",
            "[profiles.corp.auth]\ntoken = \"SECRET\"\n",
            "[[profiles.corp]]\ntoken = \"SECRET\"\n",
            "[strategies.api_key]\ntoken = \"SECRET\"\n",
            "[profiles.corp]\napi_key = \"SECRET\"\n[profiles.corp]\napi_key = \"SECRET\"\n",
        ]));
    }

    #[test]
    fn is_not_shown_instead_of_a_variable_name() {
        keep_secrets_of(&with_keys(&[
            "[profiles.corp]\napi_key_env = \"SECRET\"\n",
            "[profiles.corp]\napi_key_env = \"export CORP_TOKEN=SECRET\"\n",
            "[strategies.api_key]\nenv = [\"SECRET\"]\n",
            "[strategies.api_key]\nenv = [\n  \"SECRET\",\n]\n",
            "[strategies.sso]\ncomponent = \"sso.wasm\"\nsha256 = \"SECRET\"\n",
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
        let values = [
            "[\"SECRET\"]",
            "{ api_key = [\"SECRET\"] }",
            "{ a = 1, b = \"SECRET\" }",
            "[[\"SECRET\"]]",
        ];
        let mut files = Vec::new();
        for setting in settings {
            for value in values {
                files.push(format!("[profiles.corp]\n{setting} = {value}\n"));
                files.push(format!("profiles = {{ corp = {{ {setting} = {value} }} }}\n"));
            }
        }
        let texts = ["headers = \"SECRET\"", "options = \"SECRET\"", "fallback_env = \"SECRET\""];
        files.extend(texts.map(|text| format!("[profiles.corp]\n{text}\n")));
        files.push("profiles = \"SECRET\"\n".into());
        files.push("[profiles]\ncorp = \"SECRET\"\n".into());
        files.push("[profiles]\ncorp = [\"SECRET\"]\n".into());
        files.push("strategies = \"SECRET\"\n".into());
        files.push("[strategies.api_key]\nlimits = \"SECRET\"\n".into());
        files.push("[strategies.api_key]\nlimits = { deadline_ms = \"SECRET\" }\n".into());
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keep_secrets_of(&with_keys(&files));
    }

    #[test]
    fn is_not_shown_if_its_quotes_are_not_closed() {
        let mut files = Vec::new();
        for quote in QUOTES {
            for end in ["", "\n", "\n[profiles.other]\n", "\\", "\"\n", "'\n"] {
                files.push(format!("[profiles.corp]\napi_key = {quote}SECRET{end}"));
                files.push(format!(
                    "[profiles.corp]\nheaders = {{ Authorization = {quote}SECRET{end}"
                ));
            }
        }
        // One that happens to be closed by its end is whole, and an unknown key.
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keep_secrets_of(&with_keys(&files));
    }

    #[test]
    fn is_not_shown_if_it_spans_lines() {
        let mut files = Vec::new();
        for quote in ["\"\"\"", "'''"] {
            for tail in ["", "\n", &format!("\n{quote}\n"), &format!("{quote} junk\n"), "\n = \n"] {
                files.push(format!("[profiles.corp]\napi_key = {quote}\nSECRET{tail}"));
                files.push(format!("[profiles.corp]\napi_key = {quote}\n  first\n  SECRET{tail}"));
                files.push(format!("[profiles.corp]\nbase_url = [{quote}\nSECRET{tail}"));
            }
        }
        files.push("[profiles.corp]\napi_key = [\n  \"SECRET\",\n  \"SECRET\"\n".into());
        files.push("[profiles.corp]\napi_key = \"SECRET\nSECRET\"\n".into());
        files.push("[profiles.corp]\napi_key = \"\"\"\nbase_url = SECRET \\q\n\"\"\"\n".into());
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keep_secrets_of(&with_keys(&files));
    }

    #[test]
    fn is_not_shown_in_an_inline_table() {
        keep_secrets_of(&with_keys(&[
            "profiles = { corp = { api_key = \"SECRET\" } }\n",
            "profiles = { corp = { api_key = \"SECRET\"\n",
            "profiles.corp = { base_url = \"https://x\", api_key = \"SECRET\" }\n",
            "[profiles]\ncorp = { api_key = \"SECRET\" }\n",
            "[profiles]\ncorp = { api_key = \"SECRET\"\n",
            "[profiles]\ncorp = { api_key = \"SECRET }\n",
            "[profiles.corp]\nheaders = { A = \"SECRET\", A = \"SECRET\" }\n",
            "[profiles.corp]\nheaders = { A: \"SECRET\" }\n",
            "[profiles.corp]\noptions = { SECRET }\n",
        ]));
    }

    #[test]
    fn is_not_shown_if_it_has_no_quotes() {
        keep_secrets_of(&with_keys(&[
            "[profiles.corp]\napi_key = SECRET\n",
            "[profiles.corp]\napi_key_env = SECRET\n",
            "[profiles.corp]\nheaders = { Authorization = Bearer SECRET }\n",
            "[profiles.corp]\napi_key = \"\" SECRET\n",
            "[profiles.corp]\napi_key =\nSECRET\n",
        ]));
    }

    #[test]
    fn is_not_shown_beside_a_setting_that_may_be_shown() {
        keep_secrets_of(&with_keys(&[
            "[profiles.corp]\nprovider = \"openai\", api_key = \"SECRET\"\n",
            "[profiles.corp]\nprovider = \"openai\" api_key = \"SECRET\"\n",
            "[profiles.corp]\nprovider = SECRET\n",
            "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1?key=SECRET\n",
            "[profiles.corp]\nbase_url = \"https://user:SECRET@llm.corp.example/v1\" x\n",
            "[profiles.corp]\nauth_type = \"api key\" # was SECRET\n",
            "[profiles.corp]\nfallback_env = 1 # was SECRET\n",
            "[profiles.corp] SECRET\n",
            "[profiles.corp] # SECRET\n[profiles.corp] # SECRET\n",
        ]));
    }

    #[test]
    fn is_not_shown_in_a_file_that_is_not_toml() {
        keep_secrets_of(&with_keys(&[
            "SECRET",
            "SECRET\n",
            "\n\n  SECRET  \n",
            "[profiles.corp]\nSECRET\n",
            "export OPENAI_API_KEY=SECRET\n",
            "OPENAI_API_KEY=SECRET\n",
            "api_key: SECRET\n",
            "api_key: \"SECRET\"\n",
            "profiles:\n  corp:\n    api_key: SECRET\n",
            "{\"profiles\": {\"corp\": {\"api_key\": \"SECRET\"}}}\n",
            "{\n  \"api_key\": \"SECRET\"\n}\n",
            "[profiles.corp]\napi_key \"SECRET\"\n",
            "[profiles.corp]\napi_key := \"SECRET\"\n",
            "[profiles.corp]\napi_key == \"SECRET\"\n",
            "Authorization: Bearer SECRET\n",
            "curl -H 'Authorization: Bearer SECRET' https://llm.corp.example/v1?a=b\n",
        ]));
    }

    #[test]
    fn is_not_shown_by_bytes_that_are_not_unicode() {
        let starts = ["api_key = \"", "api_key: ", "", "base_url = \"https://x?key=", "# "];
        let files = starts.map(|start| format!("[profiles.corp]\n{start}SECRET"));
        let files = with_keys(&files.each_ref().map(String::as_str));
        let files = files.into_iter().map(|file| [file.as_bytes(), b"\xff\xfe\n"].concat());
        keep_secrets_of(&files.collect::<Vec<_>>());
    }

    #[test]
    fn is_not_shown_if_a_good_file_is_cut_off_anywhere() {
        let good = good_config();
        let mut broken = Vec::new();
        for end in 0..good.len() {
            let file = good.get(..end).unwrap_or_default();
            // Some of them are good again, or lack the name of a variable only.
            if Cli::new().config(file).status().status == 2 {
                broken.push(file);
            }
        }
        assert!(broken.len() > 50, "that was no good file: {broken:#?}");
        keep_secrets_of(&broken);
    }
}
