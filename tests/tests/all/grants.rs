//! What a strategy may read: what it was granted, by exact name, and nothing
//! else. Being denied is how a user meets the sandbox, so a denial says who asked
//! for what and which line would allow it; the tests paste that very line.
//!
//! Grants are those of one call. What a strategy learnt in another call, of
//! another profile or of the same, is gone.

use orchestration_runtime::{ErrorKind, Source};
use orchestration_tests::guest::{self, Answer, Export, Guest, Host, Origin};
use orchestration_tests::server::{Server, says};
use orchestration_tests::{Cli, Outcome};

const CORP: &str = "sk-corp-Zq81LmVt93KxBd7x2f";
const REGION: &str = "eu-north-secret-7";

/// `auth login corp` with `component` as the strategy `corp-sso`.
fn login(component: &[u8], env: &str, profile: &str) -> Outcome {
    let lines = guest::lines("corp-sso", component, env, "");
    let toml = format!("{lines}[profiles.corp]\nauth_type = \"corp-sso\"\n{profile}\n");
    let cli = Cli::new().config(toml).env("CORP_KEY", CORP).env("CORP_REGION", REGION);
    cli.file(".config/orchestration/corp-sso.wasm", component);
    let outcome = cli.login("corp");
    for secret in [CORP, REGION] {
        assert!(!outcome.all().contains(secret), "{outcome:?}");
    }
    outcome
}

/// Returns the line that the message suggests for `[strategies.corp-sso]`.
fn suggested(outcome: &Outcome) -> &str {
    let line = outcome.stderr.lines().find_map(|line| line.trim().strip_prefix("grant it with "));
    let line = line.unwrap_or_else(|| panic!("no line to paste: {}", outcome.stderr));
    line.strip_suffix(" under [strategies.corp-sso]").unwrap()
}

#[test]
fn a_variable_is_hidden_until_the_line_that_the_denial_prints_grants_it() {
    let component = Guest::new().reads("CORP_KEY").build();
    let denied = login(&component, "", "").exits_with(3).explains(&[
        "error: profile 'corp': strategy 'corp-sso' was denied CORP_KEY (not granted)\n",
        "grant it with env = [\"CORP_KEY\"] under [strategies.corp-sso]\n",
    ]);
    let granted = login(&component, suggested(&denied), "").exits_with(0);
    assert_eq!(granted.stdout, "✓ CORP_KEY is set (sk-...7x2f)\n");
}

#[test]
fn the_line_that_a_denial_prints_keeps_what_is_granted_already() {
    let component =
        Guest::new().describes([b"a", b"1", b"s"], &[b"CORP_REGION"]).reads("CORP_KEY").build();
    let denied = login(&component, "env = [\"CORP_REGION\"]", "").exits_with(3);
    assert_eq!(suggested(&denied), "env = [\"CORP_KEY\", \"CORP_REGION\"]");
    login(&component, suggested(&denied), "").exits_with(0);
}

#[test]
fn a_declared_variable_without_a_grant_is_reported_before_any_other_function_runs() {
    let spins = Guest::new()
        .describes([b"a", b"1", b"s"], &[b"CORP_KEY", b"CORP_REGION"])
        .get("(loop (br 0)) unreachable");
    let denied = login(&spins.build(), "", "")
        .exits_with(3)
        .explains(&["was denied CORP_KEY, CORP_REGION (not granted)"]);
    let reads = Guest::new()
        .describes([b"a", b"1", b"s"], &[b"CORP_KEY", b"CORP_REGION"])
        .reads("CORP_KEY");
    login(&reads.build(), suggested(&denied), "").exits_with(0);
}

#[test]
fn a_grant_is_for_the_exact_name() {
    for name in ["CORP_KE", "CORP_KEY_2", "corp_key", "CORP_KEY ", " CORP_KEY", "CORP_KEY\0", "*"] {
        let component = Guest::new().reads(name).build();
        let outcome = login(&component, "env = [\"CORP_KEY\"]", "").exits_with(3);
        assert!(outcome.stderr.contains("(not granted)"), "{name:?}: {outcome:?}");
    }
}

#[test]
fn an_invalid_variable_name_gets_no_line_to_paste() {
    for name in [&b""[..], b"=", b"A B", b"CORP_KEY\"]\n[strategies.api_key]\nenv = [\"X"] {
        let component = Guest::new().asks(name).build();
        let outcome = login(&component, "", "").exits_with(3);
        assert!(!outcome.stderr.contains("grant it with"), "{outcome:?}");
    }
}

