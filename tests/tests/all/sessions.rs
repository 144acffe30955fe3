//! Sessions: what strategies keep between calls.
//!
//! Promised here: a session is found by the strategy that saved it, for the same profile and
//! servers, and by no other until the user says so; it is a file that no one else can read,
//! and at every moment the old one or the new one; what cannot be used is moved aside with a
//! warning and not lost; no command shows a secret of it; and saving and loading makes no
//! secret look as if it came from outside.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use orchestration_runtime::{Session, SessionRecord, SessionTie};
use orchestration_tests::guest::{self, Export, Guest, Piece, Saves, Tool};
use orchestration_tests::{Cli, Outcome, skip, tool_is_there};

const KEY: &str = "rt-corp-Zq81LmVt93KxBd7x2f";
const NEW_KEY: &str = "rt-corp-9bYf72HsWqZ0nLx4Pd";
const ACCOUNT: &str = "ada@corp.example";

/// What is shown of it: the words of a strategy that is not built in.
fn said() -> String {
    format!("strategy 'corp', which says: \"{ACCOUNT}\"")
}
const DIRECTORY: &str = ".local/state/orchestration/sessions";

/// The strategy `corp`, which keeps the variable `CORP_KEY`.
fn keeps() -> Vec<u8> {
    Guest::new()
        .keeps("CORP_KEY", &Saves { expires_at: Some(4_102_444_800), ..Saves::taken(ACCOUNT) })
        .build()
}

/// A home with `component` as the strategy of the profile `corp`.
fn home(component: &[u8]) -> Cli {
    let cli = Cli::new();
    configure(&cli, component, "");
    cli
}

fn configure(cli: &Cli, component: &[u8], profile: &str) {
    let profile = format!("api_key_env = \"CORP_KEY\"\n{profile}");
    let toml = guest::lines("corp", component, "", &profile);
    cli.file(".config/orchestration/providers.toml", toml);
    cli.file(".config/orchestration/corp.wasm", component);
}

/// A home in which `KEY` is kept.
fn signed_in() -> Cli {
    let cli = home(&keeps());
    assert_eq!(sign_in(&cli, KEY).exits_with(0).stdout, format!("{KEY}\n"));
    cli
}

/// Renews the session, even if it is not time.
const RENEW: &[&str] = &["auth", "refresh", "corp"];

/// Asks for the credential with the variable set, so that it is kept.
fn sign_in(cli: &Cli, key: &str) -> Outcome {
    Outcome::of(cli.command(&["auth", "token", "corp"]).env("CORP_KEY", key))
}

/// Renews the session with the variable set, so that it is kept.
fn renew(cli: &Cli, key: &str) {
    Outcome::of(cli.command(RENEW).env("CORP_KEY", key)).exits_with(0);
}

/// Asks for the credential, which is in the session or nowhere.
fn token(cli: &Cli) -> Outcome {
    cli.run(&["auth", "token", "corp"])
}

#[track_caller]
fn finds(cli: &Cli, key: &str) {
    assert_eq!(token(cli).exits_with(0).stdout, format!("{key}\n"));
}

#[track_caller]
fn finds_nothing(cli: &Cli) -> Outcome {
    token(cli).exits_with(1).explains(&["no session"])
}

/// The files in the directory of sessions, sorted, without those that are only locked.
fn files(cli: &Cli) -> Vec<PathBuf> {
    let entries = fs::read_dir(cli.home().join(DIRECTORY)).expect("it is there").flatten();
    let paths = entries.map(|entry| entry.path());
    let is_locked = |path: &PathBuf| path.extension().is_some_and(|end| end == "lock");
    let mut files: Vec<PathBuf> = paths.filter(|path| !is_locked(path)).collect();
    files.sort();
    files
}

/// The only session.
#[track_caller]
fn file(cli: &Cli) -> PathBuf {
    let [file] = files(cli).try_into().expect("there is one file");
    file
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
}

#[track_caller]
fn hides_secrets(outcome: &Outcome) {
    for secret in [KEY, NEW_KEY] {
        assert!(!outcome.all().contains(&secret[..12]), "{outcome:#?}");
    }
}

