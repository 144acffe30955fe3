//! What the host offers to strategies, one file an interface of the contract.

pub(super) mod environment;
