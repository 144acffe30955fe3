//! What `wit/` says, as Rust, made by wasmtime's macro. No type of this module
//! leaves the sandbox: they hold secrets as plain strings and print them.
#![allow(missing_docs, unreachable_pub)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "auth-strategy",
    ownership: Borrowing { duplicate_if_necessary: true },
    exports: { default: async },
});
