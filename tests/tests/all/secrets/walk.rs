//! Every command, called in every way, in good and bad configurations.
//!
//! The commands are those that clap knows, so a new one fails this test until it has a
//! row in `calls.rs`. What is searched is everything that a command writes: stdout,
//! stderr, and every file.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use orchestration_tests::Cli;

use super::calls::calls;
use super::homes::{Shared, token};
use super::{MISPLACED, PADDED, PASSWORD, leaks, wrong};

/// How talkative a command is told to be, the most first: a later call may find that the
/// command has done its work.
const VERBOSITIES: [&[&str]; 2] = [&["-v"], &[]];

/// Where compiled code is kept, below a home directory.
const CACHE: &str = ".cache/orchestration/compiled";

/// The commands that succeed nowhere here: `doctor` finds problems, and the others need a
/// registry that believes them, see `registry`.
const FAIL: [&str; 4] = ["doctor", "strategy push", "strategy sign", "strategy update"];

#[test]
fn no_command_shows_or_writes_a_secret_in_any_configuration() {
    let shared = Shared::new();
    let (homes, calls) = (shared.homes(), calls());
    // Each component is compiled once, and not in every home.
    let compiled = homes[0].create(&shared);
    for component in ["talks.wasm", "finds.wasm"] {
        let arguments = ["strategy", "run", component, "--profile", "local"];
        assert_ne!(compiled.run(&arguments).status, 2, "{component} runs");
    }
    let cache = compiled.home().join(CACHE);
    let walks: Vec<_> =
        homes.iter().flat_map(|home| calls.iter().map(move |calls| (home, calls))).collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((home, calls)) = walks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let cli = home.create(&shared);
            copy(&cache, &cli.home().join(CACHE)).expect("the cache can be copied");
            let first = home.name == homes[0].name;
            let slow = if first { calls.slow.as_slice() } else { &[] };
            let arguments: Vec<_> = calls.arguments.iter().chain(slow).collect();
            let Walk { succeeded, mut wrongs } = walk(&cli, &calls.command, &arguments);
            // Usage errors alone would prove nothing.
            if first && !succeeded && !FAIL.contains(&calls.command.as_str()) {
                wrongs.push("no call of it succeeds".to_owned());
            }
            let named = |wrong| format!("---- `{}`, if {}: {wrong}", calls.command, home.name);
            found.lock().unwrap().extend(wrongs.into_iter().map(named));
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}

/// What the calls of one command did.
struct Walk {
    succeeded: bool,
    wrongs: Vec<String>,
}

/// Runs every call of a command in one home directory.
fn walk(cli: &Cli, command: &str, calls: &[&Vec<String>]) -> Walk {
    let before = files(cli.home());
    let mut walk = Walk { succeeded: false, wrongs: Vec::new() };
    for verbosity in VERBOSITIES {
        for arguments in calls {
            let words = verbosity.iter().copied().chain(command.split_whitespace());
            let words: Vec<String> =
                words.map(str::to_owned).chain(arguments.iter().map(|word| put(word))).collect();
            let output = run(cli, &words);
            // One that never ends has worked until it was killed.
            let succeeded = output.status.success() || output.status.signal().is_some();
            walk.succeeded |= succeeded;
            let [mut stdout, stderr] = [output.stdout, output.stderr]
                .map(|text| String::from_utf8_lossy(&text).into_owned());
            if command == "auth token" && succeeded {
                let token = arguments.first().and_then(|profile| token(profile));
                stdout = stdout.replacen(token.unwrap_or_default(), "", 1);
            }
            let wrong = wrong(&(stdout + &stderr));
            walk.wrongs.extend(wrong.map(|wrong| format!("{words:?}: {wrong}")));
        }
    }
    for (path, content) in files(cli.home()) {
        let known = before.get(&path);
        if known == Some(&content) || is_for_owner(cli.home(), &path) {
            continue;
        }
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        // `profile add --base-url` stores the URL as it is.
        let url = if path.ends_with("providers.toml") { put("{url}") } else { String::new() };
        let known = known.map(text).unwrap_or_default() + &url;
        let leak = leaks(&text(&content)).find(|part| !known.contains(part));
        walk.wrongs.extend(leak.map(|part| format!("{part:?} is in {}", path.display())));
    }
    walk
}

/// Replaces what a word of the table stands for.
fn put(word: &str) -> String {
    let url = format!("https://user:{PASSWORD}@llm.corp.example/v1?key={PADDED}");
    word.replace("{key}", MISPLACED).replace("{url}", &url)
}

/// Runs the command to its end; one that never ends, until it pauses.
fn run(cli: &Cli, words: &[String]) -> Output {
    let mut command = cli.command(words);
    if words.iter().any(|word| word == "compile-component") {
        command.stdin(File::open(cli.home().join("talks.wasm")).expect("it is there"));
    }
    if words.iter().any(|word| word == "bazel") {
        // No profile is for this server, so that nothing is handed out.
        let url = put("{url}").replace("llm.corp", "nowhere");
        command.stdin(asked(&format!("{{\"uri\":\"{url}\"}}")));
    }
    let endless = words.iter().any(|word| word == "--watch" || word == "serve");
    let output = if endless { until_it_pauses(&mut command) } else { command.output() };
    output.expect("the product can be started")
}

/// Returns a file that contains this question.
fn asked(question: &str) -> File {
    let mut file = tempfile::tempfile().expect("a file can be made");
    file.write_all(question.as_bytes()).and_then(|()| file.rewind()).expect("it can be written");
    file
}

/// Kills the command when it has written something and then nothing for a while.
fn until_it_pauses(command: &mut Command) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let (sender, receiver) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for (number, stream) in streams.into_iter().enumerate() {
        let sender = sender.clone();
        thread::spawn(move || {
            let bytes = stream.map(|stream| BufReader::new(stream).bytes().map_while(Result::ok));
            for byte in bytes.into_iter().flatten() {
                let _ = sender.send((number, byte));
            }
        });
    }
    drop(sender);
    let mut written = [Vec::new(), Vec::new()];
    let mut patience = Duration::from_secs(60);
    while let Ok((number, byte)) = receiver.recv_timeout(patience) {
        written[number].push(byte);
        patience = Duration::from_millis(200);
    }
    child.kill()?;
    let [stdout, stderr] = written;
    Ok(Output { status: child.wait()?, stdout, stderr })
}

/// Copies the files of a directory, and makes it owner-only.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Returns true for what `profile edit` keeps of a user's file and what `render` writes, if
/// it is for this user only.
fn is_for_owner(home: &Path, path: &Path) -> bool {
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    let is_draft = |name: &str| name.starts_with("providers.") && name.ends_with(".toml");
    let is_draft = path.parent() == Some(&home.join("tmp"))
        && path.file_name().and_then(|name| name.to_str()).is_some_and(is_draft);
    (is_draft || path.parent() == Some(&home.join("sds"))) && mode & 0o077 == 0
}

/// Returns every file below a directory, with its content.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).expect("a directory can be read") {
            let path = entry.expect("a directory can be read").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let content = fs::read(&path).expect("a file can be read");
                found.insert(path, content);
            }
        }
    }
    found
}
