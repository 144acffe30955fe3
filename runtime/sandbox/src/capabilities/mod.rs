//! What the host offers to strategies: one directory per capability.
//!
//! Each directory has the same inner shape:
//!
//! | file | content |
//! | --- | --- |
//! | `mod.rs` | what the capability is, and what it denies |
//! | `interface.rs` | the interface that a component imports |
//! | `grant.rs` | what a grant is, and its key in TOML |
//! | `link.rs` | the functions that the guest calls |
//! | `per_call.rs` | what the host keeps during one call |
//!
//! Denials and audit events are the same for every capability:
//! `State::grant` records both when a guest asks for something by name.
//!
//! `http` waits for something outside. It does so in `Clock::wait_elsewhere`, which gives
//! the turn of the call to others meanwhile, and has a limit of its own.
//!
//! `wasi` is the exception that offers nothing by name: it has no grants and no entry
//! in [`Capability`](crate::Capability), and a component that imports it is linked
//! separately, because most components never do.
//!
//! # Adding a capability
//!
//! 1. `wit/`: add the interface and import it in the world.
//! 2. `capabilities/NAME/`: add the directory with the five files above, and declare
//!    the module in `capabilities/mod.rs`. In `link.rs`, ask
//!    `State::grant(Capability::Name, interface, name)` before anything else and
//!    report the result with `State::asked`.
//! 3. `grants.rs`: add the variant to the list of capabilities. The compiler now names
//!    the matches that need an arm, each a call into the new directory:
//!    `Capability::toml_key`, `Capability::can_grant` and `Capability::interface` in
//!    `grants.rs`, and `Runner::new` in `runner.rs`, which links it. Which imports are
//!    allowed, denials, audit events and the line that would grant a denied name
//!    follow from these.
//! 4. `capabilities/per_call.rs`: if the host keeps something during a call, add a
//!    field. `PerCall::secrets` then does not compile until it lists the secrets in that
//!    field, which are redacted from everything that the strategy says.
//! 5. `runtime/auth/src/providers_toml/schema.rs`: read the TOML key, and turn its
//!    names into [`Grant`](crate::Grant)s in `runtime/auth/src/strategies/registry.rs`.
//! 6. `tests/tests/all/hostile/`: add a strategy that asks for what it was not
//!    granted, and to `tests/tests/all/grants.rs` a test that pastes the suggested
//!    line into providers.toml.

pub(crate) mod environment;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod per_call;
pub(crate) mod reveal;
pub(crate) mod secrets;
pub(crate) mod store;
pub(crate) mod wasi;
