//! Signing in, with a provider that others wrote and that rotates refresh tokens.
//!
//! Promised here: a user signs in once, with a code or in the browser, and never sees an
//! expired token again. No token is shown anywhere. However many processes want a token at
//! the moment in which it ends, one of them renews it, and the session lives.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use orchestration_tests::identity::{
    IdentityProvider, address_shown, approve, browser, in_a_minute, session_file, sessions,
};
use orchestration_tests::server::{Server, status};
use orchestration_tests::{Cli, Outcome};
use serde_json::Value;

/// How often a process is killed.
const ROUNDS: u64 = 20;

const TOKEN: &[&str] = &["auth", "token", "corp"];

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// What `auth status` says of the session.
const SESSION: &str = "session of ada@corp.example, renews itself";

/// The content of the one session, which has the tokens.
fn session(cli: &Cli) -> String {
    let session = session_file(cli);
    assert_eq!(fs::metadata(&session).expect("it is there").mode() & 0o777, 0o600);
    fs::read_to_string(session).expect("it is text")
}

/// Returns the tokens in a session: those that nothing may show.
fn tokens(session: &str) -> Vec<String> {
    // The lengths of a name and a text, and both: `found 7 43:refresh…`.
    let token = |line: &str| {
        let (lengths, texts) = line.strip_prefix("found ")?.split_once(':')?;
        let name: usize = lengths.split_once(' ')?.0.parse().ok()?;
        texts.get(name..).map(str::to_owned)
    };
    session.lines().filter_map(token).collect()
}

#[track_caller]
fn shows_no_token(outcome: &Outcome, session: &str) {
    let tokens = tokens(session);
    assert!(!tokens.is_empty(), "{session}");
    for token in tokens {
        assert!(!outcome.all().contains(&token), "{}", outcome.all());
    }
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).expect("it is JSON")
}

fn row(cli: &Cli) -> Vec<String> {
    let outcome = cli.run(&["auth", "status", "corp"]).exits_with(0);
    outcome.row("corp").iter().map(|cell| cell.to_string()).collect()
}

#[test]
fn with_a_code_ends_in_a_token_that_the_provider_accepts() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    assert_eq!(row(&cli), ["corp", "oidc", "✗ missing", "not signed in"]);

    let signed_in = provider.sign_in_with_code(&cli).exits_with(0).explains(&[
        "! First copy your one-time code: ",
        "\n  Open http://127.0.0.1:",
        "/device in your browser\n",
    ]);
    assert_eq!(signed_in.stdout, "✓ Signed in to corp as ada@corp.example\n");

    assert_eq!(row(&cli), ["corp", "oidc", "✓ valid", SESSION]);
    let token = cli.run(TOKEN).exits_with(0);
    assert!(provider.accepts(token.stdout.trim()), "{token:?}");
    let session = session(&cli);
    let explained = cli.run(&["auth", "explain", "corp", "-v"]).exits_with(0);
    let listed = cli.run(&["session", "list", "-v"]).exits_with(0);
    let report = cli.run(&["auth", "status", "corp", "--format", "json"]).exits_with(0);
    for outcome in [&signed_in, &explained, &listed, &report] {
        shows_no_token(outcome, &session);
    }
    let source = &json(&report)["profiles"][0]["source"];
    assert_eq!(source["account"], "ada@corp.example", "{source}");
    assert_eq!(source["renews"], true, "{source}");
    let listed = cli.run(&["session", "list", "--format", "json"]).exits_with(0);
    assert_eq!(json(&listed)["sessions"][0]["renews"], true, "{listed:?}");
}

#[test]
fn with_a_code_waits_on_a_terminal_until_the_user_approves() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    // Where there is no browser, a code is what is offered unasked.
    let cli = provider.cli().env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let Some(terminal) = cli.at_terminal(120, &["auth", "login", "corp"]) else { return };
    terminal.wait_for("Waiting for you to approve");
    let displayed = terminal.displayed();
    assert!(displayed.contains("! First copy your one-time code: "), "{displayed}");
    let (_, address) = displayed.split_once("http").expect("an address");
    let page = address.split_whitespace().next().unwrap_or_default();
    let (_, code) = displayed.split_once("one-time code: ").expect("a code");
    let code = code.split_whitespace().next().unwrap_or_default();
    approve(&format!("http{page}?user_code={code}"));
    let screen = terminal.screen();
    let last = screen.seen.last().map(String::as_str);
    assert_eq!(last, Some("✓ Signed in to corp as ada@corp.example"), "{:?}", screen.seen);
}

