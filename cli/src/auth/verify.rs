//! `--verify`: what the provider itself says of a credential, in words.

use std::sync::Arc;

use orchestration_runtime::{Credentials, ProviderProfile, Registry, Status, Verdict, verify};
use tokio::sync::Semaphore;

use super::Answer;
use crate::exit::Exit;
use crate::output::{self, GOOD, WARNING};
use crate::report::Verification;
use crate::spinner;
use crate::table::Cell;

/// How many providers are asked at once. A file may have a thousand profiles, a
/// process not as many connections.
const AT_ONCE: usize = 32;

/// Asks providers, and not too many at once. The copies count together.
#[derive(Clone)]
pub(super) struct Verifier(Arc<Semaphore>);

impl Verifier {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// Adds to an answer with a credential what the provider says of it.
    async fn verified(&self, answer: Answer) -> Answer {
        let Ok(credentials) = &answer.credentials else {
            return answer;
        };
        // It is never closed.
        let _turn = self.0.acquire().await;
        let _shown = spinner::asking(&answer.profile.name);
        let verdict = Some(verify(&answer.profile, credentials).await);
        Answer { verdict, ..answer }
    }
}

/// What a profile's own strategy says of its own credential, and its provider too
/// where there is a `verifier`.
pub(super) async fn ask(
    profile: Arc<ProviderProfile>,
    registry: Registry,
    verifier: Option<Verifier>,
) -> Answer {
    let answer = super::ask(profile, registry).await;
    match verifier {
        // In memory of its own: without a verifier, a thousand profiles are not to
        // pay for the state of a thousand requests.
        Some(verifier) => Box::pin(verifier.verified(answer)).await,
        None => answer,
    }
}

/// How a command about a credential of this verdict ends.
pub(super) fn exit(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Valid { .. } | Verdict::NotRequired => Exit::Fine,
        Verdict::Invalid(_) => Exit::NotValid,
        Verdict::Unreachable(_) | Verdict::Unknown(_) => Exit::NotVerified,
    }
}

/// A verdict as the table shows it, e.g. `? unreachable`.
pub(super) fn label(verified: Verification) -> Cell<'static> {
    match verified {
        Verification::Valid => output::label(Status::Valid),
        Verification::NotRequired => Cell::coloured("✓ not required", GOOD),
        Verification::Invalid => output::label(Status::Invalid),
        Verification::Unreachable => Cell::coloured("? unreachable", WARNING),
        Verification::Unknown => Cell::coloured("? unknown", WARNING),
    }
}

/// Why a credential is refused, or left open.
pub(super) fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Valid { .. } | Verdict::NotRequired => None,
        Verdict::Invalid(refusal) => Some(refusal.to_string()),
        Verdict::Unreachable(error) => Some(format!("not verified: {error}")),
        Verdict::Unknown(doubt) => Some(format!("not verified: {doubt}")),
    }
}

/// What was `found`, which is a sentence without its end, and what the provider
/// of `profile` says of it.
pub(super) fn sentence(
    found: &str,
    credentials: &Credentials,
    verdict: &Verdict,
    profile: &ProviderProfile,
) -> String {
    let (mark, more) = match verdict {
        Verdict::Valid { host } => (output::good(), format!(", and {host} takes it")),
        Verdict::NotRequired if credentials.key().is_none() => (output::good(), String::new()),
        Verdict::NotRequired => (output::good(), ", but no key is required".to_owned()),
        Verdict::Invalid(refusal) => (output::mark(Status::Invalid), format!(", but {refusal}")),
        Verdict::Unreachable(error) => (output::in_doubt(), format!(", but not verified: {error}")),
        Verdict::Unknown(doubt) => (output::in_doubt(), format!(", but not verified: {doubt}")),
    };
    let hint = verdict.hint(&profile.name).map(|hint| format!("\n  {hint}")).unwrap_or_default();
    format!("{mark} {found}{more}{hint}\n")
}
