//! The tools of the contract, which strategies use on secrets that they cannot read.
//!
//! Promised here: a tool makes what the contract says; it looks into no secret that was
//! made, so that no guess is confirmed; and nothing that a blind strategy can call brings
//! the text of a secret into its memory.

use std::path::Path;

use orchestration_runtime::{Credentials, ProviderError};
use orchestration_tests::guest::{self, Export, Guest, Host, Origin, Piece, Tool, outcomes};
use wit_parser::Resolve;

use Piece::{Secret, Text};

/// The key of RFC 8037, appendix A.1, and what it signs in A.4.
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const MESSAGE: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const SIGNATURE: &str = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B\
                         hVsPt9g7sVvpAr_MuM0KAg";

/// The algorithms by number.
const HS256: u8 = 0;
const ES256: u8 = 2;
const EDDSA: u8 = 3;

/// A secret, which is also a document and long enough for HMAC.
const DOCUMENT: &str = r#"{"token":"sk-corp-Zq81LmVt93KxBd","user":"ada","expires_in":3600}"#;

/// `{"alg":"RS256"}`, `{"sub":"ada","exp":4102444800}` and a signature.
const JWT: &str =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.c2lnbmF0dXJlLVpxODFMbVZ0";

/// Asks a guest whose profile names `CORP_KEY`, which has this value.
fn ask(guest: Guest, value: &str) -> Result<Credentials, ProviderError> {
    let component = guest.build();
    let toml = guest::lines("corp", &component, "", "api_key_env = \"CORP_KEY\"");
    Host::new(&toml, &[("corp", &component)], &[("CORP_KEY", value)]).ask("corp")
}

