//! The first minutes: `orchestration` without arguments, and `orchestration init`.
//!
//! Promised here: a user without a configuration sees which keys and sessions there are and
//! three things to do next; `init` writes a profile for each chosen provider and changes
//! nothing else in the file; a person is asked on a terminal only, and options answer the
//! questions everywhere; a key that is typed is stored and never displayed.

use std::fs;

use orchestration_tests::{Cli, Outcome};

const CONFIG: &str = ".config/orchestration/providers.toml";
const KEY: &str = "gsk_Xk58TnCw06RjQyAe31Zo";

const OWN: &str = "\
# Ours.
[profiles.groq] # the team's
base_url = \"https://llm.corp.example/v1\"
";

fn text(cli: &Cli) -> String {
    fs::read_to_string(cli.home().join(CONFIG)).unwrap_or_default()
}

fn init(cli: &Cli, more: &[&str]) -> Outcome {
    cli.run(&[&["init"], more].concat())
}

/// The settings of Claude Code.
fn claude_settings(cli: &Cli) -> String {
    fs::read_to_string(cli.home().join(".claude/settings.json")).unwrap_or_default()
}

/// The commands below "What to do next".
fn next_steps(message: &str) -> Vec<&str> {
    let (_, below) = message.split_once("What to do next\n").expect("there are next steps");
    below.lines().map_while(|line| line.trim().strip_prefix("orchestration ")).collect()
}

mod no_arguments {
    use super::*;

    #[test]
    fn show_the_keys_of_the_environment_and_three_things_to_do() {
        let cli = Cli::new().env("OPENAI_API_KEY", KEY).env("GROQ_API_KEY", KEY);
        let outcome = cli.run::<&str>(&[]).exits_with(2);
        assert_eq!(outcome.stdout, "");
        let outcome = outcome.explains(&["OPENAI_API_KEY", "GROQ_API_KEY", "orchestration init"]);
        assert!(!outcome.stderr.contains("MISTRAL_API_KEY"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains(&KEY[..8]), "{}", outcome.stderr);
        assert_eq!(next_steps(&outcome.stderr).len(), 3, "{}", outcome.stderr);
    }

    #[test]
    fn show_what_is_missing() {
        // A variable without a value is as good as none.
        let outcome = Cli::new().env("OPENAI_API_KEY", "").run::<&str>(&[]).exits_with(2);
        assert!(!outcome.stderr.contains("OPENAI_API_KEY"), "{}", outcome.stderr);
        assert_eq!(next_steps(&outcome.stderr).len(), 3, "{}", outcome.stderr);
    }

    #[test]
    fn show_stored_keys() {
        let cli = Cli::new();
        cli.run_with_input(&["auth", "login", "openai", "--store"], KEY.as_bytes()).exits_with(0);
        let outcome = cli.run::<&str>(&[]).exits_with(2).explains(&["openai, a stored key"]);
        assert!(!outcome.stderr.contains(&KEY[..8]), "{}", outcome.stderr);
    }

    #[test]
    fn every_suggested_command_is_understood() {
        for cli in [Cli::new(), Cli::new().env("OPENAI_API_KEY", KEY)] {
            let outcome = cli.run::<&str>(&[]).exits_with(2);
            for step in next_steps(&outcome.stderr) {
                // Two spaces or more separate the command from what it does.
                let (command, _) = step.split_once("  ").expect("a step says what it does");
                let command = command.replace("COMMAND", "true");
                let arguments: Vec<&str> = command.split_whitespace().collect();
                let status = cli.run(&[&arguments[..1], &["--help"]].concat()).status;
                assert_eq!(status, 0, "{command}");
                let said = cli.run(&arguments);
                assert!(!said.stderr.contains("Usage:"), "{command}: {}", said.stderr);
            }
        }
    }

    #[test]
    fn are_answered_with_usage_if_there_is_a_configuration() {
        for cli in [Cli::new().config(OWN), Cli::new().config("not TOML")] {
            let outcome = cli.run::<&str>(&[]).exits_with(2).explains(&["Usage:"]);
            assert!(!outcome.stderr.contains("What to do next"), "{}", outcome.stderr);
        }
    }
}

mod without_a_terminal {
    use super::*;

