//! Requests of strategies: to granted servers, with secrets by name.
//!
//! Promised here: a strategy exchanges one secret for another without seeing either, when it
//! renews its credential and at no other time; it
//! reaches a server only once that is granted, and a denial prints the line; waiting for a
//! server costs a strategy none of its time and holds up no other call; and what was sent
//! where is there to see, without a value.

use std::thread::sleep;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use orchestration_runtime::{AgentConfig, Allocation};
use orchestration_tests::guest::{self, Export, Guest, Host, Part, Sends};
use orchestration_tests::server::{Refusing, Server, status};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-corp-Zq81LmVt93KxBd7x2f";
const TOKEN: &str = "tok-9bYf72HsWqZ0nLx4PdVj3GmC";

/// An answer with this JSON.
fn json(body: &str) -> String {
    status("200 OK", &[("content-type", "application/json")], body)
}

fn token() -> String {
    json(&format!("{{\"access_token\":\"{TOKEN}\",\"expires_in\":3600}}"))
}

fn origin(server: &Server) -> String {
    format!("http://{}", server.host())
}

/// A home with `component` as the strategy `corp` of a profile of that name.
fn home(component: &[u8], more: &str, profile: &str) -> Cli {
    let profile = format!("api_key_env = \"CORP_KEY\"\n{profile}");
    let cli = Cli::new().config(guest::lines("corp", component, more, &profile));
    cli.file(".config/orchestration/corp.wasm", component);
    cli.env("CORP_KEY", KEY)
}

fn granted(server: &Server) -> String {
    format!("origins = [\"{}\"]", origin(server))
}

#[track_caller]
fn hides_secrets(outcome: &Outcome) {
    for secret in [KEY, TOKEN] {
        let start = &secret[..12];
        assert!(!outcome.all().contains(start), "{start} is shown: {outcome:#?}");
    }
}

/// Checks that the strategy's own words are shown.
#[track_caller]
fn says(outcome: &Outcome, words: &str) {
    assert!(outcome.all().contains(words), "{outcome:#?}");
}

/// Returns the line that the message suggests for `[strategies.corp]`.
fn suggested(outcome: &Outcome) -> &str {
    let line = outcome.stderr.lines().find_map(|line| line.trim().strip_prefix("grant it with "));
    let line = line.unwrap_or_else(|| panic!("no line to paste: {outcome:#?}"));
    line.strip_suffix(" under [strategies.corp]").unwrap()
}

/// A strategy that exchanges the variable `CORP_KEY` for a token.
fn exchanges(url: &str) -> Vec<u8> {
    let mut request = Sends::post(url).with("subject_token", "taken").takes("/access_token");
    request.fields.insert(0, (b"grant_type", Part::Text(b"urn:x y")));
    request.authorization = Some((b"Bearer", b"taken"));
    Guest::new().sends_variable("CORP_KEY", &request).build()
}

#[test]
fn a_secret_is_exchanged_by_names_and_every_step_is_shown_without_a_value() {
    let server = Server::new(token());
    let url = format!("{}/oauth/token?version=1", origin(&server));
    let cli = home(&exchanges(&url), &granted(&server), "");
    let explained = cli.run(&["auth", "explain", "corp"]).exits_with(0);
    hides_secrets(&explained);
    let sent = format!("POST {}/oauth/token", origin(&server));
    let line = explained.stdout.lines().find(|line| line.contains(&sent)).expect("it is shown");
    assert!(line.starts_with("sent "), "{line}");
    assert!(line.contains("200, with taken, took token"), "{line}");

    let request = server.request();
    assert_eq!(request.line, "POST /oauth/token?version=1 HTTP/1.1");
    assert_eq!(request.body, format!("grant_type=urn%3Ax+y&subject_token={KEY}"));
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    for name in ["cookie", "referer", "accept-encoding"] {
        assert_eq!(request.header(name), None, "{name}");
    }
}

