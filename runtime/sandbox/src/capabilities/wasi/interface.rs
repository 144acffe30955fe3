//! The interfaces of WASI that a component may import.

use super::link::INTERFACES;

/// Returns true if a strategy may import `import`, e.g. `wasi:io/streams@0.2.6`.
pub(crate) fn is_allowed(import: &str) -> bool {
    import.split_once('@').is_some_and(|(interface, version)| {
        version.starts_with("0.2.") && INTERFACES.contains(&interface)
    })
}

/// Returns true if `import` belongs to WASI.
pub(crate) fn is_wasi(import: &str) -> bool {
    import.starts_with("wasi:")
}
