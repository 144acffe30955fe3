//! Sessions in the keyring of the desktop, with GNOME Keyring and a provider that rotates
//! refresh tokens.
//!
//! Promised here: a session goes to the keyring if the user says so, and then no file has a
//! token of it, now or after a renewal. A keyring that is of no use is found before the user
//! signs in; what is in it is never called missing, and never comes to be in a file instead.
//! For everybody else nothing changes: no keyring is asked.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use orchestration_tests::identity::{IdentityProvider, approve};
use orchestration_tests::keyring::{Bus, Keyring, PASSWORD};
use orchestration_tests::{Cli, Outcome, tool_is_there};

const TOKEN: &[&str] = &["auth", "token", "corp"];
/// What `auth status` says of the session.
const SESSION: &str = "session of ada@corp.example, renews itself";
const DIRECTORY: &str = ".local/state/orchestration/sessions";
const KEYRING: &[&str] = &["--keyring"];
const KEY: &str = "sk-proj-a1b2c3d4e5f6a7b8c9d0";
const STORE: &[&str] = &["auth", "login", "openai", "--store", "--keyring"];

/// A provider, a keyring, and a user of both.
fn set_up(access_seconds: u32) -> Option<(IdentityProvider, Keyring, Cli)> {
    let provider = IdentityProvider::start(access_seconds)?;
    let keyring = Keyring::start()?;
    let cli = keyring.on_bus(provider.cli());
    Some((provider, keyring, cli))
}

/// The same, after the user has signed in.
fn signed_in(access_seconds: u32) -> Option<(IdentityProvider, Keyring, Cli)> {
    let (provider, keyring, cli) = set_up(access_seconds)?;
    provider.sign_in_with(&cli, KEYRING).exits_with(0);
    Some((provider, keyring, cli))
}

/// The files of sessions.
fn files(cli: &Cli) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(cli.home().join(DIRECTORY)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "session")).collect()
}

fn is_in(directory: &Path, text: &str) -> bool {
    let entries = fs::read_dir(directory).expect("it can be read");
    entries.map(|entry| entry.expect("it can be read").path()).any(|path| match path.is_dir() {
        true => is_in(&path, text),
        false => fs::read(&path).is_ok_and(|found| String::from_utf8_lossy(&found).contains(text)),
    })
}

/// Checks that no file has a secret of the session, and that the keyring's are encrypted.
#[track_caller]
fn only_the_keyring_has_it(cli: &Cli, keyring: &Keyring) {
    let token = cli.run(TOKEN).exits_with(0).stdout.trim().to_owned();
    assert!(token.len() > 20, "{token}");
    assert!(!is_in(cli.home(), &token) && !is_in(keyring.directory(), &token));
    let [file] = &files(cli)[..] else { panic!("there is one file") };
    assert_eq!(fs::metadata(file).expect("it is there").mode() & 0o777, 0o600);
    let content = fs::read_to_string(file).expect("it is text");
    assert!(content.contains("\nkeyring 64:"), "{content}");
    assert!(!content.contains("\nfound ") && !content.contains("\nnote "), "{content}");
    assert_eq!(keyring.items().len(), 1, "{:?}", keyring.items());
}

fn status(cli: &Cli) -> Vec<String> {
    let outcome = cli.run(&["auth", "status", "corp"]);
    outcome.row("corp").iter().map(|cell| cell.to_string()).collect()
}

#[test]
fn a_session_in_the_keyring_is_in_no_file() {
    let Some((provider, keyring, cli)) = set_up(3600) else { return };
    let signed_in = provider.sign_in_with(&cli, KEYRING).exits_with(0);
    assert_eq!(signed_in.stdout, "✓ Signed in to corp as ada@corp.example\n");
    assert_eq!(status(&cli), ["corp", "oidc", "✓ valid", SESSION]);
    only_the_keyring_has_it(&cli, &keyring);
    assert!(provider.accepts(cli.run(TOKEN).exits_with(0).stdout.trim()));
}

#[test]
fn is_renewed_in_the_keyring() {
    let Some((provider, keyring, cli)) = signed_in(3600) else { return };
    let before = cli.run(TOKEN).exits_with(0).stdout;
    for round in 1..=3 {
        cli.run(&["auth", "refresh", "corp"]).exits_with(0);
        assert_eq!(provider.count("granted refresh_token"), round);
        only_the_keyring_has_it(&cli, &keyring);
    }
    let after = cli.run(TOKEN).exits_with(0).stdout;
    assert!(after != before && provider.accepts(after.trim()));
}