    #[test]
    fn options_choose_the_providers() {
        let cli = Cli::new().env("GROQ_API_KEY", KEY);
        let outcome = init(&cli, &["--provider", "groq", "--provider", "mistral"]).exits_with(0);
        assert!(outcome.stdout.contains("GROQ_API_KEY is set"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("export MISTRAL_API_KEY="), "{}", outcome.stdout);
        assert_eq!(cli.status().exits_with(0).row("groq")[2], "✓ valid");
        assert_eq!(cli.status().exits_with(0).row("mistral")[2], "✗ missing");
    }

    #[test]
    fn every_provider_can_be_chosen_and_the_file_loads() {
        let help = init(&Cli::new(), &["--help"]).exits_with(0).stdout;
        let names = help.split_once("[possible values: ").expect("the help names them").1;
        let names = names.split_once(']').expect("the list ends").0.replace('\n', " ");
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        assert!(names.contains(&"openai") && names.contains(&"local"), "{names:?}");
        let cli = Cli::new();
        let chosen = names.iter().flat_map(|name| ["--provider", name]).collect::<Vec<_>>();
        init(&cli, &chosen).exits_with(0);
        // A customer of Azure has a host of their own, so that one is not complete.
        let status = cli.status();
        for name in names {
            assert!(!status.row(name).is_empty(), "{name}: {}", status.stdout);
        }
    }

    #[test]
    fn nothing_is_asked_and_nothing_is_written() {
        let cli = Cli::new();
        // An answer that is piped in is not taken either.
        let outcome = cli.run_with_input(&["init"], b"openai\n").exits_with(2);
        outcome.explains(&["not a terminal", "orchestration init --provider"]);
        assert!(!cli.home().join(CONFIG).exists());
    }

    #[test]
    fn what_is_in_the_file_stays_as_it_is() {
        let cli = Cli::new().config(OWN);
        let outcome = init(&cli, &["--provider", "groq", "--provider", "openai"]).exits_with(0);
        assert!(outcome.stdout.contains("groq is already in"), "{}", outcome.stdout);
        let once = text(&cli);
        assert!(once.starts_with(OWN) && once.contains("[profiles.openai]"), "{once}");
        init(&cli, &["--provider", "openai"]).exits_with(0);
        assert_eq!(text(&cli), once);
    }

    #[test]
    fn a_file_that_does_not_load_is_not_touched() {
        let cli = Cli::new().config("[profiles");
        init(&cli, &["--provider", "openai"]).exits_with(2).explains(&["providers.toml"]);
        assert_eq!(text(&cli), "[profiles");
    }

    #[test]
    fn the_variable_that_is_set_is_the_one_that_the_profile_reads() {
        let cli = Cli::new().env("GOOGLE_API_KEY", KEY);
        init(&cli, &["--provider", "gemini"]).exits_with(0);
        let row = ["gemini", "api_key", "✓ valid", "GOOGLE_API_KEY"];
        assert_eq!(cli.status().exits_with(0).row("gemini"), row);
    }

    #[test]
    fn a_sign_in_is_set_up_and_left_to_the_user() {
        let cli = Cli::new();
        let outcome = init(&cli, &["--provider", "openrouter", "--sign-in"]).exits_with(0);
        let command = "orchestration auth login openrouter";
        assert!(outcome.stdout.contains(command), "{}", outcome.stdout);
        assert_eq!(cli.status().row("openrouter")[1], "openrouter");
    }

    #[test]
    fn a_client_is_set_up_for_the_first_provider() {
        let cli = Cli::new();
        let chosen = ["--provider", "anthropic", "--provider", "openai"];
        init(&cli, &[&chosen[..], &["--client", "claude-code"]].concat()).exits_with(0);
        let settings = claude_settings(&cli);
        assert!(settings.contains("auth token") && settings.contains("anthropic"), "{settings}");
    }

    #[test]
    fn an_unknown_provider_is_answered_with_the_known_ones() {
        init(&Cli::new(), &["--provider", "opnai"]).exits_with(2).explains(&["'openai'"]);
    }
}

mod on_a_terminal {
    use orchestration_tests::Terminal;

