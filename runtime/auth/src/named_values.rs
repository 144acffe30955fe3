//! Values by name, such as the headers that a profile adds to requests, and the options
//! that only its strategy reads.

use std::collections::BTreeMap;
use std::fmt;

/// Headers or options by name. A value may be as secret as a key, so `Debug` prints only
/// names.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use orchestration_auth::NamedValues;
///
/// let headers = NamedValues::from(BTreeMap::from([("X-Title".to_owned(), "demo".to_owned())]));
/// assert_eq!(format!("{headers:?}"), r#"{"X-Title"}"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NamedValues(BTreeMap<String, String>);

impl NamedValues {
    /// Returns every name with its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl From<BTreeMap<String, String>> for NamedValues {
    fn from(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }
}

impl fmt::Debug for NamedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
