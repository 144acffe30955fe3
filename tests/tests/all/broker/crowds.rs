//! Many connections at once.
//!
//! Promised here: ten thousand that say nothing keep no one out; a pass has 4,096 connections
//! and no more, and another one as many; and when they are gone, all is as before.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use orchestration_support::{LimitedResource, SystemLimit};
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::cannot_run;
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::server::Server;

use super::{FINE, broker_of, home};

const PASSES: [&str; 2] =
    ["one-0123456789abcdef0123456789abcdef", "two-0123456789abcdef0123456789abcdef"];

/// The most connections of a pass: see docs/src/broker.md.
const LIMIT: usize = 4096;

/// Lets this process and those that it starts open so many files, if the system does.
fn may_open(files: u64) -> bool {
    SystemLimit::raise_open_files();
    let limit = SystemLimit::of(LimitedResource::OpenFiles);
    let may = limit.is_none_or(|limit| limit.value >= files);
    if !may {
        cannot_run("the system allows too few open files");
    }
    may
}

#[test]
fn ten_thousand_connections_that_say_nothing_keep_no_one_out() {
    if !may_open(10_500) {
        return;
    }
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let silent: Vec<TcpStream> = (0..10_000).map(|_| broker.connect()).collect();
    assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
    drop(silent);
    let open = || {
        let metrics = broker.ask("GET /metrics", &[], "");
        let line = metrics.lines().find(|line| line.starts_with("orchestration_connections "));
        line.and_then(|line| line.split(' ').nth(1)?.parse::<u64>().ok()).expect("it is counted")
    };
    // That of the question.
    assert!(in_a_minute(|| open() == 1), "{} are open", open());
    assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
}

/// Opens connections that show the pass, for as many threads, and returns those that were
/// let in, and the first answers that were not.
fn crowd(broker: &Broker, pass: &str, count: usize) -> (Vec<TcpStream>, Vec<String>) {
    let head = format!("GET /p/nope/x HTTP/1.1\r\nhost: localhost\r\nx-api-key: {pass}\r\n\r\n");
    let mut streams: Vec<TcpStream> = Vec::new();
    for _ in 0..count {
        let mut stream = broker.connect();
        stream.write_all(head.as_bytes()).expect("the broker reads it");
        streams.push(stream);
    }
    let answer = |stream: &mut TcpStream| {
        let mut start = [0; 12];
        stream.read_exact(&mut start).expect("there is an answer");
        String::from_utf8_lossy(&start).into_owned()
    };
    let answers: Vec<String> = streams.iter_mut().map(answer).collect();
    // The profile is not served, but the pass is good for it, so the connection counts.
    let is_in = |answer: &str| answer == "HTTP/1.1 404";
    let refused = answers.iter().filter(|answer| !is_in(answer)).cloned().collect();
    let let_in = streams.into_iter().zip(&answers).filter(|(_, answer)| is_in(answer));
    (let_in.map(|(stream, _)| stream).collect(), refused)
}

#[test]
fn a_pass_has_4096_connections_and_no_more_until_one_of_them_ends() {
    if !may_open(9_000) {
        return;
    }
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let file = cli.file("passes", PASSES.map(|pass| format!("{pass} corp nope\n")).concat());
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
    let broker = Broker::start(&cli, &["corp", "--pass-file", "passes"]);
    let [one, two] = PASSES;
    let get = |pass: &str| broker.ask("GET /p/corp/x", &[&format!("x-api-key: {pass}")], "");
    let (let_in, refused) = thread::scope(|scope| {
        let crowds: Vec<_> =
            (0..4).map(|_| scope.spawn(|| crowd(&broker, one, LIMIT / 4 + 25))).collect();
        let crowds = crowds.into_iter().map(|crowd| crowd.join().expect("it does not fail"));
        crowds.fold((Vec::new(), Vec::new()), |(mut all, mut none), (let_in, refused)| {
            all.extend(let_in);
            none.extend(refused);
            (all, none)
        })
    });
    assert_eq!(let_in.len(), LIMIT, "{:?}", refused.first());
    assert!(refused.iter().all(|answer| answer == "HTTP/1.1 429"), "{refused:?}");
    let answer = get(one);
    assert_eq!(status_of(&answer), 429, "{answer}");
    assert!(answer.contains("too_many_connections") && answer.contains("4096"), "{answer}");
    // It may work later, so a client may try again.
    assert!(!answer.contains("x-should-retry"), "{answer}");
    assert_eq!(status_of(&get(two)), 200);
    drop(let_in);
    assert!(in_a_minute(|| status_of(&get(one)) == 200));
}
