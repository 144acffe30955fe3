//! What of a provider's answer reaches the client, and what a hostile one can do.

use std::io;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_tests::Cli;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::server::{EVENTS, Server, status};

use super::{FINE, KEY, broker_of, home};

#[test]
fn an_event_reaches_the_client_before_the_next_is_there() {
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    let server = Server::with(move |_, stream| {
        stream.write_all(EVENTS.as_bytes())?;
        stream.write_all(b"data: first\n\n")?;
        stream.flush()?;
        // It is not sent before the client has the first.
        may_go_on.lock().expect("it is whole").recv().expect("the client has it");
        stream.write_all(b"data: second\n\n")
    });
    let (_cli, broker) = broker_of(&server);
    let mut answer = broker.begin("/p/corp/x");
    answer.until("data: first\n\n");
    go_on.send(()).expect("the server waits");
    answer.until("data: second\n\n");
    answer.until("0\r\n\r\n");
}

#[test]
fn an_error_that_repeats_the_key_reaches_the_client_without_it() {
    let escaped: String = KEY.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let forms = [
        KEY.to_owned(),
        KEY[..20].to_owned(),
        STANDARD.encode(format!("Bearer {KEY}")),
        STANDARD.encode(format!("user:{KEY}")),
        escaped,
    ];
    for code in ["400 Bad Request", "401 Unauthorized", "302 Found", "500 Internal Server Error"] {
        for form in &forms {
            let body = format!("{{\n  \"error\": {{ \"message\": \"no: {form}\", \"n\": 1 }}\n}}");
            let headers = [("x-echo", &**form), ("www-authenticate", &*format!("Bearer {form}"))];
            let server = Server::new(status(code, &headers, &body));
            let (_cli, broker) = broker_of(&server);
            let answer = broker.get("/p/corp/x");
            assert_eq!(status_of(&answer), code[..3].parse::<u16>().expect("a number"));
            assert!(!answer.contains(&form[..12]), "{form} in {answer}");
            let (_, body) = answer.split_once("\r\n\r\n").expect("there is a body");
            let body: serde_json::Value = serde_json::from_str(body).expect("it is still JSON");
            assert_eq!(body["error"]["n"], 1);
        }
    }
}

#[test]
fn an_error_that_cannot_be_searched_is_not_passed_on() {
    let server = Server::new(status("400 Bad Request", &[("content-encoding", "gzip")], KEY));
    let (_cli, broker) = broker_of(&server);
    let answer = broker.get("/p/corp/x");
    assert_eq!(status_of(&answer), 400);
    assert!(!answer.contains("Zx8vQ2mN") && answer.contains("unreadable_error"), "{answer}");
}

#[test]
fn an_error_without_an_end_is_cut_off() {
    let server = Server::with(|_, stream| {
        stream.write_all(b"HTTP/1.1 500 No\r\n\r\n")?;
        loop {
            stream.write_all(&[b'x'; 4096])?;
        }
    });
    let (_cli, broker) = broker_of(&server);
    let answer = broker.get("/p/corp/x");
    assert_eq!(status_of(&answer), 500);
    let (_, body) = answer.split_once("\r\n\r\n").expect("there is a body");
    assert_eq!(body.len(), 64 << 10);
}

#[test]
fn a_redirect_is_not_followed_and_takes_no_key_with_it() {
    for (location, expected) in [
        ("https://evil.example/x", "https://evil.example/x"),
        ("//evil.example/x", "//evil.example/x"),
        ("/v1/files/1?a=b", "/p/corp/files/1?a=b"),
        ("/elsewhere", "/elsewhere"),
        ("/v10/x", "/v10/x"),
        ("sibling", "sibling"),
    ] {
        let server = Server::new(status("307 Temporary Redirect", &[("location", location)], ""));
        let (_cli, broker) = broker_of(&server);
        let answer = broker.get("/p/corp/x");
        assert_eq!(status_of(&answer), 307);
        assert!(answer.contains(&format!("location: {expected}\r\n")), "{answer}");
        assert_eq!(server.requests().len(), 1, "{location}");
    }
    let at_home = Server::with(|request, stream| {
        let host = request.header("host").unwrap_or_default();
        let location = format!("http://{host}/v1/files/1");
        stream.write_all(status("302 Found", &[("location", &location)], "").as_bytes())
    });
    let (_cli, broker) = broker_of(&at_home);
    assert!(broker.get("/p/corp/x").contains("location: /p/corp/files/1\r\n"));
}

#[test]
fn an_answer_that_breaks_off_does_not_pass_for_a_whole_one() {
    let server = Server::new("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this");
    let (_cli, broker) = broker_of(&server);
    let answer = broker.get("/p/corp/x");
    assert!(answer.contains("content-length: 100") && answer.ends_with("only this"), "{answer}");

    let server =
        Server::new("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nonly this\r\n");
    let (_cli, broker) = broker_of(&server);
    let answer = broker.get("/p/corp/x");
    assert!(answer.contains("only this") && !answer.ends_with("0\r\n\r\n"), "{answer}");
    broker.process().says("incomplete");
}

