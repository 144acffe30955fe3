//! Strategies that try to get the secret shown.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{self, Answer, Guest, Origin, SECRET};
use orchestration_tests::{Cli, Outcome};

use super::{Case, VALUE, VARIABLE, assert_harmless, home};

/// Attempts to get the secret shown. Each takes it first: the host can hide
/// what it knows the strategy to have.
pub(super) fn secrets() -> Vec<Case> {
    let read = |mut guest: Guest, then: String| {
        let take = guest.take(VARIABLE.as_bytes());
        guest.get(format!("{take} {then}"))
    };
    let fails = |message: &str, hint: Option<&str>| {
        let mut guest = Guest::new();
        let failure = guest.place_failure(2, message.as_bytes(), hint.map(str::as_bytes));
        read(guest, format!("i32.const {failure}")).build()
    };
    let answers = |answer: &Answer<'_>| {
        let mut guest = Guest::new();
        let answer = guest.place_answer(answer);
        read(guest, format!("i32.const {answer}")).build()
    };
    let split: String = VALUE.chars().flat_map(|c| [c, '\u{200b}', '\u{1b}']).collect();
    let at_the_cap = format!("{}{VALUE}", "x".repeat(4080));
    let (all_but_first, all_but_last) = (&VALUE[1..], &VALUE[..VALUE.len() - 1]);
    let (half, rest) = VALUE.split_at(VALUE.len() / 2);
    let pieces = format!("{} and {}", &VALUE[3..11], &VALUE[12..20]);
    let source = |text: &str| {
        answers(&Answer { source: Origin::Other(text.as_bytes()), ..Answer::default() })
    };
    let invalid = |name, component, says| Case::new(name, component, ErrorKind::Invalid, says);
    vec![
        invalid("tells-in-its-message", fails(&format!("bad: {VALUE}!"), None), "bad: ***!"),
        invalid("tells-in-its-hint", fails("bad", Some(&format!("use {VALUE}"))), "bad"),
        invalid("tells-in-pieces", fails(&format!("bad: {split}"), None), "bad: ***"),
        invalid("tells-twice", fails(&format!("{VALUE}{VALUE}"), None), "******"),
        invalid("tells-at-the-cap", fails(&at_the_cap, None), "xxx"),
        invalid("tells-all-but-the-first", fails(&format!("no: {all_but_first}"), None), "no: ***"),
        invalid("tells-all-but-the-last", fails(&format!("no: {all_but_last}"), None), "no: ***"),
        invalid(
            "tells-halves",
            fails(&format!("no: {half}"), Some(&format!("{rest}!"))),
            "no: ***",
        ),
        invalid("tells-pieces", fails(&pieces, None), "*** and ***"),
        Case::valid("tells-half-in-its-source", source(rest)),
        Case::valid("tells-in-its-source", source(&format!("key {VALUE}"))),
        Case::valid("tells-in-its-source-in-pieces", source(&split)),
        Case::valid(
            "tells-in-its-variable",
            answers(&Answer { source: Origin::Environment(VALUE.as_bytes()), ..Answer::default() }),
        ),
        Case::valid(
            "tells-what-it-answers",
            answers(&Answer { source: Origin::Other(SECRET.as_bytes()), ..Answer::default() }),
        ),
        Case::valid(
            "tells-in-a-name",
            answers(&Answer {
                values: vec![(VALUE.as_bytes(), SECRET.as_bytes())],
                ..Answer::default()
            }),
        ),
    ]
}

/// One case in a table of its own.
fn row_of(case: &Case) -> Outcome {
    let outcome = home(std::slice::from_ref(case)).status();
    assert_eq!(outcome.row("good"), ["good", "api_key", "✓ valid", VARIABLE], "{outcome:?}");
    assert_eq!(outcome.row(&case.name).get(2).copied(), case.status(), "{outcome:?}");
    outcome.explains(&[&case.says])
}

/// The line that grants the text of the secret.
fn granted() -> String {
    format!("env = [\"{VARIABLE}\"]")
}

/// Asks for a variable whose name is the secret, behind as many other letters.
fn asking_for_the_secret(padding: u32) -> Vec<u8> {
    let mut guest = Guest::new();
    let denied = guest.place_failure(3, b"no", None);
    let (address, length) = guest.place(VARIABLE.as_bytes());
    let guest = guest.get(format!(
        "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
         (memory.fill (i32.const 0x18000) (i32.const 120) (i32.const {padding}))
         (memory.copy (i32.add (i32.const 0x18000) (i32.const {padding}))
           (i32.load offset=8 (global.get $scratch)) (i32.load offset=12 (global.get $scratch)))
         (call $get (i32.const 0x18000)
           (i32.add (i32.load offset=12 (global.get $scratch)) (i32.const {padding}))
           (global.get $scratch))
         i32.const {denied}"
    ));
    guest.build()
}

#[test]
fn a_secret_is_not_shown_as_the_name_of_a_variable_that_is_asked_for() {
    let name = "asks-for-the-secret";
    let case = Case::new(name, asking_for_the_secret(0), ErrorKind::Denied, "not granted");
    let case = case.with(&granted());
    assert_harmless(&row_of(&case));
}

