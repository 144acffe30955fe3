//! `orchestration serve`

mod command;
mod configured;
mod listen;
mod log;
mod pass_file;
mod running;
mod upstreams;

pub(crate) use command::ServeArgs;
