//! The file that Envoy reads a secret from.
//!
//! Envoy starts only if the file exists, and looks at it again only if something is moved to
//! its path. A secret whose text is empty counts as none, while Envoy keeps the last secret of
//! a file that is removed. So the file is there from the start, is replaced as a whole, and a
//! key that is gone is replaced by an empty text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use orchestration_runtime::{
    Readers, Secret, check_owner_only, directory_for, replace_kept_as, sanitize_path,
};
use serde_json::json;

use crate::error::CliError;
use crate::remedy;
use crate::watched_files::FileState;

/// Creates the directory of the files, or checks that no one else can write to it: they could
/// make Envoy send another key.
pub(super) fn open_directory(path: &Path, readers: Readers) -> Result<(), CliError> {
    let open = || {
        directory_for(path, readers)?;
        let found = fs::symlink_metadata(path)?;
        check_owner_only(path, &found)?;
        if found.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
    };
    open().map_err(|error| unwritable(path, &error))
}

/// A file with one secret.
pub(super) struct SecretFile {
    path: PathBuf,
    name: String,
    readers: Readers,
    /// What is in it, and how the file was when that was written.
    written: Option<(Secret, FileState)>,
}

impl SecretFile {
    /// Returns the file in `directory` with the secret of this name.
    pub(super) fn new(directory: &Path, name: &str, readers: Readers) -> Self {
        let path = directory.join(format!("{name}.json"));
        Self { path, name: name.to_owned(), readers, written: None }
    }

    /// Returns true if there is a file.
    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Returns its path as it is displayed.
    pub(super) fn displayed(&self) -> String {
        sanitize_path(&self.path)
    }

    /// Puts this text into the file, unless it is there. Returns true if it was not.
    pub(super) fn put(&mut self, text: &Secret) -> Result<bool, CliError> {
        let is_written = self.written.as_ref().is_some_and(|(written, state)| {
            written.expose() == text.expose() && *state == FileState::of(&self.path)
        });
        if is_written {
            return Ok(false);
        }
        let document = Secret::from(document(&self.name, text).to_string());
        replace_kept_as(&self.path, document.expose().as_bytes(), self.readers)
            .map_err(|error| unwritable(&self.path, &error))?;
        self.written = Some((text.clone(), FileState::of(&self.path)));
        Ok(true)
    }
}

/// Returns an answer of Envoy's secret discovery service with one secret.
fn document(name: &str, text: &Secret) -> serde_json::Value {
    json!({
        "resources": [{
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
            "name": name,
            "generic_secret": { "secret": { "inline_string": text.expose() } },
        }],
    })
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    let message = format!("cannot write to {}: {error}", sanitize_path(path));
    CliError::usage(message).with_hint(remedy::OTHER_SDS.to_owned())
}
