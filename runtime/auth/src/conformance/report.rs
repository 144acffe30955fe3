//! The results of the conformance suite.

use std::time::Duration;

use super::promise::Promise;
use orchestration_sandbox::{Description, Failure};

/// The results of the conformance suite for one component.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The component's description of itself, if it returned one.
    pub description: Option<Description>,
    /// The promises in order; [`Promise::Cases`] once for each case.
    pub tried: Vec<Tried>,
    /// The resources that the calls used, by function.
    pub usage: Vec<Usage>,
}

/// One promise and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tried {
    /// The promise.
    pub promise: Promise,
    /// The name of the case, for [`Promise::Cases`]; sanitized.
    pub case: Option<String>,
    /// The result.
    pub verdict: Judgement,
}

/// The result of a promise. The reasons are sanitized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// The strategy keeps it.
    Passed,
    /// The strategy breaks it, for this reason.
    Failed(String),
    /// It could not be tried, for this reason.
    NotTried(String),
}

/// The most that any single call of a function used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// The function, as the contract names it.
    pub function: &'static str,
    /// The number of calls.
    pub calls: usize,
    /// The longest time of a call.
    pub time: Duration,
    /// The most memory that a call had, in bytes.
    pub memory_bytes: usize,
}

impl Report {
    /// Returns true if every promise passed.
    pub fn is_good(&self) -> bool {
        self.tried.iter().all(|tried| tried.verdict == Judgement::Passed)
    }

    /// Returns the report of a component that can't be used.
    pub(super) fn unusable(failure: &Failure) -> Self {
        let reason = failure.to_string();
        let tried = Promise::ALL.into_iter().map(|promise| {
            let verdict = match promise {
                Promise::Loads => Judgement::Failed(reason.clone()),
                _ => Judgement::NotTried("the component can't be used".to_owned()),
            };
            Tried { promise, case: None, verdict }
        });
        Self { description: None, tried: tried.collect(), usage: Vec::new() }
    }
}
