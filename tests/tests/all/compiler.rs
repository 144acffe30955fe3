//! The compiler: what a stranger's component can make it do.
//!
//! Promised here: compiling happens in a process of its own, with nothing of this
//! user's environment; whatever the component is, it ends within its limits of memory
//! and time, other profiles keep their rows, the limit is named with the line that
//! raises it, and the cache keeps what it has.

use std::fs;

use orchestration_tests::guest::{Guest, leb, lines, section};
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

/// A strategy with a module of one function, whose loops each carry every local on.
fn loops_over_locals(depth: usize, locals: usize) -> Vec<u8> {
    let loops = b"\x03\x40".repeat(depth);
    // Adds one to each local.
    let add = |local| [&b"\x20"[..], &leb(local), b"\x41\x01\x6a\x21", &leb(local)].concat();
    let adds = (0..locals as u32).flat_map(add).collect();
    let ends = b"\x0b".repeat(depth + 1);
    let locals = [&b"\x01"[..], &leb(locals as u32), b"\x7f"].concat();
    let body = [locals, loops, adds, ends].concat();
    module(&[(1, b"\x01\x60\x00\x00".to_vec()), (3, b"\x01\x00".to_vec()), (10, code(1, &body))])
}

/// A strategy with a module of `count` element segments, each with `length` functions, for
/// a table that it imports, so that they can only be applied when it starts.
fn elements(count: usize, length: usize) -> Vec<u8> {
    let segment = [&b"\x00\x41\x00\x0b"[..], &leb(length as u32), &vec![0; length]].concat();
    let segments = [leb(count as u32), segment.repeat(count)].concat();
    module(&[
        (1, b"\x01\x60\x00\x00".to_vec()),
        (2, b"\x01\x01a\x01t\x01\x70\x00\x01".to_vec()),
        (3, b"\x01\x00".to_vec()),
        (9, segments),
        (10, code(1, b"\x00\x0b")),
    ])
}

/// A strategy with a module of `count` functions that do nothing.
fn functions(count: usize) -> Vec<u8> {
    let types = [leb(count as u32), vec![0; count]].concat();
    let bodies = code(count, b"\x00\x0b");
    module(&[(1, b"\x01\x60\x00\x00".to_vec()), (3, types), (10, bodies)])
}

/// The content of a code section with `count` times the same body.
fn code(count: usize, body: &[u8]) -> Vec<u8> {
    let entry = [leb(body.len() as u32), body.to_vec()].concat();
    [leb(count as u32), entry.repeat(count)].concat()
}

/// A strategy with one more module, which has these sections.
fn module(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    sections.iter().for_each(|(id, content)| section(&mut module, *id, content));
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

/// The files in the cache.
fn entries(cli: &Cli) -> impl Iterator<Item = fs::DirEntry> {
    let files = fs::read_dir(cli.home().join(".cache/orchestration/compiled"));
    files.into_iter().flatten().flatten()
}

/// The bytes of the files in the cache.
fn cached(cli: &Cli) -> u64 {
    entries(cli).map(|file| file.metadata().map_or(0, |metadata| metadata.len())).sum()
}

/// Checks that a component ends within its limits, compiled or not, and that nothing else
/// suffers.
#[track_caller]
fn stays_within_limits(name: &str, component: &[u8]) {
    let cli = cli(component, "compile_seconds = 5");
    // A second strategy is compiled and cached as if the first were not there.
    let good = Guest::new().build();
    let path = ".config/orchestration/providers.toml";
    let toml = fs::read_to_string(cli.home().join(path)).expect("it was written");
    cli.file(path, toml + &lines("good", &good, "", ""));
    cli.file(".config/orchestration/good.wasm", &good);
    let (used, outcome) = cli.status_measured();
    assert!(used.mib < 1229, "{name}: {} MiB", used.mib);
    // Generous, since others may use the machine.
    assert!(used.seconds < 60, "{name}: {} s", used.seconds);
    assert_eq!(used.left, 0, "{name}: a process is left");
    // The bound of an entry is a quarter of the cache's.
    assert!(cached(&cli) < 256 << 20, "{name}: {} bytes in the cache", cached(&cli));
    for profile in ["openai", "good"] {
        assert_eq!(outcome.row(profile).get(2), Some(&"✓ valid"), "{name}: {outcome:#?}");
    }
    match outcome.row("bomb").get(2) {
        Some(&"✓ valid") => {}
        Some(&"✗ error") => {
            let limits = ["compile_seconds = ", "compile_mib = "];
            let named = limits.iter().any(|limit| outcome.stderr.contains(limit));
            assert!(named, "{name}: {outcome:#?}");
        }
        _ => panic!("{name}: {outcome:#?}"),
    }
}

#[test]
fn sparse_data_takes_neither_memory_nor_room_in_the_cache() {
    for count in [32, 150, 900] {
        let cli = cli(&sparse_data(count), "compile_seconds = 20");
        let (used, outcome) = cli.status_measured();
        assert_eq!(outcome.row("openai").get(2), Some(&"✓ valid"), "{outcome:#?}");
        assert!(used.mib < 1200, "{count}: {} MiB", used.mib);
        assert!(cached(&cli) < 64 << 20, "{count}: {} bytes in the cache", cached(&cli));
    }
}

#[test]
fn loops_in_loops_end_within_memory_and_time() {
    stays_within_limits("500 functions of 300 loops", &nested_loops(500, 300));
    stays_within_limits("300 loops over 10,000 locals", &loops_over_locals(300, 10_000));
    stays_within_limits("5,000 loops over 1,000 locals", &loops_over_locals(5_000, 1_000));
}

#[test]
fn element_segments_for_an_imported_table_end_within_memory_and_time() {
    // A module may have 100,000 of them.
    stays_within_limits("105 KB of segments", &elements(17_500, 1));
    stays_within_limits("600 KB of segments", &elements(99_999, 1));
    stays_within_limits("2 MB of segments", &elements(99_999, 16));
}

#[test]
fn a_million_functions_end_within_memory_and_time() {
    stays_within_limits("a million functions", &functions(1_000_000));
}

#[test]
fn too_little_memory_is_a_limit_with_the_line_that_raises_it() {
    let cli = cli(&Guest::new().build(), "compile_mib = 1");
    let outcome = cli.status().exits_with(3);
    assert_eq!(outcome.row("openai").get(2), Some(&"✓ valid"), "{outcome:#?}");
    outcome.explains(&["compiling it took more than 1 MiB of memory", "compile_mib = 2"]);
}

#[test]
fn the_code_is_the_same_however_many_processors_compile_it() {
    let component = nested_loops(200, 10);
    let compiled = |program: &str, own: &[&str]| {
        let cli = cli(&component, "compile_seconds = 60");
        let mut command = cli.command_under(program, own, &["auth", "status"]);
        assert_eq!(Outcome::of(&mut command).row("bomb").get(2), Some(&"✓ valid"));
        entries(&cli).map(|file| fs::read(file.path()).expect("it can be read")).collect::<Vec<_>>()
    };
    let status = fs::read_to_string("/proc/self/status").expect("the system says it");
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let first = allowed.expect("it is there").trim().split([',', '-']).next().unwrap();
    let one = compiled("taskset", &["-c", first]);
    assert!(!one.is_empty() && one == compiled("env", &[]));
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
