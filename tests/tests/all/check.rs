//! `auth check`: a gate for pipelines.
//!
//! Promised here: it passes only if every profile is valid, for as long as was
//! asked; each report is one that the tools of others can read; and a policy
//! refuses what is not written down.

use std::time::{SystemTime, UNIX_EPOCH};

use orchestration_tests::guest::{self, Answer, Guest};
use orchestration_tests::server::{Server, status};
use orchestration_tests::{Cli, Outcome};
use serde_json::Value;

use crate::documented::formats;

const KEY: &str = "sk-proj-abcdefgh7x2f";

fn one_key() -> Cli {
    Cli::new().env("OPENAI_API_KEY", KEY)
}

fn check(cli: &Cli, more: &[&str]) -> Outcome {
    cli.run(&[&["auth", "check"], more].concat())
}

/// A home with a profile `corp` whose credential ends in so many seconds.
fn ends_in(seconds: u64) -> Cli {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    let answer = Answer { expires_at: Some(now + seconds), ..Answer::default() };
    home(Guest::new().answers(&answer))
}

fn home(guest: Guest) -> Cli {
    let component = guest.build();
    let cli = one_key().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    cli
}

mod passes {
    use super::*;

    #[test]
    fn only_if_every_profile_is_valid() {
        let outcome = check(&one_key(), &[]).exits_with(1);
        assert!(outcome.stdout.ends_with("4 profiles: 2 missing, 2 valid\n"), "{}", outcome.stdout);
        outcome.explains(&["profile 'gemini': GEMINI_API_KEY is not set", "export"]);
        let all = one_key().env("OPENROUTER_API_KEY", KEY).env("GEMINI_API_KEY", KEY);
        let outcome = check(&all, &[]).exits_with(0);
        assert_eq!(outcome.stderr, "");
    }

    #[test]
    fn the_named_profiles_whatever_the_status_of_others() {
        check(&one_key(), &["openai", "local"]).exits_with(0);
        check(&one_key(), &["openai", "gemini"]).exits_with(1);
        let outcome = check(&one_key(), &["openia"]).exits_with(2);
        outcome.explains(&["'openia' not found", "did you mean 'openai'?"]);
    }

    #[test]
    fn missing_credentials_only_if_allowed() {
        let outcome = check(&one_key(), &["--allow-missing"]).exits_with(0);
        assert_eq!(outcome.stderr, "");
        let invalid = home(Guest::new().fails(2, b"no good", None));
        check(&invalid, &["--allow-missing"]).exits_with(1);
    }

    #[test]
    fn nothing_if_a_strategy_fails() {
        let failing = home(Guest::new().get("unreachable"));
        check(&failing, &["corp"]).exits_with(3).explains(&["'corp'", "crashed"]);
    }

    #[test]
    fn credentials_that_last_long_enough() {
        let corp = |required| ["corp", "--require-expiry", required];
        check(&ends_in(7200), &corp("1h")).exits_with(0);
        let outcome = check(&ends_in(7200), &corp("24h")).exits_with(1);
        outcome.explains(&["profile 'corp'", "expires in 1h 59m", "1day"]);
        // An unknown expiry is none.
        check(&one_key(), &["openai", "--require-expiry", "24h"]).exits_with(0);
        check(&one_key(), &["--require-expiry", "soon"]).exits_with(2);
    }
}

mod asks_the_provider_too {
    use super::*;

    /// `corp`, whose provider is a server on this machine that answers so.
    fn served(line: &str) -> (Cli, Server) {
        let server = Server::new(status(line, &[("content-type", "application/json")], "{}"));
        let profile = format!(
            "[profiles.corp]\nbase_url = \"{}\"\napi_key_env = \"CORP_TOKEN\"\n\
             verify = {{ path = \"/me\" }}\n",
            server.url()
        );
        (Cli::new().env("CORP_TOKEN", "corp-0123456789").config(profile), server)
    }

    #[test]
    fn and_fails_what_it_rejects_or_does_not_confirm() {
        for (line, exit, problem) in [
            ("200 OK", 0, ""),
            ("401 Unauthorized", 1, "invalid"),
            ("500 Internal Server Error", 4, "not_verified"),
        ] {
            let (cli, _server) = served(line);
            check(&cli, &["corp"]).exits_with(0);
            let format = ["corp", "--verify", "--format", "github"];
            let outcome = check(&cli, &format).exits_with(exit);
            let title = format!("title=corp%3A {problem}::");
            assert_eq!(outcome.stdout.contains(&title), exit != 0, "{}", outcome.stdout);
        }
    }
}

mod a_report_can_be_read {
    use super::*;

    /// A profile of each kind: valid, missing, invalid, error, and one whose
    /// strategy says what no format should be confused by.
    fn of_every_kind() -> Cli {
        let component = Guest::new().fails(2, HOSTILE, Some(HOSTILE)).build();
        let lines = guest::lines("corp", &component, "", "");
        let cli = one_key().config(format!("[profiles.bad]\nauth_type = \"nope\"\n{lines}"));
        cli.file(".config/orchestration/corp.wasm", component);
        cli
    }

