//! What is left in memory of a secret that was used.
//!
//! Promised here: once everything that held a secret is dropped, the process's memory
//! has no run of 8 of its characters, whatever was done with it. A guest's memory counts:
//! wasmtime unmaps it with the store, and a pool clears a slot before it is used again
//! and at the latest when the pool is dropped.
//!
//! Two places are not promised. The stack keeps what the next calls have not overwritten,
//! so the tests make such a call. And what is sent to a provider passes through buffers of
//! the HTTP client, which frees them as they are.
//!
//! The secret is made when a test runs, and the search knows it only in another form, so
//! that neither is found in place of a copy.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;

use orchestration_runtime::{
    AgentConfig, Allocation, Environment, ProvidersToml, Registry, Scope, Secret,
    resolve_auth_strategy,
};
use orchestration_tests::guest::{self, Guest};
use orchestration_tests::in_own_process;
use tempfile::TempDir;

/// The length of a run that counts as found. A mask shows less.
const RUN: usize = 8;

const LENGTH: usize = 48;

/// The secret, in a buffer that never moves. It is made from a number.
fn secret() -> Vec<u8> {
    let mut secret = Vec::with_capacity(LENGTH);
    secret.extend((0..LENGTH).map(character));
    secret
}

fn character(position: usize) -> u8 {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let number = (position as u64 + 17).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    ALPHABET[number as usize % ALPHABET.len()]
}

/// Returns the addresses of runs of the secret in the writable memory of this process,
/// as bytes and as characters of four bytes.
fn found() -> Vec<u64> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux has maps");
    let memory = File::open("/proc/self/mem").expect("a process can read its memory");
    let writable = maps.lines().filter(|line| line.split(' ').nth(1) == Some("rw-p"));
    let mut found = Vec::new();
    let mut bytes = vec![0; 1 << 20];
    for line in writable {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let (from, to) = range.expect("a mapping has a range");
        let address = |text| u64::from_str_radix(text, 16).expect("an address is hexadecimal");
        let (mut at, end) = (address(from), address(to));
        while at < end {
            let length = (end - at).min(bytes.len() as u64) as usize;
            let Ok(read) = memory.read_at(&mut bytes[..length], at) else { break };
            let hits = (0..read).filter(|start| is_run(&bytes[*start..read]));
            found.extend(hits.map(|start| at + start as u64));
            // Runs at the edge are read again.
            at += if at + (read as u64) < end { read as u64 - 4 * RUN as u64 } else { read as u64 };
            // The copy in the buffer would be found later.
            bytes.fill(0);
        }
    }
    found
}

/// Overwrites what calls have left on the stack, such as the registers that a debug build
/// spills.
#[inline(never)]
fn overwrite_stack() {
    std::hint::black_box(&mut [0u8; 512 << 10]);
}

#[track_caller]
fn assert_nothing_left() {
    overwrite_stack();
    let found = found();
    assert!(found.is_empty(), "{} runs are left, at {:x?}", found.len(), found.first());
}

/// Returns true if `bytes` begins with a run of the secret.
fn is_run(bytes: &[u8]) -> bool {
    // Most bytes are zero.
    if bytes[0] == 0 {
        return false;
    }
    (0..=LENGTH - RUN).any(|first| {
        let is = |offset: usize, stride: usize| {
            bytes.get(offset * stride) == Some(&character(first + offset))
        };
        (0..RUN).all(|offset| is(offset, 1))
            || (0..RUN).all(|offset| is(offset, 4) && bytes.get(offset * 4 + 1) == Some(&0))
    })
}

#[test]
fn the_search_finds_what_is_there() {
    if !in_own_process(the_search_finds_what_is_there) {
        return;
    }
    assert_nothing_left();
    let held = secret();
    assert!(!found().is_empty());
    let characters: Vec<char> = held.iter().map(|byte| char::from(*byte)).collect();
    drop(Secret::from(String::from_utf8(held).expect("it is ASCII")));
    assert!(!found().is_empty(), "four bytes a character");
    assert_eq!(characters.len(), LENGTH);
}

/// The environment of one strategy, which has the secret.
fn environment() -> Environment {
    let value = String::from_utf8(secret()).expect("it is ASCII");
    Environment::Fixed(BTreeMap::from([("CORP_TOKEN".to_owned(), OsString::from(value))]))
}

