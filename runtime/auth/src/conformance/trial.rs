//! Asks a strategy one question through all of its functions.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::sync::Arc;

use super::report::Usage;
use super::script::{Exchange, Script};
use super::sign_in::{NotSignedIn, SignIn};
use crate::platform::of_bytes;
use crate::profile::ProviderProfile;
use crate::sessions::MemoryStore;
use orchestration_sandbox::{
    Call, Capability, Credentials, Denial, Description, Environment, Failure, Files, Grant,
    GrantedFile, Grants, Interface, Limits, Observation, Observer, Profile, Session, Strategy,
    Subject, WallClock,
};
use orchestration_support::Secret;

/// The variable of the test profile.
pub(super) const VARIABLE: &str = "TEST_KEY";

/// Returns a profile of a remote provider, whose credential is in [`VARIABLE`].
pub(super) fn profile() -> ProviderProfile {
    ProviderProfile {
        base_url: "https://llm.example/v1".parse().ok(),
        api_key_env: Some(VARIABLE.to_owned()),
        ..ProviderProfile::new("test")
    }
}

/// A profile, and the environment in which its strategy is asked for a credential.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) profile: ProviderProfile,
    pub(super) env: BTreeMap<String, OsString>,
    /// The files that exist, by path.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The variables that are granted.
    pub(super) granted: BTreeSet<String>,
    /// The files that are granted.
    pub(super) granted_files: BTreeSet<String>,
    pub(super) explicit_key: Option<Secret>,
    /// The answers to its requests, whose servers are granted.
    pub(super) http: Vec<Exchange>,
    /// The session that was saved before.
    pub(super) session: Option<Session>,
    /// How the user signs in first.
    pub(super) sign_in: Option<SignIn>,
    /// Whether the user signs out at the end.
    pub(super) signs_out: bool,
    /// What is granted besides.
    pub(super) more: Vec<Grant>,
}

impl Question {
    /// Returns the grants of the call: the profile's variable to take, the others to read.
    fn grants(&self) -> Grants {
        let named = self.profile.api_key_env.iter().filter(|name| self.granted.contains(*name));
        let others =
            self.granted.iter().filter(|name| Some(*name) != self.profile.api_key_env.as_ref());
        let others = others.map(Grant::variable).chain(self.more.iter().cloned());
        let files = self.granted_files.iter().map(Grant::file);
        let page = self.sign_in.as_ref().and_then(SignIn::grant);
        let servers = self.http.iter().map(Exchange::grant).chain(page);
        others.chain(files).chain(servers).collect::<Grants>().to_take(named.cloned())
    }

    /// Returns the question with the value of each variable and file changed, and without a
    /// session, which would be an answer of its own.
    pub(super) fn with_values(&self, change: impl Fn(&OsString) -> OsString) -> Self {
        let env = self.env.iter().map(|(name, value)| (name.clone(), change(value)));
        let files = self.files.iter().map(|(path, content)| {
            (path.clone(), change(&of_bytes(content.clone())).into_encoded_bytes())
        });
        Self { env: env.collect(), files: files.collect(), session: None, ..self.clone() }
    }

    /// Returns the question with nothing set.
    pub(super) fn unset(&self) -> Self {
        Self { env: BTreeMap::new(), files: BTreeMap::new(), session: None, ..self.clone() }
    }

    /// Returns the question with nothing granted.
    pub(super) fn denied(&self) -> Self {
        let (granted, granted_files) = Default::default();
        Self { granted, granted_files, session: None, ..self.clone() }
    }

    /// Returns the question with nothing set and an explicit key.
    pub(super) fn explicit(&self, key: &str) -> Self {
        Self { explicit_key: Some(Secret::from(key)), ..self.unset() }
    }
}

/// The results of one question.
pub(super) struct Trial {
    pub(super) credentials: Result<Credentials, Failure>,
    pub(super) seen: Observation,
    pub(super) is_valid: Result<bool, Failure>,
    pub(super) refreshed: Result<(), Failure>,
    /// Whether the question scripts requests.
    pub(super) has_requests: bool,
    /// How its requests differ from the script.
    pub(super) requests: Option<String>,
    /// Whether any of the calls put a secret into a text.
    pub(super) leaked_secret: bool,
    /// What any of the calls asked for without a grant.
    pub(super) denied: BTreeSet<Denial>,
    /// The function of the sign-in that failed, if there was one.
    pub(super) sign_in_failed: Option<&'static str>,
    /// Whether it asked about a code until that had ended.
    pub(super) waited: bool,
    /// How its sign-in differs from the case.
    pub(super) differs: Option<String>,
    /// What came of the end of the session, if that was wanted and there was one.
    pub(super) ended: Option<Result<(), Failure>>,
    /// How many requests there were before that.
    pub(super) sent_before_end: usize,
}

