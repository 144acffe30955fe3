//! A report as SARIF 2.1.0, for code scanning: one result per problem, at the line of
//! providers.toml that defines the profile.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::document::Report;
use super::error::ReportError;
use super::location::Location;
use super::profile::{Outcome, ProfileReport};
use crate::ui::text;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// All problems that a profile can have: [`ProfileReport::problem_name`].
const RULES: [(&str, &str); 9] = [
    ("missing", "The credential is missing"),
    ("expired", "The credential has expired"),
    ("invalid", "The credential is invalid"),
    ("ends_too_soon", "The credential expires too soon"),
    ("not_verified", "The credential could not be verified"),
    ("denied", "The strategy needs something that it was not granted"),
    ("unavailable", "Something that the strategy depends on did not answer"),
    ("unsupported", "The strategy does not support the profile, or can't be used"),
    ("internal", "The strategy failed"),
];

impl Report<'_> {
    /// The log, as one JSON object.
    pub(crate) fn sarif(&self) -> Result<String, ReportError> {
        let notifications = self.error.iter().map(|problem| {
            let places = problem.location.iter().map(|place| at(Some(place), None));
            json!({
                "level": "error",
                "message": { "text": problem.text() },
                "locations": places.collect::<Vec<_>>(),
            })
        });
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": driver() },
                "invocations": [{
                    "executionSuccessful": self.error.is_none(),
                    "toolConfigurationNotifications": notifications.collect::<Vec<_>>(),
                }],
                "results": self.profiles.iter().filter_map(finding).collect::<Vec<_>>(),
            }],
        });
        Ok(serde_json::to_string_pretty(&log)? + "\n")
    }
}

fn driver() -> Value {
    let rule = |(id, text)| json!({ "id": id, "shortDescription": { "text": text } });
    json!({
        "name": "orchestration",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": RULES.map(rule),
    })
}

fn finding(profile: &ProfileReport<'_>) -> Option<Value> {
    let level = match profile.outcome? {
        Outcome::Passed => return None,
        Outcome::AllowedMissing => "note",
        Outcome::NotValid | Outcome::EndsTooSoon | Outcome::NotVerified => "error",
    };
    Some(json!({
        "ruleId": profile.problem_name(),
        "level": level,
        "message": { "text": format!("{}: {}", profile.profile, profile.text()) },
        "locations": [at(profile.location.as_ref(), Some(profile.profile))],
    }))
}

/// A location: the line of a file, and the profile that is defined there.
fn at(location: Option<&Location<'_>>, profile: Option<&str>) -> Value {
    let mut place = Map::new();
    if let Some(location) = location {
        let file = json!({ "uri": uri(&location.relative()) });
        let physical = match location.line {
            None => json!({ "artifactLocation": file }),
            Some(line) => json!({ "artifactLocation": file, "region": { "startLine": line } }),
        };
        place.insert("physicalLocation".to_owned(), physical);
    }
    if let Some(name) = profile {
        place.insert("logicalLocations".to_owned(), json!([{ "name": name }]));
    }
    place.into()
}

/// A path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let uri = text::in_url(Path::new(path));
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}
