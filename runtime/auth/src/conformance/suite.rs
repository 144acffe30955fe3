//! Runs a strategy under all conditions that the promises are about.

use std::collections::BTreeSet;
use std::ffi::OsString;

use orchestration_sandbox::{Capability, Description, is_variable_name};

use super::cases::Case;
use super::judge::{self, Trials, beyond_limits, judged, unfit};
use super::promise::Promise;
use super::report::{Judgement, Report, Tried};
use super::trial::{Harness, Question, Trial, VARIABLE, profile};
use crate::platform::not_unicode;

/// The key that a caller passes explicitly. Like every test value, it has no words in it:
/// a message that has them too would pass for one that repeats a part of the key.
const EXPLICIT_KEY: &str = "sk-Vw3nT8kQ-0123456789abcdef";

/// A value in no known format.
const JUNK: &str = "junk-0123456789-{\"}-abcdef";

/// The conformance suite for one strategy, and the results so far.
pub(super) struct Suite<'a> {
    harness: Harness<'a>,
    cases: Vec<Case>,
    tried: Vec<Tried>,
}

impl<'a> Suite<'a> {
    pub(super) fn new(harness: Harness<'a>, cases: Vec<Case>) -> Self {
        Self { harness, cases, tried: Vec::new() }
    }

    pub(super) async fn run(mut self) -> Report {
        self.note(Promise::Loads, Judgement::Passed);
        let description = self.describe().await;
        let declared = description.iter().flat_map(|description| &description.environment).cloned();
        let general = general(declared.filter(|name| is_variable_name(name)).collect());
        let sample = Case::sample(&self.cases).map(Case::question);
        let has_sample = sample.is_some();
        let sample = sample.unwrap_or_else(|| general.clone());
        let set = self.harness.ask(&sample).await;
        match beyond_limits(&set) {
            // Every further call would hit the limit as well, after the same time.
            Some(reason) => self.give_up(reason),
            None => {
                let trials = self.ask(set, &sample, &general).await;
                let lacks_requests = self.harness.imports(Capability::Http)
                    && !self.cases.iter().any(Case::has_requests);
                if lacks_requests {
                    let reason = "it can send requests; add a case with `http`, the requests \
                        that it sends and their answers";
                    self.note(Promise::Servers, Judgement::NotTried(reason.to_owned()));
                } else {
                    self.note(Promise::Servers, judged(judge::accidents(&trials)));
                }
                for (promise, verdict) in
                    judge::promises(&trials, has_sample, self.harness.signs_in())
                {
                    self.note(promise, verdict);
                }
                self.tried.extend(judge::cases(&self.cases, &trials));
            }
        }
        self.tried.sort_by_key(|tried| tried.promise);
        Report { description, tried: self.tried, usage: self.harness.usage() }
    }

    fn note(&mut self, promise: Promise, verdict: Judgement) {
        self.tried.push(Tried { promise, case: None, verdict });
    }

    async fn describe(&mut self) -> Option<Description> {
        let (description, seen) = self.harness.describe().await;
        let (again, _) = self.harness.describe().await;
        let verdict = match &description {
            Err(failure) => Judgement::Failed(format!("it {failure}")),
            Ok(_) if !seen.denied.is_empty() => {
                Judgement::Failed("it asks for a variable in `describe`".to_owned())
            }
            Ok(_) if seen.changed_description => {
                let reason = "a text is longer than 256 bytes or is not one line of plain text";
                Judgement::Failed(reason.to_owned())
            }
            Ok(description) => judged(unfit(description)),
        };
        self.note(Promise::Describes, verdict);
        let stable = match (&description, &again) {
            (Ok(first), Ok(again)) => judged(
                (first != again).then(|| "two calls returned different descriptions".to_owned()),
            ),
            _ => Judgement::NotTried("it does not describe itself".to_owned()),
        };
        self.note(Promise::Stable, stable);
        description.ok()
    }

    /// Records the exceeded limit, and that the remaining promises were not tried.
    fn give_up(&mut self, reason: String) {
        self.note(Promise::Limits, Judgement::Failed(reason));
        let known: Vec<Promise> = self.tried.iter().map(|tried| tried.promise).collect();
        for promise in Promise::ALL {
            if !known.contains(&promise) {
                let reason = "it exceeds a limit".to_owned();
                self.note(promise, Judgement::NotTried(reason));
            }
        }
    }

    /// Asks the remaining questions, after `set`.
    async fn ask(&self, set: Trial, sample: &Question, general: &Question) -> Trials {
        let ask = async |question: &Question| self.harness.ask(question).await;
        // The order matters: another question has to come before `again`.
        let unset = ask(&sample.unset()).await;
        let again = ask(sample).await;
        let spoiled = [
            sample.with_values(|_| JUNK.into()),
            sample.with_values(half),
            sample.with_values(|value| {
                let mut longer = value.clone();
                longer.push("\"}");
                longer
            }),
        ];
        let mut trials = Trials {
            set,
            unset,
            again,
            empty: ask(&sample.with_values(|_| OsString::new())).await,
            explicit: ask(&sample.explicit(EXPLICIT_KEY)).await,
            denied: ask(&sample.denied()).await,
            not_unicode: ask(&sample.with_values(|_| not_unicode())).await,
            spoiled: Vec::new(),
            bare: vec![ask(general).await, ask(&general.unset()).await],
            cases: Vec::new(),
            accidents: Vec::new(),
        };
        for question in &spoiled {
            trials.spoiled.push(ask(question).await);
        }
        for case in &self.cases {
            trials.cases.push(ask(&case.question()).await);
        }
        for (mishap, question) in self.cases.iter().flat_map(Case::accidents) {
            trials.accidents.push((mishap, ask(&question).await));
        }
        trials
    }
}

/// Returns a question in which every variable that the strategy declares is set.
fn general(declared: BTreeSet<String>) -> Question {
    let granted: BTreeSet<String> = declared.into_iter().chain([VARIABLE.to_owned()]).collect();
    let value = |(name, number): (&String, u32)| {
        (name.clone(), format!("sk-Jd7{number:04}-0123456789abcdef").into())
    };
    let env = granted.iter().zip(1..).map(value).collect();
    let (files, granted_files) = Default::default();
    Question {
        profile: profile(),
        env,
        files,
        granted,
        granted_files,
        explicit_key: None,
        http: Vec::new(),
        session: None,
        sign_in: None,
        signs_out: false,
        more: Vec::new(),
    }
}

fn half(value: &OsString) -> OsString {
    let text = value.to_string_lossy();
    text.chars().take(text.chars().count() / 2).collect::<String>().into()
}
