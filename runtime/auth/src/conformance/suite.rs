//! Trying every promise.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::cases::Case;
use super::trial::{Harness, Question, Trial, VARIABLE, profile};
use super::{Judgement, Promise, Report, Tried};
use crate::strategy_config::is_auth_type;
use orchestration_sandbox::{Description, ErrorKind, Failure, Source, is_variable_name};
use orchestration_support::{Secret, redact};

/// A key that a caller gives.
const BY_HAND: &str = "sk-by-hand-0123456789abcdef";

/// Not the format of anything.
const JUNK: &str = "junk-0123456789-{\"}-abcdef";

/// What a strategy is tried with.
pub(super) struct Suite<'a> {
    harness: Harness<'a>,
    cases: Vec<Case>,
    tried: Vec<Tried>,
}

/// The same question under every circumstance.
struct Trials {
    set: Trial,
    /// Asked again, after another.
    again: Trial,
    unset: Trial,
    empty: Trial,
    by_hand: Trial,
    denied: Trial,
    not_unicode: Trial,
    spoiled: Vec<Trial>,
    /// With the variables that a strategy may ask for and no options: whatever
    /// it asks for besides is one that it does not declare.
    bare: Vec<Trial>,
    cases: Vec<Trial>,
}

impl<'a> Suite<'a> {
    pub(super) fn new(harness: Harness<'a>, cases: Vec<Case>) -> Self {
        Self { harness, cases, tried: Vec::new() }
    }

    pub(super) async fn run(mut self) -> Report {
        self.note(Promise::Loads, Judgement::Kept);
        let description = self.describe().await;
        let declared = description.iter().flat_map(|said| &said.environment).cloned();
        let general = general(declared.filter(|name| is_variable_name(name)).collect());
        let sample = self.cases.iter().find(|case| case.is_sample()).map(Case::question);
        let sample = sample.unwrap_or_else(|| general.clone());
        let set = self.harness.ask(&sample).await;
        match beyond_limits(&set) {
            // It would run into that a dozen times more, and take as long for it.
            Some(reason) => self.give_up(reason),
            None => {
                let trials = self.ask(set, &sample, &general).await;
                self.judge(&trials);
                self.judge_cases(&trials);
            }
        }
        self.tried.sort_by_key(|tried| tried.promise);
        Report { description, tried: self.tried, usage: self.harness.usage() }
    }

    fn note(&mut self, promise: Promise, verdict: Judgement) {
        self.tried.push(Tried { promise, case: None, verdict });
    }

    async fn describe(&mut self) -> Option<Description> {
        let (said, seen) = self.harness.describe().await;
        let (again, _) = self.harness.describe().await;
        let verdict = match &said {
            Err(failure) => Judgement::Broken(format!("it {failure}")),
            Ok(_) if !seen.denied.is_empty() => {
                Judgement::Broken("it asks for a variable meanwhile".to_owned())
            }
            Ok(_) if seen.changed_description => {
                let reason = "a text is longer than 256 bytes, or not in one plain line";
                Judgement::Broken(reason.to_owned())
            }
            Ok(said) => judged(unfit(said)),
        };
        self.note(Promise::Describes, verdict);
        let stable = match (&said, &again) {
            (Ok(said), Ok(again)) => {
                judged((said != again).then(|| "two calls gave two descriptions".to_owned()))
            }
            _ => Judgement::NotTried("it does not describe itself".to_owned()),
        };
        self.note(Promise::Stable, stable);
        said.ok()
    }

    /// Notes the broken limit, and that nothing else was tried after it.
    fn give_up(&mut self, reason: String) {
        self.note(Promise::Limits, Judgement::Broken(reason));
        let known: Vec<Promise> = self.tried.iter().map(|tried| tried.promise).collect();
        for promise in Promise::ALL {
            if !known.contains(&promise) {
                let reason = "it runs into a limit".to_owned();
                self.note(promise, Judgement::NotTried(reason));
            }
        }
    }

