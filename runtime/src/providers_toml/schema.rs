//! The format of providers.toml.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::error::Mistake;
use crate::ProviderProfile;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    profiles: BTreeMap<Spanned<String>, Profile>,
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
    headers: Option<BTreeMap<String, String>>,
    options: Option<BTreeMap<String, String>>,
}

/// Reads `text`, which says nothing yet of whether its names are good.
pub(super) fn parse(text: &str) -> Result<Document, Mistake> {
    toml::from_str(text).map_err(|error| Mistake::from_toml(&error))
}

impl Document {
    /// Lays the file over `profiles`.
    pub(super) fn apply(
        self,
        profiles: &mut BTreeMap<String, ProviderProfile>,
    ) -> Result<(), Mistake> {
        for (name, changes) in self.profiles {
            check_profile_name(&name)?;
            let name = name.into_inner();
            let profile =
                profiles.entry(name.clone()).or_insert_with(|| ProviderProfile::new(name));
            changes.apply(profile)?;
        }
        Ok(())
    }
}

impl Profile {
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
        if let Some(headers) = self.headers {
            profile.headers = headers;
        }
        if let Some(options) = self.options {
            profile.options = options;
        }
        Ok(())
    }
}

/// Names end up in messages, tables and TOML keys, and are typed in shells.
fn check_profile_name(name: &Spanned<String>) -> Result<(), Mistake> {
    let text = name.get_ref();
    let good = text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    good.then_some(()).ok_or_else(|| {
        Mistake::at(name.span(), "a profile's name is made of letters, digits, '-', '_' and '.'")
            .help("it starts with a letter or a digit and has at most 64 characters")
    })
}

fn check_auth_type(auth_type: &Spanned<String>) -> Result<(), Mistake> {
    let text = auth_type.get_ref();
    let good = text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    good.then_some(()).ok_or_else(|| {
        Mistake::at(auth_type.span(), "an auth type is made of letters, digits, '-' and '_'")
            .help("it starts with a letter or a digit and has at most 64 characters")
    })
}

/// A variable's name; none for the empty text, which takes a built-in profile's
/// variable away. A key in its place is a mistake that people make, so the text
/// must look like a name, and is never repeated in the message.
fn variable_name(name: Spanned<String>) -> Result<Option<String>, Mistake> {
    let text = name.get_ref();
    let good = !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        return Err(Mistake::at(name.span(), "this is not the name of an environment variable")
            .help("name the variable that holds the key here, never the key itself"));
    }
    Ok(Some(name.into_inner()).filter(|name| !name.is_empty()))
}
