//! Components in OCI registries.
//!
//! A strategy is published as the artifact that the CNCF's working group for WebAssembly
//! defined, and that wash, wkg and oras write: a `manifest`, a `config` that lists what
//! the component imports and exports, and the component as the only layer. A registry is
//! a stranger, and so are all who can write to it: a tag may lead to something else
//! tomorrow. So a [`Reference`] in providers.toml names the digest of the manifest, every
//! part is fetched by its digest and checked, and the `store` keeps it by that digest.
//! `signature` says who published it.
//!
//! The client is small because it does four requests: a token, the manifest, the config,
//! the component. The crates for this bring another crypto library and a hundred crates.

mod authorization;
mod challenge;
mod config;
mod digest;
mod docker_config;
mod error;
mod helper;
mod key;
mod login;
mod manifest;
mod package;
mod part;
mod push;
mod reference;
mod repository;
mod resolved;
mod secret_text;
mod signature;
mod store;
mod transfer;

pub use digest::{Digest, InvalidDigest};
pub use docker_config::DockerConfig;
pub use error::{CredentialUse, RegistryError, RegistryFault};
pub use key::{SignatureKeyFault, SigningKey, VerifyKey};
pub use package::Package;
pub use part::Part;
pub use reference::{InvalidReference, Reference, ReferenceFault};
pub use repository::{Access, Repository};
pub use resolved::Published;
pub use store::ComponentStore;
pub use transfer::Progress;