#[test]
fn a_profile_grants_the_variable_that_it_names_to_its_strategy() {
    let component = Guest::new().reads("CORP_KEY").build();
    login(&component, "", "api_key_env = \"CORP_KEY\"").exits_with(0);
    login(&component, "", "api_key_env = \"CORP_REGION\"").exits_with(3);
}

#[test]
fn two_profiles_of_one_strategy_have_grants_of_their_own() {
    let component = Guest::new().reads("CORP_KEY").build();
    let lines = guest::lines("corp", &component, "", "api_key_env = \"CORP_KEY\"");
    let toml = lines + "[profiles.other]\nauth_type = \"corp\"\napi_key_env = \"OTHER_KEY\"\n";
    let variables = [("CORP_KEY", CORP), ("OTHER_KEY", "sk-other")];
    let host = Host::new(&toml, &[("corp", &component)], &variables);
    for _ in 0..2 {
        let credentials = host.ask("corp").unwrap();
        assert_eq!(credentials.get("api_key").unwrap().expose(), CORP);
        assert_eq!(host.ask("other").unwrap_err().kind(), ErrorKind::Denied);
    }
}

#[test]
fn a_strategy_that_keeps_state_gives_every_call_and_every_profile_the_same_answer() {
    let mut guest = Guest::new();
    let source = |words| Answer { source: Origin::Other(words), ..Answer::default() };
    let first = guest.place_answer(&source(b"first"));
    let again = guest.place_answer(&source(b"again"));
    // Remembers in a global, in its memory and in its table.
    let remember = "(global $seen (mut i32) (i32.const 0)) (table $t 1 funcref)
        (elem declare func $f) (func $f)
        (func $remember
          (global.set $seen (i32.const 1))
          (i32.store (i32.const 60000) (i32.const 1))
          (table.set $t (i32.const 0) (ref.func $f)))";
    let guest = guest
        .fields(remember)
        .get(format!(
            "(if (i32.or (global.get $seen) (i32.or (i32.load (i32.const 60000))
                 (i32.eqz (ref.is_null (table.get $t (i32.const 0))))))
               (then (return (i32.const {again}))))
             (call $remember) i32.const {first}"
        ))
        .body(Export::IsValid, "(call $remember) i32.const 1");
    let component = guest.build();
    let toml = guest::lines("one", &component, "", "") + "[profiles.two]\nauth_type = \"one\"\n";
    let host = Host::new(&toml, &[("one", &component)], &[]);
    for profile in ["one", "two", "one", "two", "one"] {
        let strategy = host.strategy(profile, &Default::default());
        let runtime = guest::runtime();
        for _ in 0..2 {
            assert!(runtime.block_on(strategy.is_valid()).unwrap());
            let credentials = runtime.block_on(strategy.get_credentials()).unwrap();
            let Source::Other(claim) = credentials.source() else {
                panic!("{credentials:?}");
            };
            assert_eq!(claim.to_string(), "strategy 'one', which says: \"first\"");
        }
    }
}

#[test]
fn a_strategy_may_do_without_a_denied_variable() {
    let mut guest = Guest::new();
    let (address, length) = guest.place(b"CORP_KEY");
    let answer = guest.place_answer(&Answer::default());
    let guest = guest.get(format!(
        "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
         i32.const {answer}"
    ));
    login(&guest.build(), "", "").exits_with(0);
}

#[test]
fn a_granted_variable_that_is_not_set_is_missing_and_not_denied() {
    let component = Guest::new().reads("NOT_SET").build();
    let outcome = login(&component, "env = [\"NOT_SET\"]", "").exits_with(1);
    assert!(outcome.stdout.contains("it is not set"), "{outcome:?}");
}

#[test]
fn the_built_in_strategy_takes_grants_too() {
    let toml = "[strategies.api_key]\nenv = [\"CORP_REGION\"]\n";
    let outcome = Cli::new().config(toml).env("OPENAI_API_KEY", CORP).login("openai");
    assert_eq!(outcome.exits_with(0).stdout, "✓ OPENAI_API_KEY is set (sk-...7x2f)\n");
}

#[test]
fn a_denial_while_describing_prints_no_useless_line() {
    let mut guest = Guest::new();
    let (address, length) = guest.place(b"CORP_KEY");
    let guest = guest.body(
        Export::Describe,
        format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
             unreachable"
        ),
    );
    let outcome = login(&guest.build(), "env = [\"CORP_KEY\"]", "").exits_with(3);
    assert!(!outcome.stderr.contains("grant it with"), "{outcome:?}");
}

