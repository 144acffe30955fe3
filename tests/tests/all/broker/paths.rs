//! Where a client's path leads.

use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::server::Server;

use super::{FINE, broker_of, home};

#[test]
fn a_path_leads_below_the_base_url_whose_query_stays() {
    let server = Server::new(FINE);
    let cli = home(&format!("{}?api-version=2024", server.url()), "");
    let broker = Broker::start(&cli, &["corp"]);
    for (path, expected) in [
        ("/p/corp/chat/completions", "/v1/chat/completions?api-version=2024"),
        ("/p/corp/m?a=1&api-version=1999", "/v1/m?api-version=2024&a=1"),
        ("/p/corp/models/org%2Fname", "/v1/models/org%2Fname?api-version=2024"),
        ("/p/corp", "/v1?api-version=2024"),
    ] {
        assert_eq!(status_of(&broker.get(path)), 200, "{path}");
        let line = server.requests().pop().expect("there was a request").line;
        assert_eq!(line, format!("GET {expected} HTTP/1.1"));
    }
}

#[test]
fn each_request_of_a_connection_is_judged_for_itself() {
    let (one, two) = (Server::new(FINE), Server::new(FINE));
    let other = format!("[profiles.other]\nbase_url = \"{}\"\nauth_type = \"none\"\n", two.url());
    let cli = home(&one.url(), &other);
    let broker = Broker::start(&cli, &["corp", "other"]);
    let paths = ["corp/a", "corp/a", "corp/b", "other/b", "corp/b", "corp/b?x=1", "corp/b?x=2"];
    let pass = broker.pass();
    let asked = |path: &str, host: &str| {
        format!("GET /p/{path} HTTP/1.1\r\nhost: {host}\r\nx-api-key: {pass}\r\n")
    };
    let mut requests = paths.map(|path| asked(path, "localhost")).join("\r\n");
    // These are refused, whatever was allowed before.
    requests += &format!("\r\n{}\r\n", asked("corp/b", "evil.example"));
    requests += &asked("corp/b/../../c", "localhost");
    let answers = broker.raw(requests + "connection: close\r\n\r\n");
    assert_eq!(answers.matches("HTTP/1.1 200").count(), paths.len(), "{answers}");
    for code in ["other_host", "path_refused"] {
        assert_eq!(answers.matches(code).count(), 1, "{answers}");
    }
    let lines = |server: &Server| -> Vec<String> {
        server.requests().into_iter().map(|request| request.line).collect()
    };
    let expected = ["/v1/a", "/v1/a", "/v1/b", "/v1/b", "/v1/b?x=1", "/v1/b?x=2"];
    assert_eq!(lines(&one), expected.map(|path| format!("GET {path} HTTP/1.1")));
    assert_eq!(lines(&two), ["GET /v1/b HTTP/1.1"]);
}

#[test]
fn no_path_leads_out_of_the_base_url_or_to_another_host() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    for path in [
        "/p/corp//evil.example/x",
        "/p/corp/../../admin",
        "/p/corp/..",
        "/p/corp/%2e%2e/admin",
        "/p/corp/.%2E/admin",
        "/p/corp/..%2fadmin",
        "/p/corp/%252e%252e/admin",
        "/p/corp/..;/admin",
        "/p/corp/a/..%5c..%5cadmin",
        "/p/corp/%2fevil.example",
        "/p/corp/a%0d%0aHost:%20evil.example",
        "/p/corp/\\evil.example",
        "http://evil.example/p/corp/x",
        "http://127.0.0.1/p/corp/x",
        "//evil.example/p/corp/x",
        "/p/../p/corp/x",
        "/p//corp/x",
        "*",
        "/",
        "/v1/models",
    ] {
        let answer = broker.get(path);
        assert!((400..=404).contains(&status_of(&answer)), "{path} {answer}");
    }
    let connect =
        broker.ask("CONNECT evil.example:443", &[&format!("x-api-key: {}", broker.pass())], "");
    assert!((400..500).contains(&status_of(&connect)), "{connect}");
    assert!(server.requests().is_empty(), "{:#?}", server.requests());
}

#[test]
fn a_request_for_another_host_or_of_a_web_page_is_refused() {
    let server = Server::new(FINE);
    let (_cli, broker) = broker_of(&server);
    let pass = broker.pass();
    let raw = |host: &str, more: &str| {
        broker.raw(format!(
            "GET /p/corp/x HTTP/1.1\r\n{host}connection: close\r\nx-api-key: {pass}\r\n{more}\r\n"
        ))
    };
    for host in [
        "host: evil.example\r\n",
        "host: evil.example:80\r\n",
        "host: localhost.evil.example\r\n",
        "host: 127.0.0.1.evil.example\r\n",
        "host: localhost@evil.example\r\n",
        "host: localhost\r\nhost: evil.example\r\n",
        "host: 10.0.0.1\r\n",
        "host: \r\n",
        "",
    ] {
        let answer = raw(host, "");
        assert!(matches!(status_of(&answer), 400 | 403), "{host:?} {answer}");
    }
    for origin in ["https://evil.example", "null", "http://localhost:3000"] {
        let answer = raw("host: localhost\r\n", &format!("origin: {origin}\r\n"));
        assert_eq!(status_of(&answer), 403, "{origin} {answer}");
    }
    assert!(server.requests().is_empty());
    for host in ["localhost", "LOCALHOST:1234", "127.0.0.1", "[::1]:8080"] {
        assert_eq!(status_of(&raw(&format!("host: {host}\r\n"), "")), 200, "{host}");
    }
}
