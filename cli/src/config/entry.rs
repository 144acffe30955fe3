//! One `[SECTION.NAME]` in the text of providers.toml, or of another TOML file: added,
//! changed or removed, with everything around it unchanged.

use toml_edit::{DocumentMut, Item, RawString, Table, TableLike, TomlError, Value};

/// The sections of providers.toml.
pub(crate) const PROFILES: &str = "profiles";
pub(crate) const STRATEGIES: &str = "strategies";

/// Returns `text` with `[section.name]` updated: in place if it exists, else at the
/// end.
pub(crate) fn write(
    text: &str,
    section: &str,
    name: &str,
    update: impl Fn(&mut dyn TableLike),
) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let entries = document.get_mut(section);
    // `section = { … }` is closed: TOML forbids a header that adds to it.
    let closed = entries.as_ref().is_some_and(|entries| entries.is_inline_table());
    let Some(entries) = entries.and_then(Item::as_table_like_mut) else {
        return Ok(append(text, section, name, table(update)));
    };
    match entries.get_mut(name).and_then(Item::as_table_like_mut) {
        Some(old) => update(old),
        None if closed => {
            entries.insert(name, Item::Value(table(update).into_inline_table().into()));
        }
        None => return Ok(append(text, section, name, table(update))),
    }
    Ok(with_newlines_of(text, document.to_string()))
}

fn table(update: impl Fn(&mut dyn TableLike)) -> Table {
    let mut table = Table::new();
    update(&mut table);
    table
}

/// Appends the entry, and leaves everything else untouched.
fn append(text: &str, section: &str, name: &str, table: Table) -> String {
    let mut entries = Table::new();
    entries.set_implicit(true);
    entries.insert(name, Item::Table(table));
    let mut document = DocumentMut::new();
    document.insert(section, Item::Table(entries));
    let gap = match text {
        "" => "",
        _ if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let added = with_newlines_of(text, format!("{gap}{document}"));
    format!("{text}{added}")
}

/// Returns `text` without the entry of this name. Comments directly above its header
/// go with it; those separated by an empty line stay.
pub(crate) fn remove(text: &str, section: &str, name: &str) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let entries = document.get_mut(section).and_then(Item::as_table_like_mut);
    if let Some(Item::Table(gone)) = entries.and_then(|entries| entries.remove(name)) {
        let above = gone.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
        keep(&mut document, &gone, paragraphs_before(above));
    }
    Ok(with_newlines_of(text, document.to_string()))
}

/// All of `comments` but the last paragraph.
fn paragraphs_before(comments: &str) -> &str {
    let mut end = 0;
    let mut at = 0;
    for line in comments.split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() {
            end = at;
        }
    }
    comments.get(..end).unwrap_or_default().trim_end()
}

/// Moves `comments` from above `gone` to above the next table.
fn keep(document: &mut DocumentMut, gone: &Table, comments: &str) {
    if comments.is_empty() {
        return;
    }
    let last = positions(gone).into_iter().chain([gone.position()]).max().flatten();
    let next = positions(document.as_table()).into_iter().filter(|next| *next > last).min();
    let next = next.and_then(|next| table_at(document.as_table_mut(), next));
    match next {
        Some(table) => {
            let below = table.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
            let prefix = format!("{comments}\n{below}");
            table.decor_mut().set_prefix(prefix);
        }
        None => {
            let below = document.trailing().as_str().unwrap_or_default();
            let trailing = format!("{comments}\n{below}");
            document.set_trailing(trailing);
        }
    }
}

/// The positions in the file of the headers of all tables below `table`.
fn positions(table: &Table) -> Vec<Option<isize>> {
    let below = table.iter().filter_map(|(_, item)| item.as_table());
    below
        .flat_map(|table| {
            let own = (!table.is_implicit()).then(|| table.position());
            own.into_iter().chain(positions(table))
        })
        .collect()
}

fn table_at(table: &mut Table, position: Option<isize>) -> Option<&mut Table> {
    if !table.is_implicit() && table.position() == position {
        return Some(table);
    }
    let mut below = table.iter_mut().filter_map(|(_, item)| item.as_table_mut());
    below.find_map(|table| table_at(table, position))
}

/// Sets a string and keeps the comments around it.
pub(crate) fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(value) => {
            let decor = value.decor().clone();
            *value = Value::from(text);
            *value.decor_mut() = decor;
        }
        None => drop(table.insert(key, Item::Value(text.into()))),
    }
}

/// toml_edit ends every line with LF. A file that has CR LF throughout keeps them.
pub(crate) fn with_newlines_of(text: &str, written: String) -> String {
    let lines = text.matches('\n').count();
    if lines == 0 || text.matches("\r\n").count() < lines {
        return written;
    }
    written.replace("\r\n", "\n").replace('\n', "\r\n")
}
