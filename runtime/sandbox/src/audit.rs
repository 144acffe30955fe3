//! What a strategy asked for, as events.
//!
//! Users who run a stranger's strategy want to see what it tried to reach. Every
//! request of a call becomes an [`AuditEvent`], which `auth explain` and `--verbose` show.
//! It travels as a `tracing` event under [`TARGET`], so that an embedder can filter and
//! store it like any other; [`AuditRecord::of`] turns the event back into the type, so that
//! no reader has to parse messages.
//!
//! The value of a variable is never part of an event. A strategy may ask in an endless
//! loop, so only a limited number of host calls become events; a last event says that
//! more followed.

use std::collections::BTreeSet;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::{Duration, Instant};

use orchestration_support::url::{BaseUrl, HttpOrigin};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use crate::given::Given;

/// The `tracing` target of audit events, for filters.
pub const TARGET: &str = "orchestration::audit";

/// The most host calls in one call of a strategy that become events.
const MAX_EVENTS: u32 = 256;

/// The strategy and the profile that an event belongs to.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The auth type of the strategy.
    pub strategy: Arc<str>,
    /// The profile that the strategy is called for.
    pub profile: Arc<str>,
}

/// One event in a call of a strategy. See [`AuditRecord`] for reading them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditEvent {
    /// The call that is starting may reach this.
    Granted {
        /// The name of a granted thing, e.g. of a variable.
        name: String,
    },
    /// The strategy called a function of the host.
    HostCall {
        /// The interface of the function, e.g. `environment` or `wasi:io/streams`.
        interface: String,
        /// The name that it asked for, if the function takes one.
        name: Option<String>,
        /// The outcome.
        outcome: Outcome,
        /// The name of the secret that it made of what it asked for: its own words,
        /// sanitized.
        secret: Option<String>,
    },
    /// The strategy used a tool of the host on secrets. Their names are the strategy's
    /// own words, sanitized.
    Tool {
        /// The tool, e.g. `concat`.
        tool: String,
        /// The names of the secrets that it worked on.
        of: Vec<String>,
        /// The name of the secret that it was to make, if it makes one.
        made: Option<String>,
        /// Why it failed, as the contract calls it, e.g. `malformed`.
        error: Option<String>,
    },
    /// The strategy sent a request, or tried to, and was granted the server.
    Exchanged(Exchange),
    /// The strategy loaded, saved or forgot its session, or tried to. Names of secrets are
    /// the strategy's own words, sanitized.
    Session {
        /// The function of the contract, e.g. `save`.
        function: String,
        /// The names of the session's secrets.
        secrets: Vec<String>,
        /// Why it failed, as the contract calls it, e.g. `too-large`.
        error: Option<String>,
    },
    /// Further host calls of this call follow and are not listed.
    Unlisted,
    /// The strategy was loaded and can be called.
    Loaded {
        /// How long loading took.
        time: Duration,
    },
    /// A function of the strategy returned.
    Called {
        /// The function's name in the contract.
        function: String,
        /// How long the call took.
        time: Duration,
    },
    /// The strategy returned a secret as part of its credential.
    Returned {
        /// Its name in the credential, sanitized, e.g. `api_key`.
        name: String,
        /// What it is made of.
        from: Vec<Given>,
    },
    /// The strategy wrote to its output. This event has level `INFO`, all others have
    /// `DEBUG`.
    Wrote {
        /// The line, sanitized.
        line: String,
    },
}

/// The outcome of a host call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The name is not granted.
    Denied,
    /// The name is granted, but nothing of that name exists.
    Unset,
    /// The name is granted, and its value was found.
    Found,
    /// The name is granted, and what has that name is blank.
    Blank,
    /// The name is granted, but what has that name cannot be used.
    Unusable,
    /// The function needs no grant.
    Allowed,
    /// The strategy sends requests in `refresh-if-needed` only, and this was another
    /// function.
    Offline,
}

/// A request of a strategy, and what became of it. Secrets are named only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    /// E.g. `POST`.
    pub method: String,
    /// The origin of the URL, e.g. `https://login.corp.example`.
    pub origin: String,
    /// The path of the URL, without its query.
    pub path: String,
    /// The names of the secrets that the request carries.
    pub sent: Vec<String>,
    /// The names of the secrets that the strategy took from the answer.
    pub taken: Vec<String>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The error that the strategy got, with the reason that it did not.
    pub error: Option<String>,
}

