//! The arguments of `completions` and `man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) const HELP: &str = "\
The lines make the shell ask `orchestration` at every press of the tab key, so
profiles and auth types are completed as they are configured at that moment.

Exit status: 0

Examples:
  source <(orchestration completions bash)              in ~/.bashrc
  source <(orchestration completions zsh)               in ~/.zshrc
  orchestration completions fish | source               in config.fish";

pub(super) const MAN_HELP: &str = "\
One page a command; the folder is made where it is not there.

Exit status: 0 fine, 2 a page can't be written

Examples:
  orchestration man ~/.local/share/man/man1 && man orchestration-auth-check";

/// A shell that can be told how to complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

/// What `man` is asked.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Where to write the pages
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}
