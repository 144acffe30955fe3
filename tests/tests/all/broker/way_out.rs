//! The broker's own way to providers: through the proxies that its environment names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_tests::Cli;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::server::{Refusing, Server, status};

use super::{FINE, KEY, home};

/// A broker for a provider that only a proxy can reach.
fn broker_behind(authority: &str, variable: &str, value: String) -> (Cli, Broker) {
    let cli = home("https://llm.corp.example/v1", "");
    let file = cli.file("authority.pem", authority);
    let cli = cli.env("SSL_CERT_FILE", file).env(variable, value);
    let broker = Broker::start(&cli, &["corp"]);
    (cli, broker)
}

#[test]
fn requests_reach_the_provider_through_the_proxy_that_is_set() {
    let host = "llm.corp.example";
    for (variable, scheme) in
        [("HTTPS_PROXY", "http"), ("ALL_PROXY", "http"), ("ALL_PROXY", "socks5h")]
    {
        let proxy = match scheme {
            "http" => Server::internet(&[host], |_| FINE.to_owned()),
            _ => Server::socks_internet(&[host], |_| FINE.to_owned()),
        };
        let (proxy, authority) = proxy;
        let value = format!("{scheme}://{}", proxy.host());
        let (_cli, broker) = broker_behind(&authority, variable, value);
        for _ in 0..2 {
            let answer = broker.get("/p/corp/models");
            assert_eq!(status_of(&answer), 200, "{variable} {scheme} {answer}");
        }
        let requests = proxy.requests();
        assert_eq!(requests.len(), 2);
        for request in requests {
            assert_eq!(request.line, "GET /v1/models HTTP/1.1");
            assert_eq!(request.header("host"), Some(host));
            assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
        }
    }
}

#[test]
fn a_proxy_for_plain_http_gets_whole_urls_and_its_own_password() {
    let proxy = Server::new(FINE);
    let cli = home("http://llm.corp.example/v1", "allow_http = true\n")
        .env("HTTP_PROXY", format!("http://me:hunter22@{}", proxy.host()));
    let broker = Broker::start(&cli, &["corp"]);
    let pass = format!("x-api-key: {}", broker.pass());
    let theirs = "proxy-authorization: Basic dGhlaXJz";
    let answer = broker.ask("GET /p/corp/models?a=b", &[&pass, theirs], "");
    assert_eq!(status_of(&answer), 200, "{answer}");
    let request = proxy.request();
    assert_eq!(request.line, "GET http://llm.corp.example:80/v1/models?a=b HTTP/1.1");
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
    let own = format!("Basic {}", STANDARD.encode("me:hunter22"));
    assert_eq!(request.header("proxy-authorization"), Some(&*own));
}

#[test]
fn a_dead_proxy_and_one_that_refuses_are_named_and_the_key_goes_nowhere() {
    let dead = Refusing::start();
    let (_, authority) = Server::internet(&["unused.example"], |_| FINE.to_owned());
    for scheme in ["http", "socks5h"] {
        let value = format!("{scheme}://me:hunter22@{}", dead.host());
        let (_cli, broker) = broker_behind(&authority, "HTTPS_PROXY", value);
        let answer = broker.get("/p/corp/models");
        assert_eq!(status_of(&answer), 502, "{answer}");
        let named = format!("{scheme}://{}", dead.host());
        assert!(answer.contains(&named) && answer.contains("HTTPS_PROXY"), "{answer}");
        assert!(!answer.contains("hunter22"), "{answer}");
    }
    let refusing = Server::new(status("407 Proxy Authentication Required", &[], ""));
    let value = format!("http://{}", refusing.host());
    let (_cli, broker) = broker_behind(&authority, "HTTPS_PROXY", value);
    let answer = broker.get("/p/corp/models");
    assert_eq!(status_of(&answer), 502, "{answer}");
    assert!(!format!("{:?}", refusing.requests()).contains(KEY));
}
