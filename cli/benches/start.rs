//! What the sandbox costs a person at a prompt: the wall time of
//! `orchestration auth status` with the four built-in profiles, beside that of
//! `orchestration --version`, which is the same executable without a sandbox.
//!
//! Both sides run in turns, so that what else the machine does falls on both.
//!
//!     cargo run --release -p orchestration --example bench-start
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench reports"
)]

mod product;

#[allow(dead_code, reason = "shared with other benches")]
#[path = "../../runtime/benches/report.rs"]
mod report;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use report::{Row, Target};

/// Runs of each side, and those of an executable that is not in memory yet.
const RUNS: usize = 100;
const FIRST_RUNS: usize = 10;

fn main() {
    let binary = product::built();
    report::machine();
    println!("whole processes, medians of {FIRST_RUNS} first runs and of {RUNS} others");
    let version = ["--version"];
    let status = ["auth", "status"];
    let [mut first_version, mut first_status] = [const { Vec::new() }; 2];
    for _ in 0..FIRST_RUNS {
        forget(&binary);
        first_version.push(time(&binary, &version));
        forget(&binary);
        first_status.push(time(&binary, &status));
    }
    let [mut again_version, mut again_status] = [const { Vec::new() }; 2];
    for _ in 0..RUNS {
        again_version.push(time(&binary, &version));
        again_status.push(time(&binary, &status));
    }
    let first_version = Row::median("first run: orchestration --version", &first_version);
    let first_status = Row::median("first run: orchestration auth status", &first_status);
    let again_version = Row::median("orchestration --version", &again_version);
    let again_status = Row::median("orchestration auth status", &again_status);
    report::table(&[&first_version, &first_status, &again_version, &again_status]);
    report::times(&first_status, &first_version, &Target::AtMost(2.0));
    report::times(&again_status, &again_version, &Target::AtMost(2.0));
}

/// Has the kernel forget what it has read of `file`, as on a machine that was
/// just started.
fn forget(file: &Path) {
    let mut input = std::ffi::OsString::from("if=");
    input.push(file);
    let dd = Command::new("dd")
        .arg(input)
        .args(["iflag=nocache", "count=0", "status=none"])
        .status()
        .expect("dd starts");
    assert!(dd.success(), "dd failed");
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