#[test]
fn in_the_browser_ends_on_a_page_that_says_so() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let seen = cli.home().join("seen");
    let script = format!(
        "#!/bin/sh\nPATH='{}' exec node '{}' \"$1\" > '{}'\n",
        std::env::var("PATH").expect("there is a PATH"),
        browser().display(),
        seen.display()
    );
    let opener = cli.file("browser", script);
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o700)).expect("it can be changed");
    let cli = cli.env("BROWSER", opener);

    let login = ["auth", "login", "corp", "--browser", "--timeout", "60s"];
    let signed_in = cli.run(&login).exits_with(0);
    assert_eq!(signed_in.stdout, "✓ Signed in to corp as ada@corp.example\n");
    shows_no_token(&signed_in, &session(&cli));
    let page = || fs::read_to_string(&seen).unwrap_or_default();
    assert!(in_a_minute(|| page().contains("The sign-in to corp continues there")), "{}", page());
    assert!(provider.accepts(cli.run(TOKEN).exits_with(0).stdout.trim()));
}

#[test]
fn in_the_browser_goes_on_whatever_others_send_to_its_port() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let login = ["auth", "login", "corp", "--no-open", "--timeout", "60s"];
    let mut login = cli.command(&login).spawn().expect("the product can be started");
    let address = address_shown(&mut login);
    let (_, port) = address.split_once("redirect_uri=http%3A%2F%2F127.0.0.1%3A").expect("a port");
    let port: u16 = port.split('%').next().unwrap_or_default().parse().expect("a port");

    for request in [
        "GET /callback?code=stolen&state=guessed HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /callback?error=access_denied HTTP/1.1\r\nhost: x\r\n\r\n",
        "POST /callback HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        &format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000)),
        "",
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        // It may close the connection before it has read everything.
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 404"), "{request}: {answer}");
    }
    approve(&address);
    let outcome: Outcome = login.wait_with_output().expect("it ends").into();
    assert_eq!(outcome.exits_with(0).stdout, "✓ Signed in to corp as ada@corp.example\n");
}

/// The arguments of a sign-in whose browser is on another machine.
const PASTE: &[&str] = &["auth", "login", "corp", "--paste", "--timeout", "60s"];

/// The code in the address that a browser ended on.
fn code_in(address: &str) -> &str {
    let (_, code) = address.split_once("code=").expect("there is a code");
    code.split('&').next().unwrap_or_default()
}

#[test]
fn by_pasting_takes_the_address_that_a_browser_elsewhere_ended_on() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let mut login = cli.command(PASTE);
    let mut login = login.stdin(Stdio::piped()).spawn().expect("the product can be started");
    let address = address_shown(&mut login);
    // Nobody waits for it on this machine.
    let ended_on = approve(&address);
    let ended_on = ended_on.trim();
    assert!(ended_on.starts_with("http://127.0.0.1:"), "{ended_on}");

    let mut stdin = login.stdin.take().expect("stdin is a pipe");
    let (before, _) = ended_on.split_once("state=").expect("there is a state");
    for wrong in
        ["hello world", "", &"a".repeat(20_000), &address, &format!("{before}state=guessed")]
    {
        writeln!(stdin, "{wrong}").expect("it reads on");
    }
    writeln!(stdin, "  {ended_on} ").expect("it reads on");
    // It does not wait for the end of stdin.
    let outcome: Outcome = login.wait_with_output().expect("it ends").into();
    drop(stdin);
    let outcome = outcome.exits_with(0).explains(&[
        "warning: that is neither the address nor a code\n  paste the address",
        "warning: that address is of another sign-in\n  paste the address",
        "warning: nothing was entered\n",
        "warning: the secret has more than 16 KiB\n",
    ]);
    assert_eq!(outcome.stdout, "✓ Signed in to corp as ada@corp.example\n");
    assert_eq!(outcome.stderr.matches("warning: ").count(), 5, "{outcome:?}");
    assert!(!outcome.all().contains(code_in(ended_on)), "{outcome:?}");
    shows_no_token(&outcome, &session(&cli));
}

#[test]
fn by_pasting_takes_a_code_and_refuses_one_of_another_sign_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let start = || {
        let mut login = cli.command(PASTE);
        let mut login = login.stdin(Stdio::piped()).spawn().expect("the product can be started");
        let ended_on = approve(&address_shown(&mut login));
        (login, code_in(ended_on.trim()).to_owned())
    };
    let (mut other, stolen) = start();
    other.kill().expect("it can be killed");
    other.wait().expect("it ends");
    let (mut login, code) = start();
    let mut stdin = login.stdin.take().expect("stdin is a pipe");
    // The code verifier is not the one that it was made for.
    writeln!(stdin, "{stolen}\n{code}").expect("it reads on");
    let outcome: Outcome = login.wait_with_output().expect("it ends").into();
    let outcome = outcome.exits_with(0).explains(&["warning: the sign-in was refused: "]);
    assert_eq!(outcome.stdout, "✓ Signed in to corp as ada@corp.example\n");
    assert!(!outcome.all().contains(&code) && !outcome.all().contains(&stolen), "{outcome:?}");
}

