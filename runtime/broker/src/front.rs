//! Decides what a request of a client is for, and whether it may.
//!
//! Whatever listens on this machine can be reached by every program on it, and by web pages
//! in its browser: a page may resolve its own name to 127.0.0.1. So a request has to be for
//! an address that is the broker's, must not come from a page, and has to show a pass that is
//! good for the profile, before anything is done for it.

use std::cell::OnceCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{HOST, HeaderName, HeaderValue, ORIGIN, UPGRADE};
use hyper::{Method, Request, Response, Version};

use crate::activity::Activity;
use crate::answer::{AnswerBody, Content, whole};
use crate::credentials;
use crate::ext_authz::Question;
use crate::headers::{has_token, values};
use crate::host::LastHost;
use crate::limits::CONNECTIONS_PER_PASS;
use crate::operation::Operation;
use crate::pass::Pass;
use crate::pool::Pool;
use crate::proxy;
use crate::rarely::rarely;
use crate::record::Recording;
use crate::refusal::Refusal;
use crate::served::{Connected, Served, ServedProfile, Shared};
use crate::shown::pass_of;
use crate::target::LastTarget;
use crate::upstream::Upstream;

/// Tells the clients of OpenAI and Anthropic not to try again.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// One connection of a client.
pub(crate) struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: Rc<Pool>,
    pub(crate) access: Access,
    pub(crate) activity: Rc<Activity>,
    pub(crate) last_host: LastHost,
    pub(crate) last_target: LastTarget,
    /// The pass that this connection is counted for.
    pub(crate) connected: OnceCell<Connected>,
}

/// How a client has come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Over TCP, as any program of this machine can.
    Tcp,
    /// Over TLS, with a certificate that no web page has.
    Tls,
    /// Over a socket that only this user can open.
    OwnSocket,
}

