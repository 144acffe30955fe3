//! providers.toml where it can't be replaced by another file: mounted into a container
//! by itself, or in a directory that belongs to someone else.
//!
//! Promised here: what can be written is written, and stays the same file with the same
//! owner; what can't is named with the reason and a way out; and either way nothing is
//! lost.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use orchestration_tests::{Cli, Outcome, skip, tool_is_there};

const CONFIG: &str = ".config/orchestration/providers.toml";
const OLD: &str = "# Ours.\n[profiles.search]\napi_key_env = 'SEARCH_TOKEN'\n";
const NOBODY: u32 = 65534;

const ADD: &[&str] = &["profile", "add", "fast", "--preset", "groq"];
const REMOVE: &[&str] = &["profile", "remove", "search"];

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
}

/// A home with the file, and the path of the file.
fn home() -> (Cli, PathBuf) {
    let cli = Cli::new().config(OLD);
    let path = cli.home().join(CONFIG);
    (cli, path)
}

/// The command, run by a user who may not do everything; `None` if there is none.
pub(crate) fn as_nobody(cli: &Cli, arguments: &[&str]) -> Option<Command> {
    let mut command = cli.command(arguments);
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        mode(cli.home(), 0o755);
        command.uid(NOBODY).gid(NOBODY);
        if let Err(reason) = cli.command(&["--version"]).uid(NOBODY).status() {
            skip(&format!("root can't run the product as nobody: {reason}"));
            return None;
        }
    }
    Some(command)
}

/// Gives the path to nobody, or to the owner's group alone.
fn give(path: &Path, user: Option<u32>, group: Option<u32>) -> bool {
    let given = chown(path, user, group);
    if let Err(reason) = &given {
        skip(&format!("only root can give a file to someone else: {reason}"));
    }
    given.is_ok()
}

/// Checks that the file has the new profile and is the same file as before.
#[track_caller]
fn is_overwritten(path: &Path, before: &fs::Metadata) {
    let text = fs::read_to_string(path).expect("the file is there");
    assert!(text.starts_with(OLD) && text.contains("[profiles.fast]"), "{text}");
    let after = fs::metadata(path).expect("the file is there");
    assert_eq!((after.ino(), after.uid(), after.gid()), (before.ino(), before.uid(), before.gid()));
    assert_eq!(after.mode(), before.mode());
    let directory = path.parent().expect("a file is in a directory");
    assert_eq!(
        fs::read_dir(directory).expect("the directory is there").count(),
        1,
        "something is left"
    );
}

#[test]
fn a_file_that_is_mounted_by_itself_is_overwritten() {
    let (cli, path) = home();
    if !tool_is_there("unshare") {
        return;
    }
    let inner = cli.file("host/providers.toml", OLD);
    let before = fs::metadata(&inner).expect("the file is there");
    let mounted =
        "mount --bind host/providers.toml .config/orchestration/providers.toml || exit 99";
    let shell = |what: &str| {
        ["-rm", "sh", "-c"].map(str::to_owned).into_iter().chain([format!("{mounted}; {what}")])
    };
    let run = |arguments: &[&str], what: &str| {
        let own: Vec<String> = shell(what).collect();
        Outcome::of(&mut cli.command_under("unshare", &own, arguments))
    };
    let added = run(ADD, "exec \"$0\" \"$@\"");
    if added.status == 99 || added.stderr.contains("unshare") {
        return skip(&format!("nothing can be mounted here: {}", added.stderr));
    }
    added.exits_with(0);
    is_overwritten(&inner, &before);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), OLD, "written below the mount");

    // A shorter text leaves nothing of the longer one behind it.
    run(REMOVE, "exec \"$0\" \"$@\"").exits_with(0);
    let text = fs::read_to_string(&inner).expect("the file is there");
    assert!(!text.contains("search") && text.contains("[profiles.fast]"), "{text}");
    assert!(!text.ends_with("\n\n"), "{text:?}");

    // A limit on the size of files fails in the middle, as a full disk does.
    let before = text;
    let large = format!("{before}{}", "# and so on\n".repeat(10_000));
    fs::write(&inner, &large).expect("a file can be written");
    let other = ["profile", "add", "other", "--preset", "xai"];
    let outcome = run(&other, "ulimit -f 1; exec \"$0\" \"$@\"").exits_with(2);
    outcome.explains(&["cannot write", "providers.toml"]);
    assert!(fs::read_to_string(&inner).expect("it is there") == large, "something is lost");
}

