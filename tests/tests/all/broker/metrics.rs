//! What Prometheus collects from a broker.
//!
//! Promised here: `/metrics` is what the parser of Prometheus' own Python client reads; its
//! numbers are those of the requests; the book lists every metric, and nothing that a client
//! chose, nor a secret, is in it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::server::{Server, status};
use orchestration_tests::{Cli, independent};

use super::{FINE, KEY, broker_of};

const BOOK: &str = include_str!("../../../../docs/src/broker.md");

/// Reads the text format and prints what it has as JSON.
const PARSER: &str = "
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
json.dump([{'name': f.name, 'type': f.type, 'help': f.documentation,
            'samples': [[s.name, s.labels, s.value] for s in f.samples]} for f in families],
          sys.stdout)
";

/// A family of metrics.
struct Family {
    name: String,
    kind: String,
    help: String,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// What a broker exposes, as an independent parser reads it.
struct Exposed {
    text: String,
    families: Vec<Family>,
}

impl Exposed {
    /// Collects it; `None` if the parser is not installed.
    fn by(broker: &Broker) -> Option<Self> {
        let answer = broker.ask("GET /metrics", &[], "");
        assert_eq!(status_of(&answer), 200, "{answer}");
        let (head, text) = answer.split_once("\r\n\r\n").expect("there is a body");
        let of_the_format = "content-type: text/plain; version=0.0.4; charset=utf-8";
        assert!(head.contains(of_the_format), "{head}");
        let mut python = Command::new(independent("python")?)
            .args(["-c", PARSER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python can be started");
        let mut stdin = python.stdin.take().expect("it is a pipe");
        stdin.write_all(text.as_bytes()).expect("it reads");
        drop(stdin);
        let output = python.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{text}");
        let families: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text_of = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let sample = |sample: &serde_json::Value| {
            let labels = sample[1].as_object().expect("labels").iter();
            let labels = labels.map(|(name, value)| (name.clone(), text_of(value))).collect();
            (text_of(&sample[0]), labels, sample[2].as_f64().expect("a number"))
        };
        let family = |family: &serde_json::Value| Family {
            name: text_of(&family["name"]),
            kind: text_of(&family["type"]),
            help: text_of(&family["help"]),
            samples: family["samples"].as_array().expect("a list").iter().map(sample).collect(),
        };
        let families = families.as_array().expect("a list").iter().map(family).collect();
        Some(Self { text: text.to_owned(), families })
    }

    /// Returns the value of the sample with this name and these labels, if there is one.
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: BTreeMap<String, String> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let samples = self.families.iter().flat_map(|family| &family.samples);
        let mut found = samples.filter(|(found, its, _)| found == name && *its == labels);
        found.next().map(|(_, _, value)| *value)
    }

    /// Returns the state of the credential of this profile.
    #[track_caller]
    fn state(&self, profile: &str) -> String {
        let states = self.families.iter().flat_map(|family| &family.samples);
        let mut on = states.filter(|(name, labels, value)| {
            name == "orchestration_credential_state"
                && labels["profile"] == profile
                && *value == 1.0
        });
        let (_, labels, _) = on.next().unwrap_or_else(|| panic!("no state in {}", self.text));
        assert!(on.next().is_none(), "two states in {}", self.text);
        labels["state"].clone()
    }
}

#[test]
fn requests_are_counted_by_profile_and_status_and_refusals_by_code() {
    let server = Server::with(|request, stream| {
        let answer = match request.line.contains("/gone") {
            true => status("404 Not Found", &[], "{}"),
            false => FINE.to_owned(),
        };
        stream.write_all(answer.as_bytes())
    });
    let (_cli, broker) = broker_of(&server);
    let Some(before) = Exposed::by(&broker) else { return };
    let of = |status| [("profile", "corp"), ("status", status)];
    assert_eq!(before.value("orchestration_requests_total", &of("2xx")), Some(0.0));
    assert_eq!(before.state("corp"), "unused");

    for path in ["/p/corp/models", "/p/corp/a%22%7D?x=%0A", "/p/corp/gone"] {
        broker.get(path);
    }
    broker.ask("GET /p/corp/models", &["x-api-key: wrong"], "");
    broker.ask("EVIL\" /p/corp/models", &["x-api-key: wrong"], "");
    broker.ask("GET /p/no-such\"profile/x", &[&format!("api-key: {}", broker.pass())], "");
    let idle = broker.connect();
    let after = Exposed::by(&broker).expect("it is installed");
    for (name, labels, value) in [
        ("orchestration_requests_total", &of("2xx")[..], 2.0),
        ("orchestration_requests_total", &of("4xx"), 1.0),
        ("orchestration_requests_total", &of("5xx"), 0.0),
        ("orchestration_request_duration_seconds_count", &[("profile", "corp")], 3.0),
        ("orchestration_refused_requests_total", &[("code", "wrong_pass")], 1.0),
        ("orchestration_refused_requests_total", &[("code", "pass_for_other_profile")], 1.0),
        ("orchestration_refused_requests_total", &[("code", "web_page")], 0.0),
        ("orchestration_credential_errors_total", &[("profile", "corp")], 0.0),
    ] {
        assert_eq!(after.value(name, labels), Some(value), "{name} {labels:?}\n{}", after.text);
    }
    assert_eq!(after.state("corp"), "ready");
    // The idle one and that of the collector.
    let open = || Exposed::by(&broker)?.value("orchestration_connections", &[]);
    assert!(in_a_minute(|| open() == Some(2.0)), "{:?}", open());
    drop(idle);
    assert!(in_a_minute(|| open() == Some(1.0)), "{:?}", open());
    for secret in [KEY, &*broker.pass(), "models", "no-such", "EVIL", "127.0.0.1"] {
        assert!(!after.text.contains(secret), "{secret} in {}", after.text);
    }
}

#[test]
fn what_prometheus_demands_of_a_metric_is_so() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    broker.get("/p/corp/models");
    let Some(exposed) = Exposed::by(&broker) else { return };
    for Family { name, kind, help, samples } in &exposed.families {
        assert!(name.starts_with("orchestration_") && !help.is_empty(), "{name} {help}");
        match &**kind {
            "gauge" => {}
            "counter" => {
                let is_total = |(name, _, _): &(String, _, _)| name.ends_with("_total");
                assert!(samples.iter().all(is_total), "{name}");
            }
            "histogram" => {
                let ending = |end| samples.iter().filter(move |(name, _, _)| name.ends_with(end));
                let buckets: Vec<f64> = ending("_bucket").map(|(_, _, value)| *value).collect();
                assert!(buckets.is_sorted(), "{buckets:?}");
                let count = ending("_count").map(|(_, _, value)| *value).next();
                assert_eq!(buckets.last().copied(), count, "{name}");
                assert!(ending("_bucket").any(|(_, labels, _)| labels["le"] == "+Inf"));
            }
            other => panic!("{name} is a {other}"),
        }
    }
}

/// A broker for a profile `corp` whose token is one of `issuer`, and a profile `lost` without a
/// key.
fn leasing(issuer: &Server, server: &Server) -> (Cli, Broker) {
    let config = format!(
        "[profiles.corp]\nbase_url = \"{0}\"\nauth_type = \"federated\"\n\
         api_key_env = \"CORP_KEY\"\nissuer = \"http://{1}\"\n\
         options = {{ token_endpoint = \"/token\" }}\n\
         [profiles.lost]\nbase_url = \"{0}\"\napi_key_env = \"LOST_KEY\"\n",
        server.url(),
        issuer.host()
    );
    let cli = Cli::new().env("CORP_KEY", KEY).config(config);
    let broker = Broker::start(&cli, &["corp", "lost"]);
    (cli, broker)
}

#[test]
fn a_lease_shows_its_renewals_its_end_and_its_errors() {
    // It hands out two tokens, and is broken from then on.
    let issued = AtomicUsize::new(0);
    let issuer = Server::with(move |_, stream| {
        let number = issued.fetch_add(1, Ordering::Relaxed);
        let token =
            format!("{{\"access_token\":\"tok-{number}-Zq81LmVt93Kx\",\"expires_in\":3600}}");
        let json = [("content-type", "application/json")];
        let answer = match number {
            0 | 1 => status("200 OK", &json, &token),
            _ => status("500 Internal Server Error", &json, "{}"),
        };
        stream.write_all(answer.as_bytes())
    });
    let server = Server::with(|request, stream| {
        let is_refused = request.line.contains("/refused");
        let answer = if is_refused { status("401 No", &[], "{}") } else { FINE.to_owned() };
        stream.write_all(answer.as_bytes())
    });
    let (_cli, broker) = leasing(&issuer, &server);
    let corp = [("profile", "corp")];

    assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
    let Some(first) = Exposed::by(&broker) else { return };
    assert_eq!(first.state("corp"), "ready");
    assert_eq!(first.value("orchestration_credential_renewals_total", &corp), Some(1.0));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs_f64();
    let end = first.value("orchestration_credential_expiry_timestamp_seconds", &corp);
    assert!(end.is_some_and(|end| (now + 3400.0..now + 3700.0).contains(&end)), "{end:?} {now}");
    assert_eq!(
        first.value("orchestration_credential_expiry_timestamp_seconds", &[("profile", "lost")]),
        None
    );

    // A refused token is replaced once; its renewal is a metric, too.
    broker.get("/p/corp/refused");
    let second = Exposed::by(&broker).expect("it is installed");
    assert_eq!(second.value("orchestration_credential_renewals_total", &corp), Some(2.0));
    assert_eq!(second.value("orchestration_credential_errors_total", &corp), Some(0.0));

    assert_eq!(status_of(&broker.get("/p/lost/x")), 401);
    let third = Exposed::by(&broker).expect("it is installed");
    assert_eq!(third.state("lost"), "missing");
    let lost = [("profile", "lost")];
    assert_eq!(third.value("orchestration_credential_errors_total", &lost), Some(1.0));
    for secret in [KEY, "tok-0", "tok-1", "LOST_KEY"] {
        assert!(!third.text.contains(secret), "{secret} in {}", third.text);
    }
}

#[test]
fn the_book_lists_every_metric_and_no_other() {
    let token = "{\"access_token\":\"tok-0-Zq81LmVt93Kx\",\"expires_in\":3600}";
    let issuer = Server::new(status("200 OK", &[("content-type", "application/json")], token));
    let server = Server::new(FINE);
    let (_cli, broker) = leasing(&issuer, &server);
    broker.get("/p/corp/x");
    let Some(exposed) = Exposed::by(&broker) else { return };
    let actual: BTreeMap<&str, &str> =
        exposed.families.iter().map(|family| (&*family.name, &*family.kind)).collect();
    let rows = BOOK.lines().filter_map(|line| line.strip_prefix("| `orchestration_"));
    let listed: BTreeMap<String, &str> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            let name = cells[0].trim_end_matches('`').trim_end_matches("_total");
            (format!("orchestration_{name}"), cells[1])
        })
        .collect();
    let listed: BTreeMap<&str, &str> = listed.iter().map(|(name, kind)| (&**name, *kind)).collect();
    assert_eq!(listed, actual, "docs/src/broker.md, and what is exposed");
}

#[test]
fn a_web_page_and_another_host_get_no_metrics() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    for lines in ["host: evil.example\r\n", "host: localhost\r\norigin: https://evil.example\r\n"] {
        let answer =
            broker.raw(format!("GET /metrics HTTP/1.1\r\n{lines}connection: close\r\n\r\n"));
        assert_eq!(status_of(&answer), 403, "{answer}");
        assert!(!answer.contains("orchestration_"), "{answer}");
    }
}
