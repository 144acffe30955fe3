//! Opens a file step by step, each name in the directory that is open already, so that no one
//! can put a link in the way of it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, open, openat, readlinkat, statat};
use rustix::io::Errno;

use crate::file_fault::FileFault;
use crate::names_below::names;
use crate::regular_file::check_regular;

/// The most links that one path may lead through, as in the kernel.
const MAX_LINKS: usize = 40;

/// Opens a directory that may be looked up in but not listed. Elsewhere than on Linux, it has
/// to be readable.
#[cfg(target_os = "linux")]
const LOOK_UP: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const LOOK_UP: OFlags = OFlags::RDONLY;

/// How often a path is tried whose links lead elsewhere each time. The target of a link may be
/// removed just after the link was read, because another one has taken its place.
const ATTEMPTS: usize = 128;

impl From<Errno> for FileFault {
    fn from(error: Errno) -> Self {
        std::io::Error::from(error).into()
    }
}

/// Opens the regular file at `path`, below `directory`, without waiting for anyone. Links are
/// followed as long as they stay there.
pub(crate) fn open_within(directory: &Path, path: &Path) -> Result<File, FileFault> {
    let flags = LOOK_UP | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = open(directory, flags, Mode::empty())?;
    let mut before = Vec::new();
    for _ in 0..ATTEMPTS {
        let mut links = Vec::new();
        match open_through(directory.as_fd(), path, &mut links) {
            Err(FileFault::Absent) if links != before => before = links,
            opened => return opened,
        }
    }
    Err(FileFault::Absent)
}

/// Opens the file at `path`, and tells where the links lead that it leads through.
fn open_through(
    directory: BorrowedFd<'_>,
    path: &Path,
    links: &mut Vec<PathBuf>,
) -> Result<File, FileFault> {
    let mut below: Option<OwnedFd> = None;
    let mut rest = names(path)?;
    while let Some(name) = rest.pop_front() {
        let at = below.as_ref().map_or(directory, AsFd::as_fd);
        if let Some(target) = link(at, &name)? {
            let mut on_the_way = names(&target)?;
            on_the_way.append(&mut rest);
            rest = on_the_way;
            links.push(target);
            if links.len() > MAX_LINKS {
                return Err(Errno::LOOP.into());
            }
            // From the directory of the link.
            continue;
        }
        if rest.is_empty() {
            return open_regular(at, &name);
        }
        let flags = LOOK_UP | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        below = Some(openat(at, &name, flags, Mode::empty())?);
    }
    Err(FileFault::NotRegular)
}

/// Returns the target if this is a link.
fn link(at: BorrowedFd<'_>, name: &OsStr) -> Result<Option<PathBuf>, FileFault> {
    match readlinkat(at, name, Vec::new()) {
        Ok(target) => Ok(Some(OsString::from_vec(target.into_bytes()).into())),
        Err(Errno::INVAL) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn open_regular(at: BorrowedFd<'_>, name: &OsStr) -> Result<File, FileFault> {
    // Looked at first, because a device may act as soon as it is opened.
    let found = statat(at, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(FileFault::NotRegular);
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(openat(at, name, flags, Mode::empty())?);
    // Another file may have this name by now.
    check_regular(&file.metadata().map_err(FileFault::Unreadable)?)
        .map_err(|_| FileFault::NotRegular)?;
    Ok(file)
}
