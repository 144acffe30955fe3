//! The page for whoever runs a broker.
//!
//! Promised here: there is none unless it is asked for; it shows the same numbers as `/metrics`;
//! what others chose is text on it; it loads nothing, runs nothing and has no secret; and a web
//! page can't read it.

use orchestration_runtime::{
    Broker as OwnBroker, Environment, Listener, ProviderProfile, Registry, Upstream,
};
use orchestration_tests::Cli;
use orchestration_tests::ask::ask;
use orchestration_tests::broker::{Broker, status_of};
use orchestration_tests::identity::chromium;
use orchestration_tests::server::{Server, status};

use super::{FINE, KEY, broker_of, home};

#[test]
fn there_is_no_page_unless_it_is_asked_for() {
    let (_cli, broker) = broker_of(&Server::new(FINE));
    assert_eq!(status_of(&broker.get("/")), 404);
}

#[test]
fn a_browser_shows_profiles_credentials_errors_and_requests_and_has_nothing_to_complain_about() {
    let server = Server::new(FINE);
    let issuer = Server::new(status(
        "200 OK",
        &[("content-type", "application/json")],
        "{\"access_token\":\"tok-0-Zq81LmVt93Kx\",\"expires_in\":3600}",
    ));
    let config = format!(
        "[profiles.corp]\nbase_url = \"{0}\"\napi_key_env = \"CORP_KEY\"\n\
         [profiles.lost]\nbase_url = \"{0}\"\napi_key_env = \"LOST_KEY\"\n\
         [profiles.mint]\nbase_url = \"{0}\"\nauth_type = \"federated\"\n\
         api_key_env = \"CORP_KEY\"\nissuer = \"http://{1}\"\n\
         options = {{ token_endpoint = \"/token\" }}\n",
        server.url(),
        issuer.host()
    );
    let cli = Cli::new().env("CORP_KEY", KEY).config(config);
    let broker = Broker::start(&cli, &["--ui", "corp", "lost", "mint"]);
    for path in ["/p/corp/x", "/p/corp/x", "/p/mint/x", "/p/lost/x"] {
        broker.get(path);
    }
    broker.ask("GET /p/corp/x", &["x-api-key: wrong"], "");
    let page = broker.get("/");
    for secret in [KEY, "tok-0", &*broker.pass(), "/p/"] {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
    let Some(shown) = chromium(&format!("http://{}/", broker.address()), "open") else { return };
    assert_eq!(shown["complaints"], serde_json::json!([]), "{shown}");
    let text = shown["text"].as_str().expect("a text");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "1 credential needs attention",
        "corp http://127.0.0.1:",
        "lost http://127.0.0.1:",
        "Missing",
        "LOST_KEY",
        "Ready expires in 59 min",
        "1 in total",
        "2xx 2",
        "4xx 1",
        "1 wrong_pass",
        "1 no_credential",
    ] {
        assert!(text.contains(words), "{words:?} is not on the page: {text}");
    }
}

#[test]
fn the_words_of_a_server_and_the_name_of_a_profile_are_text_on_it() {
    let hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"&lt;";
    let json = [("content-type", "application/json")];
    let answer = serde_json::json!({ "error": "invalid_grant", "error_description": hostile });
    let issuer = Server::new(status("400 Bad Request", &json, &answer.to_string()));
    let config = format!(
        "[profiles.mint]\nbase_url = \"http://127.0.0.1:1/v1\"\nauth_type = \"federated\"\n\
         api_key_env = \"CORP_KEY\"\nissuer = \"http://{}\"\n\
         options = {{ token_endpoint = \"/token\" }}\n",
        issuer.host()
    );
    let cli = Cli::new().env("CORP_KEY", KEY).config(config);
    let broker = Broker::start(&cli, &["--ui", "mint"]);
    broker.get("/p/mint/x");
    let page = broker.get("/");
    assert!(page.contains("onerror=alert(1)") && !page.contains("<img"), "{page}");
    assert!(!page.contains("<script"), "{page}");

    // Names in providers.toml are harmless. Those of an embedder may be anything.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let registry = Registry::built_in(Environment::Fixed([].into())).expect("there is a sandbox");
    let profile = ProviderProfile {
        base_url: Some("http://127.0.0.1:1/v1".parse().expect("it is a URL")),
        auth_type: "none".to_owned(),
        ..ProviderProfile::new(hostile)
    };
    let upstream = runtime.expect("it can be built").block_on(Upstream::new(&profile, &registry));
    let own = OwnBroker::new([upstream.expect("it can be served")], []);
    own.show_status_page();
    let listener = Listener::on_free_port().expect("a port is free");
    let serving = own.serve(listener, 1.try_into().expect("it is one")).expect("it starts");
    let host = serving.address().to_string();
    let page = ask(&host, "GET /", &[], "").body;
    assert!(page.contains("onerror=alert(1)") && !page.contains("<img"), "{page}");
    assert!(page.contains("&#39;&quot;&amp;lt;") && !page.contains("<script"), "{page}");
    // In a label of Prometheus it is a text, too: one line, and its quotes escaped.
    let metrics = ask(&host, "GET /metrics", &[], "").body;
    assert!(metrics.contains("onerror=alert(1)") && metrics.contains("'\\\"&lt;\""), "{metrics}");
    serving.end();
}

#[test]
fn its_headers_forbid_everything_and_a_web_page_or_another_host_does_not_get_it() {
    let server = Server::new(FINE);
    let cli = home(&server.url(), "");
    let broker = Broker::start(&cli, &["--ui", "corp"]);
    let answer = broker.ask("GET /", &[], "");
    assert_eq!(status_of(&answer), 200);
    let (head, page) = answer.split_once("\r\n\r\n").expect("there is a page");
    for header in [
        "content-type: text/html; charset=utf-8",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "frame-ancestors 'none'",
        "form-action 'none'",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(!head.contains("unsafe") && !page.contains("<script") && !page.contains("style=\""));
    for lines in [
        "host: evil.example\r\n",
        "host: localhost.evil.example:80\r\n",
        "",
        "host: localhost\r\norigin: https://evil.example\r\n",
        "host: localhost\r\norigin: null\r\n",
    ] {
        let answer = broker.raw(format!("GET / HTTP/1.1\r\n{lines}connection: close\r\n\r\n"));
        assert!(matches!(status_of(&answer), 400 | 403), "{lines} {answer}");
        assert!(!answer.contains("corp"), "{answer}");
    }
}
