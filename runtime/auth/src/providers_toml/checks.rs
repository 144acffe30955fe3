//! Checks of single values in providers.toml.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use orchestration_registry::{Digest, InvalidReference, Reference};
use orchestration_sandbox::{ComponentFile, GrantedFile, is_granted_path, is_readable};
use orchestration_support::header::is_connection_header;
use orchestration_support::suggest::suggestion;
use orchestration_support::url::{BaseUrl, HttpOrigin, InvalidOrigin, InvalidUrl, Issuer};
use reqwest::header::HeaderName;
use toml::Spanned;

use super::error::Mistake;
use super::fix::Fix;
use crate::catalogue::{KnownProvider, PROVIDERS};
use crate::component::{Component, PinnedComponent};
use crate::key_file::{KeyFileFault, key_file};
use crate::profile::{DEFAULT_PROVIDER, is_profile_name};
use crate::registry_trust;
use crate::strategy_config::is_auth_type;
use crate::variable::VariableFault;
use crate::verify::VerifyConfig;

/// Checks that a profile can have this name.
pub(super) fn check_profile_name(name: &Spanned<String>) -> Result<(), Mistake> {
    is_profile_name(name.get_ref()).then_some(()).ok_or_else(|| {
        Mistake::at(name.span(), "a profile name contains only letters, digits, '-', '_' and '.'")
            .fix(Fix::NameForm)
    })
}

/// Checks that an auth type can have this name.
pub(super) fn check_auth_type(auth_type: &Spanned<String>) -> Result<(), Mistake> {
    is_auth_type(auth_type.get_ref()).then_some(()).ok_or_else(|| {
        Mistake::at(auth_type.span(), "an auth type contains only letters, digits, '-' and '_'")
            .fix(Fix::NameForm)
    })
}

/// Checks where a component is, as a path relative to `directory` or as a reference to a
/// registry, and its SHA-256 in hexadecimal.
pub(super) fn component(
    place: Spanned<PathBuf>,
    sha256: Spanned<String>,
    directory: &Path,
) -> Result<Component, Mistake> {
    let digest = Digest::from_hex(&sha256.get_ref().to_ascii_lowercase()).map_err(|_| {
        Mistake::at(sha256.span(), "a sha256 has 64 hexadecimal digits").fix(Fix::DigestForm)
    })?;
    let text = place.get_ref().to_str().unwrap_or_default();
    if !Reference::is_meant_by(text) {
        let (path, sha256) = (directory.join(place.get_ref()), digest.hex().to_owned());
        return Ok(Component::File(ComponentFile { path, sha256 }));
    }
    let reference: Reference = text.parse().map_err(|error: InvalidReference| {
        Mistake::at(place.span(), error.to_string()).fix(Fix::WriteReference)
    })?;
    if reference.manifest().is_none() {
        // A tag leads to other bytes whenever its owner likes.
        return Err(Mistake::at(place.span(), "a component in a registry needs its digest")
            .fix(Fix::PinReference));
    }
    Ok(Component::Published(PinnedComponent { reference, component: digest }))
}

/// Checks the repositories of a rule of trust.
pub(super) fn registries(written: &Spanned<String>) -> Result<String, Mistake> {
    registry_trust::registries(written.get_ref()).ok_or_else(|| {
        Mistake::at(written.span(), "a rule is for HOST/REPOSITORY, or for HOST/PREFIX/*")
            .fix(Fix::NameRegistries)
    })
}

/// Checks the name of a variable that a strategy is granted.
pub(super) fn granted_name(name: Spanned<String>) -> Result<String, Mistake> {
    if name.get_ref().is_empty() {
        return Err(Mistake::at(name.span(), "a granted variable needs a name"));
    }
    variable(VariableFault::of_granted_variable(name.get_ref()), &name)?;
    Ok(name.into_inner())
}

/// Checks the path of a file that a strategy is granted.
pub(super) fn granted_path(path: Spanned<String>) -> Result<String, Mistake> {
    if !is_granted_path(path.get_ref()) {
        return Err(Mistake::at(path.span(), "a granted file needs an absolute path without '..'")
            .fix(Fix::WriteWholePath));
    }
    Ok(path.into_inner())
}

/// Checks the path of the file that holds a key, relative to `directory`; `None` for the
/// empty string, which removes the file of a layer below.
pub(super) fn key_file_path(
    path: &Spanned<String>,
    directory: &Path,
) -> Result<Option<GrantedFile>, Mistake> {
    if path.get_ref().is_empty() {
        return Ok(None);
    }
    let file = key_file(path.get_ref(), directory).map_err(|fault| {
        let fix = match fault {
            KeyFileFault::Key => Fix::NameKeyFile,
            KeyFileFault::Form | KeyFileFault::NoHome => Fix::WriteWholePath,
        };
        Mistake::at(path.span(), fault.to_string()).fix(fix)
    });
    file.map(Some)
}

/// Checks the name of the variable that holds a key; `None` for the empty string, which
/// removes the variable of a built-in profile.
pub(super) fn key_variable_name(name: Spanned<String>) -> Result<Option<String>, Mistake> {
    if name.get_ref().is_empty() {
        return Ok(None);
    }
    variable(VariableFault::of_key_variable(name.get_ref()), &name)?;
    Ok(Some(name.into_inner()))
}

/// Reports the fault of `name`. Users sometimes paste a key here, so the message never
/// repeats the text.
fn variable(fault: Option<VariableFault>, name: &Spanned<String>) -> Result<(), Mistake> {
    let Some(fault) = fault else {
        return Ok(());
    };
    let fix = match fault {
        VariableFault::Key | VariableFault::Form => Fix::NameVariable,
        VariableFault::Reserved => Fix::UnreservedVariable,
    };
    Err(Mistake::at(name.span(), fault.to_string()).fix(fix))
}

