//! Manifests: the list of an artifact's parts.

use orchestration_support::redact;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::RegistryFault;
use crate::part::Part;
use crate::transfer::Expected;

/// The type of a manifest.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The type of a component's config.
pub(crate) const CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// The type of a component.
pub(crate) const COMPONENT: &str = "application/wasm";

/// The types of lists of artifacts.
const INDEXES: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// What registries are asked for. Of what is not wanted, it is good to know that it is there.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json";

/// A manifest.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    pub(crate) schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_type: Option<String>,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
}

/// What a manifest says about one part.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub(crate) annotations: serde_json::Map<String, serde_json::Value>,
}

impl Manifest {
    /// Returns a manifest of these parts.
    pub(crate) fn of(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: Some(MANIFEST.to_owned()), config, layers }
    }

    /// Parses a manifest that was served as `kind`.
    pub(crate) fn parse(bytes: &[u8], kind: &str, part: Part) -> Result<Self, RegistryFault> {
        /// What says that it is something else.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Kind {
            media_type: Option<String>,
            manifests: Option<serde::de::IgnoredAny>,
        }

        let served = kind.split(';').next().unwrap_or_default().trim();
        let own: Kind = serde_json::from_slice(bytes).map_err(|error| malformed(part, &error))?;
        let is_index = |kind: &str| INDEXES.contains(&kind);
        if is_index(served) || own.media_type.as_deref().is_some_and(is_index) {
            return Err(RegistryFault::Index);
        }
        let named = own.media_type.as_deref().unwrap_or(served);
        if named.is_empty() && own.manifests.is_some() {
            return Err(RegistryFault::Index);
        }
        if named != MANIFEST {
            return Err(other_kind(part, named, MANIFEST));
        }
        serde_json::from_slice(bytes).map_err(|error| malformed(part, &error))
    }

    /// Returns what it says about its config and the component.
    pub(crate) fn component(&self) -> Result<(&Descriptor, &Descriptor), RegistryFault> {
        if self.config.media_type != CONFIG {
            return Err(other_kind(Part::Config, &self.config.media_type, CONFIG));
        }
        let [layer] = self.layers.as_slice() else {
            return Err(RegistryFault::Layers(self.layers.len()));
        };
        if layer.media_type != COMPONENT {
            return Err(other_kind(Part::Component, &layer.media_type, COMPONENT));
        }
        Ok((&self.config, layer))
    }
}

impl Descriptor {
    /// Returns the description of `bytes`.
    pub(crate) fn of(bytes: &[u8], kind: &str) -> Self {
        Self {
            media_type: kind.to_owned(),
            digest: Digest::of(bytes).to_string(),
            size: bytes.len() as u64,
            annotations: serde_json::Map::new(),
        }
    }

    /// Returns its digest.
    pub(crate) fn digest(&self, part: Part) -> Result<Digest, RegistryFault> {
        self.digest.parse().map_err(|error: crate::digest::InvalidDigest| {
            RegistryFault::Malformed { part, reason: error.to_string() }
        })
    }

    /// Returns what its bytes have to be, at most `max` of them.
    pub(crate) fn expected(&self, part: Part, max: u64) -> Expected {
        Expected { part, bytes: Some(self.size), max }
    }
}

pub(crate) fn malformed(part: Part, error: &serde_json::Error) -> RegistryFault {
    // Without the parser's own words, which quote what it read.
    let reason = format!("line {}, column {} is not as specified", error.line(), error.column());
    RegistryFault::Malformed { part, reason }
}

fn other_kind(part: Part, found: &str, expected: &'static str) -> RegistryFault {
    let found = redact::head(&redact::sanitize(found, []), 100).to_owned();
    RegistryFault::MediaType { part, found, expected }
}
