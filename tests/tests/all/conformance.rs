//! `strategy check`: what a strategy promises, pass or fail.
//!
//! Promised here: a strategy that does all well passes, as the built-in one does;
//! each kind of mistake is caught, by the line that is about it; a strategy's own
//! cases are tried; the exit status is for scripts.

use std::fs;

use orchestration_tests::guest::{self, Answer, Export, Guest, Origin, SECRET, Saves, Sends};
use orchestration_tests::server::{Server, status};
use orchestration_tests::{Cli, Outcome};

/// The variable of the profile that the conformance suite uses.
const VARIABLE: &[u8] = b"TEST_KEY";

/// A strategy that keeps every promise: the key that the caller gave, else the
/// variable of the profile. `mistake` comes right after that was taken: whether it
/// failed, and the presence or the error, are the first two bytes of `$scratch`.
fn careful(mistake: &str) -> Guest {
    let mut guest = Guest::new();
    let explicit = guest.place_named(b"explicit", Origin::Explicit);
    let found = guest.place_named(b"taken", Origin::Environment(VARIABLE));
    let missing = guest.place_failure(0, b"it is not set", Some(b"set it"));
    let denied = guest.place_failure(3, b"it is not granted", None);
    let unreadable = guest.place_failure(2, b"it is not Unicode", None);
    let take = guest.take(VARIABLE);
    guest
        .fields(format!(
            "(func $resolve (param $request i32) (result i32)
               (if (i32.load8_u offset=84 (local.get $request))
                 (then (return (i32.const {explicit}))))
               {take}
               {mistake}
               (if (i32.load8_u (global.get $scratch))
                 (then (return (select (i32.const {unreadable}) (i32.const {denied})
                   (i32.load8_u offset=1 (global.get $scratch))))))
               ;; 2 is `set`.
               (select (i32.const {found}) (i32.const {missing})
                 (i32.eq (i32.const 2) (i32.load8_u offset=1 (global.get $scratch)))))"
        ))
        .get("(call $resolve (local.get $request))")
        .body(Export::IsValid, "(i32.eqz (i32.load8_u (call $resolve (local.get $request))))")
}

fn check(component: &[u8], arguments: &[&str]) -> Outcome {
    let cli = Cli::new();
    cli.file("guest.wasm", component);
    cli.run(&[&["strategy", "check", "guest.wasm"], arguments].concat())
}

/// The line about `promise`, whatever its mark.
fn line<'a>(outcome: &'a Outcome, promise: &str) -> &'a str {
    let about = |line: &&str| line.split_whitespace().nth(1) == Some(promise);
    outcome.stdout.lines().find(about).unwrap_or_default()
}

#[track_caller]
fn breaks(guest: Guest, promise: &str) {
    breaks_as_built(&guest.build(), promise);
}

#[track_caller]
fn breaks_as_built(component: &[u8], promise: &str) {
    let outcome = check(component, &[]).exits_with(3);
    assert!(line(&outcome, promise).starts_with('✗'), "{promise} in\n{}", outcome.stdout);
}

#[test]
fn a_careful_strategy_passes() {
    let outcome = check(&careful("").build(), &[]).exits_with(0);
    assert!(!outcome.stdout.contains('✗'), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("\n17 passed\n"), "{}", outcome.stdout);
}

#[test]
fn every_built_in_strategy_passes() {
    let prebuilt = concat!(env!("CARGO_MANIFEST_DIR"), "/../strategies/prebuilt");
    for built_in in ["api-key", "federated", "none", "oidc", "openrouter", "service-account"] {
        let component = format!("{prebuilt}/{built_in}.wasm");
        let outcome = Cli::new().run(&["strategy", "check", &component]).exits_with(0);
        let untried = |line: &str| line.starts_with("- ") || line.starts_with('✗');
        assert!(!outcome.stdout.lines().any(untried), "{}", outcome.stdout);
    }
}