/// Checks that a profile of the auth type `none` names no variable and no file. One of the two is a
/// mistake, and guessing which would send a request without its key, or leave a key that
/// the user believes in use unused.
pub(super) fn no_key(key: &'static str, name: Option<Spanned<String>>) -> Result<(), Mistake> {
    match name {
        Some(name) if !name.get_ref().is_empty() => {
            Err(Mistake::at(name.span(), "a profile with auth_type = \"none\" has no key")
                .fix(Fix::KeyOrNone(key)))
        }
        _ => Ok(()),
    }
}

/// Checks a base URL; `None` for the empty string, which removes the URL of a built-in
/// profile. The message never repeats the text, which may contain a password.
pub(super) fn base_url(text: &Spanned<String>) -> Result<Option<BaseUrl>, Mistake> {
    if text.get_ref().is_empty() {
        return Ok(None);
    }
    let url = text.get_ref().parse().map_err(|error: InvalidUrl| {
        Mistake::at(text.span(), error.to_string()).fix(Fix::WriteBaseUrl(error))
    });
    url.map(Some)
}

/// Checks the issuer of a profile; `None` for the empty string, which removes that of a
/// layer below. The message never repeats the text, which may contain a password.
pub(super) fn issuer(text: &Spanned<String>) -> Result<Option<Issuer>, Mistake> {
    if text.get_ref().is_empty() {
        return Ok(None);
    }
    let issuer = text.get_ref().parse().map_err(|error: InvalidOrigin| {
        Mistake::at(text.span(), format!("this issuer {}", error.fault)).fix(Fix::WriteIssuer)
    });
    issuer.map(Some)
}

/// Checks the origin of a server that a strategy is granted.
pub(super) fn origin(text: &Spanned<String>) -> Result<HttpOrigin, Mistake> {
    text.get_ref().parse().map_err(|error: InvalidOrigin| {
        let message = error.to_string();
        Mistake::at(text.span(), message).fix(Fix::WriteOrigin { instead: error.instead })
    })
}

/// Checks the pointer to a text that a strategy is granted.
pub(super) fn readable(pointer: Spanned<String>) -> Result<String, Mistake> {
    if !is_readable(pointer.get_ref()) {
        return Err(Mistake::at(pointer.span(), "this is no place of a text that can be granted")
            .fix(Fix::PointToText));
    }
    Ok(pointer.into_inner())
}

/// Checks the name of a provider; returns the default one for the empty string. A name
/// that is not in the catalogue means nothing to any part of the product, so it is a slip.
pub(super) fn provider(name: Spanned<String>) -> Result<String, Mistake> {
    if name.get_ref().is_empty() {
        return Ok(DEFAULT_PROVIDER.to_owned());
    }
    if KnownProvider::named(name.get_ref()).is_none() {
        let known = PROVIDERS.iter().map(|known| known.name).collect();
        let fix = Fix::UseProvider { suggestion: meant(name.get_ref()), known };
        return Err(Mistake::at(name.span(), "this is not a known provider").fix(fix));
    }
    Ok(name.into_inner())
}

/// Returns the provider that was probably meant, by any of its names.
fn meant(mistyped: &str) -> Option<&'static str> {
    let names = |known: &'static KnownProvider| {
        known.aliases.iter().chain([&known.name]).map(|name| (*name, known.name))
    };
    let all: Vec<(&str, &str)> = PROVIDERS.iter().flat_map(names).collect();
    let closest = suggestion(mistyped, all.iter().map(|(name, _)| *name))?;
    all.iter().find_map(|(name, provider)| (*name == closest).then_some(*provider))
}

/// Checks the headers of a profile.
pub(super) fn headers(
    headers: BTreeMap<Spanned<String>, String>,
) -> Result<BTreeMap<String, String>, Mistake> {
    let checked = |(name, value): (Spanned<String>, String)| {
        check_no_connection_header(&name)?;
        Ok((name.into_inner(), value))
    };
    headers.into_iter().map(checked).collect()
}

/// Refuses a header that the HTTP client sets for each connection.
fn check_no_connection_header(name: &Spanned<String>) -> Result<(), Mistake> {
    if is_connection_header(name.get_ref()) {
        return Err(Mistake::at(name.span(), "this header belongs to the connection")
            .fix(Fix::LeaveHeaderOut));
    }
    Ok(())
}

/// Checks the name of the header that carries a key.
pub(super) fn header_name(name: Spanned<String>) -> Result<String, Mistake> {
    if HeaderName::from_bytes(name.get_ref().as_bytes()).is_err() {
        return Err(
            Mistake::at(name.span(), "this is not the name of a header").fix(Fix::NameHeader)
        );
    }
    check_no_connection_header(&name)?;
    Ok(name.into_inner())
}

/// Checks the statuses of a list; returns the `usual` ones if there is no list. None
/// may be among those already `taken`.
pub(super) fn statuses(
    named: Option<Vec<Spanned<u16>>>,
    usual: &[u16],
    taken: &[u16],
) -> Result<Vec<u16>, Mistake> {
    let Some(named) = named else {
        return Ok(usual.to_vec());
    };
    let checked = |status: Spanned<u16>| {
        if !VerifyConfig::allows_status(*status.get_ref()) {
            return Err(Mistake::at(status.span(), "this status says nothing about a key")
                .fix(Fix::VerdictStatuses));
        }
        if taken.contains(status.get_ref()) {
            return Err(Mistake::at(status.span(), "this status already means a valid key"));
        }
        Ok(status.into_inner())
    };
    named.into_iter().map(checked).collect()
}
