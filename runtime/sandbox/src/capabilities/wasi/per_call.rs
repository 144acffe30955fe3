//! The WASI state of one call.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::ResourceTable;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::{WasiCtx, WasiCtxView};
use wasmtime_wasi_io::bytes::Bytes;

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
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&self.log.lock().bytes).into_owned()
    }

    /// Returns what has not been reported yet.
    pub(crate) fn log_since_reported(&self) -> Vec<u8> {
        let written = self.log.lock();
        written.bytes.get(written.reported..).unwrap_or_default().to_vec()
    }

    /// Marks `bytes` more as reported.
    pub(crate) fn reported(&self, bytes: usize) {
        self.log.lock().reported += bytes;
    }
}

/// Collects stdout and stderr in memory, up to a limit. Further output is dropped:
/// a strategy that logs too much should not fail because of that.
#[derive(Clone)]
struct Log(Arc<Mutex<Written>>);

struct Written {
    bytes: Vec<u8>,
    max_bytes: usize,
    reported: usize,
}

impl Log {
    fn new(max_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Written { bytes: Vec::new(), max_bytes, reported: 0 })))
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

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut written = self.lock();
        let room = written.max_bytes.saturating_sub(written.bytes.len()).min(bytes.len());
        written.bytes.extend(bytes.iter().take(room));
        Ok(())
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