impl Trial {
    /// Returns what a program gets that asks for the credential, as `auth token` does: that
    /// of `get-credentials`, unless renewing it fails.
    pub(super) fn outcome(&self) -> Result<&Credentials, &Failure> {
        self.refreshed.as_ref().and(self.credentials.as_ref())
    }

    /// Returns the function whose result that is.
    pub(super) fn deciding_call(&self) -> &'static str {
        // Without a session, nothing else was asked.
        self.sign_in_failed.unwrap_or(match self.refreshed {
            Ok(()) => "get-credentials",
            Err(_) => "refresh-if-needed",
        })
    }

    /// Returns the failures, each with its function.
    pub(super) fn failures(&self) -> impl Iterator<Item = (&'static str, &Failure)> {
        let first = self.sign_in_failed.unwrap_or("get-credentials");
        let ended = self.ended.as_ref().and_then(|ended| ended.as_ref().err());
        let calls = [
            (first, self.credentials.as_ref().err()),
            ("refresh-if-needed", self.refreshed.as_ref().err()),
            ("is-valid", self.is_valid.as_ref().err()),
            ("end", ended),
        ];
        calls.into_iter().filter_map(|(function, failure)| Some((function, failure?)))
    }
}

impl Trial {
    /// Returns the results of a question whose sign-in came to no session.
    fn not_signed_in(reason: NotSignedIn, script: &Script, all: &[Observation]) -> Self {
        let (failure, function, waited, differs) = match reason {
            NotSignedIn::Failed(function, failure) => (failure, function, false, None),
            NotSignedIn::Waited => (Failure::Expired, "resume", true, None),
            NotSignedIn::Differs(how) => (Failure::Expired, "resume", false, Some(how)),
        };
        Self {
            credentials: Err(failure.clone()),
            seen: Observation::default(),
            is_valid: Ok(false),
            refreshed: Err(failure),
            has_requests: true,
            requests: script.difference(),
            leaked_secret: all.iter().any(|seen| seen.leaked_secret),
            denied: denied(all.iter()),
            sign_in_failed: Some(function),
            waited,
            differs,
            ended: None,
            sent_before_end: script.sent(),
        }
    }
}

fn denied<'a>(all: impl Iterator<Item = &'a Observation>) -> BTreeSet<Denial> {
    all.flat_map(|seen| seen.denied.iter().cloned()).collect()
}

/// Calls a strategy and records what the calls use.
pub(super) struct Harness<'a> {
    strategy: &'a Strategy,
    name: &'a str,
    interface: Option<&'a Interface>,
    usage: RefCell<BTreeMap<&'static str, Usage>>,
}

impl<'a> Harness<'a> {
    pub(super) fn new(
        strategy: &'a Strategy,
        name: &'a str,
        interface: Option<&'a Interface>,
    ) -> Self {
        Self { strategy, name, interface, usage: RefCell::default() }
    }

    /// Returns true if the component imports the interface of this capability.
    pub(super) fn imports(&self, capability: Capability) -> bool {
        self.interface.is_some_and(|interface| interface.needs(capability))
    }

    /// Returns true if users sign in with the strategy.
    pub(super) fn signs_in(&self) -> bool {
        self.strategy.signs_in()
    }

    /// Returns what the calls have used so far.
    pub(super) fn usage(&self) -> Vec<Usage> {
        self.usage.borrow().values().cloned().collect()
    }

    pub(super) async fn describe(&self) -> (Result<Description, Failure>, Observation) {
        let nothing = Question {
            profile: profile(),
            env: BTreeMap::new(),
            files: BTreeMap::new(),
            granted: BTreeSet::new(),
            granted_files: BTreeSet::new(),
            explicit_key: None,
            http: Vec::new(),
            session: None,
            sign_in: None,
            signs_out: false,
            more: Vec::new(),
        };
        let (call, observer) = self.call(&nothing, &Script::new(&[]), &Arc::default());
        let description = self.strategy.describe(call).await;
        (description, self.seen("describe", &observer))
    }

