//! What `auth status` does to the machine that it runs on: next to nothing.
//!
//! Promises, as the kernel sees them: it talks to no server, starts no other
//! program and no more than one thread, changes no file, and reads none but its
//! configuration and what the system's loader and libraries read for themselves.
//! And it compiles nothing: that would take a thousand times as long.
//!
//! The kernel is asked through strace; where there is none, the tests that need
//! it say so and pass, except with `CI=true`.

use std::fs;

use orchestration_tests::{Cli, Outcome, skip, tool_is_there};

/// The system calls of one run, in order, as strace writes them, without the
/// number of the thread in front.
struct Trace(Vec<String>);

impl Trace {
    /// The calls of `auth status`; none where this machine can't trace.
    fn of(cli: &Cli) -> Option<Self> {
        if !tool_is_there("strace") {
            return None;
        }
        let file = cli.home().join("trace");
        let own = ["-f", "-qq", "-s", "4096", "-o", "trace"];
        let outcome = Outcome::of(&mut cli.command_under("strace", &own, &["auth", "status"]));
        let trace = fs::read_to_string(&file).unwrap_or_default();
        if !trace.contains("execve(") {
            skip(&format!("strace may not trace here: {}", outcome.stderr.trim()));
            return None;
        }
        assert!(outcome.stdout.starts_with("Profile "), "{outcome:#?}");
        let calls = trace.lines().filter_map(|line| line.split_once(' '));
        Some(Self(calls.map(|(_, call)| call.trim_start().to_owned()).collect()))
    }

    /// The calls of one of these names. One that another thread came between is
    /// two lines, of which the first has the name and the arguments.
    fn calls(&self, names: &[&str]) -> Vec<&str> {
        let named =
            |call: &&str| call.split_once('(').is_some_and(|(name, _)| names.contains(&name));
        self.0.iter().map(String::as_str).filter(named).collect()
    }
}

/// The commands that are looked at: profiles that are built in, and a file whose
/// profiles name endpoints that would be there to be asked.
fn ways() -> [Cli; 2] {
    let config = "\
[profiles.corp]
base_url = \"https://llm.corp.example/v1\"
api_key_env = \"CORP_TOKEN\"
verify = { path = \"/me\" }
[profiles.here]
base_url = \"http://127.0.0.1:9/v1\"
";
    let set = || Cli::new().env("OPENAI_API_KEY", "sk-proj-abcdefgh7x2f");
    [set(), set().config(config).env("CORP_TOKEN", "tok-abcdefgh7x2f")]
}

#[test]
fn status_talks_to_nobody() {
    for cli in ways() {
        let Some(trace) = Trace::of(&cli) else { return };
        let network = [
            "socket",
            "socketpair",
            "connect",
            "bind",
            "listen",
            "accept",
            "accept4",
            "sendto",
            "sendmsg",
            "sendmmsg",
            "recvfrom",
            "recvmsg",
            "recvmmsg",
            "io_uring_setup",
        ];
        assert_eq!(trace.calls(&network), [""; 0]);
    }
}

#[test]
fn status_starts_one_thread_and_no_other_program() {
    for cli in ways() {
        let Some(trace) = Trace::of(&cli) else { return };
        // strace starts the product itself.
        let programs = trace.calls(&["execve", "execveat"]);
        assert_eq!(programs.len(), 1, "{programs:#?}");
        assert_eq!(trace.calls(&["fork", "vfork"]), [""; 0]);
        // The one that interrupts strategies; there is no pool of them.
        let threads = trace.calls(&["clone", "clone3"]);
        assert!(threads.len() <= 1, "{threads:#?}");
        assert!(threads.iter().all(|call| call.contains("CLONE_THREAD")), "{threads:#?}");
    }
}

#[test]
fn status_changes_no_file() {
    for cli in ways() {
        let before = files(&cli);
        let Some(trace) = Trace::of(&cli) else { return };
        let mut opened = trace.calls(&["open", "openat", "openat2"]);
        opened.retain(|call| {
            ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"]
                .iter()
                .any(|flag| call.contains(flag))
        });
        assert_eq!(opened, [""; 0]);
        let changes = [
            "creat",
            "mkdir",
            "mkdirat",
            "mknod",
            "mknodat",
            "rename",
            "renameat",
            "renameat2",
            "link",
            "linkat",
            "symlink",
            "symlinkat",
            "unlink",
            "unlinkat",
            "rmdir",
            "truncate",
            "chmod",
            "fchmod",
            "fchmodat",
            "chown",
            "fchown",
            "fchownat",
            "utimensat",
        ];
        assert_eq!(trace.calls(&changes), [""; 0]);
        let mut after = files(&cli);
        after.retain(|name| name != "trace");
        assert_eq!(after, before);
    }
}

#[test]
fn status_reads_only_its_configuration() {
    for cli in ways() {
        let Some(trace) = Trace::of(&cli) else { return };
        let opened = trace.calls(&["open", "openat", "openat2"]);
        let paths = opened.iter().filter_map(|call| call.split('"').nth(1));
        let config = cli.home().join(".config/orchestration/providers.toml");
        // What the loader, the C library and the standard library look at.
        let system = [
            "/etc/ld.so.",
            "/lib",
            "/usr/lib",
            "/proc/self/",
            "/sys/fs/cgroup/",
            "/sys/devices/system/cpu",
        ];
        let own = |path: &&str| {
            system.iter().any(|directory| path.starts_with(directory))
                || config.as_os_str() == *path
        };
        let others: Vec<&str> = paths.filter(|path| !own(path)).collect();
        assert_eq!(others, [""; 0]);
    }
}

#[test]
fn no_variable_makes_it_compile_the_built_in_strategy() {
    // What `--verbose` notes, without the times.
    let notes = |cli: Cli| -> Vec<String> {
        let outcome = cli.run(&["--verbose", "auth", "status"]).exits_with(0);
        let timeless = |line: &str| line.split(" micros=").next().unwrap_or_default().to_owned();
        let mut notes: Vec<String> = outcome.stderr.lines().map(timeless).collect();
        notes.sort();
        notes
    };
    let usual = notes(Cli::new());
    assert!(!usual.is_empty());
    assert!(!usual.iter().any(|note| note.contains("compil")), "{usual:#?}");
    // Those that the engine and its libraries know.
    for (name, value) in [
        ("WASMTIME_BACKTRACE_DETAILS", "1"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_LOG", "trace"),
        ("RUST_MIN_STACK", "65536"),
    ] {
        assert_eq!(notes(Cli::new().env(name, value)), usual, "{name}={value}");
    }
}

/// Returns what is in the home directory, sorted, with the directories that hold it.
fn files(cli: &Cli) -> Vec<String> {
    let mut names = Vec::new();
    let mut directories = vec![cli.home().to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory can be read") {
            let path = entry.expect("a directory can be read").path();
            let name = path.strip_prefix(cli.home()).unwrap_or(&path);
            names.push(name.to_string_lossy().into_owned());
            if path.is_dir() {
                directories.push(path);
            }
        }
    }
    names.sort();
    names
}
