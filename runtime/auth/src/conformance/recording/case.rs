//! Writes a recorded call as a `[[case]]`.

use std::collections::BTreeMap;
use std::ffi::OsString;

use orchestration_sandbox::{
    Credentials, ErrorKind, GrantedFile, HttpAnswer, HttpRequest, is_public_text,
};
use orchestration_support::Secret;
use orchestration_support::url::HttpOrigin;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::kept::{Kept, RecordingError};
use super::placeholders::Placeholders;
use super::toml::inline;
use crate::error::ProviderError;
use crate::profile::ProviderProfile;

/// What a recorded call was made with, and what it returned.
#[derive(Clone, Copy)]
pub struct RecordedCall<'a> {
    /// The profile.
    pub profile: &'a ProviderProfile,
    /// The variables that were set and granted.
    pub env: &'a BTreeMap<String, OsString>,
    /// The files that there were, and that were granted.
    pub files: &'a BTreeMap<String, Vec<u8>>,
    /// The outcome.
    pub outcome: &'a Result<Credentials, ProviderError>,
}

/// Returns the case for `call`, which sent these requests.
pub(super) fn written(call: &RecordedCall<'_>, kept: &[Kept]) -> Result<String, RecordingError> {
    let mut hidden = Placeholders::of_call(used(call, kept));
    // In the order in which secrets come up: what is replaced later must be known by then.
    let env = env(call, kept, &mut hidden)?;
    let files = files(call, &mut hidden)?;
    hide_options(call, kept, &mut hidden);
    let mut exchanges = String::new();
    for kept in kept {
        exchanges += &format!("  {},\n", inline(&exchange(kept, &mut hidden)?));
    }
    let profile = inline(&profile(call.profile, &hidden));
    let name = inline(&format!("{}, as recorded", call.profile.name).into());
    let mut case = format!("[[case]]\nname = {name}\nprofile = {profile}\n");
    for (key, values) in [("env", env), ("files", files)] {
        if !values.is_empty() {
            case += &format!("{key} = {}\n", inline(&values.into()));
        }
    }
    if !exchanges.is_empty() {
        case += &format!("http = [\n{exchanges}]\n");
    }
    case += &format!("expect = {}\n", inline(&expectation(call.outcome, &hidden)));
    if hidden.are_missing_in(&case) {
        return Err(RecordingError::Secret);
    }
    Ok(case)
}

/// Returns every text that the call used as a secret.
fn used(call: &RecordedCall<'_>, kept: &[Kept]) -> Vec<Secret> {
    let sent = kept.iter().flat_map(|kept| &kept.request.secrets);
    let returned = call.outcome.iter().flat_map(Credentials::values).map(|(_, value)| value);
    sent.chain(returned).cloned().collect()
}

/// Returns the variables. One that is the start of a URL that requests went to is no secret,
/// and neither is a short one, unless the profile says that it has its key.
fn env(
    call: &RecordedCall<'_>,
    kept: &[Kept],
    hidden: &mut Placeholders,
) -> Result<Map<String, Value>, RecordingError> {
    let hide = |(name, value): (&String, &OsString)| {
        let value = value.to_str().ok_or_else(|| RecordingError::NotUnicode(name.clone()))?;
        let is_key = call.profile.api_key_env.as_ref() == Some(name) || hidden.is_used(value);
        let is_plain = !is_key && (is_address(value, kept) || value.len() < SHORT);
        let value = if is_plain { value.to_owned() } else { hidden.hide_value(value) };
        Ok((name.clone(), value.into()))
    };
    call.env.iter().map(hide).collect()
}

/// The fewest bytes of a text that is no chance in another one.
const SHORT: usize = 8;

/// Returns true for the start of a URL that a request went to.
fn is_address(value: &str, kept: &[Kept]) -> bool {
    value.contains("://")
        && kept.iter().any(|kept| kept.request.url.expose().as_str().starts_with(value))
}

/// Hides the options, which are no place for a secret and have one all the same. What names
/// a variable or a server stays.
fn hide_options(call: &RecordedCall<'_>, kept: &[Kept], hidden: &mut Placeholders) {
    let is_variable =
        |value: &str| value.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
    for (_, value) in call.profile.options.iter() {
        if value.len() >= SHORT && !is_variable(value) && !is_address(value, kept) {
            hidden.hide_value(value);
        }
    }
}

fn files(
    call: &RecordedCall<'_>,
    hidden: &mut Placeholders,
) -> Result<Map<String, Value>, RecordingError> {
    let hide = |(path, content): (&String, &Vec<u8>)| {
        let text = str::from_utf8(content);
        let text = text.map_err(|_| RecordingError::NotUnicode(path.clone()))?;
        Ok((path.clone(), hidden.hide_value(text).into()))
    };
    call.files.iter().map(hide).collect()
}