#[test]
fn is_renewed_once_however_many_ask() {
    let Some((provider, keyring, cli)) = signed_in(4) else { return };
    // A token of four seconds is renewed in the last two of them.
    sleep(Duration::from_millis(4100));
    let ask = |_| cli.command(TOKEN).spawn().expect("the product can be started");
    let asked: Vec<Child> = (0..12).map(ask).collect();
    let ended = asked.into_iter().map(|child| child.wait_with_output().expect("it ends"));
    let tokens: Vec<String> =
        ended.map(|output| Outcome::from(output).exits_with(0).stdout).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_eq!(provider.count("granted refresh_token"), 1, "{:?}", provider.log());
    assert_eq!(keyring.items().len(), 1);
}

#[test]
fn a_logout_removes_it_from_the_keyring() {
    let Some((provider, keyring, cli)) = signed_in(3600) else { return };
    let token = cli.run(TOKEN).exits_with(0).stdout;
    let logout = ["auth", "logout", "corp"];
    assert_eq!(cli.run(&logout).exits_with(0).stdout, "✓ Signed out of corp\n");
    assert!(keyring.items().is_empty() && files(&cli).is_empty());
    assert!(!provider.accepts(token.trim()));
    assert_eq!(status(&cli), ["corp", "oidc", "✗ missing", "not signed in"]);
    assert_eq!(cli.run(&logout).exits_with(0).stdout, "Not signed in to corp\n");
}

#[test]
fn commands_of_sessions_say_where_it_is() {
    let Some((provider, keyring, cli)) = set_up(3600) else { return };
    provider.sign_in(&cli).exits_with(0);
    let kept_in = || cli.run(&["session", "list"]).exits_with(0).row("corp")[4].to_owned();
    assert_eq!(kept_in(), "file");
    provider.sign_in_with(&cli, KEYRING).exits_with(0);
    assert_eq!(kept_in(), "keyring");
    let shown = cli.run(&["session", "show", "corp"]).exits_with(0).stdout;
    for field in ["ada@corp.example", "in the keyring"] {
        assert!(shown.contains(field), "{shown}");
    }
    let json = cli.run(&["session", "list", "--format", "json"]).exits_with(0).stdout;
    assert!(json.contains("\"kept_in\": \"keyring\""), "{json}");
    let removed = cli.run(&["session", "remove", "corp"]).exits_with(0).stdout;
    assert!(removed.contains("and from the keyring"), "{removed}");
    assert!(keyring.items().is_empty() && files(&cli).is_empty());
}

#[test]
fn a_sign_in_with_keyring_leaves_nothing_in_a_file_and_the_next_one_stays_there() {
    let Some((provider, keyring, cli)) = set_up(3600) else { return };
    provider.sign_in(&cli).exits_with(0);
    let token = cli.run(TOKEN).exits_with(0).stdout;
    assert!(is_in(cli.home(), token.trim()));
    for options in [KEYRING, &[]] {
        provider.sign_in_with(&cli, options).exits_with(0);
        only_the_keyring_has_it(&cli, &keyring);
        assert!(!is_in(cli.home(), token.trim()));
    }
}

#[test]
fn one_that_is_gone_from_the_keyring_is_missing_and_can_be_replaced() {
    let Some((provider, keyring, cli)) = signed_in(3600) else { return };
    keyring.clear();
    let outcome = cli.run(&["auth", "status", "corp"]).exits_with(0);
    assert_eq!(outcome.row("corp")[2], "✗ missing");
    outcome.explains(&["it is not in the keyring any more"]);
    provider.sign_in(&cli).exits_with(0);
    only_the_keyring_has_it(&cli, &keyring);
    keyring.clear();
    cli.run(&["auth", "logout", "corp"]).exits_with(0);
    assert!(files(&cli).is_empty());
}

/// Checks that nobody is asked to sign in while the keyring is of no use.
#[track_caller]
fn is_found_before_the_sign_in(provider: &IdentityProvider, cli: &Cli, expected: &[&str]) {
    let before = provider.log();
    let refused = cli.run(&["auth", "login", "corp", "--device", "--keyring"]).exits_with(3);
    assert!(!refused.all().contains("one-time code"), "{refused:?}");
    let end = "\n  or leave out --keyring to keep the secrets of corp in a file\n";
    refused.explains(&["error: profile 'corp': ", end]).explains(expected);
    assert_eq!(provider.log(), before);
    assert!(files(cli).is_empty(), "nothing is in a file instead");
}

