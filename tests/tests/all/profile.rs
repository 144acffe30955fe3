//! `orchestration profile`: profiles, seen and changed from the command line.
//!
//! Promised here: what is added can be used at once; everything else in the file
//! stays as it was, comments too; on any mistake the file is left alone; and no
//! key gets into it or out of it.

use std::fs;

use orchestration_runtime::PROVIDERS;
use orchestration_tests::{Cli, Outcome};

const CONFIG: &str = ".config/orchestration/providers.toml";

const COMMENTED: &str = "\
# All of ours.

# The proxy of the search team.
[profiles.search]
base_url = \"https://llm.corp.example/v1\"   # not the old one
api_key_env = 'SEARCH_TOKEN'

[profiles.openrouter] # built in
fallback_env = false
";

fn profile(cli: &Cli, more: &[&str]) -> Outcome {
    cli.run(&[&["profile"], more].concat())
}

fn text(cli: &Cli) -> String {
    fs::read_to_string(cli.home().join(CONFIG)).unwrap_or_default()
}

mod add {
    use super::*;

    #[test]
    fn writes_a_profile_that_can_be_used_at_once() {
        let cli = Cli::new().env("CORP_TOKEN", "corp-0123456789");
        let url = "https://llm.corp.example/v1";
        profile(&cli, &["add", "corp", "--base-url", url, "--api-key-env", "CORP_TOKEN"])
            .exits_with(0);
        cli.login("corp").exits_with(0);
        let shown = profile(&cli, &["show", "corp"]).exits_with(0);
        assert_eq!(shown.row("base_url").get(1), Some(&url));
    }

    #[test]
    fn leaves_everything_else_as_it_was() {
        let cli = Cli::new().config(COMMENTED);
        profile(&cli, &["add", "--preset", "groq"]).exits_with(0);
        let text = text(&cli);
        assert!(text.starts_with(COMMENTED), "{text}");
        assert!(text.contains("[profiles.groq]"), "{text}");
    }

    #[test]
    fn knows_providers_by_their_presets() {
        for provider in PROVIDERS.iter().filter(|provider| provider.preset.is_some()) {
            let preset = provider.preset.expect("it has one");
            let cli = Cli::new();
            let mut added = vec!["add", "--preset", preset];
            if provider.base_url.contains("RESOURCE") {
                // Each customer has another one.
                added.extend(["--base-url", "https://own.openai.azure.com/openai/v1"]);
            }
            profile(&cli, &added).exits_with(0);
            if provider.base_url.starts_with("http://localhost") {
                cli.login(preset).exits_with(0);
                continue;
            }
            let variable = provider.variable().expect("it needs a key");
            cli.login(preset).exits_with(1);
            // No one sends OpenAI's key there unasked.
            let shown = profile(&cli, &["show", preset]).exits_with(0);
            assert_eq!(shown.row("fallback_env").get(1), Some(&"false"), "{preset}");
            cli.env(variable, "key-0123456789").login(preset).exits_with(0);
        }
    }

    #[test]
    fn of_anthropic_says_where_a_key_is_made_and_that_agents_cannot_talk_to_it() {
        let cli = Cli::new();
        let outcome = profile(&cli, &["add", "--preset", "anthropic"]).exits_with(0);
        let page = "Make a key at: https://platform.claude.com/settings/keys";
        assert!(outcome.stdout.contains(page), "{}", outcome.stdout);
        let shown = profile(&cli, &["show", "anthropic"]).exits_with(0);
        assert_eq!(shown.row("base_url").get(1), Some(&"https://api.anthropic.com"));
        let cli = cli.env("ANTHROPIC_API_KEY", "sk-ant-0123456789");
        let outcome = cli.run(&["spawn", "--profile", "anthropic", "--model", "m", "Hi"]);
        let outcome = outcome.exits_with(2);
        assert!(outcome.stderr.contains("unknown provider 'anthropic'"), "{}", outcome.stderr);
    }

    #[test]
    fn writes_a_profile_that_needs_no_key() {
        let url = "http://192.168.1.20:11434/v1";
        let custom = ["add", "gpu", "--base-url", url, "--auth-type", "none"];
        // The variable of a preset is left out.
        let preset = ["add", "gpu", "--preset", "groq", "--auth-type", "none"];
        for arguments in [&custom[..], &preset[..]] {
            let cli = Cli::new();
            let outcome = profile(&cli, arguments).exits_with(0);
            assert!(!outcome.stdout.contains("Set its key"), "{}", outcome.stdout);
            let row = ["gpu", "none", "✓ valid", "(no auth needed)"];
            assert_eq!(cli.status().exits_with(0).row("gpu"), row);
        }
        let cli = Cli::new().config(COMMENTED);
        let outcome = profile(&cli, &[&custom[..], &["--api-key-env", "GPU_KEY"]].concat());
        outcome.exits_with(2).explains(&["--auth-type none", "--api-key-env"]);
        assert_eq!(text(&cli), COMMENTED);
    }