/// `auth login corp` with `component` as the strategy `corp-sso`, and a file for it.
fn login_with_file(component: &[u8], more: &str) -> Outcome {
    let cli = Cli::new();
    let file = cli.file("secrets/token", CORP);
    let more = more.replace("{file}", file.to_str().unwrap());
    let lines = guest::lines("corp-sso", component, &more, "");
    let cli = cli.config(lines + "[profiles.corp]\nauth_type = \"corp-sso\"\n");
    cli.file(".config/orchestration/corp-sso.wasm", component);
    let outcome = cli.login("corp");
    assert!(!outcome.all().contains(CORP), "{outcome:?}");
    outcome
}

#[test]
fn a_file_is_out_of_reach_until_the_line_that_the_denial_prints_grants_it() {
    let component = Guest::new().takes_file(b"/run/secrets/corp-token").build();
    let denied = login_with_file(&component, "").exits_with(3).explains(&[
        "was denied /run/secrets/corp-token (not granted)\n",
        "grant it with files = [\"/run/secrets/corp-token\"] under [strategies.corp-sso]\n",
    ]);
    // It does not exist here, which only a strategy with the grant is told.
    let granted = login_with_file(&component, suggested(&denied)).exits_with(1);
    assert!(granted.stdout.contains("it is not set"), "{granted:?}");
}

#[test]
fn a_grant_of_a_file_is_for_the_exact_path() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, CORP).unwrap();
    let path = file.to_str().unwrap();
    let folder = directory.path().to_str().unwrap();
    let granted = format!("files = [\"{path}\"]");
    let component = Guest::new().takes_file(path.as_bytes()).build();
    let outcome = login_with_file(&component, &granted).exits_with(0);
    assert_eq!(outcome.stdout, format!("✓ the key is in {path} (sk-...7x2f)\n"));
    for other in [
        format!("{folder}//token"),
        format!("{folder}/./token"),
        format!("{folder}/x/../token"),
        format!("{path}/"),
        format!("{path}\0"),
        format!("/proc/self/root{path}"),
        path.trim_start_matches('/').to_owned(),
        folder.to_owned(),
        String::new(),
        "*".to_owned(),
    ] {
        let component = Guest::new().takes_file(other.as_bytes()).build();
        let outcome = login_with_file(&component, &granted).exits_with(3);
        assert!(outcome.stderr.contains("(not granted)"), "{other:?}: {outcome:?}");
    }
}

#[test]
fn a_path_that_cannot_be_granted_gets_no_line_to_paste() {
    let long = format!("/{}", "a".repeat(2000));
    for path in ["", "token", "/a/../b", "/", &long] {
        let component = Guest::new().takes_file(path.as_bytes()).build();
        let outcome = login_with_file(&component, "").exits_with(3);
        assert!(!outcome.stderr.contains("grant it with"), "{outcome:?}");
    }
}

/// `spawn` sends the credential that a strategy from a file finds.
#[test]
fn the_fallback_variable_is_hidden_from_a_strategy_from_a_file_until_its_line_grants_it() {
    let component = Guest::new().reads("OPENAI_API_KEY").build();
    let server = Server::new(says(&["Hello"]));
    let spawn = |env: &str, profile: &str| {
        let profile = format!("base_url = \"{}\"\ndefault_model = \"m\"\n{profile}", server.url());
        let lines = guest::lines("corp-sso", &component, env, &profile);
        let cli = Cli::new().config(lines).env("OPENAI_API_KEY", CORP);
        cli.file(".config/orchestration/corp-sso.wasm", &component);
        cli.run(&["spawn", "--profile", "corp-sso", "Hi"])
    };
    // Nor does a profile grant it that wants the fallback, or names another variable.
    for profile in ["", "fallback_env = true", "api_key_env = \"CORP_KEY\""] {
        let denied = spawn("", profile).exits_with(3);
        assert_eq!(suggested(&denied), "env = [\"OPENAI_API_KEY\"]", "{profile}");
    }
    assert_eq!(server.requests().len(), 0);
    let granted = spawn("env = [\"OPENAI_API_KEY\"]", "").exits_with(0);
    assert_eq!(granted.stdout, "Hello\n");
    assert_eq!(server.request().header("authorization"), Some(&*format!("Bearer {CORP}")));
}
