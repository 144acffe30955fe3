//! What the broker serves by its files, which may change while it runs.
//!
//! A mistake in a file must not end what works: what was read last stays until the file can
//! be read again, and stderr says why.

use std::path::Path;
use std::sync::Arc;

use orchestration_runtime::{Pass, ProvidersToml, Registry, Secret, Upstream};

use super::pass_file;
use super::upstreams::Upstreams;
use crate::config;
use crate::error::CliError;
use crate::host::Host;
use crate::watched_files::WatchedFiles;

/// The arguments and files that decide what is served.
pub(super) struct Configured<'a> {
    pub(super) config: Option<&'a Path>,
    pub(super) names: &'a [String],
    pub(super) passes: Passes<'a>,
    pub(super) upstreams: Upstreams,
}

/// Who may use the profiles.
pub(super) enum Passes<'a> {
    /// The programs of this user, who alone can open the socket.
    NoneNeeded,
    /// Anyone who has the pass of this broker, for all profiles.
    Own(Secret),
    /// Anyone who has one of the passes in this file.
    InFile(&'a Path),
}

impl Configured<'_> {
    /// Returns the servers of the profiles, and the passes.
    pub(super) async fn read(
        &mut self,
        providers: &ProvidersToml,
        registry: &Registry,
    ) -> Result<(Vec<Arc<Upstream>>, Vec<Pass>), CliError> {
        let upstreams = self.upstreams.read(providers, registry, self.names).await?;
        let passes = match &self.passes {
            Passes::NoneNeeded => Vec::new(),
            Passes::Own(secret) => {
                let names = upstreams.iter().map(|upstream| upstream.profile().to_string());
                vec![Pass::new(secret.clone(), names)]
            }
            Passes::InFile(path) => pass_file::read(path)?,
        };
        Ok((upstreams, passes))
    }

    /// The same, with the files as they are now.
    pub(super) async fn read_again(
        &mut self,
        warned: &mut Option<String>,
    ) -> Result<(Vec<Arc<Upstream>>, Vec<Pass>), CliError> {
        let providers = config::discover_again(self.config, warned)?;
        let registry = Host::registry_of(&providers)?;
        self.read(&providers, &registry).await
    }

    /// Returns the files that decide what is served, to be watched.
    pub(super) fn files(&self, project: Option<&Path>) -> WatchedFiles {
        let mut files = WatchedFiles::default();
        files.watch(ProvidersToml::path(self.config).ok().flatten());
        files.watch(project.map(Path::to_owned));
        if let Passes::InFile(path) = self.passes {
            files.watch(Some(path.to_owned()));
        }
        files
    }
}