#[test]
fn by_pasting_on_a_terminal_shows_nothing_of_what_is_pasted() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let Some(terminal) = cli.at_terminal(200, PASTE) else { return };
    terminal.wait_for("Address or code");
    let displayed = terminal.displayed();
    let address = displayed.lines().find(|line| line.contains("S256")).expect("an address");
    let ended_on = approve(address.trim());
    terminal.enter("hello world");
    terminal.wait_for("neither the address nor a code");
    terminal.enter(ended_on.trim());
    let screen = terminal.screen();
    let seen = screen.seen.join("\n");
    assert!(seen.contains("✓ Signed in to corp as ada@corp.example"), "{seen}");
    assert!(!seen.contains("hello") && !seen.contains(code_in(&ended_on)), "{seen}");
}

#[test]
fn by_pasting_ends_with_stdin_or_in_time() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    cli.run(PASTE).exits_with(2).explains(&[
        "error: stdin has ended, and the address was not pasted\n",
        "  orchestration auth login corp\n",
    ]);
    let mut login = cli.command(&["auth", "login", "corp", "--paste", "--timeout", "1s"]);
    let login = login.stdin(Stdio::piped()).spawn().expect("the product can be started");
    let outcome = ends(login).exits_with(1);
    outcome.explains(&["no one finished the sign-in in time"]);
    assert_eq!(provider.log(), [""; 0]);
}

#[test]
fn over_ssh_goes_on_in_a_browser_elsewhere_if_there_are_no_codes() {
    let config = "[profiles.openrouter]\nauth_type = \"openrouter\"\n";
    let cli = Cli::new().config(config).env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let Some(terminal) = cli.at_terminal(200, &["auth", "login", "openrouter"]) else { return };
    terminal.wait_for("Address or code");
    assert!(terminal.displayed().contains("https://openrouter.ai/auth?callback_url="));
    terminal.press("C-c");
}

/// Waits for a command whose stdin stays open: one that reads it would never end.
#[track_caller]
fn ends(mut command: Child) -> Outcome {
    let stdin = command.stdin.take();
    let mut status = None;
    if !in_a_minute(|| {
        status = status.or(command.try_wait().expect("it can be waited for"));
        status.is_some()
    }) {
        command.kill().expect("it can be killed");
        panic!("it waits for someone");
    }
    drop(stdin);
    command.wait_with_output().expect("it has ended").into()
}

#[test]
fn never_waits_on_a_pipe_that_stays_open() {
    let cli = Cli::new().env("OPENAI_API_KEY", "sk-Zq81LmVt93KxBdRw7x2f").config(
        "[profiles.gpu]\nbase_url = \"http://gpu:8000/v1\"\nauth_type = \"none\"\n\
         [profiles.corp]\nauth_type = \"oidc\"\nissuer = \"https://login.corp.example\"\n\
         options = { client_id = \"cli\" }\n\
         [profiles.router]\nauth_type = \"openrouter\"\n",
    );
    for (profile, status) in
        [("openai", 0), ("gemini", 1), ("local", 0), ("gpu", 0), ("corp", 2), ("router", 2)]
    {
        let mut login = cli.command(&["auth", "login", profile]);
        let login = login.stdin(Stdio::piped()).spawn().expect("the product can be started");
        let outcome = ends(login).exits_with(status);
        if status == 2 {
            outcome.explains(&["not a terminal", "--device", "--no-open", "--paste"]);
        }
    }
}

#[test]
fn is_never_waited_for_where_nobody_is() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let started = Instant::now();
    provider.cli().login("corp").exits_with(2).explains(&[
        "error: signing in takes a person, and this is not a terminal\n",
        "--device prints a code",
    ]);
    let missing = provider.cli().run(TOKEN).exits_with(1);
    assert_eq!(
        missing.stderr,
        "error: profile 'corp': not signed in\n  Sign in with: orchestration auth login corp\n"
    );
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(provider.log(), [""; 0]);
}

#[test]
fn leaves_nothing_behind_where_nobody_has_signed_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    cli.run(TOKEN).exits_with(1);
    cli.run(&["auth", "exec", "corp", "--", "true"]).exits_with(1);
    cli.run(&["auth", "refresh", "corp"]).exits_with(1);
    cli.run(&["auth", "logout", "corp"]).exits_with(0);
    cli.run(&["auth", "status", "corp"]).exits_with(0);
    assert!(!sessions(&cli).exists());
    assert_eq!(provider.log(), [""; 0]);
}

