//! Signing in: asks a strategy for the next step, and keeps what it needs between two.
//!
//! Each step is a fresh instance, so what came of the last one is kept here: secrets by
//! name, which the strategy gets back as names, and its notes. What a step shows to a
//! person is checked first: an address that is opened in a browser must lead to a server
//! that was granted, since the user signs in there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use orchestration_support::url::{BaseUrl, HttpOrigin};
use orchestration_support::{Secret, redact};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::answer::returned_error;
use crate::bindings::orchestration::auth::types as wit;
use crate::bindings::sign_in::exports::orchestration::auth::sign_in as steps;
use crate::call::Call;
use crate::capabilities::secrets::Held;
use crate::denial::Denial;
use crate::failure::Failure;
use crate::grants::Capability;
use crate::link::{SignInExports, Strategy};
use crate::profile::Profile;
use crate::run::{done, request};
use crate::state::State;

/// The most bytes of an address, and of a code, that are shown.
const MAX_ADDRESS: usize = 2 << 10;
const MAX_CODE: usize = 64;

/// The most bytes of the notes and names of secrets between two steps.
const MAX_NOTES: usize = 64 << 10;

/// The bounds of what a server asks to wait, whatever it says. Each is longer than any of
/// RFC 8628.
const INTERVALS: (u32, u32) = (1, 60);
const LIVES: (u32, u32) = (10, 3600);

/// What the host does next while someone signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Shows the code, waits for its interval, and resumes.
    Show(Code),
    /// Goes on as in the last step, and waits this much longer from now on.
    Wait(Duration),
    /// Opens a page, and resumes when its answer is there.
    Open(Page),
    /// The user is signed in.
    Done,
}

/// A code that the user types into a page. Its texts are fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The page.
    pub address: String,
    /// The page with the code filled in.
    pub complete: Option<String>,
    /// The code.
    pub code: String,
    /// The time from one question to the next: 1 to 60 seconds.
    pub interval: Duration,
    /// The time until the code ends: at most an hour.
    pub lasts: Duration,
}

/// A page to open, on a server that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// Its address, to which the host adds what comes back to it.
    pub address: BaseUrl,
    /// What the server calls `redirect_uri`, if it does not follow RFC 6749: a name of
    /// lower-case letters and `_`. It returns no `state`.
    pub callback: Option<String>,
}

/// What the host keeps between two steps. Its secrets are wiped when it is dropped.
#[derive(Default, Clone)]
pub struct Conversation {
    secrets: Vec<(String, Held)>,
    notes: Vec<(String, String)>,
    retry_after: Option<Duration>,
}

impl Conversation {
    /// Returns how long the server that was asked last wants to be left alone, if it says so:
    /// at most a minute.
    pub fn retry_after(&self) -> Option<Duration> {
        let (_, longest) = INTERVALS;
        self.retry_after.map(|asked| asked.min(Duration::from_secs(longest.into())))
    }

    /// Adds a secret for the next step, such as the code that a browser brought back.
    pub fn add(&mut self, name: &str, secret: &Secret) {
        let held = Held::found(Arc::from(secret.expose()));
        self.secrets.push((name.to_owned(), held));
    }

    /// Adds a note for the next step.
    pub fn note(&mut self, name: &str, text: &str) {
        self.notes.push((name.to_owned(), text.to_owned()));
    }
}

/// Prints names only.
impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets: Vec<&str> = self.secrets.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Conversation").field("secrets", &secrets).finish_non_exhaustive()
    }
}

type Answer = Result<steps::Next, wit::AuthError>;

impl Strategy {
    /// Returns true if users sign in with this strategy.
    pub fn signs_in(&self) -> bool {
        self.sign_in.is_some()
    }

    /// Calls `begin`: asks for the first step. `browser` says that a page can be opened on
    /// this machine.
    ///
    /// # Errors
    ///
    /// Fails as [`get_credentials`](Self::get_credentials) does, and with
    /// [`Failure::Contract`] if users do not sign in with this strategy, or if a step can't
    /// be shown.
    pub async fn begin_sign_in(
        &self,
        call: Arc<Call>,
        profile: Profile<'_>,
        browser: bool,
    ) -> Result<(Step, Conversation), Failure> {
        let export = &self.exports_of_sign_in()?.begin;
        let base_url = profile.base_url.map(BaseUrl::without_secrets);
        let request = request(&call, &profile, base_url.as_deref());
        let ask = async |instance: &Instance, store: &mut Store<State>| {
            let function = instance.get_typed_func::<(wit::Request<'_>, bool), (Answer,)>(
                &mut *store,
                &export.index,
            )?;
            let (answer,) = function.call_async(store, (request, browser)).await?;
            Ok(answer)
        };
        self.run(call, profile.secrets(), export.name, ask, next).await
    }

    /// Calls `resume`: asks what follows on the last step.
    ///
    /// # Errors
    ///
    /// Fails as [`begin_sign_in`](Self::begin_sign_in) does.
    pub async fn resume_sign_in(
        &self,
        call: Arc<Call>,
        profile: Profile<'_>,
        conversation: Conversation,
    ) -> Result<(Step, Conversation), Failure> {
        let export = &self.exports_of_sign_in()?.resume;
        let Conversation { secrets, notes, retry_after: _ } = conversation;
        let base_url = profile.base_url.map(BaseUrl::without_secrets);
        let request = request(&call, &profile, base_url.as_deref());
        let ask = async |instance: &Instance, store: &mut Store<State>| {
            for (name, held) in secrets {
                store.data_mut().per_call.secrets.put(&name, held)?;
            }
            type Notes<'a> = &'a [(String, String)];
            let function = instance.get_typed_func::<(wit::Request<'_>, Notes<'_>), (Answer,)>(
                &mut *store,
                &export.index,
            )?;
            let (answer,) = function.call_async(store, (request, &*notes)).await?;
            Ok(answer)
        };
        self.run(call, profile.secrets(), export.name, ask, next).await
    }

