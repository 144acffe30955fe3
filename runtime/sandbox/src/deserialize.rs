//! Loads compiled code: the only `unsafe` of the product.

use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::CachedCode;
use crate::compiler::Compiler;
use crate::limits::Limits;
use crate::load_error::LoadError;

/// Compiled code that this product made itself. Each constructor says why its bytes
/// can be trusted.
#[derive(Clone)]
pub(crate) struct OwnCode<'a>(Location<'a>);

#[derive(Clone)]
enum Location<'a> {
    Memory(&'a [u8]),
    File(PathBuf),
}

impl OwnCode<'static> {
    /// Code that the build script compiled and the linker put into this executable.
    /// An attacker who can change it can change every other instruction too.
    pub(crate) fn embedded(bytes: &'static [u8]) -> Self {
        Self(Location::Memory(bytes))
    }
}

impl<'a> OwnCode<'a> {
    /// Code that a process of this user compiled earlier, from a directory that no
    /// other user can write: see `cache`.
    pub(crate) fn cached(code: &'a CachedCode) -> Self {
        Self(Location::File(code.path()))
    }

    /// Code that this process has just compiled.
    pub(crate) fn fresh(code: &'a FreshCode) -> Self {
        Self(Location::Memory(code.bytes()))
    }
}

/// Code as it comes from the compiler.
pub(crate) struct FreshCode(Vec<u8>);

impl FreshCode {
    /// Compiles a component for `engine` and every other engine with its settings.
    ///
    /// # Errors
    ///
    /// Fails if the component is not valid.
    pub(crate) fn compile(engine: &Engine, component: &[u8]) -> wasmtime::Result<Self> {
        engine.precompile_component(component).map(Self)
    }

    /// Compiles a component in a process of this very executable, with the same
    /// settings: its code is as good as our own.
    ///
    /// # Errors
    ///
    /// Fails with the limit that it hit, and if the component is not valid.
    pub(crate) fn by_compiler(
        compiler: &Compiler,
        component: &[u8],
        limits: &Limits,
        stack_bytes: usize,
    ) -> Result<Self, LoadError> {
        compiler.compile(component, limits, stack_bytes).map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Maps compiled code into `engine`.
///
/// # Errors
///
/// Fails if the code was compiled by another version of wasmtime, with other
/// settings, or for CPU features that this machine lacks.
#[allow(unsafe_code, reason = "wasmtime runs these bytes unchecked")]
pub(crate) fn deserialize(engine: &Engine, code: OwnCode<'_>) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize` requires bytes that wasmtime's `precompile_component` or
    // `serialize` made and that have not changed since. Only the constructors of
    // `OwnCode` create such a value, and each says why this is true of its bytes.
    // wasmtime checks version, settings and CPU features. A mapped file does not
    // change: the cache writes each file once, under a temporary name, and no other
    // user can write to its directory.
    unsafe {
        match code.0 {
            Location::Memory(bytes) => Component::deserialize(engine, bytes),
            Location::File(path) => Component::deserialize_file(engine, path),
        }
    }
}
