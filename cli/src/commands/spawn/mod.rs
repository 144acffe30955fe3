//! `orchestration spawn`

mod answer;
mod command;
mod conversation;
mod error;

pub(crate) use command::SpawnArgs;
