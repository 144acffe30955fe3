//! The settings of a profile and of a strategy: each key of their tables with the value
//! that is in effect.
//!
//! The functions here take the structs apart field by field, so that a new field does
//! not compile until it has its key: `orchestration trust` shows whatever is listed,
//! and a key that it misses is one that a stranger's file can change unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use orchestration_egress::SILENCE;
use orchestration_registry::Reference;
use orchestration_sandbox::{ComponentFile, GrantedFile, Limits};
use orchestration_support::url::{BaseUrl, HttpOrigin, Issuer};

use crate::component::{Component, PinnedComponent};
use crate::profile::ProviderProfile;
use crate::strategy_config::StrategyConfig;
use crate::verify::VerifyConfig;

/// One key of `[profiles.NAME]` or `[strategies.AUTH_TYPE]`, with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting<'a> {
    /// The key; one of a nested table with a dot, e.g. `limits.memory_mib`.
    pub key: &'static str,
    /// The value in effect.
    pub value: SettingValue<'a>,
    /// Whether it decides which key is sent, where it goes, or which code reads it.
    pub directs_keys: bool,
}

/// The value of a setting.
#[derive(Clone, PartialEq, Eq)]
pub enum SettingValue<'a> {
    /// There is none.
    Unset,
    /// A text.
    Text(&'a str),
    /// The URL that requests go to.
    Url(BaseUrl),
    /// A file.
    Path(&'a Path),
    /// A component in a registry.
    Reference(&'a Reference),
    /// True or false.
    Flag(bool),
    /// A number.
    Number(u64),
    /// The statuses of answers.
    Statuses(&'a [u16]),
    /// Names of variables.
    Variables(BTreeSet<&'a str>),
    /// Paths of files.
    Files(BTreeSet<&'a str>),
    /// Servers, or places in their answers.
    Names(BTreeSet<&'a str>),
    /// The headers of every request by name. The values may be secret.
    Headers(BTreeMap<&'a str, &'a str>),
    /// Options by name. The values may be secret.
    Options(BTreeMap<&'a str, &'a str>),
}

impl<'a> SettingValue<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Unset, Self::Text)
    }
}

/// A setting that decides about keys.
fn directing<'a>(key: &'static str, value: SettingValue<'a>) -> Setting<'a> {
    Setting { key, value, directs_keys: true }
}

/// A setting that does not.
fn other<'a>(key: &'static str, value: SettingValue<'a>) -> Setting<'a> {
    Setting { key, value, directs_keys: false }
}

impl ProviderProfile {
    /// Returns every key of its table with the value in effect, those that decide about
    /// keys first. The base URL is the one that requests go to.
    pub fn settings(&self) -> Vec<Setting<'_>> {
        let Self {
            name: _,
            provider,
            // As requests have it: a provider has a URL of its own.
            base_url: _,
            issuer,
            api_key_env,
            api_key_file,
            fallback_env,
            headers,
            auth_type,
            default_model,
            allow_http,
            timeout,
            options,
            verify,
        } = self;
        let base_url = self.effective_base_url().map_or(SettingValue::Unset, SettingValue::Url);
        let headers = headers.iter().collect();
        let options = options.iter().collect();
        let mut settings = vec![
            directing("base_url", base_url),
            directing("provider", SettingValue::Text(provider)),
            directing("issuer", SettingValue::text(issuer.as_ref().map(Issuer::as_str))),
            directing("api_key_env", SettingValue::text(api_key_env.as_deref())),
            directing("api_key_file", file(api_key_file.as_ref())),
            directing("fallback_env", SettingValue::Flag(*fallback_env)),
            directing("auth_type", SettingValue::Text(auth_type)),
            directing("allow_http", SettingValue::Flag(*allow_http)),
            directing("headers", SettingValue::Headers(headers)),
            directing("options", SettingValue::Options(options)),
        ];
        settings.extend(of_verify(verify.as_ref()));
        settings.extend([
            other("timeout_seconds", seconds(timeout.unwrap_or(SILENCE))),
            other("default_model", SettingValue::text(default_model.as_deref())),
        ]);
        settings
    }
}

fn file(file: Option<&GrantedFile>) -> SettingValue<'_> {
    file.map_or(SettingValue::Unset, |file| SettingValue::Path(Path::new(file.path())))
}

fn of_verify(verify: Option<&VerifyConfig>) -> [Setting<'_>; 4] {
    let (path, header, valid, invalid) = match verify {
        None => {
            (SettingValue::Unset, SettingValue::Unset, SettingValue::Unset, SettingValue::Unset)
        }
        Some(VerifyConfig { path, header, valid, invalid }) => (
            SettingValue::Text(path),
            SettingValue::text(header.as_deref()),
            SettingValue::Statuses(valid),
            SettingValue::Statuses(invalid),
        ),
    };
    [
        directing("verify.path", path),
        directing("verify.header", header),
        other("verify.valid", valid),
        other("verify.invalid", invalid),
    ]
}

impl StrategyConfig {
    /// Returns every key of its table with the value in effect, those that decide about
    /// keys first.
    pub fn settings(&self) -> Vec<Setting<'_>> {
        let Self { auth_type: _, component, env, files, origins, readable, reveal, limits } = self;
        let origins = origins.iter().map(HttpOrigin::as_str).collect();
        let readable = readable.iter().map(String::as_str).collect();
        let (path, sha256) = match component {
            None => (SettingValue::Unset, SettingValue::Unset),
            Some(Component::File(ComponentFile { path, sha256 })) => {
                (SettingValue::Path(path), SettingValue::Text(sha256))
            }
            Some(Component::Published(PinnedComponent { reference, component })) => {
                (SettingValue::Reference(reference), SettingValue::Text(component.hex()))
            }
        };
        let mut settings = vec![
            directing("component", path),
            directing("sha256", sha256),
            directing("env", SettingValue::Variables(env.iter().map(String::as_str).collect())),
            directing("files", SettingValue::Files(files.iter().map(String::as_str).collect())),
            directing("origins", SettingValue::Names(origins)),
            directing("readable", SettingValue::Names(readable)),
            directing("reveal", SettingValue::Flag(*reveal)),
        ];
        settings.extend(of_limits(limits));
        settings
    }
}

fn of_limits(limits: &Limits) -> [Setting<'static>; 14] {
    let Limits {
        deadline,
        memory_bytes,
        table_elements,
        instances,
        returned_bytes,
        returned_entries,
        hostcall_bytes,
        http,
        http_requests,
        stack_bytes,
        log_bytes,
        component_bytes,
        compile,
        compile_memory_bytes,
    } = limits;
    let number = |number: usize| SettingValue::Number(number as u64);
    let milliseconds =
        |time: &Duration| SettingValue::Number(time.as_millis().try_into().unwrap_or(u64::MAX));
    [
        other("limits.deadline_ms", milliseconds(deadline)),
        other("limits.memory_mib", number(memory_bytes >> 20)),
        other("limits.table_elements", number(*table_elements)),
        other("limits.instances", number(*instances)),
        other("limits.stack_kib", number(stack_bytes >> 10)),
        other("limits.returned_bytes", number(*returned_bytes)),
        other("limits.returned_entries", number(*returned_entries)),
        other("limits.hostcall_bytes", number(*hostcall_bytes)),
        other("limits.http_ms", milliseconds(http)),
        other("limits.http_requests", number(*http_requests)),
        other("limits.log_bytes", number(*log_bytes)),
        other("limits.component_mib", number(component_bytes >> 20)),
        other("limits.compile_seconds", seconds(*compile)),
        other("limits.compile_mib", number(compile_memory_bytes >> 20)),
    ]
}

fn seconds(time: Duration) -> SettingValue<'static> {
    SettingValue::Number(time.as_secs())
}
