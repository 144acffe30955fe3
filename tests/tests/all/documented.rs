//! What help and book say beside each other, and what happens.
//!
//! Promised here: a command without a credential ends with the status that its help has
//! for that; the book names every report format and every provider; a line of
//! providers.toml that is wrong is shown by its key, whichever key it is.

use orchestration_runtime::PROVIDERS;
use orchestration_tests::Cli;

use crate::reference::known;

const CI: &str = include_str!("../../../docs/src/ci.md");
const OUTPUT: &str = include_str!("../../../docs/src/output.md");
const PROVIDERS_TOML: &str = include_str!("../../../docs/src/providers-toml.md");

/// The values of `--format` that clap knows for a command.
pub(crate) fn formats(command: &[&str]) -> Vec<String> {
    let mut clap = &orchestration::command();
    for name in command {
        clap = clap.find_subcommand(name).expect("there is such a command");
    }
    let format = clap.get_arguments().find(|argument| argument.get_long() == Some("format"));
    let values = format.expect("it has formats").get_possible_values();
    values.iter().map(|value| value.get_name().to_owned()).collect()
}

/// The status that a text has for a credential that is not valid: the number before the
/// words.
fn for_not_valid(text: &str) -> Option<i32> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clauses = words.split([',', ';']).map(str::trim);
    let about = |clause: &&str| clause.contains("not valid") || clause.contains("no valid");
    clauses.filter(about).find_map(|clause| clause.split(' ').next()?.parse().ok())
}

#[test]
fn a_command_without_a_credential_ends_as_its_help_says() {
    let cli = Cli::new().config("[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n");
    for (command, arguments) in [
        ("auth login", "corp"),
        ("auth check", "corp"),
        ("auth explain", "corp"),
        ("auth token", "corp"),
        ("auth exec", "corp -- true"),
        ("spawn", "--profile corp --model m Hi"),
    ] {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let help = [words(command), vec!["--help".to_owned()]].concat();
        let help = cli.run(&help).exits_with(0).stdout;
        let (_, statuses) = help.split_once("Exit status:").expect("help has the statuses");
        let said = for_not_valid(statuses).unwrap_or_else(|| panic!("{command}: {statuses}"));
        let outcome = cli.run(&[words(command), words(arguments)].concat());
        assert_eq!(outcome.status, said, "{command}: {}", outcome.all());
        let row = OUTPUT.lines().find(|line| line.contains("a credential is not valid"));
        assert!(row.is_some_and(|row| row.starts_with(&format!("| {said} |"))), "{row:?}");
    }
}

#[test]
fn the_book_names_every_format_of_a_report() {
    for format in formats(&["auth", "check"]) {
        assert!(CI.contains(&format!("`{format}`")), "{format}");
    }
}

#[test]
fn the_book_names_every_provider() {
    let (_, section) = PROVIDERS_TOML.split_once("### `provider`").expect("there is a section");
    let (section, _) = section.split_once("###").expect("another follows");
    for provider in &PROVIDERS {
        assert!(section.contains(&format!("`{}`", provider.name)), "{}", provider.name);
    }
}

#[test]
fn a_wrong_line_is_shown_by_its_key_whichever_it_is() {
    for table in ["profiles.x", "profiles.x.verify", "strategies.x", "strategies.x.limits"] {
        for key in known(table) {
            let cli = Cli::new();
            cli.file("providers.toml", format!("[{table}]\n{key} = \"sk-never-shown\n"));
            let outcome = cli.run(&["--config", "providers.toml", "auth", "status"]).exits_with(2);
            assert!(outcome.stderr.contains(&format!("{key} = ")), "{key}: {}", outcome.stderr);
            assert!(!outcome.stderr.contains("sk-never-shown"), "{key}: {}", outcome.stderr);
        }
    }
}