#[test]
fn a_session_is_found_by_the_next_call_and_every_step_is_shown_without_a_value() {
    let cli = home(&keeps());
    finds_nothing(&cli);
    let explain = ["auth", "explain", "corp"];
    let saved = Outcome::of(cli.command(&explain).env("CORP_KEY", KEY)).exits_with(0);
    let has = |outcome: &Outcome, start: &str, end: &str| {
        let mut lines = outcome.stdout.lines().map(str::trim_end);
        assert!(lines.any(|line| line.starts_with(start) && line.contains(end)), "{outcome:#?}");
    };
    has(&saved, "saved", "the session");
    has(&saved, "saved", "with taken");
    hides_secrets(&saved);

    finds(&cli, KEY);
    let loaded = cli.run(&explain).exits_with(0);
    has(&loaded, "loaded", "with taken");
    has(&loaded, "✓ the credential comes from the session of", ACCOUNT);
    hides_secrets(&loaded);
    assert_eq!(
        cli.status().row("corp")[2..],
        ["✓ valid", &format!("session of {}, renews itself", said())]
    );
}

#[test]
fn only_the_user_can_read_a_session() {
    let cli = home(&keeps());
    // A directory that an older umask opened to others.
    fs::create_dir_all(cli.home().join(DIRECTORY)).expect("a directory can be created");
    set_mode(&cli.home().join(DIRECTORY), 0o750);
    sign_in(&cli, KEY).exits_with(0);
    assert_eq!(mode(&cli.home().join(DIRECTORY)), 0o700);
    assert_eq!(mode(&file(&cli)), 0o600);
    finds(&cli, KEY);
}

#[test]
fn another_component_finds_nothing_until_it_is_told_to_keep_the_sessions() {
    let cli = signed_in();
    let other = Guest::new().keeps("CORP_KEY", &Saves::taken("eve@corp.example")).build();
    let path = cli.file("other.wasm", &other);
    let add = ["strategy", "add", "other.wasm", "--auth-type", "corp"];
    let added = cli.run(&add).exits_with(0);
    added.explains(&["another component saved the sessions of corp", "--keep-sessions"]);
    let nothing = finds_nothing(&cli);
    hides_secrets(&nothing);
    // The first component still finds it.
    configure(&cli, &keeps(), "");
    finds(&cli, KEY);

    cli.run(&add).exits_with(0);
    let keep = [&add[..], &["--keep-sessions"]].concat();
    let kept = cli.run(&keep).exits_with(0);
    assert!(kept.stdout.contains("keeps the sessions of: corp"), "{kept:#?}");
    finds(&cli, KEY);
    assert!(path.exists());
}

#[test]
fn what_another_component_saves_does_not_lose_the_session_of_the_first() {
    let cli = signed_in();
    let old = fs::read(file(&cli)).expect("it reads");
    let other = Guest::new().keeps("CORP_KEY", &Saves::taken("eve@corp.example")).build();
    configure(&cli, &other, "");
    sign_in(&cli, NEW_KEY).exits_with(0).explains(&["another component saved it; it is now"]);
    finds(&cli, NEW_KEY);
    assert!(files(&cli).iter().any(|path| fs::read(path).expect("it reads") == old));
}

#[test]
fn a_session_is_not_found_for_another_server_or_issuer() {
    let cli = home(&keeps());
    let servers = |base_url: &str, issuer: &str| {
        let profile = format!("base_url = \"{base_url}\"\nissuer = \"{issuer}\"");
        configure(&cli, &keeps(), &profile);
    };
    servers("https://llm.example/v1", "https://login.example/a");
    sign_in(&cli, KEY).exits_with(0);
    for (base_url, issuer) in [
        ("https://llm.example:444/v1", "https://login.example/a"),
        ("https://evil.example/v1", "https://login.example/a"),
        ("https://llm.example/v1", "https://login.example/b"),
        ("https://llm.example/v1", "https://evil.example/a"),
    ] {
        servers(base_url, issuer);
        hides_secrets(&finds_nothing(&cli));
    }
    servers("https://llm.example/v2", "https://login.example/a");
    finds(&cli, KEY);
}

