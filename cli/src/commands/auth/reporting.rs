//! Turns the answers of strategies into a report.

use std::collections::BTreeMap;

use orchestration_runtime::{
    Credentials, GrantedFile, Place, ProviderError, Registry, Verdict, rfc3339,
};

use super::answer::Answer;
use super::verify;
use crate::host::Host;
use crate::remedy;
use crate::report::{Kind, Location, ProfileReport, Report, Status, StrategyReport};

/// Reports `answers`, which are sorted by profile name. Makes masks only if
/// `show_masked` asks for them.
pub(super) fn report<'a>(answers: &'a [Answer], host: &'a Host, show_masked: bool) -> Report<'a> {
    let profile = |answer| profile(answer, host, show_masked);
    Report::of(answers.iter().map(profile).collect())
}

fn profile<'a>(answer: &'a Answer, host: &'a Host, show_masked: bool) -> ProfileReport<'a> {
    let Answer { profile, credentials, status, verdict, duration } = answer;
    let refused = matches!(verdict, Some(Verdict::Rejected(_)));
    let error = credentials.as_ref().err();
    let found = credentials.as_ref().ok();
    ProfileReport {
        profile: &profile.name,
        auth_type: &profile.auth_type,
        strategy: strategy(&host.registry, &profile.auth_type),
        status: if refused { Status::Invalid } else { (*status).into() },
        kind: error.map(|error| error.kind().into()).or(refused.then_some(Kind::Invalid)),
        source: found
            .map(|credentials| credentials.source().into())
            .or_else(|| error.and_then(ProviderError::renewed_session).map(Into::into)),
        verified: verdict.as_ref().map(Into::into),
        variable: profile.api_key_env.as_deref(),
        file: profile.api_key_file.as_ref().map(GrantedFile::path),
        expires_at: found.and_then(Credentials::expires_at).and_then(rfc3339),
        message: error
            .map(ProviderError::without_profile)
            .or_else(|| verdict.as_ref().and_then(verify::reason)),
        hint: error
            .and_then(remedy::for_provider)
            .or_else(|| remedy::for_verdict(verdict.as_ref()?, &profile.name)),
        duration_ms: duration.as_micros() as f64 / 1000.0,
        location: host.providers.place(&profile.name).map(location),
        outcome: None,
        signs_in: matches!(error, Some(ProviderError::Strategy { signs_in: true, .. })),
        masked: found.filter(|_| show_masked).map(masks),
    }
}

fn strategy<'a>(registry: &'a Registry, auth_type: &str) -> Option<StrategyReport<'a>> {
    let identity = registry.identity(auth_type)?;
    Some(StrategyReport {
        component: identity.component.map(ToString::to_string),
        sha256: identity.sha256,
    })
}

fn location(place: Place<'_>) -> Location<'_> {
    Location::new(place.path, Some(place.line))
}

fn masks(credentials: &Credentials) -> BTreeMap<&str, String> {
    credentials.values().map(|(name, secret)| (name, secret.mask())).collect()
}
