//! The outcome of asking for one credential, in words.

use orchestration_runtime::{Credentials, ProviderError, ProviderProfile, Status};

use super::answer::Answer;
use crate::error::CliError;
use crate::remedy;
use crate::ui::style;

/// The outcome in a sentence; `found` words a credential. An error if the strategy
/// failed.
pub(super) fn outcome(
    answer: Answer,
    found: impl FnOnce(&ProviderProfile, &Credentials) -> String,
) -> Result<(Status, String), CliError> {
    let Answer { profile, credentials, status, .. } = answer;
    let sentence = match credentials {
        Ok(credentials) => found(&profile, &credentials),
        Err(error) if status == Status::Error => return Err(error.into()),
        Err(error) => not_found(&error),
    };
    Ok((status, format!("{} {sentence}\n", style::mark(status))))
}

/// What the strategy answered, and the hint below it.
fn not_found(error: &ProviderError) -> String {
    let hint = remedy::for_provider(error).map(|hint| format!("\n  {hint}")).unwrap_or_default();
    format!("{}{hint}", error.without_profile())
}
