//! The redactor of texts: see `tests/src/fuzz/text.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_tests::fuzz::text(data));
