//! The sandbox: runs auth strategies. Only this crate uses wasmtime.
//!
//! A strategy is someone else's code in a process full of secrets. It gets its own
//! address space, access to exactly what it was granted, and limits on everything that
//! it could use up. Each call gets a fresh instance in a fresh store, so no data leaks
//! from one call into the next, and whatever goes wrong ends with the store.
//!
//! This crate knows the contract in `wit/`. It knows nothing about providers.toml,
//! providers, or command lines. What can be granted is a [`Capability`]; each has a
//! directory in `capabilities/`, whose `mod.rs` explains how to add one.
//!
//! A [`Sandbox`] loads a [`Strategy`]; a [`Call`] says what one call of it may reach and
//! use up, and has an example.

mod allocation;
mod answer;
mod audit;
mod bindings;
mod built_in;
mod cache;
mod cache_trial;
mod call;
mod capabilities;
mod compile_stdin;
mod compiler;
mod component_file;
mod config;
mod credential;
mod denial;
mod deserialize;
mod failure;
mod footprint;
mod given;
mod grants;
mod interface;
mod limits;
mod link;
mod load;
mod load_error;
mod meter;
mod nesting;
mod observation;
mod platform;
mod profile;
mod provenance;
mod room;
mod run;
mod runner;
mod said;
mod sandbox;
mod sign_in;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod ticker;
mod turns;
mod wall_clock;

pub use allocation::Allocation;
pub use answer::Description;
pub use audit::{AuditEvent, AuditRecord, Exchange, Outcome, Subject, TARGET as AUDIT_TARGET};
pub use built_in::{BUILT_IN, BuiltIn, Keeps, Service};
pub use cache::Cache;
pub use call::Call;
pub use capabilities::environment::{Environment, is_variable_name};
pub use capabilities::files::{FileProblem, Files, GrantedFile, STORED_KEY, is_granted_path};
pub use capabilities::http::{
    HttpAnswer, HttpFault, HttpRequest, Transport, is_public_text, is_readable,
};
pub use capabilities::secrets::Origin as SecretOrigin;
pub use capabilities::store::{
    INTERFACE as STORE_INTERFACE, Kept, KeyringFault, Reservation, Session, SessionSecret,
    SessionStore, StoreFault,
};
pub use compile_stdin::compile_stdin;
pub use compiler::{CompileRequest, Compiler};
pub use component_file::{ComponentBytes, ComponentFile, read};
pub use credential::Credentials;
pub use denial::Denial;
pub use failure::{ErrorKind, Failure, Seen};
pub use given::Given;
pub use grants::{Capability, Grant, Grants};
pub use interface::{Interface, VERSION as CONTRACT_VERSION};
pub use limits::{Limit, Limits, RaisedLimit};
pub use link::Strategy;
pub use load::Loader;
pub use load_error::LoadError;
pub use observation::{Observation, Observer};
pub use profile::Profile;
pub use said::Said;
pub use sandbox::{NoSandbox, Sandbox};
pub use sign_in::{Code, Conversation, Page, Step};
pub use source::{Claim, Source, StatedSource};
pub use wall_clock::WallClock;
