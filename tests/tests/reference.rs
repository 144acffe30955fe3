//! The reference of providers.toml, beside what the product says of itself.
//!
//! Promised here: every key that may stand in the file has its row in the book,
//! and no row is about a key that is refused.
#![allow(missing_docs, clippy::expect_used)]

use std::collections::BTreeSet;

use orchestration_tests::Cli;

const REFERENCE: &str = include_str!("../../docs/src/providers-toml.md");
const README: &str = include_str!("../../README.md");

/// The keys of the table that begins with "key of `place`".
fn documented(place: &str) -> BTreeSet<String> {
    let header = format!("| key of `{place}` |");
    let mut lines = REFERENCE.lines().chain(README.lines());
    lines.find(|line| line.starts_with(&header)).expect("the book has such a table");
    lines
        .skip(1)
        .map_while(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// The keys that the product lists where it is given one that it does not know.
fn known(table: &str) -> BTreeSet<String> {
    let cli = Cli::new();
    cli.file("providers.toml", format!("[{table}]\nno_such_key = 1\n"));
    let outcome = cli.run(&["--config", "providers.toml", "auth", "status"]).exits_with(2);
    let (_, list) = outcome.stderr.split_once("known keys: ").expect("it lists them");
    list.trim().split(", ").map(str::to_owned).collect()
}

#[test]
fn the_book_has_every_key_of_providers_toml_and_no_other() {
    for (place, table) in [
        ("[profiles.NAME]", "profiles.x"),
        ("verify", "profiles.x.verify"),
        ("[strategies.AUTH_TYPE]", "strategies.x"),
        ("limits", "strategies.x.limits"),
    ] {
        assert_eq!(documented(place), known(table), "{place}");
    }
}

#[test]
fn the_defaults_of_limits_are_those_that_the_help_of_strategy_add_has() {
    let help = Cli::new().run(&["strategy", "add", "--help"]).exits_with(0).stdout;
    for key in documented("limits") {
        let row = REFERENCE.lines().find(|line| line.starts_with(&format!("| `{key}`")));
        let default = row.and_then(|row| row.trim_end_matches(" |").rsplit("| ").next());
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("{key} ")));
        let told = line.and_then(|line| line.split_whitespace().nth(1));
        assert_eq!(default, told, "{key}");
    }
}
