//! From the answers of strategies to the report of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::SystemTime;

use orchestration_runtime::{Credentials, Place, ProviderError, Registry, Verdict};

use super::{Answer, verify};
use crate::failure;
use crate::host::Host;
use crate::report::{Kind, Location, ProfileReport, Report, Status, StrategyReport};

/// The report of `answers`, which are sorted by the names of their profiles.
/// Masks are made only where somebody wants them.
pub(super) fn of(answers: &[Answer], host: &Host, show_masked: bool) -> Report {
    let profile = |answer| profile(answer, host, show_masked);
    Report::of(answers.iter().map(profile).collect())
}

fn profile(answer: &Answer, host: &Host, show_masked: bool) -> ProfileReport {
    let Answer { profile, credentials, status, verdict, duration } = answer;
    let refused = matches!(verdict, Some(Verdict::Invalid(_)));
    let error = credentials.as_ref().err();
    let found = credentials.as_ref().ok();
    ProfileReport {
        profile: profile.name.clone(),
        auth_type: profile.auth_type.clone(),
        strategy: strategy(&host.registry, &profile.auth_type),
        status: if refused { Status::Invalid } else { (*status).into() },
        kind: error.map(|error| error.kind().into()).or(refused.then_some(Kind::Invalid)),
        source: found.map(|credentials| credentials.source().into()),
        verified: verdict.as_ref().map(Into::into),
        variable: profile.api_key_env.clone(),
        expires_at: found.and_then(Credentials::expires_at).and_then(rfc3339),
        message: error
            .map(failure::without_profile)
            .or_else(|| verdict.as_ref().and_then(verify::reason)),
        hint: error
            .and_then(ProviderError::hint)
            .or_else(|| verdict.as_ref().and_then(|verdict| verdict.hint(&profile.name))),
        duration_ms: duration.as_micros() as f64 / 1000.0,
        location: host.providers.place(&profile.name).map(location),
        outcome: None,
        masked: found.filter(|_| show_masked).map(masks),
    }
}

fn strategy(registry: &Registry, auth_type: &str) -> Option<StrategyReport> {
    let identity = registry.identity(auth_type)?;
    Some(StrategyReport {
        component: identity.component.map(|path| path.display().to_string()),
        sha256: identity.sha256.to_owned(),
    })
}

fn location(place: Place<'_>) -> Location {
    Location { file: place.path.display().to_string(), line: Some(place.line) }
}

/// None for a time that RFC 3339 can't express, after the year 9999.
fn rfc3339(time: SystemTime) -> Option<String> {
    let mut text = String::new();
    let shown = humantime::format_rfc3339_seconds(time);
    write!(text, "{shown}").ok()?;
    Some(text)
}

fn masks(credentials: &Credentials) -> BTreeMap<String, String> {
    credentials.values().map(|(name, secret)| (name.to_owned(), secret.mask())).collect()
}
