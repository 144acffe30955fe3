//! The help of `doctor`.

pub(super) const HELP: &str = "\
Looks at the version, providers.toml and who can write it, the file of the
project, the cache of compiled code, the sandbox, every strategy and the proxy
settings. Below each thing that is wrong stands what mends it.

Exit status: 0 all is well, 2 something around is wrong, 3 a strategy can't be
loaded

Examples:
  orchestration doctor
  orchestration doctor --config ./providers.toml";