    /// Calls `end`: lets the strategy tell the server that the session has ended.
    ///
    /// # Errors
    ///
    /// Fails as [`begin_sign_in`](Self::begin_sign_in) does.
    pub async fn end_session(&self, call: Arc<Call>, profile: Profile<'_>) -> Result<(), Failure> {
        let export = &self.exports_of_sign_in()?.end;
        self.ask(call, export, profile, done).await
    }

    fn exports_of_sign_in(&self) -> Result<&SignInExports, Failure> {
        self.sign_in.as_ref().ok_or(Failure::Contract("it offers no sign-in"))
    }
}

/// Returns what a strategy answered with, and keeps what it names.
fn next(state: &State, answer: Answer) -> Result<(Step, Conversation), Failure> {
    let steps::Next { step, secrets, notes } =
        answer.map_err(|error| returned_error(state, error))?;
    let step = checked(state, step)?;
    let texts = notes.iter().flat_map(|(name, text)| [name, text]).chain(&secrets);
    if texts.map(String::len).sum::<usize>() > MAX_NOTES {
        return Err(Failure::Contract("its notes have more than 64 KiB"));
    }
    let held = |name: String| {
        let held = state.secret(&name).cloned().ok_or(NO_SECRET)?;
        Ok((name, held))
    };
    let secrets = secrets.into_iter().map(held).collect::<Result<_, Failure>>()?;
    let retry_after = state.per_call.http.retry_after();
    Ok((step, Conversation { secrets, notes, retry_after }))
}

const NO_SECRET: Failure = Failure::Contract("it keeps a secret that is not there");
const SHOWS_SECRET: Failure = Failure::Contract("a step of its sign-in shows a secret");
const NO_PARAMETER: Failure =
    Failure::Contract("a page of its sign-in names no parameter for the address to return to");
const NO_ADDRESS: Failure = Failure::Contract("a step of its sign-in has no address to show");

/// Returns a step that can be shown to a person.
fn checked(state: &State, step: steps::Step) -> Result<Step, Failure> {
    Ok(match step {
        steps::Step::Done => Step::Done,
        steps::Step::Wait(seconds) => Step::Wait(Duration::from_secs(seconds.min(60).into())),
        steps::Step::Show(code) => {
            let steps::Code { address, complete, code, interval, lasts } = code;
            let texts = [&address, &code].into_iter().chain(&complete);
            if texts.into_iter().any(|text| state.leaks(text)) {
                return Err(SHOWS_SECRET);
            }
            let complete = complete.map(|complete| shown(&complete)).transpose()?;
            let code = redact::sanitize(redact::head(&code, MAX_CODE), []);
            Step::Show(Code {
                address: shown(&address)?,
                complete,
                code: Some(code).filter(|code| !code.is_empty()).ok_or(NO_ADDRESS)?,
                interval: seconds(interval, INTERVALS),
                lasts: seconds(lasts, LIVES),
            })
        }
        steps::Step::Open(steps::Page { address, callback }) => {
            if state.leaks(&address) {
                return Err(SHOWS_SECRET);
            }
            if callback.as_deref().is_some_and(|name| !is_parameter(name)) {
                return Err(NO_PARAMETER);
            }
            let address = url(&address)?;
            granted(state, &address)?;
            Step::Open(Page { address, callback })
        }
    })
}

/// The most bytes of a parameter's name.
const MAX_PARAMETER: usize = 64;

/// Returns true if a page may have a parameter of this name for the address to return to.
fn is_parameter(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (1..=MAX_PARAMETER).contains(&name.len()) && name.bytes().all(is_letter)
}

/// Returns a denial unless the server of a page was granted.
fn granted(state: &State, address: &BaseUrl) -> Result<(), Failure> {
    let origin = HttpOrigin::of(address);
    if state.call.grants.allow(Capability::Http, origin.as_str()) {
        return Ok(());
    }
    let wanted = origin.as_str().to_owned();
    Err(Failure::Denied(vec![Denial { capability: Capability::Http, wanted }]))
}

fn shown(address: &str) -> Result<String, Failure> {
    url(address).map(|url| url.expose().as_str().to_owned())
}

/// Returns an address that a browser opens: without a user, who is not the one of the page.
fn url(address: &str) -> Result<BaseUrl, Failure> {
    if address.len() > MAX_ADDRESS {
        return Err(NO_ADDRESS);
    }
    let url: BaseUrl = address.parse().map_err(|_| NO_ADDRESS)?;
    let parsed = url.expose();
    let has_user = !parsed.username().is_empty() || parsed.password().is_some();
    if has_user { Err(NO_ADDRESS) } else { Ok(url) }
}

fn seconds(seconds: u32, (least, most): (u32, u32)) -> Duration {
    Duration::from_secs(seconds.clamp(least, most).into())
}
