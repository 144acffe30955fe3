//! The keyring of the desktop, which keeps sessions for users who ask for it.
//!
//! A file that only its owner can read is open to every program of that owner, and to a thief of
//! the disk. A keyring encrypts what it keeps with the user's password, and can be
//! locked. What is asked of it here is little: one item per session, under a name.
//!
//! A keyring is another process, which may be absent, locked or stuck. So each operation has
//! a time limit, nothing is tried in its place, and only `probe`, which runs before a
//! sign-in, can ask the user to unlock it.
//!
//! The functions hold up their thread, which must not be one of an async runtime. Without
//! the feature `keyring` all of them fail.

#[cfg(feature = "keyring")]
mod bus;
pub(super) mod item;
#[cfg(not(feature = "keyring"))]
mod not_built;
#[cfg(feature = "keyring")]
mod secret_service;
mod unlock;

#[cfg(not(feature = "keyring"))]
pub(super) use not_built::{probe, read, remove, write};
#[cfg(feature = "keyring")]
pub(super) use secret_service::{probe, read, remove, write};
pub use unlock::Unlock;
