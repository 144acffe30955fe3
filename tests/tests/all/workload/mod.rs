//! Tokens without a user: service accounts, and workloads that show the token which their
//! cluster or CI gave them.
//!
//! Promised here: a program on a machine without a person gets a token that a real server
//! accepts, the next process uses the same one, and no key or token is shown or sent to any
//! server but the profile's issuer, whatever is in a key file, in a file of a project or in
//! an answer. What is missing is named with what to set.

mod answers;
mod federated;
mod github;
mod service_account;

use orchestration_tests::server::{Request, Server, status};
use orchestration_tests::{Cli, Outcome};

/// The token that a server of these tests issues.
const TOKEN: &str = "tok-9bYf72HsWqZ0nLx4PdVj3GmC";

/// The token of a workload. It is no JWT, since no server of these tests looks into it.
const WORKLOAD: &str = "wl-Zq81LmVt93KxBd7x2fRw5Ns";

const OBTAIN: &[&str] = &["auth", "token", "ci"];

/// A home with the profile `ci` of this auth type, with further lines.
fn home(auth_type: &str, lines: &str) -> Cli {
    Cli::new().config(profile(auth_type, lines))
}

fn profile(auth_type: &str, lines: &str) -> String {
    format!(
        "[profiles.ci]\nbase_url = \"https://llm.corp.example/v1\"\nauth_type = \"{auth_type}\"\n\
         {lines}\n"
    )
}

/// The columns of `auth status` for the profile.
fn status_of(cli: &Cli) -> Vec<String> {
    let outcome = cli.run(&["auth", "status", "ci"]);
    outcome.row("ci").iter().map(|cell| cell.to_string()).collect()
}

fn json(body: &str) -> String {
    status("200 OK", &[("content-type", "application/json")], body)
}

fn token() -> String {
    json(&format!("{{\"access_token\":\"{TOKEN}\",\"expires_in\":3600}}"))
}

fn origin(server: &Server) -> String {
    format!("http://{}", server.host())
}

/// A server whose token endpoint is `/token`, and answers with this.
fn endpoint(answer: String) -> Server {
    Server::new(answer)
}

/// The lines of a profile whose token endpoint is at `server`, with these options.
fn at(server: &Server, options: &str) -> String {
    let origin = origin(server);
    let comma = if options.is_empty() { "" } else { ", " };
    format!("issuer = \"{origin}\"\noptions = {{ token_endpoint = \"/token\"{comma}{options} }}\n")
}

/// The fields of a form.
fn form(request: &Request) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let fields = request.body.split('&').filter_map(|field| field.split_once('='));
    fields.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no {name} in {fields:?}"))
}

/// Every command that says something about the profile.
const TALK: [&[&str]; 6] = [
    &["auth", "status", "ci", "-v"],
    &["auth", "status", "ci", "--format", "json"],
    &["auth", "explain", "ci", "-v"],
    &["auth", "refresh", "ci", "-v"],
    &["session", "list", "-v"],
    &["doctor"],
];

/// Checks that nothing that is said contains one of these texts.
#[track_caller]
fn hides(outcome: &Outcome, secrets: &[&str]) {
    for secret in secrets {
        let start = &secret[..12];
        assert!(!outcome.all().contains(start), "{start} is shown: {outcome:#?}");
    }
}

#[test]
fn every_setting_in_the_book_is_understood() {
    let book = include_str!("../../../../docs/src/workload.md");
    let snippets: Vec<&str> = book
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a snippet has an end"))
        .collect();
    let profiles = snippets.iter().filter(|snippet| snippet.contains("[profiles."));
    assert!(profiles.clone().count() >= 10, "{snippets:#?}");
    for snippet in snippets {
        // What they need is not there, and nothing else is wrong.
        let outcome = Cli::new().config(snippet).status().exits_with(0);
        assert_eq!(outcome.stderr, "", "{snippet}");
    }
}
