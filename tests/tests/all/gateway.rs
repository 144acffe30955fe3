//! A gateway that other tools use: `OPENAI_BASE_URL` and its like.
//!
//! Promised here: a profile that would send the gateway's key to the provider instead is
//! warned of before that, with the line that follows the gateway; and no one is warned
//! who need not be.

use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-proj-abcdefgh7x2f";
const GATEWAY: &str = "https://gateway.corp.example/v1";

/// The commands that send a key, or tell whether it is valid.
const COMMANDS: [&[&str]; 3] =
    [&["auth", "status"], &["auth", "login", "openai"], &["auth", "check", "openai"]];

fn with_gateway() -> Cli {
    Cli::new().env("OPENAI_API_KEY", KEY).env("OPENAI_BASE_URL", GATEWAY)
}

/// The line of TOML between "to follow it: " and the table that it belongs to.
#[track_caller]
fn line_that_follows(outcome: &Outcome) -> String {
    let (_, rest) = outcome.all().split_once("to follow it: ").map_or_else(
        || panic!("no line that follows it: {outcome:#?}"),
        |(before, rest)| (before.to_owned(), rest.to_owned()),
    );
    let (line, rest) = rest.split_once(" under ").expect("it names the table");
    let (table, _) = rest.split_once(';').expect("the table ends");
    format!("{table}\n{line}\n")
}

#[test]
fn is_warned_of_with_the_line_that_follows_it() {
    for command in COMMANDS {
        let cli = with_gateway();
        let outcome = cli.run(command).exits_with(0).explains(&[
            "warning: OPENAI_BASE_URL is https://gateway.corp.example/v1, but requests of openai \
             go to https://api.openai.com/v1\n",
            "or: unset OPENAI_BASE_URL\n",
        ]);
        assert_eq!(outcome.stderr.matches("warning:").count(), 1, "{outcome:#?}");
        let cli = cli.config(line_that_follows(&outcome));
        assert_eq!(cli.run(command).exits_with(0).stderr, "", "{command:?}");
        let shown = cli.run(&["profile", "show", "openai"]).exits_with(0);
        assert_eq!(shown.row("base_url").get(1), Some(&GATEWAY));
    }
}

#[test]
fn is_warned_of_before_an_agent_sends_the_key() {
    let cli = with_gateway().env("HTTPS_PROXY", "http://127.0.0.1:1");
    let spawn = ["spawn", "--profile", "openai", "--model", "m", "Hi"];
    cli.run(&spawn).explains(&["OPENAI_BASE_URL is https://gateway.corp.example/v1"]);
}

#[test]
fn of_another_provider_is_warned_of_too() {
    let profile = |base_url: &str, variable: &str| {
        format!("[profiles.corp]\nbase_url = \"{base_url}\"\napi_key_env = \"{variable}\"\n")
    };
    let anthropic = profile("https://api.anthropic.com", "ANTHROPIC_API_KEY");
    let azure = profile("https://a.openai.azure.com/openai/v1", "AZURE_API_KEY");
    for (config, profile, variable, url, follows) in [
        ("", "gemini", "GOOGLE_GEMINI_BASE_URL", "https://gw.example", "/v1beta/openai/"),
        (&anthropic, "corp", "ANTHROPIC_BASE_URL", "https://gw.example", ""),
        (&azure, "corp", "AZURE_OPENAI_ENDPOINT", "https://b.openai.azure.com/", "/openai/v1"),
    ] {
        let cli = Cli::new().config(config).env(variable, url);
        for command in [&["auth", "login", profile][..], &["doctor"]] {
            let outcome = cli.run(command);
            assert!(outcome.all().contains(&format!("{variable} is ")), "{outcome:#?}");
            // What clients add to the variable is in the base URL.
            let line = line_that_follows(&outcome);
            let follows = follows.trim_end_matches('/');
            let expected = format!("{}{follows}\"\n", url.trim_end_matches('/'));
            assert!(line.ends_with(&expected), "{line}");
        }
    }
}

#[test]
fn is_no_business_of_who_does_not_use_its_key() {
    let profile = |text: &str| format!("[profiles.openai]\n{text}\n");
    for config in [
        // Decided by the user.
        profile("base_url = \"https://api.openai.com/v1\""),
        profile("base_url = \"https://other.example/v1\""),
        // Not the key that the gateway's clients read.
        profile("api_key_env = \"MY_OPENAI_KEY\""),
    ] {
        let outcome = with_gateway().config(&config).run(&["auth", "status"]).exits_with(0);
        assert_eq!(outcome.stderr, "", "{config}");
        with_gateway().config(&config).run(&["doctor"]).exits_with(0);
    }
    for profile in ["openrouter", "gemini", "local"] {
        let outcome = with_gateway().run(&["auth", "status", profile]).exits_with(0);
        assert_eq!(outcome.stderr, "", "{profile}");
    }
}

#[test]
fn that_is_none_is_not_warned_of() {
    for url in ["", " ", "https://api.openai.com/v1", "https://API.openai.com:443"] {
        let cli = Cli::new().env("OPENAI_API_KEY", KEY).env("OPENAI_BASE_URL", url);
        assert_eq!(cli.run(&["auth", "status"]).exits_with(0).stderr, "", "{url}");
    }
}

#[test]
fn is_shown_without_its_password() {
    let url = "https://svc:hunter22@gateway.corp.example/v1?key=hunter23";
    let cli = Cli::new().env("OPENAI_API_KEY", KEY).env("OPENAI_BASE_URL", url);
    for command in [&["doctor"][..], COMMANDS[0], COMMANDS[1], COMMANDS[2]] {
        let outcome = cli.run(command);
        assert!(outcome.all().contains("https://gateway.corp.example/v1"), "{outcome:#?}");
        assert!(!outcome.all().contains("hunter"), "{outcome:#?}");
    }
}

#[test]
fn of_many_profiles_is_warned_of_once() {
    let profile = |number| {
        format!(
            "[profiles.a{number}]\nbase_url = \"https://api.openai.com/v1\"\n\
             api_key_env = \"OPENAI_API_KEY\"\n"
        )
    };
    let cli = with_gateway().config((0..500).map(profile).collect::<String>());
    let outcome = cli.run(&["auth", "status"]).exits_with(0);
    assert_eq!(outcome.stderr.matches("OPENAI_BASE_URL is").count(), 1, "{}", outcome.stderr);
    outcome.explains(&["requests of a0 and 500 more profiles go to"]);
}
