//! A component at a glance: digest, imports, exports and needs.

use orchestration_runtime::{
    Capability, Inspection, Published, Said, is_variable_name, sanitize_path,
};

use crate::ui::text;

/// What is known of a component from a file, one line each.
pub(super) fn outline(inspection: &Inspection) -> String {
    let place = vec![("File", sanitize_path(&inspection.path))];
    outline_from(place, inspection)
}

/// What is known of a component from this place, one line each.
pub(super) fn outline_from(place: Vec<(&str, String)>, inspection: &Inspection) -> String {
    let mut fields = place;
    fields.extend([
        ("Size", text::size(inspection.bytes as u64)),
        ("SHA-256", inspection.sha256.clone()),
    ]);
    if let Ok(interface) = &inspection.interface {
        fields.extend(listed("Imports", &interface.imports));
        fields.extend(listed("Exports", &interface.exports));
    }
    let Ok(said) = &inspection.description else {
        return text::fields(&fields);
    };
    fields.push(("Needs", needs(&said.environment)));
    if inspection.imports(Capability::Files) {
        let files = "only the file that a profile names (grant others with --file PATH)";
        fields.push(("Files", files.to_owned()));
    }
    if inspection.imports(Capability::Http) {
        let servers = "requests, to the issuer that a profile names (grant others with --origin)";
        fields.push(("Sends", servers.to_owned()));
    }
    if inspection.keeps_session() {
        let session = "a session for each profile, where only you can read it";
        fields.push(("Keeps", session.to_owned()));
    }
    if inspection.imports(Capability::Reveal) {
        fields.push(("Reads", "the text of every secret it uses (grant with --reveal)".to_owned()));
    }
    let quoted = |said: &Said| said.quoted().into_owned();
    let said = text::fields(&[
        ("  Auth type", quoted(&said.auth_type)),
        ("  Version", quoted(&said.version)),
        ("  Summary", quoted(&said.summary)),
    ]);
    format!("{}The strategy says\n{said}", text::fields(&fields))
}

/// What a registry says of a component that was not fetched, one line each.
pub(super) fn outline_of_published(published: &Published) -> String {
    let mut fields = pins(published);
    fields.extend([
        ("Size", text::size(published.bytes)),
        ("SHA-256", published.component.hex().to_owned()),
    ]);
    match &published.interface {
        Some((imports, exports)) => {
            fields.extend(listed("Imports", imports));
            fields.extend(listed("Exports", exports));
        }
        None => fields.push(("Imports", "its config does not list them".to_owned())),
    }
    text::fields(&fields)
}

/// The reference and the digest of its manifest, which providers.toml pins.
pub(super) fn pins(published: &Published) -> Vec<(&'static str, String)> {
    vec![
        ("From", published.reference.unpinned().to_string()),
        ("Manifest", published.manifest.to_string()),
    ]
}

/// One line per value, the first with the name.
fn listed<'a>(name: &'a str, values: &'a [String]) -> impl Iterator<Item = (&'a str, String)> + 'a {
    let names = std::iter::once(name).chain(std::iter::repeat(""));
    let none = values.is_empty().then(|| "nothing".to_owned());
    names.zip(values.iter().cloned().chain(none))
}

/// The variables to grant. The variable that a profile names is always granted.
fn needs(variables: &[String]) -> String {
    if variables.is_empty() {
        return "only the variable that a profile names".to_owned();
    }
    // A strategy may declare anything; only names of variables can be granted.
    let (names, others): (Vec<&str>, Vec<&str>) =
        variables.iter().map(String::as_str).partition(|name| is_variable_name(name));
    let flags: String = names.iter().map(|name| format!(" --env {name}")).collect();
    let grant = if flags.is_empty() { String::new() } else { format!(" (grant with{flags})") };
    let others = match others.len() {
        0 => String::new(),
        count => format!("; {count} not valid as the name of a variable"),
    };
    format!("{}{grant}{others}", names.join(", "))
}
