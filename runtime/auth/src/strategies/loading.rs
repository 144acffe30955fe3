//! Loads strategies on their first use.

use std::sync::Arc;
use std::time::Instant;

use orchestration_registry::ComponentStore;
use orchestration_sandbox::{
    Allocation, Call, Description, Failure, Grants, Limits, LoadError, Loader, Sandbox, Strategy,
    Subject,
};

use orchestration_support::on_thread::on_thread;

use super::entry::{Code, Entry, FailedAttempt, Loaded};
use super::registry::Registry;
use crate::component::Component;

impl Registry {
    /// Returns the strategy, ready to be called. The first call loads it; concurrent
    /// calls wait for that. A call after a failure that may pass tries again.
    pub(crate) async fn load<'a>(
        &'a self,
        auth_type: &str,
        entry: &'a Entry,
    ) -> Result<&'a Loaded, Failure> {
        if let Some(loaded) = entry.loaded.get() {
            return Ok(loaded);
        }
        let asked = Instant::now();
        let mut failed = entry.failed.lock().await;
        if let Some(loaded) = entry.loaded.get() {
            return Ok(loaded);
        }
        if let Some(failed) = failed.as_ref().filter(|failed| failed.answers(asked)) {
            return Err(failed.failure.clone());
        }
        let began = Instant::now();
        // Boxed, because every call would have room for it, and only the first needs it.
        match Box::pin(self.load_now(auth_type, entry)).await {
            Ok(loaded) => Ok(entry.loaded.get_or_init(|| loaded)),
            Err(failure) => {
                let attempt =
                    FailedAttempt { failure: failure.clone(), began, ended: Instant::now() };
                *failed = Some(attempt);
                Err(failure)
            }
        }
    }

    async fn load_now(&self, auth_type: &str, entry: &Entry) -> Result<Loaded, Failure> {
        let sandbox = self.sandbox(entry).await?;
        match &entry.code {
            Code::BuiltIn(built_in) => {
                let strategy = sandbox.load_built_in(*built_in)?;
                Ok(Loaded { strategy, description: None })
            }
            Code::Component(component) => {
                let _loading = self.mark_loading(auth_type);
                let loader = self.loading_with(&entry.limits);
                let strategy = load_component(sandbox, component, loader).await?;
                let description = self.ask_description(auth_type, &entry.limits, &strategy).await?;
                Ok(Loaded { strategy, description: Some(description) })
            }
        }
    }

    /// Returns the sandbox that the strategy runs in.
    pub(crate) async fn sandbox<'a>(&'a self, entry: &'a Entry) -> Result<&'a Sandbox, Failure> {
        if !entry.limits.need_own_sandbox() {
            return Ok(self.default_sandbox());
        }
        if let Some(sandbox) = entry.own_sandbox.get() {
            return Ok(sandbox);
        }
        let stack_bytes = entry.limits.stack_bytes;
        let new = move || Sandbox::new(stack_bytes, Allocation::OnDemand);
        let made = on_thread("sandbox", new).await.map_err(|error| LoadError::of_thread(&error))?;
        let sandbox = made.map_err(|error| match error.limit {
            Some(limit) => LoadError::System(limit),
            None => LoadError::Thread(error.to_string()),
        })?;
        Ok(entry.own_sandbox.get_or_init(|| sandbox))
    }

    /// Returns how a component with these limits is loaded.
    pub(crate) fn loading_with(&self, limits: &Limits) -> Loader {
        Loader {
            limits: limits.clone(),
            cache: self.cache().cloned(),
            compiler: self.compiler().cloned(),
        }
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
            files: self.files(),
            transport: None,
            sessions: None,
            explicit_key: None,
            grants: Grants::default(),
            limits: limits.clone(),
            clock: self.clock(),
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

/// Loads a component from its file, or from the store if it is published in a registry.
/// Nothing is fetched: a command that shows the status of credentials sends no requests.
async fn load_component(
    sandbox: &Sandbox,
    component: &Component,
    loader: Loader,
) -> Result<Strategy, LoadError> {
    let pinned = match component {
        Component::File(file) => return sandbox.load_file(file, loader).await,
        Component::Published(pinned) => pinned,
    };
    let absent = || LoadError::NotFetched { reference: pinned.reference.to_string() };
    let store = ComponentStore::for_current_user().ok_or_else(absent)?;
    match sandbox.load_file(&pinned.file_in(&store), loader).await {
        // A full disk, or someone who changed it: what is there is not the component.
        Err(LoadError::Read { .. } | LoadError::Digest { .. }) => Err(absent()),
        loaded => loaded,
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
