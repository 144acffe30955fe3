//! Strategies that ask for files by every name that might lead to them.
//!
//! Promised here: a path is granted as a text, so another text that leads to the same file
//! is denied; what is granted is a file, and not a way into the kernel; and a file that
//! changes while it is read ends at the limit.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use orchestration_tests::Cli;
use orchestration_tests::guest::{self, Export, Guest, Tool, file_outcomes};

use super::VALUE;

/// Returns the outcomes of taking these files, of which `granted` are granted.
fn taken(cli: Cli, granted: &[&str], asked: &[&str]) -> Vec<&'static str> {
    let tools: Vec<Tool<'_>> = asked.iter().map(|path| Tool::File(path, "taken")).collect();
    let component = Guest::new().tries(Export::GetCredentials, &tools).build();
    let toml = guest::lines("corp", &component, &format!("files = {granted:?}"), "");
    let cli = cli.config(toml);
    cli.file(".config/orchestration/corp.wasm", &component);
    let started = Instant::now();
    let outcome = cli.login("corp");
    assert!(started.elapsed() < Duration::from_secs(30), "took {:?}", started.elapsed());
    assert!(!outcome.all().contains(&VALUE[..8]), "{outcome:?}");
    let outcomes = file_outcomes(&outcome.all());
    assert_eq!(outcomes.len(), asked.len(), "{outcome:?}");
    outcomes
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is UTF-8")
}

#[test]
fn another_text_that_leads_to_a_granted_file_is_denied() {
    let cli = Cli::new();
    let path = cli.file("keys/key", VALUE);
    let (path, home) = (text(&path), text(cli.home()).to_owned());
    let others = [
        format!("{path}\0"),
        format!("{path}\0.txt"),
        format!("\0{path}"),
        format!("{path}/"),
        format!("{path}/."),
        format!("{path}/../key"),
        format!("{home}/keys/../keys/key"),
        format!("{home}/./keys/key"),
        format!("{home}//keys/key"),
        format!("/{path}"),
        format!("/..{path}"),
        format!("/proc/self/root{path}"),
        format!("file://{path}"),
        format!("{path} "),
        format!("{path}\n"),
        path.replace("/keys", "/Keys"),
        path.replace("/key", "/ke\u{301}y"),
        path.replace('/', "\\"),
        path.replace("/key", "%2Fkey"),
        path.replacen('/', "", 1),
        "~/keys/key".to_owned(),
        "keys/key".to_owned(),
        ".".to_owned(),
        String::new(),
        format!("{path}{}", "x".repeat(4096)),
    ];
    let asked: Vec<&str> = others.iter().map(String::as_str).chain([path]).collect();
    let outcomes = taken(Cli::new(), &[path], &asked);
    for (asked, outcome) in asked.iter().zip(&outcomes) {
        let expected = if *asked == path { "ok" } else { "denied" };
        assert_eq!(*outcome, expected, "{asked:?}");
    }
    // What is granted ends with it: neither its directory nor what is beside it is.
    cli.file("keys/other", VALUE);
    let beside = [format!("{home}/keys/other"), format!("{home}/keys"), "/etc/passwd".to_owned()];
    assert_eq!(taken(Cli::new(), &[path], &beside.each_ref().map(String::as_str)), ["denied"; 3]);
}

#[test]
fn files_of_the_kernel_that_are_not_granted_are_denied() {
    let asked = [
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/self/maps",
        "/proc/self/fd/0",
        "/proc/self/cwd/providers.toml",
        "/proc/1/environ",
        "/dev/stdin",
        "/dev/fd/0",
        "/sys/kernel/notes",
    ];
    assert_eq!(taken(Cli::new(), &["/run/secrets/key"], &asked), ["denied"; 9]);
}

#[test]
fn a_file_of_the_kernel_that_is_granted_neither_blocks_nor_leads_elsewhere() {
    if !Path::new("/proc/self/mem").exists() {
        return;
    }
    let asked = [
        // At its start, no memory is.
        "/proc/self/mem",
        // A link to whatever is open, and one to any directory.
        "/proc/self/fd/0",
        "/proc/self/exe",
        "/proc/self/root/etc/passwd",
        // As many bytes as there are pages.
        "/proc/self/pagemap",
        "/proc/self/task",
        "/dev/zero",
        "/dev/full",
        "/dev/random",
    ];
    let outcomes = taken(Cli::new(), &asked, &asked);
    assert_eq!(outcomes[0], "unreadable");
    assert!(["outside", "not-regular", "ok"].contains(&outcomes[1]), "{outcomes:?}");
    assert_eq!(outcomes[2], "outside");
    // It names the root itself, and was granted literally.
    assert_eq!(outcomes[3], "ok");
    assert!(["too-large", "not-unicode", "unreadable"].contains(&outcomes[4]), "{outcomes:?}");
    assert_eq!(outcomes[5..], ["not-regular"; 4]);
}

#[test]
fn a_file_that_grows_while_a_strategy_takes_it_ends_at_the_limit() {
    let files = Cli::new();
    let path = files.file("growing", "x".repeat(1 << 19));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = File::options().append(true).open(&path).expect("it is there");
            // Not without end, should the test fail.
            for _ in 0..4000 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                file.write_all(&[b'x'; 64 << 10]).expect("it can be written");
            }
        });
        let outcomes = taken(Cli::new(), &[text(&path)], &[text(&path); 2]);
        done.store(true, Ordering::Relaxed);
        assert_eq!(outcomes, ["too-large"; 2]);
    });
}

#[test]
fn a_file_is_the_same_for_all_of_a_call_whatever_becomes_of_it() {
    let files = Cli::new();
    let path = files.file("key", VALUE);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200_000 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let new = path.with_extension("new");
                let content = if round % 2 == 0 { &b"\xff"[..] } else { VALUE.as_bytes() };
                fs::write(&new, content).expect("it can be written");
                fs::rename(&new, &path).expect("it can be renamed");
            }
        });
        let outcomes = taken(Cli::new(), &[text(&path)], &[text(&path); 40]);
        done.store(true, Ordering::Relaxed);
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    });
}
