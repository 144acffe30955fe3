//! What the host keeps for the capabilities during one call.

use super::environment::Values;
use super::files::Taken;
use super::http::Requests;
use super::secrets::Table;
use super::store::Loaded;
use super::wasi::Wasi;

/// What the host keeps during one call, a field per capability that keeps anything.
#[derive(Default)]
pub(crate) struct PerCall {
    pub(crate) environment: Values,
    pub(crate) files: Taken,
    pub(crate) http: Requests,
    pub(crate) secrets: Table,
    pub(crate) store: Loaded,
    /// Created when the strategy first uses WASI; most never do.
    pub(crate) wasi: Option<Box<Wasi>>,
}

impl PerCall {
    /// Returns every secret that the strategy was given, by name or as text.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        // Every field is named, so that a new one cannot be forgotten here. The secrets of
        // files, answers and the session are in the table.
        let Self { environment, files: _, http: _, secrets, store: _, wasi: _ } = self;
        environment.secrets().chain(secrets.texts())
    }
}
