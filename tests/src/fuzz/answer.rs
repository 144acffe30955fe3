//! What a strategy gets of the answer of a server.
//!
//! A server is granted, and a stranger all the same. Its answer takes the path of every
//! answer: a component sends it the secret of its variable, and takes a token from what
//! comes back, or reads a description.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use orchestration_sandbox::{
    Call, Grant, Grants, HttpAnswer, HttpFault, HttpRequest, Limits, Strategy, Transport,
};
use serde_json::Value;

use super::loader::{VARIABLE, block_on, call, error, loaded, profile};
use super::{SECRET, assert_harmless};
use crate::guest::{Guest, Sends};

const ORIGIN: &str = "https://login.corp.example";

/// Bytes from here on, of which none occurs in UTF-8, are the secret in an answer.
const MARK: u8 = 0xF8;

static TAKES: LazyLock<Strategy> =
    LazyLock::new(|| strategy(&Sends::post(ORIGIN).with("token", "taken").takes("/access_token")));

static READS: LazyLock<Strategy> = LazyLock::new(|| {
    strategy(&Sends::post(ORIGIN).with("token", "taken").reads("/error_description"))
});

fn strategy(request: &Sends<'_>) -> Strategy {
    match loaded(&Guest::new().sends_variable(VARIABLE, request).build()) {
        Ok(strategy) => strategy,
        Err(reason) => unreachable!("the guest does not load: {reason}"),
    }
}

/// A server with one answer.
struct Answers(Vec<u8>);

impl Transport for Answers {
    fn send<'a, 'b>(
        &'a self,
        _: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpAnswer, HttpFault>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(ready(Ok(HttpAnswer {
            status: 200,
            body: self.0.clone().into(),
            retry_after: None,
        })))
    }
}

/// Returns how the strategy fails with this answer, as it is displayed, if it does.
fn failure(strategy: &Strategy, body: &[u8]) -> Option<String> {
    let limits = Limits { deadline: Duration::from_secs(60), ..Limits::default() };
    let call = Arc::new(Call {
        transport: Some(Arc::new(Answers(body.to_vec()))),
        grants: Grants::from_iter(ORIGIN.parse().ok().map(|origin| Grant::origin(&origin)))
            .to_take([VARIABLE.to_owned()]),
        ..(*call(SECRET, &limits)).clone()
    });
    let renewed = block_on(strategy.refresh_if_needed(call, profile()));
    renewed.err().map(|failure| {
        let displayed = error(&failure).to_string();
        assert_harmless(&displayed, &[SECRET]);
        displayed
    })
}

/// Asserts that a token is taken if serde_json finds one, that nothing that is displayed
/// has the secret, and that a description with it is not read.
///
/// `data` is the body of an answer, in which bytes from 0xF8 represent the secret.
pub fn answer(data: &[u8]) {
    let mut body = Vec::new();
    for byte in data {
        if *byte < MARK { body.push(*byte) } else { body.extend_from_slice(SECRET.as_bytes()) }
    }
    let taken = failure(&TAKES, &body).is_none();
    let read = failure(&READS, &body).unwrap_or_default();
    // What serde_json cannot hold, such as a huge number, may be JSON.
    let Ok(json) = serde_json::from_slice::<Value>(&body) else {
        return;
    };
    let is_small = body.len() <= 64 << 10;
    let has_token = match json.pointer("/access_token") {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Number(_) | Value::Bool(_)) => true,
        _ => false,
    };
    assert_eq!(taken, is_small && has_token, "{:?}", String::from_utf8_lossy(&body));
    if let Some(Value::String(text)) = json.pointer("/error_description")
        && is_small
        && text.len() <= 2 << 10
        && text.contains(SECRET)
    {
        assert!(read.contains("leak"), "{read:?}");
    }
}
