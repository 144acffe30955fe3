//! `orchestration init`: from nothing to profiles that work.
//!
//! A newcomer knows which providers they use, and nothing about providers.toml. So this asks
//! for the providers, writes a profile for each in one step, and then helps with the keys.
//! Without a terminal, options answer the questions, and nothing is asked.

mod choice;
mod provider;

use std::io;
use std::path::Path;

use clap::Args;
use clap::builder::PossibleValuesParser;
use orchestration_runtime::ProvidersToml;

use self::provider::Offered;
use super::auth;
use super::client::{self, Client};
use super::profile::new_profile::NewProfile;
use crate::config::{self, ConfigFile, EditError, entry};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remedy;
use crate::ui::{question, stdout, style, text};

pub(super) use self::provider::set_variable;

const HELP: &str = "\
Asks which providers you use, and adds a profile for each to providers.toml. What is in
the file stays as it is. Then, for each key that is missing, asks whether to store it
on this machine, and at last for a client to set up as `client add` does. With
--provider, nothing is asked.

Exit status: 0 the providers are in providers.toml, 1 signed in, but the credential is
not valid, 2 usage or configuration error, or no provider was chosen, 3 a strategy
failed

Examples:
  orchestration init
  orchestration init --provider groq --provider mistral
  orchestration init --provider openrouter --sign-in
  orchestration init --provider anthropic --client claude-code";

/// Choose providers and write providers.toml
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct InitArgs {
    /// Add this provider; may be repeated
    #[arg(long = "provider", value_name = "NAME", value_parser = names())]
    providers: Vec<String>,

    /// Sign in to providers that have a page for it, instead of setting a key
    #[arg(long)]
    sign_in: bool,

    /// Set up this client to use the first of the providers
    #[arg(long, value_name = "CLIENT")]
    client: Option<Client>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum InitError {
    /// No one can be asked.
    #[error("cannot ask which providers you use: stdin or stderr is not a terminal")]
    NotATerminal,
    /// The answer is empty.
    #[error("no provider was chosen, and nothing was written")]
    NoneChosen,
    /// The answer can't be read.
    #[error("cannot read the answer: {0}")]
    Unreadable(#[from] io::Error),
}

impl From<InitError> for CliError {
    fn from(error: InitError) -> Self {
        let hint = match error {
            InitError::NotATerminal | InitError::NoneChosen => Some(remedy::NAME_PROVIDERS),
            InitError::Unreadable(_) => None,
        };
        Self::usage(error).with_hint(hint.map(str::to_owned))
    }
}

/// A chosen provider, and the profile to write for it.
struct Chosen {
    offered: Offered,
    profile: NewProfile,
    signs_in: bool,
}

impl InitArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let is_asked = self.providers.is_empty();
        if is_asked && !question::can_be_asked() {
            return Err(InitError::NotATerminal.into());
        }
        let path = config::path(config)?;
        // A file that can't be used is reported before any question.
        let providers = ConfigFile::open(&path)?.providers()?;
        let chosen = self.chosen(is_asked, &providers)?;
        let added = add(&chosen, &path)?;
        stdout::print(&report(&chosen, &added, &path))?;
        let mut exit = Exit::Fine;
        for chosen in chosen.iter().filter(|chosen| added.contains(&chosen.offered.name)) {
            exit = exit.max(chosen.set_up(is_asked, config)?);
        }
        let Some(first) = chosen.first().map(|chosen| chosen.offered.name) else {
            return Ok(exit);
        };
        let client = match self.client {
            None if is_asked => choice::ask_client(first).map_err(InitError::Unreadable)?,
            client => client,
        };
        let set_up = client.map(|client| client::set_up(client, first, config)).transpose()?;
        Ok(exit.max(set_up.unwrap_or(Exit::Fine)))
    }

    /// Returns the providers of the options, or of the answers, each once and in their order.
    fn chosen(&self, is_asked: bool, providers: &ProvidersToml) -> Result<Vec<Chosen>, InitError> {
        let offered = Offered::all();
        let names = if is_asked { choice::ask(&offered)? } else { self.providers.clone() };
        if names.is_empty() {
            return Err(InitError::NoneChosen);
        }
        let mut chosen: Vec<Offered> = Vec::new();
        for name in names {
            let is_new = chosen.iter().all(|chosen| chosen.name != name);
            chosen.extend(offered.iter().find(|offered| offered.name == name && is_new));
        }
        chosen
            .into_iter()
            .map(|offered| {
                let is_new = providers.place(offered.name).is_none();
                let signs_in = is_new && self.signs_in(&offered, is_asked)?;
                Ok(Chosen { profile: offered.profile(signs_in), offered, signs_in })
            })
            .collect()
    }

    /// Whether the user signs in to a provider: by the option, or because they say so.
    fn signs_in(&self, offered: &Offered, is_asked: bool) -> io::Result<bool> {
        if offered.sign_in.is_none() || self.sign_in {
            return Ok(offered.sign_in.is_some());
        }
        if !is_asked || offered.set.is_some() {
            return Ok(false);
        }
        let name = offered.name;
        question::is_confirmed(&format!("Sign in to {name} instead of setting a key?"))
    }
}

