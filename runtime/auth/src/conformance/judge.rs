//! Decides which promises pass.

use std::collections::BTreeSet;

use orchestration_sandbox::{
    Capability, Credentials, Description, ErrorKind, Failure, Source, StatedSource,
    is_variable_name,
};
use orchestration_support::{Secret, redact};

use super::cases::{Case, Mishap};
use super::promise::Promise;
use super::report::{Judgement, Tried};
use super::script::Accident;
use super::trial::{Trial, described};
use crate::strategy_config::is_auth_type;

/// What is wrong with a strategy that repeats a secret.
const LEAK: &str = "one of its texts contains a value that it was given; the host redacts it \
    where it can";

/// The results of the same question under all conditions.
pub(super) struct Trials {
    pub(super) set: Trial,
    /// The same question as `set`, after another one.
    pub(super) again: Trial,
    pub(super) unset: Trial,
    pub(super) empty: Trial,
    pub(super) explicit: Trial,
    pub(super) denied: Trial,
    pub(super) not_unicode: Trial,
    pub(super) spoiled: Vec<Trial>,
    /// With every variable that the strategy declares and no options: if it asks for
    /// another one, that is not declared.
    pub(super) bare: Vec<Trial>,
    pub(super) cases: Vec<Trial>,
    /// With an accident in place of an answer.
    pub(super) accidents: Vec<(Mishap, Trial)>,
}

impl Trials {
    /// Returns the trials in which every variable is granted and readable.
    fn ordinary(&self) -> impl Iterator<Item = &Trial> {
        let asked = [&self.set, &self.again, &self.unset, &self.empty, &self.explicit];
        asked.into_iter().chain(&self.spoiled).chain(&self.bare).chain(&self.cases)
    }

    /// Returns the trials in which every call sees the same world.
    fn settled(&self) -> impl Iterator<Item = &Trial> {
        let cases = self.cases.iter().filter(|trial| !trial.has_requests);
        let asked = [&self.set, &self.again, &self.unset, &self.empty, &self.explicit];
        let asked = asked.into_iter().chain(&self.spoiled).chain(&self.bare).chain(cases);
        asked.chain([&self.denied, &self.not_unicode])
    }

    fn all(&self) -> impl Iterator<Item = &Trial> {
        let accidents = self.accidents.iter().map(|(_, trial)| trial);
        self.ordinary().chain([&self.denied, &self.not_unicode]).chain(accidents)
    }
}

/// Judges every promise that `trials` decide, in any order.
pub(super) fn promises(
    trials: &Trials,
    has_sample: bool,
    signs_in: bool,
) -> Vec<(Promise, Judgement)> {
    let leaks = trials.all().any(|trial| trial.leaked_secret);
    let needs_none = needs_none(trials);
    // Nothing is missing where nothing is needed, so nothing has to be reported.
    let needed = |reason: Option<String>| judged(reason.filter(|_| !needs_none));
    // Where users sign in, the host says how.
    let not_missing = |trial, condition| not_missing(trial, condition, !signs_in);
    vec![
        (Promise::Declares, judged(asks_for_more(&trials.bare))),
        (Promise::Missing, needed(not_missing(&trials.unset, "nothing is set"))),
        (Promise::Finds, judged(not_found(&trials.set, has_sample))),
        (Promise::Empty, needed(not_missing(&trials.empty, "every variable is empty"))),
        (Promise::ExplicitKey, judged(not_explicit(&trials.explicit))),
        (Promise::Agrees, judged(trials.settled().find_map(disagrees))),
        (Promise::Refreshes, judged(not_refreshed(trials))),
        (Promise::Independent, judged(differs(&trials.set, &trials.again))),
        (Promise::Denied, needed(not_an_error(&trials.denied))),
        (Promise::NotUnicode, needed(not_an_error(&trials.not_unicode))),
        (Promise::Answers, judged(trials.ordinary().find_map(no_answer))),
        (Promise::Limits, judged(trials.all().find_map(beyond_limits))),
        (Promise::Secrets, judged(leaks.then(|| LEAK.to_owned()))),
    ]
}