#[test]
fn a_secret_is_not_shown_in_a_shortened_name() {
    let name = "asks-for-the-secret";
    let component = asking_for_the_secret(110);
    let case = Case::new(name, component.clone(), ErrorKind::Denied, "not granted");
    let case = case.with(&granted());
    assert_harmless(&row_of(&case));

    // A token is often longer than what is shown of a name.
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{}", "Zq81LmVt93KxBd".repeat(20));
    let component = asking_for_the_secret(0);
    let toml = guest::lines(name, &component, &granted(), &format!("api_key_env = \"{VARIABLE}\""));
    let cli = Cli::new().config(toml).env(VARIABLE, &token);
    cli.file(&format!(".config/orchestration/{name}.wasm"), &component);
    for arguments in [&["auth", "status"][..], &["-v", "auth", "login", name]] {
        let outcome = cli.run(arguments).exits_with(3);
        assert!(!outcome.all().contains("eyJhbGci"), "{outcome:?}");
    }
}

#[test]
fn no_eight_characters_of_a_secret_are_shown() {
    let cases: Vec<Case> = secrets();
    let cli = home(&cases);
    let names = cases.iter().map(|case| case.name.as_str());
    for name in names {
        for arguments in [&["auth", "login", name][..], &["auth", "status", name]] {
            let outcome = cli.run(arguments);
            assert_harmless(&outcome);
            let shown = outcome.all();
            let mut runs = VALUE.as_bytes().windows(8).filter_map(|run| str::from_utf8(run).ok());
            assert_eq!(runs.find(|run| shown.contains(run)), None, "{name}: {shown}");
        }
    }
}

#[test]
fn a_short_secret_split_between_message_and_hint_is_not_shown() {
    let mut guest = Guest::new();
    let failure = guest.place_failure(2, b"it begins with pw-12", Some(b"3456, which is all"));
    let take = guest.take(VARIABLE.as_bytes());
    let guest = guest.get(format!("{take} i32.const {failure}"));
    let case = Case::new("halves", guest.build(), ErrorKind::Invalid, "");
    let outcome = home(&[case]).without(VARIABLE).env(VARIABLE, "pw-123456").login("halves");
    let all = outcome.all();
    assert!(!all.contains("pw-12") && !all.contains("3456"), "{all}");
}

/// What a profile gives a strategy besides its key.
mod a_strategy_that_repeats {
    use super::*;

    const OPTION: &str = "opt-J7vKd20MfTzUe95CqSpLxWa4";
    const PROFILE: &str = "
base_url = \"https://svc:pw%2DNf41RzLk@llm.corp.example/v1?subscription-key=0123-9876\"
options = { client_secret = \"opt-J7vKd20MfTzUe95CqSpLxWa4\", token_env = \"CORP_JSON\" }
";

    /// Everything that `auth login` and `auth explain` write about a strategy `corp`.
    fn written(component: &[u8]) -> String {
        let cli = Cli::new().config(guest::lines("corp", component, "", PROFILE));
        cli.file(".config/orchestration/corp.wasm", component);
        let commands: [&[&str]; 3] = [
            &["-v", "auth", "login", "corp"],
            &["auth", "explain", "corp"],
            &["auth", "check", "--format", "json"],
        ];
        commands.map(|command| cli.run(command).all()).concat()
    }

    /// Guests that say `text` in every way that they have.
    fn saying(text: &str) -> [Vec<u8>; 4] {
        let bytes = text.as_bytes();
        let answer = Answer { source: Origin::Other(bytes), ..Answer::default() };
        [
            Guest::new().fails(2, bytes, None).build(),
            Guest::new().fails(2, b"bad", Some(bytes)).build(),
            Guest::new().answers(&answer).build(),
            Guest::new().says(format!("{text}\n").as_bytes()).build(),
        ]
    }

    #[track_caller]
    fn hides(secret: &str) {
        for component in saying(&format!("I was given {secret}!")) {
            let written = written(&component);
            assert!(written.contains("I was given ***!"), "{written}");
            assert!(!written.contains(secret), "{written}");
        }
    }

    #[test]
    fn the_value_of_an_option_does_not_show_it() {
        hides(OPTION);
    }

    #[test]
    fn the_base_url_has_neither_its_password_nor_its_query() {
        // The message of this error is the base URL of the request.
        let mut guest = Guest::new();
        let failure = guest.place_failure(2, b"", None);
        let store = |to: u32, from: u32| {
            format!(
                "(i32.store offset={to} (i32.const {failure})
                   (i32.load offset={from} (local.get $request)))"
            )
        };
        let body = format!("{} {} i32.const {failure}", store(12, 20), store(16, 24));
        let written = written(&guest.get(body).build());
        assert!(written.contains("https://llm.corp.example/v1"), "{written}");
        for secret in ["svc", "pw%2DNf41RzLk", "pw-Nf41RzLk", "0123-9876"] {
            assert!(!written.contains(secret), "{secret}: {written}");
        }
    }

    #[test]
    fn an_encoded_value_does_not_show_it() {
        hides("opt%2DJ7vKd20MfTzUe95CqSpLxWa4");
        hides("%6F%70%74%2D%4A7vKd20MfTzUe95CqSpLxWa4");
        hides("b3B0LUo3dktkMjBNZlR6VWU5NUNxU3BMeFdhNA");
        // Half of it, and percent-encoded twice.
        hides("ZTk1Q3FTcEx4V2E0");
        hides("opt%252DJ7vKd20MfTz");
    }

    #[test]
    fn the_variable_that_an_option_names_still_shows_what_to_grant() {
        let component = Guest::new().reads("CORP_JSON").build();
        let written = written(&component);
        assert!(written.contains("grant it with env = [\"CORP_JSON\"]"), "{written}");
    }
}
