//! A report as workflow commands of GitHub Actions: each problem becomes an
//! annotation, at the line of providers.toml that defines the profile.
//!
//! A command is one line of output. Characters that could end it or start another are
//! percent-encoded, as in GitHub's own toolkit: a strategy's text must not be able to
//! set an environment variable of the workflow.

use std::fmt::Write;

use super::document::Report;
use super::location::Location;
use super::profile::{Outcome, ProfileReport};

impl Report<'_> {
    /// The commands, and the summary as a line to read.
    pub(crate) fn github(&self) -> String {
        let mut lines = String::new();
        for profile in &self.profiles {
            lines.push_str(&annotation(profile).unwrap_or_default());
        }
        match &self.error {
            Some(problem) => {
                let place = problem.location.as_ref();
                lines.push_str(&command("error", place, "orchestration", &problem.text()));
            }
            None => {
                let _ = writeln!(lines, "{}", self.summary);
            }
        }
        lines
    }
}

fn annotation(profile: &ProfileReport<'_>) -> Option<String> {
    let level = match profile.outcome? {
        Outcome::Passed => return None,
        Outcome::AllowedMissing => "warning",
        Outcome::NotValid | Outcome::EndsTooSoon | Outcome::NotVerified => "error",
    };
    let title = format!("{}: {}", profile.profile, profile.problem_name());
    Some(command(level, profile.location.as_ref(), &title, &profile.text()))
}

fn command(level: &str, location: Option<&Location<'_>>, title: &str, text: &str) -> String {
    let place = location.map(|location| {
        let line = location.line.map(|line| format!("line={line},")).unwrap_or_default();
        format!("file={},{line}", property(&location.relative()))
    });
    let place = place.unwrap_or_default();
    format!("::{level} {place}title={}::{}\n", property(title), data(text))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
