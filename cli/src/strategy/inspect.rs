//! `strategy inspect FILE`: what a component is, before anybody trusts it.

use std::path::Path;

use orchestration_runtime::{Inspection, Registry, is_variable_name};

use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;

/// Shows what can be shown. A file that can't be used as a strategy ends the
/// command with the reason.
pub(super) async fn run(file: &Path, registry: &Registry) -> Result<Exit, CliError> {
    let inspection = registry.inspect(file).await?;
    output::print(&report(&inspection))?;
    inspection.description?;
    Ok(Exit::Fine)
}

/// What is known of the file, one line each.
pub(super) fn report(inspection: &Inspection) -> String {
    let mut fields = vec![
        ("File", inspection.path.display().to_string()),
        ("Size", output::size(inspection.bytes as u64)),
        ("SHA-256", inspection.sha256.clone()),
    ];
    if let Ok(outline) = &inspection.outline {
        fields.extend(listed("Imports", &outline.imports));
        fields.extend(listed("Exports", &outline.exports));
    }
    if let Ok(said) = &inspection.description {
        fields.push(("Auth type", said.auth_type.clone()));
        fields.push(("Version", said.version.clone()));
        fields.push(("Summary", said.summary.clone()));
        fields.push(("Needs", needs(&said.environment)));
    }
    output::fields(&fields)
}

/// One line for each of `values`, the name before the first.
fn listed<'a>(name: &'a str, values: &'a [String]) -> impl Iterator<Item = (&'a str, String)> + 'a {
    let names = std::iter::once(name).chain(std::iter::repeat(""));
    let none = values.is_empty().then(|| "nothing".to_owned());
    names.zip(values.iter().cloned().chain(none))
}

/// What has to be granted. The variable that a profile names always is.
fn needs(variables: &[String]) -> String {
    if variables.is_empty() {
        return "nothing but the variable that a profile names".to_owned();
    }
    // A strategy may declare anything; only names can be granted.
    let (names, others): (Vec<&str>, Vec<&str>) =
        variables.iter().map(String::as_str).partition(|name| is_variable_name(name));
    let flags: String = names.iter().map(|name| format!(" --env {name}")).collect();
    let grant = if flags.is_empty() { String::new() } else { format!(" (grant with{flags})") };
    let others = match others.len() {
        0 => String::new(),
        count => format!("; {count} that can't be the name of a variable"),
    };
    format!("{}{grant}{others}", names.join(", "))
}
