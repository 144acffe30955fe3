//! A server before a provider of identities that spoils its answers, as a network, a proxy
//! or a broken server would.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::identity::IdentityProvider;
use crate::server::{Request, Server, status};

/// What happens to one request for a token.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The provider is not asked, and this is the answer.
    Instead(String),
    /// The provider is not asked, and no answer comes.
    Hang,
    /// The provider answers, and the connection ends before its answer is passed on.
    Lost,
    /// The provider answers, and half of the body is passed on.
    Half,
    /// The provider answers, and this changes the body.
    Changed(fn(&mut Value)),
    /// The provider answers, and the body is passed on with this content type.
    Typed(&'static str),
}

/// The server and the provider behind it. Both end when this is dropped.
pub struct FaultProxy {
    server: Server,
    provider: IdentityProvider,
    plan: Arc<Plan>,
}

#[derive(Default)]
struct Plan {
    provider: OnceLock<String>,
    faults: Mutex<VecDeque<Fault>>,
    is_over: Mutex<bool>,
    over: Condvar,
}

impl FaultProxy {
    /// Starts both, with access tokens that last this many seconds. A user who signs in with
    /// a code is asked about every second. Returns `None` where the provider is not
    /// installed.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn start(access_seconds: u32) -> Option<Self> {
        let plan = Arc::<Plan>::default();
        let planned = Arc::clone(&plan);
        let server = Server::with(move |request, stream| planned.answer(request, stream));
        let issuer = format!("http://{}", server.host());
        let provider = IdentityProvider::start_behind(issuer, access_seconds)?;
        plan.provider.get_or_init(|| provider.host().to_owned());
        Some(Self { server, provider, plan })
    }

    /// Spoils the next request for a token that is not spoilt yet.
    pub fn spoil(&self, fault: Fault) {
        locked(&self.plan.faults).push_back(fault);
    }

    /// Returns how many requests for a token there were.
    pub fn token_requests(&self) -> usize {
        self.server.requests().iter().filter(|request| is_for_token(request)).count()
    }

    /// Returns its host and its port.
    pub fn host(&self) -> String {
        self.server.host()
    }

    /// Returns the provider.
    pub fn provider(&self) -> &IdentityProvider {
        &self.provider
    }
}

impl Plan {
    fn answer(&self, request: &Request, stream: &mut dyn Write) -> io::Result<()> {
        if request.line.starts_with("POST /device/auth ") {
            let quick = |body: &mut Value| body["interval"] = 1.into();
            return stream.write_all(changed(&self.ask(request)?, quick).as_bytes());
        }
        let fault = is_for_token(request).then(|| locked(&self.faults).pop_front()).flatten();
        let answer = match fault {
            None => self.ask(request)?,
            Some(Fault::Instead(answer)) => answer,
            Some(Fault::Changed(change)) => changed(&self.ask(request)?, change),
            Some(Fault::Typed(content_type)) => {
                status("200 OK", &[("content-type", content_type)], body(&self.ask(request)?))
            }
            Some(Fault::Half) => {
                let answer = self.ask(request)?;
                let half = body(&answer).split_at(body(&answer).len() / 2).0;
                status("200 OK", &[("content-type", "application/json")], half)
            }
            Some(Fault::Lost) => return self.ask(request).map(drop),
            Some(Fault::Hang) => {
                let is_over = locked(&self.is_over);
                drop(self.over.wait_while(is_over, |is_over| !*is_over));
                return Ok(());
            }
        };
        stream.write_all(answer.as_bytes())
    }

    /// Asks the provider, and returns its whole answer.
    fn ask(&self, request: &Request) -> io::Result<String> {
        let provider = self.provider.get().ok_or(io::ErrorKind::NotConnected)?;
        let mut connection = TcpStream::connect(provider)?;
        let headers = request.headers.iter().filter(|(name, _)| name != "connection");
        let headers: String = headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let Request { line, body, .. } = request;
        write!(connection, "{line}\r\n{headers}connection: close\r\n\r\n{body}")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        *locked(&self.plan.is_over) = true;
        self.plan.over.notify_all();
    }
}

fn is_for_token(request: &Request) -> bool {
    request.line.starts_with("POST /token ")
}

/// Returns a successful answer with another body.
fn changed(answer: &str, change: impl FnOnce(&mut Value)) -> String {
    assert!(answer.starts_with("HTTP/1.1 200 "), "there is nothing to change: {answer}");
    let mut json = serde_json::from_str(body(answer)).expect("the provider answers in JSON");
    change(&mut json);
    status("200 OK", &[("content-type", "application/json")], &json.to_string())
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
