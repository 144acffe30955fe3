//! `orchestration spawn`: an agent, from a terminal or a script.
//!
//! Given a message as an argument or on stdin, it answers once. Otherwise it holds a
//! conversation, if stdin and stdout are a terminal.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{AgentConfig, OpenAiCompatibleProvider, Provider};

use super::answer::{self, Format};
use super::conversation;
use super::error::SpawnError;
use crate::complete::profiles;
use crate::config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::gateway;
use crate::host::Host;

const HELP: &str = "\
Given a message as an argument or on stdin, answers it and exits. Without one,
on a terminal, starts a conversation: Ctrl-C stops an answer, Ctrl-D exits.

The key is sent only to the profile's base_url: never after a redirect, and never
over plain http except to this machine, unless the profile sets allow_http.

Exit status: 0 answered, 1 the credential is not valid, 2 usage or configuration
error, 3 a strategy or the provider failed

Examples:
  orchestration spawn --profile openai --model gpt-5-mini 'Why is the sky blue?'
  git diff | orchestration spawn --profile local --model qwen3 \\
      --system-prompt 'Write a commit message for this change.'
  orchestration spawn --profile openrouter --model openai/gpt-5-mini";

/// The largest message to read from a pipe, in bytes: more than any model accepts.
/// It keeps an endless pipe from filling the memory.
const MAX_BYTES: u64 = 64 << 20;

/// Talk to a model
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct SpawnArgs {
    /// The profile, as listed by `auth status`
    #[arg(long, add = ArgValueCandidates::new(profiles))]
    profile: String,

    /// The model [default: the profile's `default_model`]
    #[arg(long)]
    model: Option<String>,

    /// Instructions for the model, before the conversation
    #[arg(long, value_name = "TEXT")]
    system_prompt: Option<String>,

    /// Send requests to this URL instead of the profile's `base_url`
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The message to answer
    message: Option<String>,
}

impl SpawnArgs {
    /// Runs the command.
    pub(crate) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::online(config::discover(config)?)?;
        let message = self.message()?;
        if self.base_url.is_none() {
            let profile = host.providers.profile(&self.profile).ok();
            gateway::warn(&gateway::notices(&host.providers, profile));
        }
        let provider = OpenAiCompatibleProvider::new(host.providers.clone(), host.registry.clone());
        let agent = host.run(provider.create_agent(self.agent_config()?))?;
        match message {
            Some(message) => {
                let shown = host.run(answer::show(&*agent, &message, self.format));
                host.run(host.registry.finish_renewals());
                shown.map(|()| Exit::Fine)
            }
            None => conversation::hold(&host, &*agent, self.format),
        }
    }

    fn agent_config(&self) -> Result<AgentConfig, SpawnError> {
        let base_url = self.base_url.as_deref().map(str::parse).transpose();
        Ok(AgentConfig {
            profile: Some(self.profile.clone()),
            model: self.model.clone(),
            instructions: self.system_prompt.clone(),
            base_url: base_url.map_err(SpawnError::BaseUrl)?,
            ..AgentConfig::default()
        })
    }

    /// The message to answer, or none to start a conversation.
    fn message(&self) -> Result<Option<String>, SpawnError> {
        let message = match &self.message {
            Some(message) => message.clone(),
            None if !io::stdin().is_terminal() => piped()?,
            None if io::stdout().is_terminal() => return Ok(None),
            // The user could not read the answers.
            None => return Err(SpawnError::NoMessage),
        };
        if message.trim().is_empty() { Err(SpawnError::NoMessage) } else { Ok(Some(message)) }
    }
}

fn piped() -> Result<String, SpawnError> {
    let mut bytes = Vec::new();
    io::stdin().take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(SpawnError::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        let reason = format!("it is larger than {} MiB", MAX_BYTES >> 20);
        return Err(SpawnError::Unreadable(io::Error::other(reason)));
    }
    String::from_utf8(bytes)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|_| SpawnError::Unreadable(io::Error::other("it is not valid UTF-8")))
}
