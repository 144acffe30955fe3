//! Headers that a profile or a caller adds to requests.

use std::collections::BTreeMap;
use std::fmt;

/// Headers by name. A value may be as secret as a key, so `Debug` prints only names.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use orchestration_auth::Headers;
///
/// let headers = Headers::from(BTreeMap::from([("X-Title".to_owned(), "demo".to_owned())]));
/// assert_eq!(format!("{headers:?}"), r#"{"X-Title"}"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// Returns every header with its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl From<BTreeMap<String, String>> for Headers {
    fn from(headers: BTreeMap<String, String>) -> Self {
        Self(headers)
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
