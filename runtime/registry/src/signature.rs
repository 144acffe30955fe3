//! Signatures: who published a component.
//!
//! They are those of cosign, which others can make and check too: a "simple signing" text
//! that names the digest of the manifest, signed with a plain key, under the tag
//! `sha256-DIGITS.sig` of the same repository. Those who can write to the registry can take
//! a signature away, but not make one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_support::redact;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::digest::Digest;
use crate::error::{RegistryError, RegistryFault};
use crate::key::{SigningKey, VerifyKey};
use crate::manifest::{Descriptor, Manifest, malformed};
use crate::part::Part;
use crate::reference::Reference;
use crate::repository::Repository;

/// The type of a signed text.
const PAYLOAD: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// The type of the config of a list of signatures.
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// Where the signature is in what a manifest says of the text.
const ANNOTATION: &str = "dev.cosignproject.cosign/signature";

/// What a signed text is for.
const TYPE: &str = "cosign container image signature";

/// The most signatures that are looked at.
const MAX_SIGNATURES: usize = 50;

/// The signed text.
#[derive(Serialize, Deserialize)]
struct Payload {
    critical: Critical,
    optional: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    r#type: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Identity {
    docker_reference: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: String,
}

impl Repository {
    /// Signs the manifest, and adds the signature to those that it has.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault`] if the registry does not take it.
    pub async fn sign(&self, manifest: &Digest, key: &SigningKey) -> Result<(), RegistryError> {
        self.signed(manifest, key).await.map_err(|fault| fault.of(self.reference()))
    }

    async fn signed(&self, manifest: &Digest, key: &SigningKey) -> Result<(), RegistryFault> {
        let part = Part::Payload;
        let unwritten = |error: serde_json::Error| malformed(part, &error);
        let payload = serde_json::to_vec(&Payload::of(self.reference(), manifest));
        let payload = payload.map_err(unwritten)?;
        let signature = key.sign(&payload).ok_or_else(|| RegistryFault::Malformed {
            part,
            reason: "this machine has no random numbers to sign it with".to_owned(),
        })?;
        let mut layer = Descriptor::of(&payload, PAYLOAD);
        layer.annotations.insert(ANNOTATION.to_owned(), STANDARD.encode(signature).into());
        let mut layers = self.signatures(manifest).await?;
        layers.push(layer);
        let config = serde_json::to_vec(&config(&layers)).map_err(unwritten)?;
        self.upload(&payload, part).await?;
        self.upload(&config, Part::Config).await?;
        let list = Manifest::of(Descriptor::of(&config, CONFIG), layers);
        let list = serde_json::to_vec(&list).map_err(unwritten)?;
        self.put_manifest(&tag(manifest), &list, Part::Signature).await
    }

    /// Checks that the manifest is signed by this key.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault::NotSigned`], [`RegistryFault::OtherKey`] or
    /// [`RegistryFault::OtherSubject`] if it is not.
    pub async fn verify(&self, manifest: &Digest, key: &VerifyKey) -> Result<(), RegistryError> {
        let reference = self.reference();
        self.verified(manifest, key).await.map_err(|fault| fault.of(reference))
    }

    async fn verified(&self, manifest: &Digest, key: &VerifyKey) -> Result<(), RegistryFault> {
        let signatures = self.signatures(manifest).await?;
        if signatures.is_empty() {
            return Err(RegistryFault::NotSigned(manifest.clone()));
        }
        let mut other = None;
        for layer in signatures.iter().take(MAX_SIGNATURES) {
            let signature = layer.annotations.get(ANNOTATION).and_then(|text| text.as_str());
            let signature = signature.and_then(|text| STANDARD.decode(text).ok());
            let (Some(signature), PAYLOAD) = (signature, layer.media_type.as_str()) else {
                continue;
            };
            let expected = layer.expected(Part::Payload, Part::Payload.max_bytes());
            let text = self.blob(&layer.digest(Part::Payload)?, expected).await?;
            if !key.verifies(&text, &signature) {
                continue;
            }
            match Payload::subject(&text) {
                Some(subject) if subject == manifest.to_string() => return Ok(()),
                subject => other = Some(subject.unwrap_or_else(|| "another text".to_owned())),
            }
        }
        let (manifest, key) = (manifest.clone(), key.name.clone());
        Err(match other {
            Some(found) => {
                let found = redact::head(&redact::sanitize(&found, []), 100).to_owned();
                RegistryFault::OtherSubject { manifest, key, found }
            }
            None => RegistryFault::OtherKey { manifest, key },
        })
    }

    /// Returns what the list of signatures of this manifest has; nothing if there is none.
    async fn signatures(&self, manifest: &Digest) -> Result<Vec<Descriptor>, RegistryFault> {
        match self.manifest(&tag(manifest), Part::Signature).await {
            Ok((bytes, kind)) => Ok(Manifest::parse(&bytes, &kind, Part::Signature)?.layers),
            Err(RegistryFault::NotFound { .. }) => Ok(Vec::new()),
            Err(fault) => Err(fault),
        }
    }
}

impl Payload {
    fn of(reference: &Reference, manifest: &Digest) -> Self {
        Self {
            critical: Critical {
                identity: Identity { docker_reference: reference.name() },
                image: Image { docker_manifest_digest: manifest.to_string() },
                r#type: TYPE.to_owned(),
            },
            optional: None,
        }
    }

    /// Returns what a signed text is for.
    fn subject(text: &[u8]) -> Option<String> {
        let Payload { critical, .. } = serde_json::from_slice(text).ok()?;
        (critical.r#type == TYPE).then_some(critical.image.docker_manifest_digest)
    }
}

/// Returns the config that cosign gives a list of signatures.
fn config(layers: &[Descriptor]) -> serde_json::Value {
    let digests: Vec<&str> = layers.iter().map(|layer| layer.digest.as_str()).collect();
    let created = "0001-01-01T00:00:00Z";
    json!({
        "architecture": "",
        "config": {},
        "created": created,
        "history": [{ "created": created }],
        "os": "",
        "rootfs": { "diff_ids": digests, "type": "layers" },
    })
}

/// Returns the tag of the signatures of a manifest.
fn tag(manifest: &Digest) -> String {
    format!("sha256-{}.sig", manifest.hex())
}
