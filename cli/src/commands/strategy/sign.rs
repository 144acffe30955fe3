//! `orchestration strategy sign`: says who published a component.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use orchestration_runtime::{Access, DockerConfig, ProvidersToml, Repository, SigningKey};

use super::component::reference;
use crate::error::CliError;
use crate::exit::Exit;
use crate::host::Host;
use crate::ui::spinner::{self, Transfer};
use crate::ui::{stdout, style};

const HELP: &str = "\
Signs the digest that the reference leads to now, and puts the signature beside it
in the registry, as `cosign sign --key` does. `cosign verify --key`, `--verify-key`
and [trust] in providers.toml check it. The key is ECDSA on P-256 or Ed25519, in
PEM without a password.

Exit status: 0 signed, 2 usage or configuration error, or the registry does not take
it, 3 what the reference leads to is not a component

Examples:
  openssl genpkey -algorithm ed25519 -out acme.key
  openssl pkey -in acme.key -pubout -out acme.pub
  orchestration strategy sign oci://ghcr.io/acme/corp-sso:1.2 --key acme.key";

/// Sign a component in a registry
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct SignArgs {
    /// What to sign: oci://HOST/REPOSITORY:TAG, or its digest
    reference: String,

    /// The file of the private key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key: PathBuf,
}

impl SignArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let reference = reference(&self.reference)?;
        let key = SigningKey::read(&self.key).map_err(CliError::usage)?;
        let host = Host::online(ProvidersToml::built_in())?;
        let _signing = spinner::transferring(Transfer::Pushing(reference.name()));
        let signed = host.run(async {
            let logins = DockerConfig::of_current_user();
            let repository = Repository::open(&reference, Access::Push, logins).await?;
            let published = repository.find(&reference).await?;
            repository.sign(&published.manifest, &key).await.map(|()| published.reference)
        })?;
        stdout::print(&format!("{} signed {signed}\n", style::good()))?;
        Ok(Exit::Fine)
    }
}