#[test]
fn a_file_on_a_full_disk_is_as_it_was() {
    let (cli, _) = home();
    if !tool_is_there("unshare") {
        return;
    }
    // The new text would need a second page.
    let old = format!("{OLD}# {}\n", "x".repeat(4096 - OLD.len() - 3));
    cli.file("old.toml", &old);
    fs::create_dir(cli.home().join("disk")).expect("a directory can be created");
    let script = "mount -t tmpfs -o size=4k none disk && cp old.toml disk/providers.toml \
                  && mount --bind disk/providers.toml .config/orchestration/providers.toml \
                  || exit 99; \"$0\" \"$@\"; status=$?; cat disk/providers.toml; exit $status";
    let outcome = Outcome::of(&mut cli.command_under("unshare", &["-rm", "sh", "-c", script], ADD));
    if outcome.status == 99 || outcome.stderr.contains("unshare") {
        return skip(&format!("nothing can be mounted here: {}", outcome.stderr));
    }
    let outcome = outcome.exits_with(2).explains(&["cannot write", "No space left on device"]);
    assert_eq!(outcome.stdout, old);
}

#[test]
fn a_file_that_a_failing_disk_damages_can_be_put_back() {
    let (cli, path) = home();
    if !tool_is_there("strace") {
        return;
    }
    // The file can't be replaced. Its first write works; cutting the rest off does not, nor
    // does writing the old text back.
    let disk = [
        "--quiet=all",
        "--output=/dev/null",
        "--trace=rename,renameat,renameat2,ftruncate,pwrite64",
        "--inject=rename,renameat,renameat2:error=EBUSY",
        "--inject=ftruncate:error=EIO",
        "--inject=pwrite64:error=EIO:when=2+",
    ];
    let mut command = cli.command_under("strace", &disk, REMOVE);
    let temporary = cli.home().join("tmp");
    fs::create_dir(&temporary).expect("a directory can be created");
    let outcome = Outcome::of(command.env("TMPDIR", &temporary));
    if outcome.stderr.contains("strace:") {
        return skip(&format!("strace may not trace here: {}", outcome.stderr));
    }
    let outcome = outcome.exits_with(2).explains(&["is damaged", "Input/output error", "old text"]);
    assert_ne!(fs::read_to_string(&path).expect("it is there"), OLD);

    let copies = fs::read_dir(&temporary).expect("it is there");
    let copies: Vec<PathBuf> = copies.map(|entry| entry.expect("it is there").path()).collect();
    let [copy] = copies.as_slice() else { panic!("{copies:?}") };
    assert_eq!(fs::metadata(copy).expect("it is there").mode() & 0o777, 0o600);
    let put_back = outcome.stderr.lines().find_map(|line| line.split("put it back with: ").nth(1));
    let put_back = put_back.expect("the hint is a command");
    Outcome::of(&mut cli.command_in("sh", &["-c", put_back])).exits_with(0);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), OLD);
}

#[test]
fn a_file_in_a_directory_that_is_read_only_is_overwritten() {
    let (cli, path) = home();
    let Some(mut command) = as_nobody(&cli, ADD) else { return };
    let directory = path.parent().expect("a file is in a directory");
    mode(&path, 0o666);
    mode(directory, 0o555);
    let before = fs::metadata(&path).expect("the file is there");
    let outcome = Outcome::of(&mut command);
    mode(directory, 0o755);
    outcome.exits_with(0);
    is_overwritten(&path, &before);
}

