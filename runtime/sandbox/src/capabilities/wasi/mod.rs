//! What a strategy gets of WASI 0.2.
//!
//! The toolchains of many languages make components that import WASI, whether the
//! program uses it or not. Refusing them would shut those languages out; giving
//! them what a command gets would undo the sandbox. So a component that imports
//! WASI gets an empty world: the granted variables as its environment, no
//! arguments, no directory from which a file could be opened, closed stdin, output
//! into a log of limited size, clocks and random numbers. Sockets are not linked
//! at all, and a component that imports them is refused before it is compiled.
//!
//! There is nothing to grant: what it gets is the same for every strategy, and the
//! variables are those of the capability `environment`. wasmtime's own
//! implementation serves everything except these, since they hold secrets: as with
//! our own interface, they are lent and wiped.

mod context;
mod interface;
pub(crate) mod link;

pub(crate) use context::Wasi;
pub(crate) use interface::{INTERFACES, is_wasi};