#[test]
fn sends_no_key_of_the_provider_to_the_issuer() {
    let issuer = Server::with(|request, stream| {
        let host = request.header("host").unwrap_or_default();
        let endpoints = format!(
            "{{\"issuer\":\"http://{host}\",\"token_endpoint\":\"http://{host}/token\",\
             \"device_authorization_endpoint\":\"http://{host}/device\"}}"
        );
        stream.write_all(
            match request.line.contains("openid-configuration") {
                true => status("200 OK", JSON, &endpoints),
                false => status("400 Bad Request", JSON, "{\"error\":\"unauthorized_client\"}"),
            }
            .as_bytes(),
        )
    });
    let key = "sk-proj-Zx8vQ2mN4kL7tR1wY6bC";
    let cli = Cli::new().env("OPENAI_API_KEY", key).config(format!(
        "[profiles.openai]\nauth_type = \"oidc\"\nissuer = \"http://{}\"\n\
         options = {{ client_id = \"cli\" }}\n",
        issuer.host()
    ));
    cli.run(&["auth", "login", "openai", "--device"])
        .exits_with(1)
        .explains(&["unauthorized_client"]);
    let requests = issuer.requests();
    assert_eq!(requests.len(), 2, "{requests:#?}");
    for request in requests {
        assert!(!format!("{request:?}").contains(key), "{request:#?}");
        assert_eq!(request.header("authorization"), None, "{request:#?}");
    }
}

#[test]
fn that_nobody_approves_ends_in_time() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let login = ["auth", "login", "corp", "--device", "--timeout", "1s"];
    provider.cli().run(&login).exits_with(1).explains(&[
        "error: profile 'corp': no one finished the sign-in in time\n",
        "  Sign in with: orchestration auth login corp\n",
    ]);
}

#[test]
fn is_waited_for_however_long_the_user_says() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let login = ["auth", "login", "corp", "--no-open", "--timeout", "500000000000years"];
    let mut login = cli.command(&login).spawn().expect("the product can be started");
    approve(&address_shown(&mut login));
    let outcome: Outcome = login.wait_with_output().expect("it ends").into();
    outcome.exits_with(0);
}

#[test]
fn is_shown_without_asking_the_provider() {
    let Some(provider) = IdentityProvider::start(2) else { return };
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    sleep(Duration::from_secs(3));
    let granted = provider.log();
    assert_eq!(row(&cli), ["corp", "oidc", "✓ ready", SESSION]);
    assert_eq!(provider.log(), granted);
    let report = cli.run(&["auth", "status", "corp", "--format", "json"]).exits_with(0);
    let source = &json(&report)["profiles"][0]["source"];
    assert_eq!(source["account"], "ada@corp.example", "{source}");
    assert_eq!(source["renews"], true, "{source}");
    drop(provider);
    assert_eq!(row(&cli), ["corp", "oidc", "✓ ready", SESSION]);
    cli.run(TOKEN)
        .exits_with(3)
        .explains(&["error: profile 'corp': strategy 'oidc' got no answer from http://127.0.0.1:"]);
    assert_eq!(row(&cli), ["corp", "oidc", "✓ ready", SESSION]);
}

#[test]
fn is_renewed_once_however_many_ask_when_the_token_ends() {
    let Some(provider) = IdentityProvider::start(4) else { return };
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    for round in 1..=4 {
        // A token of four seconds is renewed in the last two of them.
        sleep(Duration::from_millis(4100));
        let ask = |_| cli.command(TOKEN).spawn().expect("the product can be started");
        let asked: Vec<Child> = (0..30).map(ask).collect();
        let ended = asked.into_iter().map(|child| child.wait_with_output().expect("it ends"));
        let tokens: Vec<String> =
            ended.map(|output| Outcome::from(output).exits_with(0).stdout).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]), "round {round}: {tokens:?}");
        assert_eq!(provider.count("granted refresh_token"), round, "{:?}", provider.log());
    }
    assert_eq!(provider.count("revoked"), 0, "{:?}", provider.log());
}

