//! The format of providers.toml.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroU16, NonZeroU32};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderName;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::error::Mistake;
use super::fix::Fix;
use super::provenance::Field;
use super::providers::ProvidersToml;
use crate::profile::ProviderProfile;
use orchestration_sandbox::{ComponentFile, Limits, is_variable_name};

use crate::profile::is_profile_name;
use crate::strategy_config::{StrategyConfig, is_auth_type, is_built_in};
use crate::verify::VerifyConfig;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default, deserialize_with = "entries")]
    profiles: Vec<(Spanned<String>, Profile)>,
    #[serde(default, deserialize_with = "entries")]
    strategies: Vec<(Spanned<String>, Strategy)>,
}

/// One `[profiles.NAME]`. What it leaves out keeps the value of the built-in
/// profile of that name, or the default.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    provider: Option<String>,
    base_url: Option<String>,
    api_key_env: Option<Spanned<String>>,
    fallback_env: Option<bool>,
    auth_type: Option<Spanned<String>>,
    default_model: Option<String>,
    allow_http: Option<bool>,
    timeout_seconds: Option<NonZeroU16>,
    headers: Option<BTreeMap<String, String>>,
    options: Option<BTreeMap<String, String>>,
    verify: Option<Spanned<Verify>>,
}

/// How the provider of a profile is asked whether a key is good.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    path: Option<Spanned<String>>,
    header: Option<Spanned<String>>,
    valid: Option<Vec<Spanned<u16>>>,
    invalid: Option<Vec<Spanned<u16>>>,
}

/// One `[strategies.AUTH_TYPE]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strategy {
    component: Option<Spanned<PathBuf>>,
    sha256: Option<Spanned<String>>,
    #[serde(default)]
    env: Vec<Spanned<String>>,
    #[serde(default)]
    limits: LimitChanges,
}

/// The limits that are not to be at their default. Each is a whole number from
/// 1 on; README.md has the defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitChanges {
    deadline_ms: Option<NonZeroU32>,
    memory_mib: Option<NonZeroU16>,
    table_elements: Option<NonZeroU32>,
    instances: Option<NonZeroU16>,
    stack_kib: Option<NonZeroU16>,
    returned_bytes: Option<NonZeroU32>,
    returned_entries: Option<NonZeroU16>,
    hostcall_bytes: Option<NonZeroU32>,
    log_bytes: Option<NonZeroU32>,
    component_mib: Option<NonZeroU16>,
    compile_seconds: Option<NonZeroU16>,
}

/// The entries of a table, in the order of the file: TOML has no name twice, and
/// they are only gone through.
fn entries<'de, D, T>(deserializer: D) -> Result<Vec<(Spanned<String>, T)>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Entries<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = Vec<(Spanned<String>, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = map.next_entry()? {
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    deserializer.deserialize_map(Entries(PhantomData))
}

/// Reads `text`, which says nothing yet of whether its names are good.
pub(super) fn parse(text: &str) -> Result<Document, Mistake> {
    toml::from_str(text).map_err(|error| Mistake::from_toml(&error))
}

impl Document {
    /// Lays the file, which lies in `folder` and holds `text`, over `providers`.
    pub(super) fn apply(
        self,
        folder: &Path,
        text: &str,
        providers: &mut ProvidersToml,
    ) -> Result<(), Mistake> {
        let ProvidersToml { profiles, strategies, provenance, .. } = providers;
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        for (name, changes) in self.profiles {
            check_profile_name(&name)?;
            let line = 1 + ends.partition_point(|end| *end < name.span().start);
            provenance.note(name.get_ref(), line, changes.fields());
            let name = name.into_inner();
            let profile =
                profiles.entry(name.clone()).or_insert_with(|| ProviderProfile::new(name).into());
            changes.apply(Arc::make_mut(profile))?;
        }
        for (auth_type, strategy) in self.strategies {
            check_auth_type(&auth_type)?;
            let strategy = strategy.checked(auth_type, folder)?;
            strategies.insert(strategy.auth_type.clone(), strategy);
        }
        Ok(())
    }
}

