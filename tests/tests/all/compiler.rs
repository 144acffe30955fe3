//! The compiler: what a stranger's component can make it do.
//!
//! Promised here: compiling happens in a process of its own, with nothing of this
//! user's environment; whatever the component is, it ends within its limits of memory
//! and time, other profiles keep their rows, the limit is named with the line that
//! raises it, and the cache keeps what it has.

use std::fs;
use std::time::{Duration, Instant};

use orchestration_tests::guest::{Guest, lines, section};
use orchestration_tests::{Cli, Outcome};

/// A strategy with `count` more modules, each with two bytes of data 16 MiB apart: some
/// 40 bytes of file each, and 16 MiB of image if they are laid out.
fn sparse_data(count: usize) -> Vec<u8> {
    let module = wat::parse_str(
        "(module (memory 300) (data (i32.const 0) \"a\") (data (i32.const 16777000) \"b\"))",
    );
    let module = module.expect("the module is valid");
    let mut component = Guest::new().build();
    (0..count).for_each(|_| section(&mut component, 1, &module));
    component
}

/// A strategy with a module of many functions, each with loops in loops.
fn nested_loops(functions: usize, depth: usize) -> Vec<u8> {
    let body = format!("{}{}", "(loop ".repeat(depth), ")".repeat(depth));
    let functions = format!("(func {body})").repeat(functions);
    let module = wat::parse_str(format!("(module {functions})")).expect("the module is valid");
    let mut component = Guest::new().build();
    section(&mut component, 1, &module);
    component
}

/// A profile for each component, and one that needs none of them.
fn cli(component: &[u8], limits: &str) -> Cli {
    let more = format!("limits = {{ {limits} }}\n");
    let cli = Cli::new()
        .env("OPENAI_API_KEY", "sk-proj-abcdefgh7x2f")
        .config(lines("bomb", component, &more, ""));
    cli.file(".config/orchestration/bomb.wasm", component);
    cli
}

#[test]
fn sparse_data_takes_neither_memory_nor_room_in_the_cache() {
    for count in [32, 150, 900] {
        let cli = cli(&sparse_data(count), "compile_seconds = 20");
        let (peak, outcome) = cli.status_measured();
        assert_eq!(outcome.row("openai").get(2), Some(&"✓ valid"), "{outcome:#?}");
        assert!(peak < 1200, "{count}: {peak} MiB");
        let cached = cli.home().join(".cache/orchestration/compiled");
        let files = fs::read_dir(cached).into_iter().flatten().flatten();
        let bytes: u64 = files.map(|file| file.metadata().map_or(0, |kind| kind.len())).sum();
        assert!(bytes < 64 << 20, "{count}: {bytes} bytes in the cache");
    }
}

#[test]
fn loops_in_loops_end_within_memory_and_time() {
    let cli = cli(&nested_loops(500, 300), "compile_seconds = 5, compile_mib = 256");
    // Builds the product first, if it is not up to date.
    cli.run(&["--version"]).exits_with(0);
    let started = Instant::now();
    let (peak, outcome) = cli.status_measured();
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert_eq!(outcome.row("openai").get(2), Some(&"✓ valid"), "{outcome:#?}");
    assert!(peak < 512, "{peak} MiB");
}

#[test]
fn too_little_memory_is_a_limit_with_the_line_that_raises_it() {
    let cli = cli(&Guest::new().build(), "compile_mib = 1");
    let outcome = cli.status().exits_with(3);
    assert_eq!(outcome.row("openai").get(2), Some(&"✓ valid"), "{outcome:#?}");
    outcome.explains(&["compiling it took more than 1 MiB of memory", "compile_mib = 2"]);
}

#[test]
fn the_compiling_process_gets_nothing_of_the_environment() {
    if !orchestration_tests::tool_is_there("strace") {
        return;
    }
    let cli = cli(&Guest::new().build(), "compile_seconds = 20");
    let own = ["-f", "-qq", "-v", "-s", "4096", "-e", "trace=execve", "-o", "trace"];
    let outcome = Outcome::of(&mut cli.command_under("strace", &own, &["auth", "status"]));
    let trace = fs::read_to_string(cli.home().join("trace")).unwrap_or_default();
    let child = trace.lines().find(|line| line.contains("compile-component"));
    let child = child.unwrap_or_else(|| panic!("nothing was compiled: {trace} {outcome:#?}"));
    assert!(child.contains("], []"), "{child}");
    assert!(!child.contains("sk-proj"), "{child}");
}
