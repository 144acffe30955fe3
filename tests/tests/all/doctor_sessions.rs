//! `orchestration doctor`: the sessions of the user, and the clock that decides when they
//! end.
//!
//! Promised here: each session that is of no use is named with its profile and the command
//! that helps, that command helps, and looking changes nothing. Servers are asked only if the
//! user says so.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use orchestration_runtime::{Session, SessionRecord, SessionSecret, SessionTie};
use orchestration_tests::server::{Refusing, Server, status};
use orchestration_tests::{Cli, Outcome};

const TOKEN: &str = "at-Zq81LmVt93KxBdRw7x2f";
const DIRECTORY: &str = ".local/state/orchestration/sessions";
const ISSUER: &str = "https://login.corp.example";

/// Two minutes, in which no test ends.
const SOON: u64 = 120;

fn doctor(cli: &Cli) -> Outcome {
    cli.run(&["doctor"])
}

/// The complaint about `subject`, and what is below it.
#[track_caller]
fn complaint(outcome: &Outcome, subject: &str) -> (String, String) {
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let found = lines.windows(2).find_map(|pair| match pair {
        [line, below] => {
            let seen = line.strip_prefix("✗ ")?.strip_prefix(subject)?;
            Some((seen.trim().to_owned(), below.trim().to_owned()))
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no complaint about the {subject}: {outcome:#?}"))
}

/// What is seen of `subject` where all is well.
#[track_caller]
fn seen<'a>(outcome: &'a Outcome, subject: &str) -> &'a str {
    let mut lines = outcome.stdout.lines();
    let seen = lines.find_map(|line| line.strip_prefix("✓ ")?.strip_prefix(subject));
    seen.unwrap_or_else(|| panic!("nothing about the {subject}: {outcome:#?}")).trim()
}

/// Does what is below the complaint, after which all is well.
#[track_caller]
fn remedy_helps(cli: &Cli, remedy: &str) {
    Outcome::of(&mut cli.command_in("sh", &["-c", remedy])).exits_with(0);
    doctor(cli).exits_with(0);
}

/// A home whose profile `corp` signs in at `issuer`.
fn home(issuer: &str) -> Cli {
    Cli::new().config(format!(
        "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1\"\nauth_type = \"oidc\"\n\
         issuer = \"{issuer}\"\noptions = {{ client_id = \"cli\" }}\n"
    ))
}

/// Writes the session of `corp`, with these secrets, whose token lasts until `expires_at`.
fn write_session(cli: &Cli, names: &[&str], expires_at: u64) -> PathBuf {
    let secret = |name: &&str| SessionSecret {
        name: (*name).to_owned(),
        text: TOKEN.into(),
        origin: orchestration_runtime::SecretOrigin::Found,
    };
    let record = SessionRecord {
        tie: SessionTie {
            profile: "corp".to_owned(),
            auth_type: "oidc".to_owned(),
            component: String::new(),
            server: "https://llm.corp.example".to_owned(),
            issuer: ISSUER.to_owned(),
        },
        since: 1,
        saved: 1,
        keyring: None,
        session: Session {
            secrets: names.iter().map(secret).collect(),
            account: Some("ada@corp.example".to_owned()),
            expires_at: Some(expires_at),
            ..Session::default()
        },
    };
    let path = cli.file(&format!("{DIRECTORY}/{}", record.tie.file_name()), &*record.to_bytes());
    set_mode(&path, 0o600);
    set_mode(&cli.home().join(DIRECTORY), 0o700);
    path
}

fn set_mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs()
}

#[test]
fn nobody_is_signed_in_to_an_empty_home() {
    assert_eq!(seen(&doctor(&Cli::new()).exits_with(0), "session"), "no one is signed in");
}

#[test]
fn a_session_that_works_or_renews_itself_is_well() {
    let cli = home(ISSUER);
    for (secrets, end) in [(&["access"][..], now() + SOON), (&["access", "refresh"], 1)] {
        write_session(&cli, secrets, end);
        let outcome = doctor(&cli).exits_with(0);
        assert_eq!(seen(&outcome, "session"), format!("corp at {ISSUER}"));
        assert!(!outcome.all().contains(TOKEN), "{outcome:?}");
    }
}

#[test]
fn a_session_that_has_ended_is_found() {
    let cli = home(ISSUER);
    for (secrets, end) in [(&["access"][..], 1), (&[], now() + SOON)] {
        let path = write_session(&cli, secrets, end);
        let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
        assert_eq!(line, format!("corp at {ISSUER}: the session has ended"));
        assert_eq!(remedy, "orchestration auth login corp");
        assert!(path.exists(), "looking changes nothing");
    }
}

#[test]
fn a_file_that_is_no_session_is_found_and_stays() {
    let cli = home(ISSUER);
    let path = write_session(&cli, &["access"], now() + SOON);
    let whole = fs::read(&path).expect("it reads");
    for content in [&whole[..whole.len() - 1], b"", b"orchestration session 2\n"] {
        fs::write(&path, content).expect("it can be written");
        let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
        assert!(line.contains(" of corp is not used: it "), "{line}");
        assert_eq!(remedy, "orchestration auth login corp");
        assert_eq!(fs::read(&path).expect("it reads"), content);
    }
    fs::write(&path, &whole).expect("it can be written");
    doctor(&cli).exits_with(0);
}

#[test]
fn a_file_of_no_profile_is_found_and_the_remedy_removes_it() {
    let cli = home(ISSUER);
    write_session(&cli, &["access"], now() + SOON);
    let stray = cli.file(&format!("{DIRECTORY}/stray.session"), "orchestration session 1\n");
    set_mode(&stray, 0o600);
    let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
    assert!(line.contains("stray.session is not used: it is damaged"), "{line}");
    remedy_helps(&cli, &remedy);
    assert!(!stray.exists());
}

#[test]
fn a_session_that_others_can_read_is_found_and_the_remedy_fixes_it() {
    for mode in [0o644, 0o640, 0o606] {
        let cli = home(ISSUER);
        let path = write_session(&cli, &["access"], now() + SOON);
        set_mode(&path, mode);
        let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
        assert!(line.contains("of corp is not used: others can read or write it"), "{line}");
        remedy_helps(&cli, &remedy);
        assert_eq!(cli.run(&["auth", "status", "corp"]).row("corp")[2], "✓ valid");
    }
}

#[test]
fn a_directory_that_others_can_use_is_found_and_the_remedy_fixes_it() {
    for (mode, fault) in [(0o755, "others can look into"), (0o777, "can be written by others")] {
        let cli = home(ISSUER);
        write_session(&cli, &["access"], now() + SOON);
        set_mode(&cli.home().join(DIRECTORY), mode);
        let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
        assert!(line.contains(fault) && line.contains("/sessions"), "{line}");
        remedy_helps(&cli, &remedy);
    }
    let cli = home(ISSUER);
    let elsewhere = cli.file("elsewhere/file", "");
    let state = cli.home().join(".local/state/orchestration");
    fs::create_dir_all(&state).expect("it can be made");
    let elsewhere = elsewhere.parent().expect("it is in a directory");
    symlink(elsewhere, state.join("sessions")).expect("it can be made");
    let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
    assert!(line.contains("is a symbolic link"), "{line}");
    remedy_helps(&cli, &remedy);
}

#[test]
fn what_was_moved_aside_is_found_and_the_remedy_removes_it() {
    let cli = home(ISSUER);
    let path = write_session(&cli, &["access"], now() + SOON);
    fs::write(&path, "damaged").expect("it can be written");
    cli.run(&["auth", "token", "corp"]).exits_with(1).explains(&["it is now"]);
    let (line, remedy) = complaint(&doctor(&cli).exits_with(2), "session");
    assert!(line.contains(".session.unusable-1 was moved aside"), "{line}");
    remedy_helps(&cli, &remedy);
}

/// A server that says that it is this time, in the words of date(1).
fn server_at(time: &str) -> Server {
    let date = Command::new("date")
        .args(["-u", "-d", time, "+%a, %d %b %Y %H:%M:%S GMT"])
        .env("LC_ALL", "C")
        .output()
        .expect("date can be started");
    let date = String::from_utf8(date.stdout).expect("it is text");
    Server::new(status("404 Not Found", &[("date", date.trim())], ""))
}

#[test]
fn a_clock_that_is_wrong_by_more_than_a_minute_is_found() {
    for (time, direction) in [("now - 3 minutes", "ahead of"), ("now + 3 minutes", "behind")] {
        let server = server_at(time);
        let cli = home(&format!("http://{}/realms/corp", server.host()));
        doctor(&cli).exits_with(0);
        assert!(server.requests().is_empty(), "nobody asked for it");
        let outcome = cli.run(&["doctor", "--online"]).exits_with(2);
        let (line, remedy) = complaint(&outcome, "clock");
        let end = format!(" {direction} that of http://{}", server.host());
        assert!(line.starts_with("is ") && line.ends_with(&end), "{line}");
        assert!(remedy.starts_with("timedatectl set-ntp true"), "{remedy}");
        let path = "GET /realms/corp/.well-known/openid-configuration HTTP/1.1";
        assert_eq!(server.request().line, path);
    }
}

#[test]
fn a_clock_that_is_right_is_well() {
    for time in ["now - 20 seconds", "now", "now + 20 seconds"] {
        let server = server_at(time);
        let cli = home(&format!("http://{}", server.host()));
        let outcome = cli.run(&["doctor", "--online"]).exits_with(0);
        let agrees = format!("agrees with that of http://{}", server.host());
        assert_eq!(seen(&outcome, "clock"), agrees);
    }
    let outcome = Cli::new().run(&["doctor", "--online"]).exits_with(0);
    assert_eq!(seen(&outcome, "clock"), "no profile names an issuer to ask for the time");
}

#[test]
fn an_issuer_that_does_not_answer_is_named() {
    let refusing = Refusing::start();
    let cli = home(&format!("http://{}", refusing.host()));
    let (line, _) = complaint(&cli.run(&["doctor", "--online"]).exits_with(2), "clock");
    assert!(line.starts_with("can't be compared: ") && line.contains(&refusing.host()), "{line}");
    let silent = Server::new(status("200 OK", &[], "{}"));
    let cli = home(&format!("http://{}", silent.host()));
    let outcome = cli.run(&["doctor", "--online"]).exits_with(0);
    let expected = format!("http://{} does not say what time it is", silent.host());
    assert_eq!(seen(&outcome, "clock"), expected);
}