#[test]
fn a_sign_in_that_differs_from_its_case_is_caught() {
    let prebuilt = concat!(env!("CARGO_MANIFEST_DIR"), "/../strategies/prebuilt/openrouter");
    let component = fs::read(format!("{prebuilt}.wasm")).expect("it can be read");
    let cases = fs::read_to_string(format!("{prebuilt}.cases.toml")).expect("it can be read");
    for (right, wrong, words) in [
        (
            "opens = \"https://openrouter.ai/auth\"",
            "opens = \"https://openrouter.ai/x\"",
            "it opens",
        ),
        ("browser = true, opens", "shows = \"WDJB\", browser = true, opens", "it shows no code"),
        ("code = \"ac-1234567890\" }", "code = \"ac-0987654321\" }", "lacks a text of `contains`"),
        ("sign_out = { error = \"unsupported\" }", "sign_out = {}", "when it signs out"),
        (
            "\"session\", account = \"user_1\"",
            "\"session\", account = \"user_2\"",
            "the session of another account",
        ),
        ("sign_in = {}", "sign_in = { browser = true }", "but the result of `begin` was: "),
    ] {
        assert!(cases.contains(right), "{right}");
        let cli = Cli::new();
        let path = cli.file("router.wasm", &component);
        cli.file("router.cases.toml", cases.replacen(right, wrong, 1));
        let path = path.to_str().expect("it is Unicode");
        let outcome = cli.run(&["strategy", "check", path]).exits_with(3);
        assert!(outcome.stdout.contains(words), "{wrong}: {}", outcome.stdout);
    }
}

#[test]
fn a_strategy_that_needs_no_credential_only_sometimes_is_caught() {
    // It needs none unless its variable is set, which hides that a key is missing.
    let mut guest = careful("");
    let none =
        guest.place_answer(&Answer { values: vec![], source: Origin::NotNeeded, expires_at: None });
    let take = guest.take(VARIABLE);
    let sometimes = format!(
        "{take}
         (if (i32.eqz (i32.load8_u offset=1 (global.get $scratch)))
           (then (return (i32.const {none}))))
         (call $resolve (local.get $request))"
    );
    breaks(guest.get(sometimes), "missing");
}

#[test]
fn a_forbidden_import_is_caught() {
    let sockets = guest::component("(component (import \"wasi:sockets/tcp@0.2.0\" (instance)))");
    breaks_as_built(&sockets, "loads");
}

#[test]
fn an_empty_description_is_caught() {
    breaks(careful("").describes([b"not an auth type", b"1", b"x"], &[]), "describes");
    breaks(careful("").describes([b"guest", b"1", b"two\nlines"], &[]), "describes");
    breaks(careful("").describes([b"guest", b"1", b"x"], &[b"NOT-A-NAME"]), "describes");
}

#[test]
fn an_undeclared_variable_is_caught() {
    let mut guest = careful("");
    let (name, length) = guest.place(b"HOME");
    let also = format!(
        "(call $get (i32.const {name}) (i32.const {length}) (i32.const 2048))
         (call $resolve (local.get $request))"
    );
    breaks(guest.get(also), "declares");
}

#[test]
fn a_credential_without_a_source_is_caught() {
    breaks(Guest::new(), "missing");
}

#[test]
fn an_error_without_a_hint_is_caught() {
    breaks(careful("").fails(0, b"no", None), "missing");
}

#[test]
fn a_strategy_that_never_finds_anything_is_caught() {
    breaks(careful("").fails(0, b"no", Some(b"hint")), "finds");
}

#[test]
fn an_empty_value_taken_for_a_key_is_caught() {
    // `blank` becomes `set`.
    let mistake = "(if (i32.eq (i32.const 1) (i32.load8_u offset=1 (global.get $scratch)))
        (then (i32.store8 offset=1 (global.get $scratch) (i32.const 2))))";
    breaks(careful(mistake), "empty");
}

#[test]
fn ignoring_an_explicit_key_is_caught() {
    breaks(Guest::new().reads("TEST_KEY"), "explicit-key");
}

#[test]
fn two_answers_that_disagree_are_caught() {
    breaks(careful("").body(Export::IsValid, "i32.const 1"), "agrees");
    breaks(careful("").body(Export::IsValid, "i32.const 0"), "agrees");
}

#[test]
fn a_trap_in_refresh_is_caught() {
    breaks(careful("").body(Export::RefreshIfNeeded, "unreachable"), "refreshes");
}

