//! Builds the guests in `strategies/`, and checks the committed components.
//!
//! The product embeds its strategies as components, and most people who build it have no
//! WebAssembly toolchain. So the components are committed in `strategies/prebuilt/`, and
//! must match their source. `strategies.lock` next to them records two things: the
//! digest of the source, which a test compares on every run, and the digest of the
//! component with the toolchain that built it, so that anyone with that toolchain can
//! rebuild the same bytes.

mod digest;
mod guest;
mod lock;
mod paths;
mod toolchain;

pub use digest::{sha256_of_bytes, sha256_of_source};
pub use guest::{BuildError, build};
pub use lock::{Lock, LockError, Locked};
pub use paths::Paths;
pub use toolchain::Toolchain;
