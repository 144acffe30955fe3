//! Which registries are trusted with a signature only: `[trust]` in providers.toml.

use std::path::PathBuf;

use orchestration_registry::Reference;

/// What stands for every repository below a name.
const ALL: &str = "/*";

/// A rule: what is fetched from these repositories has to be signed by this key.
///
/// Rules of several files add up. So the file of a project can ask for more, and never
/// take back what the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryTrust {
    /// `HOST/REPOSITORY`, or `HOST/PREFIX/*` for every repository below.
    pub registries: String,
    /// The file of the public key.
    pub key: PathBuf,
}

impl RegistryTrust {
    /// Returns true if the rule is about the repository of `reference`.
    ///
    /// ```
    /// use orchestration_auth::RegistryTrust;
    ///
    /// let registries = "ghcr.io/acme/*".to_owned();
    /// let rule = RegistryTrust { registries, key: "acme.pub".into() };
    /// assert!(rule.applies_to(&"oci://ghcr.io/acme/tools/sso:1".parse()?));
    /// assert!(!rule.applies_to(&"oci://ghcr.io/acme-evil/sso:1".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn applies_to(&self, reference: &Reference) -> bool {
        let name = reference.name();
        match self.registries.strip_suffix(ALL) {
            None => name == self.registries,
            Some(prefix) => name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')),
        }
    }
}

/// Returns the repositories of a rule as they are compared; `None` if no reference could be
/// one of them, which would be a rule that protects nothing.
pub(crate) fn registries(written: &str) -> Option<String> {
    let (name, all) = match written.strip_suffix(ALL) {
        Some(prefix) => (prefix, ALL),
        None => (written, ""),
    };
    // A whole host is no reference yet.
    let is_host = !name.contains('/') && !all.is_empty();
    let probe = if is_host { format!("oci://{name}/x") } else { format!("oci://{name}") };
    let reference: Reference = probe.parse().ok()?;
    if reference.tag().is_some() || reference.manifest().is_some() {
        return None;
    }
    let name = if is_host { reference.host().to_owned() } else { reference.name() };
    Some(format!("{name}{all}"))
}

#[cfg(test)]
mod tests {
    use super::registries;

    #[test]
    fn a_rule_that_could_be_about_no_repository_is_none() {
        for (written, expected) in [
            ("ghcr.io/acme/*", Some("ghcr.io/acme/*")),
            ("GHCR.io/*", Some("ghcr.io/*")),
            ("registry-1.docker.io/acme/sso", Some("docker.io/acme/sso")),
            ("127.0.0.1:5000/acme/sso", Some("127.0.0.1:5000/acme/sso")),
            ("ghcr.io", None),
            ("*", None),
            ("ghcr.io/acme*", None),
            ("ghcr.io/*/sso", None),
            ("ghcr.io/acme/sso:1", None),
            ("oci://ghcr.io/acme/*", None),
        ] {
            assert_eq!(registries(written).as_deref(), expected, "{written}");
        }
    }
}