#[test]
fn a_trap_on_denial_is_caught() {
    let mistake = "(if (i32.and (i32.load8_u (global.get $scratch))
        (i32.eqz (i32.load8_u offset=1 (global.get $scratch)))) (then unreachable))";
    breaks(careful(mistake), "denied");
}

#[test]
fn a_trap_on_a_value_that_is_not_unicode_is_caught() {
    let mistake = "(if (i32.and (i32.load8_u (global.get $scratch))
        (i32.load8_u offset=1 (global.get $scratch))) (then unreachable))";
    breaks(careful(mistake), "not-unicode");
}

#[test]
fn a_trap_when_nothing_is_set_is_caught() {
    let mistake = "(if (i32.eqz (i32.load8_u offset=1 (global.get $scratch))) (then unreachable))";
    breaks(careful(mistake), "answers");
}

#[test]
fn a_strategy_that_spins_is_caught_after_one_deadline() {
    let outcome = check(&careful("").get("(loop $l (br $l)) unreachable").build(), &[]);
    assert!(line(&outcome, "limits").starts_with('✗'), "{}", outcome.stdout);
    assert!(line(&outcome, "secrets").starts_with('-'), "{}", outcome.stdout);
    outcome.exits_with(3);
}

#[test]
fn a_secret_in_an_error_is_caught() {
    // The message of this error is what the variable holds.
    let mut guest = careful("").reveals();
    let failure = guest.place_failure(2, b"", Some(b"hint"));
    let (take, (name, length)) = (guest.take(VARIABLE), guest.place(b"taken"));
    let repeats = format!(
        "{take}
         (call $text (i32.const {name}) (i32.const {length}) (global.get $scratch))
         (i32.store offset=12 (i32.const {failure}) (i32.load offset=4 (global.get $scratch)))
         (i32.store offset=16 (i32.const {failure}) (i32.load offset=8 (global.get $scratch)))
         (i32.const {failure})"
    );
    breaks(guest.get(repeats), "secrets");
}

/// What puts sixteen letters, each from four bits of a random number, at the
/// address that is the text `to`.
fn random_letters(to: &str) -> String {
    format!(
        "(local $bits i64) (local $next_letter i32) (local.set $bits (call $random))
         (loop $next
           (i32.store8 (i32.add {to} (local.get $next_letter))
             (i32.add (i32.const 97) (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 15))))
           (local.set $bits (i64.shr_u (local.get $bits) (i64.const 4)))
           (local.set $next_letter (i32.add (local.get $next_letter) (i32.const 1)))
           (br_if $next (i32.lt_u (local.get $next_letter) (i32.const 16))))"
    )
}

fn careful_with_dice() -> Guest {
    let random =
        "(import \"wasi:random/random@0.2.0\" \"get-random-u64\" (func $random (result i64)))";
    careful("").wasi(&["random/random"], random)
}

#[test]
fn a_description_that_changes_is_caught() {
    let mut guest = careful_with_dice();
    let description = guest.place_description([b"guest", b"0123456789abcdef", b"dice"], &[]);
    let version = format!("(i32.load offset=8 (i32.const {description}))");
    let changing = format!("{} (i32.const {description})", random_letters(&version));
    breaks(guest.body(Export::Describe, changing), "stable");
}

#[test]
fn an_answer_that_changes_is_caught() {
    let mut guest = careful_with_dice();
    let values = vec![(&b"api_key"[..], &b"0123456789abcdef"[..])];
    let answer =
        guest.place_answer(&Answer { values, source: Origin::Other(b"dice"), expires_at: None });
    let changing = format!("{} (i32.const {answer})", random_letters(&guest.last_address()));
    breaks(guest.get(changing), "independent");
}

