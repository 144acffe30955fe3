//! Sessions: what strategies keep for a profile between calls, such as a refresh token.
//!
//! Each is a file of this user, in a directory that no one else can use, or an item of the
//! [`keyring`] with a file that says so. [`record`] is what
//! a file says, [`format`] how, and [`tie`] whom it is for: a session is worth as much as a
//! password, so it is given to the strategy that saved it and to no other, and only for a
//! profile whose requests still go to the same server. A key that the user stored is kept in
//! the same way, as the session of the strategy that uses it. A file that cannot be used is moved
//! aside with a warning, and never removed, since it may be all that is left of a sign-in.

mod directory;
mod file;
mod file_store;
mod format;
mod keyring;
mod lock;
mod memory;
mod record;
mod room;
mod tie;

pub use directory::{NotRemoved, Sessions, StoredSession};
pub use file::UnfitSession;
pub use format::{DamagedSession, MAX_SESSION_BYTES};
pub use keyring::Unlock;
pub(crate) use lock::SessionLock;
pub(crate) use memory::MemoryStore;
pub use record::SessionRecord;
pub use tie::SessionTie;
