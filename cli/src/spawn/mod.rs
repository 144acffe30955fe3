//! `orchestration spawn`: an agent, from a terminal or a script.
//!
//! With a message, or one piped in, it answers once. On a terminal without one it
//! is a conversation.

mod answer;
mod conversation;

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use orchestration_runtime::{AgentConfig, OpenAiCompatibleProvider, Provider};

use crate::args::SpawnArguments;
use crate::config;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::host::Host;

/// The largest message that is read from a pipe, in bytes: more than any model
/// takes. It keeps a pipe without an end from filling the memory.
const MAX_BYTES: u64 = 64 << 20;

/// Carries the command out.
pub(crate) fn run(arguments: &SpawnArguments, named: Option<&Path>) -> Result<Exit, CliError> {
    let host = Host::online(config::discover(named)?)?;
    let message = message(arguments)?;
    let provider = OpenAiCompatibleProvider::new(host.providers.clone(), host.registry.clone());
    let agent = host.run(provider.create_agent(agent_config(arguments)))?;
    match message {
        Some(message) => {
            host.run(answer::show(&*agent, &message, arguments.format))?;
            Ok(Exit::Fine)
        }
        None => conversation::hold(&host, &*agent, arguments.format),
    }
}

fn agent_config(arguments: &SpawnArguments) -> AgentConfig {
    AgentConfig {
        profile: Some(arguments.profile.clone()),
        model: arguments.model.clone(),
        instructions: arguments.system_prompt.clone(),
        base_url: arguments.base_url.clone(),
        ..AgentConfig::default()
    }
}

/// What is to be answered; none where a person will say it.
fn message(arguments: &SpawnArguments) -> Result<Option<String>, CliError> {
    let message = match &arguments.message {
        Some(message) => message.clone(),
        None if !io::stdin().is_terminal() => piped()?,
        None if io::stdout().is_terminal() => return Ok(None),
        // Nobody could read along.
        None => return Err(CliError::NoMessage),
    };
    if message.trim().is_empty() { Err(CliError::NoMessage) } else { Ok(Some(message)) }
}

fn piped() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    io::stdin().take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(CliError::Message)?;
    if bytes.len() as u64 > MAX_BYTES {
        let reason = format!("it is larger than {} MiB", MAX_BYTES >> 20);
        return Err(CliError::Message(io::Error::other(reason)));
    }
    String::from_utf8(bytes)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|_| CliError::Message(io::Error::other("it is not valid UTF-8")))
}
