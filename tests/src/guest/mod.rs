//! Strategies that misbehave in every way, built from text.
//!
//! Tests run without a WebAssembly toolchain, and no toolchain would produce what they
//! need: components that break every rule that a compiler follows. So a [`Guest`] is a
//! core module in the text format, a well-behaved strategy of which a test replaces the
//! one part that matters; `wit-component` turns it into a component. What a core module
//! cannot express is written as component text and built with [`component`].
//!
//! # How to write the parts
//!
//! A body is the inside of a function of the canonical ABI. `describe` has no parameter;
//! the others have one, the address of the request. All but `is-valid` return the address
//! of their result; [`Guest::place_answer`] and similar functions add such results to the
//! module's data. The secrets of an answer are made after the body of `get-credentials`,
//! from its data. A body may use
//!
//! | name | meaning |
//! | --- | --- |
//! | `$get` | `environment.get`: address and length of the name, address of the result |
//! | `$take` | `environment.take`: the same with address and length of a secret's name after those of the variable |
//! | `$file` | `files.take`, if the guest [takes a file](Guest::file): like `$take` |
//! | `$send` | `http.send`, if the guest [sends](Guest::send): addresses of the request and of the result |
//! | `$load`, `$save`, `$forget` | the functions of `store`, if the guest [stores](Guest::stores) |
//! | `$text` | `reveal.text`, if the guest [reveals](Guest::reveals): like `$get` |
//! | `$concat` | `secrets.concat`: address and length of the parts, and of the name, address of the result |
//! | `$pick`, `$claims`, `$base64`, `$random`, `$sign` | the other [tools](Guest::tools): see [`Guest::tool`] |
//! | `$memory` | the memory, with the data in its first 64 KiB |
//! | `$heap` | a global: the address of the next allocation of `cabi_realloc` |
//! | `$scratch` | a global: the address of 4096 free bytes |

mod answer;
mod binary;
mod builder;
mod component;
mod data;
mod host;
mod http;
mod store;
mod tools;
mod wasi;

pub use answer::{Answer, Export, Origin};
pub use binary::{leb, padded, section, with_instances};
pub use builder::Guest;
pub use component::component;
pub use host::{Host, digest, lines, runtime};
pub use http::{Part, Sends};
pub use store::Saves;
pub use tools::{Piece, Tool, file_outcomes, outcomes};
pub use wasi::WASI;

/// The interface that the contract imports.
pub const ENVIRONMENT: &str = "orchestration:auth/environment@0.2.0";

/// The interface of the contract that takes files.
pub const FILES: &str = "orchestration:auth/files@0.2.0";

/// The interface of the contract that sends requests.
pub const HTTP: &str = "orchestration:auth/http@0.2.0";

/// The interface of the contract that keeps a session.
pub const STORE: &str = "orchestration:auth/store@0.2.0";

/// The interface of the contract that works on secrets.
pub const SECRETS: &str = "orchestration:auth/secrets@0.2.0";

/// The interface of the contract that shows them.
pub const REVEAL: &str = "orchestration:auth/reveal@0.2.0";

/// The interface that the contract exports.
pub const STRATEGY: &str = "orchestration:auth/strategy@0.2.0";

/// The secret that a guest returns unless a test replaces it.
pub const SECRET: &str = "sk-guest-0123456789abcdef";
