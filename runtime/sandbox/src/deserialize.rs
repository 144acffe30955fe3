//! Loads compiled code: the only `unsafe` of the product.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(unix)]
use rustix::mm::{MprotectFlags, mprotect};
use wasmtime::component::Component;
use wasmtime::{Config, CustomCodeMemory, Engine};

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
    /// In a read-only part of this executable.
    Executable(&'static [u8]),
    Memory(&'a [u8]),
    File(PathBuf),
}

impl OwnCode<'static> {
    /// Code that the build script compiled and the linker put into this executable.
    /// An attacker who can change it can change every other instruction too.
    pub(crate) fn embedded(bytes: &'static [u8]) -> Self {
        Self(Location::Executable(bytes))
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
    // user can write to its directory. `deserialize_raw` also requires that the bytes
    // stay, which those of the executable do, and are loaded once: see `take`.
    unsafe {
        match code.0 {
            Location::Executable(bytes) if take(bytes) => {
                Component::deserialize_raw(engine, NonNull::from(bytes))
            }
            Location::Executable(bytes) => Component::deserialize(engine, bytes),
            Location::Memory(bytes) => Component::deserialize(engine, bytes),
            Location::File(path) => Component::deserialize_file(engine, path),
        }
    }
}

/// Lets the engines with these settings run code of the executable where it is, instead
/// of a copy: copying takes longer than all that a strategy does.
pub(crate) fn run_in_place(config: &mut Config) {
    config.with_custom_code_memory(if IN_PLACE { code_memory() } else { None });
}

#[cfg(unix)]
fn code_memory() -> Option<Arc<dyn CustomCodeMemory>> {
    Some(Arc::new(Executable))
}

/// Windows is not among the platforms below.
#[cfg(windows)]
fn code_memory() -> Option<Arc<dyn CustomCodeMemory>> {
    None
}

/// Whether the platform is one on which this is tested.
const IN_PLACE: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

/// The size of a page on that platform.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Returns true if these bytes of the executable can run where they are, which is true
/// once: to wasmtime, an address in a process is one piece of code. The engines of a
/// process that has several copy them.
fn take(bytes: &'static [u8]) -> bool {
    static TAKEN: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());
    let address = bytes.as_ptr().addr();
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    IN_PLACE && address.is_multiple_of(PAGE_BYTES) && taken.insert(address)
}

/// Makes the pages of compiled code executable. wasmtime does this itself only for
/// memory that it has mapped.
#[cfg(unix)]
struct Executable;

#[cfg(unix)]
impl CustomCodeMemory for Executable {
    fn required_alignment(&self) -> usize {
        PAGE_BYTES
    }

    #[allow(unsafe_code, reason = "changes what may be done with memory")]
    fn publish_executable(&self, code: *const u8, length: usize) -> wasmtime::Result<()> {
        // SAFETY: these are whole pages of compiled code, which no one writes to: either
        // wasmtime has mapped them and made them read-only, or they are read-only parts
        // of the executable. They can be read as before.
        unsafe {
            mprotect(code.cast_mut().cast(), length, MprotectFlags::READ | MprotectFlags::EXEC)?
        };
        Ok(())
    }

    /// Leaves the pages as they are: wasmtime unmaps what it has mapped, and no one else
    /// loads those of the executable.
    fn unpublish_executable(&self, _: *const u8, _: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}
