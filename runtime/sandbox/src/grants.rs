//! What one call may reach.

use orchestration_support::url::HttpOrigin;

use crate::capabilities::files::{self, GrantedFile};
use crate::capabilities::{environment, http, reveal};

/// Declares [`Capability`] together with the list of its variants, so that the two
/// cannot disagree.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident,)+) => {
        /// A kind of thing that a strategy can be granted by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Capability {
            $($(#[$doc])* $variant,)+
        }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

// The one list of capabilities: see `capabilities/mod.rs`, "Adding a capability".
capabilities! {
    /// A variable of the host's environment.
    Environment,
    /// A file of the host.
    Files,
    /// A server.
    Http,
    /// A text in the answer of a server.
    Readable,
    /// The text of secrets.
    Reveal,
}

impl Capability {
    /// Returns the key of `[strategies.NAME]` that grants it.
    pub fn toml_key(self) -> &'static str {
        match self {
            Self::Environment => environment::TOML_KEY,
            Self::Files => files::TOML_KEY,
            Self::Http => http::TOML_KEY,
            Self::Readable => http::READABLE_TOML_KEY,
            Self::Reveal => reveal::TOML_KEY,
        }
    }

    /// Returns true if `name` can be granted at all.
    pub fn can_grant(self, name: &str) -> bool {
        match self {
            Self::Environment => environment::is_variable_name(name),
            Self::Files => files::is_granted_path(name),
            Self::Http => http::is_origin(name),
            Self::Readable => http::is_readable(name),
            Self::Reveal => name == reveal::NAME,
        }
    }

    /// Returns the most bytes of a denied name that are recorded.
    pub(crate) fn max_name(self) -> usize {
        match self {
            Self::Environment | Self::Reveal => 128,
            // One more, so that nothing which was cut off can be granted.
            Self::Files => files::MAX_PATH + 1,
            Self::Http => http::MAX_ORIGIN + 1,
            Self::Readable => http::MAX_POINTER + 1,
        }
    }

    /// Returns the interface that a component imports to use it.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Environment => environment::INTERFACE,
            Self::Files => files::INTERFACE,
            Self::Http | Self::Readable => http::INTERFACE,
            Self::Reveal => reveal::INTERFACE,
        }
    }
}

/// One thing that one strategy may reach, by exact name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The kind of thing.
    pub capability: Capability,
    /// Its exact name.
    pub name: String,
}

impl Grant {
    /// Grants the variable with exactly this name.
    pub fn variable(name: impl Into<String>) -> Self {
        Self { capability: Capability::Environment, name: name.into() }
    }

    /// Grants the file with exactly this path.
    pub fn file(path: impl Into<String>) -> Self {
        Self { capability: Capability::Files, name: path.into() }
    }

    /// Grants the server at this origin.
    pub fn origin(origin: &HttpOrigin) -> Self {
        Self { capability: Capability::Http, name: origin.to_string() }
    }

    /// Grants the text at this JSON pointer into the answer of any granted server.
    pub fn readable(pointer: impl Into<String>) -> Self {
        Self { capability: Capability::Readable, name: pointer.into() }
    }

    /// Grants the text of all secrets.
    pub fn reveal() -> Self {
        Self { capability: Capability::Reveal, name: reveal::NAME.to_owned() }
    }
}

/// Everything that one call may reach, by exact name. There are no prefixes, no
/// patterns and no inheritance.
///
/// ```
/// use orchestration_sandbox::{Grant, Grants};
///
/// let grants: Grants = [Grant::variable("CORP_TOKEN")].into_iter().collect();
/// assert!(grants.has(&Grant::variable("CORP_TOKEN")));
/// assert!(!grants.has(&Grant::variable("CORP_TOKEN_2")));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Sorted, without duplicates.
    sorted: Vec<Grant>,
    /// Variables that may be taken as secrets, and not read.
    to_take: Vec<String>,
    /// Files that may be taken in addition to those in `sorted`.
    files: Vec<GrantedFile>,
}

impl Grants {
    /// Adds variables that may be taken as secrets. Their text stays out of reach.
    ///
    /// ```
    /// use orchestration_sandbox::{Grant, Grants};
    ///
    /// let grants = Grants::default().to_take(["CORP_KEY".to_owned()]);
    /// assert!(grants.allow_taking("CORP_KEY"));
    /// assert!(!grants.has(&Grant::variable("CORP_KEY")));
    /// ```
    #[must_use]
    pub fn to_take(mut self, variables: impl IntoIterator<Item = String>) -> Self {
        self.to_take.extend(variables);
        self
    }

    /// Adds a file, with the directory that links may not lead out of.
    ///
    /// ```
    /// use orchestration_sandbox::{Grant, GrantedFile, Grants};
    ///
    /// let grants = Grants::default().with_file(GrantedFile::new("/run/secrets/token"));
    /// assert!(grants.satisfy(&Grant::file("/run/secrets/token")));
    /// ```
    #[must_use]
    pub fn with_file(mut self, file: GrantedFile) -> Self {
        self.files.push(file);
        self
    }

    /// Returns the file at this path, if it may be taken.
    pub(crate) fn file(&self, path: &str) -> Option<GrantedFile> {
        let named = self.files.iter().find(|file| file.path() == path).cloned();
        let granted = || self.allow(Capability::Files, path).then(|| GrantedFile::new(path));
        named.or_else(granted)
    }

    /// Adds further grants.
    #[must_use]
    pub fn with(mut self, grants: impl IntoIterator<Item = Grant>) -> Self {
        self.sorted.extend(grants);
        self.sorted.sort_unstable();
        self.sorted.dedup();
        self
    }

    /// Returns true if exactly this is granted.
    pub fn has(&self, grant: &Grant) -> bool {
        self.allow(grant.capability, &grant.name)
    }

    /// Returns true if a strategy that declares that it needs this can be called: its
    /// text is granted, or it may at least be taken.
    pub fn satisfy(&self, needed: &Grant) -> bool {
        match needed.capability {
            Capability::Environment => self.allow_taking(&needed.name),
            Capability::Files => self.file(&needed.name).is_some(),
            Capability::Http | Capability::Readable | Capability::Reveal => self.has(needed),
        }
    }

    /// Returns true if this variable may be taken as a secret, whether or not its text
    /// is granted too.
    pub fn allow_taking(&self, variable: &str) -> bool {
        self.to_take.iter().any(|name| name == variable)
            || self.allow(Capability::Environment, variable)
    }

    /// Returns the names of all grants: first what may be taken.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let files = || self.files.iter().map(GrantedFile::path);
        let to_take = move || self.to_take.iter().map(String::as_str).chain(files());
        let sorted = self.sorted.iter().map(|grant| grant.name.as_str());
        let sorted = sorted.filter(move |name| !to_take().any(|known| known == *name));
        to_take().chain(sorted)
    }

    /// Returns the names granted within `capability`, sorted.
    pub(crate) fn of(&self, capability: Capability) -> impl Iterator<Item = &str> {
        let grants = self.sorted.iter().filter(move |grant| grant.capability == capability);
        grants.map(|grant| grant.name.as_str())
    }

    /// Returns true if this is granted, text and all.
    pub(crate) fn allow(&self, capability: Capability, name: &str) -> bool {
        let order =
            |grant: &Grant| (grant.capability, grant.name.as_str()).cmp(&(capability, name));
        self.sorted.binary_search_by(order).is_ok()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self::default().with(grants)
    }
}
