//! Measures what the broker costs a user at a prompt: the wall time of `orchestration run`
//! with a command that does nothing, compared with `orchestration auth exec`, which replaces
//! itself by the command.
//!
//! The commands take turns, so that other load on the machine affects both equally.
//!
//!     cargo run --release -p orchestration-cli --example bench-run
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its results"
)]

mod product;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 100;

/// How much longer `run` may take, in milliseconds.
const TARGET: f64 = 15.0;

fn main() {
    let binary = product::built();
    let [mut execs, mut runs] = [const { Vec::new() }; 2];
    for _ in 0..RUNS {
        execs.push(time(&binary, &["auth", "exec", "openai", "--", "/bin/true"]));
        runs.push(time(&binary, &["run", "openai", "--", "/bin/true"]));
    }
    let [exec, run] = [execs, runs].map(median);
    println!("whole processes, medians of {RUNS} runs each");
    println!("  orchestration auth exec   {exec:>8.3} ms");
    println!("  orchestration run         {run:>8.3} ms");
    println!("  difference                {:>8.3} ms    (target: at most {TARGET})", run - exec);
}

fn time(binary: &Path, arguments: &[&str]) -> Duration {
    let mut command = Command::new(binary);
    command.args(arguments).env_clear().env("OPENAI_API_KEY", "sk-proj-Zq81LmVt93KxBdRw7x2f");
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).status().expect("the binary can be started");
    let time = start.elapsed();
    assert!(status.success(), "orchestration {} failed", arguments.join(" "));
    time
}

/// The median in milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, Duration::as_secs_f64) * 1e3
}
