//! `orchestration doctor`: setup problems, and what fixes them.
//!
//! Promised here: all is well in an empty home; everything that others can break
//! is found; and what the command suggests fixes it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, Outcome};

fn doctor(cli: &Cli) -> Outcome {
    cli.run(&["doctor"])
}

/// The complaint that names `what`, and the line below it.
#[track_caller]
fn complaint(outcome: &Outcome, what: &str) -> (String, String) {
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let found = lines.windows(2).find_map(|pair| match pair {
        [line, below] if line.starts_with('✗') && line.contains(what) => Some((*line, *below)),
        _ => None,
    });
    let (line, remedy) = found.unwrap_or_else(|| panic!("no complaint of {what}: {outcome:#?}"));
    assert!(remedy.starts_with("   "), "no remedy: {outcome:#?}");
    (line.to_owned(), remedy.trim().to_owned())
}

fn mode(cli: &Cli, path: &str, mode: u32) {
    let path = cli.home().join(path);
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
}

#[test]
fn an_empty_home_has_no_problems() {
    let outcome = doctor(&Cli::new()).exits_with(0);
    assert_eq!(outcome.stderr, "");
    assert!(!outcome.stdout.contains('✗'), "{}", outcome.stdout);
    for subject in ["version", "config", "project", "cache", "sandbox", "strategy", "proxy"] {
        assert!(outcome.stdout.contains(&format!("✓ {subject}")), "{}", outcome.stdout);
    }
}

#[test]
fn both_built_in_strategies_can_be_loaded() {
    let config = "[profiles.gpu]\nbase_url = \"http://gpu:8000/v1\"\nauth_type = \"none\"\n";
    let outcome = doctor(&Cli::new().config(config)).exits_with(0);
    for name in ["api_key", "none"] {
        assert!(outcome.stdout.contains(&format!("✓ strategy  {name} ")), "{}", outcome.stdout);
    }
}

#[test]
fn a_file_that_others_can_write_is_found_and_the_remedy_fixes_it() {
    let cli = Cli::new().config("[profiles.corp]\n");
    mode(&cli, ".config/orchestration/providers.toml", 0o666);
    let outcome = doctor(&cli).exits_with(2);
    let (_, remedy) = complaint(&outcome, "others can write");
    let mut shell = cli.command_in("sh", &["-c", &remedy]);
    Outcome::of(&mut shell).exits_with(0);
    doctor(&cli).exits_with(0);
}

#[test]
fn a_cache_that_others_can_write_is_found_and_the_remedy_fixes_it() {
    let cli = Cli::new();
    fs::create_dir_all(cli.home().join(".cache/orchestration/compiled")).expect("it can be made");
    mode(&cli, ".cache/orchestration/compiled", 0o777);
    let outcome = doctor(&cli).exits_with(2);
    let (_, remedy) = complaint(&outcome, "cache");
    let mut shell = cli.command_in("sh", &["-c", &remedy]);
    Outcome::of(&mut shell).exits_with(0);
    doctor(&cli).exits_with(0);
}

/// A home with a profile `corp` whose key is in `~/keys/corp`.
fn with_key_file() -> Cli {
    Cli::new().config("[profiles.corp]\napi_key_file = \"~/keys/corp\"\n")
}

/// A key that only its owner can read.
fn write_key(cli: &Cli, content: impl AsRef<[u8]>) {
    cli.file("keys/corp", content);
    mode(cli, "keys/corp", 0o600);
}

#[test]
fn the_file_of_a_key_that_can_be_used_is_shown() {
    let cli = with_key_file();
    write_key(&cli, "sk-corp-Zq81LmVt93KxBd\n");
    let outcome = doctor(&cli).exits_with(0);
    let seen = "✓ key file  ~/keys/corp of profile corp\n";
    assert!(outcome.stdout.contains(seen), "{}", outcome.stdout);
    assert!(!outcome.all().contains("sk-corp"), "{outcome:?}");
}

#[test]
fn a_key_that_others_can_read_is_found_and_the_remedy_fixes_it() {
    for open in [0o640, 0o604, 0o644, 0o444] {
        let cli = with_key_file();
        write_key(&cli, "sk-corp-Zq81LmVt93KxBd");
        mode(&cli, "keys/corp", open);
        let (_, remedy) = complaint(&doctor(&cli).exits_with(2), "can be read by others");
        let mut shell = cli.command_in("sh", &["-c", &remedy]);
        Outcome::of(&mut shell).exits_with(0);
        doctor(&cli).exits_with(0);
    }
}

