//! `orchestration profile edit`: providers.toml in the user's editor.
//!
//! An editor may save a broken file, and a gateway may read it at that moment. So the
//! user edits a copy, which replaces the file only if it loads.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use orchestration_runtime::{ProvidersToml, read_regular, sanitize_path};
use tempfile::TempPath;

use crate::config::{self, ConfigFile};
use crate::edited_file::FileError;
use crate::error::CliError;
use crate::exit::Exit;
use crate::platform::{core_dumps, programs};
use crate::remedy;
use crate::ui::{stderr, stdout, style, text};

const HELP: &str = "\
Opens a copy of providers.toml in $VISUAL, $EDITOR or vi, and replaces the file
with the copy if it loads.

Exit status: 0 changed or unchanged, 2 the copy can't be used; it is kept if you
changed it

Examples:
  orchestration profile edit
  EDITOR=nano orchestration profile edit --config ./providers.toml";

/// The start of a new file.
const START: &str = "\
# Your profiles; `orchestration profile list` shows all of them.
#
# [profiles.corp]
# base_url = \"https://llm.corp.example/v1\"
# api_key_env = \"CORP_TOKEN\"            # the variable that holds the key, never the key
";

/// Edit providers.toml in your editor
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct EditArgs {}

/// Why the editor's result could not be used.
#[derive(Debug, thiserror::Error)]
enum DraftError {
    /// The copy can't be written.
    #[error("cannot make a copy to edit in {}: {source}", sanitize_path(directory))]
    Make {
        /// The directory of temporary files.
        directory: PathBuf,
        /// What the file system reported.
        source: io::Error,
    },
    /// The editor can't be started, or ends with an error.
    #[error("the editor '{editor}' failed: {reason}")]
    Editor {
        /// Its command line.
        editor: String,
        /// What happened.
        reason: String,
    },
    /// The editor has removed the copy, or made it something else.
    #[error("cannot read the edited copy {}: {source}", sanitize_path(path))]
    Read {
        /// The copy.
        path: PathBuf,
        /// What the file system reported.
        source: io::Error,
    },
}

impl From<DraftError> for CliError {
    fn from(error: DraftError) -> Self {
        let hint = match error {
            DraftError::Make { .. } => Some(remedy::SET_TEMPORARY.to_owned()),
            DraftError::Editor { .. } => Some(remedy::SET_EDITOR.to_owned()),
            DraftError::Read { .. } => None,
        };
        Self::usage(error).with_hint(hint)
    }
}

impl EditArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let path = config::path(config)?;
        let before = ConfigFile::open(&path)?.bytes().to_owned();
        let offered = if before.is_empty() { START.as_bytes() } else { &before };
        let draft = draft(offered)?;
        let changed = edit(&path, &draft, &before, offered);
        if changed.is_err() {
            keep(draft, offered);
        }
        let message = match changed? {
            true => format!("{} changed {}\n", style::good(), text::link(&path)),
            false => format!("{} is unchanged\n", sanitize_path(&path)),
        };
        stdout::print(&message)?;
        Ok(Exit::Fine)
    }
}

/// Has the user edit the draft, and replaces the file with it. Returns whether
/// anything was changed.
fn edit(path: &Path, draft: &Path, before: &[u8], offered: &[u8]) -> Result<bool, CliError> {
    open_editor(draft)?;
    let after = read(draft)?;
    if after == offered {
        return Ok(false);
    }
    let file = ConfigFile::open(path)?;
    if file.bytes() != before {
        return Err(FileError::Changed { path: path.to_owned() }.into());
    }
    file.replace(&after)?;
    Ok(true)
}

/// Writes the text to a temporary file that only this user can read.
fn draft(text: &[u8]) -> Result<TempPath, DraftError> {
    let made = tempfile::Builder::new().prefix("providers.").suffix(".toml").tempfile();
    let made = made.and_then(|mut file| file.write_all(text).map(|()| file.into_temp_path()));
    made.map_err(|source| DraftError::Make { directory: env::temp_dir(), source })
}

fn read(draft: &Path) -> Result<Vec<u8>, DraftError> {
    let read = read_regular(draft, ProvidersToml::MAX_BYTES);
    read.map_err(|source| DraftError::Read { path: draft.to_owned(), source })
}

/// Keeps the draft if the user has changed it, which may be an hour's work, and says
/// where.
fn keep(draft: TempPath, offered: &[u8]) {
    if !draft.exists() || read(&draft).is_ok_and(|after| after == offered) {
        return;
    }
    let path = draft.to_path_buf();
    // It fails on Windows only.
    if draft.keep().is_ok() {
        stderr::note(&format!("your changes are kept in {}", sanitize_path(&path)));
    }
}

/// Runs the editor, which may be a command line such as `code --wait`.
fn open_editor(draft: &Path) -> Result<(), DraftError> {
    let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = variable("VISUAL")
        .or_else(|| variable("EDITOR"))
        .unwrap_or_else(|| programs::EDITOR.into());
    core_dumps::restore_limit();
    let ended = programs::of_line(&editor, draft.as_os_str()).status();
    core_dumps::turn_off();
    let reason = match ended {
        Ok(ended) if ended.success() => return Ok(()),
        Ok(ended) => ended.to_string(),
        Err(error) => error.to_string(),
    };
    Err(DraftError::Editor { editor, reason })
}
