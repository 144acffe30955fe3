//! Where the values of a profile come from.
//!
//! Layers lie over each other, so the file that somebody has open need not be
//! the one that counts. What wrote a value is kept beside it, for `profile show`
//! and for reports that point at a line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::profile::ProviderProfile;

/// What lies over the built-in profiles, the lower ones first. A file that was
/// named takes the place of the user's and the project's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The file of this user, at its usual place.
    User,
    /// The file of the project that one is in, once it is trusted.
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
    /// `api_key_env`
    ApiKeyEnv,
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
    /// Nobody says anything, so it is what every profile has.
    Default,
    /// The built-in profile of this name.
    BuiltIn,
    /// A file.
    Written(Place<'a>),
}

/// Where a profile is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// What the file is.
    pub layer: Layer,
    /// The file.
    pub path: &'a Path,
    /// The line of the profile's name in it, from 1.
    pub line: usize,
}

/// What is known of all profiles.
#[derive(Debug, Clone, Default)]
pub(super) struct Provenance {
    files: Vec<(Layer, PathBuf)>,
    profiles: BTreeMap<String, Written>,
}

/// What files say of one profile.
#[derive(Debug, Clone, Default)]
struct Written {
    /// The last file that has it.
    last: Spot,
    /// What set which field, in the order of the files. Few fields are set, and
    /// seldom twice.
    fields: Vec<(Field, Spot)>,
}

/// A line of one of the files, of which none has as many as fit in here. There is
/// one of these for each value of each profile.
#[derive(Debug, Clone, Copy, Default)]
struct Spot {
    file: u32,
    line: u32,
}

impl Provenance {
    /// From now on things are written by this file.
    pub(super) fn begin(&mut self, layer: Layer, path: &Path) {
        self.files.push((layer, path.to_owned()));
    }

    /// The file that things are written by has the profile in this line, and
    /// sets these fields of it.
    pub(super) fn note(&mut self, name: &str, line: usize, fields: impl Iterator<Item = Field>) {
        let file = self.files.len().saturating_sub(1) as u32;
        let spot = Spot { file, line: line as u32 };
        let written = self.profiles.entry(name.to_owned()).or_default();
        written.last = spot;
        written.fields.extend(fields.map(|field| (field, spot)));
    }

    /// The file of this layer.
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

/// Whether the built-in profile of this name says something about the field.
fn is_built_in(name: &str, field: Field) -> bool {
    let built_in = ProviderProfile::built_in();
    let profile = built_in.iter().find(|profile| profile.name == name);
    profile.is_some_and(|profile| match field {
        // What kind of provider it is, is what makes it that profile.
        Field::Provider => true,
        Field::BaseUrl => profile.base_url.is_some(),
        Field::ApiKeyEnv => profile.api_key_env.is_some(),
        Field::Headers => profile.headers.iter().next().is_some(),
        Field::AuthType
        | Field::FallbackEnv
        | Field::DefaultModel
        | Field::AllowHttp
        | Field::TimeoutSeconds
        | Field::Options
        | Field::Verify => false,
    })
}