    use super::*;

    /// Answers the last question.
    fn no_client(terminal: &Terminal<'_>) {
        terminal.wait_for("Set up a client");
        terminal.enter("");
    }

    #[test]
    fn a_client_is_set_up_for_the_first_provider() {
        let cli = Cli::new().env("ANTHROPIC_API_KEY", KEY);
        let Some(terminal) = cli.at_terminal(100, &["init"]) else { return };
        terminal.wait_for("[anthropic]:");
        terminal.enter("");
        terminal.wait_for("Set up a client to use anthropic?");
        terminal.enter("claude-cod");
        terminal.wait_for("did you mean 'claude-code'?");
        terminal.enter("claude-code");
        drop(terminal.screen());
        assert!(claude_settings(&cli).contains("auth token"), "{}", claude_settings(&cli));
    }

    #[test]
    fn the_user_chooses_by_name_or_number_and_exports_the_keys() {
        let cli = Cli::new();
        let Some(terminal) = cli.at_terminal(100, &["init"]) else { return };
        terminal.wait_for("Which do you use?");
        terminal.enter("mistrl");
        terminal.wait_for("did you mean 'mistral'?");
        terminal.enter("mistral 1");
        terminal.wait_for("export MISTRAL_API_KEY=");
        for name in ["mistral", "openai"] {
            terminal.wait_for(&format!("Store a key of {name} on this machine now? [y/N]"));
            terminal.enter("");
        }
        no_client(&terminal);
        let screen = terminal.screen();
        let shown = screen.written.join("\n");
        assert!(shown.contains("orchestration auth status"), "{shown}");
        let status = cli.status().exits_with(0);
        assert_eq!(status.row("mistral")[2], "✗ missing");
        assert!(text(&cli).contains("[profiles.openai]"), "{}", text(&cli));
    }

    #[test]
    fn a_key_is_stored_without_being_displayed() {
        let cli = Cli::new();
        let Some(terminal) = cli.at_terminal(100, &["init"]) else { return };
        terminal.wait_for("Which do you use?");
        terminal.enter("groq");
        terminal.wait_for("Store a key of groq");
        terminal.enter("y");
        terminal.wait_for("Key of groq (not shown):");
        terminal.enter(KEY);
        no_client(&terminal);
        let screen = terminal.screen();
        let shown = screen.written.join("\n");
        assert!(shown.contains("Stored the key of groq"), "{shown}");
        assert!(!shown.contains(&KEY[..8]), "{shown}");
        assert!(!text(&cli).contains(&KEY[..8]), "{}", text(&cli));
        assert_eq!(cli.status().exits_with(0).row("groq")[2], "✓ valid");
    }

    #[test]
    fn enter_chooses_the_providers_whose_keys_are_set() {
        let cli = Cli::new().env("GROQ_API_KEY", KEY);
        let Some(terminal) = cli.at_terminal(100, &["init"]) else { return };
        terminal.wait_for("[groq]:");
        terminal.enter("");
        no_client(&terminal);
        let screen = terminal.screen();
        assert!(screen.written.join("\n").contains("added groq"), "{screen:#?}");
        assert_eq!(cli.status().exits_with(0).row("groq")[2], "✓ valid");
    }

    #[test]
    fn a_user_who_chooses_nothing_gets_no_file() {
        for answer in ["Enter", "C-d", "C-c"] {
            let cli = Cli::new();
            let Some(terminal) = cli.at_terminal(100, &["init"]) else { return };
            terminal.wait_for("Which do you use?");
            terminal.press(answer);
            drop(terminal.screen());
            assert!(!cli.home().join(CONFIG).exists(), "{answer}");
        }
    }
}
