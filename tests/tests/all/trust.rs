//! What `orchestration trust` shows of a project's file before the user decides.
//!
//! Promised here: the prompt is the difference from the user's own configuration, for
//! every key that a file can have; what happens to the user's keys comes first, however
//! much there is beside it; and no secret is shown.

use std::fmt::Write;

use orchestration_tests::{Cli, Outcome};

use crate::reference::known;

const FILE: &str = "clone/.orchestration/providers.toml";

/// What the prompt says to a user with `own` providers.toml in a clone with `project`.
fn prompt(own: &str, project: &str) -> String {
    prompt_in(&Cli::new().config(own), project)
}

fn prompt_in(cli: &Cli, project: &str) -> String {
    cli.file(FILE, project);
    let mut command = cli.command(&["trust"]);
    command.current_dir(cli.home().join("clone"));
    // No one can be asked, so nothing is trusted.
    Outcome::of(&mut command).exits_with(2).explains(&["stdin is not a terminal"]).stdout
}

#[track_caller]
fn has_line(text: &str, line: &str) {
    assert!(text.lines().any(|found| found.trim() == line), "no line {line:?} in:\n{text}");
}

/// The numbers of the lines with each of these texts.
#[track_caller]
fn lines_with<const N: usize>(text: &str, texts: [&str; N]) -> [usize; N] {
    texts.map(|wanted| {
        let found = text.lines().position(|line| line.contains(wanted));
        found.unwrap_or_else(|| panic!("no line with {wanted:?} in:\n{text}"))
    })
}

mod every_key {
    use super::*;

    /// A key as the user has it, as the project has it, and what the prompt says.
    struct Sample {
        own: String,
        project: String,
        says: &'static str,
    }

    fn sample(own: &str, project: &str, says: &'static str) -> Sample {
        Sample { own: own.to_owned(), project: project.to_owned(), says }
    }

    /// A key that comes without a sample has to get one here: what the prompt does not
    /// show, a stranger changes unseen.
    fn of_profile(key: &str) -> Sample {
        match key {
            "provider" => sample("\"openai\"", "\"groq\"", "provider: openai → groq"),
            "base_url" => sample(
                "\"https://a.example/v1\"",
                "\"https://b.example/v1\"",
                "base_url: https://a.example/v1 → https://b.example/v1",
            ),
            "issuer" => sample(
                "\"https://a.example\"",
                "\"https://b.example/x\"",
                "issuer: https://a.example → https://b.example/x",
            ),
            "api_key_env" => sample("\"CORP_A\"", "\"CORP_B\"", "api_key_env: CORP_A → CORP_B"),
            "api_key_file" => sample("\"/run/a\"", "\"/run/b\"", "api_key_file: /run/a → /run/b"),
            "fallback_env" => sample("false", "true", "fallback_env: false → true"),
            "auth_type" => sample("\"api_key\"", "\"sso\"", "auth_type: api_key → sso"),
            "default_model" => sample("\"a\"", "\"b\"", "default_model: a → b"),
            "allow_http" => sample("false", "true", "allow_http: false → true"),
            "timeout_seconds" => sample("60", "600", "timeout_seconds: 60 → 600"),
            "headers" => sample(
                "{ X-Org = \"one\", X-Old = \"x\" }",
                "{ X-Org = \"two\", Authorization = \"Bearer s\", X-New = \"x\" }",
                "headers: adds Authorization (replaces the key), X-New; changes X-Org; \
                 removes X-Old",
            ),
            "options" => sample(
                "{ region = \"one\", old = \"x\" }",
                "{ region = \"two\", tenant = \"x\" }",
                "options: adds tenant; changes region; removes old",
            ),
            other => panic!("no sample of profiles.x.{other}"),
        }
    }

    fn of_verify(key: &str) -> Sample {
        let verify = |more: &str, says| {
            sample("{ path = \"/a\" }", &format!("{{ path = \"/a\", {more} }}"), says)
        };
        match key {
            "path" => sample("{ path = \"/a\" }", "{ path = \"/b\" }", "verify.path: /a → /b"),
            "header" => verify("header = \"x-key\"", "verify.header: not set → x-key"),
            "valid" => verify("valid = [200, 404]", "verify.valid: 200 → 200, 404"),
            "invalid" => verify("invalid = [403]", "verify.invalid: 401 → 403"),
            other => panic!("no sample of verify.{other}"),
        }
    }

