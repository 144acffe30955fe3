//! The files of a new project, one set per language. They are in `cli/templates/`.

use clap::ValueEnum;

/// A language with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Rust,
    C,
    Python,
    #[value(name = "javascript")]
    JavaScript,
}

/// The placeholders for the project's name, and for the variable of its key.
const NAME: &str = "{{name}}";
const VARIABLE: &str = "{{variable}}";

/// A file of a project: its path and its text.
pub(super) type File = (&'static str, &'static str);

macro_rules! template {
    ($language:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../templates/", $language, "/", $path)))),*]
    };
}

/// One file of the contract.
macro_rules! contract {
    ($interface:literal) => {
        (
            concat!("wit/", $interface, ".wit"),
            include_str!(concat!("../../../wit/", $interface, ".wit")),
        )
    };
}

/// The same in every language. The contract is the one that this binary supports.
const SHARED: &[File] = &[
    contract!("environment"),
    contract!("files"),
    contract!("http"),
    contract!("reveal"),
    contract!("secrets"),
    contract!("sign-in"),
    contract!("store"),
    contract!("strategy"),
    contract!("types"),
    ("providers.toml", include_str!("../../../templates/shared/providers.toml")),
    ("{{name}}.cases.toml", include_str!("../../../templates/shared/cases.toml")),
];

/// The files of a project in this language.
pub(super) fn files(language: Language) -> impl Iterator<Item = File> {
    let own: &[File] = match language {
        Language::Rust => {
            template!("rust": "README.md" "manifest.toml" "Makefile" "src/lib.rs" "gitignore")
        }
        Language::C => template!("c": "README.md" "Makefile" "requirements.txt" "strategy.c"
            "bindings/auth_strategy.c" "bindings/auth_strategy.h" "gitignore"),
        Language::Python => {
            template!("python": "README.md" "Makefile" "requirements.txt" "strategy.py" "gitignore")
        }
        Language::JavaScript => {
            template!("javascript": "README.md" "package.json" "strategy.js" "gitignore")
        }
    };
    own.iter().chain(SHARED).copied()
}

/// Fills in a template for the project `name`.
pub(super) fn filled(text: &str, name: &str) -> String {
    text.replace(NAME, name).replace(VARIABLE, &variable(name))
}

/// The variable for the key of project `name`, e.g. `CORP_SSO_KEY`.
fn variable(name: &str) -> String {
    let variable = name.replace('-', "_").to_ascii_uppercase();
    let prefix = if variable.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    format!("{prefix}{variable}_KEY")
}
