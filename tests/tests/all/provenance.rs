//! Where a credential comes from, as the host saw it.
//!
//! Promised here: what decides is what the key is made of, and not what a strategy says or
//! also looked at; however it encodes a secret, the source stays known; and only a strategy
//! that was shown a text is suspected of having used it.

use orchestration_runtime::{Claim, Credentials, Source};
use orchestration_tests::guest::{self, Guest, Host, Piece, Tool};

use Piece::{Secret, Text};

const KEY: &str = r#"{"token":"sk-corp-Zq81LmVt93KxBd","user":"ada"}"#;
const OTHER: &str = "sk-other-9bYf72HsWqZ0nLx4";

/// What makes `CORP_KEY` the secret `key`, and `CORP_OTHER` the secret `other`.
const TAKE: [Tool<'static>; 2] = [Tool::Take("CORP_KEY", "key"), Tool::Take("CORP_OTHER", "other")];

/// Asks a strategy that takes both variables, then uses tools.
fn ask(tools: &[Tool<'_>], made: &str) -> Credentials {
    let component = Guest::new().uses(&[&TAKE[..], tools].concat(), made).build();
    let toml =
        guest::lines("corp", &component, "env = [\"CORP_OTHER\"]", "api_key_env = \"CORP_KEY\"");
    let variables = [("CORP_KEY", KEY), ("CORP_OTHER", OTHER)];
    Host::new(&toml, &[("corp", &component)], &variables).ask("corp").expect("there is one")
}

/// Returns what a strategy has used, if the host knows no more.
fn used(credentials: &Credentials) -> Vec<&str> {
    match credentials.source() {
        Source::Other(claim) => Claim::used(claim).collect(),
        source => panic!("{source:?}"),
    }
}

#[test]
fn a_key_that_is_made_of_one_variable_comes_from_it_however_it_is_encoded() {
    let ways: [&[Tool<'_>]; 5] = [
        &[Tool::Concat(&[Secret("key")], "made")],
        &[Tool::Pick("key", "/token", "made")],
        &[Tool::Base64("key", 0, "made")],
        &[Tool::Sign("key", 0, &[Secret("key")], "made")],
        &[
            Tool::Pick("key", "/user", "user"),
            Tool::Concat(&[Secret("user"), Text(""), Secret("key")], "made"),
        ],
    ];
    for tools in ways {
        let credentials = ask(tools, "made");
        assert_eq!(*credentials.source(), Source::Environment("CORP_KEY".into()), "{tools:?}");
    }
}

#[test]
fn a_key_that_was_put_together_names_every_variable_in_it() {
    let parts = [Secret("other"), Text(":"), Secret("key")];
    assert_eq!(used(&ask(&[Tool::Concat(&parts, "made")], "made")), ["CORP_KEY", "CORP_OTHER"]);
    let signed = [
        Tool::Random(16, "nonce"),
        Tool::Sign("key", 0, &[Secret("nonce"), Secret("other")], "made"),
    ];
    assert_eq!(used(&ask(&signed, "made")), ["CORP_KEY", "CORP_OTHER"]);
}

#[test]
fn a_variable_that_was_taken_but_is_not_in_the_key_is_not_named() {
    let joined = [Tool::Concat(&[Text("id:"), Secret("key")], "made")];
    let credentials = ask(&joined, "made");
    assert_eq!(used(&credentials), ["CORP_KEY"]);
    let random = ask(&[Tool::Random(16, "made")], "made");
    assert!(used(&random).is_empty(), "{:?}", random.source());
    let own = ask(&[Tool::Concat(&[Text("sk-from-nowhere-12345")], "made")], "made");
    assert!(used(&own).is_empty(), "{:?}", own.source());
}

#[test]
fn a_secret_keeps_its_source_under_the_name_of_another() {
    // The strategy replaces the secret of a variable by that of the other.
    let tools = [Tool::Concat(&[Secret("other")], "key")];
    assert_eq!(*ask(&tools, "key").source(), Source::Environment("CORP_OTHER".into()));
}

#[test]
fn an_equal_text_of_a_blind_strategy_does_not_come_from_the_variable() {
    // It guessed the value, or knows it from elsewhere; it was not shown it.
    let credentials = ask(&[Tool::Concat(&[Text(OTHER)], "made")], "made");
    assert!(used(&credentials).is_empty(), "{:?}", credentials.source());
}

/// A strategy that reads the text of `CORP_OTHER` and answers with it, as a text of its
/// own; or with `CORP_KEY` after it.
fn reading(with_key: bool) -> Credentials {
    let mut guest = Guest::new().tools();
    let take = guest.tool(&Tool::Take("CORP_KEY", "key"));
    let (variable, length) = guest.place(b"CORP_OTHER");
    let (key, key_length) = guest.place(b"key");
    let (parts, _) = guest.place(&[[0_u8; 16], [0; 16]].concat());
    let (made, made_length) = guest.place(b"made");
    let answer = guest.place_named(b"made", guest::Origin::Other(b"reading"));
    let guest = guest.get(format!(
        "{take}
         (call $get (i32.const {variable}) (i32.const {length}) (global.get $scratch))
         (i32.store (i32.const {parts}) (i32.const 0))
         (i32.store offset=4 (i32.const {parts}) (i32.load offset=8 (global.get $scratch)))
         (i32.store offset=8 (i32.const {parts}) (i32.load offset=12 (global.get $scratch)))
         (i32.store offset=12 (i32.const {parts}) (i32.const 1))
         (i32.store offset=16 (i32.const {parts}) (i32.const {key}))
         (i32.store offset=20 (i32.const {parts}) (i32.const {key_length}))
         (call $concat (i32.const {parts}) (i32.const {})
           (i32.const {made}) (i32.const {made_length}) (global.get $scratch))
         (i32.const {answer})",
        1 + u8::from(with_key)
    ));
    let component = guest.build();
    let toml =
        guest::lines("corp", &component, "env = [\"CORP_OTHER\"]", "api_key_env = \"CORP_KEY\"");
    let variables = [("CORP_KEY", KEY), ("CORP_OTHER", OTHER)];
    Host::new(&toml, &[("corp", &component)], &variables).ask("corp").expect("there is one")
}

#[test]
fn a_text_that_a_strategy_was_shown_is_found_in_what_it_writes() {
    assert_eq!(*reading(false).source(), Source::Environment("CORP_OTHER".into()));
    assert_eq!(used(&reading(true)), ["CORP_KEY", "CORP_OTHER"]);
}
