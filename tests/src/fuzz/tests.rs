//! The committed corpus, and a fixed sequence of mutations of it.
//!
//! No search: the same inputs in every run, few enough to be waited for. What a
//! search finds goes into the corpus, and so comes by here ever after.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail, and says with what"
)]

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{loader, providers_toml, text};

/// Mutations that are tried with each property. Compiling a component takes
/// many milliseconds in a build for debugging, so the loader gets few.
const MANY: u32 = 2000;
const FEW: u32 = 60;

#[test]
fn any_providers_toml_is_read_or_refused_without_harm() {
    try_all("providers_toml", MANY, providers_toml);
}

#[test]
fn any_component_is_refused_or_called_without_harm() {
    try_all("loader", FEW, loader);
}

#[test]
fn any_text_is_made_fit_to_be_shown() {
    try_all("text", MANY, text);
}

/// Tries `property` with the corpus of this name and as many mutations of it.
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

/// An input that says where it is from if its test fails.
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

/// The files of a corpus, in the order of their names.
fn corpus(name: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files = fs::read_dir(folder)?
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

    /// `seed` with a few bytes changed, added, taken out or doubled.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        /// Bytes that mean something to one of the readers.
        const TELLING: &[u8] = b"\0\x01\x7f\x80\xff\xf8\n\r\t\x1b\"'`=[]{}.,#\\*@ aP";
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len() + 1);
            let end = bytes.len().min(place + self.below(16));
            let byte = match self.below(3) {
                0 => self.next() as u8,
                _ => TELLING[self.below(TELLING.len())],
            };
            match self.below(5) {
                0 | 1 if place < bytes.len() => bytes[place] = byte,
                2 => drop(bytes.drain(place..end)),
                3 => drop(bytes.splice(place..place, bytes[place..end].to_vec())),
                _ => bytes.insert(place, byte),
            }
        }
        bytes
    }
}
