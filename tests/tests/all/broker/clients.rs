//! Clients that try to take more than their share.

use std::io::{self, Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use orchestration_tests::broker::status_of;
use orchestration_tests::server::Server;

use super::{FINE, broker_of};

#[test]
fn a_head_that_is_too_large_is_refused() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let pass = format!("x-api-key: {}", broker.pass());
    let long = format!("x-long: {}", "x".repeat(100 << 10));
    let answer = broker.ask("GET /p/corp/x", &[&pass, &long], "");
    assert!(answer.is_empty() || status_of(&answer) == 431, "{answer}");
    let many: Vec<String> = (0..1000).map(|number| format!("x-{number}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).chain([&*pass]).collect();
    let answer = broker.ask("GET /p/corp/x", &many, "");
    assert!(answer.is_empty() || status_of(&answer) == 431, "{answer}");
    let path = format!("GET /p/corp/{}", "x".repeat(100 << 10));
    let answer = broker.ask(&path, &[&pass], "");
    assert!(answer.is_empty() || (400..=431).contains(&status_of(&answer)), "{answer}");
    assert!(server.requests().is_empty());
    assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
}

#[test]
fn a_thousand_clients_that_say_nothing_keep_no_one_out() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let silent: Vec<_> = (0..1000).map(|_| broker.connect()).collect();
    let halves: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = broker.connect();
            stream.write_all(b"GET /p/corp/x HTTP/1.1\r\nhost: loc").expect("the broker reads");
            stream
        })
        .collect();
    assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
    drop((silent, halves));
}

#[test]
fn a_client_that_takes_forever_for_its_head_is_let_go() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let mut slow = broker.connect();
    slow.write_all(b"GET /p/corp/x HTTP/1.1\r\nhost: loc").expect("the broker reads");
    let mut h2 = broker.connect();
    h2.write_all(b"PRI * HTT").expect("the broker reads");
    let mut nothing = broker.connect();
    let mut had_an_answer = broker.begin("/p/corp/x");
    had_an_answer.until("{}");
    let mut begins_again = broker.begin("/p/corp/x");
    begins_again.until("{}");
    begins_again.send("GET /p/corp/y HTTP/1.1\r\nhost: loc");
    // The broker closes them; the limit of these reads is a minute.
    for stream in [&mut slow, &mut h2, &mut nothing] {
        let mut rest = Vec::new();
        let closed = stream.read_to_end(&mut rest);
        assert!(closed.is_ok(), "{closed:?}");
    }
    for stream in [had_an_answer, begins_again] {
        assert!(stream.rest().ends_with("{}"));
    }
    let lines: Vec<String> = server.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines, ["GET /v1/x HTTP/1.1"; 2]);
}

#[test]
fn a_client_that_never_reads_its_answer_is_let_go() {
    let (ended, has_ended) = mpsc::channel();
    let server = Server::with(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n")?;
        while stream.write_all(&[b'x'; 64 << 10]).is_ok() {}
        ended.send(()).map_err(io::Error::other)
    });
    let (_cli, broker) = broker_of(&server);
    let unread = broker.begin("/p/corp/x");
    has_ended.recv_timeout(Duration::from_secs(180)).expect("the broker closes the connection");
    broker.process().says(" incomplete");
    drop(unread);
}

#[test]
fn a_body_is_asked_for_only_when_it_is_wanted() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let mut stream = broker.connect();
    let pass = broker.pass();
    let head = |pass: &str| {
        format!(
            "POST /p/corp/x HTTP/1.1\r\nhost: localhost\r\nx-api-key: {pass}\r\n\
             expect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n"
        )
    };
    stream.write_all(head(&pass).as_bytes()).expect("the broker reads");
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).expect("the broker wants the body");
    assert!(interim.starts_with(b"HTTP/1.1 100 Continue\r\n"), "{interim:?}");
    stream.write_all(b"{}").expect("the broker reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("there is an answer");
    assert_eq!(status_of(&answer), 200);
    assert_eq!(server.request().body, "{}");
    assert_eq!(server.request().header("expect"), None);
    let refused = broker.raw(head("wrong"));
    assert_eq!(status_of(&refused), 401, "{refused}");
}
