//! Providers that speak the protocol of OpenAI, which most do.

mod agent;
mod connection;
mod provider;
mod translation;

pub use provider::OpenAiCompatibleProvider;
