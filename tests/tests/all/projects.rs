//! The projects of `strategy new`, as far as they can be tried without the toolchains of their
//! languages; `.ci/examples` builds and runs them.
//!
//! Promised here: every language with a template can be chosen, in each kind; a project has
//! all of its template and all of the contract, and nothing in it is left to fill in; its
//! workflow names no action that can change, and starts without permissions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use orchestration_tests::Cli;

use super::release::pinned_actions;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a directory and all below, by their paths in it, with their texts.
fn files_in(directory: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("the directory is there").flatten() {
        let name = entry.file_name().into_string().expect("the name is Unicode");
        if entry.path().is_dir() {
            let below = files_in(&entry.path()).into_iter();
            files.extend(below.map(|(path, text)| (format!("{name}/{path}"), text)));
        } else {
            let text = fs::read_to_string(entry.path()).expect("it is text");
            files.insert(name, text);
        }
    }
    files
}

/// The files of `wit/`.
pub(crate) fn contract() -> BTreeMap<String, String> {
    files_in(&repository().join("wit"))
}

/// The files of `cli/templates/`.
fn templates() -> BTreeMap<String, String> {
    files_in(&repository().join("cli/templates"))
}

/// Every language with a directory in `cli/templates/`, and each kind that it has.
fn projects() -> BTreeSet<(String, &'static str)> {
    let templates = templates();
    let languages: BTreeSet<&str> =
        templates.keys().filter_map(|path| path.split('/').next()).collect();
    let mut projects = BTreeSet::new();
    for language in languages.into_iter().filter(|name| !["shared", "bindings"].contains(name)) {
        for kind in ["key", "session"] {
            if templates.keys().any(|path| path.starts_with(&format!("{language}/{kind}/"))) {
                projects.insert((language.to_owned(), kind));
            }
        }
    }
    assert!(projects.len() >= 6, "{projects:?}");
    projects
}

/// Creates a project, and returns its files.
fn created(language: &str, kind: &str) -> BTreeMap<String, String> {
    let cli = Cli::new();
    cli.run(&["strategy", "new", "corp-sso", "--lang", language, "--kind", kind]).exits_with(0);
    files_in(&cli.home().join("corp-sso"))
}

/// Returns whether a text has something like `{{name}}`, which is no code in any language.
fn has_placeholder(text: &str) -> bool {
    let opened = text.split("{{").skip(1);
    let mut names = opened.filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name);
    names.any(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[test]
fn a_new_project_has_the_whole_contract() {
    for (language, kind) in projects() {
        let files = created(&language, kind);
        for (name, text) in contract() {
            assert_eq!(
                files.get(&format!("wit/{name}")),
                Some(&text),
                "{language}, {kind}: {name}"
            );
        }
    }
}

#[test]
fn a_new_project_has_all_of_its_template_and_nothing_left_to_fill_in() {
    let templates = templates();
    for (language, kind) in projects() {
        let files = created(&language, kind);
        let names: BTreeSet<&str> =
            files.keys().filter_map(|path| path.rsplit('/').next()).collect();
        let other = if kind == "key" { "session" } else { "key" };
        for path in templates.keys() {
            let (directory, inside) = path.split_once('/').expect("a file is in a directory");
            if ![language.as_str(), "shared"].contains(&directory) || inside.starts_with(other) {
                continue;
            }
            let name = match inside.rsplit('/').next().unwrap_or_default() {
                "gitignore" => ".gitignore",
                "manifest.toml" => "Cargo.toml",
                "cases.toml" => "corp-sso.cases.toml",
                name => name,
            };
            assert!(names.contains(name), "{language}, {kind}: {path} is not in the project");
        }
        for (path, text) in &files {
            assert!(!has_placeholder(path) && !has_placeholder(text), "{language}: {path}\n{text}");
        }
    }
}

#[test]
fn every_language_on_offer_has_a_template() {
    let help = Cli::new().run(&["strategy", "new", "--help"]).exits_with(0).stdout;
    let (_, values) = help.split_once("[possible values: ").expect("the languages are listed");
    let (values, _) = values.split_once(']').expect("the list ends");
    let offered: BTreeSet<String> = values.split(", ").map(str::to_owned).collect();
    let languages: BTreeSet<String> =
        projects().into_iter().map(|(language, _)| language).collect();
    assert_eq!(offered, languages);
}

#[test]
fn the_workflow_of_a_project_pins_every_action_and_starts_without_permissions() {
    for (language, kind) in projects() {
        let workflow = &created(&language, kind)[".github/workflows/strategy.yml"];
        assert!(pinned_actions(workflow) >= 2, "{language}, {kind}:\n{workflow}");
    }
}
