//! The strategies that are part of this executable.
//!
//! The build script compiles them for the target, so that a start maps their code
//! instead of compiling it. Their code is run as it is, so no one outside this
//! crate can make a [`BuiltIn`].

/// A strategy that is part of this executable.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The auth type that it serves.
    pub auth_type: &'static str,
    /// The component, as committed in `strategies/prebuilt/`.
    pub component: &'static [u8],
    /// Its SHA-256 in lower-case hexadecimal, taken by the build script.
    pub sha256: &'static str,
    /// The same, compiled for the target by the build script.
    pub(crate) compiled: &'static [u8],
}

/// All of them, sorted by auth type.
pub const BUILT_IN: [BuiltIn; 1] = [BuiltIn {
    auth_type: "api_key",
    component: include_bytes!(concat!(env!("OUT_DIR"), "/api-key.wasm")),
    sha256: include_str!(concat!(env!("OUT_DIR"), "/api-key.sha256")),
    compiled: include_bytes!(concat!(env!("OUT_DIR"), "/api-key.cwasm")),
}];
