//! Clients that leave before they have their answer.
//!
//! Promised here, with curl as the client and over each kind of connection: a provider, which is
//! paid for what it answers, is left as well.

use std::fs;
use std::io;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use orchestration_tests::background::Background;
use orchestration_tests::broker::Broker;
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::server::{Certificate, Server};
use orchestration_tests::{Cli, tool_is_there};

use super::home;
use super::mutual_tls::{broker_with_tls, written};

/// What the provider has answered when the client leaves.
const BEGINNINGS: [(&str, &str); 2] =
    [("none", ""), ("half", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it")];

/// A provider that begins an answer, and says no more until the client has left.
struct Provider {
    server: Server,
    client_has_left: Sender<()>,
    was_left: Receiver<()>,
}

impl Provider {
    /// Returns one and a home with its profile; `None` if there is no client that could leave.
    /// The profile has a long timeout: what the broker does is not because the provider is silent.
    fn start() -> Option<(Self, Cli)> {
        if !tool_is_there("curl") {
            return None;
        }
        let ((client_has_left, go_on), (left, was_left)) = (channel(), channel());
        let go_on = Arc::new(Mutex::new(go_on));
        let server = Server::with(move |request, stream| {
            let beginning = BEGINNINGS.iter().find(|(name, _)| request.line.contains(name));
            stream.write_all(beginning.map_or("", |(_, text)| text).as_bytes())?;
            go_on.lock().expect("it is free").recv().map_err(io::Error::other)?;
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(10));
            }
            left.send(()).map_err(io::Error::other)
        });
        let cli = home(&server.url(), "timeout_seconds = 600\n");
        Some((Self { server, client_has_left, was_left }, cli))
    }

    /// Leaves a broker of this provider while it answers each of its answers.
    fn is_left(&self, broker: &Broker, cli: &Cli, curl: &[&str], base_url: &str) {
        for (name, beginning) in BEGINNINGS {
            let asked = self.server.requests().len();
            let got = cli.home().join("got");
            drop(fs::remove_file(&got));
            let mut client = Command::new("curl");
            client.args(["--silent", "--no-buffer", "--output"]).arg(&got);
            let client = Background::start(client.args(curl).arg(format!("{base_url}/{name}")));
            let is_asked = in_a_minute(|| self.server.requests().len() > asked);
            assert!(is_asked, "{curl:?} {name}: {}", broker.process().stderr());
            let body = beginning.rsplit('\n').next().unwrap_or_default();
            let has_got = || fs::read_to_string(&got).unwrap_or_default() == body;
            assert!(in_a_minute(has_got), "{curl:?} {name}");
            drop(client);

            let is_over = |line: &str| line.contains(name) && line.ends_with(" incomplete");
            let is_over = in_a_minute(|| broker.process().stderr().lines().any(is_over));
            assert!(is_over, "{curl:?} {name}: {}", broker.process().stderr());
            self.client_has_left.send(()).expect("the provider waits");
            let was_left = self.was_left.recv_timeout(Duration::from_secs(60));
            assert!(was_left.is_ok(), "{curl:?} {name}");
        }
    }
}

#[test]
fn a_client_that_leaves_takes_its_request_with_it() {
    let Some((provider, cli)) = Provider::start() else { return };
    for options in [&["--http1.1"], &["--http2-prior-knowledge"]] {
        let broker = Broker::start(&cli, &["corp"]);
        let pass = format!("x-api-key: {}", broker.pass());
        let base_url = format!("http://{}/p/corp", broker.address());
        provider.is_left(&broker, &cli, &[&options[..], &["--header", &pass]].concat(), &base_url);
    }
}

#[test]
fn a_client_on_the_unix_socket_that_leaves_takes_its_request_with_it() {
    let Some((provider, cli)) = Provider::start() else { return };
    let broker = Broker::started(&mut cli.command(&["serve", "corp"]));
    let socket = broker.address().trim_start_matches("unix:");
    provider.is_left(&broker, &cli, &["--unix-socket", socket], "http://localhost/p/corp");
}

#[test]
fn a_client_with_a_certificate_that_leaves_takes_its_request_with_it() {
    let Some((provider, cli)) = Provider::start() else { return };
    let [of_broker, of_client] =
        [&["127.0.0.1"], &["agent"]].map(|hosts| Certificate::signed(hosts));
    let [chain, key, authority] = written(&cli, "broker", &of_broker);
    let [client_chain, client_key, client_ca] = written(&cli, "client", &of_client);
    let broker = broker_with_tls(&cli, &chain, &key, &client_ca);
    let pass = format!("x-api-key: {}", broker.pass());
    let base_url = format!("https://{}/p/corp", broker.address());
    let curl = ["--cacert", &authority, "--cert", &client_chain, "--key", &client_key];
    let curl = [&curl[..], &["--http1.1", "--header", &pass]].concat();
    provider.is_left(&broker, &cli, &curl, &base_url);
}
