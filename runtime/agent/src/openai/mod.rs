//! Providers that speak the protocol of OpenAI, which most do.

mod agent;
mod attempt;
mod connection;
mod provider;
mod retry;
mod translation;

pub use provider::OpenAiCompatibleProvider;
