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

/// That no credential is needed. A stranger's word for that is not the product's.
pub(super) fn not_needed(profile: &str, stranger: Option<&str>) -> String {
    match stranger {
        None => format!("No authentication required for {profile} profile"),
        Some(strategy) => {
            format!("strategy '{strategy}' says that {profile} needs no authentication")
        }
    }
}
