//! What a component imports and exports, read without compiling or running it.
//!
//! The imports of a component are its declaration of what it needs. Linking would
//! refuse an import that does not exist as well, but only after the component was
//! compiled, which may take minutes, and in words that mean nothing to someone who
//! got the component from a stranger.

use orchestration_support::redact;
use wasmparser::{Chunk, Encoding, Parser, Payload};

use crate::capabilities::wasi;
use crate::load_error::LoadError;

/// The package of the contract.
const CONTRACT: &str = "orchestration:auth/";

/// The version of the contract `orchestration:auth` that this host speaks.
pub const VERSION: &str = "0.1.0";

/// The interfaces of the contract that a strategy may import.
const ALLOWED: [&str; 2] = ["orchestration:auth/environment", "orchestration:auth/types"];

/// The interface that makes a component a strategy.
pub(crate) const STRATEGY: &str = "orchestration:auth/strategy@0.1.0";

/// The names that a component imports and exports, in its own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it needs, e.g. `orchestration:auth/environment@0.1.0`.
    pub imports: Vec<String>,
    /// What it offers, e.g. `orchestration:auth/strategy@0.1.0`.
    pub exports: Vec<String>,
}

impl Interface {
    /// Reads the outermost level of `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        if !bytes.starts_with(b"\0asm") {
            return Err(LoadError::NotWasm);
        }
        let mut interface = Self { imports: Vec::new(), exports: Vec::new() };
        let mut parser = Parser::new(0);
        let mut rest = bytes;
        loop {
            let chunk = parser.parse(rest, true).map_err(invalid)?;
            let Chunk::Parsed { consumed, payload } = chunk else {
                return Err(LoadError::Invalid("unexpected end of the file".into()));
            };
            rest = rest.get(consumed..).unwrap_or_default();
            match payload {
                Payload::Version { encoding: Encoding::Module, .. } => {
                    return Err(LoadError::CoreModule);
                }
                Payload::ComponentImportSection(section) => {
                    for import in section {
                        interface.imports.push(import.map_err(invalid)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) => {
                    for export in section {
                        interface.exports.push(export.map_err(invalid)?.name.name.to_owned());
                    }
                }
                // What lies nested in it concerns nobody outside.
                Payload::ModuleSection { unchecked_range, .. }
                | Payload::ComponentSection { unchecked_range, .. } => {
                    rest = rest
                        .get(unchecked_range.end - unchecked_range.start..)
                        .ok_or_else(|| LoadError::Invalid("unexpected end of the file".into()))?;
                }
                Payload::End(_) => return Ok(interface),
                _ => {}
            }
        }
    }

    /// Refuses a component that asks for what no strategy may have, or that is
    /// none.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        let other = |name: &String| other_version(name).map(str::to_owned);
        for import in &self.imports {
            if let Some(version) = other(import) {
                return Err(LoadError::OtherVersion(sanitized(&version)));
            }
            if !is_allowed(import) {
                let name = import.split('@').next().unwrap_or_default();
                return Err(LoadError::Import(sanitized(name)));
            }
        }
        if self.exports.iter().any(|export| export == STRATEGY) {
            return Ok(());
        }
        match self.exports.iter().find_map(other) {
            Some(version) => Err(LoadError::OtherVersion(sanitized(&version))),
            None => Err(LoadError::NoStrategy),
        }
    }

    /// Returns the same names, sanitized.
    pub fn sanitized(self) -> Self {
        let all = |names: Vec<String>| names.iter().map(|name| sanitized(name)).collect();
        Self { imports: all(self.imports), exports: all(self.exports) }
    }
}

/// The version of an interface of the contract that is not the one spoken here.
fn other_version(name: &str) -> Option<&str> {
    let (_, version) = name.strip_prefix(CONTRACT)?.split_once('@')?;
    (version != VERSION).then_some(version)
}

fn is_allowed(import: &str) -> bool {
    let Some((interface, version)) = import.split_once('@') else {
        return false;
    };
    if interface.starts_with(CONTRACT) {
        return ALLOWED.contains(&interface);
    }
    version.starts_with("0.2.") && wasi::INTERFACES.contains(&interface)
}

fn sanitized(name: &str) -> String {
    redact::sanitize(name, [])
}

/// Words for bytes that can't be read.
pub(crate) fn invalid(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(sanitized(error.message()))
}
