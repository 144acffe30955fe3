//! `orchestration profile show`: the values of a profile, and where each is set.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCandidates;
use orchestration_runtime::{Field, Origin, ProviderProfile, sanitize_path};

use crate::complete::profiles;
use crate::config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;
use crate::ui::table::Layout;
use crate::ui::text;

const HELP: &str = "\
The column From shows where a value is set: the file and line of the profile,
`built in`, or `default`. Your file overrides the built-in profiles, and the
trusted file of a project overrides yours. Only the names of headers and options
are shown.

Exit status: 0 success, 2 usage or configuration error

Examples:
  orchestration profile show openrouter";

const LAYOUT: Layout<3> = Layout {
    header: ["Key", "Value", "From"],
    widths: [12, 28, 8],
    shortened: &[(2, 12), (1, 16)],
};

/// Show a profile and where it is configured
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ShowArgs {
    /// The profile, as listed by `profile list`
    #[arg(add = ArgValueCandidates::new(profiles))]
    profile: String,
}

impl ShowArgs {
    /// Shows one row for each key of `[profiles.NAME]`.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let providers = config::discover(config)?;
        let profile = providers.profile(&self.profile)?;
        let row = |(key, field, value): (&'static str, _, String)| {
            [key.into(), value.into(), from(providers.origin(&self.profile, field)).into()]
        };
        stdout::print(&LAYOUT.table(values(profile).map(row)))?;
        Ok(Exit::Fine)
    }
}

fn values(profile: &ProviderProfile) -> impl Iterator<Item = (&'static str, Field, String)> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        ("provider", Field::Provider, shown(&profile.provider)),
        ("base_url", Field::BaseUrl, or_none(profile.base_url.as_ref().map(ToString::to_string))),
        (
            "issuer",
            Field::Issuer,
            or_none(profile.issuer.as_ref().map(|issuer| shown(issuer.as_str()))),
        ),
        ("api_key_env", Field::ApiKeyEnv, or_none(profile.api_key_env.clone())),
        (
            "api_key_file",
            Field::ApiKeyFile,
            or_none(profile.api_key_file.as_ref().map(|file| text::from_home(file.path()).into())),
        ),
        ("auth_type", Field::AuthType, profile.auth_type.clone()),
        ("fallback_env", Field::FallbackEnv, profile.fallback_env.to_string()),
        (
            "default_model",
            Field::DefaultModel,
            or_none(profile.default_model.as_deref().map(shown)),
        ),
        ("allow_http", Field::AllowHttp, profile.allow_http.to_string()),
        ("timeout_seconds", Field::TimeoutSeconds, profile.silence().as_secs().to_string()),
        ("headers", Field::Headers, names(profile.headers.iter().map(|(name, _)| name))),
        ("options", Field::Options, names(profile.options.iter().map(|(name, _)| name))),
        (
            "verify",
            Field::Verify,
            or_none(profile.verify.as_ref().map(|verify| shown(&verify.path))),
        ),
    ]
    .into_iter()
}

/// Only the names: people put keys into headers and options.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(shown).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

/// A value may hold control characters, and is shown on a terminal.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}

fn from(origin: Origin<'_>) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::BuiltIn => "built in".to_owned(),
        // As compilers and editors write a position.
        Origin::Written(place) => format!("{}:{}", sanitize_path(place.path), place.line),
    }
}
