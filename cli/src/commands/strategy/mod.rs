//! `orchestration strategy`

mod add;
mod check;
mod component;
mod document;
mod entry;
mod inspect;
mod junit;
mod language;
mod list;
mod loaded;
mod new;
mod outline;
mod published;
mod pull;
mod push;
mod record;
mod remove;
mod run;
mod sign;
mod template;
mod template_file;
mod update;

use std::path::Path;

use clap::Subcommand;

pub(super) use document::StrategyList;
pub(super) use loaded::load_all;

use super::deferred::Deferred;
use crate::error::CliError;
use crate::exit::Exit;
use crate::notes::Steps;

const HELP: &str = "\
A strategy is a WebAssembly component. It runs in a sandbox, and reads only the
variable that a profile names and the variables that it is granted.

Exit status: 0 success, 2 usage or configuration error, 3 a strategy can't be used

Examples:
  orchestration strategy inspect corp-sso.wasm
  orchestration strategy add corp-sso.wasm --auth-type corp-sso --env CORP_REGION
  orchestration strategy add oci://ghcr.io/acme/corp-sso:1.2 --auth-type corp-sso
  orchestration strategy list
  orchestration strategy new corp-sso --lang python";

/// Manage and develop auth strategies
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum StrategyCommand {
    List(Deferred<list::ListArgs>),
    Inspect(Deferred<inspect::InspectArgs>),
    Add(Deferred<add::AddArgs>),
    Remove(Deferred<remove::RemoveArgs>),
    Pull(Deferred<pull::PullArgs>),
    Update(Deferred<update::UpdateArgs>),
    Push(Deferred<push::PushArgs>),
    Sign(Deferred<sign::SignArgs>),
    New(Deferred<new::NewArgs>),
    Run(Deferred<run::RunArgs>),
    Check(Deferred<check::CheckArgs>),
}

impl StrategyCommand {
    /// Whether the command runs a strategy once, and shows what it did.
    pub(crate) fn runs_once(&self) -> bool {
        matches!(self, Self::Run(_))
    }

    /// Runs the command.
    pub(crate) fn run(&self, config: Option<&Path>, steps: &Steps) -> Result<Exit, CliError> {
        match self {
            Self::List(args) => args.run(config),
            Self::Inspect(args) => args.run(),
            Self::Add(args) => args.run(config),
            Self::Remove(args) => args.run(config),
            Self::Pull(args) => args.run(config),
            Self::Update(args) => args.run(config),
            Self::Push(args) => args.run(),
            Self::Sign(args) => args.run(),
            Self::New(args) => args.run(),
            Self::Run(args) => args.run(config, steps),
            Self::Check(args) => args.run(),
        }
    }
}
