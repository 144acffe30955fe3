//! The session of one tie, in an item of the keyring.
//!
//! The directory of sessions has a file for it all the same, with everything but secrets and
//! notes: so no keyring is asked for a profile that has nothing in it, and the file says
//! that there is a session even if the keyring can't be reached. The item is written first.
//! If the process is killed before the file is, what was there before is still used.

use orchestration_sandbox::KeyringFault;
use orchestration_support::digest::sha256;
use orchestration_support::redact::quote;

use super::{read, write};
use crate::sessions::record::SessionRecord;
use crate::sessions::tie::SessionTie;

/// Returns the name of the item for a tie, which is new: what another component has saved
/// stays.
pub(in crate::sessions) fn name(tie: &SessionTie) -> String {
    sha256(format!("{}\n{}", tie.file_name(), tie.component).as_bytes())
}

/// Returns the record in the item `name`; `None` if there is none for this tie.
pub(in crate::sessions) fn load(
    name: &str,
    tie: &SessionTie,
) -> Result<Option<SessionRecord>, KeyringFault> {
    let unused = |reason: &str| {
        tracing::warn!(reason, "the {} of profile '{}' is not used", tie.kept(), tie.profile);
        Ok(None)
    };
    let Some(content) = read(name)? else {
        return unused("it is not in the keyring any more");
    };
    match SessionRecord::from_bytes(&content) {
        // Which component may have it says the file, where the user can change it.
        Ok(record) if record.tie.file_name() == tie.file_name() => Ok(Some(record)),
        Ok(_) => unused("the keyring has that of another profile in its place"),
        Err(damaged) => unused(&format!("in the keyring, {damaged}")),
    }
}

/// Saves a record in the item `name`, and returns what the file has to say.
pub(in crate::sessions) fn save(
    name: String,
    record: &SessionRecord,
) -> Result<SessionRecord, KeyringFault> {
    let label = format!("orchestration: {} of {}", record.tie.kept(), quote(&record.tie.profile));
    write(&name, &label, &record.to_bytes())?;
    Ok(record.in_keyring(name))
}