#[test]
fn cases_are_run_and_named() {
    let cli = Cli::new();
    cli.file("guest.wasm", careful("").build());
    cli.file(
        "guest.cases.toml",
        "[[case]]\nname = \"the key is found\"\nprofile = { api_key_env = \"TEST_KEY\" }\n\
         env = { TEST_KEY = \"sk-1234567890\" }\n\
         expect = { credentials = { api_key = \"sk-1234567890\" }, source = { environment = \"TEST_KEY\" } }\n\
         [[case]]\nname = \"pigs fly\"\nexpect = { credentials = { api_key = \"wings\" } }\n",
    );
    let outcome = cli.run(&["strategy", "check", "guest.wasm"]).exits_with(3);
    assert!(outcome.stdout.contains("✓ cases        the key is found"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("✗ cases        pigs fly"), "{}", outcome.stdout);
}

#[test]
fn a_case_takes_files_that_exist_only_in_it() {
    let cli = Cli::new();
    let path = "/run/secrets/corp/token";
    let component = Guest::new().takes_file(path.as_bytes()).build();
    cli.file("guest.wasm", component);
    let profile = format!("profile = {{ api_key_file = \"{path}\" }}");
    let found = format!(
        "files = {{ \"{path}\" = \"sk-1234567890\\n\" }}\n\
         expect = {{ credentials = {{ api_key = \"sk-1234567890\" }}, source = {{ file = \"{path}\" }} }}"
    );
    let cases = [
        ("the profile names it", format!("{profile}\n{found}")),
        ("it is granted", found.clone()),
        ("it is not there", format!("{profile}\nexpect = {{ error = \"missing\" }}")),
        (
            "it is blank",
            format!("files = {{ \"{path}\" = \" \" }}\nexpect = {{ error = \"missing\" }}"),
        ),
        (
            "another is granted",
            "files = { \"/run/other\" = \"x\" }\nexpect = { error = \"denied\" }".to_owned(),
        ),
        ("none is granted", "expect = { error = \"denied\" }".to_owned()),
    ];
    let toml = cases.iter().map(|(name, lines)| format!("[[case]]\nname = \"{name}\"\n{lines}\n"));
    cli.file("guest.cases.toml", toml.collect::<String>());
    let outcome = cli.run(&["strategy", "check", "guest.wasm"]);
    for (name, _) in &cases {
        assert!(outcome.stdout.contains(&format!("✓ cases        {name}")), "{}", outcome.stdout);
    }

    // A path that could mean another file is none.
    let case = "[[case]]\nname = \"x\"\nfiles = { \"/run/../etc/passwd\" = \"x\" }\n";
    cli.file("guest.cases.toml", case);
    cli.run(&["strategy", "check", "guest.wasm"]).exits_with(2);
}

/// A strategy that renews by exchanging nothing for a token at https://login.example/token,
/// and has a key of its own. It returns the error of this kind if there is no answer, or crashes if that is
/// `None`, and returns `invalid` if there is no token in the answer, unless the status says
/// that the server failed.
fn exchanging(without_answer: Option<u8>) -> Guest {
    let mut guest = Guest::new();
    let renewed = guest.place_refreshed();
    let [unavailable, invalid] = [4, 2].map(|kind| guest.place_failed_refresh(kind, b"no token"));
    let without_answer = match without_answer {
        Some(kind) => {
            format!("(return (i32.const {}))", guest.place_failed_refresh(kind, b"no answer"))
        }
        None => "unreachable".to_owned(),
    };
    let send = guest.send(&Sends::post("https://login.example/token").takes("/access_token"));
    let body = format!(
        "{send}
         (if (i32.load8_u (global.get $scratch)) (then {without_answer}))
         (if (i32.load offset=28 (global.get $scratch)) (then (return (i32.const {renewed}))))
         (select (i32.const {unavailable}) (i32.const {invalid})
           (i32.ge_u (i32.load16_u offset=4 (global.get $scratch)) (i32.const 500)))"
    );
    guest.body(Export::RefreshIfNeeded, body)
}

/// The line of `strategy check` about `promise`, with this list of requests in a case.
fn checked_with(guest: Guest, http: &str, promise: &str) -> String {
    let cli = Cli::new();
    cli.file("guest.wasm", guest.build());
    let case = format!(
        "[[case]]\nname = \"a token\"\nhttp = {http}\n\
         expect = {{ credentials = {{ api_key = \"{SECRET}\" }} }}\n"
    );
    cli.file("guest.cases.toml", case);
    let outcome = cli.run(&["strategy", "check", "guest.wasm"]).exits_with(3);
    let mut lines =
        outcome.stdout.lines().skip_while(|line| line.split_whitespace().nth(1) != Some(promise));
    lines.by_ref().take(2).collect::<Vec<_>>().join("\n")
}

/// The requests of [`exchanging`], and their answers.
const EXCHANGE: &str = "[{ request = \"POST https://login.example/token\", \
    json = { access_token = \"at-1234567890\" } }]";

#[test]
fn a_case_answers_requests_without_a_network() {
    let line = checked_with(exchanging(Some(4)), EXCHANGE, "cases");
    assert!(line.starts_with("✓ cases        a token"), "{line}");
}

#[test]
fn a_case_names_a_request_that_differs_and_one_that_is_not_sent() {
    let other = EXCHANGE.replace("/token", "/tokens");
    let line = checked_with(exchanging(Some(4)), &other, "cases");
    let says =
        "it sends POST https://login.example/token instead of POST https://login.example/tokens";
    assert!(line.starts_with('✗') && line.contains(says), "{line}");

    let more = EXCHANGE.replace("}]", "}, { request = \"GET https://login.example/keys\" }]");
    let line = checked_with(exchanging(Some(4)), &more, "cases");
    assert!(line.contains("it does not send GET https://login.example/keys"), "{line}");

    let twice = EXCHANGE.replace("json", "contains = [\"grant_type\"], json");
    let line = checked_with(exchanging(Some(4)), &twice, "cases");
    assert!(line.contains("lacks a text of `contains`"), "{line}");
}

#[test]
fn a_strategy_that_takes_a_bad_day_of_a_server_for_an_error_of_its_own_is_caught() {
    let good = checked_with(exchanging(Some(4)), EXCHANGE, "servers");
    assert!(good.starts_with('✓'), "{good}");
    // `internal`, and a crash.
    for bad in [Some(6), None] {
        let bad = checked_with(exchanging(bad), EXCHANGE, "servers");
        assert!(bad.starts_with('✗') && bad.contains("after no answer in time"), "{bad}");
    }
}

#[test]
fn a_strategy_that_can_send_requests_needs_a_case_with_them() {
    let line = checked_with(exchanging(Some(4)), "[]", "servers");
    assert!(line.starts_with('-') && line.contains("add a case with `http`"), "{line}");
}

/// A strategy that keeps every promise, and exchanges the variable of the profile for a
/// token at this URL if the profile has an issuer. The token is its session.
fn careful_with_requests(url: &str) -> Guest {
    let mut guest = careful("").stores();
    let renewed = guest.place_refreshed();
    let [unavailable, invalid] = [4, 2].map(|kind| guest.place_failed_refresh(kind, b"no token"));
    let token = guest.place_named(b"token", Origin::Session);
    let renewable = guest.place_failure(7, b"there is no token yet", None);
    let take = guest.take(VARIABLE);
    let send = guest.send(&Sends::post(url).with("subject_token", "taken").takes("/access_token"));
    let save = guest.save(&Saves { secrets: vec![b"token"], ..Saves::default() });
    let renew = format!(
        ";; The issuer.
         (if (i32.eqz (i32.load8_u offset=28 (local.get $request)))
           (then (return (i32.const {renewed}))))
         {take}
         (if (i32.ne (i32.load16_u (global.get $scratch)) (i32.const 0x200))
           (then (return (i32.const {renewed}))))
         {send}
         (if (i32.load8_u (global.get $scratch)) (then (return (i32.const {unavailable}))))
         (if (i32.eqz (i32.load offset=28 (global.get $scratch)))
           (then (return (select (i32.const {unavailable}) (i32.const {invalid})
             (i32.ge_u (i32.load16_u offset=4 (global.get $scratch)) (i32.const 500))))))
         {save}
         (if (i32.load8_u (global.get $scratch)) (then (return (i32.const {invalid}))))
         i32.const {renewed}"
    );
    guest
        .fields(format!(
            "(func $find (param $request i32) (result i32) (local $resolved i32)
               (if (i32.load8_u offset=84 (local.get $request))
                 (then (return (call $resolve (local.get $request)))))
               (call $load (global.get $scratch))
               (if (i32.and (i32.eqz (i32.load8_u (global.get $scratch)))
                   (i32.load8_u offset=8 (global.get $scratch)))
                 (then (return (i32.const {token}))))
               (local.set $resolved (call $resolve (local.get $request)))
               ;; The variable is for the issuer, if there is one.
               (select (i32.const {renewable}) (local.get $resolved)
                 (i32.and (i32.load8_u offset=28 (local.get $request))
                   (i32.eqz (i32.load8_u (local.get $resolved))))))"
        ))
        .get("(call $find (local.get $request))")
        .body(Export::IsValid, "(i32.eqz (i32.load8_u (call $find (local.get $request))))")
        .body(Export::RefreshIfNeeded, renew)
}

