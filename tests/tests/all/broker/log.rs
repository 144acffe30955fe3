//! The line for each request.
//!
//! Promised here: it says what came of the request and nothing that a client made up, and whoever
//! reads the lines, or stops reading them, holds up neither a client nor the end of the broker.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use orchestration_tests::background::Background;
use orchestration_tests::broker::Broker;
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::port::free_port;
use orchestration_tests::server::Server;

use super::{FINE, broker_of, home};

#[test]
fn what_a_client_sends_cannot_forge_a_line_of_the_log() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    broker
        .raw("GET /p/\u{1b}[2J\u{202e}x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    broker.raw("GET /p/a%0a2026-01-01 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    broker.process().says("2026-01-01");
    let log = broker.process().stderr();
    assert!(!log.contains('\u{1b}') && !log.contains('\u{202e}'), "{log:?}");
    assert!(log.lines().all(|line| !line.starts_with("2026-01-01 ")), "{log}");
}

#[test]
fn the_log_is_json_if_it_is_to_be() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let broker = Broker::start(&cli, &["corp", "--log-format", "json"]);
    broker.get("/p/corp/models?a=b");
    broker.process().says("\"/p/corp/models\"");
    let stderr = broker.process().stderr();
    let line = stderr.lines().find(|line| line.starts_with('{')).expect("there is a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
    for (field, value) in [("profile", "corp"), ("method", "GET"), ("path", "/p/corp/models")] {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!(
        (&line["status"], &line["bytes"], &line["renewed"]),
        (&200.into(), &2.into(), &false.into())
    );
    assert!(line["pass"].as_str().is_some_and(|pass| pass.len() == 8), "{line}");
}

#[test]
fn a_reader_that_stops_holds_up_no_client_and_learns_how_much_it_missed() {
    const REQUESTS: usize = 6_000;
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    broker.process().says("pass: ");
    let stopped = broker.process().stop_reading();
    ask(broker.address(), REQUESTS);
    drop(stopped);
    broker.process().says(" lines were lost here");
    ask(broker.address(), 1);
    let seen = |log: &str| log.matches(" 404 ").count();
    let mut log = String::new();
    assert!(in_a_minute(|| {
        log = broker.process().stderr();
        log.lines().last().is_some_and(|line| line.contains(" 404 "))
    }));
    let (before, after) = log.split_once(" lines were lost here").expect("it says so");
    let (before, lost) = before.rsplit_once('\n').expect("it is a line of its own");
    let requests = before.lines().skip_while(|line| !line.starts_with("pass: ")).skip(1);
    for line in requests {
        assert!(line.starts_with("20") && line.ends_with(" ms"), "{line}");
    }
    assert_eq!(seen(before) + lost.parse::<usize>().expect("it is a number"), REQUESTS);
    assert_eq!(seen(after), 1, "{after}");
}

#[test]
fn a_broker_ends_when_it_is_told_to_though_no_one_reads_its_log() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let address = format!("127.0.0.1:{}", free_port());
    let serve = ["serve", "corp", "--listen", &address];
    let mut broker = Background::start_unread(&mut cli.command(&serve));
    assert!(in_a_minute(|| TcpStream::connect(&address).is_ok()));
    ask(&address, 200);
    broker.signal("TERM");
    assert!(in_a_minute(|| broker.ended().is_some()));
    assert!(broker.ended().is_some_and(|status| status.success()), "{:?}", broker.ended());
    let left = fs::read_dir(cli.home().join(".local/state/orchestration"));
    let left = left.expect("it is there").map(|entry| entry.expect("it can be read").file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".pass")));
}

/// Has requests answered whose lines in the log have a KiB each.
fn ask(address: &str, requests: usize) {
    // As many on a connection as can be sent before an answer is read.
    const AT_ONCE: usize = 100;
    for begun in (0..requests).step_by(AT_ONCE) {
        let request = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n", "x".repeat(1_000));
        let count = AT_ONCE.min(requests - begun);
        let sent = vec![request; count].join("\r\n") + "connection: close\r\n\r\n";
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it can be set");
        stream.write_all(sent.as_bytes()).expect("the broker reads");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).expect("there are answers");
        assert_eq!(answers.matches("HTTP/1.1 404").count(), count, "{answers}");
    }
}