    fn of_limits(key: &str) -> &'static str {
        match key {
            "deadline_ms" => "limits.deadline_ms: 21 → 22",
            "memory_mib" => "limits.memory_mib: 21 → 22",
            "table_elements" => "limits.table_elements: 21 → 22",
            "instances" => "limits.instances: 21 → 22",
            "stack_kib" => "limits.stack_kib: 21 → 22",
            "returned_bytes" => "limits.returned_bytes: 21 → 22",
            "returned_entries" => "limits.returned_entries: 21 → 22",
            "hostcall_bytes" => "limits.hostcall_bytes: 21 → 22",
            "http_ms" => "limits.http_ms: 21 → 22",
            "http_requests" => "limits.http_requests: 21 → 22",
            "log_bytes" => "limits.log_bytes: 21 → 22",
            "component_mib" => "limits.component_mib: 21 → 22",
            "compile_seconds" => "limits.compile_seconds: 21 → 22",
            "compile_mib" => "limits.compile_mib: 21 → 22",
            other => panic!("no sample of limits.{other}"),
        }
    }

    #[test]
    fn of_a_profile_is_named_with_what_it_was_and_what_it_becomes() {
        for key in known("profiles.x") {
            if key == "verify" {
                continue;
            }
            let Sample { own, project, says } = of_profile(&key);
            let table = |value: &str| format!("[profiles.corp]\n{key} = {value}\n");
            has_line(&prompt(&table(&own), &table(&project)), says);
        }
        for key in known("profiles.x.verify") {
            let Sample { own, project, says } = of_verify(&key);
            let table = |value: &str| format!("[profiles.corp]\nverify = {value}\n");
            has_line(&prompt(&table(&own), &table(&project)), says);
        }
    }

    #[test]
    fn of_a_strategy_is_named_with_what_it_was_and_what_it_becomes() {
        let table = |component: &str, digit: &str, more: &str| {
            let sha256 = digit.repeat(64);
            format!("[strategies.sso]\ncomponent = \"/{component}\"\nsha256 = \"{sha256}\"\n{more}")
        };
        let same = |more: &str| table("a.wasm", "1", more);
        for key in known("strategies.x") {
            let (own, project, says) = match key.as_str() {
                "component" => {
                    (same(""), table("b.wasm", "1", ""), "component: /a.wasm → /b.wasm".to_owned())
                }
                "sha256" => {
                    let says = format!("sha256: {} → {}", "1".repeat(64), "2".repeat(64));
                    (same(""), table("a.wasm", "2", ""), says)
                }
                "env" => {
                    let says = "env: adds CORP_B; removes CORP_A".to_owned();
                    (same("env = [\"CORP_A\"]"), same("env = [\"CORP_B\"]"), says)
                }
                "files" => {
                    let says = "files: adds /run/b; removes /run/a".to_owned();
                    (same("files = [\"/run/a\"]"), same("files = [\"/run/b\"]"), says)
                }
                "origins" => {
                    let says = "origins: adds https://b.example; removes https://a.example";
                    let origins = |host| same(&format!("origins = [\"https://{host}.example\"]"));
                    (origins("a"), origins("b"), says.to_owned())
                }
                "readable" => {
                    let says = "readable: adds /b; removes /a".to_owned();
                    (same("readable = [\"/a\"]"), same("readable = [\"/b\"]"), says)
                }
                "reveal" => (
                    same("reveal = false"),
                    same("reveal = true"),
                    "reveal: false → true".to_owned(),
                ),
                // Below.
                "limits" => continue,
                other => panic!("no sample of strategies.x.{other}"),
            };
            has_line(&prompt(&own, &project), &says);
        }
        for key in known("strategies.x.limits") {
            let limits = |value| same(&format!("limits = {{ {key} = {value} }}\n"));
            has_line(&prompt(&limits(21), &limits(22)), of_limits(&key));
        }
    }

    #[test]
    fn of_a_profile_that_is_new_is_compared_with_its_default() {
        let shown = prompt("", "[profiles.corp]\nallow_http = true\ntimeout_seconds = 7\n");
        has_line(&shown, "allow_http: false → true");
        has_line(&shown, "timeout_seconds: 120 → 7");
        assert!(!shown.contains("auth_type"), "{shown}");
    }
}

mod a_key_of_the_user {
    use super::*;

    #[test]
    fn is_named_though_only_the_user_s_file_names_it() {
        let own = "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1\"\n\
                   api_key_env = \"CORP_TOKEN\"\n";
        let shown = prompt(own, "[profiles.corp]\nbase_url = \"https://evil.example/v1\"\n");
        let line = "corp: sends CORP_TOKEN, or else OPENAI_API_KEY, to https://evil.example/v1";
        assert!(shown.contains(line), "{shown}");
        has_line(&shown, "base_url: https://llm.corp.example/v1 → https://evil.example/v1");
    }

