//! The reference of providers.toml, beside what the product says of itself.
//!
//! Promised here: every key that may stand in the file has its row in the book,
//! and no row is about a key that is refused; the defaults of limits, in the book and
//! in the help, are those that apply.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use orchestration_runtime::{Limits, ProvidersToml};
use orchestration_tests::Cli;
use tempfile::TempDir;

const REFERENCE: &str = include_str!("../../../docs/src/providers-toml.md");
/// The page that has the keys of `[trust]`.
const REGISTRIES: &str = include_str!("../../../docs/src/registries.md");
/// The page that has the keys of `verify`.
const VERIFY: &str = include_str!("../../../docs/src/verify.md");

/// The keys of the table that begins with "key of `place`".
fn documented(place: &str) -> BTreeSet<String> {
    let header = format!("| key of `{place}` |");
    let mut lines = REFERENCE.lines().chain(VERIFY.lines()).chain(REGISTRIES.lines());
    lines.find(|line| line.starts_with(&header)).expect("the book has such a table");
    lines
        .skip(1)
        .map_while(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// The keys that the product lists where it is given one that it does not know.
pub(crate) fn known(table: &str) -> BTreeSet<String> {
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
        ("[trust]", "trust"),
    ] {
        assert_eq!(documented(place), known(table), "{place}");
    }
}

/// The default of a limit, from its row in the book.
fn default_of(key: &str) -> u64 {
    let row = REFERENCE.lines().find(|line| line.starts_with(&format!("| `{key}`")));
    let default = row.and_then(|row| row.trim_end_matches(" |").rsplit("| ").next());
    default.expect("a row has a default").parse().expect("a default is a number")
}

#[test]
fn the_help_of_strategy_add_has_every_limit_of_the_book_with_its_default_and_no_other() {
    let help = Cli::new().run(&["strategy", "add", "--help"]).exits_with(0).stdout;
    // A row is a key, a number, and what is limited.
    let row = |line: &str| {
        let mut words = line.strip_prefix("  ")?.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
    };
    let listed: BTreeMap<String, u64> = help.lines().filter_map(row).collect();
    let book = documented("limits").into_iter();
    let book: BTreeMap<String, u64> = book.map(|key| (key.clone(), default_of(&key))).collect();
    assert_eq!(listed, book);
}

#[test]
fn the_defaults_of_limits_in_the_book_are_those_that_apply() {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let path = directory.path().join("providers.toml");
    let limits = |key: &str, value: u64| {
        let text = format!("[strategies.api_key]\nlimits = {{ {key} = {value} }}\n");
        fs::write(&path, text).expect("a file can be written");
        let providers = ProvidersToml::load(&path).expect("the file is good");
        let strategy = providers.strategies().next().expect("it has a strategy");
        strategy.limits.clone()
    };
    for key in documented("limits") {
        let default = default_of(&key);
        assert_eq!(limits(&key, default), Limits::default(), "{key}");
        assert_ne!(limits(&key, default + 1), Limits::default(), "{key}");
    }
}
