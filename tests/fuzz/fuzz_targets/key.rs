//! The reader of private keys: see `tests/src/fuzz/tools.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::key(data));
