//! `limits` of `[strategies.AUTH_TYPE]`.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use orchestration_sandbox::Limits;
use serde::Deserialize;

/// The limits that differ from their defaults. Each is a whole number from 1.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitChanges {
    deadline_ms: Option<NonZeroU32>,
    memory_mib: Option<NonZeroU16>,
    table_elements: Option<NonZeroU32>,
    instances: Option<NonZeroU16>,
    stack_kib: Option<NonZeroU16>,
    returned_bytes: Option<NonZeroU32>,
    returned_entries: Option<NonZeroU16>,
    hostcall_bytes: Option<NonZeroU32>,
    http_ms: Option<NonZeroU32>,
    http_requests: Option<NonZeroU16>,
    log_bytes: Option<NonZeroU32>,
    component_mib: Option<NonZeroU16>,
    compile_seconds: Option<NonZeroU16>,
    compile_mib: Option<NonZeroU16>,
}

impl LimitChanges {
    /// Returns the limits, with the default of each that is not set.
    pub(super) fn applied(self) -> Limits {
        let default = Limits::default();
        let large = |value: Option<NonZeroU32>| value.map(|value| value.get() as usize);
        let small = |value: Option<NonZeroU16>| value.map(|value| usize::from(value.get()));
        let mib = |value| small(value).map(|mib| mib << 20);
        let time = |ms: Option<NonZeroU32>| ms.map(|ms| Duration::from_millis(ms.get().into()));
        Limits {
            deadline: time(self.deadline_ms).unwrap_or(default.deadline),
            http: time(self.http_ms).unwrap_or(default.http),
            http_requests: small(self.http_requests).unwrap_or(default.http_requests),
            memory_bytes: mib(self.memory_mib).unwrap_or(default.memory_bytes),
            table_elements: large(self.table_elements).unwrap_or(default.table_elements),
            instances: small(self.instances).unwrap_or(default.instances),
            stack_bytes: small(self.stack_kib).map_or(default.stack_bytes, |kib| kib << 10),
            returned_bytes: large(self.returned_bytes).unwrap_or(default.returned_bytes),
            returned_entries: small(self.returned_entries).unwrap_or(default.returned_entries),
            hostcall_bytes: large(self.hostcall_bytes).unwrap_or(default.hostcall_bytes),
            log_bytes: large(self.log_bytes).unwrap_or(default.log_bytes),
            component_bytes: mib(self.component_mib).unwrap_or(default.component_bytes),
            compile_memory_bytes: mib(self.compile_mib).unwrap_or(default.compile_memory_bytes),
            compile: self
                .compile_seconds
                .map_or(default.compile, |seconds| Duration::from_secs(seconds.get().into())),
        }
    }
}