    const HOSTILE: &[u8] =
        b"]]></failure>\n::set-output name=x::y\r%0A<!--&amp;\"'\x1b[31m\x00\xef\xbf\xbf";

    #[test]
    fn as_junit() {
        let outcome = check(&of_every_kind(), &["--format", "junit"]).exits_with(3);
        assert_eq!(outcome.stderr, "");
        let suites = junit_parser::from_reader(outcome.stdout.as_bytes()).expect("it is JUnit");
        let [suite] = suites.suites.as_slice() else { unreachable!("{suites:?}") };
        assert_eq!((suite.tests, suite.failures, suite.errors), (6, 3, 1));
        let case = |name: &str| {
            suite.cases.iter().find(|case| case.original_name == name).expect("a case")
        };
        assert!(case("openai").status.is_success());
        assert!(case("gemini").status.is_failure() && case("corp").status.is_failure());
        assert!(case("bad").status.is_error());
        assert_eq!(case("gemini").classname.as_deref(), Some("api_key"));
        let text = format!("{:?}", case("gemini").status);
        assert!(text.contains("GEMINI_API_KEY is not set") && text.contains("export"), "{text}");
        let skipped = check(&one_key(), &["--format", "junit", "--allow-missing"]).exits_with(0);
        let suites = junit_parser::from_reader(skipped.stdout.as_bytes()).expect("it is JUnit");
        assert_eq!(suites.suites[0].skipped, 2);
    }

    #[test]
    fn as_sarif() {
        // As OASIS published it, but for a bracket that no other one opens.
        let schema = include_str!("../../schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}$");
        let schema = serde_json::from_str(&schema).expect("the schema is JSON");
        let schema = jsonschema::validator_for(&schema).expect("the schema is one");
        for (cli, more, status) in [
            (of_every_kind(), &[][..], 3),
            (one_key(), &["--allow-missing"], 0),
            (Cli::new().config("[profiles.corp]\nbas_url = \"\"\n"), &[], 2),
        ] {
            let arguments = [&["--format", "sarif"], more].concat();
            let outcome = check(&cli, &arguments).exits_with(status);
            let log: Value = serde_json::from_str(&outcome.stdout).expect("it is JSON");
            let errors: Vec<_> = schema.iter_errors(&log).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:#?}\n{}", outcome.stdout);
        }
    }

    #[test]
    fn as_sarif_that_points_at_the_line() {
        let outcome = check(&of_every_kind(), &["--format", "sarif"]).exits_with(3);
        let log: Value = serde_json::from_str(&outcome.stdout).expect("it is JSON");
        let results = log["runs"][0]["results"].as_array().expect("there are results");
        let rules: Vec<_> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
        assert_eq!(rules, ["unsupported", "invalid", "missing", "missing"]);
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"], 1);
        // The command ran at home, so that is where the path starts.
        let uri = &place["artifactLocation"]["uri"];
        assert_eq!(uri, ".config/orchestration/providers.toml");
    }

    #[test]
    fn as_annotations_of_github() {
        let outcome = check(&of_every_kind(), &["--format", "github"]).exits_with(3);
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        let commands = lines.iter().filter(|line| line.starts_with("::"));
        assert!(commands.clone().all(|line| line.starts_with("::error ")), "{lines:#?}");
        assert_eq!(commands.count(), 4, "{lines:#?}");
        assert_eq!(lines.last(), Some(&"6 profiles: 1 error, 1 invalid, 2 missing, 2 valid"));
        assert!(lines[0].contains(",line=1,title=bad%3A unsupported::"), "{}", lines[0]);
        let available = "%0Aavailable auth types: api_key, corp, federated, none, oidc, \
            openrouter, service_account";
        assert!(lines[0].ends_with(available), "{}", lines[0]);
        let outcome = check(&one_key(), &["--format", "github", "--allow-missing"]).exits_with(0);
        assert_eq!(outcome.stdout.matches("::warning ").count(), 2, "{}", outcome.stdout);
    }

    #[test]
    fn even_if_nothing_could_be_checked() {
        let cli = Cli::new().config("\n[profiles.corp]\nbas_url = \"\"\n");
        let junit = check(&cli, &["--format", "junit"]).exits_with(2);
        let suites = junit_parser::from_reader(junit.stdout.as_bytes()).expect("it is JUnit");
        assert_eq!(suites.suites[0].errors, 1);
        let github = check(&cli, &["--format", "github"]).exits_with(2);
        assert!(github.stdout.starts_with("::error file="), "{}", github.stdout);
        assert!(github.stdout.contains("line=3"), "{}", github.stdout);
        github.explains(&["unknown key 'bas_url'"]);
    }
}

mod a_policy {
    use super::*;

    const CORP: &str = "[profiles.corp]\napi_key_env = \"OPENAI_API_KEY\"\n";

    #[test]
    fn locked_fails_profiles_that_are_not_in_the_file() {
        let cli = one_key().config(CORP);
        check(&cli, &["corp", "--locked"]).exits_with(0);
        let outcome = check(&cli, &["openai", "--locked"]).exits_with(2);
        outcome.explains(&["'openai'", "--locked", "orchestration profile add openai"]);
        let outcome = check(&cli, &["--locked"]).exits_with(2);
        assert_eq!(outcome.stdout, "");
    }

