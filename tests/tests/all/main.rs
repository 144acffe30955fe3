//! What the product promises, tested through the front door: one module a subject.
//!
//! All of them are one executable, since each would link the whole runtime. So the
//! tests are threads of one process: a test that measures or changes its process
//! runs in one of its own, see `orchestration_tests::in_own_process`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod action;
mod agent;
mod agents;
mod broker;
mod browser;
mod cache;
mod check;
mod check_for_authors;
mod clients;
mod compiler;
mod completions;
mod config;
mod conformance;
mod contract;
mod credential_helper;
mod debug;
mod dependencies;
mod doctor;
mod doctor_sessions;
mod documented;
mod dumps;
mod envoy;
mod exec;
mod explain;
mod exposed;
mod footprint;
mod gateway;
mod grants;
mod guest_memory;
mod hostile;
mod http;
mod independent;
mod init;
mod key;
mod key_files;
mod keyring;
mod kubernetes;
mod lasting;
mod layers;
mod leases;
mod limits;
mod login;
mod meanings;
mod memory;
mod openrouter;
mod overwriting;
mod pool;
mod profile;
mod project;
mod projects;
mod provenance;
mod proxy;
mod race;
mod reference;
mod registry;
mod release;
mod remedies;
mod render;
mod renewal_faults;
mod report;
mod resolution;
mod run;
mod secrets;
mod sessions;
mod sign_in;
mod spawn;
mod status;
mod stored_key;
mod strategy;
mod system_limits;
mod terminal;
mod token;
mod tools;
mod trust;
mod turns;
mod urls;
mod usage;
mod variables;
mod verify;
mod wasi;
mod watch;
mod workload;

#[global_allocator]
static ALLOCATOR: orchestration_tests::memory::Allocator =
    orchestration_tests::memory::Allocator::new();
