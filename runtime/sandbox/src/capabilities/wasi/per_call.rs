//! The WASI state of one call.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::{WasiCtx, WasiCtxView};
use wasmtime_wasi_io::bytes::Bytes;
use zeroize::{Zeroize, Zeroizing};

use crate::limits::Limits;

/// The most resources, such as streams and timers, that one call may have open.
const MAX_RESOURCES: usize = 256;

/// The WASI state of one call.
pub(crate) struct Wasi {
    ctx: WasiCtx,
    table: ResourceTable,
    log: Log,
}

impl Wasi {
    pub(crate) fn new(limits: &Limits) -> Self {
        let log = Log::new(limits.log_bytes);
        let mut ctx = WasiCtx::builder();
        ctx.stdout(log.clone())
            .stderr(log.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .max_random_size(limits.hostcall_bytes as u64);
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_RESOURCES);
        Self { ctx: ctx.build(), table, log }
    }

    pub(crate) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }

    /// Returns what the strategy has written so far.
    pub(crate) fn log(&self) -> Zeroizing<String> {
        lossy(&self.log.lock().bytes)
    }

    /// Returns what has not been reported yet.
    pub(crate) fn log_since_reported(&self) -> Zeroizing<Vec<u8>> {
        let written = self.log.lock();
        Zeroizing::new(written.bytes.get(written.reported..).unwrap_or_default().to_vec())
    }

    /// Marks `bytes` more as reported.
    pub(crate) fn reported(&self, bytes: usize) {
        self.log.lock().reported += bytes;
    }
}

/// Returns `bytes` as text, with a replacement for what is not Unicode.
pub(crate) fn lossy(bytes: &[u8]) -> Zeroizing<String> {
    // A string that grows leaves copies behind, and no replacement is longer than three
    // times what it replaces.
    let mut text = Zeroizing::new(String::with_capacity(3 * bytes.len()));
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Collects stdout and stderr in memory, up to a limit. Further output is dropped:
/// a strategy that logs too much should not fail because of that.
#[derive(Clone)]
struct Log(Arc<Mutex<Written>>);

struct Written {
    /// A strategy may print a secret, so no copy is left behind unwiped.
    bytes: Zeroizing<Vec<u8>>,
    max_bytes: usize,
    reported: usize,
}

impl Written {
    /// Appends as much of `bytes` as there is room for.
    fn append(&mut self, bytes: &[u8]) {
        let room = self.max_bytes.saturating_sub(self.bytes.len());
        let bytes = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        let length = self.bytes.len() + bytes.len();
        if length > self.bytes.capacity() {
            // Dropping the old vector wipes it, which growing it would not.
            let mut larger = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(bytes);
    }
}

impl Log {
    fn new(max_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Written { bytes: Zeroizing::default(), max_bytes, reported: 0 })))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    /// Required for WASI 0.3, which is not linked.
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.lock().append(&bytes);
        // wasmtime has copied them for this call only.
        if let Ok(mut bytes) = bytes.try_into_mut() {
            bytes.as_mut().zeroize();
        }
        Ok(())
    }

    /// Always has room. The default would hold on to `bytes`, so that they could not be
    /// wiped.
    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(4096)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}
