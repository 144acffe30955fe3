//! The sandbox: runs auth strategies, and all that touches wasmtime.
//!
//! A strategy is someone else's code, run beside every secret of the process. It
//! gets an address space of its own, the interfaces of the contract it was
//! granted, and limits on everything it could use up. Each call gets a fresh
//! instance in a fresh store, so nothing of one resolution is left for the next,
//! and whatever goes wrong ends with that store.
//!
//! This crate knows the contract and nothing of profiles in providers.toml, of
//! providers, or of command lines. What can be granted is a *capability*, a
//! directory of [`capabilities`].

mod allocation;
mod answer;
mod audit;
mod bindings;
mod built_in;
mod cache;
mod call;
mod capabilities;
mod component_file;
mod config;
mod credential;
mod denial;
mod deserialize;
mod failure;
mod grants;
mod interface;
mod limits;
mod link;
mod load;
mod load_error;
mod meter;
mod nesting;
mod observation;
mod profile;
mod run;
mod runner;
mod sandbox;
mod state;
#[cfg(test)]
mod tests;
mod ticker;

pub use allocation::Allocation;
pub use answer::Description;
pub use audit::{AuditEvent, AuditRecord, Outcome, Subject, TARGET as AUDIT_TARGET};
pub use built_in::{BUILT_IN, BuiltIn};
pub use cache::{Cache, CacheInfo};
pub use call::Call;
pub use capabilities::environment::{Environment, is_variable_name};
pub use component_file::{ComponentBytes, ComponentFile, read};
pub use credential::{Credentials, Source};
pub use denial::Denial;
pub use failure::{ErrorKind, Failure};
pub use grants::{Capability, Grant, Grants};
pub use interface::{Interface, VERSION as CONTRACT_VERSION};
pub use limits::{Limit, Limits, RaisedLimit};
pub use link::Strategy;
pub use load_error::LoadError;
pub use observation::{Observation, Observer};
pub use profile::Profile;
pub use sandbox::Sandbox;
