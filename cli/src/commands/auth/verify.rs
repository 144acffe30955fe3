//! `--verify`: asks the provider whether it accepts a credential, and words its
//! verdict.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use orchestration_runtime::{Credentials, ProviderProfile, Registry, Status, Verdict, verify};
use tokio::sync::Semaphore;

use super::answer::{self, Answer};
use crate::remedy;
use crate::report::Verification;
use crate::ui::style::{self, GOOD, WARNING};
use crate::ui::table::Cell;
use crate::ui::{spinner, stderr};

/// How many providers to ask at once. A file may have a thousand profiles; a process
/// can't have as many connections.
const AT_ONCE: usize = 32;

/// Asks providers, but not too many at once. Clones share one limit.
#[derive(Clone)]
pub(super) struct Verifier(Arc<Semaphore>);

impl Verifier {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// Adds the provider's verdict to an answer with a credential.
    async fn verified(&self, answer: Answer) -> Answer {
        let Ok(credentials) = &answer.credentials else {
            return answer;
        };
        // The semaphore is never closed.
        let _permit = self.0.acquire().await;
        let _shown = spinner::asking(&answer.profile.name);
        let verdict = Some(verify(&answer.profile, credentials).await);
        Answer { verdict, ..answer }
    }
}

/// Asks the strategy of `profile`, and its provider if there is a `verifier`.
pub(super) async fn ask(
    profile: Arc<ProviderProfile>,
    registry: Registry,
    verifier: Option<Verifier>,
) -> Answer {
    let answer = answer::ask(profile, registry, Duration::ZERO).await;
    match verifier {
        // Boxed, so that without a verifier a thousand profiles don't take the memory
        // of a thousand requests.
        Some(verifier) => Box::pin(verifier.verified(answer)).await,
        None => answer,
    }
}

/// A verdict as the table shows it, e.g. `? unreachable`.
pub(super) fn label(verified: Verification) -> Cell<'static> {
    match verified {
        Verification::Valid => style::label(Status::Valid),
        Verification::NotRequired => Cell::coloured("✓ not required", GOOD),
        Verification::Invalid => style::label(Status::Invalid),
        Verification::Unreachable => Cell::coloured("? unreachable", WARNING),
        Verification::Unknown => Cell::coloured("? unknown", WARNING),
    }
}

/// Why the provider rejects the credential, or why its verdict is unknown.
pub(super) fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Accepted { .. } | Verdict::NotRequired => None,
        Verdict::Rejected(refusal) => Some(refusal.to_string()),
        Verdict::Unreachable(error) => Some(format!("not verified: {error}")),
        Verdict::Inconclusive(doubt) => Some(format!("not verified: {doubt}")),
    }
}

/// A sentence about a credential: how it was `found`, and the provider's verdict on
/// it.
pub(super) fn sentence(
    found: &str,
    credentials: &Credentials,
    verdict: &Verdict,
    profile: &ProviderProfile,
) -> String {
    let (mark, more) = match verdict {
        Verdict::Accepted { host } => (style::good(), format!(", and {host} accepts it")),
        Verdict::NotRequired if credentials.key().is_none() => (style::good(), String::new()),
        Verdict::NotRequired => (style::good(), ", but no key is required".to_owned()),
        Verdict::Rejected(refusal) => (style::mark(Status::Invalid), format!(", but {refusal}")),
        Verdict::Unreachable(error) => (style::unknown(), format!(", but not verified: {error}")),
        Verdict::Inconclusive(doubt) => (style::unknown(), format!(", but not verified: {doubt}")),
    };
    let hint = remedy::for_verdict(verdict, &profile.name);
    let hint = hint.map(|hint| format!("\n  {hint}")).unwrap_or_default();
    format!("{mark} {found}{more}{hint}\n")
}

/// Explains on stderr why the provider rejects a credential, or was not reached.
pub(super) fn explain(profile: &str, verdict: &Verdict) {
    let hint = remedy::for_verdict(verdict, profile);
    let reason: &dyn Display = match verdict {
        Verdict::Accepted { .. } | Verdict::NotRequired => return,
        Verdict::Rejected(refusal) => {
            return stderr::error(&format!("profile '{profile}': {refusal}"), hint.as_deref());
        }
        Verdict::Unreachable(error) => error,
        Verdict::Inconclusive(doubt) => doubt,
    };
    let message = format!("profile '{profile}' was not verified: {reason}");
    stderr::warning(&message, hint.as_deref());
}
