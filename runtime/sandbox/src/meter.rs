//! Counts what one call uses up, and stops it at its limits.

use std::sync::Arc;

use async_trait::async_trait;
use wasmtime::{ResourceLimiter, ResourceLimiterAsync};

use crate::failure::system_limit;
use crate::limits::{Limit, Limits};
use crate::room::Room;
use crate::turns::Clock;

/// Counts what the instances of one call use up.
pub(crate) struct Meter {
    memory_limit: usize,
    table_limit: usize,
    instance_limit: usize,
    memory_bytes: usize,
    table_elements: usize,
    room: Room,
    clock: Arc<Clock>,
}

impl Meter {
    pub(crate) fn new(limits: &Limits, clock: Arc<Clock>) -> Self {
        Self {
            memory_limit: limits.memory_bytes,
            table_limit: limits.table_elements,
            instance_limit: limits.instances,
            memory_bytes: 0,
            table_elements: 0,
            room: Room::default(),
            clock,
        }
    }

    pub(crate) fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

/// Exceeding a limit ends the call. If growing merely failed, the strategy would fail in
/// its own way, and no one could see why. Growth is summed over all memories: with a
/// limit per memory, a strategy could use any number of them.
///
/// A built-in strategy is asked nothing more. It needs so little memory that it never waits
/// for any, and each question to the limiter below allocates: a fortieth of a resolution in
/// all.
impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory_bytes = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        within(self.memory_bytes, self.memory_limit, Limit::Memory)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if system_limit(&error).is_some() { Err(error) } else { Ok(()) }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.table_elements = self.table_elements.saturating_add(desired.saturating_sub(current));
        within(self.table_elements, self.table_limit, Limit::TableElements)
    }

    fn instances(&self) -> usize {
        self.instance_limit
    }

    fn tables(&self) -> usize {
        self.instance_limit
    }

    fn memories(&self) -> usize {
        self.instance_limit
    }
}

fn within(used: usize, most: usize, limit: fn(usize) -> Limit) -> wasmtime::Result<bool> {
    if used > most { Err(limit(most).into()) } else { Ok(true) }
}

/// The same for a strategy from a file, which may have to wait for memory.
#[async_trait]
impl ResourceLimiterAsync for Meter {
    async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grows = ResourceLimiter::memory_growing(self, current, desired, most)?;
        if !self.room.holds(self.memory_bytes) {
            let room = self.room.wait_for(self.memory_bytes, self.memory_limit);
            self.clock.wait_for(room).await;
        }
        Ok(grows)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        ResourceLimiter::memory_grow_failed(self, error)
    }

    async fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        ResourceLimiter::table_growing(self, current, desired, most)
    }

    fn instances(&self) -> usize {
        ResourceLimiter::instances(self)
    }

    fn tables(&self) -> usize {
        ResourceLimiter::tables(self)
    }

    fn memories(&self) -> usize {
        ResourceLimiter::memories(self)
    }
}