impl Profile {
    /// The fields that it sets.
    fn fields(&self) -> impl Iterator<Item = Field> {
        let set = [
            (Field::Provider, self.provider.is_some()),
            (Field::BaseUrl, self.base_url.is_some()),
            (Field::ApiKeyEnv, self.api_key_env.is_some()),
            (Field::AuthType, self.auth_type.is_some()),
            (Field::FallbackEnv, self.fallback_env.is_some()),
            (Field::DefaultModel, self.default_model.is_some()),
            (Field::AllowHttp, self.allow_http.is_some()),
            (Field::TimeoutSeconds, self.timeout_seconds.is_some()),
            (Field::Headers, self.headers.is_some()),
            (Field::Options, self.options.is_some()),
            (Field::Verify, self.verify.is_some()),
        ];
        set.into_iter().filter_map(|(field, set)| set.then_some(field))
    }

    fn apply(self, profile: &mut ProviderProfile) -> Result<(), Mistake> {
        if let Some(provider) = self.provider {
            profile.provider = provider;
        }
        if let Some(base_url) = self.base_url {
            profile.base_url = Some(base_url).filter(|url| !url.is_empty());
        }
        if let Some(name) = self.api_key_env {
            profile.api_key_env = variable_name(name)?;
        }
        if let Some(fallback_env) = self.fallback_env {
            profile.fallback_env = fallback_env;
        }
        if let Some(auth_type) = self.auth_type {
            check_auth_type(&auth_type)?;
            profile.auth_type = auth_type.into_inner();
        }
        if let Some(model) = self.default_model {
            profile.default_model = Some(model).filter(|model| !model.is_empty());
        }
        if let Some(allow_http) = self.allow_http {
            profile.allow_http = allow_http;
        }
        if let Some(seconds) = self.timeout_seconds {
            profile.timeout = Duration::from_secs(seconds.get().into());
        }
        if let Some(headers) = self.headers {
            profile.headers = headers.into();
        }
        if let Some(options) = self.options {
            profile.options = options;
        }
        if let Some(verify) = self.verify {
            let span = verify.span();
            profile.verify = Some(verify.into_inner().checked(span)?);
        }
        Ok(())
    }
}

impl Verify {
    fn checked(self, span: Range<usize>) -> Result<VerifyConfig, Mistake> {
        let path = self.path.ok_or_else(|| {
            Mistake::at(span, "verify needs a path to ask for").fix(Fix::AddVerifyPath)
        })?;
        if !path.get_ref().starts_with('/') || path.get_ref().contains(['?', '#']) {
            return Err(Mistake::at(path.span(), "a path begins with '/' and has no '?' or '#'")
                .fix(Fix::PathBelowBaseUrl));
        }
        let header = self.header.map(header_name).transpose()?;
        let valid = statuses(self.valid, &VerifyConfig::VALID, &[])?;
        let invalid = statuses(self.invalid, &VerifyConfig::INVALID, &valid)?;
        Ok(VerifyConfig { path: path.into_inner(), header, valid, invalid })
    }
}

fn header_name(name: Spanned<String>) -> Result<String, Mistake> {
    if HeaderName::from_bytes(name.get_ref().as_bytes()).is_err() {
        return Err(
            Mistake::at(name.span(), "this is not the name of a header").fix(Fix::NameHeader)
        );
    }
    Ok(name.into_inner())
}

/// The statuses of a list, or the usual ones; none may be among the `taken`.
fn statuses(
    named: Option<Vec<Spanned<u16>>>,
    usual: &[u16],
    taken: &[u16],
) -> Result<Vec<u16>, Mistake> {
    let Some(named) = named else {
        return Ok(usual.to_vec());
    };
    let checked = |status: Spanned<u16>| {
        if !VerifyConfig::is_telling(*status.get_ref()) {
            return Err(Mistake::at(status.span(), "this status says nothing about a key")
                .fix(Fix::TellingStatuses));
        }
        if taken.contains(status.get_ref()) {
            return Err(Mistake::at(status.span(), "this status stands for a valid key already"));
        }
        Ok(status.into_inner())
    };
    named.into_iter().map(checked).collect()
}

