//! What the sandbox costs a person at a prompt: the wall time of
//! `orchestration auth status` with the four built-in profiles, beside that of
//! `orchestration --version`, which is the same executable without a sandbox.
//!
//! Both sides run in turns, so that what else the machine does falls on both.
//!
//!     cargo run --release -p orchestration --example bench-start
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used, reason = "a bench reports")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 40;

fn main() {
    let binary = product();
    let mut version = Vec::with_capacity(RUNS);
    let mut status = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        version.push(time(&binary, &["--version"]));
        status.push(time(&binary, &["auth", "status"]));
    }
    let (version, status) = (median(version), median(status));
    println!("{}, median of {RUNS} runs each", machine());
    println!("orchestration --version     {:>8.3} ms", milliseconds(version));
    println!("orchestration auth status   {:>8.3} ms", milliseconds(status));
    println!("ratio                       {:>8.2}    (target: at most 2)", ratio(status, version));
}

/// The executable that `cargo build --release` makes, made anew.
fn product() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--bin", "orchestration"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .expect("cargo starts");
    assert!(built.success(), "cargo build failed");
    // This program is target/release/examples/bench-start.
    let this = std::env::current_exe().expect("a path to this program");
    this.with_file_name("../orchestration")
}

fn time(binary: &Path, args: &[&str]) -> Duration {
    let mut command = Command::new(binary);
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the binary starts");
    let taken = start.elapsed();
    assert!(status.success(), "orchestration {} failed", args.join(" "));
    taken
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// The CPU and how many of its cores there are.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores")
}
