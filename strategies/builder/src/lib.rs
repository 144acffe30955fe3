//! Builds the guests of `strategies/` and keeps what is committed of them honest.
//!
//! The product embeds its strategies as components, and most people who build
//! it have no WebAssembly toolchain. So the built components are committed in
//! `strategies/prebuilt/`, which raises the question whether they are what the
//! source says. Two answers are kept beside them in `strategies.lock`: the
//! digest of the source, which a plain test compares on every run, and the
//! digest of the component together with the toolchain that made it, so that
//! anyone with that toolchain can rebuild and get the same bytes.

mod digest;
mod guest;
mod lock;
mod paths;
mod toolchain;

pub use digest::{of_bytes, of_source};
pub use guest::{BuildError, build};
pub use lock::{Lock, LockError, Locked};
pub use paths::Paths;
pub use toolchain::Toolchain;
