//! `profile edit`: providers.toml in the user's editor.
//!
//! An editor writes what it is told to, good or not, and a gateway may read the
//! file at that moment. So a copy is edited, and takes the place of the file only
//! if it can be loaded.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use orchestration_runtime::ProvidersToml;
use tempfile::TempPath;

use crate::config::ConfigFile;
use crate::exit::Exit;
use crate::failure::{CliError, EditError};
use crate::output;

/// What a new file begins with.
const START: &str = "\
# Profiles of your own; `orchestration profile list` shows all.
#
# [profiles.corp]
# base_url = \"https://llm.corp.example/v1\"
# api_key_env = \"CORP_TOKEN\"            # the variable that holds the key, never the key
";

/// Lets the user edit a copy, and takes it over.
pub(super) fn run(named: Option<&Path>) -> Result<Exit, CliError> {
    let path = ProvidersToml::path(named).ok_or(EditError::NoPlace)?;
    let before = ConfigFile::open(&path)?.text().to_owned();
    let offered = if before.is_empty() { START } else { &before };
    let draft = draft(offered)?;
    edit(&draft)?;
    let after = fs::read_to_string(&draft)?;
    if after == offered {
        output::print(&format!("{} is as it was\n", path.display()))?;
        return Ok(Exit::Fine);
    }
    let taken = take(&path, &before, &after);
    if taken.is_err() {
        // It may be an hour's work.
        let kept = draft.keep().map_err(|error| error.error)?;
        output::print(&format!("your changes are kept in {}\n", kept.display()))?;
    }
    taken?;
    output::print(&format!("{} changed {}\n", output::good(), output::file(&path)))?;
    Ok(Exit::Fine)
}

fn take(path: &Path, before: &str, after: &str) -> Result<(), CliError> {
    let file = ConfigFile::open(path)?;
    if file.text() != before {
        return Err(EditError::Changed { path: path.to_owned() }.into());
    }
    file.replace(after)
}

/// The text in a file of its own, which only this user can read.
fn draft(text: &str) -> Result<TempPath, CliError> {
    let mut file = tempfile::Builder::new().prefix("providers.").suffix(".toml").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file.into_temp_path())
}

/// Runs the editor, which may be a command line: `code --wait`.
fn edit(draft: &Path) -> Result<(), EditError> {
    let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = variable("VISUAL").or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".into());
    let failed = |why: String| EditError::Editor(editor.clone(), why);
    let ended = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg(&editor)
        .arg(draft)
        .status()
        .map_err(|error| failed(error.to_string()))?;
    if ended.success() { Ok(()) } else { Err(failed(ended.to_string())) }
}
