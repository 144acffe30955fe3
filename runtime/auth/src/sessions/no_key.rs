//! The store of a profile whose user stored no key, as most have not.

use orchestration_sandbox::{Kept, Session, SessionStore, StoreFault};

/// Keeps nothing. Whoever looks needs no thread for that.
pub(super) struct NoKey;

impl SessionStore for NoKey {
    fn kept(&self) -> Kept {
        Kept::Key
    }

    fn is_empty(&self) -> bool {
        true
    }

    fn load(&self) -> Result<Option<Session>, StoreFault> {
        Ok(None)
    }

    /// Fails, because only the user stores a key.
    fn save(&self, _: &Session) -> Result<(), StoreFault> {
        Err(StoreFault::Failed)
    }

    fn forget(&self) -> Result<(), StoreFault> {
        Ok(())
    }
}
