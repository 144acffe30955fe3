//! The languages of `strategy new`.
//!
//! A language is a directory of `cli/templates/` and two things here: a variant, and its
//! row in [`Language::template`]. The directory has the files of both kinds of strategy,
//! and below `key/` and `session/` those of one kind. To add a language:
//!
//! 1. Make its directory. What every language has is in `shared/` and comes by itself: the
//!    contract, README.md, the workflow, providers.toml, the cases. So does the contract in C,
//!    from `bindings/`, if the row wants it. A file can have the placeholders that
//!    [`project`](super::template::project) fills in.
//! 2. Add the variant and the row.
//! 3. Add its imports to the table in `docs/src/authoring.md`, and an example to
//!    `strategies/examples/`.
//!
//! The tests and `.ci/examples` find the language by itself then.

use clap::ValueEnum;

use super::template_file::{File, files};

/// A language with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Rust,
    C,
    Cpp,
    Zig,
    Go,
    Python,
    #[value(name = "javascript")]
    JavaScript,
    #[value(name = "typescript")]
    TypeScript,
}

/// What a project has in one language.
pub(super) struct Template {
    /// The language as README.md writes it.
    pub(super) language: &'static str,
    /// The file to change.
    pub(super) source: &'static str,
    /// The command that builds a new project.
    pub(super) build: &'static str,
    /// The command that builds it again.
    pub(super) rebuild: &'static str,
    /// The command that looks at the style and at common mistakes.
    pub(super) lint: &'static str,
    /// What the build needs, for README.md.
    pub(super) needs: &'static str,
    /// Whether it speaks the contract through C, and gets the bindings.
    pub(super) speaks_c: bool,
    /// The files of both kinds.
    pub(super) both: &'static [File],
    /// The files of a strategy that finds a key.
    pub(super) key: &'static [File],
    /// The files of a strategy that signs in.
    pub(super) session: &'static [File],
}

impl Language {
    /// Returns what a project has in this language.
    pub(super) const fn template(self) -> Template {
        match self {
            Self::Rust => Template {
                language: "Rust",
                source: "src/lib.rs",
                build: "make",
                rebuild: "make",
                lint: "make lint",
                needs: "`make`, Rust from rustup or Debian's packages `rustc-web`, \
                    `cargo-web`,\n`rust-web-src`, `rust-web-llvm` and `lld-22`, and Python; \
                    it installs the target\n`wasm32-unknown-unknown` and `wasm-tools` itself",
                speaks_c: false,
                both: files!("rust": "manifest.toml" "Makefile" "gitignore"),
                key: files!("rust/key": "src/lib.rs"),
                session: files!("rust/session": "src/lib.rs" "src/server.rs"),
            },
            Self::C => Template {
                language: "C",
                source: "strategy.c",
                build: "make",
                rebuild: "make",
                lint: "make lint",
                needs: "`make` and Python; it installs the compiler and `wasm-tools` itself",
                speaks_c: true,
                both: files!("c": "Makefile" "requirements.txt" "answers.h" "gitignore"),
                key: files!("c/key": "strategy.c"),
                session: files!("c/session": "strategy.c" "server.c" "server.h"),
            },
            Self::Cpp => Template {
                language: "C++",
                source: "strategy.cpp",
                build: "make",
                rebuild: "make",
                lint: "make lint",
                needs: "`make` and Python; it installs the compiler and `wasm-tools` itself",
                speaks_c: true,
                both: files!("cpp": "Makefile" "requirements.txt" "contract.hpp" "bridge.hpp"
                    "bridge.cpp" "gitignore"),
                key: files!("cpp/key": "strategy.cpp"),
                session: files!("cpp/session": "strategy.cpp" "sign_in.cpp" "sign_in.hpp"),
            },
            Self::Zig => Template {
                language: "Zig",
                source: "strategy.zig",
                build: "make",
                rebuild: "make",
                lint: "make lint",
                needs: "`make` and Python; it installs Zig and `wasm-tools` itself",
                speaks_c: true,
                both: files!("zig": "Makefile" "requirements.txt" "contract.zig" "gitignore"),
                key: files!("zig/key": "strategy.zig"),
                session: files!("zig/session": "strategy.zig" "server.zig" "sign_in.zig"),
            },
            Self::Go => Template {
                language: "Go",
                source: "export_orchestration_auth_strategy/strategy.go",
                build: "make",
                rebuild: "make",
                lint: "make lint",
                needs: "`make`, Python, and Go 1.25 or later; it installs `wasm-tools` itself, \
                    and Go if you\nhave none",
                speaks_c: false,
                both: files!("go": "Makefile" "go.mod" "go.sum" "main.go" "system.wat"
                    "bindings/orchestration_auth_environment/wit_bindings.go"
                    "bindings/orchestration_auth_environment/empty.s"
                    "bindings/orchestration_auth_files/wit_bindings.go"
                    "bindings/orchestration_auth_files/empty.s"
                    "bindings/orchestration_auth_http/wit_bindings.go"
                    "bindings/orchestration_auth_http/empty.s"
                    "bindings/orchestration_auth_secrets/wit_bindings.go"
                    "bindings/orchestration_auth_secrets/empty.s"
                    "bindings/orchestration_auth_store/wit_bindings.go"
                    "bindings/orchestration_auth_store/empty.s"
                    "bindings/orchestration_auth_strategy/wit_bindings.go"
                    "bindings/orchestration_auth_strategy/empty.s"
                    "bindings/orchestration_auth_types/wit_bindings.go"
                    "bindings/orchestration_auth_types/empty.s" "gitignore"),
                key: files!("go/key": "export_orchestration_auth_strategy/strategy.go"
                    "bindings/wit_exports/wit_exports.go"),
                session: files!("go/session": "export_orchestration_auth_strategy/strategy.go"
                    "export_orchestration_auth_sign_in/sign_in.go" "server/server.go"
                    "bindings/orchestration_auth_sign_in/wit_bindings.go"
                    "bindings/orchestration_auth_sign_in/empty.s"
                    "bindings/wit_exports/wit_exports.go"),
            },
            Self::Python => Template {
                language: "Python",
                source: "strategy.py",
                build: "make",
                rebuild: "make",
                lint: "make lint",
                needs: "`make` and Python; it installs everything else itself",
                speaks_c: false,
                both: files!("python": "Makefile" "requirements.txt" "gitignore"),
                key: files!("python/key": "strategy.py"),
                session: files!("python/session": "strategy.py"),
            },
            Self::JavaScript => Template {
                language: "JavaScript",
                source: "strategy.js",
                build: "npm install",
                rebuild: "npm run build",
                lint: "npm run lint",
                needs: "Node.js 20 or later; npm installs the rest",
                speaks_c: false,
                both: files!("javascript": "package.json" "gitignore"),
                key: files!("javascript/key": "strategy.js"),
                session: files!("javascript/session": "strategy.js"),
            },
            Self::TypeScript => Template {
                language: "TypeScript",
                source: "strategy.ts",
                build: "npm install",
                rebuild: "npm run build",
                lint: "npm run lint",
                needs: "Node.js 20 or later; npm installs the rest",
                speaks_c: false,
                both: files!("typescript": "package.json" "tsconfig.json" "gitignore"),
                key: files!("typescript/key": "strategy.ts"),
                session: files!("typescript/session": "strategy.ts"),
            },
        }
    }
}