/// A strategy that reads the secret and does with it what `then` says; it is at the
/// address and of the length that are in `$scratch` at 8 and 12.
fn reading(mut guest: Guest, then: &str) -> Vec<u8> {
    let (address, length) = guest.place(b"CORP_TOKEN");
    let read =
        format!("(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))");
    guest.get(format!("{read} {then}")).build()
}

/// A strategy that fails, with the secret as its message and its hint.
fn telling() -> Vec<u8> {
    let mut guest = Guest::new();
    let failure = guest.place_failure(2, b"", Some(b""));
    let copy = |offset: u32, from: u32| {
        format!(
            "(i32.store offset={offset} (i32.const {failure})
               (i32.load offset={from} (global.get $scratch)))"
        )
    };
    let then = [copy(12, 8), copy(16, 12), copy(24, 8), copy(28, 12)].concat();
    reading(guest, &format!("{then} i32.const {failure}"))
}

/// A strategy that asks for a variable with the secret as its name.
fn asking() -> Vec<u8> {
    let mut guest = Guest::new();
    let denied = guest.place_failure(3, b"no", None);
    let then = format!(
        "(call $get (i32.load offset=8 (global.get $scratch))
           (i32.load offset=12 (global.get $scratch)) (global.get $scratch))
         i32.const {denied}"
    );
    reading(guest, &then)
}

/// A strategy that prints the secret a hundred times, and answers with another one.
fn printing() -> Vec<u8> {
    let guest = Guest::new().says(b"begins\n");
    let mut printing = guest.clone();
    let (address, length) = printing.place(b"CORP_TOKEN");
    printing
        .fields("(global $left (mut i32) (i32.const 100))")
        .before(&format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
             (loop $again
               (call $write (call $stdout) (i32.load offset=8 (global.get $scratch))
                 (i32.load offset=12 (global.get $scratch))
                 (i32.add (global.get $scratch) (i32.const 64)))
               (global.set $left (i32.sub (global.get $left) (i32.const 1)))
               (br_if $again (global.get $left)))"
        ))
        .build()
}

/// Resolves with `component`, and does with the credential what commands do with it.
fn used(component: &[u8], allocation: Allocation) {
    let directory = TempDir::new().expect("a temporary directory can be created");
    let path = directory.path().join("providers.toml");
    std::fs::write(directory.path().join("corp.wasm"), component).expect("it can be written");
    let toml = guest::lines("corp", component, "", "api_key_env = \"CORP_TOKEN\"");
    std::fs::write(&path, toml).expect("it can be written");
    let providers = ProvidersToml::load(&path).expect("the file is good");
    let registry = Registry::new(&providers, environment(), None, allocation);
    let registry = registry.expect("the sandbox can be set up");
    let profile = providers.profile("corp").expect("it is in the file");
    let config = AgentConfig::default();
    let strategy =
        resolve_auth_strategy(&registry, &config, Some(profile), Scope::OwnCredential).unwrap();
    let answer = guest::runtime().block_on(strategy.get_credentials());
    let shown = match &answer {
        Ok(credentials) => {
            let copy = credentials.clone();
            format!("{credentials:?} {:?}", copy.key().map(Secret::mask))
        }
        Err(error) => format!("{error} {error:?} {:?}", error.remedy()),
    };
    assert!(!shown.is_empty());
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_returns_it() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_returns_it) {
        return;
    }
    used(&Guest::new().reads("CORP_TOKEN").build(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_tells_it_in_an_error() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_tells_it_in_an_error) {
        return;
    }
    used(&telling(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_asks_for_it() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_asks_for_it) {
        return;
    }
    used(&asking(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_by_a_strategy_that_prints_it() {
    if !in_own_process(no_copy_of_a_secret_is_left_by_a_strategy_that_prints_it) {
        return;
    }
    used(&printing(), Allocation::OnDemand);
    assert_nothing_left();
}

#[test]
fn no_copy_of_a_secret_is_left_in_a_pool() {
    if !in_own_process(no_copy_of_a_secret_is_left_in_a_pool) {
        return;
    }
    used(&Guest::new().reads("CORP_TOKEN").build(), Allocation::Pooling);
    assert_nothing_left();
}
