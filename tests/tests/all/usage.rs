//! Usage errors, help, and the README.
//!
//! Promised here: what can't be understood is answered with usage on stderr and
//! exit status 2; help is there at every level, fits a terminal and has examples;
//! and what the README shows is what happens.

use orchestration_tests::Cli;

/// The longest line that help may have.
const WIDTH: usize = 100;

#[track_caller]
fn wrong_use(arguments: &[&str]) -> String {
    let outcome = Cli::new().run(arguments).exits_with(2);
    assert_eq!(outcome.stdout, "", "{arguments:?}");
    assert!(outcome.stderr.contains("Usage: orchestration"), "{arguments:?}: {}", outcome.stderr);
    assert!(outcome.stderr.contains("--help"), "{arguments:?}: {}", outcome.stderr);
    outcome.stderr
}

#[track_caller]
fn help(arguments: &[&str]) -> String {
    let outcome = Cli::new().run(arguments).exits_with(0);
    assert_eq!(outcome.stderr, "", "{arguments:?}");
    assert!(outcome.stdout.contains("Usage: orchestration"), "{arguments:?}: {}", outcome.stdout);
    for line in outcome.stdout.lines() {
        assert!(line.chars().count() <= WIDTH, "{arguments:?} has a long line: {line}");
    }
    outcome.stdout
}

/// The lines below "Examples:" that start with the command.
fn examples(help: &str) -> Vec<&str> {
    let below = help.split_once("Examples:\n").map_or("", |(_, below)| below);
    below.lines().map_while(|line| line.strip_prefix("  orchestration ")).collect()
}

#[test]
fn no_arguments_are_answered_with_usage() {
    wrong_use(&[]);
    wrong_use(&["auth"]);
}

#[test]
fn an_unknown_command_is_answered_with_usage() {
    assert!(wrong_use(&["nope"]).contains("'nope'"));
    assert!(wrong_use(&["auth", "nope"]).contains("'nope'"));
}

#[test]
fn a_mistyped_command_suggests_the_right_one() {
    assert!(wrong_use(&["auth", "statsu"]).contains("'status'"));
    assert!(wrong_use(&["profle", "list"]).contains("'profile'"));
    assert!(wrong_use(&["auth", "check", "--ofline"]).contains("'--offline'"));
}

#[test]
fn an_unknown_flag_is_answered_with_usage() {
    assert!(wrong_use(&["--nope"]).contains("'--nope'"));
    assert!(wrong_use(&["auth", "status", "--nope"]).contains("'--nope'"));
}

#[test]
fn arguments_too_few_or_too_many_are_answered_with_usage() {
    assert!(wrong_use(&["auth", "login"]).contains("<PROFILE>"));
    assert!(wrong_use(&["auth", "login", "openai", "gemini"]).contains("'gemini'"));
    assert!(wrong_use(&["strategy", "list", "openai"]).contains("'openai'"));
}

#[test]
fn a_flag_without_its_file_says_what_is_missing() {
    let outcome = Cli::new().run(&["auth", "status", "--config"]).exits_with(2);
    outcome.explains(&["--config <FILE>"]);
}

#[test]
fn help_is_available_in_every_usual_way() {
    for arguments in [&["--help"][..], &["-h"], &["help"]] {
        let help = help(arguments);
        assert!(help.contains("auth") && help.contains("Exit status:"), "{help}");
    }
    assert_eq!(help(&["auth", "help", "status"]), help(&["auth", "status", "--help"]));
    assert_eq!(help(&["help", "auth"]), help(&["auth", "--help"]));
}

#[test]
fn the_help_of_everything_has_examples() {
    for arguments in [
        &["-h"][..],
        &["--help"],
        &["auth", "status", "--help"],
        &["auth", "check", "--help"],
        &["auth", "login", "--help"],
        &["spawn", "--help"],
        &["profile", "--help"],
        &["profile", "list", "--help"],
        &["profile", "show", "--help"],
        &["profile", "add", "--help"],
        &["profile", "remove", "--help"],
        &["profile", "edit", "--help"],
        &["init", "--help"],
        &["trust", "--help"],
        &["doctor", "--help"],
        &["man", "--help"],
        &["schema", "--help"],
    ] {
        let help = help(arguments);
        assert!(!examples(&help).is_empty(), "{arguments:?} has no examples:\n{help}");
    }
}

#[test]
fn the_help_of_auth_has_examples() {
    let help = help(&["auth", "--help"]);
    assert!(!examples(&help).is_empty(), "no examples:\n{help}");
}

#[test]
fn the_help_of_auth_commands_explains_their_exit_status() {
    for command in ["status", "check", "login", "token", "exec"] {
        let help = help(&["auth", command, "--help"]);
        assert!(help.contains("Exit status:"), "{help}");
    }
}

#[test]
fn the_version_is_one_line() {
    for flag in ["--version", "-V"] {
        let outcome = Cli::new().run(&[flag]).exits_with(0);
        assert_eq!(outcome.stdout, "orchestration 0.1.0\n");
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn help_and_version_need_no_configuration() {
    let cli = Cli::new().config("this is not TOML");
    for arguments in [&["--help"][..], &["--version"], &["auth", "status", "--help"]] {
        cli.run(arguments).exits_with(0);
    }
}

#[test]
fn the_transcript_of_the_readme_is_real() {
    let readme = include_str!("../../../README.md");
    let (_, transcript) = readme.split_once("```console\n").expect("the README has a transcript");
    let (transcript, _) = transcript.split_once("```").expect("a block has an end");
    let cli = Cli::new().env("OPENAI_API_KEY", "sk-proj-abcdefghijklmnop7x2f");
    let mut commands = 0;
    for part in transcript.split("$ orchestration ").skip(1) {
        let (command, shown) = part.split_once('\n').expect("a command is a line");
        let (arguments, comment) = command.split_once('#').unwrap_or((command, "exit status 0"));
        let status = comment.trim().strip_prefix("exit status ").expect("a comment is a status");
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let outcome = cli.run(&arguments).exits_with(status.parse().expect("a status is a number"));
        assert_eq!(outcome.all(), format!("{}\n", shown.trim_end()), "{command}");
        commands += 1;
    }
    assert!(commands >= 5, "the transcript was not understood");
}
