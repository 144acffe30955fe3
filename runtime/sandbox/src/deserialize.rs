//! The one door for compiled code, and the only `unsafe` of the product.

use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::CachedCode;

/// Compiled code that this product made itself. Whoever makes one of these
/// vouches for the bytes.
#[derive(Clone)]
pub(crate) struct OwnCode<'a>(Place<'a>);

/// Where it is.
#[derive(Clone)]
enum Place<'a> {
    Memory(&'a [u8]),
    File(PathBuf),
}

impl OwnCode<'static> {
    /// Code that the build script compiled and the linker put into this very
    /// executable. Who can change it can change every other instruction too.
    pub(crate) fn embedded(bytes: &'static [u8]) -> Self {
        Self(Place::Memory(bytes))
    }
}

impl<'a> OwnCode<'a> {
    /// Code that this user's own process compiled earlier, out of a folder that
    /// no other user can write: see [`cache`](super::cache).
    pub(crate) fn cached(code: &'a CachedCode) -> Self {
        Self(Place::File(code.path()))
    }

    /// Code that this process has compiled a moment ago.
    pub(crate) fn fresh(code: &'a FreshCode) -> Self {
        Self(Place::Memory(code.bytes()))
    }
}

/// Code as the compiler gave it.
pub(crate) struct FreshCode(Vec<u8>);

impl FreshCode {
    /// Compiles a component for `engine`, and for every other one that has its
    /// settings.
    ///
    /// # Errors
    ///
    /// Fails where the component is not valid.
    pub(crate) fn compile(engine: &Engine, component: &[u8]) -> wasmtime::Result<Self> {
        engine.precompile_component(component).map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Maps compiled code into `engine`.
///
/// # Errors
///
/// Fails where the code was compiled by another wasmtime, under other settings
/// or for a machine that has more than this one.
#[allow(unsafe_code, reason = "wasmtime runs these bytes as they are, so loading them is unsafe")]
pub(crate) fn deserialize(engine: &Engine, code: OwnCode<'_>) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize` asks for bytes that `precompile_component` or
    // `serialize` of wasmtime made and nobody has changed since. Only the
    // constructors of `OwnCode` make such a value, and each says why that holds
    // for its bytes. Version, settings and CPU features are checked by wasmtime.
    // A file stays what it is while it is mapped: the cache writes each file once,
    // under another name, and no other user can write there.
    unsafe {
        match code.0 {
            Place::Memory(bytes) => Component::deserialize(engine, bytes),
            Place::File(path) => Component::deserialize_file(engine, path),
        }
    }
}
