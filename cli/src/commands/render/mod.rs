//! `orchestration render`: keeps files up to date from which Envoy takes credentials.
//!
//! A proxy that puts a key into requests has to have it, and the next one as soon as it
//! changes. Envoy reads a secret from a file whenever a file is moved to that path. So this
//! command keeps one file for each profile, and moves a new one there when the key is
//! renewed, when its source changes, and when it is gone.

mod profile;
mod secret_file;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCandidates;
use futures_util::future::join_all;
use orchestration_runtime::{ProvidersToml, Readers};

use crate::complete::profiles;
use crate::config;
use crate::diagnostics;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::{backlog, stderr};
use crate::watched_files::WatchedFiles;

use profile::RenderedProfile;
use secret_file::{SecretFile, open_directory};

const HELP: &str = "\
Writes DIR/PROFILE.json for each profile: a generic secret of Envoy, named like the
profile, whose text is the value of the header that carries the key. DIR is created if it
does not exist, and others must not be able to write to it.

Keeps running. A file is replaced when its key is renewed, and within a second when the
profile's api_key_file or providers.toml changes. A key that is gone or has expired is
taken out of its file, which makes Envoy answer 401.

Exit status: 1 a credential is not valid, 2 usage or configuration error, 3 a strategy
failed; without --once only a mistake at the start ends the command, with 2

Examples:
  orchestration render --sds /run/orchestration/sds openai anthropic
  orchestration render --sds /run/orchestration/sds --group-readable openai
  orchestration render --sds ./sds --once openai";

/// Keep files of credentials current for Envoy
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct RenderArgs {
    /// The profiles, as listed by `auth status`
    #[arg(required = true, value_name = "PROFILE", add = ArgValueCandidates::new(profiles))]
    profiles: Vec<String>,

    /// Write the files to this directory
    #[arg(long, value_name = "DIR")]
    sds: PathBuf,

    /// Let the group of the directory read the files too
    #[arg(long)]
    group_readable: bool,

    /// Write the files once and exit
    #[arg(long)]
    once: bool,
}

impl RenderArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let mut files = WatchedFiles::default();
        files.watch(ProvidersToml::path(config)?);
        let mut warned = None;
        let mut host = Host::of(config::discover_again(config, &mut warned)?)?;
        let mut rendered = self.rendered(&host.providers)?;
        if self.once {
            let looks = rendered.iter_mut().map(|profile| profile.look(&host));
            let mut failed = host.run(join_all(looks)).into_iter().filter_map(Result::err);
            let first = failed.next();
            failed.for_each(|error| diagnostics::show(&error));
            return first.map_or(Ok(Exit::Fine), Err);
        }
        rendered.iter_mut().try_for_each(RenderedProfile::make_present)?;
        let _writing = backlog::start()?;
        loop {
            files.watch(project(&host.providers));
            host.run(async {
                let keeping = rendered.iter_mut().map(|profile| profile.keep(&host));
                tokio::select! {
                    () = files.changed() => {}
                    _ = join_all(keeping) => {}
                }
            });
            match config::discover_again(config, &mut warned).and_then(Host::of) {
                Ok(changed) => {
                    // A renewal that is cut off may lose its session.
                    host.run(host.registry.finish_renewals());
                    stderr::note("read providers.toml again");
                    host = changed;
                }
                // The profiles stay as they were until the mistake is fixed.
                Err(error) => diagnostics::show(&error),
            }
        }
    }

    /// Returns the files to keep, after checking that each can be.
    fn rendered(&self, providers: &ProvidersToml) -> Result<Vec<RenderedProfile>, CliError> {
        let names: BTreeSet<&str> = self.profiles.iter().map(String::as_str).collect();
        for name in &names {
            providers.profile(name)?;
        }
        let readers = if self.group_readable { Readers::Group } else { Readers::Owner };
        open_directory(&self.sds, readers)?;
        let file = |name| SecretFile::new(&self.sds, name, readers);
        Ok(names.into_iter().map(|name| RenderedProfile::new(name, file(name))).collect())
    }
}

/// Returns the project's file, used or not.
fn project(providers: &ProvidersToml) -> Option<PathBuf> {
    let unused = || providers.unused().map(|unused| unused.path.as_path());
    providers.project().or_else(unused).map(Path::to_owned)
}
