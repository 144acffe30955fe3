//! A report as JUnit XML, which every CI system shows: one test case per profile.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::document::Report;
use super::error::ReportError;
use super::profile::{Outcome, ProfileReport};
use super::status::Status;

/// The name of the report.
const NAME: &str = "orchestration auth check";

impl Report<'_> {
    /// The XML.
    pub(crate) fn junit(&self) -> Result<String, ReportError> {
        let mut suite = TestSuite::new("credentials");
        suite.add_test_cases(self.profiles.iter().map(case));
        if let Some(problem) = &self.error {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(xml(&problem.message));
            status.set_description(xml(&problem.text()));
            suite.add_test_case(TestCase::new(NAME, status));
        }
        let mut report = quick_junit::Report::new(NAME);
        report.add_test_suite(suite);
        Ok(report.to_string()?)
    }
}

fn case(profile: &ProfileReport<'_>) -> TestCase {
    let mut case = TestCase::new(profile.profile, status(profile));
    case.set_classname(profile.auth_type);
    case.set_time(Duration::from_secs_f64(profile.duration_ms / 1000.0));
    case
}

fn status(profile: &ProfileReport<'_>) -> TestCaseStatus {
    let mut status = match (profile.outcome, profile.status) {
        (Some(Outcome::Passed) | None, _) => return TestCaseStatus::success(),
        (Some(Outcome::AllowedMissing), _) => TestCaseStatus::skipped(),
        (Some(_), Status::Error) => TestCaseStatus::non_success(NonSuccessKind::Error),
        (Some(_), _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    status.set_type(profile.problem_name());
    status.set_message(xml(profile.message.as_deref().unwrap_or_default()));
    status.set_description(xml(&profile.text()));
    status
}

/// The text without what no XML 1.0 document may contain, even as a reference.
pub(crate) fn xml(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(allowed).collect()
}
