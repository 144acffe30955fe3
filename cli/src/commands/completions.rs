//! `orchestration completions`: the lines that make a shell ask `orchestration` for
//! completions.

use clap::{Args, ValueEnum};
use clap_complete::env::Shells;

use crate::error::CliError;
use crate::exit::Exit;
use crate::program;
use crate::ui::stdout::{self, OutputError};

const HELP: &str = "\
The shell then runs `orchestration` whenever you press the tab key, so it always
completes the profiles and auth types that are configured at that moment.

Exit status: 0

Examples:
  source <(orchestration completions bash)              in ~/.bashrc
  source <(orchestration completions zsh)               in ~/.zshrc
  orchestration completions fish | source               in config.fish";

/// The variable that a shell sets to ask for completions. Clap chose the name.
const ASKED: &str = "COMPLETE";

/// Generate shell completions
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CompletionsArgs {
    /// Your shell
    #[arg(value_enum)]
    shell: Shell,
}

/// A shell that can ask for completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

impl CompletionsArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        if let Some(completer) = Shells::builtins().completer(self.shell.name()) {
            let name = program::NAME;
            let written = completer.write_registration(ASKED, name, name, name, &mut script);
            written.map_err(OutputError::from)?;
        }
        stdout::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Fine)
    }
}
