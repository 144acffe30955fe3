//! The format of providers.toml: what the file may contain, and how it changes the
//! profiles and strategies of the layers below.
//!
//! Nothing here has `Debug`: any text of the file may be a secret.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU16;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::checks::{
    self, check_auth_type, check_profile_name, granted_name, granted_path, header_name,
    key_variable_name, no_key, statuses,
};
use super::error::Mistake;
use super::fix::Fix;
use super::limits::LimitChanges;
use super::provenance::Field;
use super::providers::ProvidersToml;
use crate::profile::{DEFAULT_AUTH_TYPE, NO_AUTH_TYPE, ProviderProfile};
use crate::registry_trust::RegistryTrust;
use crate::strategy_config::{StrategyConfig, is_built_in};
use crate::verify::VerifyConfig;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default, deserialize_with = "entries")]
    profiles: Vec<(Spanned<String>, Profile)>,
    #[serde(default, deserialize_with = "entries")]
    strategies: Vec<(Spanned<String>, Strategy)>,
    #[serde(default)]
    trust: Trust,
}

/// `[trust]`: what has to be signed.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Trust {
    #[serde(default, deserialize_with = "entries")]
    registries: Vec<(Spanned<String>, SignedBy)>,
}

/// `[trust] registries."HOST/REPOSITORY"`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedBy {
    key: PathBuf,
}

/// One `[profiles.NAME]`. A key that is not set keeps the value of the layer below,
/// or the default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    provider: Option<Spanned<String>>,
    base_url: Option<Spanned<String>>,
    issuer: Option<Spanned<String>>,
    api_key_env: Option<Spanned<String>>,
    api_key_file: Option<Spanned<String>>,
    fallback_env: Option<bool>,
    auth_type: Option<Spanned<String>>,
    default_model: Option<String>,
    allow_http: Option<bool>,
    timeout_seconds: Option<NonZeroU16>,
    headers: Option<BTreeMap<Spanned<String>, String>>,
    options: Option<BTreeMap<String, String>>,
    verify: Option<Spanned<Verify>>,
}

/// `verify` of a profile: how its provider verifies a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    path: Option<Spanned<String>>,
    header: Option<Spanned<String>>,
    valid: Option<Vec<Spanned<u16>>>,
    invalid: Option<Vec<Spanned<u16>>>,
}

/// One `[strategies.AUTH_TYPE]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strategy {
    component: Option<Spanned<PathBuf>>,
    sha256: Option<Spanned<String>>,
    #[serde(default)]
    env: Vec<Spanned<String>>,
    #[serde(default)]
    files: Vec<Spanned<String>>,
    #[serde(default)]
    origins: Vec<Spanned<String>>,
    #[serde(default)]
    readable: Vec<Spanned<String>>,
    #[serde(default)]
    reveal: bool,
    #[serde(default)]
    limits: LimitChanges,
}

/// Reads the entries of a table in the order of the file. A list does, because TOML
/// rejects duplicate names and the entries are only iterated.
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

/// Parses `text`. The names and values in it are not checked yet.
pub(super) fn parse(text: &str) -> Result<Document, Mistake> {
    toml::from_str(text).map_err(|error| Mistake::from_toml(&error))
}

impl Document {
    /// Applies the file, which is in `directory` and contains `text`, to `providers`.
    pub(super) fn apply(
        self,
        directory: &Path,
        text: &str,
        providers: &mut ProvidersToml,
    ) -> Result<(), Mistake> {
        let ProvidersToml { profiles, strategies, provenance, registry_trust, .. } = providers;
        let line_ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        for (name, changes) in self.profiles {
            check_profile_name(&name)?;
            let line = 1 + line_ends.partition_point(|end| *end < name.span().start);
            provenance.note(name.get_ref(), line, changes.fields());
            let name = name.into_inner();
            let profile =
                profiles.entry(name.clone()).or_insert_with(|| ProviderProfile::new(name).into());
            changes.apply(Arc::make_mut(profile), directory)?;
        }
        for (auth_type, strategy) in self.strategies {
            check_auth_type(&auth_type)?;
            let strategy = strategy.checked(auth_type, directory)?;
            strategies.insert(strategy.auth_type.clone(), strategy);
        }
        for (registries, SignedBy { key }) in self.trust.registries {
            let registries = checks::registries(&registries)?;
            registry_trust.push(RegistryTrust { registries, key: directory.join(key) });
        }
        Ok(())
    }
}