impl Strategy {
    fn checked(self, auth_type: Spanned<String>, folder: &Path) -> Result<StrategyConfig, Mistake> {
        let built_in = is_built_in(auth_type.get_ref());
        let component = match (self.component, self.sha256) {
            (Some(path), _) if built_in => {
                return Err(
                    Mistake::at(path.span(), "this auth type is built in").fix(Fix::OtherAuthType)
                );
            }
            (Some(path), Some(sha256)) => Some(ComponentFile {
                path: folder.join(path.into_inner()),
                sha256: digest(sha256)?,
            }),
            (Some(path), None) => {
                return Err(Mistake::at(path.span(), "a component needs its sha256 beside it")
                    .fix(Fix::AddDigest));
            }
            (None, _) if built_in => None,
            (None, _) => {
                return Err(Mistake::at(auth_type.span(), "this strategy names no component")
                    .fix(Fix::AddComponent));
            }
        };
        let env = self.env.into_iter().map(granted_name).collect::<Result<_, _>>()?;
        let limits = self.limits.applied();
        Ok(StrategyConfig { auth_type: auth_type.into_inner(), component, env, limits })
    }
}

impl LimitChanges {
    fn applied(self) -> Limits {
        let default = Limits::default();
        let wide = |value: Option<NonZeroU32>| value.map(|value| value.get() as usize);
        let narrow = |value: Option<NonZeroU16>| value.map(|value| usize::from(value.get()));
        let mib = |value| narrow(value).map(|mib| mib << 20);
        Limits {
            deadline: self
                .deadline_ms
                .map_or(default.deadline, |ms| Duration::from_millis(ms.get().into())),
            memory_bytes: mib(self.memory_mib).unwrap_or(default.memory_bytes),
            table_elements: wide(self.table_elements).unwrap_or(default.table_elements),
            instances: narrow(self.instances).unwrap_or(default.instances),
            stack_bytes: narrow(self.stack_kib).map_or(default.stack_bytes, |kib| kib << 10),
            returned_bytes: wide(self.returned_bytes).unwrap_or(default.returned_bytes),
            returned_entries: narrow(self.returned_entries).unwrap_or(default.returned_entries),
            hostcall_bytes: wide(self.hostcall_bytes).unwrap_or(default.hostcall_bytes),
            log_bytes: wide(self.log_bytes).unwrap_or(default.log_bytes),
            component_bytes: mib(self.component_mib).unwrap_or(default.component_bytes),
            compile: self
                .compile_seconds
                .map_or(default.compile, |seconds| Duration::from_secs(seconds.get().into())),
        }
    }
}

fn check_profile_name(name: &Spanned<String>) -> Result<(), Mistake> {
    is_profile_name(name.get_ref()).then_some(()).ok_or_else(|| {
        Mistake::at(name.span(), "a profile's name is made of letters, digits, '-', '_' and '.'")
            .fix(Fix::NameForm)
    })
}

fn check_auth_type(auth_type: &Spanned<String>) -> Result<(), Mistake> {
    is_auth_type(auth_type.get_ref()).then_some(()).ok_or_else(|| {
        Mistake::at(auth_type.span(), "an auth type is made of letters, digits, '-' and '_'")
            .fix(Fix::NameForm)
    })
}

/// A SHA-256 in hexadecimal, either case.
fn digest(sha256: Spanned<String>) -> Result<String, Mistake> {
    let text = sha256.get_ref();
    if text.len() != 64 || !text.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(
            Mistake::at(sha256.span(), "a sha256 has 64 hexadecimal digits").fix(Fix::DigestForm)
        );
    }
    Ok(text.to_ascii_lowercase())
}

fn granted_name(name: Spanned<String>) -> Result<String, Mistake> {
    let span = name.span();
    variable_name(name)?.ok_or_else(|| Mistake::at(span, "a granted variable has a name"))
}

/// A variable's name; none for the empty text, which takes a built-in profile's
/// variable away. A key in its place is a mistake that people make, so the text
/// must look like a name, and is never repeated in the message.
fn variable_name(name: Spanned<String>) -> Result<Option<String>, Mistake> {
    if name.get_ref().is_empty() {
        return Ok(None);
    }
    if !is_variable_name(name.get_ref()) {
        return Err(Mistake::at(name.span(), "this is not the name of an environment variable")
            .fix(Fix::NameVariable));
    }
    Ok(Some(name.into_inner()))
}
