//! providers.toml: read for a command, and changed by one.

mod discover;
pub(crate) mod entry;
mod error;
mod file;
mod unused;

pub(crate) use discover::{discover, discover_again, path};
pub(crate) use error::EditError;
pub(crate) use file::ConfigFile;
pub(crate) use unused::why_unused;
