//! What the host keeps during one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use orchestration_support::{Secret, redact};
use zeroize::Zeroizing;

use crate::audit::{Audit, Exchange, Outcome, Subject};
use crate::call::Call;
use crate::capabilities::per_call::PerCall;
use crate::capabilities::secrets::Held;
use crate::capabilities::store::Kept;
use crate::capabilities::wasi::lossy;
use crate::denial::Denial;
use crate::grants::Capability;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::observation::Observation;
use crate::said::Said;
use crate::source::Source;
use crate::turns::Clock;

/// The most denials recorded for one call: a strategy may ask for new names in an endless
/// loop.
const MAX_DENIALS: usize = 32;

/// The most names of a session's secrets that are recorded.
const MAX_NAMES: usize = 16;

/// The most bytes of a secret's name that are recorded.
const MAX_NAME: usize = 128;

/// The host's side of one call: what it grants, and what the strategy asked for.
pub(crate) struct State {
    pub(crate) call: Arc<Call>,
    pub(crate) per_call: PerCall,
    pub(crate) meter: Meter,
    /// What may be secret in the profile that the request contains.
    profile_secrets: Vec<Secret>,
    audit: Audit,
    denied: BTreeSet<Denial>,
    is_built_in: bool,
    /// The function that runs may send requests, and change the session of the strategy.
    pub(crate) is_alone: bool,
    /// Users sign in with the strategy.
    pub(crate) signs_in: bool,
}

/// Which lines of a strategy's output to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Those that end with a line break.
    Complete,
    /// All, including an unfinished last line, because no more output will follow.
    All,
}

impl State {
    pub(crate) fn new(
        call: Arc<Call>,
        profile_secrets: Vec<Secret>,
        is_built_in: bool,
        clock: Arc<Clock>,
    ) -> Self {
        let mut per_call = PerCall::default();
        if let Some(key) = call.given_key() {
            per_call.secrets.put_explicit(key);
        }
        Self {
            meter: Meter::new(&call.limits, clock),
            call,
            per_call,
            profile_secrets,
            audit: Audit::default(),
            denied: BTreeSet::new(),
            is_built_in,
            is_alone: false,
            signs_in: false,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.call.limits
    }

    pub(crate) fn subject(&self) -> &Subject {
        &self.call.subject
    }

    /// Records that the strategy called a function of `interface` that needs no
    /// grant.
    pub(crate) fn calls(&mut self, interface: &str) -> &mut Self {
        self.audit.called(&self.call.subject, interface);
        self.report_output(Lines::Complete);
        self
    }

    /// Returns something if `name`, which the strategy asked for through `interface`, is
    /// granted. If not, records the denial and returns `None`.
    pub(crate) fn grant(
        &mut self,
        capability: Capability,
        interface: &str,
        name: &str,
    ) -> Option<()> {
        let granted = self.call.grants.allow(capability, name);
        if !granted {
            self.deny(capability, interface, name);
        }
        granted.then_some(())
    }

    /// Records the outcome of asking `interface` for `name`, which is granted.
    pub(crate) fn asked(&mut self, interface: &str, name: &str, outcome: Outcome) {
        self.audit.asked(&self.call.subject, interface, name, outcome);
    }

    /// Records that the strategy made `name`, which is granted, the secret `secret`.
    pub(crate) fn took(&mut self, interface: &str, name: &str, secret: &str) {
        if self.audit.is_listed(&self.call.subject) {
            let secret = self.recorded(secret, MAX_NAME);
            self.subject().took(interface, name, &secret);
        }
    }

    /// Records that the strategy asked for `wanted` and was denied.
    pub(crate) fn deny(&mut self, capability: Capability, interface: &str, wanted: &str) {
        // The name that a strategy asks for may contain a secret.
        let wanted = self.recorded(wanted, capability.max_name());
        self.asked(interface, &wanted, Outcome::Denied);
        if self.denied.len() < MAX_DENIALS {
            self.denied.insert(Denial { capability, wanted });
        }
    }

    /// Records that the strategy wanted to send a request to `origin` in a function that may
    /// not, whatever it is granted.
    pub(crate) fn stays_offline(&mut self, interface: &str, origin: &str) {
        let origin = self.recorded(origin, Capability::Http.max_name());
        self.asked(interface, &origin, Outcome::Offline);
        self.report_output(Lines::Complete);
    }

    /// Records that the strategy used a tool on the secrets `of`, to make the secret
    /// `made`.
    pub(crate) fn used(
        &mut self,
        tool: &str,
        of: &[&str],
        made: Option<&str>,
        error: Option<&str>,
    ) {
        if self.audit.is_listed(&self.call.subject) {
            let of: Vec<String> = of.iter().map(|name| self.recorded(name, MAX_NAME)).collect();
            let made = made.map(|name| self.recorded(name, MAX_NAME));
            self.subject().used(tool, &of, made.as_deref(), error);
        }
        self.report_output(Lines::Complete);
    }

    /// Returns true if the call brings a key that the user stored.
    pub(crate) fn has_stored_key(&self) -> bool {
        self.call.sessions.as_ref().is_some_and(|store| store.kept() == Kept::Key)
    }

    /// Records that the strategy used its session, which has these secrets.
    pub(crate) fn used_session(&mut self, function: &str, secrets: &[&str], error: Option<&str>) {
        if self.audit.is_listed(&self.call.subject) {
            let names = secrets.iter().take(MAX_NAMES);
            let names: Vec<String> = names.map(|name| self.recorded(name, MAX_NAME)).collect();
            self.subject().session(function, &names, error);
        }
        self.report_output(Lines::Complete);
    }

    /// Returns the first bytes of a name in the strategy's words, sanitized.
    fn recorded(&self, name: &str, max_bytes: usize) -> String {
        redact::head(&redact::sanitize(name, self.secrets()), max_bytes).to_owned()
    }

    /// Records a request that the strategy sent, or tried to.
    pub(crate) fn exchanged(&mut self, exchange: Exchange) {
        if self.audit.is_listed(&self.call.subject) {
            let text = |text: &str| redact::sanitize(text, self.secrets());
            let exchange = exchange.sanitized(text, |name| self.recorded(name, MAX_NAME));
            self.subject().exchanged(&exchange);
        }
        self.report_output(Lines::Complete);
    }

    /// Returns what the strategy asked for and was not granted, each name once,
    /// sanitized.
    pub(crate) fn denied(&self) -> &BTreeSet<Denial> {
        &self.denied
    }

    /// Returns every text that may be secret and that the strategy was given, by name or
    /// as text: the key and the profile of the request, and what it has read.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.per_call.secrets().chain(self.profile_secrets.iter().map(Secret::expose))
    }