/// Returns true if the strategy answers that no credential is needed, whatever is set or
/// granted: it does not depend on the environment at all.
fn needs_none(trials: &Trials) -> bool {
    let asked = [&trials.set, &trials.unset, &trials.empty, &trials.denied, &trials.not_unicode];
    asked.into_iter().chain(&trials.spoiled).all(|trial| {
        let source = trial.credentials.as_ref().ok().map(Credentials::source);
        trial.denied.is_empty() && matches!(source, Some(Source::NotNeeded { .. }))
    })
}

/// Returns what a strategy does wrong if a server does.
pub(super) fn accidents(trials: &Trials) -> Option<String> {
    trials.accidents.iter().find_map(|(Mishap { accident, at }, trial)| {
        let after = |what: &str| Some(format!("after {}, {what}", accident.in_words()));
        let mut failures = trial.failures().map(|(_, failure)| failure);
        let is_fit = |failure: &&Failure| match accident {
            // Who waits for a user goes on asking.
            Accident::Timeout | Accident::ServerError if trial.waited => true,
            Accident::Timeout | Accident::ServerError => failure.kind() == ErrorKind::Unavailable,
            _ => is_own(failure) && failure.kind() != ErrorKind::Internal,
        };
        // The credential was there before a request of the end.
        let is_of_end = trial.ended.is_some() && *at >= trial.sent_before_end;
        let outcome = match &trial.ended {
            Some(ended) if is_of_end => ended.as_ref().map(drop),
            _ => trial.outcome().map(drop),
        };
        let is_ok = outcome.is_ok();
        let outcome = outcome.err().filter(|failure| !is_fit(failure));
        if let Some(failure) = outcome.or_else(|| failures.find(|failure| !is_own(failure))) {
            return after(&format!("the result was: {}", described(failure)));
        }
        if trial.leaked_secret {
            return after("one of its texts contains a secret");
        }
        let is_unheard = matches!(accident, Accident::Timeout | Accident::ServerError);
        match (is_ok, is_of_end) {
            (true, true) if is_unheard => after("it says that the server knows of the end"),
            (true, false) if *accident != Accident::Echo => after("it returns a credential"),
            _ => None,
        }
    })
}

/// Returns true if the strategy returned the failure, and was not stopped.
fn is_own(failure: &Failure) -> bool {
    matches!(failure, Failure::Answer { .. } | Failure::Unanswered { .. } | Failure::Expired)
}

/// Judges each of `cases` by the trial at the same index.
pub(super) fn cases(cases: &[Case], trials: &Trials) -> Vec<Tried> {
    let tried = cases.iter().zip(&trials.cases).map(|(case, trial)| Tried {
        promise: Promise::Cases,
        case: Some(redact::sanitize(&case.name, [])),
        verdict: judged(case.difference(trial)),
    });
    tried.collect()
}

/// Passes unless there is a reason to fail.
pub(super) fn judged(reason: Option<String>) -> Judgement {
    reason.map_or(Judgement::Passed, Judgement::Failed)
}

/// Returns what is wrong with a description.
pub(super) fn unfit(description: &Description) -> Option<String> {
    if !is_auth_type(description.auth_type.text()) {
        return Some("no profile can name its auth type".to_owned());
    }
    if [&description.version, &description.summary].iter().any(|said| said.text().is_empty()) {
        return Some("its version or its summary is empty".to_owned());
    }
    let odd = description.environment.iter().find(|name| !is_variable_name(name))?;
    Some(format!("it declares '{odd}', which is not a valid variable name"))
}

fn asks_for_more(trials: &[Trial]) -> Option<String> {
    // Only variables can be declared.
    let denied = trials.iter().flat_map(|trial| &trial.denied);
    let denied = denied.filter(|denial| denial.capability == Capability::Environment);
    let more: BTreeSet<&str> = denied.map(|denial| denial.wanted.as_str()).collect();
    let more: Vec<&str> = more.into_iter().collect();
    let more = (!more.is_empty()).then(|| more.join(", "))?;
    Some(format!("it asks for {more}, which `describe` does not declare"))
}

fn not_missing(trial: &Trial, condition: &str, needs_hint: bool) -> Option<String> {
    match &trial.credentials {
        Ok(_) => Some(format!("it returns a credential although {condition}")),
        Err(Failure::Answer { kind: ErrorKind::Missing, hint: Some(_), .. }) => None,
        Err(Failure::Answer { kind: ErrorKind::Missing, hint: None, .. }) => {
            needs_hint.then(|| "its error has no hint that says what to do".to_owned())
        }
        Err(failure) => {
            Some(format!("although {condition}, the result was: {}", described(failure)))
        }
    }
}

