//! Where the values of a profile come from.
//!
//! Layers override each other, so the file that a user is looking at need not be the
//! one that set a value. The origin of each value is recorded for `profile show` and
//! for reports that point at a line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::profile::ProviderProfile;

/// A file that overrides the built-in profiles, lowest first. A named file replaces
/// those of the user and the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The user's file, in the configuration directory.
    User,
    /// The file of the project that contains the current directory, if it is trusted.
    Project,
    /// The file that `$ORCHESTRATION_CONFIG` names.
    Variable,
    /// The file that the command line names.
    Flag,
}

/// A key of `[profiles.NAME]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `provider`
    Provider,
    /// `base_url`
    BaseUrl,
    /// `issuer`
    Issuer,
    /// `api_key_env`
    ApiKeyEnv,
    /// `api_key_file`
    ApiKeyFile,
    /// `auth_type`
    AuthType,
    /// `fallback_env`
    FallbackEnv,
    /// `default_model`
    DefaultModel,
    /// `allow_http`
    AllowHttp,
    /// `timeout_seconds`
    TimeoutSeconds,
    /// `headers`
    Headers,
    /// `options`
    Options,
    /// `verify`
    Verify,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// No file and no built-in profile sets it: the default applies.
    Default,
    /// The built-in profile of the same name.
    BuiltIn,
    /// A file.
    Written(Place<'a>),
}

/// The position of a profile in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place<'a> {
    /// The layer of the file.
    pub layer: Layer,
    /// The file.
    pub path: &'a Path,
    /// The line of the profile's name, from 1.
    pub line: usize,
}

/// The origins of the values of all profiles.
#[derive(Debug, Clone, Default)]
pub(super) struct Provenance {
    files: Vec<(Layer, PathBuf)>,
    profiles: BTreeMap<String, Written>,
}

/// The origins of the values that files set in one profile.
#[derive(Debug, Clone, Default)]
struct Written {
    /// Its position in the last file that contains it.
    last: Spot,
    /// The position that set each field, in the order of the files. A list does:
    /// few fields are set, and seldom twice.
    fields: Vec<(Field, Spot)>,
}

/// A line of one of the files, in 8 bytes: there is one for each value of each
/// profile, and no file has more lines than fit.
#[derive(Debug, Clone, Copy, Default)]
struct Spot {
    file: u32,
    line: u32,
}

impl Provenance {
    /// Starts recording for this file.
    pub(super) fn begin(&mut self, layer: Layer, path: &Path) {
        self.files.push((layer, path.to_owned()));
    }

    /// Records that the current file has the profile in this line and sets these
    /// fields.
    pub(super) fn note(&mut self, name: &str, line: usize, fields: impl Iterator<Item = Field>) {
        let file = self.files.len().saturating_sub(1) as u32;
        let spot = Spot { file, line: line as u32 };
        let written = self.profiles.entry(name.to_owned()).or_default();
        written.last = spot;
        written.fields.extend(fields.map(|field| (field, spot)));
    }

    /// Returns the file of this layer.
    pub(super) fn file(&self, layer: Layer) -> Option<&Path> {
        let mut files = self.files.iter().filter(|(known, _)| *known == layer);
        files.next().map(|(_, path)| path.as_path())
    }

    pub(super) fn place(&self, profile: &str) -> Option<Place<'_>> {
        self.at(self.profiles.get(profile)?.last)
    }

    pub(super) fn origin(&self, profile: &str, field: Field) -> Origin<'_> {
        let fields = self.profiles.get(profile).map(|written| written.fields.as_slice());
        let mut last_first = fields.unwrap_or_default().iter().rev();
        let spot = last_first.find_map(|(known, spot)| (*known == field).then_some(*spot));
        match spot.and_then(|spot| self.at(spot)) {
            Some(place) => Origin::Written(place),
            None if is_built_in(profile, field) => Origin::BuiltIn,
            None => Origin::Default,
        }
    }

    fn at(&self, spot: Spot) -> Option<Place<'_>> {
        let (layer, path) = self.files.get(spot.file as usize)?;
        Some(Place { layer: *layer, path, line: spot.line as usize })
    }
}

/// Returns true if the built-in profile of this name sets the field.
fn is_built_in(name: &str, field: Field) -> bool {
    let built_in = ProviderProfile::built_in();
    let profile = built_in.iter().find(|profile| profile.name == name);
    profile.is_some_and(|profile| match field {
        // The provider defines what the built-in profile is, even if it is the default.
        Field::Provider => true,
        Field::BaseUrl => profile.base_url.is_some(),
        Field::ApiKeyEnv => profile.api_key_env.is_some(),
        Field::Headers => profile.headers.iter().next().is_some(),
        Field::ApiKeyFile
        | Field::AuthType
        | Field::Issuer
        | Field::FallbackEnv
        | Field::DefaultModel
        | Field::AllowHttp
        | Field::TimeoutSeconds
        | Field::Options
        | Field::Verify => false,
    })
}