/// Returns an entry of `http`.
fn exchange(kept: &Kept, hidden: &mut Placeholders) -> Result<Value, RecordingError> {
    let Kept { request, answer } = kept;
    let Some(HttpAnswer { status, body, .. }) = answer else {
        return Err(RecordingError::NoAnswer(HttpOrigin::of(&request.url).to_string()));
    };
    let url = hidden.replace(request.url.expose().as_str());
    let mut exchange = Map::new();
    exchange.insert("request".to_owned(), format!("{} {url}", request.method).into());
    let fields = fields(request, hidden);
    if !fields.is_empty() {
        exchange.insert("contains".to_owned(), fields.into());
    }
    exchange.insert("status".to_owned(), json!(status));
    // A strategy gets nothing of a body that is not JSON.
    if let Ok(mut body) = serde_json::from_slice::<Value>(body)
        && !body.is_null()
    {
        let is_public = |pointer: &str, text: &str| {
            is_public_text(pointer, text) && !request.taken.iter().any(|taken| taken == pointer)
        };
        hidden.hide_leaves(&mut body, "", &is_public);
        replace_public(&mut body, hidden);
        exchange.insert("json".to_owned(), body);
    }
    Ok(Value::Object(exchange))
}

/// Replaces the secrets in texts that are public, such as descriptions of errors.
fn replace_public(json: &mut Value, hidden: &Placeholders) {
    match json {
        Value::Object(members) => {
            members.values_mut().for_each(|member| replace_public(member, hidden));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_public(item, hidden)),
        Value::String(text) => *text = hidden.replace(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns a text for each field of the body: its name and value, or only the name if the
/// value is a secret that has no placeholder, since a tool made it.
fn fields(request: &HttpRequest, hidden: &Placeholders) -> Vec<String> {
    let Some(body) = request.body.as_ref().map(Secret::expose) else {
        return Vec::new();
    };
    match serde_json::from_str::<Map<String, Value>>(body) {
        Ok(members) => {
            let member = |(name, value): (&String, &Value)| {
                let start = format!("{}:", Value::from(name.as_str()));
                let value = shown(value.as_str().unwrap_or_default(), hidden);
                let whole = value.map(|value| format!("{start}{}", Value::from(value)));
                whole.unwrap_or(start)
            };
            members.iter().map(member).collect()
        }
        Err(_) => {
            let pairs = body.split('&').zip(form_urlencoded::parse(body.as_bytes()));
            let pair = |(written, (_, value)): (&str, (_, std::borrow::Cow<'_, str>))| {
                let (name, encoded) = written.split_once('=').unwrap_or((written, ""));
                match shown(&value, hidden) {
                    Some(same) if same == value => format!("{name}={encoded}"),
                    Some(placeholder) => format!("{name}={placeholder}"),
                    None => format!("{name}="),
                }
            };
            pairs.map(pair).collect()
        }
    }
}

/// Returns the value of a field as it is when the case is run, if that is known.
fn shown(value: &str, hidden: &Placeholders) -> Option<String> {
    match hidden.of(value) {
        Some(placeholder) => Some(placeholder.to_owned()),
        None if hidden.is_used(value) || hidden.are_missing_in(value) => None,
        None => Some(value.to_owned()),
    }
}

fn profile(profile: &ProviderProfile, hidden: &Placeholders) -> Value {
    let options = profile.options.iter();
    let options = options.map(|(name, value)| (name.to_owned(), hidden.replace(value).into()));
    let options: Map<String, Value> = options.collect();
    json!({
        "base_url": profile.base_url.as_ref().map(|url| url.without_secrets()),
        "issuer": profile.issuer.as_ref().map(|issuer| issuer.as_str()),
        "api_key_env": profile.api_key_env,
        "api_key_file": profile.api_key_file.as_ref().map(GrantedFile::path),
        "options": if options.is_empty() { Value::Null } else { options.into() },
    })
}

/// Returns what the call returned. A secret that a tool made has no placeholder, and then
/// any credential will do.
fn expectation(outcome: &Result<Credentials, ProviderError>, hidden: &Placeholders) -> Value {
    match outcome {
        Err(error) => json!({ "error": name(error.kind()) }),
        Ok(credentials) => {
            let known = |(name, value): (&str, &Secret)| {
                Some((name.to_owned(), hidden.of(value.expose())?.into()))
            };
            let known: Option<Map<String, Value>> = credentials.values().map(known).collect();
            json!({ "credentials": known })
        }
    }
}

/// Returns the name of the kind in a case.
fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Missing => "missing",
        ErrorKind::Expired => "expired",
        ErrorKind::Renewable => "renewable",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Denied => "denied",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Internal => "internal",
    }
}
