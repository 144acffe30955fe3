//! What an agent is doing.

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// It waits to be asked.
    Idle,
    /// It was asked, and its answer has not been read to the end.
    Processing,
    /// It was shut down, for good.
    Terminated,
}