    /// Asks the rest, after `set`.
    async fn ask(&self, set: Trial, sample: &Question, general: &Question) -> Trials {
        let ask = async |question: &Question| self.harness.ask(question).await;
        // The order matters: `again` has another call before it.
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
            by_hand: ask(&sample.by_hand(BY_HAND)).await,
            denied: ask(&sample.denied()).await,
            not_unicode: ask(&sample.with_values(|_| not_unicode())).await,
            spoiled: Vec::new(),
            bare: vec![ask(general).await, ask(&general.unset()).await],
            cases: Vec::new(),
        };
        for question in &spoiled {
            trials.spoiled.push(ask(question).await);
        }
        for case in &self.cases {
            trials.cases.push(ask(&case.question()).await);
        }
        trials
    }

    fn judge(&mut self, trials: &Trials) {
        let has_sample = self.cases.iter().any(Case::is_sample);
        self.note(Promise::Declares, judged(asks_for_more(&trials.bare)));
        self.note(Promise::Missing, judged(not_missing(&trials.unset, "nothing is set")));
        self.note(Promise::Finds, judged(not_found(&trials.set, has_sample)));
        self.note(Promise::Empty, judged(not_missing(&trials.empty, "every variable is empty")));
        self.note(Promise::ByHand, judged(not_by_hand(&trials.by_hand)));
        self.note(Promise::Agrees, judged(trials.all().find_map(disagrees)));
        self.note(Promise::Refreshes, judged(not_refreshed(trials)));
        self.note(Promise::Independent, judged(differs(&trials.set, &trials.again)));
        self.note(Promise::Denied, judged(not_an_error(&trials.denied)));
        self.note(Promise::NotUnicode, judged(not_an_error(&trials.not_unicode)));
        self.note(Promise::Answers, judged(trials.ordinary().find_map(no_answer)));
        self.note(Promise::Limits, judged(trials.all().find_map(beyond_limits)));
        let told = trials.all().any(|trial| trial.leaked_secret);
        let reason =
            "a value that it was given stands in a text of it; it is hidden, where it can be";
        self.note(Promise::Secrets, judged(told.then(|| reason.to_owned())));
    }

    fn judge_cases(&mut self, trials: &Trials) {
        let tried = self.cases.iter().zip(&trials.cases).map(|(case, trial)| Tried {
            promise: Promise::Cases,
            case: Some(redact::sanitize(&case.name, [])),
            verdict: judged(case.difference(&trial.credentials)),
        });
        self.tried.extend(tried);
    }
}

impl Trials {
    /// Those in which nothing is out of the ordinary.
    fn ordinary(&self) -> impl Iterator<Item = &Trial> {
        let asked = [&self.set, &self.again, &self.unset, &self.empty, &self.by_hand];
        asked.into_iter().chain(&self.spoiled).chain(&self.bare).chain(&self.cases)
    }

    fn all(&self) -> impl Iterator<Item = &Trial> {
        self.ordinary().chain([&self.denied, &self.not_unicode])
    }
}

fn judged(broken: Option<String>) -> Judgement {
    broken.map_or(Judgement::Kept, Judgement::Broken)
}

/// A question with everything set that a strategy with these variables may ask for.
fn general(declared: BTreeSet<String>) -> Question {
    let granted: BTreeSet<String> = declared.into_iter().chain([VARIABLE.to_owned()]).collect();
    let value = |name: &String| (name.clone(), format!("sk-{name}-0123456789abcdef").into());
    let env = granted.iter().map(value).collect();
    Question { profile: profile(), env, granted, explicit_key: None }
}

fn half(value: &OsString) -> OsString {
    let text = value.to_string_lossy();
    text.chars().take(text.chars().count() / 2).collect::<String>().into()
}

fn not_unicode() -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(b"sk-\xff\xfe-0123456789".to_vec())
}

fn unfit(said: &Description) -> Option<String> {
    if !is_auth_type(&said.auth_type) {
        return Some("its auth type is none that a profile could name".to_owned());
    }
    if said.version.is_empty() || said.summary.is_empty() {
        return Some("its version or its summary is empty".to_owned());
    }
    let odd = said.environment.iter().find(|name| !is_variable_name(name))?;
    Some(format!("it declares '{odd}', which can't be the name of a variable"))
}

fn asks_for_more(trials: &[Trial]) -> Option<String> {
    let more: BTreeSet<&String> = trials.iter().flat_map(|trial| &trial.denied).collect();
    let more: Vec<&str> = more.into_iter().map(String::as_str).collect();
    let more = (!more.is_empty()).then(|| more.join(", "))?;
    Some(format!("it asks for {more}, which `describe` does not declare"))
}

