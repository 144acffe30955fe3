//! Where the memory, the tables and the stack of an instance come from.
//!
//! Every call gets a fresh instance. Asking the operating system for its parts
//! costs more than the call itself: pages are mapped, faulted in one by one and
//! unmapped, and since that changes the address space of the whole process, two
//! threads that resolve at once wait for each other. A host that lives long
//! keeps the parts in a pool instead: mapped once, wiped after each call. The
//! pool takes a moment to set up, which a process that makes four calls and ends
//! would never earn back. So whoever embeds the runtime says which it is.

use wasmtime::{Enabled, PoolingAllocationConfig};

/// How the instances of strategies get what they are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Allocation {
    /// From the operating system, anew for every call: for a process that makes
    /// a few calls and ends.
    #[default]
    OnDemand,
    /// From a pool that is set up once, for a host that lives long or makes
    /// many calls. A strategy that does not fit into the pool, or is allowed
    /// more than the pool has, is served on demand all the same.
    Pooling,
}

/// The most calls that are under way at once; others wait for their turn.
pub(crate) const POOLED_CALLS: u32 = 1000;

/// What the memory of a pooled instance can grow to, in bytes: all that there is
/// to the memory of a 32-bit program. The address space for it is set aside
/// anyway, so that its code need not check every access.
pub(crate) const POOLED_MEMORY_BYTES: usize = 4 << 30;

/// The tables that a component of the pool may have. One that was made of a
/// core module has two: its own, and that of the imports which it is linked by.
const TABLES: u32 = 4;

/// The memory of an instance that stays mapped and is wiped by hand, in bytes.
/// What a larger one has touched beyond this goes back to the operating system.
const RESIDENT_BYTES: usize = 256 << 10;

/// A pool that holds strategies under the limits of
/// [`Limits::default`](super::Limits), whatever they do with them: a limit must
/// be hit at the same place, and in the same words, in the pool and outside.
pub(crate) fn pool(table_elements: usize) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(POOLED_CALLS)
        // Counted by the limits of a call; here they would only be in its way.
        .total_core_instances(u32::MAX)
        .total_memories(POOLED_CALLS)
        .max_memories_per_component(1)
        .max_memory_size(POOLED_MEMORY_BYTES)
        .total_tables(POOLED_CALLS * TABLES)
        .max_tables_per_component(TABLES)
        .max_tables_per_module(TABLES)
        .table_elements(table_elements)
        .total_stacks(POOLED_CALLS)
        .linear_memory_keep_resident(RESIDENT_BYTES)
        .table_keep_resident(4096)
        // Asking the kernel which pages were written costs more than wiping the
        // few that a small strategy has.
        .pagemap_scan(Enabled::No);
    pool
}
