//! The reader of session files: see `tests/src/fuzz/session.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::session(data));
