//! `orchestration strategy push`: publishes a component in a registry.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use orchestration_runtime::{
    Access, DockerConfig, Failure, Limits, LoadError, Package, ProviderError, ProvidersToml,
    Repository, read_regular,
};

use super::component::reference;
use crate::error::{CliError, Kind};
use crate::exit::Exit;
use crate::host::Host;
use crate::remedy;
use crate::ui::spinner::{self, Transfer};
use crate::ui::{stdout, style};

const HELP: &str = "\
Publishes the artifact that wash, wkg and oras read and write: the component is its
only layer, and its config lists what the component imports and exports. The same
component always has the same digests. Of its code only `describe` runs, to see
that it is a strategy.

The login is the one of `docker login`, `oras login` or a credential helper, from
$DOCKER_CONFIG/config.json or ~/.docker/config.json.

Exit status: 0 pushed, 2 usage or configuration error, or the registry does not take
it, 3 the file can't be used as a strategy

Examples:
  orchestration strategy push corp-sso.wasm oci://ghcr.io/acme/corp-sso:1.2";

/// Publish a component in a registry
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct PushArgs {
    /// The component
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Where to publish it: oci://HOST/REPOSITORY:TAG
    #[arg(value_name = "REFERENCE")]
    to: String,
}

impl PushArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let to = reference(&self.to)?;
        if to.manifest().is_some() {
            let cause = "a component is pushed to a tag; its digest is what comes of it";
            return Err(CliError::usage(cause).with_hint(remedy::WRITE_REFERENCE.to_owned()));
        }
        let host = Host::online(ProvidersToml::built_in())?;
        let inspection = host.run(host.registry.inspect(&self.file))?;
        let (interface, sha256) = (inspection.interface, inspection.sha256);
        inspection.description?;
        let interface = interface.map_err(|error| CliError::new(Kind::UnusableStrategy, error))?;
        let bytes = self.bytes()?;
        let package = Package::of(bytes, &interface.imports, &interface.exports);
        let package = package.map_err(CliError::usage)?;
        if package.component().hex() != sha256 {
            let cause = "the component changed while this command was running";
            return Err(CliError::usage(cause).with_hint(remedy::TRY_AGAIN.to_owned()));
        }
        let pushed = {
            let _pushing = spinner::transferring(Transfer::Pushing(to.name()));
            host.run(async {
                let logins = DockerConfig::of_current_user();
                Repository::open(&to, Access::Push, logins).await?.push(&package).await
            })?
        };
        stdout::print(&format!(
            "{} pushed {pushed}\n  Component sha256:{sha256}\n  \
             Add it with: orchestration strategy add {to} --auth-type NAME\n",
            style::good(),
        ))?;
        Ok(Exit::Fine)
    }

    fn bytes(&self) -> Result<Vec<u8>, CliError> {
        let max_bytes = Limits::default().component_bytes as u64;
        read_regular(&self.file, max_bytes).map_err(|error| {
            let failure = Failure::Load(LoadError::Read {
                path: self.file.clone(),
                reason: error.to_string(),
            });
            let auth_type = "component".to_owned();
            ProviderError::Unusable { auth_type, failure: Box::new(failure) }.into()
        })
    }
}
