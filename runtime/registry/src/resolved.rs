//! What a reference leads to: a component with its pins, known before it is fetched.

use crate::config::Config;
use crate::digest::Digest;
use crate::error::{RegistryError, RegistryFault};
use crate::manifest::{MANIFEST, Manifest};
use crate::part::Part;
use crate::reference::Reference;
use crate::repository::Repository;
use crate::store::ComponentStore;

/// A component in a registry.
#[derive(Debug, Clone)]
pub struct Published {
    /// The reference, pinned to the manifest.
    pub reference: Reference,
    /// The digest of the manifest.
    pub manifest: Digest,
    /// The digest of the component.
    pub component: Digest,
    /// The size of the component, in bytes.
    pub bytes: u64,
    /// What the component imports and exports by its config, sanitized, in this order;
    /// `None` if the config does not say.
    pub interface: Option<(Vec<String>, Vec<String>)>,
    manifest_bytes: Vec<u8>,
    config_bytes: Vec<u8>,
}

impl Repository {
    /// Returns what `reference`, of this repository, leads to. Fetches the manifest and the
    /// config, and checks their digests.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault`] if it can't be fetched, or is not a component.
    pub async fn find(&self, reference: &Reference) -> Result<Published, RegistryError> {
        self.found(reference).await.map_err(|fault| fault.of(reference))
    }

    async fn found(&self, reference: &Reference) -> Result<Published, RegistryFault> {
        let (bytes, kind) = self.manifest(&reference.wanted(), Part::Manifest).await?;
        let manifest = Manifest::parse(&bytes, &kind, Part::Manifest)?;
        let (config, layer) = manifest.component()?;
        // Before anything else is fetched, and as the bound of the store itself.
        layer.expected(Part::Component, ComponentStore::MAX_ENTRY_BYTES).checked()?;
        let expected = config.expected(Part::Config, Part::Config.max_bytes());
        let config = self.blob(&config.digest(Part::Config)?, expected).await?;
        Published::of(reference, bytes, config)
    }

    /// Fetches the component of at most `max_bytes`, checks its digest, and puts it into
    /// `store`, with its manifest and config.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault`] if it can't be fetched, is something else, is larger, or
    /// can't be kept.
    pub async fn fetch(
        &self,
        published: &Published,
        max_bytes: u64,
        store: &ComponentStore,
    ) -> Result<(), RegistryError> {
        let fetched = self.fetched(published, max_bytes, store).await;
        fetched.map_err(|fault| fault.of(&published.reference))
    }

    async fn fetched(
        &self,
        published: &Published,
        max_bytes: u64,
        store: &ComponentStore,
    ) -> Result<(), RegistryFault> {
        let Published { component, bytes, .. } = published;
        let descriptor = crate::transfer::Expected {
            part: Part::Component,
            bytes: Some(*bytes),
            max: max_bytes.min(ComponentStore::MAX_ENTRY_BYTES),
        };
        let content = self.blob(component, descriptor).await?;
        // The component last: what is complete has its manifest.
        published.kept_in(store)?;
        store.keep(&content).map(drop)
    }
}

impl Published {
    /// Returns what `reference`, which is pinned, leads to, by what `store` has.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault::Offline`] if the store lacks the manifest or the config.
    pub fn kept(reference: &Reference, store: &ComponentStore) -> Result<Self, RegistryError> {
        let part = |part: Part, digest: &Digest| {
            store.read(digest, part.max_bytes()).ok_or(RegistryFault::Offline { part })
        };
        let find = || {
            let digest = reference.manifest();
            let digest = digest.ok_or(RegistryFault::Offline { part: Part::Manifest })?;
            let bytes = part(Part::Manifest, digest)?;
            let manifest = Manifest::parse(&bytes, MANIFEST, Part::Manifest)?;
            let (config, _) = manifest.component()?;
            let config = part(Part::Config, &config.digest(Part::Config)?)?;
            Self::of(reference, bytes, config)
        };
        find().map_err(|fault: RegistryFault| fault.of(reference))
    }

    /// Puts the manifest and the config into `store`, for later commands without a network.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault::Store`] if they can't be written.
    pub fn keep_in(&self, store: &ComponentStore) -> Result<(), RegistryError> {
        self.kept_in(store).map_err(|fault| fault.of(&self.reference))
    }

    fn kept_in(&self, store: &ComponentStore) -> Result<(), RegistryFault> {
        store.keep(&self.manifest_bytes)?;
        store.keep(&self.config_bytes).map(drop)
    }

    /// Reads a manifest and a config whose digests were checked.
    fn of(
        reference: &Reference,
        manifest_bytes: Vec<u8>,
        config_bytes: Vec<u8>,
    ) -> Result<Self, RegistryFault> {
        let parsed = Manifest::parse(&manifest_bytes, MANIFEST, Part::Manifest)?;
        let (_, layer) = parsed.component()?;
        let config = Config::parse(&config_bytes, &layer.digest)?;
        let manifest = Digest::of(&manifest_bytes);
        Ok(Self {
            reference: reference.pinned_to(&manifest),
            manifest,
            component: layer.digest(Part::Component)?,
            bytes: layer.size,
            interface: config.interface(),
            manifest_bytes,
            config_bytes,
        })
    }

    /// Checks that the component is the one with this digest.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault::OtherComponent`] if it is another.
    pub fn expect(&self, component: &Digest) -> Result<(), RegistryError> {
        if self.component == *component {
            return Ok(());
        }
        let (expected, found) = (component.clone(), self.component.clone());
        Err(RegistryFault::OtherComponent { expected, found }.of(&self.reference))
    }
}
