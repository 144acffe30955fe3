//! Signing in to OpenRouter, which makes an API key.
//!
//! Promised here: the key goes from the server into the session, and only this process can
//! get it; what a stranger sends to the port is not taken for an answer; and the user is
//! told what can't be done for them.
//!
//! OpenRouter itself can't be reached from here. Its place is taken by a server that does what
//! its documentation says of `/auth` and of `POST /api/v1/auth/keys`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestration_tests::identity::{address_shown, chromium};
use orchestration_tests::server::{Request, Server, status};
use orchestration_tests::{Cli, Outcome};
use sha2::{Digest, Sha256};

const KEY: &str = "sk-or-v1-0e6f44a47a05f1dad2ad7e88c4c1d6b7";
const USER: &str = "user_2yOPcMpKoQhcd4bVgSMlELRaIah";
const CODE: &str = "auth_code_abc123def456";

const LOGIN: &[&str] = &["auth", "login", "router", "--no-open", "--timeout", "60s"];

/// The server, and a command line whose profile `router` signs in there.
fn router() -> (Server, Cli) {
    let challenge = Arc::new(Mutex::new(String::new()));
    let server = Server::with(move |request, stream| {
        let mut challenge = challenge.lock().expect("no one panicked");
        stream.write_all(answer(request, &mut challenge).as_bytes())
    });
    let config = format!(
        "[profiles.router]\nbase_url = \"http://127.0.0.1:9/v1\"\nauth_type = \"openrouter\"\n\
         issuer = \"http://{}\"\n",
        server.host()
    );
    (server, Cli::new().config(config))
}

