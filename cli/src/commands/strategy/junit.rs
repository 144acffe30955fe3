//! A conformance report as JUnit XML, which every CI system shows: one test case per promise,
//! and one per case of the strategy's own.

use std::path::Path;

use orchestration_runtime::{Judgement, Report, Tried, sanitize_path};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::error::CliError;
use crate::report::{ReportError, xml_text};

/// The name of the report.
const NAME: &str = "orchestration strategy check";

/// Returns the XML.
pub(super) fn xml(component: &Path, report: &Report) -> Result<String, CliError> {
    let mut suite = TestSuite::new(xml_text(&sanitize_path(component)));
    suite.add_test_cases(report.tried.iter().map(case));
    let mut document = quick_junit::Report::new(NAME);
    document.add_test_suite(suite);
    Ok(document.to_string().map_err(ReportError::from)? + "\n")
}

fn case(tried: &Tried) -> TestCase {
    let promise = tried.promise;
    let status = match &tried.verdict {
        Judgement::Passed => TestCaseStatus::success(),
        Judgement::NotTried(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(xml_text(reason));
            status
        }
        Judgement::Failed(reason) => {
            let (file, item) = promise.item();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(promise.id());
            status.set_message(xml_text(reason));
            let tried = promise.call();
            status.set_description(format!("tried with {tried}; see `{item}` in wit/{file}"));
            status
        }
    };
    let what = tried.case.as_deref().unwrap_or(promise.statement());
    let mut case = TestCase::new(xml_text(what), status);
    case.set_classname(promise.id());
    case
}