#[test]
fn answers_without_a_body_have_none() {
    let server = Server::with(|request, stream| {
        let answer = match &*request.line {
            line if line.starts_with("HEAD") => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n",
            line if line.contains("/none") => "HTTP/1.1 204 No Content\r\nx-a: b\r\n",
            _ => "HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\ncontent-length: 7\r\n",
        };
        write!(stream, "{answer}\r\n")
    });
    let (_cli, broker) = broker_of(&server);
    let pass = format!("x-api-key: {}", broker.pass());
    for (line, code) in [("HEAD /p/corp/x", 200), ("GET /p/corp/none", 204), ("GET /p/corp/x", 304)]
    {
        let answer = broker.ask(line, &[&pass], "");
        assert_eq!(status_of(&answer), code);
        assert!(answer.ends_with("\r\n\r\n"), "{line} {answer:?}");
    }
}

#[test]
fn a_provider_that_is_silent_or_gone_is_reported_and_not_waited_for() {
    let (_hold, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = Server::with(move |_, _| {
        let _ = wait.lock().expect("it is whole").recv();
        Ok(())
    });
    let cli = home(&server.url(), "timeout_seconds = 1\n");
    let broker = Broker::start(&cli, &["corp"]);
    let answer = broker.get("/p/corp/x");
    assert_eq!(status_of(&answer), 504, "{answer}");
    assert!(answer.contains("did not answer in time"), "{answer}");

    let cli = home("http://127.0.0.1:1/v1", "");
    let broker = Broker::start(&cli, &["corp"]);
    let answer = broker.get("/p/corp/x");
    assert_eq!(status_of(&answer), 502, "{answer}");
    assert!(answer.contains("refused the connection"), "{answer}");
}

#[test]
fn a_provider_that_stops_reading_is_not_waited_for() {
    // It takes the connection and reads nothing of it.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let host = listener.local_addr().expect("it has an address");
    let cli = home(&format!("http://{host}/v1"), "timeout_seconds = 1\n");
    let broker = Broker::start(&cli, &["corp"]);
    let pass = format!("x-api-key: {}", broker.pass());
    // More than the buffers of both sides take.
    let body = "x".repeat(64 << 20);
    let answer = broker.ask("POST /p/corp/x", &[&pass], &body);
    assert_eq!(status_of(&answer), 504, "{answer}");
    broker.process().says("POST /p/corp/x 504");
    // Nor is its connection kept.
    let (mut connection, _) = listener.accept().expect("the broker has connected");
    connection.set_read_timeout(Some(Duration::from_secs(60))).expect("it can be set");
    let read = io::copy(&mut connection, &mut io::sink());
    let is_reset = |error: io::Error| error.kind() == io::ErrorKind::ConnectionReset;
    assert!(read.map_or_else(is_reset, |read| read < 64 << 20));
}

#[test]
fn an_answer_says_nothing_of_the_connection_behind_it() {
    let server = Server::new(
        "HTTP/1.1 200 OK\r\nconnection: x-hop, close\r\nx-hop: 1\r\nkeep-alive: timeout=9\r\n\
         alt-svc: h3=\":443\"\r\nproxy-authenticate: Basic\r\nx-kept: 1\r\ncontent-length: 2\r\n\r\n{}",
    );
    let (_cli, broker) = broker_of(&server);
    let answer = broker.get("/p/corp/x");
    assert!(answer.contains("x-kept: 1"), "{answer}");
    for gone in ["x-hop", "keep-alive", "alt-svc", "proxy-authenticate"] {
        assert!(!answer.contains(gone), "{gone} {answer}");
    }
}

#[test]
fn the_time_that_a_token_takes_is_not_taken_from_the_provider() {
    let issuer = Server::with(|_, stream| {
        thread::sleep(Duration::from_secs(2));
        let token = "{\"access_token\":\"tok-Zq81LmVt93Kx\",\"expires_in\":3600}";
        let json = [("content-type", "application/json")];
        stream.write_all(status("200 OK", &json, token).as_bytes())
    });
    let server = Server::new(FINE);
    let config = format!(
        "[profiles.corp]\nbase_url = \"{}\"\nauth_type = \"federated\"\n\
         api_key_env = \"CORP_KEY\"\nissuer = \"http://{}\"\ntimeout_seconds = 1\n\
         options = {{ token_endpoint = \"/token\" }}\n",
        server.url(),
        issuer.host()
    );
    let cli = Cli::new().env("CORP_KEY", KEY).config(config);
    let broker = Broker::start(&cli, &["corp"]);
    let answer = broker.get("/p/corp/x");
    assert_eq!(status_of(&answer), 200, "{answer}");
}
