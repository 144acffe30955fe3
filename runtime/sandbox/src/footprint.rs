//! Chooses how much an engine takes of the system.

use orchestration_support::{LimitedResource, SystemLimit};

use crate::config::Footprint;

impl Footprint {
    /// Returns the footprint that suits the limits of this process.
    ///
    /// Usually an engine reserves gigabytes of addresses that it never uses, which
    /// nothing counts but a limit on addresses, and writes to files in memory, which
    /// nothing bounds but a limit on file size.
    pub(crate) fn of_this_process() -> Self {
        let limited = [LimitedResource::AddressSpace, LimitedResource::FileSize];
        if limited.into_iter().any(|resource| SystemLimit::of(resource).is_some()) {
            return Self::Small;
        }
        Self::Usual
    }
}
