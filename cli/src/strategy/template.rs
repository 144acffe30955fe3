//! The files of a new project, one set a language; they lie in `cli/templates/`.

use crate::args::Language;

/// What stands for the name of the project, and for the variable of its key.
const NAME: &str = "{{name}}";
const VARIABLE: &str = "{{variable}}";

/// A file of a project: its path, and what is in it.
pub(super) type File = (&'static str, &'static str);

macro_rules! template {
    ($language:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../templates/", $language, "/", $path)))),*]
    };
}

/// The same in every language. The contract is the one that this binary speaks.
const SHARED: &[File] = &[
    ("wit/auth.wit", include_str!("../../../wit/auth.wit")),
    ("providers.toml", include_str!("../../templates/shared/providers.toml")),
    ("{{name}}.cases.toml", include_str!("../../templates/shared/cases.toml")),
];

/// All files of a project in this language.
pub(super) fn files(language: Language) -> impl Iterator<Item = File> {
    let own: &[File] = match language {
        Language::Rust => {
            template!("rust": "README.md" "Cargo.toml" "Makefile" "src/lib.rs" "gitignore")
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

/// `text` of a template, for the project `name`.
pub(super) fn filled(text: &str, name: &str) -> String {
    text.replace(NAME, name).replace(VARIABLE, &variable(name))
}

/// The variable that a profile for `name` names, e.g. `CORP_SSO_KEY`.
fn variable(name: &str) -> String {
    let variable = name.replace('-', "_").to_ascii_uppercase();
    let prefix = if variable.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    format!("{prefix}{variable}_KEY")
}
