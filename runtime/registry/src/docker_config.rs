//! The logins that Docker, oras and wash keep: `config.json`.
//!
//! A publisher of components has logged in with one of these. Another file with the
//! same password would be one more to lose.

use std::collections::BTreeMap;
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_support::owner_only::home_directory;
use orchestration_support::redact::sanitize_path;
use orchestration_support::regular_file::read_regular;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::{CredentialUse, RegistryFault};
use crate::helper;
use crate::login::{Credential, Login};
use crate::secret_text::SecretText;

/// The most bytes of the file.
const MAX_BYTES: u64 = 1 << 20;

/// How Docker names its own registry.
const DOCKER_HUB: (&str, &str) = ("docker.io", "index.docker.io/v1/");

/// Where the logins are.
#[derive(Debug, Clone)]
pub struct DockerConfig {
    path: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct File {
    auths: BTreeMap<String, Auth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Auth {
    auth: Option<SecretText>,
    username: Option<String>,
    password: Option<SecretText>,
    identitytoken: Option<SecretText>,
}

impl DockerConfig {
    /// Returns the file of this user: in `$DOCKER_CONFIG`, or else in `~/.docker`.
    pub fn of_current_user() -> Self {
        let named = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let directory =
            named("DOCKER_CONFIG").or_else(|| home_directory().map(|home| home.join(".docker")));
        Self { path: directory.map(|directory| directory.join("config.json")) }
    }

    /// Returns no logins at all.
    pub fn none() -> Self {
        Self { path: None }
    }

    /// Returns what is said if there is no login.
    pub(crate) fn without(&self) -> CredentialUse {
        CredentialUse::None { looked_in: self.path.clone() }
    }

    /// Returns the login for `host`. Reads a file, and may run a program.
    pub(crate) fn credential(&self, host: &str) -> Result<Option<Credential>, RegistryFault> {
        let Some(path) = &self.path else { return Ok(None) };
        let Some(file) = File::read(path)? else { return Ok(None) };
        let names = names(host);
        let helper = names.iter().find_map(|name| file.cred_helpers.get(name));
        if let Some(found) = ask_helper(helper.or(file.creds_store.as_ref()), &names)? {
            return Ok(Some(found));
        }
        let found = names.iter().find_map(|name| file.auths.get(name)?.login());
        Ok(found.map(|login| Credential { login, from: sanitize_path(path) }))
    }
}

fn ask_helper(
    helper: Option<&String>,
    names: &[String],
) -> Result<Option<Credential>, RegistryFault> {
    let Some(helper) = helper else { return Ok(None) };
    // Each question may take a second.
    let is_usual = |name: &&String| !name.starts_with("http://") && !name.ends_with("/v2/");
    for name in names.iter().filter(is_usual) {
        if let Some(login) = helper::ask(helper, name)? {
            return Ok(Some(Credential { login, from: format!("docker-credential-{helper}") }));
        }
    }
    Ok(None)
}

/// Returns the names by which programs have stored a login for `host`.
fn names(host: &str) -> Vec<String> {
    let hub = (host == DOCKER_HUB.0).then_some(DOCKER_HUB.1);
    let bare = [Some(host), hub].into_iter().flatten();
    bare.flat_map(|name| {
        let forms = ["", "https://", "http://"].map(|scheme| format!("{scheme}{name}"));
        let paths = ["https://", "http://"].map(|scheme| format!("{scheme}{name}/v2/"));
        forms.into_iter().chain(paths).collect::<Vec<_>>()
    })
    .collect()
}

impl File {
    /// Reads the file; `None` if there is none.
    fn read(path: &Path) -> Result<Option<Self>, RegistryFault> {
        let fault = |reason: String| RegistryFault::DockerConfig { path: path.to_owned(), reason };
        let bytes = match read_regular(path, MAX_BYTES) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => Zeroizing::new(read.map_err(|error| fault(error.to_string()))?),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            // The parser quotes what it read, which may be a password.
            fault(format!("line {} is not what Docker writes there", error.line()))
        })
    }
}

impl Auth {
    fn login(&self) -> Option<Login> {
        if let Some(SecretText(token)) = &self.identitytoken
            && !token.is_empty()
        {
            return Some(Login::IdentityToken(token.clone()));
        }
        if let (Some(user), Some(SecretText(password))) = (&self.username, &self.password) {
            return Some(Login::Password { user: user.clone(), password: password.clone() });
        }
        let SecretText(joined) = self.auth.as_ref()?;
        let joined = STANDARD.decode(joined.expose()).ok().map(Zeroizing::new)?;
        let (user, password) = str::from_utf8(&joined).ok()?.split_once(':')?;
        Some(Login::Password { user: user.to_owned(), password: password.into() })
    }
}
