//! Allocation of the memory, tables and stack of an instance.
//!
//! Every call gets a fresh instance. Getting its memory from the operating system
//! costs more than the call itself: pages are mapped, faulted in one by one and
//! unmapped, and because that changes the address space of the whole process,
//! threads that resolve at the same time wait for each other. A long-lived host
//! keeps the memory in a pool instead: mapped once, wiped after each call. Setting up
//! the pool takes a moment, which a process that makes four calls and exits would
//! never earn back. So the embedder chooses.

use wasmtime::{Enabled, PoolingAllocationConfig};

/// How instances of strategies get their memory, tables and stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Allocation {
    /// From the operating system for each call. Suits a process that makes a few
    /// calls and exits.
    #[default]
    OnDemand,
    /// From a pool that is set up once. Suits a host that is long-lived or makes many
    /// calls. A strategy that does not fit into the pool, or whose limits exceed it,
    /// is still allocated on demand.
    Pooling,
}

/// The most concurrent calls; further ones wait for a slot.
pub(crate) const POOLED_CALLS: u32 = 1000;

/// The most concurrent calls in a process whose addresses or files are limited.
pub(crate) const SMALL_CALLS: u32 = 16;

/// The most bytes that the memory of a pooled instance can grow to: all that a 32-bit
/// program can address. wasmtime reserves this much address space anyway, so that
/// compiled code need not check every access.
pub(crate) const POOLED_MEMORY_BYTES: usize = 4 << 30;

/// The most tables of a pooled component. A component made from one core module has
/// two: its own, and the one through which its imports are linked.
const TABLES: u32 = 4;

/// The bytes of an instance's memory that stay mapped and are wiped by us. Pages
/// beyond this are returned to the operating system.
const RESIDENT_BYTES: usize = 256 << 10;

/// Returns the settings of a pool for strategies under the default
/// [`Limits`](crate::Limits). A limit must be hit at the same point, with the same
/// message, inside the pool and outside.
pub(crate) fn pool(table_elements: usize) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(POOLED_CALLS)
        // The limits of each call already bound these.
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
        // Asking the kernel which pages were written takes longer than wiping the
        // few pages of a small strategy.
        .pagemap_scan(Enabled::No);
    pool
}