/// Returns the key that tools make of `CORP_KEY`, which they take as `key`.
fn key(value: &str, tools: &[Tool<'_>]) -> String {
    let tools = [&[Tool::Take("CORP_KEY", "key")], tools].concat();
    let credentials = ask(Guest::new().uses(&tools, "made"), value).expect("there is one");
    let mut values = credentials.values();
    values.next().map(|(_, secret)| secret.expose().to_owned()).expect("there is a key")
}

/// Returns the outcomes of tools that work on `CORP_KEY`, which they take as `key`.
fn tried(value: &str, tools: &[Tool<'_>]) -> Vec<&'static str> {
    let tools = [&[Tool::Take("CORP_KEY", "key")], tools].concat();
    let guest = Guest::new().tries(Export::GetCredentials, &tools);
    let error = ask(guest, value).expect_err("it fails with a report").to_string();
    assert!(!error.contains(value), "{error}");
    let outcomes = outcomes(&error);
    assert_eq!((outcomes[0], outcomes.len()), ("ok", tools.len()), "{error}");
    outcomes[1..].to_vec()
}

#[test]
fn a_key_is_put_together_from_a_part_of_a_document() {
    let made = key(
        DOCUMENT,
        &[
            Tool::Pick("key", "/user", "user"),
            Tool::Pick("key", "/token", "token"),
            Tool::Concat(&[Secret("user"), Text(":"), Secret("token")], "pair"),
            Tool::Base64("pair", 0, "made"),
        ],
    );
    // Of `ada:sk-corp-Zq81LmVt93KxBd`.
    assert_eq!(made, "YWRhOnNrLWNvcnAtWnE4MUxtVnQ5M0t4QmQ=");
}

#[test]
fn a_signed_message_is_that_of_the_rfc() {
    let made = key(
        KEY,
        &[
            Tool::Sign("key", EDDSA, &[Text(&MESSAGE[..20]), Text(&MESSAGE[20..])], "signature"),
            Tool::Concat(&[Text(MESSAGE), Text("."), Secret("signature")], "made"),
        ],
    );
    assert_eq!(made, format!("{MESSAGE}.{SIGNATURE}"));
}

#[test]
fn a_secret_can_be_part_of_what_is_signed() {
    let made = key(
        KEY,
        &[
            Tool::Concat(&[Text(&MESSAGE[10..])], "rest"),
            Tool::Sign("key", EDDSA, &[Text(&MESSAGE[..10]), Secret("rest")], "made"),
        ],
    );
    assert_eq!(made, SIGNATURE);
}

#[test]
fn random_secrets_have_the_size_that_was_asked_for_within_bounds() {
    for (bytes, characters) in [(0, 22), (16, 22), (32, 43), (128, 171), (u32::MAX, 171)] {
        let [one, other] = [(); 2].map(|()| key("x", &[Tool::Random(bytes, "made")]));
        assert_eq!((one.len(), other.len()), (characters, characters));
        assert_ne!(one, other);
    }
}

#[test]
fn a_secret_replaces_the_one_of_its_name() {
    let tools = [
        Tool::Pick("key", "/token", "made"),
        Tool::Pick("key", "/user", "made"),
        Tool::Concat(&[Secret("made"), Text("!")], "made"),
    ];
    assert_eq!(key(DOCUMENT, &tools), "ada!");
}

/// Makes `get-credentials` take `CORP_KEY` and fail with its claims for a message.
fn showing_claims() -> Guest {
    let mut guest = Guest::new().tools();
    let take = guest.tool(&Tool::Take("CORP_KEY", "key"));
    let claims = guest.tool(&Tool::Claims("key"));
    let failure = guest.place_failure(2, b"", None);
    guest.get(format!(
        "{take} {claims}
         (if (i32.load8_u (global.get $scratch)) (then unreachable))
         (i32.store offset=12 (i32.const {failure}) (i32.load offset=4 (global.get $scratch)))
         (i32.store offset=16 (i32.const {failure}) (i32.load offset=8 (global.get $scratch)))
         (i32.const {failure})"
    ))
}

#[test]
fn the_claims_of_a_jwt_are_text_without_its_signature() {
    let error = ask(showing_claims(), JWT).expect_err("it fails with the claims").to_string();
    // In a message, quotes are apostrophes.
    assert!(error.contains("{'sub':'ada','exp':4102444800}"), "{error}");
}

#[test]
fn claims_that_repeat_another_secret_are_kept_from_the_strategy() {
    // The claims are `{"sub":"sk-corp-Zq81LmVt93KxBd"}`.
    let document = format!(
        r#"{{"token":"sk-corp-Zq81LmVt93KxBd","jwt":"{}"}}"#,
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzay1jb3JwLVpxODFMbVZ0OTNLeEJkIn0.c2lnbmF0dXJl"
    );
    let tools = [
        Tool::Pick("key", "/jwt", "jwt"),
        Tool::Pick("key", "/token", "token"),
        Tool::Claims("jwt"),
    ];
    assert_eq!(tried(&document, &tools), ["ok", "ok", "leak"]);
}

#[test]
fn a_name_that_is_not_in_the_table_is_no_secret_for_every_tool() {
    let tools = [
        Tool::Pick("nothing", "", "made"),
        Tool::Claims("nothing"),
        Tool::Concat(&[Text("a"), Secret("nothing")], "made"),
        Tool::Base64("nothing", 0, "made"),
        Tool::Sign("nothing", HS256, &[], "made"),
        Tool::Sign("key", HS256, &[Secret("nothing")], "made"),
        // None of them was made, and names are not alike by chance.
        Tool::Claims("made"),
        Tool::Claims("KEY"),
        Tool::Claims("key\0"),
        Tool::Claims(" key"),
        Tool::Claims(""),
        Tool::Claims("explicit"),
    ];
    assert_eq!(tried(DOCUMENT, &tools), ["no-secret"; 12]);
}

#[test]
fn no_tool_looks_into_a_secret_that_was_made() {
    for value in [DOCUMENT, JWT, KEY] {
        let tools = [
            Tool::Concat(&[Secret("key")], "copy"),
            Tool::Base64("key", 1, "base64"),
            Tool::Random(32, "random"),
            Tool::Sign("key", HS256, &[Secret("key")], "signature"),
        ];
        let into = |name| {
            [
                Tool::Pick(name, "/token", "made"),
                Tool::Pick(name, "nonsense", "made"),
                Tool::Claims(name),
                Tool::Sign(name, HS256, &[], "made"),
                Tool::Sign(name, EDDSA, &[], "made"),
            ]
        };
        let all = [&tools[..], &["copy", "base64", "random", "signature"].map(into).concat()];
        let outcomes = tried(value, &all.concat());
        assert_eq!(outcomes[..4], ["ok"; 4]);
        assert_eq!(outcomes[4..], ["made"; 20]);
    }
}

#[test]
fn what_was_picked_is_looked_into_as_what_it_was_picked_from() {
    let document = format!(r#"{{"jwt":"{JWT}","inner":"{{\"token\":\"sk-1\"}}"}}"#);
    let tools = [
        Tool::Pick("key", "/jwt", "jwt"),
        Tool::Claims("jwt"),
        Tool::Pick("key", "/inner", "inner"),
        Tool::Pick("inner", "/token", "token"),
    ];
    assert_eq!(tried(&document, &tools), ["ok"; 4]);
}

#[test]
fn a_text_in_another_format_is_named_as_such() {
    let tools = [
        Tool::Pick("key", "/a", "made"),
        Tool::Claims("key"),
        Tool::Sign("key", HS256, &[], "made"),
        Tool::Sign("key", ES256, &[], "made"),
    ];
    let expected = ["malformed", "malformed", "bad-key", "bad-key"];
    assert_eq!(tried("sk-corp-Zq81LmVt93KxBd", &tools), expected);
}

#[test]
fn a_pointer_finds_one_member_however_it_is_escaped() {
    let document = r#"{"~1":"sk-one","/":"sk-two","a/b":"sk-three","~":{"/":"sk-four"}}"#;
    for (pointer, expected) in
        [("/~01", "sk-one"), ("/~1", "sk-two"), ("/a~1b", "sk-three"), ("/~0/~1", "sk-four")]
    {
        assert_eq!(key(document, &[Tool::Pick("key", pointer, "made")]), expected, "{pointer}");
    }
    let nothing = ["/~", "/~2", "/a/b", "/a%2Fb", "/~1~1", "/~0~1", "/~001", "a~1b", "/\0", "#/~1"];
    let tools = nothing.map(|pointer| Tool::Pick("key", pointer, "made"));
    assert_eq!(tried(document, &tools), ["absent"; 10]);
}

#[test]
fn no_outcome_tells_how_long_a_secret_is_or_whether_a_made_one_is_empty() {
    let tools = [
        Tool::Claims("key"),
        Tool::Pick("key", "", "made"),
        Tool::Concat(&[Secret("key")], "copy"),
        Tool::Concat(&[], "empty"),
        Tool::Base64("empty", 0, "encoded"),
        Tool::Base64("copy", 1, "encoded"),
        Tool::Concat(&[Secret("empty"), Secret("copy")], "joined"),
        Tool::Sign("key", HS256, &[Secret("empty")], "signed"),
        Tool::Sign("key", ES256, &[Secret("copy")], "signed"),
        Tool::Claims("empty"),
        Tool::Claims("copy"),
        Tool::Pick("empty", "", "made"),
        Tool::Pick("copy", "", "made"),
        Tool::Sign("empty", HS256, &[], "signed"),
        Tool::Sign("copy", HS256, &[], "signed"),
    ];
    // Only that a key has the 32 bytes that HMAC needs.
    let [short, long] = [33, 40_000].map(|bytes| tried(&"k".repeat(bytes), &tools));
    assert_eq!(short, long);
    let (empty, full) = (["made"; 3], ["made"; 3]);
    assert_eq!([short[9], short[11], short[13]], empty);
    assert_eq!([short[10], short[12], short[14]], full);
}

/// Every use of a tool that could tell a right guess from a wrong one.
fn guesses<'a>(guess: &'a [Piece<'a>; 1], built: &'a [[Piece<'a>; 3]]) -> Vec<Tool<'a>> {
    let mut tools = vec![
        // A secret equal to the guess, in the place of the secret, and signatures of both.
        Tool::Concat(guess, "guess"),
        Tool::Concat(&[Secret("key")], "copy"),
        Tool::Sign("key", HS256, &[Secret("key")], "signed"),
        Tool::Sign("key", HS256, guess, "signed"),
        Tool::Sign("guess", HS256, &[Secret("key")], "signed"),
        Tool::Base64("guess", 0, "encoded"),
        Tool::Pick("key", "/guess", "picked"),
        Tool::Claims("guess"),
    ];
    for built in built {
        tools.extend([
            Tool::Concat(built, "built"),
            Tool::Pick("built", "/guess", "picked"),
            Tool::Claims("built"),
            Tool::Sign("built", HS256, &[], "signed"),
            Tool::Sign("built", ES256, &[], "signed"),
            Tool::Sign("built", EDDSA, &[], "signed"),
        ]);
    }
    tools
}

#[test]
fn a_right_guess_has_the_same_outcomes_as_a_wrong_one() {
    // The private half of the key of the RFC, for which a JWK is valid only with the
    // public half that belongs to it.
    let secret = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    let right = [secret, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"];
    let wrong = [
        "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp",
    ];
    let outcomes = [right, wrong].map(|[guess, public]| {
        let jwk = format!("\",\"x\":\"{public}\"}}");
        let member = format!("\":1,\"{guess}\":2}}");
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.", &JWT[21..]);
        let built = [
            [Text("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\""), Secret("key"), Text(&jwk)],
            [Text("{\""), Secret("key"), Text(&member)],
            [Text("{\"guess\":\""), Secret("key"), Text("\"}")],
            [Text(&token), Secret("key"), Text("")],
        ];
        tried(secret, &guesses(&[Text(guess)], &built))
    });
    let [right, wrong] = outcomes;
    assert!(right.contains(&"ok") && right.contains(&"made"), "{right:?}");
    assert_eq!(right, wrong);
}

/// Every function that works on secrets, each with all that it takes, on a secret that is
/// in every format.
fn everything() -> Vec<Tool<'static>> {
    const PARTS: &[Piece<'static>] = &[Text("Bearer "), Secret("key")];
    let on = |name: &'static str| {
        let mut tools = vec![
            Tool::Claims(name),
            Tool::Concat(PARTS, "joined"),
            Tool::Base64(name, 0, "encoded"),
            Tool::Base64(name, 1, "encoded"),
        ];
        tools.extend(
            ["", "/", "/token", "/user", "/d", "/x", "/jwt"]
                .map(|pointer| Tool::Pick(name, pointer, "picked")),
        );
        tools.extend((0..4).map(|algorithm| Tool::Sign(name, algorithm, PARTS, "signed")));
        tools
    };
    let first = [Tool::Take("CORP_KEY", "key"), Tool::Random(32, "random")];
    let made = ["picked", "joined", "signed"].map(on).concat();
    [&first[..], &on("key"), &made].concat()
}

#[test]
fn everything_is_every_function_that_works_on_secrets() {
    let mut resolve = Resolve::new();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    resolve.push_path(contract).expect("wit/ can be read");
    let secrets = resolve.interfaces.iter().filter(|(_, interface)| {
        // `get` returns only what is granted as text.
        interface.name.as_deref() == Some("secrets")
    });
    let mut functions: Vec<&str> =
        secrets.flat_map(|(_, interface)| interface.functions.keys()).map(String::as_str).collect();
    functions.push("take");
    functions.sort_unstable();
    let mut tried: Vec<&str> = everything().iter().map(Tool::name).collect();
    tried.sort_unstable();
    tried.dedup();
    assert_eq!(tried, functions);
}

/// Finds eight bytes in the guest's memory. They are no part of it: code has its own.
const HAS: &str = "
    (func $has (param $run i64) (result i32) (local $at i32)
      (loop $next
        (if (i64.eq (local.get $run) (i64.load align=1 (local.get $at)))
          (then (return (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at)
          (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 7)))))
      (i32.const 0))";

/// Code that traps if a run of eight bytes of one of `texts` is in the memory.
fn searched(texts: &[&str]) -> String {
    let runs = texts.iter().flat_map(|text| text.as_bytes().windows(8));
    let numbers = runs.filter_map(|run| run.try_into().ok()).map(i64::from_le_bytes);
    numbers.map(|run| format!("(if (call $has (i64.const {run})) (then unreachable))")).collect()
}

/// Uses everything, then searches its memory for runs of `texts`. Succeeds if there are
/// none, in each export.
fn searches(texts: &[&str]) -> Guest {
    let mut guest = Guest::new().tools().fields(HAS);
    let use_all: String = everything().iter().map(|tool| guest.tool(tool)).collect();
    let search = searched(texts);
    let answer = guest.place_named(b"random", Origin::Other(b"tools"));
    let nothing = guest.place_refreshed();
    let body = |answer: u32| format!("{use_all} {search} (i32.const {answer})");
    let (answer, refreshed, valid) = (body(answer), body(nothing), body(1));
    guest
        .body(Export::GetCredentials, answer)
        .body(Export::RefreshIfNeeded, refreshed)
        .body(Export::IsValid, valid)
}

#[test]
fn no_tool_brings_a_secret_into_the_memory_of_a_blind_strategy() {
    // The public parts of claims may be there: they are what `claims` is for.
    let document =
        format!(r#"{{"token":"sk-corp-Zq81LmVt93KxBd","user":"ada.lovelace","jwt":"{JWT}"}}"#);
    let signature = "c2lnbmF0dXJlLVpxODFMbVZ0";
    for (value, secrets) in [
        (document.as_str(), vec!["sk-corp-Zq81LmVt93KxBd", "ada.lovelace", signature]),
        (JWT, vec![signature]),
        (KEY, vec!["nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"]),
        ("sk-live-Zq81LmVt93KxBdRw7x2f", vec!["sk-live-Zq81LmVt93KxBdRw7x2f"]),
    ] {
        let component = searches(&secrets).build();
        let toml = guest::lines("corp", &component, "", "api_key_env = \"CORP_KEY\"");
        let host = Host::new(&toml, &[("corp", &component)], &[("CORP_KEY", value)]);
        let strategy = host.strategy("corp", &Default::default());
        guest::runtime().block_on(async {
            let found = strategy.get_credentials().await;
            assert!(found.is_ok(), "{found:?}");
            let refreshed = strategy.refresh_if_needed().await;
            assert!(refreshed.is_ok(), "{refreshed:?}");
            let valid = strategy.is_valid().await;
            assert!(matches!(valid, Ok(true)), "{valid:?}");
        });
    }
}

#[test]
fn a_secret_that_is_read_would_be_found_in_the_memory() {
    // What the test above relies on, with a strategy that may read the secret.
    let value = "sk-live-Zq81LmVt93KxBdRw7x2f";
    let mut guest = Guest::new().reveals().fields(HAS);
    let take = guest.take(b"CORP_KEY");
    let (name, length) = guest.place(b"taken");
    let search = searched(&[value]);
    let guest = guest.get(format!(
        "{take} (call $text (i32.const {name}) (i32.const {length}) (global.get $scratch))
         {search} (i32.const 0)"
    ));
    let component = guest.build();
    let toml = guest::lines("corp", &component, "reveal = true", "api_key_env = \"CORP_KEY\"");
    let host = Host::new(&toml, &[("corp", &component)], &[("CORP_KEY", value)]);
    let error = host.ask("corp").expect_err("it traps").to_string();
    assert!(error.contains("crashed: "), "{error}");
}
