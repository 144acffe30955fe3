//! The reader of providers.toml: see `runtime/src/fuzz/providers_toml.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_runtime::fuzz::providers_toml(data));
