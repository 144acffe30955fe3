//! The parser of providers.toml: see `tests/src/fuzz/providers_toml.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::providers_toml(data));
