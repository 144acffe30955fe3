//! Linux, where the tests run, and macOS.

pub(crate) mod core_dumps;
pub(crate) mod end_signals;
pub(crate) mod file_size_limit;
pub(crate) mod files;
pub(crate) mod programs;
pub(crate) mod running;
pub(crate) mod secret_line;
pub(crate) mod texts;
