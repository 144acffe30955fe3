//! The clients that can be set up.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use clap::ValueEnum;
use orchestration_runtime::home_directory;

/// A client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    ClaudeCode,
    Codex,
    Opencode,
    Gemini,
    Pi,
    Llm,
}

/// The clients that run a command for their key.
pub(crate) const WITH_HELPER: [Client; 4] =
    [Client::ClaudeCode, Client::Codex, Client::Opencode, Client::Pi];

impl Display for Client {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::ClaudeCode => "claude-code",
            other => other.program(),
        })
    }
}

impl Client {
    /// The name of its executable.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude",
            Self::Codex => "codex",
            Self::Opencode => "opencode",
            Self::Gemini => "gemini",
            Self::Pi => "pi",
            Self::Llm => "llm",
        }
    }

    /// The variable that names the directory of its settings.
    pub(super) fn directory_variable(self) -> &'static str {
        match self {
            Self::ClaudeCode => "CLAUDE_CONFIG_DIR",
            Self::Codex => "CODEX_HOME",
            Self::Pi => "PI_CODING_AGENT_DIR",
            Self::Opencode | Self::Gemini | Self::Llm => "XDG_CONFIG_HOME",
        }
    }

    /// The directory of its settings: the one that its variable names, or else `below_home` in
    /// the home directory; `None` without a home directory.
    pub(super) fn directory(self, below_home: &str) -> Option<PathBuf> {
        let named = |name| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        let home = || home_directory().map(|home| home.join(below_home));
        named(self.directory_variable()).or_else(home)
    }

    /// The format in which it takes a key, if it is not the plain one.
    pub(super) fn format(self) -> Option<&'static str> {
        (self == Self::Opencode).then_some("headers")
    }
}
