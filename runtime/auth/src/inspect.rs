//! Looking at a component before trusting it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use orchestration_sandbox::{
    self as sandbox, Call, ComponentFile, Description, Failure, Grants, Interface, Limits,
    LoadError, Sandbox, Subject,
};
use orchestration_support::redact;

use crate::error::ProviderError;
use crate::registry::Registry;

/// What can be told of a component file without trusting it.
#[derive(Debug)]
pub struct Inspection {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: usize,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// What it imports and exports, or why that can't be read.
    pub interface: Result<Interface, LoadError>,
    /// What it says of itself, or why it can't be used as a strategy.
    pub description: Result<Description, ProviderError>,
}

impl Registry {
    /// Looks at the component at `path`. Of its code `describe` alone is run,
    /// under the default limits and with nothing granted.
    ///
    /// # Errors
    ///
    /// Fails where the file can't be read.
    pub async fn inspect(&self, path: &Path) -> Result<Inspection, ProviderError> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = redact::sanitize(&name, []);
        self.inspect_as(&name, path).await
    }

    /// The same, for a strategy that is to serve the auth type `name`: under
    /// the limits that providers.toml already has for it.
    ///
    /// # Errors
    ///
    /// Fails where the file can't be read.
    pub async fn inspect_as(&self, name: &str, path: &Path) -> Result<Inspection, ProviderError> {
        let with_name = |failure| ProviderError::Unusable {
            auth_type: name.to_owned(),
            failure: Box::new(failure),
        };
        let configured = self.entry(name);
        let limits = configured.map_or_else(Limits::default, |entry| entry.limits.clone());
        let sandbox = configured.map_or(Ok(self.default_sandbox()), |entry| self.sandbox(entry));
        let sandbox = sandbox.map_err(with_name)?;
        let component =
            sandbox::read(path, limits.component_bytes).map_err(|error| with_name(error.into()))?;
        let interface = component.interface().map(Interface::sanitized);
        let file = ComponentFile { path: path.to_owned(), sha256: component.sha256.clone() };
        let description =
            self.describe_file(name, &file, &limits, sandbox).await.map_err(with_name);
        Ok(Inspection {
            path: file.path,
            bytes: component.size(),
            sha256: file.sha256,
            interface,
            description,
        })
    }

    async fn describe_file(
        &self,
        name: &str,
        file: &ComponentFile,
        limits: &Limits,
        sandbox: &Sandbox,
    ) -> Result<Description, Failure> {
        let _shown = self.show_loading(name);
        let strategy = sandbox.load_file(file, limits, self.cache()).await?;
        let call = Arc::new(Call {
            subject: Subject { strategy: name.into(), profile: "-".into() },
            environment: self.environment(),
            explicit_key: None,
            grants: Grants::default(),
            limits: limits.clone(),
            observer: None,
        });
        strategy.describe(call).await
    }
}
