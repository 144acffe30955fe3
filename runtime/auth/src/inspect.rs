//! Inspects a component before the user trusts it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orchestration_sandbox::{
    self as sandbox, Capability, ComponentFile, Description, Failure, Interface, Limits, LoadError,
    STORE_INTERFACE, Sandbox,
};
use orchestration_support::on_thread::on_thread;
use orchestration_support::redact;

use crate::error::ProviderError;
use crate::strategies::Registry;

/// What can be said about a component file without trusting it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: usize,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Its imports and exports, or why they can't be read.
    pub interface: Result<Interface, LoadError>,
    /// Its description of itself, or why it can't be used as a strategy.
    pub description: Result<Description, ProviderError>,
    /// How long it takes to start; `None` if it was compiled before, or its code can't be
    /// cached.
    pub first_start: Option<FirstStart>,
}

/// The first start of a component, which compiles it, and the next one, which takes the
/// code from the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FirstStart {
    /// How long the first start took, with a call.
    pub took: Duration,
    /// How long the next one takes, with a call. It was tried.
    pub next: Duration,
}

impl Inspection {
    /// Returns true if the component imports the interface of this capability.
    pub fn imports(&self, capability: Capability) -> bool {
        self.interface.as_ref().is_ok_and(|interface| interface.needs(capability))
    }

    /// Returns true if the component can keep a session, which needs no grant.
    pub fn keeps_session(&self) -> bool {
        let mut imports = self.interface.iter().flat_map(|interface| &interface.imports);
        imports.any(|import| import == STORE_INTERFACE)
    }
}

impl Registry {
    /// Inspects the component at `path`. Only its `describe` is run, under the default
    /// limits and with nothing granted.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Unusable`] if the file can't be read.
    pub async fn inspect(&self, path: &Path) -> Result<Inspection, ProviderError> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = redact::sanitize(&name, []);
        self.inspect_as(&name, path).await
    }

    /// Inspects the component at `path` under the limits that providers.toml already
    /// sets for the auth type `name`.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Unusable`] if the file can't be read.
    pub async fn inspect_as(&self, name: &str, path: &Path) -> Result<Inspection, ProviderError> {
        let with_name = |failure| ProviderError::Unusable {
            auth_type: name.to_owned(),
            failure: Box::new(failure),
        };
        let configured = self.entry(name);
        let limits = configured.map_or_else(Limits::default, |entry| entry.limits.clone());
        let sandbox = match configured {
            Some(entry) => self.sandbox(entry).await.map_err(with_name)?,
            None => self.default_sandbox(),
        };
        let (read, max_bytes) = (path.to_owned(), limits.component_bytes);
        let read = move || {
            let component = sandbox::read(&read, max_bytes)?;
            let interface = component.interface().map(Interface::sanitized);
            Ok((component, interface))
        };
        let read = on_thread("component", read).await;
        let read = read.map_err(|error| LoadError::of_thread(&error)).and_then(|read| read);
        let (component, interface) = read.map_err(|error| with_name(error.into()))?;
        let file = ComponentFile { path: path.to_owned(), sha256: component.sha256.clone() };
        let started = self.start(name, &file, &limits, sandbox).await.map_err(with_name);
        let (description, first_start) = match started {
            Ok((description, first_start)) => (Ok(description), first_start),
            Err(failure) => (Err(failure), None),
        };
        Ok(Inspection {
            path: file.path,
            bytes: component.size(),
            sha256: file.sha256,
            interface,
            description,
            first_start,
        })
    }

    /// Loads the component, and asks it what it is. If that had to compile it, does so once
    /// more to see how long it takes from now on.
    async fn start(
        &self,
        name: &str,
        file: &ComponentFile,
        limits: &Limits,
        sandbox: &Sandbox,
    ) -> Result<(Description, Option<FirstStart>), Failure> {
        let started = Instant::now();
        let (description, is_newly_cached) =
            self.describe_file(name, file, limits, sandbox).await?;
        let took = started.elapsed();
        if !is_newly_cached {
            return Ok((description, None));
        }
        let started = Instant::now();
        let again = self.describe_file(name, file, limits, sandbox).await;
        let first_start = again.ok().map(|_| FirstStart { took, next: started.elapsed() });
        Ok((description, first_start))
    }

    async fn describe_file(
        &self,
        name: &str,
        file: &ComponentFile,
        limits: &Limits,
        sandbox: &Sandbox,
    ) -> Result<(Description, bool), Failure> {
        let _loading = self.mark_loading(name);
        let strategy = sandbox.load_file(file, self.loading_with(limits)).await?;
        let description = self.ask_description(name, limits, &strategy).await?;
        Ok((description, strategy.is_newly_cached()))
    }
}
