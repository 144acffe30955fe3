//! Measures what the strategy, the sandbox and the checks cost an agent: the time from
//! the start of `orchestration spawn` to the first byte that reaches its provider,
//! compared with `bare.rs`, a program of twenty lines that makes the same request.
//!
//! With https, the first byte is that of the TLS handshake. By then both programs have
//! read the system's certificates.
//!
//!     cargo run --release -p orchestration-cli --example bench-overhead
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its results"
)]

use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 40;

/// How much longer the product may take, in milliseconds.
const TARGET: f64 = 10.0;

fn main() {
    let [product, bare] = programs();
    for scheme in ["http", "https"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let url = format!("{scheme}://{address}/v1");
        let spawn = ["spawn", "--profile", "openai", "--model", "m", "--base-url", &url, "Hi"];
        let mut times = [Vec::with_capacity(RUNS), Vec::with_capacity(RUNS)];
        let [products, bares] = &mut times;
        // In turns, so that other load on the machine affects both equally.
        for _ in 0..RUNS {
            products.push(first_byte(&product, &spawn, &listener));
            bares.push(first_byte(&bare, &[&url], &listener));
        }
        let [product, bare] = times.map(median);
        let difference = milliseconds(product) - milliseconds(bare);
        println!("{scheme}, median of {RUNS} runs each");
        println!("  orchestration spawn   {:>8.3} ms", milliseconds(product));
        println!("  async-openai only     {:>8.3} ms", milliseconds(bare));
        println!("  difference            {difference:>8.3} ms    (target: at most {TARGET})");
    }
}

/// Builds the product and the baseline with `cargo build --release`.
fn programs() -> [PathBuf; 2] {
    for what in [["--bin", "orchestration"], ["--example", "bare"]] {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--quiet", "--package", "orchestration-cli"])
            .args(what)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .status()
            .expect("cargo can be started");
        assert!(built.success(), "cargo build failed");
    }
    // The path of this program is target/release/examples/bench-overhead.
    let this = std::env::current_exe().expect("this program has a path");
    [this.with_file_name("../orchestration"), this.with_file_name("bare")]
}

/// Returns the time from the start of `program` to its first byte, and kills it.
fn first_byte(program: &Path, arguments: &[&str], listener: &TcpListener) -> Duration {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("OPENAI_API_KEY", "sk-bench-1234567890");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().expect("the program can be started");
    let (mut stream, _) = listener.accept().expect("the program connects");
    stream.read_exact(&mut [0]).expect("the program sends a byte");
    let time = start.elapsed();
    child.kill().expect("the program can be killed");
    child.wait().expect("the program exits");
    time
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
