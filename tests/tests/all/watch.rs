//! `auth status --watch`: the table again, whenever it is another.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::thread::sleep;
use std::time::Duration;

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, skip};

#[test]
fn a_change_of_the_file_is_shown_and_a_mistake_in_it_survived() {
    let cli = Cli::new().config("[profiles.first]\n");
    let mut command = cli.command(&["auth", "status", "--watch"]);
    let mut child = command.spawn().expect("the product can be started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    let mut until = |name: &str| {
        let seen = stdout.by_ref().map_while(Result::ok).any(|line| line.starts_with(name));
        assert!(seen, "{name} was not shown");
    };
    until("first ");
    let path = ".config/orchestration/providers.toml";
    cli.file(path, "[profiles.first");
    cli.file(path, "[profiles.second]\n");
    until("second ");
    child.kill().expect("it still runs");
    child.wait().expect("it comes to an end");
}

#[test]
fn it_has_no_json_format() {
    Cli::new().run(&["auth", "status", "--watch", "--format", "json"]).exits_with(2);
}

#[test]
fn a_project_that_is_not_trusted_is_named_once() {
    let cli = Cli::new();
    cli.file("project/.orchestration/providers.toml", "[profiles.corp]\n");
    let mut command = cli.command(&["auth", "status", "--watch"]);
    let mut child = command.current_dir(cli.home().join("project")).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(5));
    child.kill().expect("it still runs");
    let output = child.wait_with_output().expect("it comes to an end");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.matches("is not used").count(), 1, "{stderr}");
}

/// Whether any of the texts is in the memory of the process.
fn holds(process: u32, texts: &[&str]) -> std::io::Result<Vec<bool>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = fs::File::open(format!("/proc/{process}/mem"))?;
    let mut found = vec![false; texts.len()];
    for line in
        maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|may| may.starts_with("rw")))
    {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let address = |text| u64::from_str_radix(text, 16).expect("an address is a number");
        let (start, end) =
            range.map(|(start, end)| (address(start), address(end))).expect("a range");
        // A reservation that nothing was written to is as large as the address space.
        if end - start > 1 << 30 {
            continue;
        }
        let mut bytes = vec![0; (end - start) as usize];
        // What was unmapped meanwhile holds nothing.
        let Ok(read) = memory.read_at(&mut bytes, start) else { continue };
        for (text, found) in texts.iter().zip(&mut found) {
            *found |= bytes[..read].windows(text.len()).any(|part| part == text.as_bytes());
        }
    }
    Ok(found)
}

#[test]
fn no_key_stays_in_memory_between_two_looks() {
    const CANARY: &str = "sk-canary-Zq81LmVt93KxBdRw7x2f";
    let component = Guest::new().answers_with_hidden(CANARY).build();
    let cli = Cli::new().config(guest::lines("control-profile", &component, "", ""));
    cli.file(".config/orchestration/control-profile.wasm", &component);
    // The strategy is what answers with it.
    let token = cli.run(&["auth", "token", "control-profile"]).exits_with(0);
    assert_eq!(token.stdout, format!("{CANARY}\n"));

    let mut command = cli.command(&["auth", "status", "--watch"]);
    let mut child = command.spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    assert!(stdout.by_ref().map_while(Result::ok).any(|line| line.starts_with("control-profile")));
    // At times a look is going on, so it is enough that it is gone once.
    let mut seen = Vec::new();
    for _ in 0..40 {
        sleep(Duration::from_millis(100));
        match holds(child.id(), &[CANARY, "control-profile"]) {
            Ok(found) => seen.push(found),
            Err(reason) => {
                child.kill().expect("it still runs");
                child.wait().expect("it comes to an end");
                return skip(&format!("the memory of a process can't be read here: {reason}"));
            }
        }
        if seen.last().is_some_and(|found| !found[0]) {
            break;
        }
    }
    child.kill().expect("it still runs");
    child.wait().expect("it comes to an end");
    assert!(seen.iter().all(|found| found[1]), "the memory was not read: {seen:?}");
    assert!(seen.iter().any(|found| !found[0]), "the key is always there");
}