/// What the server answers, which keeps the challenge of the last page.
fn answer(request: &Request, challenge: &mut String) -> String {
    match request.line.split(' ').collect::<Vec<_>>()[..] {
        ["GET", target, _] if target.starts_with("/auth?") => {
            assert_eq!(parameter(target, "code_challenge_method").as_deref(), Some("S256"));
            *challenge = parameter(target, "code_challenge").expect("there is a challenge");
            let back = parameter(target, "callback_url").expect("it leads back");
            let separator = if back.contains('?') { '&' } else { '?' };
            status("302 Found", &[("location", &format!("{back}{separator}code={CODE}"))], "")
        }
        ["POST", "/api/v1/auth/keys", _] => {
            let sent: serde_json::Value = serde_json::from_str(&request.body).expect("it is JSON");
            let verifier = sent["code_verifier"].as_str().expect("there is a verifier");
            let is_right = sent["code"] == CODE
                && sent["code_challenge_method"] == "S256"
                && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge;
            let json = &[("content-type", "application/json")];
            if is_right {
                status("200 OK", json, &format!(r#"{{"key":"{KEY}","user_id":"{USER}"}}"#))
            } else {
                let body = r#"{"error":{"code":403,"message":"Invalid code or code_verifier"}}"#;
                status("403 Forbidden", json, body)
            }
        }
        _ => status("404 Not Found", &[], ""),
    }
}

/// The value of a parameter in the query of a target.
fn parameter(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    let value = values.next()?.replace("%3A", ":").replace("%2F", "/");
    Some(value.replace("%3F", "?").replace("%3D", "="))
}

/// Sends a request to a server on this machine, and returns the whole answer.
fn get(address: &str) -> String {
    let (host, target) = address
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .expect("it is an address on this machine");
    let mut stream = TcpStream::connect(host).expect("it listens");
    let request = format!("GET /{target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// Opens the page, as a browser does, and returns the address that it leads to.
fn approve(address: &str) -> String {
    let page = get(address);
    let location = page.lines().find_map(|line| line.strip_prefix("location: "));
    location.expect("it leads back").to_owned()
}

fn login(cli: &Cli) -> Child {
    cli.command(LOGIN).spawn().expect("the product can be started")
}

fn outcome(login: Child) -> Outcome {
    login.wait_with_output().expect("it ends").into()
}

fn signed_in(cli: &Cli) -> Outcome {
    let mut login = login(cli);
    let address = address_shown(&mut login);
    let back = approve(&address);
    assert!(get(&back).starts_with("HTTP/1.1 200 OK\r\n"));
    outcome(login).exits_with(0)
}

#[test]
fn ends_in_a_key_that_nothing_shows() {
    let (server, cli) = router();
    let signed_in = signed_in(&cli);
    assert_eq!(signed_in.stdout, format!("✓ Signed in to router as {USER}\n"));
    assert_eq!(cli.run(&["auth", "token", "router"]).exits_with(0).stdout, format!("{KEY}\n"));
    let status = cli.run(&["auth", "status", "router"]).exits_with(0);
    let row = ["router", "openrouter", "✓ valid", &format!("session of {USER}")];
    assert_eq!(status.row("router"), row);
    let nothing = cli.run(&["auth", "refresh", "router"]).exits_with(0);
    assert_eq!(nothing.stdout, "router has nothing to renew\n");
    for arguments in [
        &["auth", "explain", "router", "-v"][..],
        &["auth", "status", "router", "--format", "json"],
        &["session", "show", "router"],
        &["doctor"],
    ] {
        let outcome = cli.run(arguments).exits_with(0);
        assert!(!outcome.all().contains(KEY), "{arguments:?}: {outcome:#?}");
    }

    let exchanges = server.requests();
    let exchanges: Vec<_> =
        exchanges.iter().filter(|request| request.line.starts_with("POST")).collect();
    let [exchange] = exchanges[..] else { panic!("{exchanges:#?}") };
    assert_eq!(exchange.header("content-type"), Some("application/json"));
    assert_eq!(exchange.header("authorization"), None);
}

#[test]
fn leads_back_to_an_address_with_the_state_in_it() {
    let (server, cli) = router();
    let mut login = login(&cli);
    let address = address_shown(&mut login);
    assert!(address.starts_with(&format!("http://{}/auth?callback_url=", server.host())));
    for name in ["state", "redirect_uri", "response_type"] {
        assert_eq!(parameter(&address, name), None, "{address}");
    }
    let back = parameter(&address, "callback_url").expect("it leads back");
    assert!(back.starts_with("http://localhost:"), "{back}");
    assert!(parameter(&back, "state").is_some_and(|state| state.len() == 43), "{back}");

    let (callback, _) = back.split_once('?').expect("there is a query");
    for forged in [
        format!("{callback}?code={CODE}"),
        format!("{callback}?code={CODE}&state=guessed"),
        format!("{callback}?error=access_denied"),
        format!("{back}&state=guessed&code={CODE}"),
        back.clone(),
        back.replace("/callback?", "/other?"),
    ] {
        assert!(get(&forged).starts_with("HTTP/1.1 404"), "{forged}");
    }
    let page = get(&approve(&address));
    assert!(page.contains("The sign-in to <b>router</b> continues"), "{page}");
    outcome(login).exits_with(0);
    // The answer was taken, so nobody listens any more.
    assert!(
        TcpStream::connect(
            callback.trim_start_matches("http://").split('/').next().expect("a host")
        )
        .is_err()
    );
}

#[test]
fn leads_a_real_browser_back() {
    let (_server, cli) = router();
    let mut login = login(&cli);
    let address = address_shown(&mut login);
    let Some(page) = chromium(&address, "open") else {
        login.kill().expect("it can be killed");
        login.wait().expect("it ends");
        return;
    };
    assert_eq!(page["title"], "Return to your terminal", "{page:#}");
    assert_eq!(page["complaints"], serde_json::json!([]), "{page:#}");
    outcome(login).exits_with(0);
}

#[test]
fn takes_no_code_of_another_sign_in() {
    let (_server, cli) = router();
    let mut mine = login(&cli);
    let my_address = address_shown(&mut mine);
    // Another sign-in, whose challenge the server has seen last.
    let mut other = login(&cli);
    approve(&address_shown(&mut other));
    other.kill().expect("it can be killed");
    other.wait().expect("it ends");

    let back = parameter(&my_address, "callback_url").expect("it leads back");
    get(&format!("{back}&code={CODE}"));
    outcome(mine).exits_with(1).explains(&[
        "error: profile 'router': the sign-in was refused: Invalid code or code_verifier\n",
    ]);
    cli.run(&["auth", "token", "router"]).exits_with(1).explains(&["not signed in"]);
}

#[test]
fn out_says_where_to_delete_the_key() {
    let (server, cli) = router();
    signed_in(&cli);
    let out = cli.run(&["auth", "logout", "router"]).exits_with(0);
    assert_eq!(out.stdout, "✓ Signed out of router\n");
    let expected = format!(
        "warning: the server does not know that: only you can revoke the key\n  \
         Delete it on http://{}/settings/keys: it does not expire\n",
        server.host()
    );
    assert_eq!(out.stderr, expected);
    cli.run(&["auth", "token", "router"]).exits_with(1).explains(&["not signed in"]);
}

#[test]
fn needs_no_issuer_and_no_grant_for_openrouter_itself() {
    let cli = Cli::new().config("[profiles.openrouter]\nauth_type = \"openrouter\"\n");
    let mut login = cli
        .command(&["auth", "login", "openrouter", "--no-open", "--timeout", "60s"])
        .spawn()
        .expect("the product can be started");
    let address = address_shown(&mut login);
    let start = "https://openrouter.ai/auth?callback_url=http%3A%2F%2Flocalhost%3A";
    assert!(address.starts_with(start), "{address}");
    login.kill().expect("it can be killed");
    login.wait().expect("it ends");
    let explained = cli.run(&["auth", "explain", "openrouter"]).exits_with(1);
    let granted = |line: &str| {
        line.starts_with("granted")
            && line.contains("https://openrouter.ai")
            && line.contains("the strategy is built in")
    };
    assert!(explained.stdout.lines().any(granted), "{explained:#?}");
    assert!(!explained.stdout.contains("[strategies"), "{explained:#?}");
}

#[test]
fn is_not_possible_with_a_code() {
    let (server, cli) = router();
    let device = ["auth", "login", "router", "--device"];
    let expected = format!("http://{} offers no sign-in with a code", server.host());
    cli.run(&device).exits_with(3).explains(&[&expected, "--paste"]);
    assert!(server.requests().is_empty());
}

#[test]
fn does_not_lead_back_to_a_port_that_someone_else_has() {
    let Ok(taken) = TcpListener::bind("[::1]:0") else { return };
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let (_server, cli) = router();
    let login = ["auth", "login", "router", "--no-open", "--port", &port];
    let expected = format!("cannot listen on port {port} of this machine");
    cli.run(&login).exits_with(3).explains(&[&expected]);
}
