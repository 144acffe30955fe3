//! References: what names an artifact in a registry.

use std::fmt;
use std::str::FromStr;

use orchestration_support::url::is_loopback;
use url::Url;

use crate::digest::Digest;

/// How a reference begins in providers.toml and on the command line.
const SCHEME: &str = "oci://";

/// The name of Docker's registry in references, and the host that serves it.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// `oci://HOST/REPOSITORY`, with a tag, the digest of a manifest, or both. With both, the
/// digest decides; the tag says where a newer version is looked for.
///
/// ```
/// use orchestration_registry::Reference;
///
/// let reference: Reference = "oci://ghcr.io/acme/corp-sso:1.2".parse()?;
/// assert_eq!(reference.host(), "ghcr.io");
/// assert_eq!(reference.repository(), "acme/corp-sso");
/// assert_eq!(reference.tag(), Some("1.2"));
/// assert!(reference.manifest().is_none());
/// assert_eq!(reference.to_string(), "oci://ghcr.io/acme/corp-sso:1.2");
/// # Ok::<(), orchestration_registry::InvalidReference>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    host: String,
    repository: String,
    tag: Option<String>,
    manifest: Option<Digest>,
}

/// Why a text is not a reference. It never repeats the text, which may have a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this reference {0}")]
pub struct InvalidReference(pub ReferenceFault);

/// What is wrong with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceFault {
    /// It does not begin with `oci://`.
    #[error("does not begin with oci://")]
    Scheme,
    /// It has a user or a password.
    #[error("has a user or a password before its host")]
    User,
    /// Its host is no name or address, with or without a port.
    #[error("has no valid host")]
    Host,
    /// Its repository has characters that no registry accepts.
    #[error("has no valid repository: lower-case letters, digits, '.', '_', '-' and '/'")]
    Repository,
    /// Its tag has characters that no registry accepts.
    #[error("has no valid tag: at most 128 letters, digits, '.', '_' and '-'")]
    Tag,
    /// What follows the `@` is not a digest.
    #[error("has no valid digest: 'sha256:' and 64 digits of 0-9 and a-f")]
    Digest,
}

impl Reference {
    /// Returns true if `text` is meant as a reference, and not as a path.
    pub fn is_meant_by(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
    }

    /// Returns the host, with its port if it names one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the repository.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the tag.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the digest of the manifest.
    pub fn manifest(&self) -> Option<&Digest> {
        self.manifest.as_ref()
    }

    /// Returns this reference, pinned to a manifest. Without a tag of its own it gets the
    /// tag `latest`, which it stood for, unless it was pinned before.
    pub fn pinned_to(&self, manifest: &Digest) -> Self {
        let usual = || self.manifest.is_none().then(|| LATEST.to_owned());
        let tag = self.tag.clone().or_else(usual);
        Self { tag, manifest: Some(manifest.clone()), ..self.clone() }
    }

    /// Returns this reference without its digest: what its tag leads to now.
    pub fn unpinned(&self) -> Self {
        Self { manifest: None, ..self.clone() }
    }

    /// Returns what a registry is asked for: the digest, or else the tag.
    pub(crate) fn wanted(&self) -> String {
        match &self.manifest {
            Some(digest) => digest.to_string(),
            None => self.tag.clone().unwrap_or_else(|| LATEST.to_owned()),
        }
    }

    /// Returns `HOST/REPOSITORY`, as signatures and rules of trust name it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// Returns the host that serves it.
    pub(crate) fn server(&self) -> &str {
        if self.host == DOCKER_HUB.0 { DOCKER_HUB.1 } else { &self.host }
    }

    /// Returns true if it is served by this machine, where plain http exposes nothing.
    pub(crate) fn is_here(&self) -> bool {
        Url::parse(&format!("http://{}", self.host)).is_ok_and(|url| is_loopback(&url))
    }
}

/// The tag that a reference without one stands for.
const LATEST: &str = "latest";

impl FromStr for Reference {
    type Err = InvalidReference;

