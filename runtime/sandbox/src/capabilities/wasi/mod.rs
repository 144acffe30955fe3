//! What a strategy gets of WASI 0.2.
//!
//! The toolchains of many languages make components that import WASI, whether the
//! program uses it or not. Refusing them would exclude those languages; giving them
//! what a command gets would undo the sandbox. So a component that imports WASI gets
//! an empty world: the granted variables as its environment, no arguments, no
//! directory to open a file in, closed stdin, output into a log of limited size,
//! clocks and random numbers. Sockets are not linked at all, and a component that
//! imports them is rejected before it is compiled.
//!
//! wasmtime's own implementation serves everything except the environment, whose
//! values are secrets: they are shared with wasmtime and wiped when the call ends,
//! as in the capability `environment`.

mod grant;
mod interface;
pub(crate) mod link;
mod per_call;

pub(crate) use interface::{is_allowed, is_wasi};
pub(crate) use per_call::{Wasi, lossy};