#[test]
fn a_secret_that_was_made_is_still_made_after_it_was_saved_and_loaded() {
    let document = "{\"a\":\"rt-1234567890123456789012345678901234\"}";
    let mut guest = Guest::new().tools().stores();
    let made = [Piece::Secret("taken")];
    let code = [
        guest.tool(&Tool::Take("CORP_KEY", "taken")),
        guest.tool(&Tool::Concat(&made, "made")),
        guest.tool(&Tool::Random(32, "random")),
        guest.save(&Saves { secrets: vec![b"taken", b"made", b"random"], ..Saves::default() }),
    ];
    let guest = guest.refreshes(&code.concat()).tries(
        Export::GetCredentials,
        &[
            Tool::Pick("made", "/a", "part"),
            Tool::Claims("made"),
            Tool::Sign("made", 0, &[], "signed"),
            Tool::Pick("random", "/a", "part"),
            Tool::Sign("random", 0, &[], "signed"),
            // What was found outside is as before.
            Tool::Pick("taken", "/a", "part"),
        ],
    );
    let cli = home(&guest.before("(call $load (global.get $scratch))").build());
    let outcome = sign_in(&cli, document).exits_with(1);
    let outcomes = guest::outcomes(&outcome.stderr);
    assert_eq!(outcomes, ["made", "made", "made", "made", "made", "ok"], "{outcome:#?}");
}

#[test]
fn a_file_that_cannot_be_used_is_moved_aside_and_not_lost() {
    type Damage = (&'static str, fn(&Path), &'static str);
    let damages: [Damage; 9] = [
        (
            "truncated",
            |path| {
                let bytes = fs::read(path).expect("it reads");
                fs::write(path, &bytes[..bytes.len() / 2]).expect("it can be written");
            },
            "damaged",
        ),
        ("empty", |path| fs::write(path, "").expect("it can be written"), "damaged"),
        (
            "of another version",
            |path| {
                let text = fs::read_to_string(path).expect("it reads");
                fs::write(path, text.replacen("session 1", "session 2", 1))
                    .expect("it can be written");
            },
            "another version",
        ),
        (
            "of another profile",
            |path| {
                let text = fs::read_to_string(path).expect("it reads");
                fs::write(path, text.replacen("profile 4:corp", "profile 4:evil", 1))
                    .expect("it can be written");
            },
            "another profile or strategy",
        ),
        ("readable by the group", |path| set_mode(path, 0o640), "others can read or write it"),
        (
            "of 100 MiB",
            |path| {
                let file = fs::File::options().write(true).open(path).expect("it opens");
                file.set_len(100 << 20).expect("it can grow");
            },
            "too large",
        ),
        (
            "a link",
            |path| {
                fs::rename(path, path.with_extension("real")).expect("it can be renamed");
                symlink(path.with_extension("real"), path).expect("a link can be created");
            },
            "not a regular file",
        ),
        (
            "a directory",
            |path| {
                fs::remove_file(path).expect("it is there");
                fs::create_dir(path).expect("a directory can be created");
            },
            "not a regular file",
        ),
        (
            "a pipe",
            |path| {
                fs::remove_file(path).expect("it is there");
                let made = std::process::Command::new("mkfifo").arg(path).status();
                assert!(made.expect("mkfifo runs").success());
            },
            "not a regular file",
        ),
    ];
    let signed_in = signed_in();
    let good = fs::read(file(&signed_in)).expect("it reads");
    for (what, damage, reason) in damages {
        let name = file(&signed_in);
        damage(&name);
        let found = fs::symlink_metadata(&name).expect("it is there");
        let list = signed_in.run(&["session", "list"]).exits_with(0).explains(&[reason]);
        assert_eq!(list.row("corp"), [""; 0], "{what}");
        let outcome = finds_nothing(&signed_in);
        outcome.explains(&["is not used", reason, "it is now", ".unusable-1"]);
        assert!(!name.exists(), "{what}");
        let aside = PathBuf::from(format!("{}.unusable-1", name.display()));
        let moved = fs::symlink_metadata(&aside).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((moved.ino(), moved.len()), (found.ino(), found.len()), "{what}");
        // The next sign-in works.
        sign_in(&signed_in, KEY).exits_with(0);
        finds(&signed_in, KEY);
        let removed = if moved.is_dir() { fs::remove_dir(aside) } else { fs::remove_file(aside) };
        removed.expect("it can be removed");
        drop(fs::remove_file(name.with_extension("real")));
        assert!(fs::read(file(&signed_in)).expect("it reads").len() == good.len());
    }
}