/// The names that `--provider` takes.
fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(Offered::all().into_iter().map(|offered| offered.name))
}

/// Adds the profiles that the file does not have, in one step. Returns their names.
fn add(chosen: &[Chosen], path: &Path) -> Result<Vec<&'static str>, CliError> {
    let file = ConfigFile::open(path)?;
    let providers = file.providers()?;
    let is_new = |chosen: &&Chosen| providers.place(chosen.offered.name).is_none();
    let new: Vec<&Chosen> = chosen.iter().filter(is_new).collect();
    let mut text = file.text()?.to_owned();
    for Chosen { offered, profile, .. } in &new {
        text = entry::write(&text, entry::PROFILES, offered.name, |table| profile.write(table))
            .map_err(EditError::from)?;
    }
    if !new.is_empty() {
        file.replace(text.as_bytes())?;
    }
    Ok(new.iter().map(|chosen| chosen.offered.name).collect())
}

/// What was written, and what is left to do.
fn report(chosen: &[Chosen], added: &[&str], path: &Path) -> String {
    let path = text::link(path);
    let mut report = String::new();
    for Chosen { offered, profile, signs_in } in chosen {
        let name = offered.name;
        if !added.contains(&name) {
            report += &format!("{} {name} is already in {path}\n", style::good());
            continue;
        }
        report += &format!("{} added {name} to {path}\n", style::good());
        match offered.set {
            // It follows at once.
            _ if *signs_in && question::can_be_asked() => {}
            _ if *signs_in => report += &format!("  {}\n", remedy::sign_in(name)),
            Some(variable) => report += &format!("  {variable} is set\n"),
            None => report += &profile.next_steps(name, Some(offered.known)),
        }
    }
    report + "To see the status of every profile: orchestration auth status\n"
}

impl Chosen {
    /// Signs in, or asks for a key and stores it, if a person is there for it.
    fn set_up(&self, is_asked: bool, config: Option<&Path>) -> Result<Exit, CliError> {
        let name = self.offered.name;
        if self.signs_in {
            return match question::can_be_asked() {
                true => auth::sign_in(name, config),
                false => Ok(Exit::Fine),
            };
        }
        let is_missing = self.offered.set.is_none() && self.profile.api_key_env.is_some();
        if !is_asked || !is_missing {
            return Ok(Exit::Fine);
        }
        let question = format!("Store a key of {name} on this machine now?");
        match question::is_confirmed(&question).map_err(InitError::Unreadable)? {
            true => auth::store_key(name, config),
            false => Ok(Exit::Fine),
        }
    }
}
