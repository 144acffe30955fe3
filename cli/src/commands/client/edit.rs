//! What each client is told, and how its settings say so.

use std::path::{Path, PathBuf};

use orchestration_runtime::ProviderProfile;

use super::error::{ClientError, SettingsError};
use super::helper::Helper;
use super::kind::Client;
use super::setup::{Named, Setup};
use super::{claude_code, codex, opencode, pi};

impl Setup {
    /// Returns what `client` is told for this profile, which is read from `config` if it is
    /// named.
    pub(super) fn of(
        client: Client,
        profile: &ProviderProfile,
        config: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let (base_url, provider) = client.place(profile)?;
        let helper = Helper::new(&profile.name, config, client.format())?;
        Ok(Self { helper, base_url, provider })
    }
}

impl Client {
    /// Its settings file, which need not exist; `None` without a home directory.
    pub(super) fn settings(self) -> Option<PathBuf> {
        match self {
            Self::ClaudeCode => claude_code::settings(),
            Self::Codex => codex::settings(),
            Self::Opencode => opencode::settings(),
            Self::Pi => pi::settings(),
            Self::Gemini | Self::Llm => None,
        }
    }

    /// Returns the base URL and the provider in the form that the client takes.
    ///
    /// # Errors
    ///
    /// Fails if the client can't use the profile.
    pub(super) fn place(
        self,
        profile: &ProviderProfile,
    ) -> Result<(Option<String>, Option<Named>), ClientError> {
        match self {
            Self::ClaudeCode => Ok((claude_code::base_url(profile)?, None)),
            Self::Codex => Ok((Some(codex::base_url(profile)?), None)),
            Self::Opencode => opencode::place(profile),
            Self::Pi => pi::place(profile),
            Self::Gemini | Self::Llm => {
                Err(ClientError::NoHelper { client: self, profile: profile.name.clone() })
            }
        }
    }

    /// Returns what a settings file tells the client.
    pub(super) fn found(self, text: &str) -> Result<Option<Setup>, SettingsError> {
        match self {
            Self::ClaudeCode => claude_code::found(text),
            Self::Codex => codex::found(text),
            Self::Opencode => opencode::found(text),
            Self::Pi => pi::found(text),
            Self::Gemini | Self::Llm => Ok(None),
        }
    }

    /// Returns the text of a settings file that has no lines of ours, with these.
    pub(super) fn added(self, text: &str, setup: &Setup) -> Result<String, SettingsError> {
        match self {
            Self::ClaudeCode => claude_code::added(text, setup),
            Self::Codex => codex::added(text, setup),
            Self::Opencode => opencode::added(text, setup),
            Self::Pi => pi::added(text, setup),
            Self::Gemini | Self::Llm => Ok(text.to_owned()),
        }
    }

    /// Returns the text of a settings file without our lines.
    pub(super) fn removed(self, text: &str) -> Result<String, SettingsError> {
        match self {
            Self::ClaudeCode => claude_code::removed(text),
            Self::Codex => codex::removed(text),
            Self::Opencode => Ok(opencode::removed(text)),
            Self::Pi => pi::removed(text),
            Self::Gemini | Self::Llm => Ok(text.to_owned()),
        }
    }
}