#[test]
fn no_bus_is_found_before_the_sign_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let runtime = |cli: Cli| {
        let home = cli.home().to_owned();
        cli.env("XDG_RUNTIME_DIR", home)
    };
    let expected = ["there is no keyring: ", "\n  start one, such as GNOME Keyring or KWallet"];
    is_found_before_the_sign_in(&provider, &runtime(provider.cli()), &expected);
    for address in ["unix:path=/nonexistent/bus", "nonsense", "tcp:host=127.0.0.1,port=9"] {
        let cli = provider.cli().env("DBUS_SESSION_BUS_ADDRESS", address);
        is_found_before_the_sign_in(&provider, &cli, &expected);
    }
}

#[test]
fn no_keyring_on_the_bus_is_found_before_the_sign_in() {
    let (Some(provider), Some(bus)) = (IdentityProvider::start(3600), Bus::start()) else { return };
    let cli = provider.cli().env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let expected = ["there is no keyring: ", "\n  start one, such as GNOME Keyring or KWallet"];
    is_found_before_the_sign_in(&provider, &cli, &expected);
}

#[test]
fn a_keyring_without_a_collection_is_found_before_the_sign_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let Some(keyring) = Keyring::without_collection() else { return };
    let cli = keyring.on_bus(provider.cli());
    let expected = ["the keyring has no default collection\n", "\n  create a default keyring"];
    is_found_before_the_sign_in(&provider, &cli, &expected);
}

#[test]
fn a_locked_keyring_is_found_before_the_sign_in() {
    let Some((provider, keyring, cli)) = set_up(3600) else { return };
    keyring.lock();
    let expected = ["the keyring is locked\n", "\n  unlock it in the password settings"];
    is_found_before_the_sign_in(&provider, &cli, &expected);
}

#[test]
fn a_keyring_that_refuses_is_found_before_the_sign_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let Some(keyring) = Keyring::that_refuses() else { return };
    let cli = keyring.on_bus(provider.cli());
    let expected = ["the keyring refused: ", "\n  look into its log"];
    is_found_before_the_sign_in(&provider, &cli, &expected);
}

#[test]
fn a_keyring_or_bus_that_hangs_is_found_before_the_sign_in() {
    let Some((provider, keyring, cli)) = set_up(3600) else { return };
    let expected = ["the keyring does not answer\n", "\n  restart it, if it is not asking you"];
    keyring.stop();
    is_found_before_the_sign_in(&provider, &cli, &expected);
    let path = keyring.directory().join("hangs");
    let _accepts = UnixListener::bind(&path).expect("it can listen");
    let address = format!("unix:path={}", path.display());
    let cli = provider.cli().env("DBUS_SESSION_BUS_ADDRESS", address);
    is_found_before_the_sign_in(&provider, &cli, &expected);
}

#[test]
fn nobody_is_asked_for_a_password_where_no_window_can_be_shown() {
    let Some((_provider, keyring, cli)) = set_up(3600) else { return };
    keyring.lock();
    // On this display nothing can be shown, and the keyring has no program that asks.
    let cli = cli.env("DISPLAY", ":4711");
    let login = ["auth", "login", "corp", "--device", "--keyring"];
    let Some(screen) = cli.on_terminal(120, &login) else { return };
    let seen = screen.written.join("\n");
    assert!(seen.contains("error: profile 'corp': the keyring is locked"), "{seen}");
}

#[test]
fn a_person_who_is_asked_unlocks_it_and_signs_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let Some(keyring) = Keyring::answered(&["wrong", PASSWORD]) else { return };
    let cli = keyring.on_bus(provider.cli()).env("DISPLAY", ":4711");
    keyring.lock();
    let login = ["auth", "login", "corp", "--device", "--keyring"];
    let Some(terminal) = cli.at_terminal(120, &login) else { return };
    terminal.wait_for("Waiting for you to approve");
    let displayed = terminal.displayed();
    let word_after = |start: &str| {
        let (_, rest) = displayed.split_once(start).expect("it is displayed");
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    };
    let (page, code) = (word_after("Open "), word_after("one-time code: "));
    approve(&format!("{page}?user_code={code}"));
    let screen = terminal.screen();
    let last = screen.seen.last().map(String::as_str);
    assert_eq!(last, Some("✓ Signed in to corp as ada@corp.example"), "{:?}", screen.seen);
    only_the_keyring_has_it(&cli, &keyring);
}

