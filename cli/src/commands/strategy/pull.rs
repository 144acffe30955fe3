//! `orchestration strategy pull`: fetches the components that providers.toml pins.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{PinnedComponent, StrategyConfig, sanitize};

use super::published::{Found, keys};
use crate::commands::cache::store;
use crate::complete::strategies;
use crate::config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::remedy;
use crate::ui::text;
use crate::ui::{stdout, style};

const HELP: &str = "\
Fetches what providers.toml pins and this machine lacks, such as on a new machine or
in CI. Only the pinned bytes are taken, whatever the tag leads to by now; to take a
newer version, use `strategy update`. No other command fetches a component that is
missing, so `auth status` and the like work without a network.

Exit status: 0 all of them are on this machine, 2 usage or configuration error, or
the registry does not give one, 3 what the registry gives can't be used

Examples:
  orchestration strategy pull
  orchestration strategy pull corp-sso
  orchestration strategy pull --offline";

/// Fetch the pinned components from their registries
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct PullArgs {
    /// The auth types, as listed by `strategy list`; all of them if none is named
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(strategies))]
    names: Vec<String>,

    /// Send no requests: fail if a component is not on this machine
    #[arg(long)]
    offline: bool,
}

impl PullArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let host = Host::online(config::discover(config)?)?;
        let wanted = self.wanted(&host)?;
        if wanted.is_empty() {
            stdout::print("No strategy is from a registry.\n")?;
        }
        for (strategy, pinned) in wanted {
            let done = self.pull(&host, strategy, pinned)?;
            stdout::print(&format!("{} {done}\n", style::good()))?;
        }
        Ok(Exit::Fine)
    }

    /// The named strategies, or all that are from registries.
    fn wanted<'a>(
        &self,
        host: &'a Host,
    ) -> Result<Vec<(&'a StrategyConfig, &'a PinnedComponent)>, CliError> {
        let all = host.providers.strategies();
        let pinned = |strategy: &'a StrategyConfig| {
            Some((strategy, strategy.component.as_ref()?.published()?))
        };
        let published: Vec<_> = all.filter_map(pinned).collect();
        if self.names.is_empty() {
            return Ok(published);
        }
        let of_name = |name: &String| {
            let found = published.iter().find(|(strategy, _)| strategy.auth_type == *name);
            found.copied().ok_or_else(|| {
                let available: Vec<String> =
                    published.iter().map(|(strategy, _)| strategy.auth_type.clone()).collect();
                let cause = format!("no strategy '{}' is from a registry", sanitize(name, []));
                let hint = remedy::instead_of(name, &available, "strategies from registries");
                CliError::usage(cause).with_hint(hint)
            })
        };
        self.names.iter().map(of_name).collect()
    }

    /// Fetches one component, and says what was done.
    fn pull(
        &self,
        host: &Host,
        strategy: &StrategyConfig,
        pinned: &PinnedComponent,
    ) -> Result<String, CliError> {
        let name = &strategy.auth_type;
        if store()?.has(&pinned.component) {
            return Ok(format!("{name} is on this machine"));
        }
        let found = Found::at(host, &pinned.reference, self.offline)?;
        found.published.expect(&pinned.component)?;
        found.verify(host, &keys(&host.providers, &pinned.reference, None)?)?;
        found.fetch(host, &strategy.limits)?;
        let size = text::size(found.published.bytes);
        Ok(format!("pulled {name}, {size}, from {}", pinned.reference))
    }
}
