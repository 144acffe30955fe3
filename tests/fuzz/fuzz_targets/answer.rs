//! The answer of a server: see `tests/src/fuzz/answer.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::answer(data));