#[test]
fn a_person_who_refuses_is_not_asked_to_sign_in() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let Some(keyring) = Keyring::answered(&["--cancel"]) else { return };
    let cli = keyring.on_bus(provider.cli()).env("DISPLAY", ":4711");
    keyring.lock();
    let before = provider.log();
    let login = ["auth", "login", "corp", "--device", "--keyring"];
    let Some(screen) = cli.on_terminal(120, &login) else { return };
    let seen = screen.written.join("\n");
    assert!(seen.contains("error: profile 'corp': the keyring is locked"), "{seen}");
    assert!(!seen.contains("one-time code"), "{seen}");
    assert_eq!(provider.log(), before);
    assert!(files(&cli).is_empty());
}

/// Checks what every command says while the keyring of a session is of no use.
#[track_caller]
fn is_never_missing(cli: &Cli, expected: &str, hint: &str) {
    let outcome = cli.run(&["auth", "status", "corp"]).exits_with(3);
    assert_eq!(outcome.row("corp")[2], "✗ error", "{outcome:?}");
    let message = format!("error: profile 'corp': {expected}");
    outcome.explains(&[&message, hint]);
    let give_up = "\n  or give up what it has: orchestration session remove corp\n";
    for arguments in [TOKEN, &["auth", "refresh", "corp"], &["auth", "logout", "corp"]] {
        cli.run(arguments).exits_with(3).explains(&[&message, hint, give_up]);
    }
    let explained = cli.run(&["auth", "explain", "corp"]).exits_with(3).all();
    assert!(explained.contains(expected), "{explained}");
    let doctor = cli.run(&["doctor"]).exits_with(2).stdout;
    assert!(doctor.contains(expected) && doctor.contains(hint), "{doctor}");
    let removal = cli.run(&["session", "remove", "corp"]).exits_with(2);
    removal.explains(&["the session of \"corp\" is still there: ", expected, "\n  to leave it"]);
    let listed = cli.run(&["session", "list"]).exits_with(0);
    assert_eq!(listed.row("corp")[4], "keyring", "{listed:?}");
    let again = cli.run(&["auth", "login", "corp", "--device"]).exits_with(3);
    again.explains(&[&message, hint, give_up]);
    assert_eq!(files(cli).len(), 1);
}

#[test]
fn a_session_in_a_keyring_that_is_of_no_use_is_not_missing() {
    let Some((provider, mut keyring, cli)) = signed_in(3600) else { return };
    let token = cli.run(TOKEN).exits_with(0).stdout;
    keyring.stop();
    is_never_missing(&cli, "the keyring does not answer", "restart it");
    keyring.go_on();
    assert_eq!(cli.run(TOKEN).exits_with(0).stdout, token);
    keyring.lock();
    is_never_missing(&cli, "the keyring is locked", "unlock it");
    keyring.end();
    is_never_missing(&cli, "there is no keyring: ", "start one");
    assert!(provider.accepts(token.trim()), "nobody signed out");

    // The keyring is gone for good.
    let removed = cli.run(&["session", "remove", "corp", "--force"]).exits_with(0);
    assert!(removed.stdout.contains("✓ removed the session of corp at "), "{removed:?}");
    assert!(!removed.stdout.contains("and from the keyring"), "{removed:?}");
    removed
        .explains(&["warning: what the keyring has of it is still there: there is no keyring: "]);
    assert!(files(&cli).is_empty());
    assert_eq!(status(&cli), ["corp", "oidc", "✗ missing", "not signed in"]);
    provider.sign_in(&cli).exits_with(0);
    assert!(is_in(cli.home(), cli.run(TOKEN).exits_with(0).stdout.trim()), "it is in a file now");
}

#[test]
fn a_process_that_is_killed_while_it_saves_there_leaves_a_session_or_says_that_it_is_lost() {
    if !tool_is_there("strace") {
        return;
    }
    let Some((provider, keyring, cli)) = signed_in(3600) else { return };
    let refresh = ["auth", "refresh", "corp"];
    let mut lost = 0;
    for number in (1..).step_by(STEP) {
        let mut command = cli.command_under("strace", &killed_at_message(number), &refresh);
        let has_ended = command.output().expect("strace runs").status.success();
        if has_ended {
            break;
        }
        let next = cli.run(&refresh);
        if next.status == 0 {
            let token = cli.run(TOKEN).exits_with(0).stdout;
            assert!(provider.accepts(token.trim()), "{number}");
        } else {
            next.exits_with(1).explains(&["was lost with the answer to an earlier renewal"]);
            lost += 1;
            provider.sign_in(&cli).exits_with(0);
        }
        only_the_keyring_has_it(&cli, &keyring);
    }
    assert!(provider.count("granted refresh_token") > 3, "{:?}", provider.log());
    // Between the answer and the message that saves it, there are few others.
    assert!(lost <= 12 / STEP, "{lost} sessions were lost");
}