#[test]
fn files_and_directories_that_others_could_have_written_are_not_used() {
    let cli = signed_in();
    let directory = cli.home().join(DIRECTORY);
    set_mode(&directory, 0o770);
    let denied = token(&cli);
    assert_ne!(denied.status, 0, "{denied:#?}");
    denied.explains(&["cannot read the session", "can be written by others"]);
    hides_secrets(&cli.run(&["session", "list"]).exits_with(2).explains(&["written by others"]));
    set_mode(&directory, 0o700);
    finds(&cli, KEY);

    if std::os::unix::fs::chown(file(&cli), Some(65534), None).is_err() {
        return skip("only root can give a file away");
    }
    finds_nothing(&cli).explains(&["it belongs to another user", "it is now"]);
}

#[test]
fn a_full_disk_leaves_the_old_session() {
    let cli = signed_in();
    let old = fs::read(file(&cli)).expect("it reads");
    let script = "trap '' XFSZ; ulimit -f 0; CORP_KEY=$KEY exec \"$0\" auth refresh corp";
    let mut command = cli.command_under("sh", &["-c", script], &[""; 0]);
    let outcome = Outcome::of(command.env("KEY", NEW_KEY));
    assert_ne!(outcome.status, 0, "{outcome:#?}");
    hides_secrets(&outcome.explains(&[
        "cannot save the session of profile 'corp'",
        "there is no room on the disk to save a new session",
    ]));
    assert!(fs::read(file(&cli)).expect("it reads") == old);
    finds(&cli, KEY);
    renew(&cli, NEW_KEY);
    finds(&cli, NEW_KEY);
}

