//! The time of day, by which credentials begin and end.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time of day comes from.
///
/// ```
/// use std::sync::Arc;
/// use std::time::{Duration, SystemTime};
///
/// use orchestration_sandbox::WallClock;
///
/// let later = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
/// let clock = WallClock::Function(Arc::new(move || later));
/// assert_eq!(clock.now(), later);
/// ```
#[derive(Clone, Default)]
pub enum WallClock {
    /// The clock of this machine.
    #[default]
    Machine,
    /// What this function returns: for tests of what happens when a credential ends.
    Function(Arc<dyn Fn() -> SystemTime + Send + Sync>),
}

impl WallClock {
    /// Returns the time.
    pub fn now(&self) -> SystemTime {
        match self {
            Self::Machine => SystemTime::now(),
            Self::Function(now) => now(),
        }
    }

    /// Returns the seconds since the Unix epoch.
    pub fn seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => "Machine",
            Self::Function(_) => "Function",
        })
    }
}