    #[test]
    fn that_the_user_kept_from_falling_back_is_named_if_the_project_lets_it() {
        let own = "[profiles.openrouter]\nfallback_env = false\n";
        let shown = prompt(own, "[profiles.openrouter]\nfallback_env = true\n");
        let line = "openrouter: sends OPENROUTER_API_KEY, or else OPENAI_API_KEY, to \
                    https://openrouter.ai/api/v1";
        assert!(shown.contains(line), "{shown}");
    }

    #[test]
    fn that_the_user_s_own_strategy_finds_is_named_if_a_new_profile_takes_it() {
        let own = format!(
            "[strategies.sso]\ncomponent = \"/sso.wasm\"\nsha256 = \"{}\"\n\
             env = [\"CORP_CLIENT_SECRET\"]\n",
            "1".repeat(64)
        );
        let project = "[profiles.x]\nauth_type = \"sso\"\nbase_url = \"https://evil.example\"\n";
        let shown = prompt(&own, project);
        let line = "x: sends its strategy's credential to https://evil.example, by way of sso, \
                    whose strategy may read CORP_CLIENT_SECRET (new)";
        assert!(shown.contains(line), "{shown}");
    }

    #[test]
    fn is_read_by_a_replaced_strategy_which_is_named_with_its_profiles() {
        let strategy = |path: &str, digit: &str| {
            let sha256 = digit.repeat(64);
            format!("[strategies.sso]\ncomponent = \"{path}\"\nsha256 = \"{sha256}\"\n")
        };
        let own = "[profiles.corp]\nauth_type = \"sso\"\napi_key_env = \"CORP_TOKEN\"\n".to_owned();
        let shown = prompt(&(own + &strategy("/sso.wasm", "1")), &strategy("sso.wasm", "2"));
        assert!(shown.contains("used by corp"), "{shown}");
        assert!(shown.contains("component: /sso.wasm → "), "{shown}");
    }

    #[test]
    fn is_not_named_for_a_profile_that_needs_none() {
        let project =
            "[profiles.gpu]\nauth_type = \"none\"\nbase_url = \"http://192.168.1.20:11434\"\n";
        let shown = prompt("", project);
        assert!(shown.contains("gpu: sends no key to http://192.168.1.20:11434"), "{shown}");
    }

    #[test]
    fn goes_to_the_host_of_another_provider_if_the_project_names_that() {
        let shown = prompt("", "[profiles.openai]\nprovider = \"groq\"\n");
        has_line(&shown, "base_url: https://api.openai.com/v1 → https://api.groq.com/openai/v1");
    }
}

mod a_file_without_end {
    use super::*;

    /// Two screens of a large terminal.
    const SCREENS: usize = 100;

    fn harmless(count: usize) -> String {
        (0..count).fold(String::new(), |mut text, number| {
            let _ =
                writeln!(text, "[profiles.a{number}]\nbase_url = \"https://a{number}.example\"");
            text
        })
    }

    #[test]
    fn does_not_hide_what_happens_to_the_user_s_own_profile() {
        let own = "[profiles.zz]\napi_key_env = \"CORP_TOKEN\"\n";
        let danger = "[profiles.zz]\nbase_url = \"https://evil.example/v1\"\n";
        let shown = prompt(own, &(harmless(5000) + danger));
        assert!(shown.lines().count() < SCREENS, "{shown}");
        let [redirected, first] = lines_with(&shown, ["https://evil.example/v1", "a0: sends"]);
        assert!(redirected < first, "{shown}");
        has_line(&shown, "and 4992 more profiles, to 4992 URLs");
    }

    #[test]
    fn does_not_hide_a_variable_that_is_set() {
        let danger = "[profiles.zz]\nbase_url = \"https://evil.example/v1\"\n\
                      api_key_env = \"AWS_SECRET_ACCESS_KEY\"\n";
        let cli = Cli::new()
            .env("AWS_SECRET_ACCESS_KEY", "aws-0123456789")
            .env("OPENAI_API_KEY", "sk-proj-abcdefgh7x2f");
        let shown = prompt_in(&cli, &(harmless(5000) + danger));
        let [danger, first] = lines_with(&shown, ["zz: sends AWS_SECRET_ACCESS_KEY", "a0: sends"]);
        assert!(danger < first, "{shown}");
    }

