//! The strategies of one host, by auth type.
//!
//! A [`Registry`] knows an [`entry`] for each auth type. [`loading`] reads and
//! compiles a strategy on its first use; [`info`] returns what is known about one.

mod entry;
mod info;
mod loading;
mod registry;

pub(crate) use entry::Entry;
pub use info::StrategyInfo;
pub use registry::{Registry, StrategyIdentity};
