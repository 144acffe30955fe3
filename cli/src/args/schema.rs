//! The arguments of `schema`.

use clap::ValueEnum;

pub(super) const HELP: &str = "\
The format has a version, which every document carries. It is raised when a
field goes or means something else; new fields may come at any time.

Exit status: 0

Examples:
  orchestration schema status
  orchestration schema status-line";

/// What is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// `--format json` of `auth status` and `auth check`
    Status,
    /// One line of their `--format jsonl`
    StatusLine,
}
