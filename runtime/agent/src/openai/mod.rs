//! Providers that speak OpenAI's protocol, as most do.

mod agent;
mod attempt;
mod connection;
mod provider;
mod retry;
mod translation;

pub use provider::OpenAiCompatibleProvider;
