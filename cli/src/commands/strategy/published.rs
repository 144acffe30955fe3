//! Components in registries, as the commands find and fetch them.

use std::collections::BTreeSet;
use std::path::Path;

use orchestration_runtime::{
    Access, DockerConfig, Inspection, Limits, Part, ProvidersToml, Published, Reference,
    RegistryError, RegistryFault, Repository, VerifyKey, sanitize_path,
};

use super::outline::{outline_from, pins};
use crate::commands::cache::store;
use crate::error::{CliError, Kind};
use crate::host::Host;
use crate::remedy;
use crate::ui::spinner::{self, Transfer};

/// What a reference leads to, and where the rest of it can be fetched.
pub(super) struct Found {
    pub(super) published: Published,
    /// None if the network is not to be used.
    repository: Option<Repository>,
}

impl Found {
    /// Finds what `reference` leads to: in the registry, or if `offline` in the store.
    pub(super) fn at(host: &Host, reference: &Reference, offline: bool) -> Result<Self, CliError> {
        if offline {
            let published = Published::kept(reference, &store()?)?;
            return Ok(Self { published, repository: None });
        }
        let _asking = spinner::transferring(Transfer::Asking(reference.host().to_owned()));
        host.run(async {
            let logins = DockerConfig::of_current_user();
            let repository = Repository::open(reference, Access::Pull, logins).await?;
            let published = repository.find(reference).await?;
            Ok(Self { published, repository: Some(repository) })
        })
    }

    /// Makes sure that the store has the component, of at most as many bytes as `limits`
    /// allow.
    pub(super) fn fetch(&self, host: &Host, limits: &Limits) -> Result<(), CliError> {
        let Self { published, repository } = self;
        let store = store()?;
        let is_there = store.has(&published.component);
        let Some(repository) = repository else {
            let absent = || self.offline(Part::Component).into();
            return is_there.then_some(()).ok_or_else(absent);
        };
        if is_there {
            return Ok(published.keep_in(&store)?);
        }
        let what = published.reference.name();
        let progress = repository.progress().clone();
        let _pulling =
            spinner::transferring(Transfer::Pulling { what, bytes: published.bytes, progress });
        Ok(host.run(repository.fetch(published, limits.component_bytes as u64, &store))?)
    }

    /// Checks that the manifest is signed by each of these keys.
    pub(super) fn verify(&self, host: &Host, keys: &[VerifyKey]) -> Result<(), CliError> {
        if keys.is_empty() {
            return Ok(());
        }
        let Some(repository) = &self.repository else {
            return Err(self.offline(Part::Signature).into());
        };
        host.run(async {
            for key in keys {
                repository.verify(&self.published.manifest, key).await?;
            }
            Ok(())
        })
    }

    fn offline(&self, part: Part) -> RegistryError {
        let reference = self.published.reference.to_string();
        RegistryError { reference, fault: RegistryFault::Offline { part } }
    }

    /// Fetches the component, and returns what it is. Nothing but its `describe`
    /// runs, without grants.
    pub(super) fn inspect(&self, host: &Host, auth_type: &str) -> Result<Inspection, CliError> {
        let configured = host.providers.strategies().find(|known| known.auth_type == auth_type);
        let limits = configured.map(|known| known.limits.clone()).unwrap_or_default();
        self.fetch(host, &limits)?;
        let file = store()?.path(&self.published.component);
        let inspection = host.run(host.registry.inspect_as(auth_type, &file))?;
        if inspection.sha256 != self.published.component.hex() {
            let cause = format!("{} changed while this command was running", sanitize_path(&file));
            return Err(CliError::usage(cause).with_hint(remedy::TRY_AGAIN.to_owned()));
        }
        self.check(&inspection)?;
        Ok(inspection)
    }

    /// What is known of the component, one line each.
    pub(super) fn outline(&self, inspection: &Inspection) -> String {
        outline_from(pins(&self.published), inspection)
    }

    /// Checks that the config, which was shown or could have been before the component was
    /// fetched, told the truth about it.
    fn check(&self, inspection: &Inspection) -> Result<(), CliError> {
        let (Some((imports, exports)), Ok(found)) =
            (&self.published.interface, &inspection.interface)
        else {
            return Ok(());
        };
        let names = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        if names(imports) == names(&found.imports) && names(exports) == names(&found.exports) {
            return Ok(());
        }
        let reference = &self.published.reference;
        let cause = format!("{reference}: its config lists other imports or exports than it has");
        Err(CliError::new(Kind::UnusableStrategy, cause))
    }
}

/// The keys by which a component from there has to be signed: the one that the command
/// names, and those of the rules in providers.toml.
pub(super) fn keys(
    providers: &ProvidersToml,
    reference: &Reference,
    named: Option<&Path>,
) -> Result<Vec<VerifyKey>, CliError> {
    let rules = providers.registry_trust().iter();
    let required = rules.filter(|rule| rule.applies_to(reference)).map(|rule| rule.key.as_path());
    let read = |path| VerifyKey::read(path).map_err(CliError::usage);
    named.into_iter().chain(required).map(read).collect()
}

impl From<RegistryError> for CliError {
    fn from(error: RegistryError) -> Self {
        let kind = match &error.fault {
            RegistryFault::Http(_)
            | RegistryFault::Unauthorized { .. }
            | RegistryFault::Forbidden { .. }
            | RegistryFault::NotFound { .. }
            | RegistryFault::Status { .. }
            | RegistryFault::Challenge(_)
            | RegistryFault::Realm(_)
            | RegistryFault::Redirect { .. }
            | RegistryFault::Redirects(_)
            | RegistryFault::UploadElsewhere(_)
            | RegistryFault::Offline { .. }
            | RegistryFault::DockerConfig { .. }
            | RegistryFault::Helper { .. }
            | RegistryFault::Store(_) => Kind::Usage,
            RegistryFault::Digest { .. }
            | RegistryFault::Truncated { .. }
            | RegistryFault::Size { .. }
            | RegistryFault::TooLarge { .. }
            | RegistryFault::Index
            | RegistryFault::MediaType { .. }
            | RegistryFault::Layers(_)
            | RegistryFault::Malformed { .. }
            | RegistryFault::OtherComponent { .. }
            | RegistryFault::NotSigned(_)
            | RegistryFault::OtherKey { .. }
            | RegistryFault::OtherSubject { .. } => Kind::UnusableStrategy,
        };
        let hint = remedy::for_registry(&error.fault);
        Self::new(kind, error).with_hint(hint)
    }
}
