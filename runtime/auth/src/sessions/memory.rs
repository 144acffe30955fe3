//! A store that is gone with the call, for tests of strategies.

use std::sync::{Mutex, MutexGuard, PoisonError};

use orchestration_sandbox::{Session, SessionStore, StoreFault};

/// Keeps one session in memory.
#[derive(Default)]
pub(crate) struct MemoryStore(Mutex<Option<Session>>);

impl MemoryStore {
    /// Keeps this session.
    pub(crate) fn with(session: Option<Session>) -> Self {
        Self(Mutex::new(session))
    }

    fn kept(&self) -> MutexGuard<'_, Option<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemoryStore {
    fn load(&self) -> Result<Option<Session>, StoreFault> {
        Ok(self.kept().clone())
    }

    fn load_at_once(&self) -> Option<Result<Option<Session>, StoreFault>> {
        Some(self.load())
    }

    fn save(&self, session: &Session) -> Result<(), StoreFault> {
        *self.kept() = Some(session.clone());
        Ok(())
    }

    fn forget(&self) -> Result<(), StoreFault> {
        *self.kept() = None;
        Ok(())
    }
}
