//! What came of trying a component.

use std::time::Duration;

use super::Promise;
use orchestration_sandbox::{Description, Failure};

/// All that was tried.
#[derive(Debug)]
pub struct Report {
    /// What the component says of itself, where it says anything.
    pub description: Option<Description>,
    /// Every promise in its order; that of the cases once for each of them.
    pub tried: Vec<Tried>,
    /// What the calls used up, by function.
    pub usage: Vec<Usage>,
}

/// One promise, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub promise: Promise,
    /// The name of the case, where it is about one.
    pub case: Option<String>,
    /// What came of it.
    pub verdict: Judgement,
}

/// What came of a promise. The texts are fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It was kept.
    Kept,
    /// It was broken, for this reason.
    Broken(String),
    /// It could not be tried, for this reason.
    NotTried(String),
}

/// The most that one call of a function used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The function, as the contract names it.
    pub function: &'static str,
    /// How often it was called.
    pub calls: usize,
    /// The longest that it took.
    pub time: Duration,
    /// The most memory that it had, in bytes.
    pub memory_bytes: usize,
}

impl Report {
    /// Whether no promise was broken.
    pub fn is_good(&self) -> bool {
        self.tried.iter().all(|tried| tried.verdict == Judgement::Kept)
    }

    /// The report of a component that can't be used.
    pub(super) fn unusable(failure: &Failure) -> Self {
        let reason = failure.to_string();
        let tried = Promise::ALL.into_iter().map(|promise| {
            let verdict = match promise {
                Promise::Loads => Judgement::Broken(reason.clone()),
                _ => Judgement::NotTried("the component can't be used".to_owned()),
            };
            Tried { promise, case: None, verdict }
        });
        Self { description: None, tried: tried.collect(), usage: Vec::new() }
    }
}
