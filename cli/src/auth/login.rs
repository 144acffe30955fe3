//! `auth login PROFILE`: whether its credential is there, and how to set it.

use std::sync::Arc;

use orchestration_runtime::{
    Credentials, ProviderError, ProviderProfile, Registry, Secret, Source, Status,
};

use super::Answer;
use super::verify::{self, Verifier};
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::output;

/// Asks the profile's strategy, and its provider where there is a `verifier`, and
/// says what came of it.
pub(super) async fn run(
    profile: Arc<ProviderProfile>,
    registry: &Registry,
    verifier: Option<Verifier>,
) -> Result<Exit, CliError> {
    let answer = verify::ask(profile, registry.clone(), verifier).await;
    if let (Ok(credentials), Some(verdict)) = (&answer.credentials, &answer.verdict) {
        let found = found(&answer.profile, credentials);
        output::print(&verify::sentence(&found, credentials, verdict, &answer.profile))?;
        return Ok(verify::exit(verdict));
    }
    let (status, said) = outcome(answer, found)?;
    output::print(&said)?;
    Ok(Exit::of(status))
}

/// What came of an ask, in words; `found` finds those for a credential.
pub(super) fn outcome(
    answer: Answer,
    found: impl FnOnce(&ProviderProfile, &Credentials) -> String,
) -> Result<(Status, String), CliError> {
    let Answer { profile, credentials, status, .. } = answer;
    let said = match credentials {
        Ok(credentials) => found(&profile, &credentials),
        Err(error) if status == Status::Error => return Err(error.into()),
        Err(error) => refused(error),
    };
    Ok((status, format!("{} {said}\n", output::mark(status))))
}

fn found(profile: &ProviderProfile, credentials: &Credentials) -> String {
    let name = &profile.name;
    let mask = credentials.key().map(Secret::mask).unwrap_or_default();
    match credentials.source() {
        Source::NotNeeded => format!("No authentication required for {name} profile"),
        Source::Environment(variable) => format!("{variable} is set ({mask})"),
        Source::Explicit => format!("{name} has an explicit key ({mask})"),
        Source::Other(words) => format!("{name} has a credential from {words} ({mask})"),
    }
}

/// What the strategy says, and below it what to do.
fn refused(error: ProviderError) -> String {
    let hint = error.hint().map(|hint| format!("\n  {hint}")).unwrap_or_default();
    format!("{}{hint}", failure::without_profile(&error))
}
