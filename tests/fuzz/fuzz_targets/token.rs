//! The reader of tokens: see `tests/src/fuzz/tools.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::token(data));
