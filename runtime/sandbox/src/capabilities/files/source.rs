//! The source of granted files.

use std::collections::BTreeMap;

use orchestration_support::on_thread::on_thread;
use orchestration_support::within::{FileFault, read_within};
use zeroize::{Zeroize, Zeroizing};

use super::GrantedFile;

/// The most bytes of a file, as `wit/` states it.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The files that strategies take, if they are granted.
///
/// ```
/// use orchestration_sandbox::Files;
///
/// let files = [("/run/secrets/token".to_owned(), b"secret".to_vec())];
/// // Contents are secrets, so only paths are printed.
/// assert_eq!(format!("{:?}", Files::Fixed(files.into())), r#"Fixed(["/run/secrets/token"])"#);
/// ```
/// The contents of [`Fixed`](Self::Fixed) are wiped when it is dropped.
#[derive(Clone)]
pub enum Files {
    /// The files of this machine, read when a strategy asks.
    Machine,
    /// These files, by path, and no others. For tests of strategies.
    Fixed(BTreeMap<String, Vec<u8>>),
}

impl Files {
    /// Returns the content of a file.
    pub(super) async fn read(&self, file: &GrantedFile) -> Result<Zeroizing<Vec<u8>>, FileFault> {
        let Self::Fixed(files) = self else {
            let file = file.clone();
            let read = move || read_within(file.directory(), file.below(), MAX_BYTES);
            return on_thread("file", read).await.map_err(FileFault::Unreadable)?;
        };
        match files.get(file.path()) {
            None => Err(FileFault::Absent),
            Some(content) if content.len() > MAX_BYTES => Err(FileFault::TooLarge),
            Some(content) => Ok(Zeroizing::new(content.clone())),
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Self::Fixed(files) = self {
            files.values_mut().for_each(Zeroize::zeroize);
        }
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Machine => f.write_str("Machine"),
            Self::Fixed(files) => f.debug_tuple("Fixed").field(&files.keys()).finish(),
        }
    }
}