    #[test]
    fn no_builtin_profiles_skips_the_built_in_profiles() {
        let cli = one_key().config(CORP);
        let outcome = check(&cli, &["--no-builtin-profiles", "--locked"]).exits_with(0);
        assert!(outcome.stdout.ends_with("1 profile: 1 valid\n"), "{}", outcome.stdout);
        let outcome = check(&cli, &["openai", "--no-builtin-profiles"]).exits_with(2);
        outcome.explains(&["'openai'", "built in"]);
        // Nothing checked is nothing proved.
        let outcome = check(&one_key(), &["--no-builtin-profiles"]).exits_with(2);
        outcome.explains(&["no profile to check"]);
    }

    #[test]
    fn offline_sends_no_request() {
        check(&one_key(), &["openai", "--offline"]).exits_with(0);
        let outcome = check(&one_key(), &["openai", "--offline", "--verify"]).exits_with(2);
        outcome.explains(&["--offline", "--verify"]);
    }

    #[test]
    fn no_strategy_runs_without_its_digest() {
        let component = Guest::new().build();
        let lines = guest::lines("corp", &component, "", "");
        let unpinned: String = lines
            .lines()
            .filter(|line| !line.starts_with("sha256"))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_ne!(unpinned, lines);
        let cli = Cli::new().config(unpinned);
        cli.file(".config/orchestration/corp.wasm", component);
        check(&cli, &["corp", "--locked"]).exits_with(2).explains(&["needs its sha256"]);
    }
}

mod names_the_file {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    const CONFIG: &str = "repo/services/api/providers.toml";

    /// A repository with a file of profiles in a directory below.
    fn repository() -> Cli {
        let cli = Cli::new();
        cli.file(CONFIG, "[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n");
        cli
    }

    /// Checks what GitHub and SARIF get, run in `directory` of the home.
    #[track_caller]
    fn names(cli: &Cli, directory: &str, config: &str, expected: &str) {
        let report = |format| {
            let arguments = ["--config", config, "auth", "check", "corp", "--format", format];
            let mut command = cli.command(&arguments);
            Outcome::of(command.current_dir(cli.home().join(directory))).exits_with(1).stdout
        };
        let github = report("github");
        assert!(github.starts_with(&format!("::error file={expected},line=1,")), "{github}");
        let sarif: Value = serde_json::from_str(&report("sarif")).expect("SARIF is JSON");
        let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], expected);
    }

    #[test]
    fn without_what_would_control_a_terminal() {
        for odd in
            ["\u{1b}[2J", "\u{9b}2J", "\u{1b}]52;c;eA==\u{7}", "\u{202e}", "\n::stop::", "  "]
        {
            let cli = Cli::new();
            let file = format!("a{odd}b/providers.toml");
            cli.file(&file, "[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n");
            for format in &formats(&["auth", "check"]) {
                let arguments = ["--config", &file, "auth", "check", "corp", "--format", format];
                let shown = cli.run(&arguments).exits_with(1).all();
                assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
                assert!(!shown.contains(['\u{202e}']) && !shown.contains("a  b"), "{shown:?}");
                assert!(!shown.contains("%1B") && !shown.contains("%E2%80%AE"), "{shown:?}");
                assert!(!shown.lines().any(|line| line.starts_with("::stop")), "{shown:?}");
            }
        }
    }

    #[test]
    fn relative_to_the_directory_with_git() {
        let cli = repository();
        fs::create_dir(cli.home().join("repo/.git")).expect("a directory can be made");
        let expected = "services/api/providers.toml";
        names(&cli, "repo/services/api", "providers.toml", expected);
        names(&cli, "repo/services/api", "./../api/providers.toml", expected);
        names(&cli, "repo", "services/api/providers.toml", expected);
        cli.file("repo/tools/x", "");
        names(&cli, "repo/tools", "../services/api/providers.toml", expected);
    }

    #[test]
    fn relative_to_a_worktree_whose_git_is_a_file() {
        let cli = repository();
        cli.file("repo/.git", "gitdir: elsewhere\n");
        names(&cli, "repo/services", "api/providers.toml", "services/api/providers.toml");
    }

    #[test]
    fn relative_to_what_the_ci_system_names() {
        for variable in ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"] {
            let cli = repository();
            let root = cli.home().join("repo");
            let cli = cli.env(variable, root);
            names(&cli, "repo/services/api", "providers.toml", "services/api/providers.toml");
        }
    }

    #[test]
    fn relative_to_a_root_that_is_reached_by_a_link() {
        let cli = repository();
        let link = cli.home().join("link");
        symlink(cli.home().join("repo"), &link).expect("a link can be made");
        let cli = cli.env("GITHUB_WORKSPACE", link);
        names(&cli, "repo/services/api", "providers.toml", "services/api/providers.toml");
    }

    #[test]
    fn relative_to_the_current_directory_without_a_repository() {
        names(&repository(), "repo/services", "api/providers.toml", "api/providers.toml");
    }
}
