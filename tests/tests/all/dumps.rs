//! Core dumps, and other ways into the memory of a process that holds a key.
//!
//! Promised here: a crash leaves no file with keys in it, other processes of the same
//! user can't read the memory, and a program that the product runs has the limits that
//! it would have without the product.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};

use orchestration_tests::{Cli, skip};

const KEY: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";

/// Who runs the product here if the tests run as root, who may read all.
const NOBODY: u32 = 65534;

/// `auth status --watch` under a soft limit on core files that is as high as may be,
/// once it has shown the table. None if root can't run the product as nobody.
fn watching(cli: &Cli) -> Option<Child> {
    let script = "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$@\"";
    let mut command =
        cli.command_under("sh", &["-c", script, "sh"], &["auth", "status", "--watch"]);
    let root = fs::metadata("/proc/self").expect("Linux has /proc").uid() == 0;
    if root {
        let open = Permissions::from_mode(0o755);
        fs::set_permissions(cli.home(), open).expect("permissions can be set");
        command.uid(NOBODY);
    }
    let mut child = command.spawn().expect("a shell can be started");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    if stdout.lines().map_while(Result::ok).any(|line| line.starts_with("openrouter")) {
        return Some(child);
    }
    let output = child.wait_with_output().expect("it comes to an end");
    assert!(root, "{output:?}");
    skip("root can't run the product as nobody");
    None
}

fn cli() -> Cli {
    Cli::new().env("OPENAI_API_KEY", KEY)
}

#[test]
fn a_crash_leaves_no_core_file() {
    for signal in ["QUIT", "ABRT", "SYS"] {
        let cli = cli();
        let Some(mut child) = watching(&cli) else { return };
        let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("it runs");
        let limit = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
        let soft = limit.and_then(|limit| limit.split_whitespace().next());
        assert_eq!(soft, Some("0"), "{limits}");
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "{signal} can be sent");
        let ended = child.wait().expect("it comes to an end");
        assert!(ended.signal().is_some() && !ended.core_dumped(), "{signal}: {ended:?}");
    }
}

#[test]
fn other_processes_of_the_user_cannot_read_the_memory() {
    let cli = cli();
    let Some(mut child) = watching(&cli) else { return };
    // What is not dumpable belongs to root, whoever runs it.
    for file in ["mem", "environ", "maps"] {
        let path = format!("/proc/{}/{file}", child.id());
        assert_eq!(fs::metadata(&path).expect("it runs").uid(), 0, "{path}");
    }
    child.kill().expect("it still runs");
    child.wait().expect("it comes to an end");
}

#[test]
fn a_program_that_it_runs_has_its_limit_and_can_be_traced() {
    let limit = "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$@\"";
    let reads = ["sh", "-c", "ulimit -S -c; ulimit -H -c; stat -c %u /proc/self/mem"];
    let cli = cli();
    let direct = cli.command_in("sh", &[&["-c", limit, "sh"], &reads[..]].concat()).output();
    let direct = direct.expect("a shell can be started");
    let exec = [&["auth", "exec", "openai", "--"], &reads[..]].concat();
    let under = cli.command_under("sh", &["-c", limit, "sh"], &exec).output();
    let under = under.expect("a shell can be started");
    assert_eq!(String::from_utf8_lossy(&under.stderr), "");
    assert_eq!(under.stdout, direct.stdout);
}
