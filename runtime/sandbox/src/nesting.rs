//! Counts what a component expands to, without expanding it.
//!
//! A component may contain others and instantiate them, and each of those may do the
//! same. A file of a few hundred bytes can double with every level, and the compiler
//! expands all of it before any limit of a call applies: it uses gigabytes and never
//! returns. A limit on the file size does not catch that, so the parts are counted here
//! first. Toolchains nest two or three levels and stay far below these limits.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Parser, Payload,
};

use crate::interface::invalid;
use crate::load_error::LoadError;

/// The most modules, components and instances, including nested ones. The validator
/// allows as many in a single component.
const MAX_PARTS: u64 = 1000;

/// The most levels of nesting: the compiler keeps the state of each.
const MAX_LEVELS: usize = 32;

/// Checks that a component does not expand to too many parts.
///
/// # Errors
///
/// Fails with [`LoadError::TooManyParts`] if it does, and with [`LoadError::Invalid`] if
/// it cannot be parsed.
pub(crate) fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let mut levels: Vec<Level> = Vec::new();
    let mut contained = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::Version { encoding, .. } => {
                contained += 1;
                levels.push(Level::new(encoding));
                if contained > MAX_PARTS || levels.len() > MAX_LEVELS {
                    return Err(LoadError::TooManyParts);
                }
            }
            Payload::End(_) => {
                let ended = levels.pop();
                if let (Some(outer), Some(ended)) = (levels.last_mut(), ended) {
                    outer.add(ended);
                }
            }
            payload => section(&mut levels, payload)?,
        }
        if levels.last().is_some_and(|level| level.parts > MAX_PARTS) {
            return Err(LoadError::TooManyParts);
        }
    }
    Ok(())
}

/// A module or component that is being read.
struct Level {
    is_component: bool,
    /// The number of parts of one instance of it.
    parts: u64,
    /// The same for each component that it can refer to, by index; `None` if that is
    /// only known when it is linked.
    components: Vec<Option<u64>>,
}

impl Level {
    fn new(encoding: Encoding) -> Self {
        Self { is_component: encoding == Encoding::Component, parts: 1, components: Vec::new() }
    }

    fn add(&mut self, inner: Self) {
        if inner.is_component {
            self.components.push(Some(inner.parts));
        }
    }

    fn component(&self, index: u32) -> Option<u64> {
        usize::try_from(index).ok().and_then(|index| *self.components.get(index)?)
    }

    fn instantiates(&mut self, parts: u64) {
        self.parts = self.parts.saturating_add(parts);
    }
}

/// Counts the instances of a section, and records the components that it names.
fn section(levels: &mut [Level], payload: Payload<'_>) -> Result<(), LoadError> {
    let Some((level, outer)) = levels.split_last_mut() else {
        return Ok(());
    };
    match payload {
        Payload::InstanceSection(section) => {
            for instance in section {
                if let Instance::Instantiate { .. } = instance.map_err(invalid)? {
                    level.instantiates(1);
                }
            }
        }
        Payload::ComponentInstanceSection(section) => {
            for instance in section {
                if let ComponentInstance::Instantiate { component_index, .. } =
                    instance.map_err(invalid)?
                {
                    // A component from outside could expand to anything.
                    let parts = level.component(component_index).ok_or(LoadError::TooManyParts)?;
                    level.instantiates(parts);
                }
            }
        }
        Payload::ComponentAliasSection(section) => {
            for alias in section {
                let known = match alias.map_err(invalid)? {
                    ComponentAlias::Outer {
                        kind: ComponentOuterAliasKind::Component,
                        count,
                        index,
                    } => enclosing(level, outer, count).and_then(|level| level.component(index)),
                    ComponentAlias::InstanceExport {
                        kind: ComponentExternalKind::Component,
                        ..
                    } => None,
                    _ => continue,
                };
                level.components.push(known);
            }
        }
        Payload::ComponentImportSection(section) => {
            for import in section {
                if let ComponentTypeRef::Component(_) = import.map_err(invalid)?.ty {
                    level.components.push(None);
                }
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section {
                let export = export.map_err(invalid)?;
                if export.kind == ComponentExternalKind::Component {
                    level.components.push(level.component(export.index));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns the component `count` levels outside `level`.
fn enclosing<'a>(level: &'a Level, outer: &'a [Level], count: u32) -> Option<&'a Level> {
    let count = usize::try_from(count).ok()?;
    if count == 0 {
        return Some(level);
    }
    outer.len().checked_sub(count).and_then(|index| outer.get(index))
}