fn not_missing(trial: &Trial, circumstance: &str) -> Option<String> {
    match &trial.credentials {
        Ok(_) => Some(format!("it answers a credential where {circumstance}")),
        Err(Failure::Answer { kind: ErrorKind::Missing, hint: Some(_), .. }) => None,
        Err(Failure::Answer { kind: ErrorKind::Missing, hint: None, .. }) => {
            Some("its error has no hint, which says what to do".to_owned())
        }
        Err(failure) => Some(format!("where {circumstance}, the answer was: {}", said(failure))),
    }
}

fn not_found(trial: &Trial, has_sample: bool) -> Option<String> {
    let found = match &trial.credentials {
        Ok(found) => found,
        Err(failure @ Failure::Answer { .. }) if !has_sample => {
            return Some(format!(
                "with values that are made up, the answer was: {}; where a value has a format of \
                 its own, add a case that expects credentials",
                said(failure)
            ));
        }
        Err(failure) => return Some(format!("the answer was: {}", said(failure))),
    };
    match found.source() {
        Source::Environment(name) if !is_variable_name(name) => {
            Some(format!("its source '{name}' can't be the name of a variable"))
        }
        Source::Other(words) if words.is_empty() => Some("its source is empty".to_owned()),
        _ => None,
    }
}

/// A key that can't be one may be refused; it must not be passed over.
fn not_by_hand(trial: &Trial) -> Option<String> {
    match &trial.credentials {
        Ok(found) if *found.source() != Source::Explicit => {
            Some("it answers a credential with another source than `explicit`".to_owned())
        }
        Ok(_) => None,
        Err(failure) => match failure.kind() {
            ErrorKind::Invalid | ErrorKind::Unsupported => None,
            _ => Some(format!("the answer was: {}", said(failure))),
        },
    }
}

/// A strategy without a clock can't know that a credential has ended, so what
/// the host thinks of it does not count.
fn disagrees(trial: &Trial) -> Option<String> {
    let is_valid = *trial.is_valid.as_ref().ok()?;
    match (trial.seen.stopped, trial.seen.answered_credential, is_valid) {
        (false, true, false) => Some("it finds a credential, and is-valid is false".to_owned()),
        (false, false, true) => Some("it finds no credential, and is-valid is true".to_owned()),
        _ => None,
    }
}

fn not_refreshed(trials: &Trials) -> Option<String> {
    if let Err(failure) = &trials.set.refreshed {
        return Some(format!("with a credential there, the answer was: {}", said(failure)));
    }
    match &trials.unset.refreshed {
        Err(failure) if !matches!(failure, Failure::Answer { .. }) => {
            Some(format!("with no credential there, it {failure}"))
        }
        _ => None,
    }
}

fn differs(first: &Trial, second: &Trial) -> Option<String> {
    let same = match (&first.credentials, &second.credentials) {
        (Ok(first), Ok(second)) => {
            let exposed = |(name, secret)| (name, Secret::expose(secret));
            first.source() == second.source()
                && first.values().map(exposed).eq(second.values().map(exposed))
        }
        (Err(first), Err(second)) => first.kind() == second.kind(),
        _ => false,
    };
    (!same).then(|| "the second answer was another than the first".to_owned())
}

fn not_an_error(trial: &Trial) -> Option<String> {
    if trial.seen.stopped {
        let failure = trial.credentials.as_ref().err();
        let why = failure.map(|failure| format!(": it {failure}")).unwrap_or_default();
        return Some(format!("it does not come to an answer{why}"));
    }
    match &trial.credentials {
        Ok(_) => Some("it answers a credential all the same".to_owned()),
        Err(Failure::Contract(what)) => Some(format!("it broke the contract: {what}")),
        Err(_) => trial.is_valid.as_ref().err().map(|failure| format!("is-valid {failure}")),
    }
}

fn no_answer(trial: &Trial) -> Option<String> {
    let mut failures = trial.failures();
    failures.find_map(|(function, failure)| match failure {
        Failure::Trap(_) | Failure::Contract(_) => Some(format!("{function}: it {failure}")),
        _ => None,
    })
}

fn beyond_limits(trial: &Trial) -> Option<String> {
    let mut failures = trial.failures();
    failures.find_map(|(function, failure)| match failure {
        Failure::Limit(limit) => Some(format!("{function}: {limit}")),
        _ => None,
    })
}

/// What happened, with the kind of an answer, which its text may not tell.
fn said(failure: &Failure) -> String {
    match failure {
        Failure::Answer { kind, message, .. } => format!("{kind:?}, \"{message}\""),
        failure => format!("it {failure}"),
    }
}