    #[test]
    fn does_not_hide_one_variable_behind_many_profiles_for_another() {
        let decoys = (0..5000).fold(String::new(), |mut text, number| {
            let _ = writeln!(
                text,
                "[profiles.a{number}]\nbase_url = \"https://a{number}.example\"\n\
                 api_key_env = \"OPENAI_API_KEY\""
            );
            text
        });
        let danger = "[profiles.zz]\nbase_url = \"https://evil.example/v1\"\n\
                      api_key_env = \"AWS_SECRET_ACCESS_KEY\"\n";
        let cli = Cli::new()
            .env("AWS_SECRET_ACCESS_KEY", "aws-0123456789")
            .env("OPENAI_API_KEY", "sk-proj-abcdefgh7x2f");
        let shown = prompt_in(&cli, &(decoys + danger));
        lines_with(&shown, ["zz: sends AWS_SECRET_ACCESS_KEY", "Not all of it is shown"]);
    }

    #[test]
    fn does_not_hide_code_or_what_it_may_read() {
        let names = (0..2000).map(|number| format!("\"A{number}\", ")).collect::<String>();
        let code = format!(
            "[strategies.zz]\ncomponent = \"zz.wasm\"\nsha256 = \"{}\"\n\
             env = [{names}\"AWS_SECRET_ACCESS_KEY\"]\n",
            "1".repeat(64)
        );
        let cli = Cli::new().env("AWS_SECRET_ACCESS_KEY", "aws-0123456789");
        let shown = prompt_in(&cli, &(harmless(5000) + &code));
        assert!(shown.lines().count() < SCREENS, "{shown}");
        let [code, first] = lines_with(&shown, ["may read AWS_SECRET_ACCESS_KEY, A0", "a0: sends"]);
        assert!(code < first, "{shown}");
        assert!(shown.contains(" and 1989 more"), "{shown}");
    }

    #[test]
    fn does_not_hide_the_header_that_replaces_the_key() {
        let headers = (0..500).map(|number| format!("A{number} = \"x\"\n")).collect::<String>();
        let headers = format!("[profiles.openai.headers]\n{headers}authorization = \"Bearer s\"\n");
        let shown = prompt("", &headers);
        assert!(shown.contains("adds authorization (replaces the key), A0, "), "{shown}");
        assert!(shown.contains(" and 489 more"), "{shown}");
    }

    #[test]
    fn of_one_text_is_cut() {
        let url = format!("https://evil.example/{}", "x".repeat(4000));
        for (key, value) in [("default_model", "x".repeat(15 << 20)), ("base_url", url)] {
            let shown = prompt("", &format!("[profiles.openai]\n{key} = \"{value}\"\n"));
            assert!(shown.contains(&format!("{key}: ")), "{key}");
            assert!(shown.len() < 4096, "{key}: {} bytes", shown.len());
        }
    }

    #[test]
    fn never_cuts_the_end_of_a_host() {
        let host = format!("api.openai.com.{}evil.example", "a.".repeat(110));
        let path = "x".repeat(3000);
        let project = format!("[profiles.openai]\nbase_url = \"https://{host}/{path}\"\n");
        let shown = prompt("", &project);
        assert!(shown.contains("a.evil.example/"), "{shown}");
    }
}

#[test]
fn no_secret_is_shown() {
    let own = "[profiles.corp]\nbase_url = \"https://me:SECRET-1@a.example/v1\"\n\
               headers = { X-Key = \"SECRET-2\" }\noptions = { token = \"SECRET-3\" }\n";
    let project = "[profiles.corp]\nbase_url = \"https://me:SECRET-4@b.example/v1\"\n\
                   headers = { X-Key = \"SECRET-5\" }\noptions = { token = \"SECRET-6\" }\n";
    let shown = prompt(own, project);
    lines_with(&shown, ["headers: changes X-Key", "options: changes token"]);
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn what_the_user_has_already_is_no_change() {
    let same = "[profiles.corp]\nbase_url = \"https://a.example/v1\"\n";
    assert!(prompt(same, same).ends_with("It changes nothing.\n"));
    let shown = prompt("", "[profiles.openai]\nbase_url = \"https://api.openai.com/v1\"\n");
    assert!(shown.ends_with("It changes nothing.\n"), "{shown}");
}

#[test]
fn a_mistake_in_the_user_s_own_file_is_reported_as_such() {
    let cli = Cli::new().config("[profiles.corp]\nbas_url = 1\n");
    cli.file(FILE, "[profiles.corp]\n");
    let mut command = cli.command(&["trust", "--yes"]);
    let outcome = Outcome::of(command.current_dir(cli.home().join("clone"))).exits_with(2);
    outcome.explains(&[".config/orchestration/providers.toml", "unknown key 'bas_url'"]);
}
