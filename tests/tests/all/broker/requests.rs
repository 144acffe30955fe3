//! What of a request reaches the provider.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use orchestration_tests::Cli;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::server::{Server, status};

use super::{FINE, KEY, broker_of, home};

#[test]
fn the_provider_gets_the_profiles_key_and_headers_and_no_word_of_where_a_client_is() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "headers = { \"X-Team\" = \"ops\" }\n");
    let broker = Broker::start(&cli, &["corp"]);
    let pass = format!("authorization: Bearer {}", broker.pass());
    let answer = broker.ask(
        "POST /p/corp/chat",
        &[
            &pass,
            "x-api-key: theirs-1",
            "api-key: theirs-2",
            "x-goog-api-key: theirs-3",
            "x-team: theirs-4",
            "proxy-authorization: theirs-5",
            "x-forwarded-for: 10.1.2.3",
            "x-forwarded-host: evil.example",
            "forwarded: for=10.1.2.3",
            "x-real-ip: 10.1.2.3",
            "via: 1.1 me",
            "keep-alive: timeout=5",
            "te: gzip",
            "upgrade: h2c",
            "connection: x-hop, authorization, upgrade",
            "x-hop: theirs-6",
            "x-kept: yes",
            "user-agent: agent/1",
        ],
        "{\"a\":1}",
    );
    assert_eq!(status_of(&answer), 200, "{answer}");
    let request = server.request();
    assert_eq!(request.line, "POST /v1/chat HTTP/1.1");
    assert_eq!(request.body, "{\"a\":1}");
    for (name, value) in [
        ("authorization", Some(&*format!("Bearer {KEY}"))),
        ("host", Some(&*server.host())),
        ("x-team", Some("ops")),
        ("x-kept", Some("yes")),
        ("user-agent", Some("agent/1")),
        ("accept-encoding", Some("identity")),
        ("connection", None),
        ("te", None),
        ("upgrade", None),
    ] {
        assert_eq!(request.header(name), value, "{name}");
    }
    let all = format!("{request:?}");
    assert!(
        !all.contains("theirs-") && !all.contains("10.1.2.3") && !all.contains("evil"),
        "{all}"
    );
}

#[test]
fn the_key_goes_in_as_the_provider_wants_it() {
    let server = Server::new(FINE);
    for (provider, header, value) in [
        ("anthropic", "x-api-key", KEY.to_owned()),
        ("gemini", "x-goog-api-key", KEY.to_owned()),
        ("azure", "api-key", KEY.to_owned()),
        ("openai", "authorization", format!("Bearer {KEY}")),
    ] {
        let cli = home(&server.url(), &format!("provider = \"{provider}\"\n"));
        let broker = Broker::start(&cli, &["corp"]);
        assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
        let request = server.requests().pop().expect("there was one");
        assert_eq!(request.header(header), Some(&*value));
        let keys = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
        assert_eq!(keys.iter().filter(|name| request.header(name).is_some()).count(), 1);
    }
}

#[test]
fn a_refused_key_is_looked_up_again_and_the_request_sent_once_more() {
    let directory = tempfile::TempDir::new().expect("there is room");
    let file = directory.path().join("key");
    fs::write(&file, KEY).expect("it can be written");
    let new = KEY.replace("Zx8", "New");
    let server = Server::with({
        let (file, new) = (file.clone(), new.clone());
        move |request, stream| {
            if request.header("authorization") == Some(&format!("Bearer {new}")) {
                return stream.write_all(FINE.as_bytes());
            }
            // It was replaced while the request was under way.
            fs::write(&file, &new)?;
            stream.write_all(status("401 Unauthorized", &[], "{}").as_bytes())
        }
    });
    let config = format!(
        "[profiles.corp]\nbase_url = \"{}\"\napi_key_file = \"{}\"\n",
        server.url(),
        file.display()
    );
    let cli = Cli::new().config(config);
    std::os::unix::fs::chown(&file, None, None).expect("it is ours");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
    let broker = Broker::start(&cli, &["corp"]);
    let pass = format!("x-api-key: {}", broker.pass());
    let answer = broker.ask("POST /p/corp/chat", &[&pass], "{\"once\":\"more\"}");
    assert_eq!(status_of(&answer), 200, "{answer}");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.body == "{\"once\":\"more\"}"));
    broker.process().says("renewed");

    // The next one is refused whatever it is, and there is no other: it is not sent again.
    fs::write(&file, KEY).expect("it can be written");
    let long = "x".repeat((1 << 20) + 1);
    let answer = broker.ask("POST /p/corp/chat", &[&pass], &long);
    assert_eq!(status_of(&answer), 401, "a body that is too long to be kept is sent once");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_rotated_key_is_in_the_very_next_request() {
    let server = Server::new(FINE);
    let cli = Cli::new().config(format!(
        "[profiles.corp]\nbase_url = \"{}\"\napi_key_file = \"~/key\"\n",
        server.url()
    ));
    // As tools that rotate keys do it: the new file takes the place of the old one.
    let set = |key: &str| {
        let next = cli.file("next", key);
        fs::set_permissions(&next, Permissions::from_mode(0o600)).expect("it is ours");
        fs::rename(next, cli.home().join("key")).expect("it is ours");
    };
    set(KEY);
    let broker = Broker::start(&cli, &["corp"]);
    for number in 0..20 {
        let key = format!("{KEY}-{number}");
        set(&key);
        assert_eq!(status_of(&broker.get("/p/corp/x")), 200);
        let request = server.requests().pop().expect("there was one");
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {key}")));
    }
}

#[test]
fn a_key_that_stays_the_same_is_not_sent_again() {
    let server = Server::new(status("401 Unauthorized", &[], "{\"error\":{}}"));
    let (_cli, broker) = broker_of(&server);
    assert_eq!(status_of(&broker.get("/p/corp/x")), 401);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_websocket_is_refused_in_words() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let pass = format!("authorization: Bearer {}", broker.pass());
    let answer = broker.ask(
        "GET /p/corp/realtime",
        &[&pass, "upgrade: websocket", "connection: upgrade", "sec-websocket-key: x"],
        "",
    );
    assert_eq!(status_of(&answer), 501, "{answer}");
    assert!(answer.contains("WebSocket"), "{answer}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_profile_without_a_credential_says_what_to_do() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "").without("CORP_KEY");
    let broker = Broker::start(&cli, &["corp"]);
    let answer = broker.get("/p/corp/x");
    assert_eq!(status_of(&answer), 401, "{answer}");
    assert!(answer.contains("orchestration auth explain corp"), "{answer}");
    assert!(server.requests().is_empty());
}
