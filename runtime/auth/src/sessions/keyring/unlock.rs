//! Who can unlock the keyring.

/// Whether the user can be asked to unlock the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlock {
    /// Someone sits at this machine, and sees what the keyring asks.
    Ask,
    /// No one would see it.
    Never,
}
