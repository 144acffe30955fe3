//! A Unix socket that only this user can open.
//!
//! A socket is a file that outlives its process: after a kill there is one that no one
//! listens on, and the next broker has to tell it from one in use. A lock beside it can't be
//! left behind, so the one that has the lock owns the name.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net;
use std::path::{Path, PathBuf};

use orchestration_support::kept_file::lock_file_in;
use orchestration_support::owner_only::owner_only_directory;
use rustix::process::geteuid;
use tokio::net::{UnixListener, UnixStream};

/// A socket, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct OwnSocket {
    listener: net::UnixListener,
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
            Ok(_) if net::UnixStream::connect(path).is_ok() => return Err(in_use()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // It gets its name when no one else can open it any more.
        let unfinished = beside(path, &std::process::id().to_string());
        drop(fs::remove_file(&unfinished));
        let listener = net::UnixListener::bind(&unfinished)?;
        let named = fs::set_permissions(&unfinished, Permissions::from_mode(0o600))
            .and_then(|()| fs::rename(&unfinished, path));
        if let Err(error) = named {
            drop(fs::remove_file(&unfinished));
            return Err(error);
        }
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path: path.to_owned(), _lock: lock })
    }

    /// Returns the same socket for one more worker.
    pub(crate) fn for_worker(&self) -> io::Result<OwnListener> {
        self.listener.try_clone().map(OwnListener)
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// The socket, for one worker.
pub(crate) struct OwnListener(net::UnixListener);

impl OwnListener {
    /// Returns the socket in the runtime that uses it.
    pub(crate) fn in_runtime(self) -> io::Result<OwnAccepting> {
        UnixListener::from_std(self.0).map(OwnAccepting)
    }
}

/// The socket, in a runtime.
pub(crate) struct OwnAccepting(UnixListener);

impl OwnAccepting {
    /// Waits for the next connection.
    pub(crate) async fn next(&self) -> io::Result<OwnArrived> {
        Ok(OwnArrived(self.0.accept().await?.0))
    }
}

/// A connection that was not let in yet.
pub(crate) struct OwnArrived(UnixStream);

impl OwnArrived {
    /// Lets a client of this user in. The mode of the socket says the same, unless someone has
    /// changed it.
    pub(crate) fn let_in(self) -> Option<UnixStream> {
        let user = self.0.peer_cred().ok()?.uid();
        if user != geteuid().as_raw() {
            tracing::warn!(user, "a connection of another user was refused");
            return None;
        }
        Some(self.0)
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
