//! What a component asks for and offers, read without compiling or running it.
//!
//! The imports of a component are its declaration of what it needs. Linking
//! would refuse what is not there as well, but only after the component was
//! compiled, which may take minutes, and in words that mean nothing to whoever
//! got the component from somebody else.

use wasmparser::{Chunk, Encoding, Parser, Payload};

use super::load::LoadError;
use crate::text;

/// The package of the contract.
const CONTRACT: &str = "orchestration:auth/";

/// The version of the contract `orchestration:auth` that this host speaks.
pub const VERSION: &str = "0.1.0";

/// The interface that makes a component a strategy.
pub(super) const STRATEGY: &str = "orchestration:auth/strategy@0.1.0";

/// The parts of WASI 0.2 that a strategy may import; [`super::host::wasi`] says
/// what it gets from them.
const WASI: [&str; 20] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// The names that a component imports and exports, in its own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// What it needs, e.g. `orchestration:auth/environment@0.1.0`.
    pub imports: Vec<String>,
    /// What it offers, e.g. `orchestration:auth/strategy@0.1.0`.
    pub exports: Vec<String>,
}

impl Outline {
    /// Reads the outermost level of `bytes`.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        if !bytes.starts_with(b"\0asm") {
            return Err(LoadError::NotWasm);
        }
        let mut outline = Self { imports: Vec::new(), exports: Vec::new() };
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
                        outline.imports.push(import.map_err(invalid)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) => {
                    for export in section {
                        outline.exports.push(export.map_err(invalid)?.name.name.to_owned());
                    }
                }
                // What lies nested in it concerns nobody outside.
                Payload::ModuleSection { unchecked_range, .. }
                | Payload::ComponentSection { unchecked_range, .. } => {
                    rest = rest
                        .get(unchecked_range.end - unchecked_range.start..)
                        .ok_or_else(|| LoadError::Invalid("unexpected end of the file".into()))?;
                }
                Payload::End(_) => return Ok(outline),
                _ => {}
            }
        }
    }

    /// Refuses a component that asks for what no strategy may have, or that is
    /// none.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let other = |name: &String| other_version(name).map(str::to_owned);
        for import in &self.imports {
            if let Some(version) = other(import) {
                return Err(LoadError::OtherVersion(shown(&version)));
            }
            if !is_allowed(import) {
                let name = import.split('@').next().unwrap_or_default();
                return Err(LoadError::Import(shown(name)));
            }
        }
        if self.exports.iter().any(|export| export == STRATEGY) {
            return Ok(());
        }
        match self.exports.iter().find_map(other) {
            Some(version) => Err(LoadError::OtherVersion(shown(&version))),
            None => Err(LoadError::NoStrategy),
        }
    }

    /// The same names, fit to be shown.
    pub(crate) fn presentable(self) -> Self {
        let all = |names: Vec<String>| names.iter().map(|name| shown(name)).collect();
        Self { imports: all(self.imports), exports: all(self.exports) }
    }
}

/// Whether an import of this name is one of WASI.
pub(super) fn is_wasi(import: &str) -> bool {
    import.starts_with("wasi:")
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
        return matches!(interface.strip_prefix(CONTRACT), Some("environment" | "types"));
    }
    version.starts_with("0.2.") && WASI.contains(&interface)
}

fn shown(name: &str) -> String {
    text::presentable(name, [])
}

/// Words for bytes that can't be read.
pub(super) fn invalid(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(shown(error.message()))
}