    pub(super) async fn ask(&self, question: &Question) -> Trial {
        let options: Vec<(&str, &str)> = question.profile.options.iter().collect();
        let profile = profile_of(question, &options);
        let script = Script::new(&question.http);
        let session = Arc::new(MemoryStore::with(question.session.clone()));
        let (not_signed_in, mut all) = match &question.sign_in {
            None => (None, Vec::new()),
            Some(sign_in) => {
                let mut seen = Vec::new();
                let call = || self.call(question, &script, &session);
                let signed_in = self.sign_in(sign_in, profile, call, &mut seen).await;
                (signed_in.err(), seen)
            }
        };
        if let Some(reason) = not_signed_in {
            return Trial::not_signed_in(reason, &script, &all);
        }

        // As `auth token` asks: first for what is new.
        let (call, observer) = self.call(question, &script, &session);
        let refreshed = self.strategy.refresh_if_needed(call, profile).await;
        all.push(self.seen("refresh-if-needed", &observer));

        let (call, observer) = self.call(question, &script, &session);
        let credentials = self.strategy.get_credentials(call, profile).await;
        let seen = self.seen("get-credentials", &observer);

        let (call, observer) = self.call(question, &Script::new(&question.http), &session);
        let is_valid = self.strategy.is_valid(call, profile).await;
        all.push(self.seen("is-valid", &observer));

        let sent_before_end = script.sent();
        let mut ended = None;
        if question.signs_out && refreshed.is_ok() && credentials.is_ok() {
            let (call, observer) = self.call(question, &script, &session);
            ended = Some(self.strategy.end_session(call, profile).await);
            all.push(self.seen("end", &observer));
        }
        Trial {
            leaked_secret: seen.leaked_secret || all.iter().any(|seen| seen.leaked_secret),
            denied: denied(all.iter().chain([&seen])),
            credentials,
            seen,
            is_valid,
            refreshed,
            has_requests: !question.http.is_empty(),
            requests: script.difference(),
            sign_in_failed: None,
            waited: false,
            differs: None,
            ended,
            sent_before_end,
        }
    }

    /// Signs in with `begin` and `resume`, each in a call of its own, and adds what was seen.
    async fn sign_in(
        &self,
        sign_in: &SignIn,
        profile: Profile<'_>,
        call: impl Fn() -> (Arc<Call>, Observer),
        seen: &mut Vec<Observation>,
    ) -> Result<(), NotSignedIn> {
        let mut progress = sign_in.start();
        let (begun, observer) = call();
        let next = self.strategy.begin_sign_in(begun, profile, sign_in.browser).await;
        seen.push(self.seen("begin", &observer));
        let mut next = next.map_err(|failure| NotSignedIn::Failed("begin", failure))?;
        loop {
            let (step, mut conversation) = next;
            if progress.take(step, &mut conversation)? {
                return Ok(());
            }
            let (resumed, observer) = call();
            let resumed = self.strategy.resume_sign_in(resumed, profile, conversation).await;
            seen.push(self.seen("resume", &observer));
            next = resumed.map_err(|failure| NotSignedIn::Failed("resume", failure))?;
        }
    }

    fn call(
        &self,
        question: &Question,
        script: &Arc<Script>,
        session: &Arc<MemoryStore>,
    ) -> (Arc<Call>, Observer) {
        let (transport, sessions) = (Arc::clone(script), Arc::clone(session));
        let observer = Observer::default();
        let call = Call {
            subject: Subject {
                strategy: self.name.into(),
                profile: (*question.profile.name).into(),
            },
            environment: Arc::new(Environment::Fixed(question.env.clone())),
            files: Arc::new(Files::Fixed(question.files.clone())),
            transport: Some(transport),
            sessions: Some(sessions),
            explicit_key: question.explicit_key.clone(),
            // What `strategy add` asks for if a component imports it.
            grants: question.grants().with(self.imports(Capability::Reveal).then(Grant::reveal)),
            limits: Limits::default(),
            clock: WallClock::Machine,
            observer: Some(observer.clone()),
        };
        (Arc::new(call), observer)
    }

    /// Returns what was observed in a call of `function`, and records its use.
    fn seen(&self, function: &'static str, observer: &Observer) -> Observation {
        let seen = observer.seen();
        let mut usage = self.usage.borrow_mut();
        let most = usage.entry(function).or_insert(Usage {
            function,
            calls: 0,
            time: seen.time,
            memory_bytes: seen.memory_bytes,
        });
        most.calls += 1;
        most.time = most.time.max(seen.time);
        most.memory_bytes = most.memory_bytes.max(seen.memory_bytes);
        seen
    }
}

fn profile_of<'a>(question: &'a Question, options: &'a [(&'a str, &'a str)]) -> Profile<'a> {
    let profile = &question.profile;
    Profile {
        name: &profile.name,
        provider: &profile.provider,
        base_url: profile.base_url.as_ref(),
        issuer: profile.issuer.as_ref(),
        api_key_env: profile.api_key_env.as_deref(),
        api_key_file: profile.api_key_file.as_ref().map(GrantedFile::path),
        fallback_env: None,
        options,
    }
}

/// Describes a failure, with its kind, which the message may not reveal.
pub(super) fn described(failure: &Failure) -> String {
    match failure {
        Failure::Answer { kind, message: Some(message), .. } => {
            format!("{kind:?}, {}", message.quoted())
        }
        Failure::Answer { kind, message: None, .. } => format!("{kind:?}, without a reason"),
        failure => format!("it {failure}"),
    }
}
