//! Tests of what a request may contain, and of what comes back of an answer. That nothing
//! else reaches the network, or the strategy, is tested through the front door.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use super::answer::{Found, Rights};
use super::request::{Prepared, Wiped, url};
use crate::bindings::orchestration::auth::http::{Encoding, HttpError, Request};
use crate::bindings::orchestration::auth::types::Part;
use crate::capabilities::secrets::{Held, Table};

const TOKEN: &str = "gho_3f9aQ7xW1zTn5kLb8VeYpR2cUdJh6mXs";

fn secrets() -> Table {
    let mut table = Table::default();
    let lines = format!("{TOKEN}\n");
    for (name, text) in [("token", TOKEN), ("file", &lines), ("two-lines", "a\r\nX-Evil: 1")] {
        table.put(name, Held::found(Arc::from(text))).unwrap();
    }
    table
}

fn request() -> Request {
    Request {
        method: "POST".to_owned(),
        url: "https://login.example/token".to_owned(),
        headers: Vec::new(),
        authorization: None,
        encoding: Encoding::Form,
        fields: Vec::new(),
        read: Vec::new(),
        take: Vec::new(),
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn secret(name: &str) -> Part {
    Part::Secret(name.to_owned())
}

/// Returns the headers and the body that would be sent.
fn sent(request: Request) -> Result<(Vec<String>, String), HttpError> {
    let request = Wiped(request);
    let url = url(&request.0.url)?;
    let prepared = Prepared::of(&request.0, url, &secrets())?;
    let headers = prepared.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}: {}", value.expose())).collect();
    let body = prepared.body.map(|body| body.expose().to_owned()).unwrap_or_default();
    Ok((headers, body))
}

#[test]
fn secrets_go_into_headers_and_fields_by_name() {
    let fields = vec![("code".to_owned(), secret("token")), ("a b".to_owned(), text("c&d"))];
    let headers = vec![("X-Team".to_owned(), text("search")), ("X-Key".to_owned(), secret("file"))];
    let authorization = Some(("Bearer".to_owned(), "file".to_owned()));
    let form = Request { fields, headers, authorization, ..request() };
    let json = Request { encoding: Encoding::Json, ..form.clone() };
    let headers = |kind: &str| {
        vec![
            "accept: application/json".to_owned(),
            "x-team: search".to_owned(),
            // Without the line break at the end of a file.
            format!("x-key: {TOKEN}"),
            format!("authorization: Bearer {TOKEN}"),
            format!("content-type: {kind}"),
        ]
    };
    let body = format!("code={TOKEN}&a+b=c%26d");
    assert_eq!(sent(form), Ok((headers("application/x-www-form-urlencoded"), body)));
    let body = format!(r#"{{"code":"{TOKEN}","a b":"c&d"}}"#);
    assert_eq!(sent(json), Ok((headers("application/json"), body)));
}

#[test]
fn a_request_that_says_more_than_it_seems_to_is_malformed() {
    let header =
        |name: &str, value: Part| Request { headers: vec![(name.to_owned(), value)], ..request() };
    let with_url = |url: &str| Request { url: url.to_owned(), ..request() };
    let with_scheme = |scheme: &str, name: &str| Request {
        authorization: Some((scheme.to_owned(), name.to_owned())),
        ..request()
    };
    let field = vec![("a".to_owned(), text("b"))];
    let cases = [
        header("X-Team", text("a\r\nX-Evil: 1")),
        header("X-Team", text("a\n")),
        header("X-Team", text("\u{e4}")),
        header("X-Team", secret("two-lines")),
        header("X-Team\r\nX-Evil", text("1")),
        header("", text("1")),
        header("Host", text("evil.example")),
        header("Content-Length", text("0")),
        header("Transfer-Encoding", text("chunked")),
        header("Connection", text("X-Team")),
        header("Proxy-Authorization", text("x")),
        header("Authorization", text("x")),
        header("Cookie", text("x")),
        header("Referer", text("x")),
        header("Accept", text("x")),
        header("Accept-Encoding", text("gzip")),
        header("Content-Type", text("x")),
        Request {
            headers: vec![("X-Team".to_owned(), text("a")), ("x-team".to_owned(), text("b"))],
            ..request()
        },
        with_scheme("Bearer x\r\nX-Evil:", "token"),
        with_scheme("", "token"),
        with_scheme("Bearer", "two-lines"),
        Request { method: "CONNECT".to_owned(), ..request() },
        Request { method: "post".to_owned(), ..request() },
        Request { method: "POST / HTTP/1.1\r\n".to_owned(), ..request() },
        Request { method: "GET".to_owned(), fields: field.clone(), ..request() },
        Request { encoding: Encoding::Json, fields: [field.clone(), field].concat(), ..request() },
        with_url(""),
        with_url("login.example/token"),
        with_url("ftp://login.example/token"),
        with_url("https://me@login.example/token"),
        with_url("https://login.example@evil.example/token"),
        with_url("https://evil.example\\@login.example/token"),
        with_url("https://login.example/token#x"),
        with_url("https://login.example/a/../token"),
        with_url("https://login.example/to ken"),
        with_url("https://login.example/token\r\nX-Evil: 1"),
        with_url("https://login\u{3002}example/token"),
        with_url("https://login.example:99999/token"),
    ];
    for request in cases {
        assert_eq!(sent(request.clone()), Err(HttpError::Malformed), "{request:?}");
    }
}

#[test]
fn a_secret_that_does_not_exist_is_not_sent_as_nothing() {
    let name = || "missing".to_owned();
    for request in [
        Request { headers: vec![("x-key".to_owned(), secret("missing"))], ..request() },
        Request { fields: vec![("a".to_owned(), secret("missing"))], ..request() },
        Request { authorization: Some(("Bearer".to_owned(), name())), ..request() },
    ] {
        assert_eq!(sent(request), Err(HttpError::NoSecret));
    }
}

#[test]
fn a_url_with_a_secret_is_never_sent() {
    let percent: String = TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for query in [TOKEN.to_owned(), percent, format!("x={TOKEN}&y")] {
        let request = Request { url: format!("https://login.example/?{query}"), ..request() };
        assert_eq!(sent(request), Err(HttpError::Leak), "{query}");
    }
}

#[test]
fn a_request_has_at_most_64_kib() {
    let with_bytes = |bytes: usize| Request {
        fields: vec![("a".to_owned(), text(&"x".repeat(bytes)))],
        ..request()
    };
    assert!(sent(with_bytes(65_000)).is_ok());
    assert_eq!(sent(with_bytes(65_536)), Err(HttpError::TooLarge));
    assert_eq!(sent(with_bytes(1 << 20)), Err(HttpError::TooLarge));
    // Each character takes three bytes in a form.
    let encoded = vec![("a".to_owned(), text(&"&".repeat(22_000)))];
    assert_eq!(sent(Request { fields: encoded, ..request() }), Err(HttpError::TooLarge));
    let headers = vec![("x-a".to_owned(), text(&"x".repeat(66_000)))];
    assert_eq!(sent(Request { headers, ..request() }), Err(HttpError::TooLarge));
}

/// Returns a request that reads and takes at these pointers.
fn wants(read: &[&str], take: &[&str]) -> Request {
    Request {
        read: read.iter().map(|&pointer| pointer.to_owned()).collect(),
        take: take.iter().map(|&pointer| (pointer.to_owned(), pointer.to_owned())).collect(),
        ..request()
    }
}

#[test]
fn what_is_taken_is_not_read_nor_is_anything_around_it() {
    for (read, take) in [
        (&["/token"][..], &["/token"][..]),
        (&["/data"], &["/data/token"]),
        (&[""], &["/token"]),
        (&["/a~1b"], &["/a~1b"]),
        (&["/error", "/error"], &[]),
        (&["error"], &[]),
        (&["/~2"], &[]),
        (&[], &["token"]),
        (&["/x"; 33], &[]),
        (&[], &["/x"; 33]),
    ] {
        assert_eq!(sent(wants(read, take)), Err(HttpError::Malformed), "{read:?} {take:?}");
    }
    for (read, take) in [
        (&["/error"][..], &["/token"][..]),
        (&["/tok"], &["/token"]),
        (&["/token/x"], &["/token"]),
        (&[], &["/token", "/token"]),
    ] {
        assert!(sent(wants(read, take)).is_ok(), "{read:?} {take:?}");
    }
}

/// Texts, each with its pointer or its name.
type Texts = Vec<(String, String)>;

/// Returns what there is of an answer: what is read, what is unreadable, what is taken.
fn found(
    body: &str,
    read: &[&str],
    take: &[&str],
    reveal: bool,
) -> Result<(Texts, Vec<String>, Texts), HttpError> {
    let request = Wiped(wants(read, take));
    let prepared = Prepared::of(&request.0, url(&request.0.url)?, &secrets())?;
    let rights = Rights { reveal, grants: &|pointer| pointer == "/account/name" };
    let found = Found::of(body.as_bytes(), &prepared.wanted, &rights, &secrets())?;
    let owned = |text: &str| text.to_owned();
    Ok((
        found.read.iter().map(|(at, reading)| (owned(at), owned(reading.text.text()))).collect(),
        found.unreadable.into_iter().map(owned).collect(),
        found.taken.iter().map(|(name, held)| (owned(name), owned(held.text()))).collect(),
    ))
}

const ANSWER: &str = r#"{
    "access_token": "tok-1", "refresh_token": "tok-2", "expires_in": 3600, "active": true,
    "error_description": "wait", "token_endpoint": "https:\/\/login.example\/token",
    "created": "2026-10-01T12:00:00Z", "account": {"name": "ada", "error": "x", "id": 7},
    "scopes": ["openid"], "nothing": null, "empty": "", "pin": 12345678901234567890123456789012,
    "digits": 123456789012345678901234567890123
}"#;

#[test]
fn without_the_grant_to_reveal_only_what_is_public_is_read() {
    let pointers = [
        "/access_token",
        "/expires_in",
        "/active",
        "/error_description",
        "/token_endpoint",
        "/created",
        "/account/name",
        "/account/error",
        "/account/id",
        "/account",
        "/scopes",
        "/scopes/0",
        "/nothing",
        "/missing",
        "/pin",
        "/digits",
        "",
    ];
    let (read, unreadable, taken) = found(ANSWER, &pointers, &[], false).unwrap();
    let read: Vec<(&str, &str)> = read.iter().map(|(at, text)| (&**at, &**text)).collect();
    assert_eq!(
        read,
        [
            ("/expires_in", "3600"),
            ("/active", "true"),
            ("/error_description", "wait"),
            ("/token_endpoint", "https://login.example/token"),
            ("/created", "2026-10-01T12:00:00Z"),
            ("/account/name", "ada"),
            ("/account/id", "7"),
            ("/pin", "12345678901234567890123456789012"),
        ]
    );
    assert_eq!(unreadable, ["/access_token", "/account/error", "/scopes/0"]);
    assert!(taken.is_empty());
}

#[test]
fn with_the_grant_to_reveal_every_scalar_is_read() {
    let pointers = ["/access_token", "/account/error", "/scopes", "/digits"];
    let (read, unreadable, _) = found(ANSWER, &pointers, &[], true).unwrap();
    assert_eq!(
        read.iter().map(|(at, _)| &**at).collect::<Vec<_>>(),
        ["/access_token", "/account/error", "/digits"]
    );
    assert!(unreadable.is_empty());
}

#[test]
fn texts_numbers_and_booleans_are_taken_and_nothing_else_is() {
    let pointers =
        ["/access_token", "/expires_in", "/active", "/expires_in/0", "/account", "/empty", "/x"];
    let (_, _, taken) = found(ANSWER, &[], &pointers, false).unwrap();
    let taken: Vec<(&str, &str)> = taken.iter().map(|(name, text)| (&**name, &**text)).collect();
    assert_eq!(taken, [("/access_token", "tok-1"), ("/expires_in", "3600"), ("/active", "true")]);
}

#[test]
fn an_answer_that_is_not_json_has_nothing() {
    for body in ["", "<html>", "{\"error\":\"x\"", "{\"error\":\"x\"}}"] {
        let (read, unreadable, taken) = found(body, &["/error"], &["/t"], false).unwrap();
        assert!(read.is_empty() && unreadable.is_empty() && taken.is_empty(), "{body}");
    }
}

#[test]
fn a_text_that_repeats_a_secret_is_not_read_however_it_is_encoded() {
    let percent: String = TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for repeated in [
        TOKEN,
        &percent,
        // The same in Base64, with `me:` before it and an escape of JSON within.
        "Basic bWU6Z2hvXzNmOWFRN3hXMXpUbjVrTGI4VmVZcFIyY1VkSmg2bVhz",
        "Basic bWU6Z2hvXzNmOWFRN3hXMXpUbjVrTGI\\u0034VmVZcFIyY1VkSmg2bVhz",
    ] {
        let body = format!(r#"{{"error_description": "no such token: {repeated}"}}"#);
        let read = found(&body, &["/error_description"], &[], false);
        assert_eq!(read, Err(HttpError::Leak), "{body}");
    }
    // Of what the same answer brings, too.
    let body = r#"{"token": "tok-7c1f0b", "error_description": "tok-7c1f0b was replaced"}"#;
    assert_eq!(found(body, &["/error_description"], &["/token"], false), Err(HttpError::Leak));
    let (read, _, _) = found(body, &["/error_description"], &[], false).unwrap();
    assert_eq!(read.len(), 1);
}

/// Otherwise a tool would look into what the strategy put together, by way of a server that
/// repeats it.
#[test]
fn what_a_server_only_repeats_is_not_from_outside() {
    let mut table = secrets();
    table.put("guess", Held::composed(format!("{{\"{TOKEN}\":1}}"))).unwrap();
    for (answer, is_made) in [
        ("tok-new-7c1f0b".to_owned(), false),
        // A refresh token that stays.
        (TOKEN.to_owned(), false),
        (format!("{TOKEN}x"), true),
        (format!("{{\"{TOKEN}\":1}}"), true),
        (format!("you sent {{\"{TOKEN}\":1}}"), true),
    ] {
        assert_eq!(table.answered(&answer).is_made(), is_made, "{answer}");
    }
}

#[test]
fn a_text_of_more_than_two_kib_is_not_read() {
    let body = |bytes: usize| format!(r#"{{"error_description": "{}"}}"#, "x".repeat(bytes));
    let read = |bytes| found(&body(bytes), &["/error_description"], &[], false).unwrap();
    assert_eq!(read(2048).0.len(), 1);
    let (read, unreadable, _) = read(2049);
    assert!(read.is_empty() && unreadable.is_empty());
}
