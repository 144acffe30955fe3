//! Proxies, as the environment sets them.
//!
//! Promised here: a proxy that is set is used, or the command says why it can't be; no
//! key goes around it. `doctor` says the same as the requests show.

use orchestration_tests::server::{Refusing, Server, status};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-proj-abcdefgh7x2f";

/// Asks OpenAI through a proxy that plays it.
fn verify(cli: &Cli) -> Outcome {
    cli.run(&["auth", "check", "openai", "--verify"])
}

fn answer() -> String {
    status("200 OK", &[("content-type", "application/json")], "{\"id\":\"user-1\"}")
}

fn cli(authority: &str) -> Cli {
    let cli = Cli::new().env("OPENAI_API_KEY", KEY);
    let file = cli.file("authority.pem", authority);
    cli.env("SSL_CERT_FILE", file)
}

/// The certificate of some authority: clients want one before they connect.
fn authority() -> String {
    Server::internet(&["unused.example"], |_| answer()).1
}

#[test]
fn a_proxy_that_is_set_in_any_form_is_used_and_doctor_says_so() {
    for (variable, before, after) in [
        ("HTTPS_PROXY", "http://", ""),
        ("https_proxy", "", ""),
        ("ALL_PROXY", "http://me:hunter22@", "/"),
    ] {
        let (proxy, authority) = Server::internet(&["api.openai.com"], |_| answer());
        let value = format!("{before}{}{after}", proxy.host());
        let cli = cli(&authority).env(variable, value);
        verify(&cli).exits_with(0);
        assert_eq!(proxy.requests().len(), 1, "{variable}");
        let outcome = cli.run(&["doctor"]).exits_with(0);
        let seen = format!("{variable} is http://{}", proxy.host());
        assert!(outcome.stdout.contains(&seen), "{}", outcome.stdout);
        assert!(!outcome.all().contains("hunter22"));
    }
}

#[test]
fn a_socks_proxy_is_used_and_looks_up_the_name() {
    for (variable, scheme) in
        [("ALL_PROXY", "socks5h"), ("all_proxy", "socks"), ("HTTPS_PROXY", "SOCKS5H")]
    {
        let (proxy, authority) = Server::socks_internet(&["api.openai.com"], |_| answer());
        let cli = cli(&authority).env(variable, format!("{scheme}://{}/", proxy.host()));
        verify(&cli).exits_with(0);
        assert_eq!(proxy.requests().len(), 1, "{variable}");
        let outcome = cli.run(&["doctor"]).exits_with(0);
        let seen = format!("{variable} is socks5h://{}", proxy.host());
        assert!(outcome.stdout.contains(&seen), "{}", outcome.stdout);
    }
}

#[test]
fn a_proxy_that_can_not_be_used_is_an_error_and_the_key_goes_nowhere() {
    for value in ["ftp://127.0.0.1:21", "hunter 22", "http://", "socks6://127.0.0.1:1080"] {
        // A value that decides is not skipped for one that would do.
        let (other, authority) = Server::internet(&["api.openai.com"], |_| answer());
        let other_url = format!("http://{}", other.host());
        let cli = cli(&authority).env("HTTPS_PROXY", value).env("ALL_PROXY", other_url);
        let outcome = verify(&cli).exits_with(4);
        assert!(!outcome.all().contains("hunter"), "{}", outcome.all());
        outcome.explains(&["HTTPS_PROXY is not the URL of a proxy", "unset HTTPS_PROXY"]);
        assert!(other.requests().is_empty(), "{value}");
        let doctor = cli.run(&["doctor"]).exits_with(2);
        assert!(doctor.stdout.contains("HTTPS_PROXY is not the URL of a proxy"), "{doctor:#?}");
        assert!(!doctor.all().contains("hunter"), "{}", doctor.all());
    }
}

#[test]
fn a_dead_proxy_is_named_in_place_of_the_provider() {
    let dead = Refusing::start();
    for scheme in ["http", "https", "socks5h", "socks4a"] {
        let url = format!("{scheme}://{}", dead.host());
        let cli = cli(&authority()).env("HTTPS_PROXY", &url);
        let outcome = verify(&cli).exits_with(4);
        let named = format!("through the proxy {url} (HTTPS_PROXY)");
        outcome.explains(&[&named, "is the proxy running?"]);
    }
}

#[test]
fn a_proxy_that_refuses_is_named() {
    let proxy = Server::new("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let url = format!("http://{}", proxy.host());
    let outcome = verify(&cli(&authority()).env("HTTPS_PROXY", &url));
    outcome.exits_with(4).explains(&[&format!("through the proxy {url} (HTTPS_PROXY)")]);
}

#[test]
fn an_agent_names_a_dead_proxy_too() {
    let dead = Refusing::start();
    let cli = cli(&authority()).env("HTTPS_PROXY", dead.host());
    let arguments = ["spawn", "--profile", "openai", "--model", "gpt", "Hello"];
    let outcome = cli.run(&arguments);
    outcome.explains(&[&format!("through the proxy http://{} (HTTPS_PROXY)", dead.host())]);
}

#[test]
fn hosts_of_no_proxy_and_this_machine_are_reached_without_it() {
    let dead = Refusing::start();
    let server = Server::new(status("200 OK", &[], "{}"));
    let cli = Cli::new().env("ALL_PROXY", dead.host()).env("CORP_KEY", KEY).config(format!(
        "[profiles.corp]\nbase_url = \"{}\"\napi_key_env = \"CORP_KEY\"\n\
         verify = {{ path = \"/me\" }}\n",
        server.url()
    ));
    cli.run(&["auth", "check", "corp", "--verify"]).exits_with(0);
    assert_eq!(server.requests().len(), 1);
    let outcome = cli.env("NO_PROXY", "*").run(&["doctor"]).exits_with(0);
    assert!(outcome.stdout.contains("none is used"), "{}", outcome.stdout);
}
