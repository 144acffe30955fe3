//! Measures what the sandbox costs a user at a prompt: the wall time of
//! `orchestration auth status` with the four built-in profiles, compared with
//! `orchestration --version`, which does not set up a sandbox, and with a program that
//! prints one line, which does not even read its arguments.
//!
//! The commands take turns, so that other load on the machine affects both equally.
//!
//!     cargo run --release -p orchestration-cli --example bench-start
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its results"
)]

mod product;

#[allow(dead_code, reason = "shared with other benches")]
#[path = "../../runtime/benches/report.rs"]
mod report;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use report::{Row, Target};

/// The runs of each command, and the runs with an executable that is not in memory.
const RUNS: usize = 100;
const COLD_RUNS: usize = 10;

fn main() {
    let binary = product::built();
    report::machine();
    println!("whole processes, medians of {COLD_RUNS} cold runs and {RUNS} warm runs");
    let version = ["--version"];
    let status = ["auth", "status"];
    let [mut cold_version, mut cold_status] = [const { Vec::new() }; 2];
    for _ in 0..COLD_RUNS {
        evict(&binary);
        cold_version.push(time(&binary, &version));
        evict(&binary);
        cold_status.push(time(&binary, &status));
    }
    let hello = hello_world();
    let [mut warm_hello, mut warm_version, mut warm_status] = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        warm_hello.push(time(&hello.path().join("hello"), &[]));
        warm_version.push(time(&binary, &version));
        warm_status.push(time(&binary, &status));
    }
    let cold_version = Row::median("cold: orchestration --version", &cold_version);
    let cold_status = Row::median("cold: orchestration auth status", &cold_status);
    let warm_hello = Row::median("a hello world in Rust", &warm_hello);
    let warm_version = Row::median("orchestration --version", &warm_version);
    let warm_status = Row::median("orchestration auth status", &warm_status);
    report::table(&[&cold_version, &cold_status, &warm_hello, &warm_version, &warm_status]);
    report::times(&cold_status, &cold_version, &Target::AtMost(2.0));
    report::times(&warm_status, &warm_version, &Target::AtMost(2.0));
    report::times(&warm_status, &warm_hello, &Target::AtMost(3.5));
}

/// Compiles a program that prints one line, and returns its directory.
fn hello_world() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("there is a directory for temporary files");
    let source = directory.path().join("hello.rs");
    std::fs::write(&source, r#"fn main() { println!("hello, world") }"#).expect("a file");
    let compiled = Command::new("rustc")
        .args(["--edition=2024", "-O", "-C", "strip=symbols", "--out-dir"])
        .args([directory.path(), &source])
        .status()
        .expect("rustc can be started");
    assert!(compiled.success(), "rustc failed");
    directory
}

/// Evicts `file` from the page cache, as after a reboot.
fn evict(file: &Path) {
    let mut input = std::ffi::OsString::from("if=");
    input.push(file);
    let dd = Command::new("dd")
        .arg(input)
        .args(["iflag=nocache", "count=0", "status=none"])
        .status()
        .expect("dd can be started");
    assert!(dd.success(), "dd failed");
}

fn time(binary: &Path, args: &[&str]) -> Duration {
    let mut command = Command::new(binary);
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the binary can be started");
    let time = start.elapsed();
    assert!(status.success(), "orchestration {} failed", args.join(" "));
    time
}
