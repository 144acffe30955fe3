//! Runs the product as a process, in an environment created for one test.
//!
//! Start with [`Cli`]: its own home directory, only the variables that the test sets, and
//! an executable that is built from the current sources.
//!
//! A test that needs a tool of the machine checks [`tool_is_there`] first. Without the
//! tool, the test prints that it is skipped and passes, so that a checkout can be tested
//! anywhere. With `CI=true`, it fails instead.

// A test harness reports its own failures by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod ask;
pub mod background;
mod binary;
pub mod broker;
mod cli;
pub mod envoy;
pub mod exchange;
pub mod fault;
pub mod fuzz;
pub mod guest;
pub mod identity;
pub mod keyring;
pub mod memory;
pub mod metadata;
pub mod models;
mod own_process;
pub mod port;
pub mod process_memory;
pub mod registry;
pub mod server;
mod socks;
mod terminal;
mod tool;
mod used;

pub use cli::{Cli, Outcome};
pub use own_process::{in_own_process, in_own_process_with};
pub use port::free_port;
pub use terminal::{Screen, Terminal};
pub use tool::{cannot_run, client, deployed, independent, skip, tool_is_there};
pub use used::Used;

/// The output of `auth status` if only `OPENAI_API_KEY` is set, byte for byte as in the
/// README.
pub const STATUS_TABLE: &str = "\
Profile       Auth Type   Status       Source
──────────────────────────────────────────────────────
gemini        api_key     ✗ missing    GEMINI_API_KEY
local         api_key     ✓ valid      (no auth needed)
openai        api_key     ✓ valid      OPENAI_API_KEY
openrouter    api_key     ✗ missing    OPENROUTER_API_KEY
";
