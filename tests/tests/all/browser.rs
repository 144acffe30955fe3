//! Signing in with a real browser: Chromium, against a provider that others wrote.
//!
//! Promised here: the user ends on a page that says what has happened and that the tab can be
//! closed; what a server says is a text on it and nothing else; and the browser has nothing to
//! complain about.
//!
//! Where there is no Chromium, these tests say so and pass, except with `CI=true`.

use std::process::Child;

use orchestration_tests::identity::{IdentityProvider, address_shown, chromium};
use orchestration_tests::{Cli, Outcome};
use serde_json::{Value, json};

const LOGIN: &[&str] = &["auth", "login", "corp", "--no-open", "--timeout", "60s"];

/// A sign-in to `corp`, and the address of its page.
fn login(cli: &Cli) -> (Child, String) {
    let mut login = cli.command(LOGIN).spawn().expect("the product can be started");
    let address = address_shown(&mut login);
    (login, address)
}

fn outcome(login: Child) -> Outcome {
    login.wait_with_output().expect("it ends").into()
}

/// Ends a sign-in that no browser answered.
fn end(mut login: Child) {
    login.kill().expect("it can be killed");
    login.wait().expect("it ends");
}

#[track_caller]
fn shows(page: &Value, lines: &[&str]) {
    assert_eq!(page["text"], lines.join("\n\n"), "{page:#}");
    assert_eq!(page["title"], lines[0], "{page:#}");
    assert_eq!((&page["status"], &page["complaints"]), (&json!(200), &json!([])), "{page:#}");
}

#[test]
fn the_user_signs_in_and_is_told_to_return_to_the_terminal() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let (login, address) = login(&cli);
    let Some(page) = chromium(&address, "approve") else { return end(login) };
    shows(
        &page,
        &[
            "Return to your terminal",
            "The sign-in to corp continues there.",
            "You can close this tab.",
        ],
    );
    let outcome = outcome(login).exits_with(0);
    assert_eq!(outcome.stdout, "✓ Signed in to corp as ada@corp.example\n");
    let token = cli.run(&["auth", "token", "corp"]).exits_with(0);
    assert!(provider.accepts(token.stdout.trim()));
}

#[test]
fn a_user_who_cancels_sees_it_in_the_words_of_the_provider() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let (login, address) = login(&cli);
    let Some(page) = chromium(&address, "cancel") else { return end(login) };
    let words = "access_denied: End-User aborted interaction";
    shows(
        &page,
        &[
            "You are not signed in",
            "The sign-in to corp was refused:",
            words,
            "You can close this tab.",
        ],
    );
    let expected = format!("error: profile 'corp': the sign-in was refused: {words}\n");
    outcome(login).exits_with(1).explains(&[&expected]);
}

#[test]
fn words_that_are_html_are_read_and_not_run() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let (login, address) = login(&cli);
    let (_, parameters) = address.split_once('?').expect("there is a query");
    let parameter = |name: &str| {
        let pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).next();
        value.expect("it is there").replace("%3A", ":").replace("%2F", "/")
    };
    let words = "%3Cimg%20src=x%20onerror=%22alert(1)%22%3E%3Cscript%3Ealert(2)%3C/script%3E";
    let answer = format!(
        "{}?error=x&error_description={words}&state={}",
        parameter("redirect_uri"),
        parameter("state")
    );
    let Some(page) = chromium(&answer, "open") else { return end(login) };
    shows(
        &page,
        &[
            "You are not signed in",
            "The sign-in to corp was refused:",
            "x: <img src=x onerror=\"alert(1)\"><script>alert(2)</script>",
            "You can close this tab.",
        ],
    );
    outcome(login).exits_with(1);
}
