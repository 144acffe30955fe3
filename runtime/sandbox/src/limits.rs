//! Limits on what one call may use up.

use std::time::Duration;

use crate::allocation::POOLED_MEMORY_BYTES;

/// Limits on what one call of a strategy may use up.
///
/// ```
/// use std::time::Duration;
///
/// use orchestration_sandbox::{Limit, Limits};
///
/// let limits = Limits { deadline: Duration::from_millis(500), ..Limits::default() };
/// assert_eq!(limits.memory_bytes, 64 << 20);
///
/// // A call that exceeds a limit fails with it, and the limit says how to raise it.
/// let raised = Limit::Deadline(limits.deadline).raised();
/// assert_eq!((raised.key, raised.value), ("deadline_ms", 1000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time from the creation of the instance to its answer, without the time in which
    /// others had its thread. With others in progress, a call that has used a twentieth of
    /// it takes at most eight times as long by the wall clock.
    pub deadline: Duration,
    /// Bytes of memory, summed over all memories of the component.
    pub memory_bytes: usize,
    /// Table elements, summed over all tables of the component.
    pub table_elements: usize,
    /// Core instances of the component. The same limit applies to its memories and to
    /// its tables.
    pub instances: usize,
    /// Bytes of names and secrets in one credential.
    pub returned_bytes: usize,
    /// Secrets in one credential.
    pub returned_entries: usize,
    /// Bytes that the strategy may pass to the host in one host call.
    pub hostcall_bytes: usize,
    /// Time that the strategy may wait for answers of servers, in all requests together.
    /// It is no part of the deadline.
    pub http: Duration,
    /// Requests that the strategy may send.
    pub http_requests: usize,
    /// Bytes of stack for the strategy's code.
    pub stack_bytes: usize,
    /// Bytes of output that are kept; the rest is dropped.
    pub log_bytes: usize,
    /// Size of the component in bytes.
    pub component_bytes: usize,
    /// Wall-clock time for compiling the component.
    pub compile: Duration,
    /// Bytes of memory for compiling it.
    pub compile_memory_bytes: usize,
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
            http: Duration::from_secs(10),
            http_requests: 8,
            stack_bytes: 512 << 10,
            log_bytes: 16 << 10,
            component_bytes: 64 << 20,
            compile: Duration::from_secs(60),
            compile_memory_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// Returns true if a strategy with these limits needs its own sandbox, because it has
    /// another stack size or may use more than a slot of the shared pool offers.
    pub fn need_own_sandbox(&self) -> bool {
        let shared = Self::default();
        self.stack_bytes != shared.stack_bytes
            || self.memory_bytes > POOLED_MEMORY_BYTES
            || self.table_elements > shared.table_elements
    }
}

/// A limit that a strategy exceeded, with the value of the limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// The call took too long.
    #[error("it ran longer than its deadline of {} ms", .0.as_millis())]
    Deadline(Duration),
    /// The call took too long, and was given less time than the deadline, which the
    /// strategy had just exceeded in other calls.
    #[error(
        "it exceeded its deadline of {} ms in other calls, and then the shorter one of this call",
        .0.as_millis()
    )]
    HalvedDeadline(Duration),
    /// The memories of the component grew too large.
    #[error("it asked for more than {} MiB of memory", .0 >> 20)]
    Memory(usize),
    /// The tables of the component grew too large.
    #[error("it asked for more than {0} table elements")]
    TableElements(usize),
    /// Its calls were nested too deeply.
    #[error("it used up its stack of {} KiB", .0 >> 10)]
    Stack(usize),
    /// The credential was too large.
    #[error("it returned more than {0} bytes")]
    ReturnedBytes(usize),
    /// The credential had too many secrets.
    #[error("it returned more than {0} secrets")]
    ReturnedEntries(usize),
    /// The component has too many core instances, memories or tables.
    #[error("it has more than {0} core instances, memories or tables")]
    Instances(usize),
    /// The component is too large.
    #[error("its component is larger than {} MiB", .0 >> 20)]
    Component(usize),
    /// Compiling the component took too long.
    #[error("compiling it took longer than {} s", .0.as_secs())]
    Compile(Duration),
    /// Compiling the component took too much memory.
    #[error("compiling it took more than {} MiB of memory", .0 >> 20)]
    CompileMemory(usize),
    /// The strategy passed too much to the host in one host call.
    #[error("it passed more than {0} bytes to the host in one call")]
    HostcallBytes(usize),
    /// The strategy waited too long for answers of servers.
    #[error("its requests took longer than {} ms", .0.as_millis())]
    HttpTime(Duration),
    /// The strategy sent too many requests.
    #[error("it sent more than {0} requests")]
    HttpRequests(usize),
}

// The largest values that providers.toml accepts.
const U16: u128 = u16::MAX as u128;
const U32: u128 = u32::MAX as u128;

/// A larger value for a limit, as it is written in providers.toml.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedLimit {
    /// The key in `limits = { … }`.
    pub key: &'static str,
    /// Twice the limit that was exceeded, or the largest value that the key accepts.
    pub value: u128,
}

impl Limit {
    /// Returns true if the same work may stay within the limit later: on a machine that
    /// is less busy, or once the file is another.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Deadline(_)
            | Self::HalvedDeadline(_)
            | Self::HttpTime(_)
            | Self::Compile(_)
            | Self::Component(_) => true,
            Self::Memory(_)
            | Self::TableElements(_)
            | Self::Stack(_)
            | Self::ReturnedBytes(_)
            | Self::ReturnedEntries(_)
            | Self::Instances(_)
            | Self::CompileMemory(_)
            | Self::HostcallBytes(_)
            | Self::HttpRequests(_) => false,
        }
    }

    /// Returns the key and the value that would raise this limit.
    pub fn raised(&self) -> RaisedLimit {
        let (key, value, most) = match self {
            Self::Deadline(time) | Self::HalvedDeadline(time) => {
                ("deadline_ms", time.as_millis(), U32)
            }
            Self::Memory(bytes) => ("memory_mib", (bytes >> 20) as u128, U16),
            Self::TableElements(elements) => ("table_elements", *elements as u128, U32),
            Self::ReturnedBytes(bytes) => ("returned_bytes", *bytes as u128, U32),
            Self::ReturnedEntries(entries) => ("returned_entries", *entries as u128, U16),
            Self::HostcallBytes(bytes) => ("hostcall_bytes", *bytes as u128, U32),
            Self::HttpTime(time) => ("http_ms", time.as_millis(), U32),
            Self::HttpRequests(count) => ("http_requests", *count as u128, U16),
            Self::Instances(count) => ("instances", *count as u128, U16),
            Self::Component(bytes) => ("component_mib", (bytes >> 20) as u128, U16),
            Self::CompileMemory(bytes) => ("compile_mib", (bytes >> 20) as u128, U16),
            Self::Compile(time) => ("compile_seconds", time.as_secs().into(), U16),
            Self::Stack(bytes) => ("stack_kib", (bytes >> 10) as u128, U16),
        };
        RaisedLimit { key, value: value.saturating_mul(2).min(most) }
    }
}