impl Exchange {
    pub(crate) fn of(method: &str, url: &BaseUrl, sent: BTreeSet<&str>) -> Self {
        Self {
            method: method.to_owned(),
            origin: HttpOrigin::of(url).to_string(),
            path: url.expose().path().to_owned(),
            sent: sent.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        }
    }

    /// Returns the same with every text and every name of the strategy or the server
    /// sanitized.
    pub(crate) fn sanitized(
        self,
        text: impl Fn(&str) -> String,
        name: impl Fn(&str) -> String,
    ) -> Self {
        let Self { method, origin, path, sent, taken, status, error } = self;
        let all = |names: Vec<String>| names.iter().map(|written| name(written)).collect();
        Self {
            method: name(&method),
            // As it was granted.
            origin,
            path: text(&path),
            sent: all(sent),
            taken: all(taken),
            status,
            error: error.as_deref().map(text),
        }
    }
}

/// An audit event with the strategy and the profile that it belongs to.
///
/// A `tracing` subscriber receives the events and reads them with [`AuditRecord::of`]:
///
/// ```
/// use std::sync::Arc;
///
/// use orchestration_sandbox::{
///     Allocation, AuditEvent, AuditRecord, BUILT_IN, Call, Environment, Files, Grants, Limits,
///     Outcome, Profile, Sandbox, Subject,
/// };
/// use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
///
/// struct PrintDenials;
///
/// impl<S: tracing::Subscriber> Layer<S> for PrintDenials {
///     fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
///         let Some(AuditRecord { strategy, event, .. }) = AuditRecord::of(event) else {
///             return; // not an audit event
///         };
///         if let AuditEvent::HostCall { name, outcome: Outcome::Denied, .. } = event {
///             println!("{strategy} was denied {name:?}");
///             # assert_eq!(name.as_deref(), Some("CORP_KEY"));
///         }
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let limits = Limits::default();
/// # let sandbox = Sandbox::new(limits.stack_bytes, Allocation::OnDemand)?;
/// # let strategy = sandbox.load_built_in(BUILT_IN[0])?;
/// # let call = Arc::new(Call {
/// #     subject: Subject { strategy: "api_key".into(), profile: "corp".into() },
/// #     environment: Arc::new(Environment::Process),
/// #     files: Arc::new(Files::Machine),
/// #     transport: None,
/// #     sessions: None,
/// #     explicit_key: None,
/// #     grants: Grants::default(),
/// #     limits,
/// #     clock: Default::default(),
/// #     observer: None,
/// # });
/// # let profile = Profile {
/// #     name: "corp",
/// #     provider: "openai",
/// #     base_url: None,
/// #     issuer: None,
/// #     api_key_env: Some("CORP_KEY"),
/// #     api_key_file: None,
/// #     fallback_env: None,
/// #     options: &[],
/// # };
/// let subscriber = tracing_subscriber::registry().with(PrintDenials);
/// tracing::subscriber::with_default(subscriber, || {
///     // call a strategy
///     # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
///     # assert!(runtime.block_on(strategy.get_credentials(call, profile)).is_err());
/// });
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// The auth type of the strategy.
    pub strategy: String,
    /// The profile that it was called for.
    pub profile: String,
    /// What happened.
    pub event: AuditEvent,
}