    #[test]
    fn takes_a_preset_under_another_name_and_with_another_variable() {
        let cli = Cli::new().env("FAST_KEY", "key-0123456789");
        profile(&cli, &["add", "fast", "--preset", "groq", "--api-key-env", "FAST_KEY"])
            .exits_with(0);
        cli.login("fast").exits_with(0);
    }

    #[test]
    fn refuses_a_key_instead_of_a_name_and_does_not_print_it() {
        let key = "sk-proj-abcdefgh7x2f";
        let cli = Cli::new().config(COMMENTED);
        let outcome = profile(&cli, &["add", "corp", "--api-key-env", key]).exits_with(2);
        assert!(!outcome.all().contains("sk-proj"), "{outcome:#?}");
        outcome.explains(&["name of the variable", "never the key"]);
        assert_eq!(text(&cli), COMMENTED);
    }

    #[test]
    fn never_replaces_a_profile() {
        let cli = Cli::new().config(COMMENTED);
        let outcome = profile(&cli, &["add", "search", "--preset", "groq"]).exits_with(2);
        outcome.explains(&["'search' is already in", "profile edit"]);
        profile(&cli, &["add", "no good"]).exits_with(2).explains(&["a profile's name"]);
        assert_eq!(text(&cli), COMMENTED);
    }

    #[test]
    fn needs_a_name_or_a_preset() {
        profile(&Cli::new(), &["add"]).exits_with(2).explains(&["<NAME>"]);
        let outcome = profile(&Cli::new(), &["add", "--preset", "grok"]).exits_with(2);
        outcome.explains(&["'grok'", "'groq'"]);
    }
}

mod remove {
    use super::*;

    #[test]
    fn removes_only_the_profile_and_its_comment() {
        let cli = Cli::new().config(COMMENTED);
        profile(&cli, &["remove", "search"]).exits_with(0);
        let left = "# All of ours.\n\n[profiles.openrouter] # built in\nfallback_env = false\n";
        assert_eq!(text(&cli), left);
    }

    #[test]
    fn of_changes_to_a_built_in_profile_restores_its_defaults() {
        let cli = Cli::new().config(COMMENTED);
        let outcome = profile(&cli, &["remove", "openrouter"]).exits_with(0);
        assert!(outcome.stdout.contains("built-in values"), "{}", outcome.stdout);
        let shown = profile(&cli, &["show", "openrouter"]).exits_with(0);
        assert_eq!(shown.row("fallback_env"), ["fallback_env", "true", "default"]);
    }

    #[test]
    fn of_an_unknown_profile_lists_the_known_ones() {
        let cli = Cli::new().config(COMMENTED);
        let outcome = profile(&cli, &["remove", "serch"]).exits_with(2);
        outcome.explains(&["no profile 'serch'", "did you mean 'search'?", "openrouter"]);
        profile(&cli, &["remove", "openai"]).exits_with(2).explains(&["no profile 'openai'"]);
        assert_eq!(text(&cli), COMMENTED);
    }
}

mod show {
    use super::*;

    #[test]
    fn says_where_each_value_comes_from() {
        let cli = Cli::new().config(COMMENTED);
        let shown = profile(&cli, &["show", "openrouter"]).exits_with(0);
        let from = |key| shown.row(key).last().copied().unwrap_or_default();
        assert_eq!(from("base_url"), "built in");
        assert_eq!(from("auth_type"), "default");
        assert!(from("fallback_env").ends_with("providers.toml:8"), "{}", shown.stdout);
        assert_eq!(shown.row("headers").get(1), Some(&"HTTP-Referer, X-Title"));
    }

    #[test]
    fn and_list_show_no_value_that_may_be_a_secret() {
        let cli = Cli::new().config(
            "[profiles.corp]\nbase_url = \"https://user:hunter22@llm.corp.example/v1?a=b@c\"\n\
             headers = { X-Key = \"hunter22\" }\noptions = { password = \"hunter22\" }\n",
        );
        for command in [&["show", "corp"][..], &["list"]] {
            let outcome = profile(&cli, command).exits_with(0);
            assert!(!outcome.all().contains("hunter22"), "{outcome:#?}");
            assert!(outcome.stdout.contains("https://llm.corp.example/v1 "), "{outcome:#?}");
        }
    }

    #[test]
    fn of_a_mistyped_name_suggests_the_right_one() {
        let outcome = profile(&Cli::new(), &["show", "opnerouter"]).exits_with(2);
        outcome.explains(&["did you mean 'openrouter'?", "available profiles: gemini"]);
    }
}

mod a_name {
    use super::*;

    #[test]
    fn in_another_case_suggests_the_right_one() {
        let cli = Cli::new().config(COMMENTED);
        for (typed, meant) in [
            (&["auth", "login", "OpenAI"][..], "openai"),
            (&["auth", "token", "OPENROUTER"], "openrouter"),
            (&["auth", "check", "Gemeni"], "gemini"),
            (&["profile", "show", "Open-Router"], "openrouter"),
            (&["profile", "remove", "SEARCH"], "search"),
            (&["spawn", "--profile", "Local", "hi"], "local"),
        ] {
            let outcome = cli.run(typed).exits_with(2);
            outcome.explains(&[&format!("did you mean '{meant}'?")]);
        }
    }
}

