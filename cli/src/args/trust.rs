//! The arguments of `trust`.

use clap::Args;

pub(super) const HELP: &str = "\
The nearest .orchestration/providers.toml, from the current folder upwards, lies
over your own providers.toml, but only as you have seen it: what is trusted is
its path and its SHA-256, so whoever changes it has to be trusted again. Until
then it is not even read as TOML. A file that you name with --config or
$ORCHESTRATION_CONFIG needs no trust, and takes the place of both.

Exit status: 0 it is trusted, 2 it is not

Examples:
  orchestration trust            show what it asks for, and ask
  orchestration trust --revoke   as if it had never been trusted";

/// What `trust` is asked.
#[derive(Debug, Args)]
pub(crate) struct TrustArguments {
    /// Trust it without being asked
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Trust it no more
    #[arg(long, conflicts_with = "yes")]
    pub(crate) revoke: bool,
}
