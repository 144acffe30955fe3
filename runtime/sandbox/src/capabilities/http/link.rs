//! The function of the interface `http`.

use std::sync::Arc;
use std::time::Instant;

use orchestration_support::Secret;
use orchestration_support::url::{BaseUrl, HttpOrigin};
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use super::answer::{Found, Response, Rights};
use super::request::{MAX_BYTES, Prepared, Wanted, Wiped, url};
use super::transport::{HttpAnswer, HttpFault, HttpRequest};
use super::{INTERFACE, fault};
use crate::audit::Exchange;
use crate::bindings::orchestration::auth::http as wit;
use crate::bindings::orchestration::auth::http::HttpError;
use crate::capabilities::reveal;
use crate::capabilities::secrets::{Broken, Held, Roots};
use crate::given::Given;
use crate::grants::Capability;
use crate::state::State;

/// The interface in audit events.
const NAME: &str = "http";

/// Why a strategy gets no answer.
enum Ended {
    /// The request failed.
    Request(HttpError),
    /// The call is stopped.
    Call(Broken),
}

impl From<HttpError> for Ended {
    fn from(error: HttpError) -> Self {
        Self::Request(error)
    }
}

impl From<Broken> for Ended {
    fn from(broken: Broken) -> Self {
        Self::Call(broken)
    }
}

/// Links the interface.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap_async(
        "send",
        |mut store: StoreContextMut<'_, State>, (request,): (wit::Request,)| {
            let request = Wiped(request);
            Box::new(async move {
                match send(store.data_mut(), &request).await {
                    Ok(response) => Ok((Ok(response),)),
                    Err(Ended::Request(error)) => Ok((Err(error),)),
                    Err(Ended::Call(broken)) => Err(broken.into()),
                }
            })
        },
    )
}

/// Sends a request, if that is granted, and records what became of it.
async fn send(state: &mut State, request: &Wiped) -> Result<Response, Ended> {
    let url = url(&request.0.url).inspect_err(|_| _ = state.calls(NAME))?;
    let origin = HttpOrigin::of(&url);
    if !state.is_alone {
        state.stays_offline(NAME, origin.as_str());
        return Err(HttpError::Offline.into());
    }
    state.grant(Capability::Http, NAME, origin.as_str()).ok_or(HttpError::Denied)?;
    let mut exchange = Exchange::of(&request.0.method, &url, request.named());
    let outcome = try_send(state, request, url, &mut exchange).await;
    if let (Err(Ended::Request(error)), None) = (&outcome, &exchange.error) {
        exchange.error = Some(fault::name(*error).to_owned());
    }
    state.exchanged(exchange);
    outcome
}

async fn try_send(
    state: &mut State,
    request: &Wiped,
    url: BaseUrl,
    exchange: &mut Exchange,
) -> Result<Response, Ended> {
    let secrets = &mut state.per_call.secrets;
    let Prepared { method, url, headers, body, wanted } = Prepared::of(&request.0, url, secrets)?;
    // An answer is made of what it was given for, too: a token of the secret that bought it.
    let sent: Vec<&Held> =
        request.named().into_iter().filter_map(|name| secrets.get(name)).collect();
    let texts = sent.iter().map(|held| Secret::from(held.text())).collect();
    let sent = sent.into_iter().fold(Roots::default(), |sum, held| sum.and(held.roots()));
    let roots = sent.and(secrets.root(Given::Answer(exchange.origin.as_str().into())));
    let time = state.per_call.http.next(&state.call.limits).map_err(|_| HttpError::Limit)?;
    let request = HttpRequest {
        method,
        url,
        headers,
        body,
        time,
        max_answer: MAX_BYTES,
        secrets: texts,
        taken: wanted.take.iter().map(|(pointer, _)| pointer.clone()).collect(),
    };
    let answer = match answer(state, request).await {
        Ok(answer) => answer,
        Err(fault) => {
            exchange.error = Some(fault::in_words(&fault));
            let error = fault::error(&fault);
            state.per_call.http.failed(&exchange.origin, fault);
            return Err(error.into());
        }
    };
    state.per_call.http.answered(&answer);
    exchange.status = Some(answer.status);
    let response = response(state, &answer, &wanted, roots)?;
    exchange.taken = response.taken.iter().map(|name| name.to_string()).collect();
    Ok(response)
}

/// Sends a request and waits for its answer, for as long as it may take.
async fn answer(state: &mut State, request: HttpRequest) -> Result<HttpAnswer, HttpFault> {
    let Some(transport) = state.call.transport.clone() else {
        return Err(HttpFault::Unreachable("this call has no network".to_owned()));
    };
    let answer = async {
        let (started, time) = (Instant::now(), request.time);
        let answer = tokio::time::timeout(time, transport.send(request)).await;
        (answer.unwrap_or(Err(HttpFault::Timeout)), started.elapsed())
    };
    let (answer, took) = Arc::clone(state.meter.clock()).wait_elsewhere(answer).await;
    state.per_call.http.took(took);
    let is_small = |answer: &HttpAnswer| answer.body.len() <= MAX_BYTES;
    answer.and_then(|answer| if is_small(&answer) { Ok(answer) } else { Err(HttpFault::TooLarge) })
}

/// Takes from an answer, which is made of `roots`, what the strategy wants of it.
fn response(
    state: &mut State,
    answer: &HttpAnswer,
    wanted: &Wanted<'_>,
    roots: Roots,
) -> Result<Response, Ended> {
    let grants = &state.call.grants;
    let rights = Rights {
        reveal: grants.allow(Capability::Reveal, reveal::NAME),
        grants: &|pointer| grants.allow(Capability::Readable, pointer),
    };
    let secrets = &state.per_call.secrets;
    let Found { read, unreadable, taken } = Found::of(&answer.body, wanted, &rights, secrets)?;
    for pointer in &unreadable {
        state.deny(Capability::Readable, NAME, pointer);
    }
    let shared = |text: &&str| Arc::from(*text);
    let mut response = Response {
        status: answer.status,
        read: Vec::with_capacity(read.len()),
        unreadable: unreadable.iter().map(shared).collect(),
        taken: taken.iter().map(|(name, _)| shared(name)).collect(),
    };
    for (name, held) in taken {
        state.per_call.secrets.put(name, held.of(roots))?;
    }
    for (pointer, reading) in read {
        response.read.push((shared(&pointer), reading.text.shared()));
        if reading.is_revealed {
            state.per_call.secrets.reveal(&reading.text.of(roots));
        }
    }
    Ok(response)
}
