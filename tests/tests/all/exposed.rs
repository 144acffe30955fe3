//! `orchestration serve --expose-credentials`: keys for programs that have to have them.
//!
//! Promised here: a broker hands no key out unless it is told to, and then only to a client
//! with a pass for that profile, and to no web page.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use orchestration_tests::Cli;
use orchestration_tests::ask::{Reply, ask};
use orchestration_tests::broker::Broker;
use serde_json::{Value, json};

const KEY: &str = "sk-corp-Zq81LmVt93KxBdRw7x2f";
const OTHER_KEY: &str = "sk-other-9bYf72HsWqZ0nLx4PdVj";
const PASS: &str = "pass-0123456789abcdef0123456789abcdef";

/// The faces that hand keys out.
const FACES: [&str; 2] = ["/v1/credentials/corp", "/envoy/corp/v1/chat/completions"];

/// A broker for which there are two keys, and a pass for one of them.
struct Exposing {
    broker: Broker,
    cli: Cli,
}

impl Exposing {
    fn start(options: &[&str]) -> Self {
        let cli = Cli::new()
            .config(
                "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1\"\n\
                 api_key_env = \"CORP_KEY\"\n\
                 [profiles.other]\nbase_url = \"https://llm.other.example/v1\"\n\
                 api_key_env = \"OTHER_KEY\"\n\
                 [profiles.empty]\nbase_url = \"https://llm.empty.example/v1\"\n\
                 api_key_env = \"EMPTY_KEY\"\n",
            )
            .env("CORP_KEY", KEY)
            .env("OTHER_KEY", OTHER_KEY);
        let passes = cli.file("passes", format!("{PASS} corp empty\n"));
        fs::set_permissions(passes, Permissions::from_mode(0o600)).unwrap();
        let broker = Broker::start(&cli, &[&["--pass-file", "passes"], options].concat());
        Self { broker, cli }
    }

    #[track_caller]
    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        ask(self.broker.address(), &format!("GET {path}"), headers, "")
    }

    #[track_caller]
    fn ask_with(&self, pass: &str, path: &str) -> Reply {
        self.ask(path, &[("authorization", &format!("Bearer {pass}"))])
    }

    fn log(&self) -> String {
        self.broker.process().stderr()
    }
}

/// Checks that an answer has this status, and no key.
#[track_caller]
fn refuses(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:#?}");
    assert!(!format!("{reply:?}").contains("sk-"), "{reply:#?}");
}

#[test]
fn no_key_is_handed_out_unless_the_broker_is_told_to() {
    let broker = Exposing::start(&[]);
    for face in FACES {
        let reply = broker.ask_with(PASS, face);
        refuses(&reply, 403);
        assert!(reply.body.contains("--expose-credentials"), "{reply:#?}");
    }
}

#[test]
fn a_client_with_a_pass_gets_the_credential_as_json() {
    let broker = Exposing::start(&["--expose-credentials"]);
    let reply = broker.ask_with(PASS, "/v1/credentials/corp");
    assert_eq!(reply.status, 200, "{reply:#?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let document: Value = serde_json::from_str(&reply.body).unwrap();
    let expected = json!({
        "version": 1, "profile": "corp", "values": { "api_key": KEY }, "expires_at": null,
        "source": { "type": "environment", "name": "CORP_KEY" },
    });
    assert_eq!(document, expected);
    // It is the document that `auth token` prints.
    let printed = broker.cli.run(&["auth", "token", "--format", "json", "corp"]).exits_with(0);
    assert_eq!(printed.stdout.trim_end(), reply.body);
    assert!(!broker.log().contains("sk-"), "{}", broker.log());
}

#[test]
fn a_proxy_gets_the_header_and_the_names_of_those_to_remove() {
    let broker = Exposing::start(&["--expose-credentials"]);
    let reply = broker.ask_with(PASS, "/envoy/corp/v1/chat/completions?key=x");
    assert_eq!((reply.status, &*reply.body), (200, ""), "{reply:#?}");
    assert_eq!(reply.header("authorization"), Some(&*format!("Bearer {KEY}")));
    let removed = reply.header("x-envoy-auth-headers-to-remove");
    assert_eq!(removed, Some("x-api-key,api-key,x-goog-api-key"));
}

#[test]
fn without_the_right_pass_there_is_no_key() {
    let broker = Exposing::start(&["--expose-credentials"]);
    for face in FACES {
        refuses(&broker.ask(face, &[]), 401);
        refuses(&broker.ask_with("pass-of-someone-else-0123456789abcdef", face), 401);
        refuses(&broker.ask_with(PASS, &face.replace("corp", "other")), 403);
        refuses(&broker.ask_with(PASS, &face.replace("corp", "nope")), 403);
        let missing = broker.ask_with(PASS, &face.replace("corp", "empty"));
        refuses(&missing, 401);
        assert!(missing.body.contains("EMPTY_KEY is not set"), "{missing:#?}");
    }
    let bearer = format!("Bearer {PASS}");
    let page = [("authorization", &*bearer), ("origin", "https://evil.example")];
    refuses(&broker.ask("/v1/credentials/corp", &page), 403);
}