#[test]
fn survives_processes_that_are_killed_at_any_moment() {
    let Some(provider) = IdentityProvider::start(4) else { return };
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    let mut lost = 0;
    for round in 0..ROUNDS {
        // A token of four seconds is renewed in the last two of them.
        sleep(Duration::from_millis(2100));
        let mut killed = cli.command(TOKEN).spawn().expect("the product can be started");
        sleep(Duration::from_millis(round * 7 % 50));
        killed.kill().expect("it can be killed");
        killed.wait().expect("it ends");
        let after = cli.run(TOKEN);
        if after.status == 0 {
            continue;
        }
        // The answer that was on its way had the only new token, and the provider saw the old
        // one again. That is said, and the user signs in.
        let after = after.exits_with(1).explains(&["the session has ended"]);
        assert!(provider.log().iter().any(|line| line.starts_with("refused refresh_token")));
        assert!(after.stderr.contains("orchestration auth login corp"), "{after:?}");
        lost += 1;
        provider.sign_in(&cli).exits_with(0);
    }
    assert!(lost <= ROUNDS / 2, "{lost} of {ROUNDS} sessions were lost");
}

#[test]
fn that_another_has_used_up_ends_and_says_so() {
    let Some(provider) = IdentityProvider::start(1) else { return };
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    let [.., refresh] = &tokens(&session(&cli))[..] else { panic!("there is no token") };
    let form = format!("grant_type=refresh_token&client_id=cli&refresh_token={refresh}");
    assert!(provider.ask("/token", &form).contains("access_token"));
    sleep(Duration::from_millis(1100));

    cli.run(TOKEN).exits_with(1).explains(&[
        "error: profile 'corp': the session has ended\n",
        "  Sign in with: orchestration auth login corp\n",
    ]);
    let outcome = cli.run(&["auth", "status", "corp"]).exits_with(1);
    assert_eq!(outcome.row("corp")[..3], ["corp", "oidc", "✗ invalid"]);
    provider.sign_in(&cli).exits_with(0);
    cli.run(TOKEN).exits_with(0);
}

#[test]
fn lasts_for_a_check_if_it_renews_itself() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let day = ["auth", "check", "corp", "--require-expiry", "24h", "--offline"];
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    cli.run(&day).exits_with(0);
    cli.run(&["auth", "check", "corp", "--require-expiry", "100000days"]).exits_with(0);

    // Without a refresh token, it ends with its first token.
    let file = cli.home().join(".config/orchestration/providers.toml");
    let config = fs::read_to_string(&file).expect("it reads");
    let scope = "client_id = \"cli\", scope = \"openid email\"";
    let config = config.replace("client_id = \"cli\"", scope);
    fs::write(&file, config).expect("it can be written");
    provider.sign_in(&cli).exits_with(0);
    let ends = cli.run(&day).exits_with(1);
    ends.explains(&["error: profile 'corp': the credential expires in 59m", "sooner than 1day"]);
    cli.run(&["auth", "check", "corp", "--require-expiry", "30m"]).exits_with(0);
    assert_eq!(provider.count("granted refresh_token"), 0, "{:?}", provider.log());
}

#[test]
fn is_renewed_when_the_user_says_so() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    cli.run(&["auth", "refresh", "corp"]).exits_with(1).explains(&["not signed in"]);
    provider.sign_in(&cli).exits_with(0);
    let before = cli.run(TOKEN).exits_with(0).stdout;
    let renewed = cli.run(&["auth", "refresh", "corp"]).exits_with(0);
    assert!(renewed.stdout.starts_with("✓ Renewed corp, which is valid until 2"), "{renewed:?}");
    assert_ne!(cli.run(TOKEN).exits_with(0).stdout, before);

    let key = Cli::new().env("OPENAI_API_KEY", "sk-Zq81LmVt93KxBdRw7x2f");
    let nothing = key.run(&["auth", "refresh", "openai"]).exits_with(0);
    assert_eq!(nothing.stdout, "openai has nothing to renew\n");
}

#[test]
fn out_tells_the_provider_and_removes_the_session() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let logout = ["auth", "logout", "corp"];
    assert_eq!(cli.run(&logout).exits_with(0).stdout, "Not signed in to corp\n");
    provider.sign_in(&cli).exits_with(0);
    let token = cli.run(TOKEN).exits_with(0).stdout;
    assert_eq!(cli.run(&logout).exits_with(0).stdout, "✓ Signed out of corp\n");
    assert!(!provider.accepts(token.trim()));
    cli.run(TOKEN).exits_with(1);

    provider.sign_in(&cli).exits_with(0);
    drop(provider);
    let out = cli.run(&["auth", "logout", "--all"]).exits_with(0);
    assert_eq!(out.stdout, "✓ Signed out of corp\n");
    out.explains(&[
        "warning: the server does not know that: ",
        "got no answer from http://127.0.0.1:",
    ]);
    cli.run(TOKEN).exits_with(1).explains(&["not signed in"]);
}
