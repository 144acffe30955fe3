//! The cache of compiled code, as a user meets it.
//!
//! Promised here: a component is compiled once; what others could have written,
//! or a crash cut short, is not run; and whatever is wrong with the cache, the
//! credential is found.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, Outcome};
use sha2::{Digest, Sha256};

const COMPILED: &str = "compiled the component";
const CACHED: &str = "took the compiled code from the cache";

fn home() -> Cli {
    let component = Guest::new().build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    cli
}

fn directory(cli: &Cli) -> PathBuf {
    cli.home().join(".cache/orchestration/compiled")
}

fn entries(cli: &Cli) -> Vec<PathBuf> {
    let files = fs::read_dir(directory(cli)).expect("there is a cache");
    files.flatten().map(|file| file.path()).collect()
}

/// The name of another component's entry.
fn other_entry(digit: char) -> String {
    let hex = |length| std::iter::repeat_n(digit, length).collect::<String>();
    format!("{}-{}.cwasm", hex(64), hex(16))
}

#[track_caller]
fn login(cli: &Cli) -> Outcome {
    cli.run(&["-v", "auth", "login", "corp"]).exits_with(0)
}

fn field<'a>(outcome: &'a Outcome, name: &str) -> &'a str {
    let line = outcome.stdout.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default().trim()
}

#[test]
fn a_component_is_compiled_once() {
    let cli = home();
    login(&cli).explains(&[COMPILED]);
    let outcome = login(&cli).explains(&[CACHED]);
    assert!(!outcome.stderr.contains(COMPILED), "{}", outcome.stderr);
}

#[test]
fn the_cache_is_owner_only() {
    let cli = home();
    login(&cli);
    let mode = |path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(directory(&cli)), 0o700);
    let [entry] = entries(&cli).try_into().expect("there is one entry");
    assert_eq!(mode(entry), 0o600);
}

#[test]
fn info_shows_what_is_cached() {
    let cli = home();
    let empty = cli.run(&["cache", "info"]).exits_with(0);
    assert_eq!(field(&empty, "Directory"), directory(&cli).to_str().expect("the path is Unicode"));
    assert_eq!((field(&empty, "Entries"), field(&empty, "Size")), ("0", "0 bytes"));
    login(&cli);
    let one = cli.run(&["cache", "info"]).exits_with(0);
    assert_eq!(field(&one, "Entries"), "1");
    assert_ne!(field(&one, "Size"), "0 bytes");
    assert_eq!(field(&one, "Limit"), "1.0 GiB");
    assert_eq!(one.stderr, "");
}

#[test]
fn clear_removes_everything_and_says_so() {
    let cli = home();
    login(&cli);
    let outcome = cli.run(&["cache", "clear"]).exits_with(0);
    assert!(outcome.stdout.starts_with("removed 1 entry, "), "{}", outcome.stdout);
    assert_eq!(entries(&cli), Vec::<PathBuf>::new());
    let again = cli.run(&["cache", "clear"]).exits_with(0);
    assert!(again.stdout.starts_with("removed 0 entries, 0 bytes"), "{}", again.stdout);
    login(&cli).explains(&[COMPILED]);
}

#[test]
fn without_a_home_the_cache_is_off_and_a_warning_says_so() {
    for command in ["info", "clear"] {
        let outcome = home().without("HOME").run(&["cache", command]).exits_with(2);
        outcome.explains(&["error: ", "no home directory", "XDG_CACHE_HOME"]);
    }
}

#[test]
fn a_directory_that_others_can_write_causes_a_warning_and_is_not_used() {
    let cli = home();
    login(&cli);
    fs::set_permissions(directory(&cli), Permissions::from_mode(0o777)).expect("a mode can be set");
    let outcome = cli.login("corp").exits_with(0);
    let outcome = outcome.explains(&["warning: ", "can be written by others"]);
    // Once: it is the same for reading and for writing.
    assert_eq!(outcome.stderr.matches("warning: ").count(), 1, "{}", outcome.stderr);
    login(&cli).explains(&[COMPILED, "can be written by others"]);
}

#[test]
fn a_damaged_entry_causes_a_warning_and_is_compiled_again() {
    let damage: [fn(Vec<u8>) -> Vec<u8>; 3] = [
        |code| code[..code.len() / 2].to_vec(),
        |_| Vec::new(),
        |mut code| {
            let middle = code.len() / 2;
            code[middle] ^= 1;
            code
        },
    ];
    for damaged in damage {
        let cli = home();
        login(&cli);
        let [entry] = entries(&cli).try_into().expect("there is one entry");
        let code = fs::read(&entry).expect("it can be read");
        fs::write(&entry, damaged(code.clone())).expect("it can be written");
        cli.login("corp").exits_with(0).explains(&["warning: ", "it is damaged"]);
        assert_eq!(fs::read(&entry).expect("it can be read").len(), code.len());
        login(&cli).explains(&[CACHED]);
    }
}

#[test]
fn a_directory_that_cannot_be_created_causes_a_warning() {
    let cli = home();
    cli.file(".cache/orchestration", "in the way");
    cli.login("corp").exits_with(0).explains(&["warning: ", "compiled-code cache"]);
}

#[test]
fn a_symlink_instead_of_the_directory_causes_a_warning_and_is_not_followed() {
    let cli = home();
    let elsewhere = cli.home().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a directory can be made");
    fs::create_dir_all(directory(&cli).parent().expect("it has one"))
        .expect("a directory can be made");
    symlink(&elsewhere, directory(&cli)).expect("a link can be made");
    cli.login("corp").exits_with(0).explains(&["warning: ", "is a symbolic link"]);
    assert_eq!(fs::read_dir(elsewhere).expect("it is there").count(), 0);
}

