//! Measures `orchestration auth check` with a thousand profiles, all valid, as a table
//! and as JSON.
//!
//! The formats take turns, so that other load on the machine affects both equally.
//!
//!     cargo run --release -p orchestration-cli --example bench-check
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

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use report::{Row, Target};

const PROFILES: usize = 1000;
const RUNS: usize = 30;

/// The target for a thousand profiles, in microseconds.
const TARGET: f64 = 60_000.0;

fn main() {
    let binary = product::built();
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    let config = directory.path().join("providers.toml");
    let profile = |number| format!("[profiles.profile-{number}]\napi_key_env = \"KEY\"\n");
    fs::write(&config, (0..PROFILES).map(profile).collect::<String>())
        .expect("the file can be written");

    report::machine();
    println!("auth check of {PROFILES} profiles, medians of {RUNS} runs");
    let [mut tables, mut jsons] = [const { Vec::new() }; 2];
    for _ in 0..RUNS {
        tables.push(time(&binary, &config, "table"));
        jsons.push(time(&binary, &config, "json"));
    }
    let table = Row::median("auth check", &tables);
    let json = Row::median("auth check --format json", &jsons);
    report::table(&[&table, &json]);
    report::at_most(&table, TARGET);
    report::times(&json, &table, &Target::AtMost(1.0));
}

fn time(binary: &Path, config: &Path, format: &str) -> Duration {
    let mut command = Command::new(binary);
    command.arg("--config").arg(config);
    command.args(["auth", "check", "--no-builtin-profiles", "--format", format]);
    command.env_clear().env("KEY", "sk-proj-abcdefgh7x2f");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the binary can be started");
    let time = start.elapsed();
    assert!(status.success(), "orchestration auth check failed");
    time
}
