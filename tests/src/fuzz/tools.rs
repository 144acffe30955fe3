//! The tools that read secrets of strangers: tokens whose claims are shown, and private
//! keys.
//!
//! Strategies reach them through the sandbox, and so do these properties: a component
//! takes the secret from its variable and uses the tools.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use orchestration_sandbox::{Limits, Strategy};
use serde_json::Value;

use super::assert_plain;
use super::json::is_limited;
use super::loader::{VARIABLE, block_on, call, error, loaded, profile};
use crate::guest::{Export, Guest, Piece, Tool, outcomes};

/// The algorithms by number, and the bytes of their signatures.
const HS256: u8 = 0;
const ALGORITHMS: [(u8, std::ops::RangeInclusive<usize>); 4] =
    [(HS256, 32..=32), (1, 256..=512), (2, 64..=64), (3, 64..=64)];

/// The most bytes of a token that is looked into.
const MAX_TOKEN: usize = 64 << 10;

static SHOWS_CLAIMS: LazyLock<Strategy> =
    LazyLock::new(|| strategy(&Guest::new().shows_claims(VARIABLE)));

/// Tries the key with every algorithm.
static TRIES: LazyLock<Strategy> = LazyLock::new(|| {
    let signs = ALGORITHMS.map(|(algorithm, _)| sign(algorithm));
    let tools = [&[Tool::Take(VARIABLE, "key")][..], &signs].concat();
    strategy(&Guest::new().tries(Export::GetCredentials, &tools))
});

/// Answer with a signature, each with one algorithm.
static SIGN: LazyLock<[Strategy; 4]> = LazyLock::new(|| {
    ALGORITHMS.map(|(algorithm, _)| {
        let tools = [Tool::Take(VARIABLE, "key"), sign(algorithm)];
        strategy(&Guest::new().uses(&tools, "made"))
    })
});

fn sign(algorithm: u8) -> Tool<'static> {
    Tool::Sign("key", algorithm, &[Piece::Text("message")], "made")
}

fn strategy(guest: &Guest) -> Strategy {
    match loaded(&guest.clone().build()) {
        Ok(strategy) => strategy,
        Err(reason) => unreachable!("the guest does not load: {reason}"),
    }
}

/// Returns the key that a strategy answers with, or the outcomes that it reports; `None` if a
/// part of the report is hidden, since the secret has it, too.
fn ask(strategy: &Strategy, value: &str) -> Option<Result<String, Vec<&'static str>>> {
    let limits = Limits { deadline: Duration::from_secs(60), ..Limits::default() };
    match block_on(strategy.get_credentials(call(value, &limits), profile())) {
        Ok(credentials) => {
            let key = credentials.values().next();
            Some(Ok(key.map(|(_, secret)| secret.expose().to_owned()).unwrap_or_default()))
        }
        Err(failure) => {
            let displayed = error(&failure).to_string();
            assert_plain(&displayed);
            (!displayed.contains("***")).then(|| Err(outcomes(&displayed)))
        }
    }
}

/// Asserts that the claims of a token are its payload if it is a signed JWT, and that
/// nothing is shown of any other text.
///
/// `data` is a token, or after `J`, the header, the payload and the signature, separated by
/// zeros, of which a token is made.
pub fn token(data: &[u8]) {
    let token = match data.split_first() {
        Some((b'J', parts)) => {
            let parts = parts.split(|byte| *byte == 0);
            parts.map(|part| URL_SAFE_NO_PAD.encode(part)).collect::<Vec<_>>().join(".")
        }
        _ => String::from_utf8_lossy(data).into_owned(),
    };
    if token.trim().is_empty() {
        return;
    }
    if token.trim().split('.').filter_map(decoded).any(|part| is_limited(&part)) {
        return;
    }
    let Some(shown) = ask(&SHOWS_CLAIMS, &token) else { return };
    match (payload(&token), shown) {
        (None, shown) => assert_eq!(shown, Err(vec!["malformed"]), "{token:?}"),
        // A token that contains itself, or the explicit key, by chance.
        (Some(_), Err(outcomes)) => assert_eq!(outcomes, ["leak"], "{token:?}"),
        (Some(payload), Ok(claims)) => {
            assert_eq!(claims, payload);
            assert!(!claims.contains(token.trim()), "the token is in its claims");
        }
    }
}

/// Returns the payload of a signed JWT.
fn payload(token: &str) -> Option<String> {
    let token = Some(token.trim()).filter(|token| token.len() <= MAX_TOKEN)?;
    let parts: Vec<&str> = token.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else {
        return None;
    };
    let (header, payload) = (decoded(header)?, decoded(payload)?);
    let algorithm = serde_json::from_str::<Value>(&header).ok()?;
    let algorithm = algorithm.get("alg")?;
    let names_one = algorithm.is_string() || algorithm.is_number() || algorithm.is_boolean();
    let is_object = serde_json::from_str::<Value>(&payload).ok()?.is_object();
    let is_signed = !URL_SAFE_NO_PAD.decode(signature).ok()?.is_empty();
    (names_one && is_object && is_signed).then_some(payload)
}

/// Returns the text of a part of a token.
fn decoded(part: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Asserts that a text is a key for HMAC if it is long enough, and for at most one of the
/// other algorithms, whatever blanks are around it, and that what it signs is a signature.
///
/// `data` is a key as PEM or JWK, or after `8`, `1` or `S`, one in DER in the format PKCS
/// #8, PKCS #1 or SEC 1.
pub fn key(data: &[u8]) {
    let key = key_text(data);
    if key.trim().is_empty() {
        return;
    }
    let Some(outcomes) = signed(&key) else { return };
    let outcome = |good| if good { "ok" } else { "bad-key" };
    assert_eq!(outcomes.first(), Some(&outcome(key.len() >= 32)), "{key:?}");
    let others = outcomes.get(1..).unwrap_or_default();
    let good = others.iter().filter(|outcome| **outcome == "ok").count();
    let bad = others.iter().filter(|outcome| **outcome == "bad-key").count();
    assert!(good <= 1 && good + bad == 3, "{outcomes:?}: {key:?}");
    let Some(around) = signed(&format!("\n {key} \n")) else { return };
    assert_eq!(around.get(1..), Some(others), "blanks around {key:?}");

    let algorithms = ALGORITHMS.iter().zip(SIGN.iter()).zip(outcomes);
    for (((_, bytes), strategy), outcome) in algorithms.filter(|(_, outcome)| *outcome == "ok") {
        let signature = ask(strategy, &key).and_then(Result::ok).unwrap_or_default();
        let decoded = URL_SAFE_NO_PAD.decode(&signature).unwrap_or_default();
        assert!(bytes.contains(&decoded.len()), "{outcome}: {signature}");
    }
}

/// Returns the key that `data` represents.
pub(super) fn key_text(data: &[u8]) -> String {
    match data.split_first() {
        Some((b'8', der)) => pem("PRIVATE KEY", der),
        Some((b'1', der)) => pem("RSA PRIVATE KEY", der),
        Some((b'S', der)) => pem("EC PRIVATE KEY", der),
        _ => String::from_utf8_lossy(data).into_owned(),
    }
}

/// Returns the outcomes of signing with each algorithm: HS256, RS256, ES256, EdDSA; `None` if
/// they are hidden.
pub(super) fn signed(key: &str) -> Option<Vec<&'static str>> {
    let mut outcomes = ask(&TRIES, key)?.err().unwrap_or_default();
    assert_eq!((outcomes.len(), outcomes.first()), (5, Some(&"ok")));
    outcomes.remove(0);
    Some(outcomes)
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
