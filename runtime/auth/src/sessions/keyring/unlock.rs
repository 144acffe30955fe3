//! Who can unlock the keyring.

/// Whether the user can be asked to unlock the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlock {
    /// Somebody sits at this machine, and sees what the keyring asks.
    Ask,
    /// Nobody would see it.
    Never,
}
