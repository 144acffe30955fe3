//! The lock around what changes a session, across all processes of the user.
//!
//! A server that rotates refresh tokens takes each of them once, and ends the whole session
//! when it sees one again. So two processes that renew at the same moment would sign the
//! user out. The second one waits here instead, and then finds what the first one saved.
//!
//! The system releases the lock of a process that ends in any way.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use orchestration_support::kept_file::lock_file;
use orchestration_support::redact::sanitize_path;

/// The pause between two attempts: short at first, since most renewals are.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// When a user wants to know what is waited for, and when it is not worth waiting any
/// longer: no renewal takes so long.
const NOTICE: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(120);

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct SessionLock {
    _file: File,
}

impl SessionLock {
    /// Waits for the lock at `path`, whose directory is created.
    ///
    /// # Errors
    ///
    /// Fails with the error of the file system, and with `TimedOut` if another process holds
    /// it for minutes.
    pub(super) async fn wait(path: &Path) -> io::Result<Self> {
        let file = lock_file(path)?;
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut is_noticed = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = started.elapsed();
            if waited > LONGEST {
                let reason = "another process has held it for two minutes";
                return Err(io::Error::new(io::ErrorKind::TimedOut, reason));
            }
            if waited > NOTICE && !is_noticed {
                is_noticed = true;
                tracing::info!(path = %sanitize_path(path), "waiting for another process, which renews this session");
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