/// At which of its messages to the keyring a process is killed.
const STEP: usize = 3;

/// The arguments of strace that kill a process at this of its messages to the keyring.
fn killed_at_message(number: usize) -> [String; 5] {
    [
        "--quiet=all".to_owned(),
        "--follow-forks".to_owned(),
        "--output=/dev/null".to_owned(),
        "--trace=sendmsg".to_owned(),
        format!("--inject=sendmsg:signal=KILL:when={number}"),
    ]
}

#[test]
fn a_process_that_is_killed_in_the_first_save_there_leaves_the_key_or_nothing() {
    if !tool_is_there("strace") {
        return;
    }
    let Some(keyring) = Keyring::start() else { return };
    let mut kept = Vec::new();
    for number in 1.. {
        let cli = keyring.on_bus(Cli::new());
        let mut command = cli.command_under("strace", &killed_at_message(number), STORE);
        let (stdin, mut key) = io::pipe().expect("a pipe can be made");
        key.write_all(KEY.as_bytes()).expect("the pipe has room");
        drop(key);
        let has_ended = command.stdin(stdin).output().expect("strace runs").status.success();
        let found = cli.run(&["auth", "token", "openai"]);
        kept.push(found.status == 0);
        match found.status {
            0 => assert_eq!(found.stdout.trim(), KEY),
            _ => drop(found.exits_with(1).explains(&["OPENAI_API_KEY is not set"])),
        }
        cli.run_with_input(STORE, KEY.as_bytes()).exits_with(0);
        assert_eq!(cli.run(&["auth", "token", "openai"]).exits_with(0).stdout.trim(), KEY);
        assert_eq!(keyring.items().len(), 1, "{number}: {:?}", keyring.items());
        assert!(!is_in(cli.home(), KEY), "{number}");
        keyring.clear();
        if has_ended {
            break;
        }
    }
    assert!(!kept[0] && kept.len() > 5 && kept.ends_with(&[true]), "{kept:?}");
}

#[test]
fn a_profile_that_has_nothing_in_the_keyring_asks_none() {
    let Some(provider) = IdentityProvider::start(3600) else { return };
    let cli = provider.cli();
    let path = cli.home().join("bus");
    let bus = UnixListener::bind(&path).expect("it can listen");
    bus.set_nonblocking(true).expect("it need not wait");
    let cli = cli.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path.display()));
    cli.run(&["auth", "status"]).exits_with(0);
    provider.sign_in(&cli).exits_with(0);
    assert_eq!(status(&cli), ["corp", "oidc", "✓ valid", SESSION]);
    for arguments in [TOKEN, &["auth", "refresh", "corp"], &["doctor"], &["session", "list"]] {
        cli.run(arguments).exits_with(0);
    }
    cli.run(&["auth", "logout", "corp"]).exits_with(0);
    assert!(bus.accept().is_err(), "nobody connected");
}

#[test]
fn a_stored_key_in_the_keyring_is_in_no_file() {
    let Some(keyring) = Keyring::start() else { return };
    let cli = keyring.on_bus(Cli::new());
    keyring.lock();
    let locked = "error: profile 'openai': the keyring is locked\n";
    cli.run_with_input(STORE, KEY.as_bytes()).exits_with(3).explains(&[locked, "leave out"]);
    assert!(files(&cli).is_empty());

    let Some(keyring) = Keyring::start() else { return };
    let cli = keyring.on_bus(Cli::new());
    cli.run_with_input(STORE, KEY.as_bytes()).exits_with(0);
    assert_eq!(cli.run(&["auth", "token", "openai"]).exits_with(0).stdout.trim(), KEY);
    assert!(!is_in(cli.home(), KEY) && !is_in(keyring.directory(), KEY));
    assert_eq!(keyring.items().len(), 1);
    assert_eq!(cli.run(&["session", "list"]).exits_with(0).row("openai")[4], "keyring");

    keyring.lock();
    let outcome = cli.run(&["auth", "status", "openai"]).exits_with(3).explains(&[locked]);
    assert_eq!(outcome.row("openai")[2], "✗ error");
    let logout = ["auth", "logout", "openai"];
    cli.run(&logout).exits_with(3).explains(&[locked, "give up what it has"]);
    assert_eq!((keyring.items().len(), files(&cli).len()), (1, 1));
}
