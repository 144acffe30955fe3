//! `profile show NAME`: what a profile says, and who says it.

use orchestration_runtime::{Field, Origin, ProviderProfile, ProvidersToml};

use super::place;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;
use crate::table::Layout;

const LAYOUT: Layout<3> = Layout {
    header: ["Key", "Value", "From"],
    widths: [12, 28, 8],
    shortened: &[(2, 12), (1, 16)],
};

/// Shows one row for each key of `[profiles.NAME]`.
pub(super) fn run(name: &str, providers: &ProvidersToml) -> Result<Exit, CliError> {
    let profile = providers.profile(name)?;
    let row = |(key, field, value): (&'static str, _, String)| {
        [key.into(), value.into(), from(providers.origin(name, field)).into()]
    };
    output::print(&LAYOUT.table(values(profile).map(row)))?;
    Ok(Exit::Fine)
}

fn values(profile: &ProviderProfile) -> impl Iterator<Item = (&'static str, Field, String)> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        ("provider", Field::Provider, shown(&profile.provider)),
        (
            "base_url",
            Field::BaseUrl,
            or_none(profile.base_url.as_deref().map(output::without_password)),
        ),
        ("api_key_env", Field::ApiKeyEnv, or_none(profile.api_key_env.clone())),
        ("auth_type", Field::AuthType, profile.auth_type.clone()),
        ("fallback_env", Field::FallbackEnv, profile.fallback_env.to_string()),
        (
            "default_model",
            Field::DefaultModel,
            or_none(profile.default_model.as_deref().map(shown)),
        ),
        ("allow_http", Field::AllowHttp, profile.allow_http.to_string()),
        ("timeout_seconds", Field::TimeoutSeconds, profile.timeout.as_secs().to_string()),
        ("headers", Field::Headers, names(profile.headers.iter().map(|(name, _)| name))),
        ("options", Field::Options, names(profile.options.keys().map(String::as_str))),
        (
            "verify",
            Field::Verify,
            or_none(profile.verify.as_ref().map(|verify| shown(&verify.path))),
        ),
    ]
    .into_iter()
}

/// The names alone: people put keys into headers and options.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(shown).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

/// A text may hold anything, and ends up on a terminal.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}

fn from(origin: Origin<'_>) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::BuiltIn => "built in".to_owned(),
        Origin::Written(written) => place(written),
    }
}
