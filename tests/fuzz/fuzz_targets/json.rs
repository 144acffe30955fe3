//! The finder of values in JSON: see `tests/src/fuzz/json.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::json(data));
