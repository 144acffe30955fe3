//! Measures what the sandbox costs a user at a prompt: the wall time of
//! `orchestration auth status` with the four built-in profiles, compared with
//! `orchestration --version`, which does not set up a sandbox, and with a program that
//! prints one line, which does not even read its arguments; and the same with a strategy
//! from a file, and with one that was pulled from a registry.
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

use orchestration_runtime::{ComponentStore, Digest};
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
    let home = strategies();
    let at_home = |config| {
        let arguments = [&["--config", config][..], &status].concat();
        time_in(Some(home.path()), &binary, &arguments)
    };
    let [mut from_file, mut pulled] = [const { Vec::new() }; 2];
    let [mut warm_hello, mut warm_version, mut warm_status] = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        from_file.push(at_home("file.toml"));
        pulled.push(at_home("registry.toml"));
        warm_hello.push(time(&hello.path().join("hello"), &[]));
        warm_version.push(time(&binary, &version));
        warm_status.push(time(&binary, &status));
    }
    let cold_version = Row::median("cold: orchestration --version", &cold_version);
    let cold_status = Row::median("cold: orchestration auth status", &cold_status);
    let warm_hello = Row::median("a hello world in Rust", &warm_hello);
    let warm_version = Row::median("orchestration --version", &warm_version);
    let warm_status = Row::median("orchestration auth status", &warm_status);
    let from_file = Row::median("the same, a strategy from a file", &from_file);
    let pulled = Row::median("the same, a strategy from a registry", &pulled);
    report::table(&[
        &cold_version,
        &cold_status,
        &warm_hello,
        &warm_version,
        &warm_status,
        &from_file,
        &pulled,
    ]);
    report::times(&cold_status, &cold_version, &Target::AtMost(2.0));
    report::times(&warm_status, &warm_version, &Target::AtMost(2.0));
    report::times(&warm_status, &warm_hello, &Target::AtMost(3.5));
    report::times(&pulled, &from_file, &Target::AtMost(1.05));
}

/// Returns a home with a strategy that a file has and one that was pulled.
fn strategies() -> tempfile::TempDir {
    let component =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../strategies/prebuilt/api-key.wasm");
    let bytes = std::fs::read(component).expect("the component is there");
    let sha256 = Digest::of(&bytes).hex().to_owned();
    let home = tempfile::tempdir().expect("there is a directory for temporary files");
    let write = |name: &str, content: &[u8]| {
        std::fs::write(home.path().join(name), content).expect("a file");
    };
    write("sso.wasm", &bytes);
    let reference = format!("oci://registry.example/acme/sso@sha256:{sha256}");
    for (name, component) in [("file.toml", "sso.wasm"), ("registry.toml", &*reference)] {
        let text = format!(
            "[strategies.sso]\ncomponent = \"{component}\"\nsha256 = \"{sha256}\"\n\
             [profiles.corp]\nbase_url = \"http://127.0.0.1:9/v1\"\nauth_type = \"sso\"\n"
        );
        write(name, text.as_bytes());
    }
    let store = ComponentStore::at(home.path().join(".cache/orchestration/components"));
    store.keep(&bytes).expect("a file");
    home
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
    time_in(None, binary, args)
}

fn time_in(home: Option<&Path>, binary: &Path, args: &[&str]) -> Duration {
    let mut command = Command::new(binary);
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(home) = home {
        command.env("HOME", home).current_dir(home);
    }
    let start = Instant::now();
    let status = command.status().expect("the binary can be started");
    let time = start.elapsed();
    assert!(status.success(), "orchestration {} failed", args.join(" "));
    time
}