/// What a request is for.
enum Face<'a> {
    Operation(Operation),
    /// A profile, and the path below its base URL.
    Profile(&'a str, &'a str),
    /// A profile whose credential a proxy asks for.
    ExtAuthz(&'a str),
    /// A profile whose credential is to be handed out.
    Credentials(&'a str),
}

impl Client {
    /// Answers one request.
    pub(crate) async fn answer(
        self: Rc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        self.activity.asked(request.version() == Version::HTTP_2);
        let (watchers, activity) = (Arc::clone(&self.shared.watchers), Rc::clone(&self.activity));
        let recording = Recording::new(request.method(), request.uri(), watchers, activity);
        let mut recording = Box::new(recording);
        let answer = match self.admitted(&request, &mut recording) {
            Ok(Admitted::Operated(operation)) => Ok(operation.answered(&self.shared)),
            Ok(Admitted::Asked(upstream, question)) => {
                rarely(question.answered(&upstream, &mut recording)).await
            }
            Ok(Admitted::Fetched(upstream)) => match self.shared.exposed() {
                Some(document) => rarely(credentials::answered(document, &upstream)).await,
                None => Err(Refusal::NotExposed),
            },
            Ok(Admitted::Passed(upstream, target)) => {
                proxy::forward(&self.pool, &upstream, request, target, &mut recording).await
            }
            Err(refusal) => Err(refusal),
        };
        let answer = answer.unwrap_or_else(|refusal| refused(&refusal, &mut recording));
        recording.status(answer.status());
        Ok(answer.map(|content| AnswerBody::new(content, recording)))
    }

    /// Decides whether the request may be answered, and by whom.
    fn admitted(
        &self,
        request: &Request<Incoming>,
        recording: &mut Recording,
    ) -> Result<Admitted, Refusal> {
        let uri = request.uri();
        if request.method() == Method::CONNECT {
            return Err(Refusal::Method("CONNECT".to_owned()));
        }
        // In HTTP/2 every request names its host in this way.
        if uri.authority().is_some() && request.version() < hyper::Version::HTTP_2 {
            return Err(Refusal::NotAPath);
        }
        let served = self.shared.served();
        let (name, rest) = match Face::of(uri.path()).ok_or(Refusal::NoSuchPath)? {
            Face::Operation(operation) => {
                if !operation.is_served(&self.shared) {
                    return Err(Refusal::NoSuchPath);
                }
                if !operation.is_probe() {
                    self.check_place(request)?;
                }
                return Ok(Admitted::Operated(operation));
            }
            // The host is the one that the proxy's client asked, and the client shows its pass
            // to the proxy.
            Face::ExtAuthz(name) => {
                self.check_exposed()?;
                let upstream = self.allowed(&served, request, name, recording)?;
                return Ok(Admitted::Asked(upstream, Question::of(request.headers())));
            }
            Face::Credentials(name) => {
                self.check_exposed()?;
                self.check_place(request)?;
                return Ok(Admitted::Fetched(self.allowed(&served, request, name, recording)?));
            }
            Face::Profile(name, rest) => (name, rest),
        };
        self.check_place(request)?;
        let upstream = self.allowed(&served, request, name, recording)?;
        if values(request.headers(), &UPGRADE).any(|value| has_token(value, "websocket")) {
            return Err(Refusal::WebSocket);
        }
        let (base, id) = (upstream.base(), upstream.id());
        let target = self.last_target.of(base, id, rest, uri.query());
        Ok(Admitted::Passed(upstream, target.map_err(Refusal::Path)?))
    }

    /// Checks that keys may be handed out. A client with a pass uses a key and never has it,
    /// unless the broker was started to hand keys out.
    fn check_exposed(&self) -> Result<(), Refusal> {
        if self.shared.exposed().is_some() { Ok(()) } else { Err(Refusal::NotExposed) }
    }

    /// Checks that the request is for this machine and not of a web page.
    fn check_place(&self, request: &Request<Incoming>) -> Result<(), Refusal> {
        let is_here = |host| self.last_host.is_of_this_machine(host);
        let target = request.uri().authority().map(|host| is_here(host.as_str().as_bytes()));
        let (mut is_named, mut all_here) = (target.is_some(), target.unwrap_or(true));
        for (name, value) in request.headers() {
            if *name == ORIGIN {
                return Err(Refusal::WebPage);
            }
            if *name == HOST {
                is_named = true;
                all_here &= is_here(value.as_bytes());
            }
        }
        match self.access {
            Access::Tcp if !(is_named && all_here) => Err(Refusal::OtherHost),
            Access::Tcp | Access::Tls | Access::OwnSocket => Ok(()),
        }
    }

    /// Returns the server of the profile, if the client may use it.
    fn allowed(
        &self,
        served: &Served,
        request: &Request<Incoming>,
        name: &str,
        recording: &mut Recording,
    ) -> Result<Arc<Upstream>, Refusal> {
        let needs_pass = self.access != Access::OwnSocket || !served.passes.is_empty();
        if needs_pass {
            let pass = pass_of(&served.passes, request.headers(), request.uri())?;
            recording.of_pass(pass.id());
            if !pass.is_for(name) {
                return Err(Refusal::OtherProfile { profile: sanitized(name) });
            }
            self.count(pass)?;
        }
        let profile = served.upstreams.get(name);
        let ServedProfile { upstream, counts } =
            profile.ok_or_else(|| Refusal::NotServed { profile: sanitized(name) })?;
        recording.of_profile(upstream.profile(), counts);
        Ok(Arc::clone(upstream))
    }

    /// Counts the connection for the first pass that it shows.
    fn count(&self, pass: &Pass) -> Result<(), Refusal> {
        if self.connected.get().is_some_and(|connected| connected.is_of(pass)) {
            return Ok(());
        }
        let most = CONNECTIONS_PER_PASS;
        let connected = self.shared.connection(pass).ok_or(Refusal::TooMany { most })?;
        drop(self.connected.set(connected));
        Ok(())
    }
}

/// What is done for a request.
enum Admitted {
    Operated(Operation),
    Asked(Arc<Upstream>, Question),
    Fetched(Arc<Upstream>),
    Passed(Arc<Upstream>, hyper::http::uri::PathAndQuery),
}

impl<'a> Face<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if let Some(operation) = Operation::at(path) {
            return Some(Self::Operation(operation));
        }
        let of_profile = |prefix| {
            let path: &str = path.strip_prefix(prefix)?;
            Some(path.split_at(path.find('/').unwrap_or(path.len())))
        };
        if let Some((profile, _)) = of_profile("/envoy/") {
            return Some(Self::ExtAuthz(profile));
        }
        if let Some(profile) = path.strip_prefix("/v1/credentials/") {
            return Some(Self::Credentials(profile));
        }
        let (profile, rest) = of_profile("/p/")?;
        Some(Self::Profile(profile, rest))
    }
}

fn sanitized(name: &str) -> String {
    orchestration_support::redact::sanitize(name, [])
}

#[cold]
fn refused(refusal: &Refusal, recording: &mut Recording) -> Response<Content> {
    recording.refused(refusal);
    let mut answer = whole(refusal.status(), "application/json", refusal.body());
    if !refusal.may_pass() {
        answer.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    answer
}
