//! What an agent is doing.

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// It is ready for the next message.
    Idle,
    /// It is answering: the answer has not been read to its end.
    Processing,
    /// It was shut down for good.
    Terminated,
}
