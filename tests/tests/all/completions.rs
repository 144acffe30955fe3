//! Completion by the shell, and manual pages.
//!
//! Promised here: a real shell completes the profiles and auth types of the
//! configuration as it is at that moment, in silence; and every command has a
//! manual page.

use std::fs;

use orchestration_tests::{Cli, Outcome, tool_is_there};

const CONFIG: &str = "[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n[profiles.core]\n";

/// What bash offers for the last of `words`.
fn bash(cli: &Cli, words: &str) -> Option<Vec<String>> {
    if !tool_is_there("bash") {
        return None;
    }
    // As bash does it: the function that the script registered, given where in
    // the line the cursor is.
    let script = format!(
        "orchestration() {{ \"$O\" \"$@\"; }}\n\
         source <(\"$O\" completions bash)\n\
         COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMP_TYPE=9\n\
         _clap_complete_orchestration orchestration \"${{COMP_WORDS[COMP_CWORD]}}\" x\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    );
    let product = cli.command::<&str>(&[]).get_program().to_owned();
    let mut command = cli.command_in("bash", &["-c", &script]);
    let outcome = Outcome::of(command.env("O", product)).exits_with(0);
    assert_eq!(outcome.stderr, "", "{words}");
    Some(outcome.stdout.lines().map(|line| line.trim().to_owned()).collect())
}

#[test]
fn bash_completes_profiles_as_they_are_configured() {
    let cli = Cli::new().config(CONFIG);
    let Some(offered) = bash(&cli, "orchestration auth login cor") else { return };
    assert_eq!(offered, ["core", "corp"]);
    let mut all = bash(&cli, "orchestration profile show ''").unwrap_or_default();
    all.retain(|word| !word.starts_with("--"));
    assert_eq!(all, ["core", "corp", "gemini", "local", "openai", "openrouter"]);
    let check = bash(&cli, "orchestration auth check openai cor").unwrap_or_default();
    assert_eq!(check, ["core", "corp"]);
}

#[test]
fn bash_completes_the_profiles_of_the_file_given_with_config() {
    let cli = Cli::new();
    cli.file("mine.toml", "[profiles.mine]\n");
    let Some(offered) = bash(&cli, "orchestration --config mine.toml auth login mi") else {
        return;
    };
    assert_eq!(offered, ["mine"]);
}

#[test]
fn bash_completes_auth_types_and_formats() {
    let digest = "0".repeat(64);
    let cli = Cli::new().config(format!(
        "[strategies.corp-sso]\ncomponent = \"corp.wasm\"\nsha256 = \"{digest}\"\n"
    ));
    let words = "orchestration profile add x --auth-type ''";
    let Some(offered) = bash(&cli, words) else { return };
    assert_eq!(
        offered,
        ["api_key", "federated", "none", "oidc", "openrouter", "service_account", "corp-sso"]
    );
    let formats = bash(&cli, "orchestration auth check --format j").unwrap_or_default();
    assert_eq!(formats, ["json", "jsonl", "junit"]);
}

#[test]
fn a_broken_configuration_never_disturbs_the_command_line() {
    let cli = Cli::new().config("this is not TOML");
    let Some(offered) = bash(&cli, "orchestration auth login open") else { return };
    assert_eq!(offered, ["openai", "openrouter"]);
}

#[test]
fn every_shell_has_a_completion_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = Cli::new().run(&["completions", shell]).exits_with(0);
        assert!(outcome.stdout.contains("orchestration"), "{shell}: {}", outcome.stdout);
    }
    Cli::new().run(&["completions", "csh"]).exits_with(2);
}

#[test]
fn every_command_has_a_manual_page() {
    let cli = Cli::new();
    cli.run(&["man", "man1"]).exits_with(0);
    for page in ["orchestration", "orchestration-auth-check", "orchestration-profile-add"] {
        let page = cli.home().join("man1").join(page).with_extension("1");
        let text = fs::read_to_string(page).expect("the page is there");
        assert!(text.contains(".TH") && text.contains("Exit status"), "{text}");
    }
    let outcome = cli.run(&["man", "/dev/null/man"]).exits_with(2);
    outcome.explains(&["cannot write manual pages to /dev/null/man"]);
}
