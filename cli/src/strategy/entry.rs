//! `[strategies.NAME]` in the text of providers.toml: written, changed, taken
//! out, with all that stands around it left as it is.

use toml_edit::{Array, DocumentMut, Item, RawString, Table, TableLike, Value};

use crate::failure::EditError;

/// What an entry says.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) component: &'a str,
    pub(super) sha256: &'a str,
    pub(super) env: &'a [String],
}

const STRATEGIES: &str = "strategies";

impl Entry<'_> {
    /// `text` with this entry: changed where it is there, else at the end.
    pub(super) fn write(&self, text: &str) -> Result<String, EditError> {
        let mut document: DocumentMut = text.parse()?;
        let strategies = document.get_mut(STRATEGIES);
        // `strategies = { … }` is closed: no header may add to it.
        let closed = strategies.as_ref().is_some_and(|strategies| strategies.is_inline_table());
        let Some(strategies) = strategies.and_then(Item::as_table_like_mut) else {
            return Ok(self.append(text));
        };
        match strategies.get_mut(self.name).and_then(Item::as_table_like_mut) {
            Some(old) => self.update(old),
            None if closed => {
                strategies.insert(self.name, Item::Value(self.table().into_inline_table().into()));
            }
            None => return Ok(self.append(text)),
        }
        Ok(with_newlines_of(text, document.to_string()))
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        self.update(&mut table);
        table
    }

    /// Puts the entry behind everything else, which is not touched at all.
    fn append(&self, text: &str) -> String {
        let mut strategies = Table::new();
        strategies.set_implicit(true);
        strategies.insert(self.name, Item::Table(self.table()));
        let mut document = DocumentMut::new();
        document.insert(STRATEGIES, Item::Table(strategies));
        let gap = match text {
            "" => "",
            _ if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let added = with_newlines_of(text, format!("{gap}{document}"));
        format!("{text}{added}")
    }

    /// Sets what this entry is about and keeps everything else: limits,
    /// comments, and what is granted already.
    fn update(&self, table: &mut dyn TableLike) {
        set(table, "component", self.component);
        set(table, "sha256", self.sha256);
        match table.get_mut("env").and_then(Item::as_array_mut) {
            Some(granted) => self.env.iter().for_each(|name| grant(granted, name)),
            None if self.env.is_empty() => {}
            None => {
                let granted: Array = self.env.iter().collect();
                table.insert("env", Item::Value(granted.into()));
            }
        }
    }
}

/// `text` without the entry of this name. Comments right above its header go
/// with it; those that an empty line parts from it stay.
pub(super) fn remove(text: &str, name: &str) -> Result<String, EditError> {
    let mut document: DocumentMut = text.parse()?;
    let strategies = document.get_mut(STRATEGIES).and_then(Item::as_table_like_mut);
    if let Some(Item::Table(gone)) = strategies.and_then(|strategies| strategies.remove(name)) {
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

/// Puts `comments`, which stood above `gone`, above what comes after it.
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

/// Where the headers of the tables below `table` stand in the file.
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

/// Sets a text and keeps the comments around it.
fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(value) => {
            let decor = value.decor().clone();
            *value = Value::from(text);
            *value.decor_mut() = decor;
        }
        None => drop(table.insert(key, Item::Value(text.into()))),
    }
}

/// Adds a name that is not there yet, on a line of its own where the others
/// are.
fn grant(granted: &mut Array, name: &str) {
    if granted.iter().any(|known| known.as_str() == Some(name)) {
        return;
    }
    let before = granted.iter().last().and_then(|last| last.decor().prefix());
    let before = before.and_then(RawString::as_str).unwrap_or_default();
    let Some((_, indent)) = before.rsplit_once('\n') else {
        return granted.push(name);
    };
    let indent = indent.to_owned();
    // A comment behind the last name stays behind it.
    let behind = take_what_is_behind(granted);
    let (comment, end) = behind.rsplit_once('\n').unwrap_or((&behind, ""));
    let mut value = Value::from(name);
    value.decor_mut().set_prefix(format!("{comment}\n{indent}"));
    granted.push_formatted(value);
    granted.set_trailing(format!("\n{end}"));
}

/// What stands between the last name and the bracket, but for a comma.
fn take_what_is_behind(granted: &mut Array) -> String {
    let mut behind = String::new();
    if let Some(last) = granted.iter_mut().last() {
        behind.push_str(last.decor().suffix().and_then(RawString::as_str).unwrap_or_default());
        last.decor_mut().set_suffix("");
    }
    behind.push_str(granted.trailing().as_str().unwrap_or_default());
    behind
}

/// TOML's own writer ends every line with LF alone; a file that has CR LF
/// throughout keeps them.
fn with_newlines_of(text: &str, written: String) -> String {
    let lines = text.matches('\n').count();
    if lines == 0 || text.matches("\r\n").count() < lines {
        return written;
    }
    written.replace("\r\n", "\n").replace('\n', "\r\n")
}