    /// Returns true if the strategy repeats a credential in `text`. It may repeat the
    /// value of an option, which is redacted but need not be secret.
    pub(crate) fn leaks(&self, text: &str) -> bool {
        redact::contains_secret(text, self.per_call.secrets())
    }

    /// Returns true if the strategy was given what has this name.
    pub(crate) fn gave(&self, name: &str) -> bool {
        let has = |(known, value): (&str, Option<&str>)| {
            known == name && value.is_some_and(|value| !is_blank(value))
        };
        self.read().any(has) || self.per_call.files.has(name)
    }

    /// Returns the session that the strategy has loaded, as the source of a credential.
    pub(crate) fn session(&self) -> Source {
        Source::Session { account: self.account(), renews: self.per_call.store.renews() }
    }

    /// Returns whose session the strategy has loaded, for people.
    pub(crate) fn account(&self) -> Option<Said> {
        self.per_call.store.account(self.secrets()).map(|account| self.said(account))
    }

    /// Returns the variables that the strategy asked for and that are not set or blank.
    pub(crate) fn unset(&self) -> impl Iterator<Item = &str> {
        self.read().filter(|(_, value)| value.is_none_or(is_blank)).map(|(name, _)| name)
    }

    fn read(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.per_call.environment.read_so_far()
    }

    /// Returns the secret of this name.
    pub(crate) fn secret(&self, name: &str) -> Option<&Held> {
        self.per_call.secrets.get(name)
    }

    /// Returns the name of the strategy, unless it is built in.
    pub(crate) fn stranger(&self) -> Option<Arc<str>> {
        (!self.is_built_in).then(|| Arc::clone(&self.subject().strategy))
    }

    /// Returns a sanitized text as said by the strategy.
    pub(crate) fn said(&self, text: String) -> Said {
        Said::new(self.stranger(), text)
    }

    /// Returns what the strategy has written to its output.
    pub(crate) fn log(&self) -> Zeroizing<String> {
        self.per_call.wasi.as_ref().map(|wasi| wasi.log()).unwrap_or_default()
    }

    /// Reports what the strategy has written since the last call of this function.
    ///
    /// Complete lines are reported while the strategy runs, unless it was given a
    /// secret that spans several lines: such a secret can only be recognised once its
    /// last line has arrived.
    pub(crate) fn report_output(&mut self, lines: Lines) {
        let Some(wasi) = &self.per_call.wasi else {
            return;
        };
        let new = wasi.log_since_reported();
        let ready = match lines {
            Lines::All => new.len(),
            Lines::Complete if redact::has_lines(self.secrets()) => 0,
            Lines::Complete => new.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        let Some(ready) = new.get(..ready).filter(|ready| !ready.is_empty()) else {
            return;
        };
        wasi.reported(ready.len());
        let output = lossy(ready);
        for line in redact::sanitize_lines(&output, self.secrets()) {
            self.subject().wrote(&line);
        }
    }

    /// Records something for the observer of the call, if it has one.
    pub(crate) fn observe(&self, note: impl FnOnce(&mut Observation)) {
        if let Some(observer) = &self.call.observer {
            observer.note(note);
        }
    }
}

fn is_blank(value: &str) -> bool {
    value.trim().is_empty()
}
