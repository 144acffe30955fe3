//! Files that keep something for their owner: replaced as a whole, and readable by no one
//! else.
//!
//! A file that is written in place is half of each if the process is killed or the disk is
//! full. Here the new content goes into a file of its own, which takes the place of the
//! old one when all of it is on the disk. So a crash leaves the old content or the new one.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::platform::files;

pub use crate::platform::Readers;

/// How the names of files begin whose content is being written.
const UNFINISHED: &str = ".unfinished-";

/// The age at which an unfinished file belongs to no process that is still writing it.
const STALE: Duration = Duration::from_secs(3600);

/// The most files that are moved aside under one name.
const MAX_ASIDE: u32 = 1000;

/// Numbers the files that this process writes.
static WRITTEN: AtomicU32 = AtomicU32::new(0);

/// Why the content of a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum KeptFileFault {
    /// It is a link, a pipe, a directory or the like.
    #[error("it is not a regular file")]
    NotRegular,
    /// Another user could have written it.
    #[error("it belongs to another user")]
    OtherOwner,
    /// Others may read or write it.
    #[error("others can read or write it")]
    Open,
    /// It is larger than its writer makes it.
    #[error("it is too large")]
    TooLarge,
    /// The system refuses to read it.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// Reads the file at `path`; `None` if there is none. Its content is wiped when dropped.
///
/// # Errors
///
/// Fails with [`KeptFileFault`] if someone else may have written or read it, if it is no
/// file, or if it has more than `max_bytes`.
pub fn read_kept(
    path: &Path,
    max_bytes: usize,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeptFileFault> {
    // Looked at first, because a device may act as soon as it is opened.
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(found) if !found.is_file() => return Err(KeptFileFault::NotRegular),
        found => found?,
    };
    let file = files::itself(OpenOptions::new().read(true)).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(KeptFileFault::NotRegular);
    }
    if !files::is_own(path, &metadata) {
        return Err(KeptFileFault::OtherOwner);
    }
    if files::others_can_use(&metadata) {
        return Err(KeptFileFault::Open);
    }
    if metadata.len() > max_bytes as u64 {
        return Err(KeptFileFault::TooLarge);
    }
    // One byte more, so that the end is seen without the vector growing, which would leave
    // a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len() as usize + 1));
    file.take(metadata.len()).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Replaces the file at `path`, in a directory of this user, by one with this content.
/// When this returns, the content is on the disk.
///
/// # Errors
///
/// Fails with the error of the file system, and then the old file is there.
pub fn replace_kept(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_kept_as(path, bytes, Readers::Owner)
}

/// Does what [`replace_kept`] does, and lets these users read the new file, whatever the umask
/// is.
///
/// # Errors
///
/// Fails as [`replace_kept`] does.
pub fn replace_kept_as(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let new = directory.join(format!("{UNFINISHED}{}-{number}", process::id()));
    let written = write_new(&new, bytes, readers).and_then(|()| fs::rename(&new, path));
    if let Err(error) = written {
        // The error of the write says more than one of this.
        drop(fs::remove_file(&new));
        return Err(error);
    }
    sync_directory(path)
}

/// Returns when a crash of the machine can't bring back what was at `path` before.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    files::sync_directory(path.parent().unwrap_or(Path::new(".")))
}

fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let create = || files::owner_only().write(true).create_new(true).open(path);
    let mut file = match create() {
        // A process of the same number was killed.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create()?
        }
        created => created?,
    };
    if readers != Readers::Owner {
        files::set_readers(&file, readers)?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes what killed processes have left unfinished in `directory`.
///
/// # Errors
///
/// Fails with the error of the file system if the directory can't be read.
pub fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if !path.file_name().is_some_and(is_unfinished) {
            continue;
        }
        let written = fs::symlink_metadata(&path).and_then(|found| found.modified());
        let age = written.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if age.is_some_and(|age| age > STALE) {
            // Another process may have removed it.
            drop(fs::remove_file(&path));
        }
    }
    Ok(())
}

/// Returns true if this is the name of a file whose content is being written.
fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(UNFINISHED))
}

/// Renames what is at `path` to the first free name of `path` with `.WORD-1`, `.WORD-2` and
/// so on, and returns the new path.
///
/// # Errors
///
/// Fails with the error of the file system.
pub fn move_aside(path: &Path, word: &str) -> io::Result<PathBuf> {
    under_free_name(path, word, |aside| files::rename_to_free_name(path, aside))
}

/// Gives the file at `path` a second name, chosen as by [`move_aside`], and returns it. The
/// file can then be replaced without a moment in which `path` leads to nothing.
///
/// # Errors
///
/// Fails with the error of the file system.
pub fn keep_aside(path: &Path, word: &str) -> io::Result<PathBuf> {
    let aside = under_free_name(path, word, |aside| fs::hard_link(path, aside))?;
    // A crash of the machine must not lose this name and leave the replacement.
    sync_directory(path)?;
    Ok(aside)
}