#[test]
fn a_file_of_someone_else_that_the_group_may_write_stays_theirs() {
    let (cli, path) = home();
    let Some(mut command) = as_nobody(&cli, ADD) else { return };
    // Files can be created beside it, and can't be given to its owner.
    let directory = path.parent().expect("a file is in a directory");
    if !give(directory, Some(NOBODY), None) || !give(&path, Some(0), Some(NOBODY)) {
        return;
    }
    mode(&path, 0o664);
    let before = fs::metadata(&path).expect("the file is there");
    Outcome::of(&mut command).exits_with(0);
    is_overwritten(&path, &before);
}

#[test]
fn a_file_in_a_sticky_directory_is_overwritten() {
    let (cli, path) = home();
    let Some(mut command) = as_nobody(&cli, ADD) else { return };
    let directory = path.parent().expect("a file is in a directory");
    if !give(&path, Some(0), Some(NOBODY)) {
        return;
    }
    mode(directory, 0o1777);
    mode(&path, 0o664);
    let before = fs::metadata(&path).expect("the file is there");
    Outcome::of(&mut command).exits_with(0);
    is_overwritten(&path, &before);
}

#[test]
fn a_file_that_cannot_be_written_at_all_is_named_with_a_way_out() {
    let (cli, path) = home();
    for arguments in [ADD, REMOVE] {
        let Some(mut command) = as_nobody(&cli, arguments) else { return };
        let directory = path.parent().expect("a file is in a directory");
        mode(&path, 0o444);
        mode(directory, 0o555);
        let outcome = Outcome::of(&mut command).exits_with(2);
        mode(directory, 0o755);
        outcome.explains(&["cannot write", "providers.toml", "Permission denied", "--config FILE"]);
        assert_eq!(fs::read_to_string(&path).expect("it is there"), OLD);
    }
}

/// Runs `orchestration profile add` with each of these arguments, all at the same time,
/// where providers.toml is `before`, or is not there if that is empty. Returns how each
/// ended, and the file's text.
fn added_at_the_same_time(before: &str, arguments: &[Vec<String>]) -> (Vec<Outcome>, String) {
    let cli = Cli::new();
    if !before.is_empty() {
        cli.file(CONFIG, before);
    }
    let start = |arguments: &Vec<String>| {
        let command = ["profile", "add"].into_iter().chain(arguments.iter().map(String::as_str));
        let child = cli.command(&command.collect::<Vec<_>>()).spawn();
        child.expect("the product can be started")
    };
    let children: Vec<Child> = arguments.iter().map(start).collect();
    let ended = children.into_iter().map(|child| child.wait_with_output());
    let ended = ended.map(|output| Outcome::from(output.expect("it comes to an end"))).collect();
    (ended, fs::read_to_string(cli.home().join(CONFIG)).expect("the file is there"))
}

#[test]
fn changes_at_the_same_time_are_all_there_or_refused() {
    for before in ["", OLD] {
        let names: Vec<Vec<String>> = (0..8).map(|number| vec![format!("corp{number}")]).collect();
        let (ended, text) = added_at_the_same_time(before, &names);
        assert!(text.starts_with(before), "{text}");
        for (name, outcome) in names.concat().iter().zip(ended) {
            let is_there = text.contains(&format!("[profiles.{name}]"));
            assert_eq!(is_there, outcome.status == 0, "{name}: {outcome:#?}\n{text}");
        }
    }
}

#[test]
fn one_name_added_twice_at_the_same_time_is_added_once() {
    for before in ["", OLD] {
        let urls: Vec<String> =
            (0..8).map(|number| format!("https://number{number}.corp.example/v1")).collect();
        let arguments = |url: &String| vec!["corp".into(), "--base-url".into(), url.clone()];
        let arguments: Vec<Vec<String>> = urls.iter().map(arguments).collect();
        let (ended, text) = added_at_the_same_time(before, &arguments);
        let mut added = Vec::new();
        for (url, outcome) in urls.into_iter().zip(ended) {
            match outcome.status {
                0 => added.push(url),
                _ => drop(outcome.exits_with(2).explains(&["providers.toml"])),
            }
        }
        let [added] = added.as_slice() else { panic!("added {} times", added.len()) };
        assert!(text.contains(added.as_str()), "{text}");
        assert_eq!(text.matches("[profiles.corp]").count(), 1, "{text}");
    }
}
