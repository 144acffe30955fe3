//! A report as SARIF 2.1.0, for code scanning: one result per problem, at the line of
//! providers.toml that defines the profile.

use std::path::Path;

use serde_sarif::sarif::{
    ArtifactLocation, Invocation, LogicalLocation, Message, MultiformatMessageString, Notification,
    PhysicalLocation, Region, ReportingDescriptor, Result as Finding, ResultLevel, Run, Sarif,
    Tool, ToolComponent,
};

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
        let invocation = Invocation::builder().execution_successful(self.error.is_none());
        let invocation = match &self.error {
            None => invocation.build(),
            Some(problem) => {
                let notification = Notification::builder().message(message(problem.text()));
                let places =
                    problem.location.iter().map(|place| at(Some(place), None)).collect::<Vec<_>>();
                let notification = notification.level("error").locations(places).build();
                invocation.tool_configuration_notifications(vec![notification]).build()
            }
        };
        let run = Run::builder()
            .tool(Tool::builder().driver(driver()).build())
            .invocations(vec![invocation])
            .results(self.profiles.iter().filter_map(finding).collect::<Vec<_>>())
            .build();
        let log = Sarif::builder().schema(SCHEMA).version("2.1.0").runs(vec![run]).build();
        Ok(serde_json::to_string_pretty(&log)? + "\n")
    }
}

fn driver() -> ToolComponent {
    let rule = |(id, text): (&str, &str)| {
        let text = MultiformatMessageString::builder().text(text).build();
        ReportingDescriptor::builder().id(id).short_description(text).build()
    };
    ToolComponent::builder()
        .name("orchestration")
        .version(env!("CARGO_PKG_VERSION"))
        .rules(RULES.into_iter().map(rule).collect::<Vec<_>>())
        .build()
}

fn finding(profile: &ProfileReport<'_>) -> Option<Finding> {
    let level = match profile.outcome? {
        Outcome::Passed => return None,
        Outcome::AllowedMissing => ResultLevel::Note,
        Outcome::NotValid | Outcome::EndsTooSoon | Outcome::NotVerified => ResultLevel::Error,
    };
    let finding = Finding::builder()
        .rule_id(profile.problem_name())
        .level(level)
        .message(message(format!("{}: {}", profile.profile, profile.text())))
        .locations(vec![at(profile.location.as_ref(), Some(profile.profile))])
        .build();
    Some(finding)
}

fn message(text: String) -> Message {
    Message::builder().text(text).build()
}

fn at(location: Option<&Location<'_>>, profile: Option<&str>) -> serde_sarif::sarif::Location {
    let file = location.map(|location| {
        let artifact = ArtifactLocation::builder().uri(uri(&location.relative())).build();
        let place = PhysicalLocation::builder().artifact_location(artifact);
        match location.line {
            None => place.build(),
            Some(line) => place.region(Region::builder().start_line(line as i64).build()).build(),
        }
    });
    let name = profile.map(|name| vec![LogicalLocation::builder().name(name).build()]);
    let mut location = serde_sarif::sarif::Location::builder().build();
    location.physical_location = file;
    location.logical_locations = name;
    location
}

/// A path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let uri = text::in_url(Path::new(path));
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}
