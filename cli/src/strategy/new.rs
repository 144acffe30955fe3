//! `strategy new NAME --lang LANGUAGE`: a project to start from.

use std::fs;
use std::io;
use std::path::Path;

use orchestration_runtime::{is_auth_type, is_built_in};

use super::template;
use crate::args::Language;
use crate::exit::Exit;
use crate::failure::{CliError, EditError, ProjectError};
use crate::output;

/// Makes the folder `name` here, and all that is in it.
pub(super) fn run(name: &str, language: Language) -> Result<Exit, CliError> {
    if !is_auth_type(name) {
        return Err(EditError::Name.into());
    }
    if is_built_in(name) {
        return Err(EditError::BuiltIn(name.to_owned()).into());
    }
    let folder = Path::new(name);
    write(folder, name, language).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => ProjectError::IsThere(folder.to_owned()),
        _ => ProjectError::Write { folder: folder.to_owned(), source },
    })?;
    output::print(&format!(
        "{} made {name}/\n  {name}/README.md says how it is built and tried\n",
        output::good()
    ))?;
    Ok(Exit::Fine)
}

/// A folder that is there already, even an empty one, is somebody's.
fn write(folder: &Path, name: &str, language: Language) -> io::Result<()> {
    fs::create_dir(folder)?;
    for (path, text) in template::files(language) {
        let path = match path {
            // Cargo and git would take it for a file of this repository.
            "gitignore" => ".gitignore".to_owned(),
            path => template::filled(path, name),
        };
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, template::filled(text, name))?;
    }
    Ok(())
}
