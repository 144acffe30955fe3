//! Every case through the library, again and again in one process.

use std::fs;
use std::time::Duration;

use orchestration_tests::guest;
use orchestration_tests::in_own_process;

use super::{cases, check, host};

/// What the process holds: MiB, threads, open files.
fn held() -> [usize; 3] {
    let pages: usize =
        fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let count = |directory| fs::read_dir(directory).unwrap().count();
    [pages / 256, count("/proc/self/task"), count("/proc/self/fd")]
}

#[test]
fn bad_strategies_leak_no_memory_threads_or_files() {
    // Memory, threads and files are counted for the whole process.
    if !in_own_process(bad_strategies_leak_no_memory_threads_or_files) {
        return;
    }
    let cases = cases();
    // tokio keeps the files that it opens for signals with its first runtime.
    drop(guest::runtime());
    let [_, threads_before, files_before] = held();
    let host = host(&cases);
    let round = || {
        let wrong: Vec<String> = guest::runtime().block_on(async {
            let mut wrong = Vec::new();
            for case in &cases {
                let checked =
                    tokio::time::timeout(Duration::from_secs(60), check(&host, case)).await;
                wrong.extend(checked.unwrap_or_else(|_| Some(format!("{}: hangs", case.name))));
            }
            wrong
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    };
    round();
    let [memory, ..] = held();
    (0..3).for_each(|_| round());
    let [now, ..] = held();
    assert!(now <= memory + 16, "{memory} MiB after the first round, {now} MiB after the fourth");

    drop(host);
    // The ticker sees within a moment that its engine is gone.
    let back = || {
        let [_, threads, files] = held();
        threads <= threads_before && files <= files_before
    };
    let waited = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        back()
    });
    assert!(waited, "{threads_before} threads, {files_before} files, and now {:?}", held());
}
