//! The scrubber of texts: see `runtime/src/fuzz/text.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestration_runtime::fuzz::text(data));