impl AuditRecord {
    /// Reads an audit event. Returns `None` for every other event.
    pub fn of(event: &Event<'_>) -> Option<Self> {
        if event.metadata().target() != TARGET {
            return None;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        fields.record()
    }
}

/// The fields of an event while it is being read.
#[derive(Default)]
struct Fields {
    kind: String,
    strategy: String,
    profile: String,
    name: Option<String>,
    interface: String,
    outcome: String,
    function: String,
    line: String,
    tool: String,
    of: String,
    made: Option<String>,
    from: String,
    error: Option<String>,
    micros: u64,
    exchange: Exchange,
}

impl Fields {
    fn record(self) -> Option<AuditRecord> {
        let time = Duration::from_micros(self.micros);
        let event = match self.kind.as_str() {
            "granted" => AuditEvent::Granted { name: self.name.unwrap_or_default() },
            "host-call" => AuditEvent::HostCall {
                interface: self.interface,
                name: self.name,
                outcome: Outcome::ALL.into_iter().find(|known| known.as_str() == self.outcome)?,
                secret: self.made,
            },
            "tool" => AuditEvent::Tool {
                tool: self.tool,
                of: names(&self.of),
                made: self.made,
                error: self.error,
            },
            "exchanged" => AuditEvent::Exchanged(Exchange { error: self.error, ..self.exchange }),
            "session" => AuditEvent::Session {
                function: self.function,
                secrets: self.of.lines().map(str::to_owned).collect(),
                error: self.error,
            },
            "unlisted" => AuditEvent::Unlisted,
            "loaded" => AuditEvent::Loaded { time },
            "called" => AuditEvent::Called { function: self.function, time },
            "returned" => AuditEvent::Returned {
                name: self.name.unwrap_or_default(),
                from: self.from.lines().filter_map(Given::of_line).collect(),
            },
            "wrote" => AuditEvent::Wrote { line: self.line },
            _ => return None,
        };
        Some(AuditRecord { strategy: self.strategy, profile: self.profile, event })
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "micros" => self.micros = value,
            "status" => self.exchange.status = u16::try_from(value).ok(),
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => value.clone_into(&mut self.kind),
            "strategy" => value.clone_into(&mut self.strategy),
            "profile" => value.clone_into(&mut self.profile),
            "name" => self.name = Some(value.to_owned()),
            "interface" => value.clone_into(&mut self.interface),
            "outcome" => value.clone_into(&mut self.outcome),
            "function" => value.clone_into(&mut self.function),
            "line" => value.clone_into(&mut self.line),
            "tool" => value.clone_into(&mut self.tool),
            "of" => value.clone_into(&mut self.of),
            "made" => self.made = Some(value.to_owned()),
            "from" => value.clone_into(&mut self.from),
            "error" => self.error = Some(value.to_owned()),
            "method" => value.clone_into(&mut self.exchange.method),
            "origin" => value.clone_into(&mut self.exchange.origin),
            "path" => value.clone_into(&mut self.exchange.path),
            "sent" => self.exchange.sent = names(value),
            "taken" => self.exchange.taken = names(value),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Returns the names in a field, one in each line: sanitized, they have no line breaks.
fn names(lines: &str) -> Vec<String> {
    lines.lines().map(str::to_owned).collect()
}

impl Outcome {
    const ALL: [Self; 7] = [
        Self::Denied,
        Self::Unset,
        Self::Found,
        Self::Blank,
        Self::Unusable,
        Self::Allowed,
        Self::Offline,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Unset => "not set",
            Self::Found => "found",
            Self::Blank => "blank",
            Self::Unusable => "unusable",
            Self::Allowed => "allowed",
            Self::Offline => "offline",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Emits one event with the fields of its subject.
macro_rules! emit {
    ($subject:expr, $kind:literal, $message:literal $(, $field:ident = $value:expr)*) => {{
        let Subject { strategy, profile } = $subject;
        tracing::debug!(
            target: TARGET, strategy = &**strategy, profile = &**profile, event = $kind
            $(, $field = $value)*, $message
        );
    }};
}

/// Counts the host calls of one call.
#[derive(Default)]
pub(crate) struct Audit {
    events: u32,
}

impl Audit {
    /// Records that the strategy asked `interface` for `name`, which is sanitized.
    pub(crate) fn asked(
        &mut self,
        subject: &Subject,
        interface: &str,
        name: &str,
        outcome: Outcome,
    ) {
        if self.is_listed(subject) {
            let outcome = outcome.as_str();
            emit!(
                subject,
                "host-call",
                "host call",
                interface = interface,
                name = name,
                outcome = outcome
            );
        }
    }

    /// Records that the strategy called a function of `interface` that needs no grant.
    pub(crate) fn called(&mut self, subject: &Subject, interface: &str) {
        if self.is_listed(subject) {
            let outcome = Outcome::Allowed.as_str();
            emit!(subject, "host-call", "host call", interface = interface, outcome = outcome);
        }
    }

    /// Counts a host call and returns true if it becomes an event.
    pub(crate) fn is_listed(&mut self, subject: &Subject) -> bool {
        self.events = self.events.saturating_add(1);
        if self.events == MAX_EVENTS {
            emit!(subject, "unlisted", "further host calls are not listed");
        }
        self.events < MAX_EVENTS && tracing::enabled!(target: TARGET, Level::DEBUG)
    }
}

impl Subject {
    /// Records that the call that is starting may reach `name`.
    pub fn granted(&self, name: &str) {
        emit!(self, "granted", "granted", name = name);
    }

    /// Returns the time at which loading the strategy starts; `None` if no subscriber
    /// listens, since reading the clock takes longer than finding a loaded strategy.
    pub fn loading(&self) -> Option<Instant> {
        tracing::enabled!(target: TARGET, Level::DEBUG).then(Instant::now)
    }

    /// Records that the strategy, whose loading started at `started`, can be called.
    pub fn loaded(&self, started: Option<Instant>) {
        if let Some(started) = started {
            emit!(self, "loaded", "loaded", micros = micros_since(started));
        }
    }

    /// Records that the strategy wrote `line`, which is sanitized.
    pub(crate) fn wrote(&self, line: &str) {
        let Self { strategy, profile } = self;
        tracing::info!(
            target: TARGET, strategy = &**strategy, profile = &**profile, event = "wrote", line,
            "the strategy wrote"
        );
    }

    /// Records that the strategy made `name` a secret, whose name is sanitized.
    pub(crate) fn took(&self, interface: &str, name: &str, secret: &str) {
        let outcome = Outcome::Found.as_str();
        emit!(
            self,
            "host-call",
            "host call",
            interface = interface,
            name = name,
            outcome = outcome,
            made = secret
        );
    }

    /// Records that the strategy returned a secret, whose name is sanitized. `from` says
    /// what it is made of.
    pub(crate) fn returned<'a>(&self, name: &str, from: impl Iterator<Item = &'a Given>) {
        if tracing::enabled!(target: TARGET, Level::DEBUG) {
            let from: Vec<String> = from.map(Given::to_line).collect();
            let from = from.join("\n");
            emit!(self, "returned", "returned a secret", name = name, from = from.as_str());
        }
    }

    /// Records that the strategy used a tool on secrets, whose names are sanitized.
    pub(crate) fn used(&self, tool: &str, of: &[String], made: Option<&str>, error: Option<&str>) {
        // A sanitized name is one line.
        let of = of.join("\n");
        let of = of.as_str();
        emit!(self, "tool", "used a tool", tool = tool, of = of, made = made, error = error);
    }

    /// Records a request, which is sanitized.
    pub(crate) fn exchanged(&self, exchange: &Exchange) {
        let Exchange { method, origin, path, sent, taken, status, error } = exchange;
        let [method, origin, path] = [method, origin, path].map(String::as_str);
        let [sent, taken] = [sent, taken].map(|names| names.join("\n"));
        let [sent, taken] = [sent.as_str(), taken.as_str()];
        let (status, error) = (*status, error.as_deref());
        emit!(
            self,
            "exchanged",
            "request",
            method = method,
            origin = origin,
            path = path,
            sent = sent,
            taken = taken,
            status = status,
            error = error
        );
    }

    /// Records the use of the session, whose secrets have sanitized names.
    pub(crate) fn session(&self, function: &str, secrets: &[String], error: Option<&str>) {
        let of = secrets.join("\n");
        let of = of.as_str();
        emit!(self, "session", "session", function = function, of = of, error = error);
    }

    /// Records that a function of the strategy, called at `started`, returned.
    pub(crate) fn called(&self, function: &str, started: Instant) {
        emit!(self, "called", "called", function = function, micros = micros_since(started));
    }
}

/// Returns the microseconds since `started`. It is called within `emit!`, which
/// evaluates it only if a subscriber listens.
fn micros_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::sync::Mutex;

    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;

    /// Every kind of event with something in every field, and what emits it.
    #[test]
    fn an_event_is_read_as_it_was_written() {
        let exchange = Exchange {
            method: "POST".to_owned(),
            origin: "https://login.corp.example".to_owned(),
            path: "/token".to_owned(),
            sent: vec!["refresh".to_owned(), "secret".to_owned()],
            taken: vec!["access".to_owned()],
            status: Some(400),
            error: Some("malformed".to_owned()),
        };
        let names = ["one".to_owned(), "two".to_owned()];
        let from = [Given::Own, Given::Random, Given::Explicit, Given::Session, Given::StoredKey];
        let named = [
            Given::Variable("CORP_KEY".into()),
            Given::File("/run/a key".into()),
            Given::Answer("https://login.corp.example".into()),
        ];
        let from = [&from[..], &named].concat();
        let written = [
            AuditEvent::Granted { name: "CORP_KEY".to_owned() },
            AuditEvent::HostCall {
                interface: "environment".to_owned(),
                name: Some("CORP_KEY".to_owned()),
                outcome: Outcome::Found,
                secret: Some("key".to_owned()),
            },
            AuditEvent::Tool {
                tool: "concat".to_owned(),
                of: names.to_vec(),
                made: Some("both".to_owned()),
                error: Some("too-large".to_owned()),
            },
            AuditEvent::Exchanged(exchange.clone()),
            AuditEvent::Session {
                function: "save".to_owned(),
                secrets: names.to_vec(),
                error: Some("failed".to_owned()),
            },
            AuditEvent::Unlisted,
            AuditEvent::Returned { name: "api_key".to_owned(), from: from.clone() },
            AuditEvent::Wrote { line: "hello".to_owned() },
        ];
        let read = events(|subject| {
            for event in &written {
                match event {
                    AuditEvent::Granted { name } => subject.granted(name),
                    AuditEvent::HostCall { interface, name, outcome: _, secret } => {
                        let [name, secret] = [name, secret].map(|text| text.as_deref().unwrap());
                        subject.took(interface, name, secret);
                    }
                    AuditEvent::Tool { tool, of, made, error } => {
                        subject.used(tool, of, made.as_deref(), error.as_deref());
                    }
                    AuditEvent::Exchanged(exchange) => subject.exchanged(exchange),
                    AuditEvent::Session { function, secrets, error } => {
                        subject.session(function, secrets, error.as_deref());
                    }
                    AuditEvent::Unlisted => {
                        Audit { events: MAX_EVENTS - 1 }.is_listed(subject);
                    }
                    AuditEvent::Returned { name, from } => subject.returned(name, from.iter()),
                    AuditEvent::Wrote { line } => subject.wrote(line),
                    // They carry the time that has passed: see below.
                    AuditEvent::Loaded { .. } | AuditEvent::Called { .. } => {}
                }
            }
        });
        assert_eq!(read, written);

        let read = events(|subject| {
            subject.loaded(subject.loading());
            subject.called("get-credentials", Instant::now());
        });
        assert!(
            matches!(&read[..], [AuditEvent::Loaded { .. }, AuditEvent::Called { function, .. }]
                if function == "get-credentials"),
            "{read:?}"
        );
    }

    #[test]
    fn every_outcome_is_read_as_it_was_written() {
        let read = events(|subject| {
            for outcome in Outcome::ALL {
                Audit::default().asked(subject, "files", "/run/key", outcome);
            }
        });
        let outcomes = read.iter().map(|event| match event {
            AuditEvent::HostCall { outcome, .. } => *outcome,
            other => panic!("{other:?}"),
        });
        assert!(outcomes.eq(Outcome::ALL), "{read:?}");
    }

    /// Returns what a subscriber reads of the events that `emit` emits.
    fn events(emit: impl FnOnce(&Subject)) -> Vec<AuditEvent> {
        struct Reader(Arc<Mutex<Vec<AuditEvent>>>);

        impl<S: tracing::Subscriber> Layer<S> for Reader {
            fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
                let record = AuditRecord::of(event).unwrap();
                assert_eq!((&*record.strategy, &*record.profile), ("corp-sso", "corp"));
                self.0.lock().unwrap().push(record.event);
            }
        }

        let read = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Reader(Arc::clone(&read)));
        let subject = Subject { strategy: "corp-sso".into(), profile: "corp".into() };
        tracing::subscriber::with_default(subscriber, || emit(&subject));
        std::mem::take(&mut read.lock().unwrap())
    }
}
