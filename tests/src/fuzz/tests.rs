//! Tries the committed corpus, and a fixed sequence of mutations of it.
//!
//! This is no search: every run tries the same inputs, few enough to be fast. What a
//! search finds is added to the corpus, and is then tried in every run.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test panics, and prints the input that it failed with"
)]

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::loader::loaded;
use super::tools::{key_text, signed};
use super::{answer, json, key, loader, providers_toml, session, text, token};

/// The mutations that are tried with each property. Compiling a component takes many
/// milliseconds in a debug build, so the loader gets few; a call takes one.
const MANY: u32 = 2000;
const SOME: u32 = 200;
const FEW: u32 = 60;

#[test]
fn any_providers_toml_is_accepted_or_rejected_safely() {
    try_all("providers_toml", MANY, providers_toml);
}

#[test]
fn any_component_is_rejected_or_called_safely() {
    try_all("loader", FEW, loader);
}

/// A component of another contract is refused before it is compiled, and nothing after
/// that is tried with it.
#[test]
fn every_component_of_the_corpus_speaks_the_contract_and_loads() {
    let corpus = corpus("loader").expect("the corpus can be read");
    let components = corpus.iter().filter(|(path, _)| path.extension().is_some());
    for (path, component) in components {
        let loaded = loaded(component).map(drop);
        assert!(loaded.is_ok(), "{}: {loaded:?}: build the seeds again", path.display());
    }
}

#[test]
fn any_session_file_is_damaged_or_what_is_written_again() {
    try_all("session", MANY, session);
}

#[test]
fn any_answer_gives_a_strategy_what_it_takes_and_no_secret_to_read() {
    try_all("answer", SOME, answer);
}

#[test]
fn any_json_has_the_values_that_another_parser_finds() {
    try_all("json", MANY, json);
}

#[test]
fn any_token_shows_its_claims_and_nothing_else() {
    try_all("token", SOME, token);
}

#[test]
fn any_key_signs_with_its_algorithm_or_with_none() {
    try_all("key", SOME, key);
}

/// Without keys that are accepted, the property would say nothing.
#[test]
fn the_keys_of_the_corpus_sign_with_their_algorithm() {
    let kinds = [("rsa", 1), ("p256", 2), ("ed25519", 3)];
    let mut signing = 0;
    for (path, data) in corpus("key").expect("the corpus can be read") {
        let name = path.file_name().expect("it has a name").to_string_lossy();
        let kind = kinds.iter().find(|(kind, _)| name.starts_with(kind) && name != "rsa-1024.pem");
        if let Some((_, algorithm)) = kind {
            let outcomes = signed(&key_text(&data)).expect("nothing of a key is in a report");
            assert_eq!(outcomes[*algorithm], "ok", "{name}");
            signing += 1;
        }
    }
    assert_eq!(signing, 9);
}

#[test]
fn any_text_is_made_safe_to_display() {
    try_all("text", MANY, text);
}

/// Tries `property` with the corpus called `name` and `mutations` mutations of it.
fn try_all(name: &str, mutations: u32, property: fn(&[u8])) {
    let seeds = corpus(name).expect("the corpus can be read");
    assert!(!seeds.is_empty());
    for (path, seed) in &seeds {
        Input { property, bytes: seed, origin: path.display().to_string() }.try_it();
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for number in 0..mutations {
        let (path, seed) = &seeds[random.below(seeds.len())];
        let bytes = random.mutate(seed);
        let origin = format!("mutation {number}, of {}", path.display());
        Input { property, bytes: &bytes, origin }.try_it();
    }
}

/// An input that prints its origin if its test fails.
struct Input<'a> {
    property: fn(&[u8]),
    bytes: &'a [u8],
    origin: String,
}

impl Input<'_> {
    fn try_it(self) {
        (self.property)(self.bytes);
    }
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let start = self.bytes.get(..400).unwrap_or(self.bytes);
            eprintln!("{}: {:?}", self.origin, String::from_utf8_lossy(start));
        }
    }
}

/// Returns the files of a corpus, sorted by name.
fn corpus(name: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files = fs::read_dir(directory)?
        .map(|entry| {
            let path = entry?.path();
            let bytes = fs::read(&path)?;
            Ok((path, bytes))
        })
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 11) as usize % bound.max(1)
    }

    /// Returns `seed` with a few bytes changed, added, removed or repeated.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        /// Bytes with a meaning in one of the formats.
        const SPECIAL: &[u8] = b"\0\x01\x7f\x80\xff\xf8\n\r\t\x1b\"'`=[]{}.,#\\*@ aP";
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let position = self.below(bytes.len() + 1);
            let end = bytes.len().min(position + self.below(16));
            let byte = match self.below(3) {
                0 => self.next() as u8,
                _ => SPECIAL[self.below(SPECIAL.len())],
            };
            match self.below(5) {
                0 | 1 if position < bytes.len() => bytes[position] = byte,
                2 => drop(bytes.drain(position..end)),
                3 => drop(bytes.splice(position..position, bytes[position..end].to_vec())),
                _ => bytes.insert(position, byte),
            }
        }
        bytes
    }
}
