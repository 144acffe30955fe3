//! Tries whether code can be cached, by caching some.

use std::io;

use crate::allocation::Allocation;
use crate::built_in::BUILT_IN;
use crate::cache::Cache;
use crate::deserialize::{OwnCode, deserialize};
use crate::limits::Limits;
use crate::sandbox::Sandbox;

impl Cache {
    /// Stores the code of a built-in strategy as that of any other is stored, checks and
    /// maps it, and removes it.
    ///
    /// # Errors
    ///
    /// Fails as [`check`](Self::check) does, with the error of the file system if nothing
    /// can be written, and with [`io::ErrorKind::Unsupported`] if what was written can't
    /// be mapped as code, e.g. because the file system is mounted `noexec`.
    pub fn try_out(&self) -> io::Result<()> {
        self.check()?;
        // Without a sandbox there is no code to cache, and the sandbox is the problem.
        let Ok(sandbox) = Sandbox::new(Limits::default().stack_bytes, Allocation::OnDemand) else {
            return Ok(());
        };
        let engine = &sandbox.runner.engine;
        let Ok(compiling) = sandbox.runner.compiling() else {
            return Ok(());
        };
        for built_in in BUILT_IN {
            let code = built_in.compiled(sandbox.runner.footprint);
            if deserialize(engine, OwnCode::embedded(code)).is_err() {
                continue;
            }
            let entry = self.entry(compiling, built_in.sha256);
            entry.try_store(code)?;
            let loaded = entry.try_load();
            let mapped = loaded.map(|code| deserialize(engine, OwnCode::cached(&code)).map(drop));
            entry.remove()?;
            return mapped?.map_err(|reason| {
                let reason = format!("its files can't be run ({:#})", reason.root_cause());
                io::Error::new(io::ErrorKind::Unsupported, reason)
            });
        }
        Ok(())
    }
}
