//! The files of a new project: those of its language, and those that follow from its kind
//! of strategy. They are in `cli/templates/`, with placeholders such as `{{name}}`.

use clap::ValueEnum;

use super::language::Language;
use super::template_file::{File, files};

/// What a strategy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Finds a key
    Key,
    /// Signs the user in, and renews the session
    Session,
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

/// The same in every project. The contract is the one that this binary supports.
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
    ("README.md", include_str!("../../../templates/shared/README.md")),
    (
        ".github/workflows/strategy.yml",
        include_str!("../../../templates/shared/.github/workflows/strategy.yml"),
    ),
];

/// What follows from the kind of strategy, in every language.
struct KindTemplate {
    /// The world of the contract.
    world: &'static str,
    /// What the strategy does, for README.md.
    about: &'static str,
    /// What the row in `auth status` says, for README.md.
    status: &'static str,
    /// The command that tries the strategy, for README.md.
    run: &'static str,
    files: &'static [File],
    /// The contract in C.
    bindings: &'static [File],
}

impl Kind {
    const fn template(self) -> KindTemplate {
        match self {
            Self::Key => KindTemplate {
                world: "auth-strategy",
                about: "It uses an explicit key,\nor the key in the variable that the profile \
                    names, and never sees either.",
                status: "The status is `missing` until `{{variable}}` is set.",
                run: "orchestration --config providers.toml strategy run {{name}}.wasm \
                    --profile {{name}} --env {{variable}}=sk-1234567890",
                files: files!("shared/key": "providers.toml" "cases.toml"),
                bindings: files!("bindings/key": "contract.c" "contract.h"),
            },
            Self::Session => KindTemplate {
                world: "sign-in-strategy",
                about: "The user signs in with\na code on any device, and stays signed in; the \
                    strategy never sees a token.",
                status: "The status is `missing` until you sign in: put your own server into \
                    `providers.toml`,\nand where it answers into `{{source}}`.",
                run: "orchestration --config providers.toml auth login {{name}}",
                files: files!("shared/session": "providers.toml" "cases.toml"),
                bindings: files!("bindings/session": "contract.c" "contract.h"),
            },
        }
    }
}

/// Returns the files of the project `name`: their paths and texts.
pub(super) fn project(
    name: &str,
    language: Language,
    kind: Kind,
) -> impl Iterator<Item = (String, String)> {
    let (template, of_kind) = (language.template(), kind.template());
    let own = match kind {
        Kind::Key => template.key,
        Kind::Session => template.session,
    };
    let bindings = if template.speaks_c { of_kind.bindings } else { &[] };
    let variable = variable(name);
    // What has placeholders of its own comes before these.
    let filled = move |text: &str| {
        [
            ("{{about}}", of_kind.about),
            ("{{status}}", of_kind.status),
            ("{{run}}", of_kind.run),
            ("{{needs}}", template.needs.trim_end()),
            ("{{language}}", template.language),
            ("{{source}}", template.source),
            ("{{build}}", template.build),
            ("{{rebuild}}", template.rebuild),
            ("{{lint}}", template.lint),
            ("{{world}}", of_kind.world),
            ("{{version}}", env!("CARGO_PKG_VERSION")),
            ("{{variable}}", &variable),
            ("{{name}}", name),
        ]
        .iter()
        .fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
    };
    let files = [template.both, own, bindings, of_kind.files, SHARED].concat();
    files.into_iter().map(move |(path, text)| (filled(real(path)), filled(text)))
}

/// Returns the path of a file in the project, if it has another one in the template.
fn real(path: &'static str) -> &'static str {
    match path {
        // Under its real name, git would apply it to this repository.
        "gitignore" => ".gitignore",
        // Under its real name, cargo would leave the template out of the package.
        "manifest.toml" => "Cargo.toml",
        // It is read with the component of this name.
        "cases.toml" => "{{name}}.cases.toml",
        // They are generated, and nothing to change.
        "contract.c" => "bindings/contract.c",
        "contract.h" => "bindings/contract.h",
        path => path,
    }
}

/// The variable for the key of project `name`, e.g. `CORP_SSO_KEY`.
fn variable(name: &str) -> String {
    let variable = name.replace('-', "_").to_ascii_uppercase();
    let prefix = if variable.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    format!("{prefix}{variable}_KEY")
}
