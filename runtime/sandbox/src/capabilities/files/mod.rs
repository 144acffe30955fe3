//! The capability `files`: the files that a strategy is granted.
//!
//! A strategy may take the content of a file as a secret if its exact path is granted: the
//! file that the profile names for its key, and those listed under `files` in
//! `[strategies.NAME]`. It never gets the text, nor learns anything of a path that is not
//! granted.
//!
//! A key that the user stored takes the place of the profile's file, if that has none: so
//! the strategy that uses it has nothing more to import, which would cost every call of it.
//!
//! A path is granted as a text, and what it leads to may change. So links must stay within
//! the directory of the file, and anything but a regular file is refused. Reading may
//! take long, on a network for instance, so it happens on a thread of its own.

mod grant;
mod interface;
pub(crate) mod link;
mod per_call;
mod problem;
mod source;

pub use grant::{GrantedFile, STORED_KEY, is_granted_path};
pub(crate) use grant::{MAX_PATH, TOML_KEY};
pub(crate) use interface::INTERFACE;
pub(crate) use per_call::{Content, Taken};
pub use problem::FileProblem;
pub use source::Files;
