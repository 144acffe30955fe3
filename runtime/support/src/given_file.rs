//! Files with secrets that someone may have put there for this user: the user, or the system.
//!
//! Kubernetes mounts a secret as a file of root that a group can read, behind two links, and
//! swaps one of them to rotate it. So the name is no more than a way to a file. What counts is
//! the file that was opened: whose it is, and who else could have read or written it.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::{getegid, geteuid, getgroups};
use zeroize::Zeroizing;

use crate::within::{FileFault, open_within, read};

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
    check(&file)?;
    Ok(read(file, max_bytes)?)
}

fn check(file: &File) -> Result<(), GivenFileFault> {
    let found = file.metadata().map_err(FileFault::Unreadable)?;
    let is_of_root = found.uid() == 0;
    if !is_of_root && found.uid() != geteuid().as_raw() {
        return Err(GivenFileFault::OtherOwner);
    }
    let others = found.mode() & 0o077;
    let is_of_own_group = || is_own_group(&found).map_err(FileFault::Unreadable);
    match others {
        0 => Ok(()),
        0o040 if is_of_root && is_of_own_group()? => Ok(()),
        _ => Err(GivenFileFault::Open),
    }
}

fn is_own_group(found: &Metadata) -> io::Result<bool> {
    let is_group = |group: rustix::process::Gid| group.as_raw() == found.gid();
    Ok(is_group(getegid()) || getgroups()?.into_iter().any(is_group))
}
