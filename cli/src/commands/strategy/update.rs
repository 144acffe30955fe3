//! `orchestration strategy update`: takes what the tag of a strategy leads to now.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{
    Inspection, PinnedComponent, StrategyConfig, is_variable_name, sanitize_path,
};

use super::entry;
use super::published::{Found, keys};
use crate::commands::cache::store;
use crate::complete::strategies;
use crate::config::{self, ConfigFile, EditError};
use crate::edited_file::FileError;
use crate::error::{CliError, Kind};
use crate::exit::Exit;
use crate::host::Host;
use crate::remedy;
use crate::ui::{question, stdout, style};

const HELP: &str = "\
Shows how what the tag leads to now differs from what is pinned: imports, exports,
declared variables, version and digests. The pins change after a yes. Grants and
limits stay; sessions are kept for the old component, as `strategy add` says.

Exit status: 0 it is up to date, by now or before, 2 usage or configuration error,
--locked and a newer version, a no, or the registry does not give it, 3 the new
version can't be used as a strategy

Examples:
  orchestration strategy update corp-sso
  orchestration strategy update corp-sso --yes
  orchestration strategy update corp-sso --locked";

/// Take a newer version of a strategy from its registry
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct UpdateArgs {
    /// The auth type, as listed by `strategy list`
    #[arg(add = ArgValueCandidates::new(strategies))]
    name: String,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    /// Fail if there is a newer version, and change nothing
    #[arg(long, conflicts_with = "yes")]
    locked: bool,

    /// Take it only if it is signed by this public key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    verify_key: Option<PathBuf>,
}

impl UpdateArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let path = config::path(config)?;
        let host = Host::online(ConfigFile::open(&path)?.providers()?)?;
        let (strategy, pinned) = self.pinned(&host, &path)?;
        let found = Found::at(&host, &pinned.reference.unpinned(), false)?;
        let new = &found.published;
        let is_same =
            Some(&new.manifest) == pinned.reference.manifest() && new.component == pinned.component;
        if self.locked && !is_same {
            let cause = format!(
                "strategy '{}': {} leads to {}, and --locked keeps the pins",
                self.name,
                new.reference.unpinned(),
                new.manifest
            );
            return Err(CliError::new(Kind::Policy, cause));
        }
        // A rule may be newer than the pins.
        let keys = keys(&host.providers, &new.reference, self.verify_key.as_deref())?;
        found.verify(&host, &keys)?;
        if is_same {
            stdout::print(&format!("{} {} is up to date\n", style::good(), self.name))?;
            return Ok(Exit::Fine);
        }
        let after = found.inspect(&host, &self.name)?;
        let before = self.inspect_pinned(&host, pinned);
        stdout::print(&differences(strategy, pinned, &found, before.as_ref(), &after))?;
        after.description?;
        self.confirm()?;
        let config_file = ConfigFile::open(&path)?;
        // What was shown is the difference to these pins, and to no others.
        if !config_file.providers()?.strategies().any(|now| now == strategy) {
            return Err(EditError::from(FileError::Changed { path }).into());
        }
        let (name, reference) = (&self.name, new.reference.to_string());
        let written = entry::pin(config_file.text()?, name, &reference, &after.sha256)?;
        config_file.replace(written.as_bytes())?;
        let path = sanitize_path(&path);
        stdout::print(&format!("{} updated {} in {path}\n", style::good(), self.name))?;
        Ok(Exit::Fine)
    }

    /// The strategy, and what is pinned of it.
    fn pinned<'a>(
        &self,
        host: &'a Host,
        path: &Path,
    ) -> Result<(&'a StrategyConfig, &'a PinnedComponent), CliError> {
        let strategies = || host.providers.strategies();
        let Some(strategy) = strategies().find(|known| known.auth_type == self.name) else {
            let name = self.name.escape_debug().to_string();
            let available = strategies().map(|known| known.auth_type.clone()).collect();
            return Err(
                EditError::UnknownStrategy { name, path: path.to_owned(), available }.into()
            );
        };
        let pinned = strategy.component.as_ref().and_then(|component| component.published());
        let pinned = pinned.ok_or_else(|| {
            let cause = format!("strategy '{}' is not from a registry", self.name);
            CliError::usage(cause).with_hint(remedy::add_again(&self.name))
        })?;
        if pinned.reference.tag().is_none() {
            let cause = format!("strategy '{}' is pinned without a tag to follow", self.name);
            return Err(CliError::usage(cause).with_hint(remedy::add_again(&self.name)));
        }
        Ok((strategy, pinned))
    }

    /// What is pinned now, if it is on this machine.
    fn inspect_pinned(&self, host: &Host, pinned: &PinnedComponent) -> Option<Inspection> {
        let store = store().ok()?;
        if !store.has(&pinned.component) {
            return None;
        }
        host.run(host.registry.inspect_as(&self.name, &store.path(&pinned.component))).ok()
    }

    fn confirm(&self) -> Result<(), CliError> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            let cause = "cannot ask for confirmation: stdin is not a terminal";
            return Err(CliError::usage(cause).with_hint(remedy::update_unasked(&self.name)));
        }
        match question::is_confirmed("Take it?") {
            Ok(true) => Ok(()),
            Ok(false) => Err(CliError::usage("not updated")),
            Err(error) => Err(CliError::usage(format!("cannot read the answer: {error}"))),
        }
    }
}

/// What differs, a line for each thing.
fn differences(
    strategy: &StrategyConfig,
    pinned: &PinnedComponent,
    found: &Found,
    before: Option<&Inspection>,
    after: &Inspection,
) -> String {
    let mut lines =
        vec![format!("{} {}", strategy.auth_type, found.published.reference.unpinned())];
    let manifest = pinned.reference.manifest().map(ToString::to_string).unwrap_or_default();
    lines.push(format!("  manifest  {manifest} → {}", found.published.manifest));
    lines.push(format!("  sha256    {} → {}", pinned.component.hex(), after.sha256));
    let Some(before) = before else {
        lines.push(
            "  The pinned component is not on this machine, so all of the new one is shown:".into(),
        );
        return lines.join("\n") + "\n" + &found.outline(after);
    };
    let version = |inspection: &Inspection| {
        let said = inspection.description.as_ref();
        said.map_or_else(|_| "unknown".to_owned(), |said| said.version.quoted().into_owned())
    };
    lines.push(format!("  version   {} → {}", version(before), version(after)));
    let imports = |inspection: &Inspection| {
        inspection.interface.iter().flat_map(|known| known.imports.clone()).collect()
    };
    let exports = |inspection: &Inspection| {
        inspection.interface.iter().flat_map(|known| known.exports.clone()).collect()
    };
    let needs = |inspection: &Inspection| {
        let said = inspection.description.iter().flat_map(|said| said.environment.clone());
        said.filter(|name| is_variable_name(name)).collect()
    };
    lines.extend(changed("imports", imports(before), imports(after)));
    lines.extend(changed("exports", exports(before), exports(after)));
    lines.extend(changed("needs", needs(before), needs(after)));
    lines.join("\n") + "\n"
}

/// The names that are new, with a `+`, and those that are gone, with a `-`.
fn changed(what: &str, before: BTreeSet<String>, after: BTreeSet<String>) -> Vec<String> {
    let new = after.difference(&before).map(|name| format!("  {what:<9} + {name}"));
    let gone = before.difference(&after).map(|name| format!("  {what:<9} - {name}"));
    let all: Vec<String> = new.chain(gone).collect();
    if all.is_empty() { vec![format!("  {what:<9} unchanged")] } else { all }
}