#[test]
fn code_from_another_machine_or_version_is_compiled_again() {
    let cli = home();
    login(&cli);
    let [entry] = entries(&cli).try_into().expect("there is one entry");
    let code = fs::read(&entry).expect("it can be read");
    // What this product wrote, under the digest that it would have.
    let other = b"\x7fELF of another machine".as_slice();
    let written = [other, Sha256::digest(other).as_slice()].concat();
    fs::write(&entry, written).expect("it can be written");
    login(&cli).explains(&["the cached code does not fit", COMPILED]);
    assert_eq!(fs::read(&entry).expect("it can be read"), code);
}

#[test]
fn the_oldest_code_is_removed_when_the_cache_is_full() {
    let cli = home();
    login(&cli);
    let [entry] = entries(&cli).try_into().expect("there is one entry");
    fs::remove_file(&entry).expect("it can be removed");
    // Two files with room for one of them beside the code; the disk holds holes.
    let hour = Duration::from_secs(3600);
    for (name, age) in [(other_entry('a'), 2 * hour), (other_entry('b'), hour)] {
        let file = File::create(directory(&cli).join(name)).expect("a file can be made");
        file.set_len(600 << 20).expect("a file can have holes");
        file.set_modified(SystemTime::now() - age).expect("a time can be set");
    }
    login(&cli).explains(&[COMPILED]);
    let mut expected = [entry, directory(&cli).join(other_entry('b'))];
    expected.sort();
    let mut kept = entries(&cli);
    kept.sort();
    assert_eq!(kept, expected);
}

#[test]
fn what_a_killed_process_left_behind_is_not_run_and_is_cleared() {
    let cli = home();
    login(&cli);
    let [entry] = entries(&cli).try_into().expect("there is one entry");
    let left = entry.with_extension("1-0.tmp");
    fs::rename(&entry, &left).expect("it can be renamed");
    login(&cli).explains(&[COMPILED]);
    let outcome = cli.run(&["cache", "clear"]).exits_with(0);
    assert!(outcome.stdout.starts_with("removed 2 entries, "), "{}", outcome.stdout);
    assert_eq!(entries(&cli), Vec::<PathBuf>::new());
}

#[test]
fn processes_that_share_the_cache_all_find_the_credential() {
    let cli = home();
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let outcome = cli.login("corp").exits_with(0);
                assert_eq!(outcome.stderr, "");
            });
        }
    });
    assert_eq!(entries(&cli).len(), 1, "{:?}", entries(&cli));
    login(&cli).explains(&[CACHED]);
}

#[test]
fn clear_never_follows_a_link() {
    let cli = home();
    let key = cli.file("elsewhere/key.pem", "a key");
    let entry = cli.file(&format!("elsewhere/{}", other_entry('a')), "not ours");
    fs::create_dir_all(directory(&cli).parent().expect("it has one"))
        .expect("a directory can be made");
    symlink(cli.home().join("elsewhere"), directory(&cli)).expect("a link can be made");
    let outcome = cli.run(&["cache", "clear"]).exits_with(2);
    outcome.explains(&["is a symbolic link"]);
    assert!(key.exists() && entry.exists());
    let doctor = cli.run(&["doctor"]);
    assert!(!doctor.stdout.contains("chmod"), "{}", doctor.stdout);
}

#[test]
fn clear_leaves_a_directory_that_others_can_write() {
    let cli = home();
    login(&cli);
    fs::set_permissions(directory(&cli), Permissions::from_mode(0o777)).expect("it is ours");
    cli.run(&["cache", "clear"]).exits_with(2).explains(&["can be written by others"]);
    assert_eq!(entries(&cli).len(), 1);
}

#[test]
fn clear_names_and_leaves_what_is_not_compiled_code() {
    let cli = home();
    login(&cli);
    let names = ["key.pem", "notes.cwasm", ".hidden", "short-0123456789abcdef.cwasm"];
    for name in names {
        fs::write(directory(&cli).join(name), "mine").expect("a file can be written");
    }
    fs::create_dir(directory(&cli).join(other_entry('c'))).expect("a directory can be made");
    let outcome = cli.run(&["cache", "clear"]).exits_with(0).explains(&names);
    assert!(outcome.stdout.starts_with("removed 1 entry, "), "{}", outcome.stdout);
    assert_eq!(entries(&cli).len(), names.len() + 1);
}

#[test]
fn an_entry_that_is_no_file_or_too_large_costs_time_only() {
    let cli = home();
    login(&cli);
    let [entry] = entries(&cli).try_into().expect("there is one entry");
    fs::remove_file(&entry).expect("it can be removed");
    let made = cli.command_in("mkfifo", &[&entry]).status().expect("mkfifo exists");
    assert!(made.success());
    login(&cli).explains(&["it is not a regular file", COMPILED]);
    login(&cli).explains(&[CACHED]);
    // As large as it claims, with nothing on the disk.
    let file = File::create(&entry).expect("a file can be made");
    file.set_len(8 << 30).expect("a file can have holes");
    login(&cli).explains(&["it is damaged", COMPILED]);
    login(&cli).explains(&[CACHED]);
}

#[test]
fn a_cache_that_is_beyond_the_limit_on_file_size_causes_a_warning() {
    let cli = home();
    let script = ["-c", "ulimit -f 0; exec \"$0\" \"$@\""];
    let mut command = cli.command_under("bash", &script, &["auth", "login", "corp"]);
    let outcome = Outcome::of(&mut command);
    outcome.explains(&["warning: ", "could not be written", "File too large"]);
}
