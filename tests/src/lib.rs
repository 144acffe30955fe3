//! Runs the product as a process, in an environment made for one test.
//!
//! [`Cli`] is the way in: a home folder of its own, no variable but those that
//! the test sets, and the executable that the sources make right now.
//!
//! A test that needs a tool of the machine asks [`tool_is_there`] first. Without
//! the tool it says so and passes, so that a checkout can be tested anywhere; the
//! gate sets `CI=true`, and there it fails.

// A harness that can't do its work has only one thing to say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;
mod cli;
pub mod fuzz;
pub mod guest;
pub mod metadata;
mod own_process;
pub mod server;
mod terminal;
mod tool;

pub use cli::{Cli, Outcome};
pub use own_process::in_own_process;
pub use terminal::{Screen, Terminal};
pub use tool::{skip, tool_is_there};

/// The profiles as they stand with nothing but `OPENAI_API_KEY` set, byte for
/// byte as the README and the design show them.
pub const STATUS_TABLE: &str = "\
Profile       Auth Type   Status       Source
──────────────────────────────────────────────────────
gemini        api_key     ✗ missing    GEMINI_API_KEY
local         api_key     ✓ valid      (no auth needed)
openai        api_key     ✓ valid      OPENAI_API_KEY
openrouter    api_key     ✗ missing    OPENROUTER_API_KEY
";