#[test]
fn a_key_that_is_missing_is_found_unless_the_variable_holds_one() {
    let config = "[profiles.corp]\napi_key_env = \"CORP_KEY\"\napi_key_file = \"~/keys/corp\"\n";
    for content in [None, Some(""), Some(" \n")] {
        let cli = Cli::new().config(config).env("CORP_KEY", " ");
        let expected = if content.is_some() { "is empty" } else { "does not exist" };
        if let Some(content) = content {
            write_key(&cli, content);
        }
        let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "key file");
        assert!(line.contains(&format!("~/keys/corp of profile corp {expected}")), "{line}");
        assert_eq!(remedy, "write the key into ~/keys/corp");
        doctor(&cli.without("CORP_KEY").env("CORP_KEY", "sk-1234567890")).exits_with(0);
    }
}

#[test]
fn what_cannot_be_the_file_of_a_key_is_found() {
    /// What is said, and what makes it so.
    type Fault = (&'static str, fn(&Cli));
    let faults: [Fault; 5] = [
        ("is larger than 1 MiB", |cli| write_key(cli, vec![b'a'; (1 << 20) + 1])),
        ("is not valid UTF-8", |cli| write_key(cli, [b'a', 0xff])),
        ("is not a regular file", |cli| {
            fs::create_dir_all(cli.home().join("keys/corp")).expect("it can be made");
        }),
        ("is a link that leads out of its directory", |cli| {
            cli.file("key", "sk-1234567890");
            fs::create_dir_all(cli.home().join("keys")).expect("it can be made");
            symlink("../key", cli.home().join("keys/corp")).expect("it can be made");
        }),
        // It leads nowhere, whatever the permissions are.
        ("can't be read: ", |cli| {
            fs::create_dir_all(cli.home().join("keys")).expect("it can be made");
            symlink("corp", cli.home().join("keys/corp")).expect("it can be made");
        }),
    ];
    for (fault, make) in faults {
        let cli = with_key_file();
        make(&cli);
        let (line, _) = complaint(&doctor(&cli).exits_with(2), "key file");
        assert!(line.contains(&format!("~/keys/corp of profile corp {fault}")), "{line}");
    }
}

#[test]
fn a_strategy_that_cannot_be_loaded_is_found() {
    let component = Guest::new().build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    let (_, remedy) = complaint(&doctor(&cli).exits_with(3), "strategy 'corp'");
    assert!(!remedy.is_empty());
    cli.file(".config/orchestration/corp.wasm", component);
    doctor(&cli).exits_with(0);
}

#[test]
fn a_profile_without_its_strategy_is_found() {
    let cli = Cli::new().config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
    let (_, remedy) = complaint(&doctor(&cli).exits_with(2), "corp uses corp-sso");
    assert_eq!(remedy, "orchestration strategy add FILE --auth-type corp-sso");
}

#[test]
fn a_project_that_is_not_trusted_is_found_and_the_remedy_fixes_it() {
    let cli = Cli::new();
    cli.file(".orchestration/providers.toml", "[profiles.corp]\n");
    let (_, remedy) = complaint(&doctor(&cli).exits_with(2), "not trusted");
    assert!(remedy.ends_with("orchestration trust"), "{remedy}");
    cli.run(&["trust", "--yes"]).exits_with(0);
    let outcome = doctor(&cli).exits_with(0);
    assert!(outcome.stdout.contains("providers.toml, trusted"), "{}", outcome.stdout);
}

#[test]
fn a_proxy_is_shown_without_its_password() {
    let cli = Cli::new().env("HTTPS_PROXY", "http://me:hunter22@proxy.example:3128");
    let outcome = doctor(&cli).exits_with(0);
    let seen = "HTTPS_PROXY is http://proxy.example:3128";
    assert!(outcome.stdout.contains(seen), "{}", outcome.stdout);
    assert!(!outcome.all().contains("hunter22"));
}

#[test]
fn without_a_home_it_says_what_to_set() {
    let outcome = doctor(&Cli::new().without("HOME")).exits_with(2);
    assert!(complaint(&outcome, "config").1.contains("HOME"));
    assert!(complaint(&outcome, "cache").1.contains("HOME"));
}

#[test]
fn a_mistake_in_the_file_is_a_configuration_error() {
    let outcome = doctor(&Cli::new().config("[profiles.corp]\nbas_url = 1\n")).exits_with(2);
    outcome.explains(&["unknown key 'bas_url'"]);
}

#[test]
fn a_gateway_that_other_tools_use_is_found_and_the_remedy_follows_it() {
    let cli = Cli::new().env("OPENAI_BASE_URL", "https://gateway.example/v1");
    let outcome = doctor(&cli).exits_with(2);
    let (line, remedy) = complaint(&outcome, "OPENAI_BASE_URL");
    assert!(line.contains("requests of openai"), "{line}");
    let url = remedy.split('"').nth(1).expect("the remedy quotes the URL");
    let cli = cli.config(format!("[profiles.openai]\nbase_url = \"{url}\"\n"));
    doctor(&cli).exits_with(0);
}
