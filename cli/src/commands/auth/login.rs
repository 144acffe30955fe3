//! `orchestration auth login`: signs in to a profile, if its strategy has a sign-in, and
//! otherwise says whether its credential is set, and how to set it. With `--store`, it
//! stores a key.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{Credentials, ProviderProfile, Secret, Sessions, Source};

use super::answer;
use super::outcome::{not_needed, outcome};
use super::sign_in::SignInOptions;
use super::store;
use super::verify::{self, Verifier};
use crate::complete::profiles;
use crate::error::CliError;
use crate::exit::Exit;
use crate::gateway;
use crate::host::Host;
use crate::ui::{stdout, text};

const HELP: &str = "\
Exit status: 0 the credential was found or is not needed, or the key is stored,
1 it is not valid, 2 usage or configuration error, or the text can't be a key,
3 the strategy failed, or the key could not be stored; with --verify, 4 the
credential could not be verified

Examples:
  orchestration auth login openai
  orchestration auth login openai --verify
  orchestration auth login openai --store
  orchestration auth login openai --store < key.txt
  orchestration auth login corp --device
  orchestration auth login corp --keyring
  orchestration auth login local && echo ready";

/// Sign in, store a key, or check one credential
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct LoginArgs {
    /// The profile, as listed by `auth status`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,

    /// Ask the provider whether it accepts the credential
    #[arg(long)]
    verify: bool,

    /// Type a key, or pipe it in, and store it where only you can read it
    #[arg(long, conflicts_with_all = ["device", "browser", "no_open", "port", "timeout"])]
    store: bool,

    #[command(flatten)]
    sign_in: SignInOptions,
}

impl LoginArgs {
    /// The arguments of a sign-in to `profile`.
    pub(super) fn signing_in(profile: &str) -> Self {
        Self {
            profile: profile.to_owned(),
            verify: false,
            store: false,
            sign_in: Default::default(),
        }
    }

    /// The arguments that ask for the key of `profile`, and store it.
    pub(super) fn storing(profile: &str) -> Self {
        Self { store: true, ..Self::signing_in(profile) }
    }

    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let verifier = self.verify.then(Verifier::new);
        let sessions = Sessions::of_current_user().map(|sessions| self.sign_in.keep_in(sessions));
        let host = Host::until_exit_with(config, self.verify, sessions)?;
        let profile = host.providers.profile(&self.profile)?.clone();
        gateway::warn(&gateway::notices(&host.providers, [&profile]));
        if self.store {
            store::store(&host, &profile)?;
            if !self.verify {
                return Ok(Exit::Fine);
            }
        }
        let signs_in = host.run(host.registry.signs_in(&profile));
        let is_user = matches!(signs_in, Ok(true));
        let found = |profile: &ProviderProfile, credentials: &Credentials| {
            found(profile, credentials, is_user)
        };
        let answer = match signs_in {
            Err(error) => answer::failed(profile, error),
            Ok(signs_in) => {
                if signs_in {
                    self.sign_in.sign_in(&host, &profile)?;
                }
                host.run(verify::ask(profile, host.registry.clone(), verifier))
            }
        };
        if let (Ok(credentials), Some(verdict)) = (&answer.credentials, &answer.verdict) {
            let found = found(&answer.profile, credentials);
            stdout::print(&verify::sentence(&found, credentials, verdict, &answer.profile))?;
            return Ok(verdict.into());
        }
        let (status, sentence) = outcome(answer, found)?;
        stdout::print(&sentence)?;
        Ok(status.into())
    }
}

/// Says what was found; `is_user` means that a user signed in for it.
fn found(profile: &ProviderProfile, credentials: &Credentials, is_user: bool) -> String {
    let name = &profile.name;
    let mask = credentials.key().map(Secret::mask).unwrap_or_default();
    match credentials.source() {
        Source::NotNeeded { stranger } => not_needed(name, stranger.as_deref()),
        Source::Environment(variable) => format!("{variable} is set ({mask})"),
        Source::File(path) => format!("the key is in {} ({mask})", text::from_home(path)),
        Source::Session { account: Some(account), .. } => match account.stranger() {
            None => format!("Signed in to {name} as {account}"),
            Some(_) => format!("Signed in to {name}; {account}"),
        },
        Source::Session { account: None, .. } if is_user => format!("Signed in to {name}"),
        Source::Session { account: None, .. } => format!("{name} has a token ({mask})"),
        Source::StoredKey => format!("{name} has a stored key ({mask})"),
        Source::Explicit => format!("{name} has an explicit key ({mask})"),
        Source::Other(claim) => format!("{name} has a credential ({mask}) from {claim}"),
    }
}
