//! `orchestration profile edit`: providers.toml in the user's editor.
//!
//! An editor may save a broken file, and a gateway may read it at that moment. So the
//! user edits a copy, which replaces the file only if it loads.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use clap::Args;
use orchestration_runtime::{ProvidersToml, sanitize_path};
use tempfile::TempPath;

use crate::config::{ConfigFile, EditError};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remedy;
use crate::ui::{stdout, style, text};

const HELP: &str = "\
Opens a copy of providers.toml in $VISUAL, $EDITOR or vi, and replaces the file
with the copy if it loads.

Exit status: 0 changed or unchanged, 2 the copy can't be used; it is kept

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

impl EditArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        let path = ProvidersToml::path(config).ok_or(EditError::NoHome)?;
        let before = ConfigFile::open(&path)?.text().to_owned();
        let offered = if before.is_empty() { START } else { &before };
        let draft = draft(offered)?;
        open_editor(&draft)?;
        let after = fs::read_to_string(&draft)?;
        if after == offered {
            stdout::print(&format!("{} is unchanged\n", sanitize_path(&path)))?;
            return Ok(Exit::Fine);
        }
        let replaced = replace(&path, &before, &after);
        if replaced.is_err() {
            // The changes may be an hour's work.
            let kept = draft.keep().map_err(|error| error.error)?;
            stdout::print(&format!("your changes are kept in {}\n", sanitize_path(&kept)))?;
        }
        replaced?;
        stdout::print(&format!("{} changed {}\n", style::good(), text::link(&path)))?;
        Ok(Exit::Fine)
    }
}

fn replace(path: &Path, before: &str, after: &str) -> Result<(), CliError> {
    let file = ConfigFile::open(path)?;
    if file.text() != before {
        return Err(EditError::Changed { path: path.to_owned() }.into());
    }
    file.replace(after)
}

/// Writes the text to a temporary file that only this user can read.
fn draft(text: &str) -> Result<TempPath, CliError> {
    let mut file = tempfile::Builder::new().prefix("providers.").suffix(".toml").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file.into_temp_path())
}

/// Runs the editor, which may be a command line such as `code --wait`.
fn open_editor(draft: &Path) -> Result<(), CliError> {
    let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = variable("VISUAL").or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".into());
    let failed = |reason: &dyn Display| {
        CliError::usage(format!("the editor '{editor}' failed: {reason}"))
            .with_hint(remedy::SET_EDITOR.to_owned())
    };
    let ended = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg(&editor)
        .arg(draft)
        .status()
        .map_err(|error| failed(&error))?;
    if ended.success() { Ok(()) } else { Err(failed(&ended)) }
}
