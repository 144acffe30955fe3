//! Measures large inputs: ten thousand profiles in one `auth status`, and a strategy of
//! 18 MB, the size of a component that contains an interpreter.
//!
//! The component is generated, because an interpreter is not available everywhere. Its
//! size, its ratio of code to data and its number of functions are those of a strategy
//! in Python built with componentize-py. Compiling it takes a while, once.
//!
//!     cargo run --release -p orchestration-tests --example bench-large
#![allow(missing_docs, unreachable_pub, clippy::print_stdout, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "shared with other benches")]
#[path = "../../runtime/benches/report.rs"]
mod report;

use std::fmt::Write;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use orchestration_tests::Cli;
use orchestration_tests::guest::{Guest, lines};
use report::{Row, Target};

const RUNS: usize = 15;

fn main() {
    report::machine();
    many_profiles();
    interpreter();
}

fn many_profiles() {
    let config = (0..10_000).fold(String::new(), |mut config, n| {
        let _ = writeln!(
            config,
            "[profiles.p{n}]\nbase_url = \"https://llm{n}.corp.example/v1\"\napi_key_env = \"KEY_{}\"",
            n % 100
        );
        config
    });
    let mut cli = Cli::new().config(config);
    for n in 0..50 {
        cli = cli.env(format!("KEY_{n}"), "sk-proj-0123456789abcdef0123456789abcdef");
    }
    let (times, peaks): (Vec<Duration>, Vec<f64>) =
        (0..RUNS).map(|_| run(&cli, &["auth", "status"])).unzip();
    let took = Row::median("auth status, 10,000 profiles", &times);
    report::table(&[&took]);
    report::at_most(&took, 150_000.0);
    let peak = peaks.into_iter().fold(0.0, f64::max);
    report::ratio("peak memory, in MiB", peak, &Target::AtMost(40.0));
}

fn interpreter() {
    let component = generate(18 << 20);
    let cli = Cli::new().config(lines("python", &component, "", ""));
    cli.file(".config/orchestration/python.wasm", &component);
    let start = Instant::now();
    cli.login("python").exits_with(0);
    let cold = Row::median("a strategy of 18 MB, compiled", &[start.elapsed()]);
    let times: Vec<Duration> =
        (0..RUNS).map(|_| run(&cli, &["auth", "login", "python"]).0).collect();
    let warm = Row::median("a strategy of 18 MB, from the cache", &times);
    report::table(&[&cold, &warm]);
    report::at_most(&warm, 50_000.0);
}

/// Returns a component of this size: half code, half data, like CPython.
fn generate(bytes: usize) -> Vec<u8> {
    let mut functions = String::new();
    for n in 0..bytes / 2 / 520 {
        let _ = write!(functions, "(func (param i32 i64) (result i32) (local i32 i64)");
        for step in 0..20 {
            let _ = write!(
                functions,
                "(local.set 2 (i32.add (i32.load offset={} (local.get 0)) (i32.const {n})))
                 (if (i32.lt_s (local.get 2) (i32.const {step}))
                   (then (local.set 3 (i64.mul (local.get 1) (i64.extend_i32_u (local.get 2))))
                     (i64.store offset={} (local.get 0) (local.get 3))))",
                step * 8,
                step * 16
            );
        }
        functions.push_str("(local.get 2))");
    }
    // After the first page, which the guest uses for its own data.
    let mut data = "(data (i32.const 0x100000) \"".to_owned();
    for n in 0..bytes / 2 {
        let _ = write!(data, "\\{:02x}", (n * n / 7) as u8 | 1);
    }
    data.push_str("\")");
    Guest::new().memory("400").fields(functions).fields(data).build()
}

/// Runs the command. Returns its time and its peak memory in MiB, which is read when the
/// command starts to write, because it writes when everything is done.
fn run(cli: &Cli, arguments: &[&str]) -> (Duration, f64) {
    let start = Instant::now();
    let mut child =
        cli.command(arguments).stderr(Stdio::null()).spawn().expect("the command can be started");
    let mut stdout = child.stdout.take().expect("its output can be read");
    let mut output = vec![0; 1];
    stdout.read_exact(&mut output).expect("it writes something");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    stdout.read_to_end(&mut output).expect("its output can be read");
    assert!(child.wait().expect("it exits").success(), "{arguments:?} failed");
    let took = start.elapsed();
    let status = status.unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    (took, kib.unwrap_or_default() / 1024.0)
}
