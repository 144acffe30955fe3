//! `orchestration strategy new`: a project to start from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use orchestration_runtime::{is_auth_type, is_built_in, sanitize_path};

use super::language::Language;
use super::template::{self, Kind};
use crate::config::EditError;
use crate::error::CliError;
use crate::exit::Exit;
use crate::remedy;
use crate::ui::{stdout, style};

const HELP: &str = "\
Creates the directory NAME with a complete project: this version's contract, a
source file for you to change, a build file, cases for `strategy check`, a workflow
for GitHub that builds, checks and publishes it, and a README.md that leads from a
build to a row in `auth status`. Nothing is overwritten.

Exit status: 0 success, 2 usage error, e.g. NAME already exists

Examples:
  orchestration strategy new corp-key --lang python
  orchestration strategy new corp-sso --lang rust --kind session";

/// Create a project for a new strategy
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct NewArgs {
    /// The auth type, which also names the directory
    name: String,

    /// The programming language
    #[arg(long, value_name = "LANGUAGE")]
    lang: Language,

    /// What the strategy does
    #[arg(long, value_name = "KIND", default_value = "key")]
    kind: Kind,
}

impl NewArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let name = self.name.as_str();
        if !is_auth_type(name) {
            return Err(EditError::AuthType.into());
        }
        if is_built_in(name) {
            return Err(EditError::BuiltIn(name.to_owned()).into());
        }
        let directory = Path::new(name);
        let files = template::project(name, self.lang, self.kind);
        write(directory, files).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => ProjectError::Exists(directory.to_owned()),
            _ => ProjectError::Write { directory: directory.to_owned(), source },
        })?;
        stdout::print(&format!(
            "{} created {name}/\n  {name}/README.md explains how to build and test it\n",
            style::good()
        ))?;
        Ok(Exit::Fine)
    }
}

/// Why a project could not be created.
#[derive(Debug, thiserror::Error)]
enum ProjectError {
    /// The directory exists.
    #[error("{} already exists; nothing in it was changed", sanitize_path(.0))]
    Exists(PathBuf),
    /// The file system refuses.
    #[error("cannot write the project in {}: {source}", sanitize_path(directory))]
    Write {
        /// The directory.
        directory: PathBuf,
        /// What the file system reported.
        source: io::Error,
    },
}

impl From<ProjectError> for CliError {
    fn from(error: ProjectError) -> Self {
        let hint = match error {
            ProjectError::Exists(_) => Some(remedy::OTHER_NAME.to_owned()),
            ProjectError::Write { .. } => None,
        };
        Self::usage(error).with_hint(hint)
    }
}

/// Fails if the directory exists, even if it is empty.
fn write(directory: &Path, files: impl Iterator<Item = (String, String)>) -> io::Result<()> {
    fs::create_dir(directory)?;
    for (path, text) in files {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
