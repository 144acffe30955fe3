//! What `strategy add` writes into `[strategies.NAME]`.

use toml_edit::{Array, Item, RawString, TableLike, Value};

use crate::config::entry::{self, set};
use crate::failure::EditError;

pub(super) const STRATEGIES: &str = "strategies";

/// What an entry says.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) component: &'a str,
    pub(super) sha256: &'a str,
    pub(super) env: &'a [String],
}

impl Entry<'_> {
    /// `text` with this entry: changed where it is there, else at the end.
    pub(super) fn write(&self, text: &str) -> Result<String, EditError> {
        entry::write(text, STRATEGIES, self.name, |table| self.update(table))
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