fn not_found(trial: &Trial, has_sample: bool) -> Option<String> {
    match &trial.credentials {
        Ok(_) => {}
        Err(failure @ Failure::Answer { .. }) if !has_sample => {
            return Some(format!(
                "with test values, the result was: {}; if a value needs a specific format, add \
                 a case that expects credentials",
                described(failure)
            ));
        }
        Err(failure) => return Some(format!("the result was: {}", described(failure))),
    }
    match trial.seen.stated_source.as_ref()? {
        StatedSource::Environment(name) if !is_variable_name(name) => {
            Some(format!("its source '{name}' is not a valid variable name"))
        }
        StatedSource::Other(words) if words.is_empty() => Some("its source is empty".to_owned()),
        _ => None,
    }
}

/// Returns what is wrong with the result for an explicit key. The strategy may reject
/// the key, but must not ignore it.
fn not_explicit(trial: &Trial) -> Option<String> {
    match &trial.credentials {
        Ok(found)
            if *found.source() != Source::Explicit
                || trial.seen.stated_source != Some(StatedSource::Explicit) =>
        {
            Some("it returns a credential whose source is not `explicit`".to_owned())
        }
        Ok(_) => None,
        Err(failure) => match failure.kind() {
            ErrorKind::Invalid | ErrorKind::Unsupported => None,
            _ => Some(format!("the result was: {}", described(failure))),
        },
    }
}

/// Returns how `is-valid` and `get-credentials` disagree. Only what the strategy
/// returned matters: it has no clock, so it can't know that a credential has expired.
fn disagrees(trial: &Trial) -> Option<String> {
    let is_valid = *trial.is_valid.as_ref().ok()?;
    match (trial.seen.stopped, trial.seen.answered_credential, is_valid) {
        (false, true, false) => Some("it returns a credential, but is-valid is false".to_owned()),
        (false, false, true) => Some("it returns no credential, but is-valid is true".to_owned()),
        _ => None,
    }
}

fn not_refreshed(trials: &Trials) -> Option<String> {
    if let Err(failure) = &trials.set.refreshed {
        return Some(format!("with a credential to renew, the result was: {}", described(failure)));
    }
    match &trials.unset.refreshed {
        Err(failure) if !is_own(failure) => {
            Some(format!("with no credential to renew, it {failure}"))
        }
        _ => None,
    }
}

fn differs(first: &Trial, second: &Trial) -> Option<String> {
    let stated = first.seen.stated_source == second.seen.stated_source;
    let same = match (&first.credentials, &second.credentials) {
        (Ok(first), Ok(second)) => {
            let exposed = |(name, secret)| (name, Secret::expose(secret));
            first.source() == second.source()
                && stated
                && first.values().map(exposed).eq(second.values().map(exposed))
        }
        (Err(first), Err(second)) => first.kind() == second.kind(),
        _ => false,
    };
    (!same).then(|| "the second result differs from the first".to_owned())
}

fn not_an_error(trial: &Trial) -> Option<String> {
    if trial.seen.stopped {
        let failure = trial.credentials.as_ref().err();
        let why = failure.map(|failure| format!(": it {failure}")).unwrap_or_default();
        return Some(format!("it returns no result{why}"));
    }
    match &trial.credentials {
        Ok(_) => Some("it returns a credential anyway".to_owned()),
        Err(Failure::Contract(what)) => Some(format!("it broke the contract: {what}")),
        Err(_) => trial.is_valid.as_ref().err().map(|failure| format!("is-valid {failure}")),
    }
}

fn no_answer(trial: &Trial) -> Option<String> {
    let mut failures = trial.failures();
    failures.find_map(|(function, failure)| match failure {
        Failure::Trap(_) | Failure::Contract(_) => Some(format!("{function}: it {failure}")),
        Failure::System(_) => Some(format!("{function}: {failure}")),
        _ => None,
    })
}

/// Returns the limit that a call exceeded.
pub(super) fn beyond_limits(trial: &Trial) -> Option<String> {
    let mut failures = trial.failures();
    failures.find_map(|(function, failure)| match failure {
        Failure::Limit(limit) => Some(format!("{function}: {limit}")),
        _ => None,
    })
}
