//! What takes the place of the keyring in a build without it.

use orchestration_sandbox::KeyringFault;
use zeroize::Zeroizing;

use super::unlock::Unlock;

pub(crate) fn probe(_: Unlock) -> Result<(), KeyringFault> {
    Err(KeyringFault::NotBuilt)
}

pub(crate) fn read(_: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringFault> {
    Err(KeyringFault::NotBuilt)
}

pub(crate) fn write(_: &str, _: &str, _: &[u8]) -> Result<(), KeyringFault> {
    Err(KeyringFault::NotBuilt)
}

pub(crate) fn remove(_: &str) -> Result<(), KeyringFault> {
    Err(KeyringFault::NotBuilt)
}
