//! A Unix socket that only this user can open.
//!
//! A socket is a file that outlives its process: after a kill there is one that no one
//! listens on, and the next broker has to tell it from one in use. A lock beside it can't be
//! left behind, so whoever has the lock owns the name.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use orchestration_support::kept_file::lock_file_in;
use orchestration_support::owner_only::owner_only_directory;

/// A socket, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct OwnSocket {
    pub(crate) listener: UnixListener,
    path: PathBuf,
    /// Held until the socket is gone.
    _lock: File,
}

impl OwnSocket {
    /// Listens at `path`, in a directory that is made if there is none. A socket that no one
    /// listens on is replaced.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        owner_only_directory(path.parent().unwrap_or(Path::new(".")))?;
        let lock = lock_file_in(&beside(path, "lock"))?;
        lock.try_lock().map_err(|_| in_use())?;
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(io::Error::new(ErrorKind::AlreadyExists, "there is another file"));
            }
            // Someone listens who has no such lock.
            Ok(_) if UnixStream::connect(path).is_ok() => return Err(in_use()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // It gets its name when no one else can open it any more.
        let unfinished = beside(path, &std::process::id().to_string());
        drop(fs::remove_file(&unfinished));
        let listener = UnixListener::bind(&unfinished)?;
        let named = fs::set_permissions(&unfinished, Permissions::from_mode(0o600))
            .and_then(|()| fs::rename(&unfinished, path));
        if let Err(error) = named {
            drop(fs::remove_file(&unfinished));
            return Err(error);
        }
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path: path.to_owned(), _lock: lock })
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn in_use() -> io::Error {
    io::Error::new(ErrorKind::AddrInUse, "another broker listens there")
}

/// Returns the path of a file of this kind that belongs to `path`.
fn beside(path: &Path, kind: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}
