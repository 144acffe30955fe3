//! Files with secrets that someone may have put there for this user: the user, or the system.
//!
//! Kubernetes mounts a secret as a file of root that a group can read, behind two links, and
//! swaps one of them to rotate it. So the name is no more than a way to a file. What counts is
//! the file that was opened: whose it is, and who else could have read or written it.

use std::fs::File;
use std::path::Path;

use zeroize::Zeroizing;

use crate::platform::within::open_within;
use crate::platform::{GivenAccess, files};
use crate::within::{FileFault, read};

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum GivenFileFault {
    /// There is none, or it can't be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Someone else may change its content at any time.
    #[error("it belongs to another user")]
    OtherOwner,
    /// Others may read or write it.
    #[error("others can read or write it")]
    Open,
}

/// Reads the file at `path`, through links as long as they stay in its directory. The content is
/// wiped when dropped.
///
/// The file belongs to this user, who alone can use it, or to root. One of root's may be
/// readable for a group of this process, since nothing else lets it read such a file.
///
/// # Errors
///
/// Fails with [`GivenFileFault`] if there is no such file, if it has more than `max_bytes`, or
/// if others could have read or written it.
pub fn read_given(path: &Path, max_bytes: usize) -> Result<Zeroizing<Vec<u8>>, GivenFileFault> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let name = path.file_name().ok_or(FileFault::NotRegular)?;
    let file = open_within(directory.unwrap_or(Path::new(".")), Path::new(name))?;
    check(path, &file)?;
    Ok(read(file, max_bytes)?)
}

fn check(path: &Path, file: &File) -> Result<(), GivenFileFault> {
    let found = file.metadata().map_err(FileFault::Unreadable)?;
    match files::given_access(path, &found).map_err(FileFault::Unreadable)? {
        GivenAccess::Own => Ok(()),
        GivenAccess::OtherOwner => Err(GivenFileFault::OtherOwner),
        GivenAccess::Open => Err(GivenFileFault::Open),
    }
}
