//! Scripted answers to the requests of a strategy.
//!
//! An author can't try a token exchange against a real server in CI, and a server of their
//! own is as much work as the strategy. So a case lists the requests that it expects, each
//! with its answer, and the strategy runs in the real sandbox with the script for a
//! network. The suite then replaces one answer after the other by what servers do on a bad
//! day: see [`Accident`].

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use orchestration_sandbox::{Grant, HttpAnswer, HttpFault, HttpRequest, Transport};
use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, HttpOrigin};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

/// One entry of `http` in a case: a request, and its answer.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    request: Expected,
    /// Texts that the body contains, e.g. `grant_type=refresh_token`.
    #[serde(default)]
    contains: Vec<String>,
    /// The header `Authorization`, e.g. `Bearer at-1234567890`.
    authorization: Option<String>,
    #[serde(default = "success")]
    status: u16,
    /// The body of the answer.
    json: Option<Value>,
    /// What happens instead of an answer.
    accident: Option<Accident>,
}

fn success() -> u16 {
    200
}

/// The method and the URL of a request, e.g. `POST https://login.example/token`.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
struct Expected {
    method: String,
    url: BaseUrl,
}

impl TryFrom<String> for Expected {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (method, url) = text.split_once(' ').ok_or("a request is a method and a URL")?;
        let url = url.parse().map_err(|_| "the URL of this request is not valid")?;
        Ok(Self { method: method.to_owned(), url })
    }
}

/// What can go wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Accident {
    /// There is no answer in time.
    Timeout,
    /// The server fails, with status 500.
    ServerError,
    /// The JSON is cut off.
    Truncated,
    /// The answer redirects to another host.
    Redirect,
    /// The answer has none of what it should.
    Empty,
    /// The answer repeats its texts in the description of an error.
    Echo,
}

impl Accident {
    pub(super) const ALL: [Self; 6] = [
        Self::Timeout,
        Self::ServerError,
        Self::Truncated,
        Self::Redirect,
        Self::Empty,
        Self::Echo,
    ];

    /// Returns what happened, in words that follow "after".
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Timeout => "no answer in time",
            Self::ServerError => "status 500",
            Self::Truncated => "truncated JSON",
            Self::Redirect => "a redirect",
            Self::Empty => "an answer without the expected fields",
            Self::Echo => "an answer that repeats its secrets",
        }
    }
}

impl Exchange {
    /// Returns the same exchange with an accident in place of its answer.
    pub(super) fn with(&self, accident: Accident) -> Self {
        Self { accident: Some(accident), ..self.clone() }
    }

    /// Returns the grant that the request needs.
    pub(super) fn grant(&self) -> Grant {
        Grant::origin(&HttpOrigin::of(&self.request.url))
    }

    /// Returns how `request` differs from the expected one. It shows no value.
    fn difference(&self, request: &HttpRequest) -> Option<String> {
        let Expected { method, url } = &self.request;
        if request.method != method || request.url != *url {
            let sent = &request.url;
            return Some(format!("it sends {} {sent} instead of {method} {url}", request.method));
        }
        let is_sent = |expected: &String| {
            let is_wanted = |name: &str| name.eq_ignore_ascii_case("authorization");
            let named = request.headers.iter().find(|(name, _)| is_wanted(name));
            named.is_some_and(|(_, sent)| sent.expose() == expected.as_str())
        };
        if self.authorization.as_ref().is_some_and(|expected| !is_sent(expected)) {
            return Some(format!("{method} {url} has another Authorization"));
        }
        let body = request.body.as_ref().map(Secret::expose).unwrap_or_default();
        let lacks = self.contains.iter().any(|text| !body.contains(text.as_str()));
        lacks.then(|| format!("the body of {method} {url} lacks a text of `contains`"))
    }

    fn answer(&self) -> Result<HttpAnswer, HttpFault> {
        let json = self.json.as_ref().map(Value::to_string).unwrap_or_default();
        let (status, body) = match self.accident {
            None => (self.status, json),
            Some(Accident::Timeout) => return Err(HttpFault::Timeout),
            Some(Accident::Redirect) => {
                return Err(HttpFault::Redirect("https://elsewhere.example".to_owned()));
            }
            Some(Accident::ServerError) => (500, r#"{"error": "server_error"}"#.to_owned()),
            Some(Accident::Truncated) => {
                (self.status, json.chars().take(json.chars().count() / 2).collect())
            }
            Some(Accident::Empty) => (self.status, "{}".to_owned()),
            Some(Accident::Echo) => (self.status, self.echo()),
        };
        let body = Zeroizing::new(body.into_bytes());
        Ok(HttpAnswer { status, body, retry_after: None })
    }

    /// Returns the answer with each of its texts in `error_description` too.
    fn echo(&self) -> String {
        let Some(Value::Object(fields)) = &self.json else {
            return String::new();
        };
        let texts: Vec<&str> = fields.values().filter_map(Value::as_str).collect();
        let mut fields = fields.clone();
        fields.insert("error_description".to_owned(), texts.join(" ").into());
        Value::Object(fields).to_string()
    }
}

/// A network on which each request gets the next answer of a case.
pub(super) struct Script {
    exchanges: Vec<Exchange>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    sent: usize,
    difference: Option<String>,
}

impl Script {
    pub(super) fn new(exchanges: &[Exchange]) -> Arc<Self> {
        Arc::new(Self { exchanges: exchanges.to_vec(), progress: Mutex::default() })
    }

    /// Returns how many requests there were.
    pub(super) fn sent(&self) -> usize {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).sent
    }

    /// Returns how the requests so far differ from the script, if they do.
    pub(super) fn difference(&self) -> Option<String> {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let unsent = self.exchanges.get(progress.sent).map(|exchange| {
            let Expected { method, url } = &exchange.request;
            format!("it does not send {method} {url}")
        });
        progress.difference.clone().or(unsent)
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, HttpFault> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.exchanges.get(progress.sent);
        let difference = match next {
            Some(exchange) => exchange.difference(&request),
            None => Some(format!("it sends {} {}, unexpectedly", request.method, request.url)),
        };
        progress.sent += 1;
        match (next, difference) {
            (Some(exchange), None) => exchange.answer(),
            (_, difference) => {
                progress.difference = progress.difference.take().or(difference);
                Err(HttpFault::Unreachable("the case has no such request".to_owned()))
            }
        }
    }
}
