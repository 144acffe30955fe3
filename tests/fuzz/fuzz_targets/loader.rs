//! The loader and the sandbox: see `tests/src/fuzz/loader.rs`.
//!
//! Inputs are components and changes to the built-in one, as the property expects them,
//! and bytes from which `wasm-smith` generates a component, depending on the first byte:
//! `C` any component, `S` a strategy without WASI, `W` a strategy with it.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use orchestration_fuzz::{SHAPES, strategy};
use orchestration_tests::fuzz::loader;
use wasm_smith::{Component, Config, Module};

fuzz_target!(|data: &[u8]| -> Corpus {
    let input = match data.split_first() {
        Some((b'C', rest)) => component(rest),
        Some((b'S', rest)) => module(rest, &SHAPES[0]).and_then(strategy),
        Some((b'W', rest)) => module(rest, &SHAPES[1]).and_then(strategy),
        _ => Some(data.to_vec()),
    };
    match input {
        Some(bytes) => loader(&bytes),
        None => return Corpus::Reject,
    }
    Corpus::Keep
});

fn component(data: &[u8]) -> Option<Vec<u8>> {
    Some(Component::new(Config::default(), &mut Unstructured::new(data)).ok()?.to_bytes())
}

fn module(data: &[u8], shape: &[u8]) -> Option<Vec<u8>> {
    let config = Config {
        module_shape: Some(shape.to_vec()),
        max_memories: 4,
        allow_start_export: true,
        ..Config::default()
    };
    Some(Module::new(config, &mut Unstructured::new(data)).ok()?.to_bytes())
}
