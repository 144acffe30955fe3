//! Strategies of every bad kind, made of text.
//!
//! No toolchain is at hand where the tests run, and none would make what is
//! wanted here: components that break every rule that a compiler keeps. So a
//! [`Guest`] is a core module in the text format, a well-behaved strategy of
//! which a test replaces the one part that it is about; `wit-component` makes a
//! component of it. What no core module can say is written as component text
//! and made with [`component`].
//!
//! # How the parts are written
//!
//! A body is the inside of a function of the canonical ABI. `describe` has no
//! parameter; the others have one, the address of the request. All but
//! `is-valid` return the address of their answer; [`Guest::place_answer`] and its
//! siblings put such answers into the module's data. The bodies may use
//!
//! | name | what |
//! | --- | --- |
//! | `$get` | `environment.get`: name, length, address of the answer |
//! | `$memory` | the memory; the data is in its first 64 KiB |
//! | `$heap` | a global: where `cabi_realloc` allocates next |
//! | `$scratch` | a global: 4096 free bytes |

mod answer;
mod binary;
mod builder;
mod component;
mod data;
mod host;
mod wasi;

pub use answer::{Answer, Export, Origin};
pub use binary::{leb, padded, section, with_instances};
pub use builder::Guest;
pub use component::component;
pub use host::{Host, digest, lines, runtime};
pub use wasi::WASI;

/// The interface that the contract imports.
pub const ENVIRONMENT: &str = "orchestration:auth/environment@0.1.0";

/// The interface that the contract exports.
pub const STRATEGY: &str = "orchestration:auth/strategy@0.1.0";

/// The secret of a guest that a test does not give another one.
pub const SECRET: &str = "sk-guest-0123456789abcdef";