impl Profile {
    /// Returns the fields that it sets.
    fn fields(&self) -> impl Iterator<Item = Field> {
        let set = [
            (Field::Provider, self.provider.is_some()),
            (Field::BaseUrl, self.base_url.is_some()),
            (Field::Issuer, self.issuer.is_some()),
            (Field::ApiKeyEnv, self.api_key_env.is_some()),
            (Field::ApiKeyFile, self.api_key_file.is_some()),
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

    /// Applies the changes of a file in `directory` to `profile`.
    fn apply(self, profile: &mut ProviderProfile, directory: &Path) -> Result<(), Mistake> {
        if let Some(provider) = self.provider {
            profile.provider = checks::provider(provider)?;
        }
        if let Some(base_url) = self.base_url {
            profile.base_url = checks::base_url(&base_url)?;
        }
        if let Some(issuer) = self.issuer {
            profile.issuer = checks::issuer(&issuer)?;
        }
        if let Some(fallback_env) = self.fallback_env {
            profile.fallback_env = fallback_env;
        }
        if let Some(auth_type) = self.auth_type {
            check_auth_type(&auth_type)?;
            let auth_type = auth_type.into_inner();
            if auth_type != profile.auth_type && !takes_the_key(&auth_type) {
                // A layer below named them for the provider's key. What this auth type takes
                // from there is another secret, such as that of an OAuth client, and goes to
                // another server.
                profile.api_key_env = None;
                profile.api_key_file = None;
            }
            profile.auth_type = auth_type;
        }
        // After the auth type, which decides whether a key makes sense.
        let (variable, file) = (self.api_key_env, self.api_key_file);
        if profile.auth_type == NO_AUTH_TYPE {
            no_key("api_key_env", variable)?;
            no_key("api_key_file", file)?;
        } else {
            if let Some(name) = variable {
                profile.api_key_env = key_variable_name(name)?;
            }
            if let Some(path) = file {
                profile.api_key_file = checks::key_file_path(&path, directory)?;
            }
        }
        if let Some(model) = self.default_model {
            profile.default_model = Some(model).filter(|model| !model.is_empty());
        }
        if let Some(allow_http) = self.allow_http {
            profile.allow_http = allow_http;
        }
        if let Some(seconds) = self.timeout_seconds {
            profile.timeout = Some(Duration::from_secs(seconds.get().into()));
        }
        if let Some(headers) = self.headers {
            profile.headers = checks::headers(headers)?.into();
        }
        if let Some(options) = self.options {
            profile.options = options.into();
        }
        if let Some(verify) = self.verify {
            let span = verify.span();
            profile.verify = Some(verify.into_inner().checked(span)?);
        }
        Ok(())
    }
}

/// Returns whether the variable or the file of a profile of this auth type holds the key that
/// the provider takes. Of a strategy that is not built in, only its author knows.
fn takes_the_key(auth_type: &str) -> bool {
    auth_type == DEFAULT_AUTH_TYPE || !is_built_in(auth_type)
}

impl Verify {
    fn checked(self, span: Range<usize>) -> Result<VerifyConfig, Mistake> {
        let path = self
            .path
            .ok_or_else(|| Mistake::at(span, "verify needs a path").fix(Fix::AddVerifyPath))?;
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

impl Strategy {
    fn checked(
        self,
        auth_type: Spanned<String>,
        directory: &Path,
    ) -> Result<StrategyConfig, Mistake> {
        let built_in = is_built_in(auth_type.get_ref());
        let component =
            match (self.component, self.sha256) {
                (Some(path), _) if built_in => {
                    return Err(Mistake::at(path.span(), "this auth type is built in")
                        .fix(Fix::OtherAuthType));
                }
                (Some(path), Some(sha256)) => Some(checks::component(path, sha256, directory)?),
                (Some(path), None) => {
                    return Err(Mistake::at(path.span(), "a component needs its sha256")
                        .fix(Fix::AddDigest));
                }
                (None, _) if built_in => None,
                (None, _) => {
                    return Err(Mistake::at(auth_type.span(), "this strategy has no component")
                        .fix(Fix::AddComponent));
                }
            };
        let env = self.env.into_iter().map(granted_name).collect::<Result<_, _>>()?;
        let files = self.files.into_iter().map(granted_path).collect::<Result<_, _>>()?;
        let origins = self.origins.iter().map(checks::origin).collect::<Result<_, _>>()?;
        let readable = self.readable.into_iter().map(checks::readable).collect::<Result<_, _>>()?;
        let limits = self.limits.applied();
        let (auth_type, reveal) = (auth_type.into_inner(), self.reveal);
        Ok(StrategyConfig { auth_type, component, env, files, origins, readable, reveal, limits })
    }
}