/// Renews the session to `NEW_KEY` in a process that is killed at this system call.
#[track_caller]
fn kill_renewal_at(cli: &Cli, call: &str, when: u32) {
    let trace = [
        "--quiet=all".to_owned(),
        "--follow-forks".to_owned(),
        "--output=/dev/null".to_owned(),
        format!("--trace={call}"),
        format!("--inject={call}:signal=KILL:when={when}"),
    ];
    let mut command = cli.command_under("strace", &trace, RENEW);
    let killed = command.env("CORP_KEY", NEW_KEY).output().expect("strace runs");
    assert!(!killed.status.success(), "{call} {when}: it was not killed");
    // What is unfinished is no one else's to read.
    for path in files(cli) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_killed_process_leaves_the_old_session_or_the_new_one() {
    if !tool_is_there("strace") {
        return;
    }
    for (call, when) in [("fsync", 1), ("rename,renameat,renameat2", 1), ("fsync", 2)] {
        let cli = signed_in();
        kill_renewal_at(&cli, call, when);
        let found = token(&cli).exits_with(0).stdout;
        assert!([KEY, NEW_KEY].contains(&found.trim_end()), "{call}: {found}");
        // What is unfinished is in no one's way.
        renew(&cli, NEW_KEY);
        finds(&cli, NEW_KEY);
    }
}

#[test]
fn a_killed_process_of_another_component_leaves_one_session_in_place_and_loses_none() {
    if !tool_is_there("strace") {
        return;
    }
    let other = Guest::new().keeps("CORP_KEY", &Saves::taken("eve@corp.example")).build();
    let renames = "rename,renameat,renameat2";
    let ends = [("link,linkat", 1), ("fsync", 1), ("fsync", 2), (renames, 1), ("fsync", 3)];
    for (call, when) in ends {
        let cli = signed_in();
        let (path, old) = (file(&cli), fs::read(file(&cli)).expect("it reads"));
        configure(&cli, &other, "");
        kill_renewal_at(&cli, call, when);
        assert!(path.exists(), "{call} {when}: no session is in place");
        let found_by_new = token(&cli);
        let is_new = found_by_new.status == 0;
        let is_lost = files(&cli).iter().all(|path| fs::read(path).expect("it reads") != old);
        assert!(!is_lost, "{call} {when}: the old session is lost");
        if is_new {
            assert_eq!(found_by_new.stdout, format!("{NEW_KEY}\n"), "{call} {when}");
        } else {
            configure(&cli, &keeps(), "");
            finds(&cli, KEY);
            configure(&cli, &other, "");
        }
        renew(&cli, NEW_KEY);
        finds(&cli, NEW_KEY);
    }
}

#[test]
fn the_user_sees_who_is_signed_in_where_and_no_secret() {
    let cli = signed_in();
    let list = cli.run(&["session", "list"]).exits_with(0);
    let row = list.row("corp");
    assert_eq!(row[..3], ["corp", "corp", &format!("\"{ACCOUNT}\"")], "{list:#?}");
    assert_eq!(row[row.len() - 2..], ["2100-01-01T00:00:00Z", "yes"], "{list:#?}");
    hides_secrets(&list);

    let show = cli.run(&["session", "show", "corp"]).exits_with(0);
    let account = format!("Account    strategy 'corp' says: \"{ACCOUNT}\"");
    for line in [&*account, "Secrets    \"taken\"", "Issuer     -"] {
        assert!(show.stdout.contains(line), "{line}: {show:#?}");
    }
    hides_secrets(&show);
    for command in ["list", "show"] {
        let arguments = ["session", command, "corp", "--format", "json"];
        let arguments: Vec<&str> =
            arguments.into_iter().filter(|word| command == "show" || *word != "corp").collect();
        let json = cli.run(&arguments).exits_with(0);
        hides_secrets(&json);
        let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
        let session = &json["sessions"][0];
        assert_eq!(session["account"], ACCOUNT);
        assert_eq!(session["said_by"], "corp");
        assert_eq!(session["expires_at"], "2100-01-01T00:00:00Z");
        assert_eq!(session["component"], guest::digest(&keeps()));
        assert_eq!(session["secrets"], serde_json::json!(["taken"]));
    }
}

#[test]
fn a_removed_session_is_gone() {
    let cli = signed_in();
    let none = cli.run(&["session", "remove", "corp", "--auth-type", "other"]).exits_with(2);
    none.explains(&["no session of profile", "orchestration session list"]);
    finds(&cli, KEY);
    let removed = cli.run(&["session", "remove", "corp"]).exits_with(0);
    assert!(removed.stdout.contains("removed the session of corp at"), "{removed:#?}");
    assert!(files(&cli).is_empty());
    finds_nothing(&cli);
    cli.run(&["session", "remove", "corp"]).exits_with(2);
    let list = cli.run(&["session", "list"]).exits_with(0);
    assert_eq!(list.row("corp"), [""; 0]);
}

#[test]
fn a_strategy_forgets_its_own_session_only() {
    let cli = signed_in();
    let forgets = Guest::new()
        .stores()
        .refreshes("(call $forget (global.get $scratch))")
        .loads("taken")
        .build();
    // Another component has nothing to forget.
    configure(&cli, &forgets, "");
    finds_nothing(&cli);
    configure(&cli, &keeps(), "");
    finds(&cli, KEY);
    cli.file("forgets.wasm", &forgets);
    let keep = ["strategy", "add", "forgets.wasm", "--auth-type", "corp", "--keep-sessions"];
    cli.run(&keep).exits_with(0);
    cli.run(RENEW).exits_with(1).explains(&["no session"]);
    assert!(files(&cli).is_empty());
}

#[test]
fn test_runs_keep_no_session() {
    let cli = home(&keeps());
    let run = ["strategy", "run", ".config/orchestration/corp.wasm", "--profile", "corp"];
    let variable = format!("CORP_KEY={KEY}");
    let set = [&run[..], &["--env", &variable]].concat();
    cli.run(&set).exits_with(0);
    assert!(!cli.home().join(DIRECTORY).exists());
    cli.run(&run).exits_with(1);
}

#[test]
fn names_in_a_file_that_was_tampered_with_do_nothing_to_a_terminal() {
    let cli = signed_in();
    let odd = "\u{1b}[2J\u{202e}evil";
    let record = SessionRecord {
        tie: SessionTie {
            profile: odd.to_owned(),
            auth_type: odd.to_owned(),
            component: odd.to_owned(),
            server: odd.to_owned(),
            issuer: odd.to_owned(),
        },
        since: u64::MAX,
        saved: u64::MAX,
        keyring: None,
        session: Session {
            notes: vec![(odd.to_owned(), odd.to_owned())],
            account: Some(odd.to_owned()),
            expires_at: Some(u64::MAX),
            ..Session::default()
        },
    };
    let path = cli.file(&format!("{DIRECTORY}/{}", record.tie.file_name()), &*record.to_bytes());
    set_mode(&path, 0o600);
    for arguments in [
        &["session", "list"][..],
        &["session", "list", "--format", "json"],
        &["session", "show", odd],
        &["session", "remove", odd],
    ] {
        let outcome = cli.run(arguments).exits_with(0);
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!outcome.all().contains(harmful), "{arguments:?}: {outcome:#?}");
    }
}
