//! What a component imports and exports, read without compiling or running it.
//!
//! A component's imports declare what it needs. Linking would also reject an import
//! that does not exist, but only after the component was compiled, which may take
//! minutes, and with a message that means nothing to a user who got the component
//! from a stranger.

use orchestration_support::redact;
use wasmparser::{Chunk, Encoding, Parser, Payload};

use crate::capabilities::{secrets, store, wasi};
use crate::grants::Capability;
use crate::load_error::LoadError;

/// The package of the contract.
const CONTRACT: &str = "orchestration:auth/";

/// The version of the contract `orchestration:auth` that this host implements.
pub const VERSION: &str = "0.2.0";

/// The types of the contract. They offer nothing, so every strategy may import them.
const TYPES: &str = "orchestration:auth/types@0.2.0";

/// The interface that makes a component a strategy.
pub(crate) const STRATEGY: &str = "orchestration:auth/strategy@0.2.0";

/// The interface of a strategy that users sign in with.
pub(crate) const SIGN_IN: &str = "orchestration:auth/sign-in@0.2.0";

/// The names that a component imports and exports, in the component's order.
///
/// ```
/// use orchestration_sandbox::{BUILT_IN, ComponentFile, Limits, read};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let file = std::env::temp_dir().join(format!("api-key-{}.wasm", std::process::id()));
/// std::fs::write(&file, BUILT_IN[0].component)?;
///
/// let interface = read(&file, Limits::default().component_bytes)?.interface()?;
/// assert!(interface.imports.contains(&"orchestration:auth/environment@0.2.0".to_owned()));
/// assert_eq!(interface.exports, ["orchestration:auth/strategy@0.2.0"]);
/// # std::fs::remove_file(file)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// What it needs, e.g. `orchestration:auth/environment@0.2.0`.
    pub imports: Vec<String>,
    /// What it offers, e.g. `orchestration:auth/strategy@0.2.0`.
    pub exports: Vec<String>,
}

impl Interface {
    /// Returns true if the component imports the interface of this capability, so that it
    /// is of no use without the grant. Tests of a strategy grant `reveal` by this rule, as
    /// users do: one that does not import it would be tested with more than it has.
    pub fn needs(&self, capability: Capability) -> bool {
        self.imports.iter().any(|import| import == capability.interface())
    }

    /// Reads the outermost level of `bytes`.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::NotWasm`], [`LoadError::CoreModule`] or
    /// [`LoadError::Invalid`] if `bytes` is not a component.
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
                // Nested modules and components have imports of their own, which the
                // outer component satisfies.
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

    /// Checks that the component is a strategy and imports only what strategies may
    /// have.
    ///
    /// # Errors
    ///
    /// Fails with [`LoadError::OtherVersion`], [`LoadError::Import`] or
    /// [`LoadError::NoStrategy`] if not.
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

/// Returns the version of `name` if it is an interface of another version of the
/// contract.
fn other_version(name: &str) -> Option<&str> {
    let (_, version) = name.strip_prefix(CONTRACT)?.split_once('@')?;
    (version != VERSION).then_some(version)
}

fn is_allowed(import: &str) -> bool {
    import == TYPES
        || import == secrets::INTERFACE
        || import == store::INTERFACE
        || Capability::ALL.iter().any(|capability| capability.interface() == import)
        || wasi::is_allowed(import)
}

fn sanitized(name: &str) -> String {
    redact::sanitize(name, [])
}

/// Converts an error of the parser.
pub(crate) fn invalid(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(sanitized(error.message()))
}
