//! What one call may use up.

use std::time::Duration;

use crate::allocation::POOLED_MEMORY_BYTES;

/// What one call of a strategy may use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time, from the start of the instance to the answer.
    pub deadline: Duration,
    /// Bytes of memory, added up over all memories of the component.
    pub memory_bytes: usize,
    /// Elements, added up over all tables of the component.
    pub table_elements: usize,
    /// Core instances that the component is made of; as many memories, and as
    /// many tables.
    pub instances: usize,
    /// Bytes of names and secrets in one credential.
    pub returned_bytes: usize,
    /// Secrets in one credential.
    pub returned_entries: usize,
    /// Bytes that the strategy may pass to the host in one call between them.
    pub hostcall_bytes: usize,
    /// Bytes of stack for the strategy's code.
    pub stack_bytes: usize,
    /// Bytes of output that go into the log; what comes after is dropped.
    pub log_bytes: usize,
    /// Bytes of the component.
    pub component_bytes: usize,
    /// Wall-clock time for compiling it.
    pub compile: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(5),
            memory_bytes: 64 << 20,
            table_elements: 100_000,
            instances: 100,
            returned_bytes: 64 << 10,
            returned_entries: 32,
            hostcall_bytes: 1 << 20,
            stack_bytes: 512 << 10,
            log_bytes: 16 << 10,
            component_bytes: 64 << 20,
            compile: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// Returns true if they allow what the shared sandbox does not have: another
    /// stack, or more than a slot of its pool holds.
    pub fn need_own_sandbox(&self) -> bool {
        let shared = Self::default();
        self.stack_bytes != shared.stack_bytes
            || self.memory_bytes > POOLED_MEMORY_BYTES
            || self.table_elements > shared.table_elements
    }
}

/// A limit that a strategy ran into, with the value that it had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// The call took too long.
    #[error("it ran longer than its deadline of {} ms", .0.as_millis())]
    Deadline(Duration),
    /// The memories of the component grew too large.
    #[error("it asked for more than {} MiB of memory", .0 >> 20)]
    Memory(usize),
    /// The tables of the component grew too large.
    #[error("it asked for more than {0} table elements")]
    TableElements(usize),
    /// Its calls went too deep.
    #[error("it used up its stack of {} KiB", .0 >> 10)]
    Stack(usize),
    /// The credential was too large.
    #[error("it answered with more than {0} bytes")]
    ReturnedBytes(usize),
    /// The credential had too many secrets.
    #[error("it answered with more than {0} secrets")]
    ReturnedEntries(usize),
    /// It is made of too many parts.
    #[error("it is made of more than {0} core instances, memories or tables")]
    Instances(usize),
    /// Its file is too large.
    #[error("its component is larger than {} MiB", .0 >> 20)]
    Component(usize),
    /// Compiling it took too long.
    #[error("compiling it took longer than {} s", .0.as_secs())]
    Compile(Duration),
    /// It passed too much to the host at once.
    #[error("it passed more than {0} bytes to the host in one call")]
    HostcallBytes(usize),
}

/// The largest values that providers.toml accepts.
const U16: u128 = u16::MAX as u128;
const U32: u128 = u32::MAX as u128;

/// A limit with a larger value, as providers.toml has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedLimit {
    /// The key in `limits = { … }`.
    pub key: &'static str,
    /// Twice the value that was hit, or the largest that the key takes.
    pub value: u128,
}

impl Limit {
    /// Returns the key and the value that would raise this limit.
    pub fn raised(&self) -> RaisedLimit {
        let (key, value, most) = match self {
            Self::Deadline(time) => ("deadline_ms", time.as_millis(), U32),
            Self::Memory(bytes) => ("memory_mib", (bytes >> 20) as u128, U16),
            Self::TableElements(elements) => ("table_elements", *elements as u128, U32),
            Self::ReturnedBytes(bytes) => ("returned_bytes", *bytes as u128, U32),
            Self::ReturnedEntries(entries) => ("returned_entries", *entries as u128, U16),
            Self::HostcallBytes(bytes) => ("hostcall_bytes", *bytes as u128, U32),
            Self::Instances(count) => ("instances", *count as u128, U16),
            Self::Component(bytes) => ("component_mib", (bytes >> 20) as u128, U16),
            Self::Compile(time) => ("compile_seconds", time.as_secs().into(), U16),
            Self::Stack(bytes) => ("stack_kib", (bytes >> 10) as u128, U16),
        };
        RaisedLimit { key, value: value.saturating_mul(2).min(most) }
    }
}
