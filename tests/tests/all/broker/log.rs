//! The line for each request.
//!
//! Promised here: it says what came of the request and nothing that a client made up, and whoever
//! reads the lines, or stops reading them, holds up neither a client nor the end of the broker.

use std::fs;
use std::io::{BufRead, BufReader, PipeReader, Read, Write, pipe};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use orchestration_tests::Cli;
use orchestration_tests::broker::Broker;
use orchestration_tests::identity::in_a_minute;
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
    let cli = home(&server.url(), "");
    let mut broker = Unread::start(&cli);
    broker.answers(REQUESTS);
    let mut written = 0;
    let lost = loop {
        let line = broker.line();
        if let Some((lost, _)) = line.split_once(" lines were lost here") {
            break lost.parse::<usize>().expect("it is a number");
        }
        assert!(line.starts_with("20") && line.ends_with(" ms\n"), "{line}");
        written += 1;
    };
    assert_eq!(written + lost, REQUESTS);
    broker.answers(1);
    assert!(broker.line().contains(" 404 "));
}

#[test]
fn a_broker_ends_when_it_is_told_to_though_no_one_reads_its_log() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let mut broker = Unread::start(&cli);
    broker.answers(200);
    let id = broker.process.id().to_string();
    assert!(Command::new("kill").arg(&id).status().expect("there is kill").success());
    let mut status = None;
    assert!(in_a_minute(|| {
        status = broker.process.try_wait().expect("it can be asked");
        status.is_some()
    }));
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
    let left = fs::read_dir(cli.home().join(".local/state/orchestration"));
    let left = left.expect("it is there").map(|entry| entry.expect("it can be read").file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".pass")));
}

/// A broker whose stderr is read only when the test asks for a line.
struct Unread {
    process: Child,
    stderr: BufReader<PipeReader>,
    address: String,
}

impl Unread {
    fn start(cli: &Cli) -> Self {
        let (reader, writer) = pipe().expect("there is a pipe");
        let mut command = cli.command(&["serve", "corp", "--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer);
        let process = command.spawn().expect("it starts");
        let mut broker = Self { process, stderr: BufReader::new(reader), address: String::new() };
        let listening = broker.line();
        let address = listening.strip_prefix("listening on ").and_then(|it| it.split_once(','));
        broker.address = address.expect("it says where").0.to_owned();
        while !broker.line().starts_with("pass: ") {}
        broker
    }

    /// Returns the next line of stderr.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("it is text");
        assert!(line.ends_with('\n'), "the broker has ended: {line:?}");
        line
    }

    /// Has requests answered whose lines in the log have a KiB each.
    fn answers(&self, requests: usize) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let mut answers = BufReader::new(stream.try_clone().expect("it can be cloned"));
        let request = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "x".repeat(1_000));
        for _ in 0..requests {
            stream.write_all(request.as_bytes()).expect("the broker reads");
            let mut length = 0;
            let mut line = String::new();
            while line != "\r\n" {
                line.clear();
                answers.read_line(&mut line).expect("there is an answer");
                if let Some(value) = line.strip_prefix("content-length: ") {
                    length = value.trim_end().parse().expect("it is a number");
                }
            }
            answers.read_exact(&mut vec![0; length]).expect("there is all of it");
        }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