#[test]
fn what_is_taken_from_one_answer_goes_into_the_next_request() {
    let server = Server::new(token());
    let [token, account] = ["token", "account"].map(|path| format!("{}/{path}", origin(&server)));
    let mut guest = Guest::new();
    let exchange = guest.send(&Sends::post(&token).takes("/access_token"));
    let mut asks = Sends::post(&account).takes("/access_token");
    asks.authorization = Some((b"Bearer", b"token"));
    let ask = guest.send(&asks);
    let component = guest.returns_answer(Export::RefreshIfNeeded, &(exchange + &ask)).build();
    hides_secrets(&home(&component, &granted(&server), "").login("corp").exits_with(0));
    let second = server.requests().pop().expect("it is sent");
    assert_eq!(second.line, "POST /account HTTP/1.1");
    assert_eq!(second.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
}

#[test]
fn only_a_renewal_sends_requests_whatever_is_granted() {
    let server = Server::new(token());
    let url = format!("{}/token", origin(&server));
    let request = Sends::post(&url).takes("/access_token");
    let strategy = |export| {
        let mut guest = Guest::new();
        let send = guest.send(&request);
        // The result is `offline`, the last of the errors, or the call crashes.
        let check = format!(
            "{send}
             (if (i32.ne (i32.const 10) (i32.load8_u offset=4 (global.get $scratch)))
               (then unreachable))"
        );
        let result = match export {
            Export::Describe => guest.place_description([b"corp", b"1", b"curious"], &[]),
            _ => 1,
        };
        guest.body(export, format!("{check} i32.const {result}")).build()
    };
    let asks = Guest::new().sends_in(Export::GetCredentials, &request).build();
    for (function, component) in
        [("describe", strategy(Export::Describe)), ("get-credentials", asks)]
    {
        let cli = home(&component, &granted(&server), "");
        let explained = cli.run(&["-v", "auth", "explain", "corp"]);
        assert!(explained.all().contains("offline"), "{function}: {explained:#?}");
        assert!(!explained.all().contains("grant it with"), "{function}: {explained:#?}");
        assert_eq!(explained.status, if function == "describe" { 0 } else { 3 });
        if function == "get-credentials" {
            let mut asked = explained.stdout.lines().filter(|line| line.starts_with("asked"));
            let said = "not sent: only refresh-if-needed sends requests";
            assert!(asked.any(|line| line.contains(said)), "{explained:#?}");
        }
    }
    let component = strategy(Export::IsValid);
    let toml = guest::lines("corp", &component, &granted(&server), "");
    let host = Host::new(&toml, &[("corp", &component)], &[]);
    let strategy = host.strategy("corp", &AgentConfig::default());
    assert!(matches!(guest::runtime().block_on(strategy.is_valid()), Ok(true)));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_server_is_out_of_reach_until_the_line_that_the_denial_prints_grants_it() {
    let server = Server::new(token());
    let component = exchanges(&format!("{}/token", origin(&server)));
    let named = format!("strategy 'corp' was denied {} (not granted)\n", origin(&server));
    let denied = home(&component, "", "").login("corp").exits_with(3);
    let denied = denied.explains(&[&format!("error: profile 'corp': {named}")]);
    assert_eq!(suggested(&denied), granted(&server));
    assert_eq!(server.requests().len(), 0);
    home(&component, suggested(&denied), "").login("corp").exits_with(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_issuer_of_a_profile_is_granted_to_its_strategy() {
    let server = Server::new(token());
    let component = exchanges(&format!("{}/token", origin(&server)));
    let issuer = format!("issuer = \"{}/realms/corp\"", origin(&server));
    let cli = home(&component, "", &issuer);
    let explained = cli.run(&["auth", "explain", "corp"]).exits_with(0);
    let is_granted = |line: &&str| line.starts_with("granted") && line.contains(&origin(&server));
    let line = explained.stdout.lines().find(is_granted).expect("it is shown");
    assert!(line.contains("the profile names it"), "{line}");
}

#[test]
fn a_text_that_is_not_public_is_read_once_the_line_that_the_denial_prints_grants_it() {
    let server = Server::new(json(r#"{"account": {"name": "ada"}, "user_code": "WDJB-MJHT"}"#));
    let url = format!("{}/me", origin(&server));
    let public = Guest::new().sends(&Sends::post(&url).reads("/user_code")).build();
    says(&home(&public, &granted(&server), "").login("corp").exits_with(1), "WDJB-MJHT");

    let private = Guest::new().sends(&Sends::post(&url).reads("/account/name")).build();
    let denied = home(&private, &granted(&server), "").login("corp").exits_with(3);
    let denied = denied.explains(&["was denied /account/name (not granted)"]);
    assert_eq!(suggested(&denied), "readable = [\"/account/name\"]");
    let both = format!("{}\n{}", granted(&server), suggested(&denied));
    says(&home(&private, &both, "").login("corp").exits_with(1), "ada");
}

#[test]
fn the_text_of_a_token_is_read_with_reveal_only_and_no_line_suggests_otherwise() {
    let server = Server::new(token());
    let url = format!("{}/token", origin(&server));
    let component = Guest::new().sends(&Sends::post(&url).reads("/access_token")).build();
    let denied = home(&component, &granted(&server), "").login("corp").exits_with(3);
    assert!(!denied.stderr.contains("grant it with"), "{denied:#?}");
    let readable = format!("{}\nreadable = [\"/access_token\"]", granted(&server));
    home(&component, &readable, "").login("corp").exits_with(2).explains(&["readable = "]);
    let reveal = format!("{}\nreveal = true", granted(&server));
    // What it says is redacted, since it is a secret.
    let revealed = home(&component, &reveal, "").login("corp").exits_with(1);
    assert!(revealed.all().contains("***"), "{revealed:#?}");
    hides_secrets(&revealed);
}

/// Otherwise a strategy would pass its author's tests and be denied at every user's.
#[test]
fn a_test_run_reveals_texts_only_to_a_strategy_that_imports_reveal() {
    let server = Server::new(token());
    let url = format!("{}/token", origin(&server));
    let request = Sends::post(&url).reads("/access_token");
    let run = |guest: Guest| {
        let cli = Cli::new();
        cli.file("guest.wasm", guest.sends(&request).build());
        let run = ["strategy", "run", "guest.wasm", "--profile", "openai", "--origin"];
        cli.run(&[&run[..], &[&origin(&server)]].concat())
    };
    let blind = run(Guest::new()).exits_with(3);
    says(&blind, "was denied \"/access_token\" (not granted)");
    // What it says is redacted, since it is a secret.
    let sees = run(Guest::new().reveals()).exits_with(1);
    says(&sees, "***");
    for outcome in [blind, sees] {
        hides_secrets(&outcome);
    }
}

/// Records `strategy run` of `component` with these values into a file of cases.
fn record(server: &Server, component: &[u8], values: &[&str]) -> (Cli, Outcome) {
    let profile = "api_key_env = \"CORP_KEY\"\nbase_url = \"https://llm.example/v1\"\n";
    let cli = Cli::new().config(format!("[profiles.corp]\n{profile}"));
    cli.file("guest.wasm", component);
    let origin = origin(server);
    let run = ["strategy", "run", "guest.wasm", "--profile", "corp", "--origin", &origin];
    let record = ["--record", "guest.cases.toml"];
    let outcome = cli.run(&[&run[..], &record[..], values].concat());
    hides_secrets(&outcome);
    (cli, outcome)
}

fn recorded(cli: &Cli) -> Option<String> {
    std::fs::read_to_string(cli.home().join("guest.cases.toml")).ok()
}

/// Checks that `strategy check` passes the recorded case.
#[track_caller]
fn passes_the_case(cli: &Cli) {
    let checked = cli.run(&["strategy", "check", "guest.wasm"]);
    hides_secrets(&checked);
    let line = "✓ cases        corp, as recorded";
    assert!(checked.stdout.lines().any(|found| found == line), "{checked:#?}");
}

/// A strategy that exchanges `CORP_KEY` for a token, and that for another one.
fn exchanges_twice(server: &Server) -> Vec<u8> {
    let [token, account] = ["token", "me"].map(|path| format!("{}/{path}", origin(server)));
    let mut guest = Guest::new();
    let take = guest.take(b"CORP_KEY");
    let mut request = Sends::post(&token).with("subject_token", "taken").takes("/access_token");
    request.fields.insert(0, (b"grant_type", Part::Text(b"urn:x y")));
    let exchange = guest.send(&request);
    let mut request = Sends::post(&account).with("token", "token").takes("/account/secret");
    request.json = true;
    let ask = guest.send(&request);
    guest.returns_answer(Export::RefreshIfNeeded, &format!("{take} {exchange} {ask}")).build()
}

#[test]
fn a_recorded_call_is_a_case_that_passes_and_has_no_secret() {
    const REFRESH: &str = "rt-Kd83nVbq01LzXyT6";
    let body = format!(
        "{{\"access_token\":\"{TOKEN}\",\"expires_in\":3600,\"scope\":\"all\",\
          \"account\":{{\"secret\":\"{REFRESH}\",\"none\":null}},\
          \"error_description\":\"for {KEY}\"}}"
    );
    let server = Server::new(json(&body));
    let set = format!("CORP_KEY={KEY}\n");
    let (cli, outcome) = record(&server, &exchanges_twice(&server), &["--env", &set]);
    outcome.exits_with(0);
    let case = recorded(&cli).expect("it is written");
    for secret in [KEY, TOKEN, REFRESH] {
        for part in secret.as_bytes().windows(8) {
            let part = str::from_utf8(part).expect("it is ASCII");
            assert!(!case.contains(part), "{part} in {case}");
        }
    }
    for text in [
        "CORP_KEY = \"placeholder-0001-",
        "grant_type=urn%3Ax+y",
        "subject_token=placeholder-0001-",
        "error_description = \"for placeholder-0001-",
        "expires_in = 3600",
        "scope = \"all\"",
        "/token\"",
        "/me\"",
    ] {
        assert!(case.contains(text), "{text} in {case}");
    }
    // What is taken from one answer goes into the next request.
    let taken = case.split("access_token = \"").nth(1).and_then(|rest| rest.split('"').next());
    let taken = taken.expect("it is there");
    assert!(taken.starts_with("placeholder-"), "{case}");
    assert!(case.contains(&format!("\\\"token\\\":\\\"{taken}")), "{case}");

    // It needs no server any more.
    drop(server);
    passes_the_case(&cli);
}

#[test]
fn a_refused_call_is_recorded_with_its_error() {
    let refused = status("400 Bad Request", &[], r#"{"error": "invalid_grant"}"#);
    let server = Server::new(refused);
    let set = format!("CORP_KEY={KEY}");
    let component = exchanges(&format!("{}/token", origin(&server)));
    let (cli, _) = record(&server, &component, &["--env", &set]);
    let case = recorded(&cli).expect("it is written");
    assert!(case.contains("status = 400") && case.contains("expect = { error = "), "{case}");
    passes_the_case(&cli);
}

#[test]
fn nothing_is_recorded_over_a_file_or_without_an_answer() {
    let server = Server::new(token());
    let set = format!("CORP_KEY={KEY}");
    let component = exchanges(&format!("{}/token", origin(&server)));
    let (cli, outcome) = record(&server, &component, &["--env", &set]);
    outcome.exits_with(0);
    let case = recorded(&cli);
    let run = ["strategy", "run", "guest.wasm", "--profile", "corp", "--env", &set, "--origin"];
    let own = origin(&server);
    let again = [&run[..], &[&own, "--record", "guest.cases.toml"]].concat();
    cli.run(&again).exits_with(2).explains(&["guest.cases.toml already exists"]);
    assert_eq!(recorded(&cli), case);
    assert_eq!(server.requests().len(), 1);

    let gone = Refusing::start();
    let url = format!("http://{}", gone.host());
    cli.file("guest.wasm", exchanges(&url));
    let other = [&run[..], &[&url, "--record", "other.cases.toml"]].concat();
    let outcome = cli.run(&other).exits_with(2);
    outcome.explains(&["other.cases.toml was not written", "got no answer"]);
    assert!(!cli.home().join("other.cases.toml").exists());
}

#[test]
fn waiting_for_a_server_is_no_part_of_the_deadline_and_has_a_limit_of_its_own() {
    let server = Server::with(|_, stream| {
        sleep(Duration::from_millis(700));
        stream.write_all(token().as_bytes())
    });
    let component = exchanges(&format!("{}/token", origin(&server)));
    let with = |limits: &str| {
        let more = format!("{}\nlimits = {{ {limits} }}", granted(&server));
        home(&component, &more, "").login("corp")
    };
    with("deadline_ms = 200").exits_with(0);
    let late = format!("strategy 'corp' got no answer from {} in time", origin(&server));
    with("http_ms = 200")
        .exits_with(3)
        .explains(&[&late, "raise it with limits = { http_ms = 400 } under [strategies.corp]"]);
}

#[test]
fn a_strategy_that_sends_too_much_fails_with_the_limit_and_how_to_raise_it() {
    let server = Server::new(json("{}"));
    let mut guest = Guest::new();
    let send = guest.send(&Sends::post(&format!("{}/x", origin(&server))));
    let send = send.repeat(5);
    let component = guest.returns_answer(Export::RefreshIfNeeded, &send).build();
    let with = |requests: u8| {
        let more = format!("{}\nlimits = {{ http_requests = {requests} }}", granted(&server));
        home(&component, &more, "").login("corp")
    };
    with(4)
        .exits_with(3)
        .explains(&["was stopped: it sent more than 4 requests", "limits = { http_requests = 8 }"]);
    assert_eq!(server.requests().len(), 4);
    says(&with(5).exits_with(1), "nothing");
}

/// Neither the threads of the host nor the turns of a strategy are taken while it waits.
#[test]
fn a_hundred_calls_of_one_strategy_wait_for_a_server_at_once() {
    const CALLS: usize = 100;
    let server = Server::with(|_, stream| {
        sleep(Duration::from_millis(500));
        stream.write_all(token().as_bytes())
    });
    let component = exchanges(&format!("{}/token", origin(&server)));
    let profile = "api_key_env = \"CORP_KEY\"";
    let mut toml = guest::lines("corp", &component, &granted(&server), profile);
    for number in 0..CALLS {
        toml += &format!("[profiles.corp-{number}]\nauth_type = \"corp\"\n{profile}\n");
    }
    for allocation in [Allocation::OnDemand, Allocation::Pooling] {
        let host =
            Host::allocating(allocation, &toml, &[("corp", &component)], &[("CORP_KEY", KEY)]);
        let config = AgentConfig::default();
        let strategies: Vec<_> =
            (0..CALLS).map(|number| host.strategy(&format!("corp-{number}"), &config)).collect();
        guest::runtime().block_on(async {
            host.strategy("corp", &config).obtain(Duration::ZERO).await.expect("it is compiled");
            let started = Instant::now();
            let answers = join_all(strategies.iter().map(|one| one.obtain(Duration::ZERO))).await;
            // One after the other, it would be 50 s, and half of it on two processors.
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        });
    }
}

/// Each takes 20 MiB, so that they fill the memory that strategies share, and wait for each
/// other's memory and for their turn in every order.
#[test]
fn calls_that_fill_the_shared_memory_while_they_wait_end() {
    const CALLS: usize = 120;
    let server = Server::with(|_, stream| {
        sleep(Duration::from_millis(100));
        stream.write_all(token().as_bytes())
    });
    let url = format!("{}/token", origin(&server));
    let request = Sends::post(&url).with("subject_token", "taken").takes("/access_token");
    let component = Guest::new().memory("320").sends_variable("CORP_KEY", &request).build();
    let profile = "api_key_env = \"CORP_KEY\"";
    let host = Host::new(
        &guest::lines("corp", &component, &granted(&server), profile),
        &[("corp", &component)],
        &[("CORP_KEY", KEY)],
    );
    let config = AgentConfig::default();
    let strategies: Vec<_> = (0..CALLS).map(|_| host.strategy("corp", &config)).collect();
    guest::runtime().block_on(async {
        // Unlike `obtain`, which would send one request for all of them.
        let answers = join_all(strategies.iter().map(|one| one.refresh_if_needed()));
        let answers = tokio::time::timeout(Duration::from_secs(60), answers).await;
        let answers = answers.expect("no call waits for another for ever");
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    });
}

#[test]
fn a_check_reaches_no_server_and_whoever_uses_the_key_does() {
    let server = Server::new(token());
    let component = exchanges(&format!("{}/token", origin(&server)));
    let cli = home(&component, &granted(&server), "");
    cli.run(&["auth", "check", "corp"]).exits_with(0);
    cli.run(&["auth", "check", "corp", "--offline"]).exits_with(0);
    cli.run(&["auth", "status", "corp"]).exits_with(0);
    assert_eq!(server.requests().len(), 0);
    cli.run(&["auth", "token", "corp"]).exits_with(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_without_a_trusted_certificate_gets_no_request() {
    let (server, authority) = Server::with_tls(token());
    let url = format!("https://{}/token", server.host());
    let more = format!("origins = [\"https://{}\"]", server.host());
    let cli = home(&exchanges(&url), &more, "");
    let untrusted = format!(
        "strategy 'corp' got no answer from https://{}: its certificate is not trusted: ",
        server.host()
    );
    let outcome = cli.login("corp").exits_with(3).explains(&[&untrusted, "SSL_CERT_FILE"]);
    hides_secrets(&outcome);
    assert_eq!(server.requests().len(), 0);
    let explained = cli.run(&["auth", "explain", "corp"]).exits_with(3);
    assert!(explained.stdout.contains("untrusted: "), "{explained:#?}");

    let authority = cli.file("authority.pem", authority);
    cli.env("SSL_CERT_FILE", authority).login("corp").exits_with(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn requests_take_the_proxy_of_the_environment() {
    let (proxy, authority) = Server::internet(&["login.example"], |_| token());
    let component = exchanges("https://login.example/token");
    let cli = home(&component, "origins = [\"https://login.example\"]", "");
    let authority = cli.file("authority.pem", authority);
    let proxied = format!("http://{}", proxy.host());
    cli.env("SSL_CERT_FILE", authority).env("HTTPS_PROXY", proxied).login("corp").exits_with(0);
    assert_eq!(proxy.request().line, "POST /token HTTP/1.1");
}

#[test]
fn a_proxy_that_fails_is_named_with_the_variable_that_names_it() {
    let component = exchanges("https://login.example/token");
    let home = || home(&component, "origins = [\"https://login.example\"]", "");
    let refusing = Refusing::start();
    let proxy = format!("http://me:hunter22@{}", refusing.host());
    let failed = home().env("HTTPS_PROXY", proxy).login("corp").exits_with(3);
    let failed = failed.explains(&[
        &format!(
            "strategy 'corp' got no answer from https://login.example: the proxy http://{} \
             (HTTPS_PROXY) made no connection",
            refusing.host()
        ),
        "is the proxy running? HTTPS_PROXY names it; NO_PROXY excepts hosts from it",
    ]);
    assert!(!failed.all().contains("hunter22"), "{failed:#?}");
    let odd = home().env("HTTPS_PROXY", "ftp://hunter22:21").login("corp").exits_with(3);
    let odd = odd.explains(&["HTTPS_PROXY is not the URL of a proxy", "unset HTTPS_PROXY"]);
    assert!(!odd.all().contains("hunter22"), "{odd:#?}");
}

#[test]
fn a_server_that_is_not_there_is_named_and_what_to_check() {
    let refusing = Refusing::start();
    let origin = format!("http://{}", refusing.host());
    let component = exchanges(&format!("{origin}/token"));
    let cli = home(&component, &format!("origins = [\"{origin}\"]"), "");
    cli.login("corp").exits_with(3).explains(&[
        &format!("strategy 'corp' got no answer from {origin}: connection refused"),
        "is the server running, and on this port?",
    ]);
}

#[test]
fn a_redirect_names_where_to_without_a_secret() {
    let to = format!("http://169.254.169.254/latest?key={KEY}");
    let server = Server::new(status("302 Found", &[("location", &to)], ""));
    let component = exchanges(&format!("{}/token", origin(&server)));
    let outcome = home(&component, &granted(&server), "").login("corp").exits_with(3);
    let outcome = outcome.explains(&["it redirects to http://169.254.169.254/latest"]);
    hides_secrets(&outcome);
}

#[test]
fn strategy_add_grants_servers_and_the_other_commands_show_them() {
    let server = Server::new(token());
    let component = exchanges(&format!("{}/token", origin(&server)));
    let cli = Cli::new().env("CORP_KEY", KEY);
    let file = cli.file("corp.wasm", &component);
    let file = file.to_str().expect("it is Unicode");
    let inspected = cli.run(&["strategy", "inspect", file]).exits_with(0);
    assert!(inspected.stdout.contains("grant others with --origin"), "{inspected:#?}");
    let written = origin(&server).replace("http:", "HTTP:") + "/";
    let add = ["strategy", "add", file, "--auth-type", "corp", "--origin", &written];
    cli.run(&add).exits_with(0);
    cli.run(&[&add[..], &["--readable", "/account/name"]].concat()).exits_with(0);
    let listed = cli.run(&["strategy", "list"]).exits_with(0);
    let row = listed.row("corp").join("  ");
    assert!(row.contains(&format!("{}, /account/name", origin(&server))), "{row}");
    for wrong in ["https://login.example/token", "login.example", "http://login.example"] {
        let add = ["strategy", "add", file, "--auth-type", "other", "--origin", wrong];
        cli.run(&add).exits_with(2).explains(&["--origin: this origin "]);
    }
    let run = ["strategy", "run", file, "--profile", "openai"];
    let denied = cli.run(&[&run[..], &["--env", "CORP_KEY=x"]].concat()).exits_with(3);
    assert!(denied.stderr.contains("(not granted)"), "{denied:#?}");
    let origin = origin(&server);
    let granted = ["--env", "CORP_KEY=sk-1234567890", "--origin", &origin];
    cli.run(&[&run[..], &granted].concat()).exits_with(0);
}