#[test]
fn a_careful_strategy_that_sends_requests_passes_with_the_case_that_was_recorded() {
    let answer = "{\"access_token\":\"at-9bYf72HsWqZ0nLx4PdVj3GmC\",\"expires_in\":3600}";
    let server = Server::new(status("200 OK", &[("content-type", "application/json")], answer));
    let origin = format!("http://{}", server.host());
    let config = format!(
        "[profiles.corp]\nbase_url = \"https://llm.example/v1\"\nissuer = \"{origin}\"\n\
         api_key_env = \"TEST_KEY\"\n"
    );
    let cli = Cli::new().config(config);
    cli.file("guest.wasm", careful_with_requests(&format!("{origin}/token")).build());
    let run = ["strategy", "run", "guest.wasm", "--profile", "corp", "--record"];
    let values = ["guest.cases.toml", "--env", "TEST_KEY=sk-corp-Zq81LmVt93KxBd7x2f"];
    cli.run(&[&run[..], &values].concat()).exits_with(0);
    assert_eq!(server.requests().len(), 1);

    // It needs no server any more.
    drop(server);
    let outcome = cli.run(&["strategy", "check", "guest.wasm"]).exits_with(0);
    assert!(line(&outcome, "servers").starts_with('✓'), "{}", outcome.stdout);
    assert!(line(&outcome, "cases").ends_with("corp, as recorded"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("\n18 passed\n"), "{}", outcome.stdout);
}

#[test]
fn cases_with_a_mistake_say_where_it_is() {
    let cli = Cli::new();
    cli.file("guest.wasm", careful("").build());
    cli.file("guest.cases.toml", "[[case]]\nname = \"x\"\nexpects = {}\n");
    let outcome = cli.run(&["strategy", "check", "guest.wasm"]).exits_with(2);
    outcome.explains(&["guest.cases.toml", "line 3", "expects"]);
}

#[test]
fn json_has_every_promise() {
    let outcome = check(&careful("").build(), &["--format", "json"]).exits_with(0);
    assert!(outcome.stdout.starts_with("{\n"), "{}", outcome.stdout);
    for promise in ["loads", "describes", "declares", "missing", "secrets"] {
        assert!(outcome.stdout.contains(&format!("\"promise\": \"{promise}\"")), "{promise}");
    }
}

#[test]
fn a_missing_file_is_a_usage_error() {
    Cli::new().run(&["strategy", "check", "nope.wasm"]).exits_with(2).explains(&["nope.wasm"]);
}

#[test]
fn run_shows_the_steps_and_what_the_strategy_writes() {
    let cli = Cli::new();
    let component = Guest::new().reads("OPENAI_API_KEY").says(b"looking around\n").build();
    cli.file("guest.wasm", component);
    let run = ["strategy", "run", "guest.wasm", "--profile", "openai"];
    let set = [&run[..], &["--env", "OPENAI_API_KEY=sk-abcdefgh7x2f"]].concat();
    let outcome = cli.run(&set).exits_with(0).explains(&["guest: looking around"]);
    assert!(outcome.stdout.contains("taken as taken"), "{}", outcome.stdout);
    assert!(!outcome.all().contains("sk-abcdefgh7x2f"), "{outcome:#?}");
    cli.run(&run).exits_with(1);
    cli.run(&[&run[..], &["--env", "no name"]].concat()).exits_with(2).explains(&["NAME=VALUE"]);
}

#[test]
fn new_overwrites_nothing() {
    let cli = Cli::new();
    cli.file("mine/strategy.py", "precious");
    let new = ["strategy", "new", "mine", "--lang", "python"];
    cli.run(&new).exits_with(2).explains(&["mine already exists"]);
    let kept = std::fs::read_to_string(cli.home().join("mine/strategy.py"));
    assert_eq!(kept.expect("the file is there"), "precious");
}
