//! Loads strategies on their first use.

use std::sync::Arc;

use orchestration_sandbox::{
    Allocation, Call, Description, Failure, Grants, Limits, LoadError, Sandbox, Strategy, Subject,
};

use super::entry::{Code, Entry, Loaded};
use super::registry::Registry;

impl Registry {
    /// Returns the strategy, ready to be called. The first call loads it; concurrent
    /// calls wait for that.
    pub(crate) async fn load<'a>(
        &'a self,
        auth_type: &str,
        entry: &'a Entry,
    ) -> Result<&'a Loaded, Failure> {
        let loaded = entry.loaded.get_or_init(|| self.load_now(auth_type, entry)).await;
        loaded.as_ref().map_err(Clone::clone)
    }

    async fn load_now(&self, auth_type: &str, entry: &Entry) -> Result<Loaded, Failure> {
        let sandbox = self.sandbox(entry)?;
        match &entry.code {
            Code::BuiltIn(built_in) => {
                let strategy = sandbox.load_built_in(*built_in)?;
                Ok(Loaded { strategy, description: None })
            }
            Code::File(file) => {
                let _loading = self.mark_loading(auth_type);
                let strategy =
                    sandbox.load_file(file, &entry.limits, self.cache(), self.compiler()).await?;
                let description = self.ask_description(auth_type, &entry.limits, &strategy).await?;
                Ok(Loaded { strategy, description: Some(description) })
            }
        }
    }

    /// Returns the sandbox that the strategy runs in.
    pub(crate) fn sandbox<'a>(&'a self, entry: &'a Entry) -> Result<&'a Sandbox, Failure> {
        if !entry.limits.need_own_sandbox() {
            return Ok(self.default_sandbox());
        }
        if let Some(sandbox) = entry.own_sandbox.get() {
            return Ok(sandbox);
        }
        let sandbox =
            Sandbox::new(entry.limits.stack_bytes, Allocation::OnDemand).map_err(|error| {
                match error.limit {
                    Some(limit) => LoadError::System(limit),
                    None => LoadError::Thread(error.to_string()),
                }
            })?;
        Ok(entry.own_sandbox.get_or_init(|| sandbox))
    }

    /// Calls `describe` of the strategy, which is granted nothing for that.
    pub(crate) async fn ask_description(
        &self,
        auth_type: &str,
        limits: &Limits,
        strategy: &Strategy,
    ) -> Result<Description, Failure> {
        let call = Arc::new(Call {
            subject: Subject { strategy: auth_type.into(), profile: "-".into() },
            environment: self.environment(),
            explicit_key: None,
            grants: Grants::default(),
            limits: limits.clone(),
            observer: None,
        });
        strategy.describe(call).await
    }

    /// Lists a strategy in [`loading`](Self::loading) until the guard is dropped.
    pub(crate) fn mark_loading(&self, name: &str) -> Loading<'_> {
        self.in_progress().insert(name.to_owned());
        Loading { registry: self, name: name.to_owned() }
    }
}

/// Lists a strategy as being loaded until it is dropped.
pub(crate) struct Loading<'a> {
    registry: &'a Registry,
    name: String,
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.registry.in_progress().remove(&self.name);
    }
}