    /// # Errors
    ///
    /// Fails with [`InvalidReference`] if no registry could serve it.
    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let fault = |fault| move || InvalidReference(fault);
        if !Self::is_meant_by(text) {
            return Err(InvalidReference(ReferenceFault::Scheme));
        }
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (host, path) = rest.split_once('/').ok_or_else(fault(ReferenceFault::Repository))?;
        let host = self::host(host)?;
        let (path, manifest) = match path.split_once('@') {
            None => (path, None),
            Some((path, digest)) => {
                (path, Some(digest.parse().map_err(|_| InvalidReference(ReferenceFault::Digest))?))
            }
        };
        let (repository, tag) = match path.split_once(':') {
            None => (path, None),
            Some((repository, tag)) => (repository, Some(tag)),
        };
        if !is_repository(repository) {
            return Err(InvalidReference(ReferenceFault::Repository));
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(InvalidReference(ReferenceFault::Tag));
        }
        let (repository, tag) = (repository.to_owned(), tag.map(str::to_owned));
        Ok(Self { host, repository, tag, manifest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(manifest) = &self.manifest {
            write!(f, "@{manifest}")?;
        }
        Ok(())
    }
}

/// Returns the host as it is written in one way.
fn host(written: &str) -> Result<String, InvalidReference> {
    if written.contains('@') {
        return Err(InvalidReference(ReferenceFault::User));
    }
    let url = Url::parse(&format!("https://{written}/"));
    let url = url.map_err(|_| InvalidReference(ReferenceFault::Host))?;
    let host = url.host_str().unwrap_or_default();
    let known = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    // A client that reads the text in another way would ask another server.
    let plain = written.strip_suffix(":443").unwrap_or(written);
    // The same server by another name, which no rule of trust would know.
    let has_dot = host.ends_with('.');
    if known.is_empty() || has_dot || !known.eq_ignore_ascii_case(plain) {
        return Err(InvalidReference(ReferenceFault::Host));
    }
    let is_hub = ["index.docker.io", DOCKER_HUB.1].contains(&known.as_str());
    Ok(if is_hub { DOCKER_HUB.0.to_owned() } else { known })
}

/// Returns true if the specification of registries allows this name of a repository.
fn is_repository(name: &str) -> bool {
    let is_part = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ends = [part.bytes().next(), part.bytes().last()];
        ends.iter().all(|end| end.is_some_and(plain))
            && part.bytes().all(|byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
            && !part.contains("..")
    };
    name.len() <= 255 && name.split('/').all(is_part)
}

fn is_tag(tag: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128
        && tag.starts_with(is_start)
        && tag.chars().all(|c| is_start(c) || matches!(c, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::{InvalidReference, Reference, ReferenceFault};

    #[test]
    fn a_reference_is_written_in_one_way() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        for (written, expected) in [
            ("oci://ghcr.io/acme/sso".to_owned(), "oci://ghcr.io/acme/sso".to_owned()),
            ("OCI://GHCR.io:443/acme/sso:1".into(), "oci://ghcr.io/acme/sso:1".into()),
            ("oci://registry-1.docker.io/a".into(), "oci://docker.io/a".into()),
            (format!("oci://[::1]:5000/a@{digest}"), format!("oci://[::1]:5000/a@{digest}")),
            (
                format!("oci://127.0.0.1:5000/a/b_c.d-e:v1@{digest}"),
                format!("oci://127.0.0.1:5000/a/b_c.d-e:v1@{digest}"),
            ),
        ] {
            let read = written.parse::<Reference>().map(|reference| reference.to_string());
            assert_eq!(read, Ok(expected), "{written}");
        }
    }

    #[test]
    fn what_no_registry_could_serve_is_refused() {
        use ReferenceFault::{Digest, Host, Repository, Scheme, Tag, User};
        for (text, fault) in [
            ("ghcr.io/acme/sso", Scheme),
            ("https://ghcr.io/acme/sso", Scheme),
            ("oci://me:hunter22@ghcr.io/acme/sso", User),
            ("oci:///acme/sso", Host),
            ("oci://gh cr.io/acme", Host),
            ("oci://ghcr.io./acme", Host),
            ("oci://0x7f000001/acme", Host),
            ("oci://ghcr.io\\@evil.example/acme", User),
            ("oci://ghcr.io:99999/acme", Host),
            ("oci://ghcr.io?x/acme", Host),
            ("oci://ghcr.io", Repository),
            ("oci://ghcr.io/", Repository),
            ("oci://ghcr.io/Acme/sso", Repository),
            ("oci://ghcr.io/acme/../other", Repository),
            ("oci://ghcr.io/acme//sso", Repository),
            ("oci://ghcr.io/acme/sso?x=1", Repository),
            ("oci://ghcr.io/acme/sso:", Tag),
            ("oci://ghcr.io/acme/sso:a/b", Tag),
            ("oci://ghcr.io/acme/sso@sha256:12", Digest),
            ("oci://ghcr.io/acme/sso@md5:12", Digest),
        ] {
            assert_eq!(text.parse::<Reference>(), Err(InvalidReference(fault)), "{text}");
        }
    }
}
