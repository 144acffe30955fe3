//! Helpers that all layers of `orchestration` share: secrets and their redaction,
//! JSON texts, keys in PEM, URLs, headers, owner-only files, digests, suggestions, threads, limits of the
//! system. They depend on none of the layers.

pub mod bounded_directory;
mod characters;
pub mod digest;
mod file_fault;
pub mod given_file;
pub mod header;
pub mod html;
pub mod json;
pub mod kept_file;
mod limited_resource;
mod names_below;
pub mod on_thread;
pub mod owner_only;
pub mod pem;
mod platform;
pub mod redact;
pub mod regular_file;
pub mod reserved_file;
mod runs;
mod secret;
pub mod suggest;
mod system_limit;
pub mod time;
pub mod url;
pub mod within;

pub use limited_resource::LimitedResource;
pub use secret::Secret;
pub use system_limit::SystemLimit;