mod edit {
    use super::*;

    /// An editor that runs this command line on the file. The shell reads it, since a
    /// file that was just written can't be executed while another test of this
    /// process, which has it open for a moment after a fork, starts a program.
    fn with_editor(cli: Cli, script: &str) -> Cli {
        let path = cli.file("editor", script);
        let editor = format!("sh {}", path.display());
        cli.env("EDITOR", editor).env("PATH", std::env::var_os("PATH").unwrap_or_default())
    }

    #[test]
    fn writes_what_was_edited() {
        let cli = with_editor(Cli::new().config(COMMENTED), "echo '[profiles.new]' >> \"$1\"");
        profile(&cli, &["edit"]).exits_with(0);
        assert_eq!(text(&cli), format!("{COMMENTED}[profiles.new]\n"));
    }

    #[test]
    fn that_changes_nothing_writes_nothing() {
        let cli = with_editor(Cli::new(), "true");
        let outcome = profile(&cli, &["edit"]).exits_with(0);
        assert!(outcome.stdout.contains("is unchanged"), "{}", outcome.stdout);
        assert!(!cli.home().join(CONFIG).exists());
    }

    #[test]
    fn with_a_mistake_leaves_the_file_and_keeps_the_draft() {
        let cli = with_editor(Cli::new().config(COMMENTED), "echo 'oops' >> \"$1\"");
        let outcome = profile(&cli, &["edit"]).exits_with(2);
        assert_eq!(text(&cli), COMMENTED);
        assert_eq!(kept(&outcome), format!("{COMMENTED}oops\n").as_bytes());
        outcome.explains(&["was not changed"]);
    }

    /// What is in the draft that stderr names. Removes it.
    #[track_caller]
    fn kept(outcome: &Outcome) -> Vec<u8> {
        let mut lines = outcome.stderr.lines();
        let path = lines.find_map(|line| line.strip_prefix("your changes are kept in "));
        let path = path.unwrap_or_else(|| panic!("no draft is named: {outcome:#?}"));
        let draft = fs::read(path).expect("the draft is kept");
        fs::remove_file(path).expect("the draft can be removed");
        draft
    }

    #[test]
    fn with_an_editor_that_fails_leaves_the_file() {
        for status in ["exit 1", "exit 3", "kill -9 $$"] {
            let script = format!("echo oops >> \"$1\"; {status}");
            let cli = with_editor(Cli::new().config(COMMENTED), &script);
            let outcome = profile(&cli, &["edit"]).exits_with(2);
            assert_eq!(text(&cli), COMMENTED);
            assert_eq!(kept(&outcome), format!("{COMMENTED}oops\n").as_bytes());
            outcome.explains(&["editor", "EDITOR"]);
        }
        let cli = with_editor(Cli::new().config(COMMENTED), "exit 3");
        let outcome = profile(&cli, &["edit"]).exits_with(2);
        assert!(!outcome.stderr.contains("kept"), "nothing was changed: {outcome:#?}");
    }

    #[test]
    fn that_leaves_something_other_than_text_keeps_the_draft() {
        let script = "printf '# caf\\351\\n' >> \"$1\"";
        let cli = with_editor(Cli::new().config(COMMENTED), script);
        let outcome = profile(&cli, &["edit"]).exits_with(2);
        assert_eq!(text(&cli), COMMENTED);
        assert_eq!(kept(&outcome), [COMMENTED.as_bytes(), b"# caf\xe9\n"].concat());
        outcome.explains(&["was not changed", "not valid UTF-8"]);
    }

    #[test]
    fn that_removes_the_draft_says_so() {
        for (script, reason) in
            [("rm \"$1\"", "No such file"), ("rm \"$1\"; mkfifo \"$1\"", "not a regular file")]
        {
            let cli = with_editor(Cli::new().config(COMMENTED), script);
            let temporary = cli.home().join("drafts");
            fs::create_dir(&temporary).expect("a directory can be made");
            let outcome = profile(&cli.env("TMPDIR", temporary), &["edit"]).exits_with(2);
            outcome.explains(&["cannot read the edited copy", reason]);
        }
    }

    #[test]
    fn without_a_place_for_the_draft_says_so() {
        let cli = with_editor(Cli::new(), "true").env("TMPDIR", "/nowhere");
        profile(&cli, &["edit"]).exits_with(2).explains(&["/nowhere", "TMPDIR"]);
    }

    #[test]
    fn can_repair_a_file_that_is_not_text() {
        let script = "echo '[profiles.new]' > \"$1\"";
        let cli = with_editor(Cli::new().config(b"# caf\xe9\n"), script);
        profile(&cli, &["add", "corp"]).exits_with(2).explains(&["not valid UTF-8"]);
        profile(&cli, &["edit"]).exits_with(0);
        assert_eq!(text(&cli), "[profiles.new]\n");
    }
}
