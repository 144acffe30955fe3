//! What can go wrong between the product and a provider of identities while a session is
//! renewed or begun, what the user sees of it, and whether the session lives.
//!
//! Promised here: the table below. A session ends only if the provider says so, and if that
//! is because an answer was lost, that is said. No text of a server reaches the terminal as
//! it is, and whatever is no answer of such a server is not taken for one.

use orchestration_tests::Cli;
use orchestration_tests::fault::{Fault, FaultProxy};
use orchestration_tests::identity::end_token_in;
use orchestration_tests::server::status;
use serde_json::Value;

const TOKEN: &[&str] = &["auth", "token", "corp"];

/// What becomes of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    /// The next use renews it, or it was renewed.
    Lives,
    /// The provider has ended it.
    Ended,
    /// The provider has renewed it, and its answer was lost. The next use says so.
    Lost,
}

use Session::{Ended, Lives, Lost};

const JSON: (&str, &str) = ("content-type", "application/json");

fn refusal(line: &str, body: &str) -> Fault {
    Fault::Instead(status(line, &[JSON], body))
}

/// What happens, the exit status of `auth token`, what it says, and what becomes of the
/// session.
fn table(host: &str) -> Vec<(&'static str, Fault, i32, Vec<String>, Session)> {
    let says = |words: &str| vec![words.to_owned()];
    let no_answer = |why: &str| {
        vec![format!(
            "error: profile 'corp': strategy 'oidc' got no answer from http://{host}{why}"
        )]
    };
    let refused =
        |why: &str| says(&format!("error: profile 'corp': the renewal was refused: {why}\n"));
    let left_alone = |why: &str, time: &str| {
        let [refused] = &refused(why)[..] else { panic!("there is one sentence") };
        vec![format!("{refused}  the server asks to be left alone for {time}\n")]
    };
    let no_token = || says("error: profile 'corp': the renewal: the answer has no access_token\n");
    vec![
        (
            "a 503",
            Fault::Instead(status("503 Service Unavailable", &[], "")),
            3,
            refused("status 503"),
            Lives,
        ),
        (
            "a 500 with words",
            refusal(
                "500 Internal Server Error",
                r#"{"error":"server_error","error_description":"out of order"}"#,
            ),
            3,
            refused("server_error: out of order"),
            Lives,
        ),
        (
            "a 429 that asks for seconds",
            Fault::Instead(status("429 Too Many Requests", &[("retry-after", "7")], "")),
            3,
            left_alone("status 429", "7s"),
            Lives,
        ),
        (
            "a 503 that names a time",
            Fault::Instead(status(
                "503 Service Unavailable",
                &[
                    ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                    ("retry-after", "Sun, 06 Nov 1994 08:51:07 GMT"),
                ],
                "",
            )),
            3,
            left_alone("status 503", "1m 30s"),
            Lives,
        ),
        (
            "a 429 that asks for nothing that can be read",
            Fault::Instead(status("429 Too Many Requests", &[("retry-after", "soon")], "")),
            3,
            refused("status 429"),
            Lives,
        ),
        (
            "a 400 of a server that has no time",
            refusal("400 Bad Request", r#"{"error":"temporarily_unavailable"}"#),
            3,
            refused("temporarily_unavailable"),
            Lives,
        ),
        (
            "a 403 of something in between",
            Fault::Instead(status(
                "403 Forbidden",
                &[("content-type", "text/html")],
                "<h1>No</h1>",
            )),
            3,
            refused("status 403"),
            Lives,
        ),
        ("no answer", Fault::Hang, 3, no_answer(" in time"), Lives),
        (
            "an answer that is lost",
            Fault::Lost,
            3,
            no_answer(": the connection was interrupted"),
            Lost,
        ),
        ("half of an answer", Fault::Half, 3, no_token(), Lost),
        (
            "a redirect",
            Fault::Instead(status("302 Found", &[("location", "http://portal.example/")], "")),
            3,
            no_answer(": it redirects to http://portal.example, and no redirect is followed"),
            Lives,
        ),
        (
            "the page of a portal",
            Fault::Instead(status("200 OK", &[("content-type", "text/html")], "<h1>Welcome</h1>")),
            3,
            no_token(),
            Lives,
        ),
        ("tokens as plain text", Fault::Typed("text/plain"), 0, vec![], Lives),
        (
            "a type of token in another case",
            Fault::Changed(|body| body["token_type"] = "bEARER".into()),
            0,
            vec![],
            Lives,
        ),
        (
            "no time of expiry",
            Fault::Changed(|body| {
                body.as_object_mut().unwrap().remove("expires_in");
            }),
            0,
            vec![],
            Lives,
        ),
        (
            "a life of no seconds",
            Fault::Changed(|body| body["expires_in"] = 0.into()),
            0,
            vec![],
            Lives,
        ),
        (
            "a life as text",
            Fault::Changed(|body| body["expires_in"] = "3600".into()),
            0,
            vec![],
            Lives,
        ),
        (
            "a life that is no number",
            Fault::Changed(|body| body["expires_in"] = Value::Bool(true)),
            0,
            vec![],
            Lives,
        ),
        (
            "a description that would clear the screen",
            refusal(
                "400 Bad Request",
                r#"{"error":"invalid_scope","error_description":"\u001b[2J\u001b]0;x\u0007no\u202eon\n"}"#,
            ),
            1,
            says("the renewal was refused: invalid_scope: "),
            Lives,
        ),
        (
            "a description with the token",
            Fault::Changed(|body| {
                let token = body["access_token"].clone();
                *body = serde_json::json!({ "access_token": token, "error_description": token });
            }),
            3,
            says("its answer shows a secret"),
            Lost,
        ),
        (
            "a session that the provider has ended",
            refusal("400 Bad Request", r#"{"error":"invalid_grant"}"#),
            1,
            vec![
                "error: profile 'corp': the session has ended\n".to_owned(),
                "  Sign in with: orchestration auth login corp\n".to_owned(),
            ],
            Ended,
        ),
    ]
}

#[test]
fn of_a_renewal_is_told_and_ends_no_session_that_the_provider_has_not_ended() {
    let Some(proxy) = FaultProxy::start(3600) else { return };
    let cli = proxy.provider().cli();
    let path = cli.home().join(".config/orchestration/providers.toml");
    let toml = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{toml}[strategies.oidc]\nlimits = {{ http_ms = 2000 }}\n"))
        .unwrap();
    proxy.provider().sign_in(&cli).exits_with(0);
    for (what, fault, exit_status, words, session) in table(&proxy.host()) {
        end_token_in(&cli, -1);
        proxy.spoil(fault);
        let seen = cli.run(TOKEN);
        assert_eq!(seen.status, exit_status, "{what}: {seen:?}");
        for words in &words {
            assert!(seen.stderr.contains(words), "{what}: {words:?} is not in {:?}", seen.stderr);
        }
        is_harmless(&seen.all());
        let next = cli.run(TOKEN);
        is_harmless(&next.all());
        if session == Lives {
            assert_eq!(next.status, 0, "{what}: {next:?}");
            assert!(proxy.provider().accepts(next.stdout.trim_end()), "{what}: {next:?}");
            continue;
        }
        assert_eq!(next.status, 1, "{what}: {next:?}");
        let is_lost = next.stderr.contains(
            "warning: the session of profile 'corp' was lost with the answer to an earlier renewal",
        );
        assert_eq!(is_lost, session == Lost, "{what}: {next:?}");
        assert!(next.stderr.contains("orchestration auth login corp"), "{what}: {next:?}");
        proxy.provider().sign_in(&cli).exits_with(0);
    }
}

#[track_caller]
fn is_harmless(shown: &str) {
    let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!shown.contains(harmful), "{shown:?}");
}

/// Signs in while the provider's first answers about the code are these.
fn sign_in_with(proxy: &FaultProxy, faults: Vec<Fault>) -> (Cli, orchestration_tests::Outcome) {
    let before = proxy.token_requests();
    let count = faults.len();
    faults.into_iter().for_each(|fault| proxy.spoil(fault));
    let cli = proxy.provider().cli();
    let outcome = proxy.provider().sign_in_with_code(&cli);
    assert!(proxy.token_requests() - before >= count, "{outcome:?}");
    (cli, outcome)
}

#[test]
fn of_a_sign_in_is_waited_out_if_it_may_pass() {
    let Some(proxy) = FaultProxy::start(3600) else { return };
    for fault in [
        refusal("400 Bad Request", r#"{"error":"authorization_pending"}"#),
        refusal("400 Bad Request", r#"{"error":"slow_down"}"#),
        Fault::Instead(status("503 Service Unavailable", &[], "")),
        Fault::Instead(status("429 Too Many Requests", &[("retry-after", "1")], "")),
        Fault::Instead(String::new()),
    ] {
        let shown = format!("{fault:?}");
        let (cli, outcome) = sign_in_with(&proxy, vec![fault]);
        assert_eq!(outcome.status, 0, "{shown}: {outcome:?}");
        let token = cli.run(TOKEN).exits_with(0).stdout;
        assert!(proxy.provider().accepts(token.trim_end()), "{shown}");
    }
}

#[test]
fn of_a_sign_in_that_does_not_pass_ends_it_and_says_why() {
    let Some(proxy) = FaultProxy::start(3600) else { return };
    for (fault, exit_status, words) in [
        (refusal("400 Bad Request", r#"{"error":"access_denied"}"#), 1, "was refused on the page"),
        (refusal("400 Bad Request", r#"{"error":"expired_token"}"#), 1, "the code has ended"),
        (
            refusal(
                "401 Unauthorized",
                r#"{"error":"invalid_client","error_description":"\u001b[2Jwho?"}"#,
            ),
            1,
            "the sign-in was refused: invalid_client: ",
        ),
    ] {
        let (cli, outcome) = sign_in_with(&proxy, vec![fault]);
        is_harmless(&outcome.all());
        outcome.exits_with(exit_status).explains(&[words]);
        cli.run(TOKEN).exits_with(1).explains(&["not signed in"]);
    }
}
