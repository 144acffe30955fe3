//! The memory that all calls of the process share.
//!
//! A limit for each call is no limit for a hundred of them. So the memory of strategies
//! is also counted over the whole process, and a call that would exceed the sum waits
//! until another has ended.
//!
//! Calls that hold some memory while they wait for more could wait for each other for
//! ever. So a call takes a small share first, which is enough for most strategies; when
//! it outgrows that, it gives the share back and takes all that its limit allows at once.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The memory that strategies may use in one process, in MiB.
const ROOM_MIB: u32 = 1024;

/// What a call takes first, in MiB.
const SHARE_MIB: u32 = 2;

static ROOM: Semaphore = Semaphore::const_new(ROOM_MIB as usize);

/// The room that one call holds.
#[derive(Default)]
pub(crate) struct Room(Option<SemaphorePermit<'static>>);

impl Room {
    /// Returns true if `bytes` fit into what the call holds.
    pub(crate) fn holds(&self, bytes: usize) -> bool {
        let held = self.0.as_ref().map_or(0, SemaphorePermit::num_permits);
        // More than everything is held by a call that runs alone.
        held == ROOM_MIB as usize || bytes <= held << 20
    }

    /// Waits for room for `bytes`, of at most `limit` bytes.
    pub(crate) async fn wait_for(&mut self, bytes: usize, limit: usize) {
        let is_small = self.0.take().is_none() && bytes <= (SHARE_MIB as usize) << 20;
        let whole = u32::try_from(limit.div_ceil(1 << 20)).unwrap_or(u32::MAX);
        let mib = if is_small { SHARE_MIB } else { whole.clamp(SHARE_MIB, ROOM_MIB) };
        // The semaphore is never closed, so this never fails.
        self.0 = ROOM.acquire_many(mib).await.ok();
    }
}