/// Puts something under the first name of `path` with `.WORD-NUMBER` that is free.
fn under_free_name(
    path: &Path,
    word: &str,
    put: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<PathBuf> {
    for number in 1..=MAX_ASIDE {
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!(".{word}-{number}"));
        let aside = PathBuf::from(aside);
        match put(&aside) {
            Ok(()) => return Ok(aside),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many files are aside already"))
}

/// Creates `directory` if it does not exist, and lets only this user use it.
///
/// # Errors
///
/// Fails with the error of the file system, and as
/// [`check_owner_only`](crate::owner_only::check_owner_only) does.
pub fn kept_directory(directory: &Path) -> io::Result<()> {
    crate::owner_only::owner_only_directory(directory)?;
    // An older umask may have let others look inside.
    if files::others_can_use(&fs::metadata(directory)?) {
        files::close_directory(directory)?;
    }
    Ok(())
}

/// Creates `directory` if it does not exist, and lets these users read files in it. One that
/// exists stays as it is.
///
/// # Errors
///
/// Fails with the error of the file system.
pub fn directory_for(directory: &Path, readers: Readers) -> io::Result<()> {
    if directory.exists() {
        return Ok(());
    }
    files::create_directory(directory)?;
    files::set_directory_readers(directory, readers)
}

/// Opens the file at `path` to lock it, and creates it and its directory. It is empty, and
/// stays: if it were removed, two processes could lock two files of the same name.
///
/// # Errors
///
/// Fails with the error of the file system, and if it is not a file.
pub fn lock_file(path: &Path) -> io::Result<File> {
    kept_directory(path.parent().unwrap_or(Path::new(".")))?;
    lock_file_in(path)
}

/// As [`lock_file`], in a directory that is there and stays as it is.
///
/// # Errors
///
/// Fails with the error of the file system, and if it is not a file.
pub fn lock_file_in(path: &Path) -> io::Result<File> {
    let mut options = files::owner_only();
    files::itself(options.write(true).create(true).truncate(false)).open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::{
        KeptFileFault, keep_aside, kept_directory, move_aside, read_kept, remove_unfinished,
        replace_kept,
    };

    /// A new directory of this user.
    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("kept-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        kept_directory(&path).unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read_and_no_one_else_may_read_it() {
        let directory = directory("written");
        let path = directory.join("session");
        assert!(read_kept(&path, 100).unwrap().is_none());
        for content in ["first", "", "second and longer"] {
            replace_kept(&path, content.as_bytes()).unwrap();
            assert_eq!(*read_kept(&path, 100).unwrap().unwrap(), content.as_bytes());
        }
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&directory).unwrap().mode() & 0o777, 0o700);
        // Nothing else is left there.
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_file_that_someone_else_could_have_written_or_read_is_not_used() {
        let directory = directory("open");
        let path = directory.join("session");
        replace_kept(&path, b"text").unwrap();
        for mode in [0o640, 0o604, 0o620, 0o777] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read_kept(&path, 100), Err(KeptFileFault::Open)), "{mode:o}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(read_kept(&path, 3), Err(KeptFileFault::TooLarge)));
        symlink(&path, directory.join("link")).unwrap();
        for other in [directory.join("link"), directory.clone()] {
            assert!(matches!(read_kept(&other, 100), Err(KeptFileFault::NotRegular)));
        }
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn nothing_that_is_moved_aside_replaces_anything() {
        let directory = directory("aside");
        let path = directory.join("session");
        for number in 1..=3 {
            replace_kept(&path, format!("{number}").as_bytes()).unwrap();
            let aside = move_aside(&path, "broken").unwrap();
            assert_eq!(aside, directory.join(format!("session.broken-{number}")));
        }
        for number in 1..=3 {
            let aside = directory.join(format!("session.broken-{number}"));
            assert_eq!(fs::read_to_string(aside).unwrap(), format!("{number}"));
        }
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_file_that_is_kept_aside_is_there_until_it_is_replaced() {
        let directory = directory("second");
        let path = directory.join("session");
        for number in 1..=2 {
            replace_kept(&path, format!("{number}").as_bytes()).unwrap();
            let aside = keep_aside(&path, "other").unwrap();
            assert_eq!(aside, directory.join(format!("session.other-{number}")));
            assert_eq!(fs::read(&path).unwrap(), fs::read(&aside).unwrap());
        }
        replace_kept(&path, b"new").unwrap();
        for (name, content) in [("", "new"), (".other-1", "1"), (".other-2", "2")] {
            let path = directory.join(format!("session{name}"));
            assert_eq!(fs::read_to_string(path).unwrap(), content);
        }
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn only_old_unfinished_files_are_removed() {
        let directory = directory("unfinished");
        let old = directory.join(".unfinished-1-0");
        let new = directory.join(".unfinished-2-0");
        for path in [&old, &new] {
            fs::write(path, "half").unwrap();
        }
        let hours = std::time::Duration::from_secs(7200);
        let before = std::time::SystemTime::now() - hours;
        fs::File::options().write(true).open(&old).unwrap().set_modified(before).unwrap();
        remove_unfinished(&directory).unwrap();
        assert!(!old.exists() && new.exists());
        fs::remove_dir_all(directory).unwrap();
    }
}
