//! `[strategies.NAME]`, as `strategy add` writes it.

use orchestration_runtime::Capability;
use toml_edit::{Array, Item, RawString, TableLike, Value};

use crate::config::EditError;
use crate::config::entry::{self, STRATEGIES, set};

/// The values of an entry.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) component: &'a str,
    pub(super) sha256: &'a str,
    pub(super) env: &'a [String],
    pub(super) files: &'a [String],
    pub(super) origins: &'a [String],
    pub(super) readable: &'a [String],
    pub(super) reveal: bool,
}

impl Entry<'_> {
    /// Returns `text` with this entry: in place if it exists, else at the end.
    pub(super) fn write(&self, text: &str) -> Result<String, EditError> {
        Ok(entry::write(text, STRATEGIES, self.name, |table| self.update(table))?)
    }

    /// Sets these values and keeps everything else: limits, comments, and existing
    /// grants.
    fn update(&self, table: &mut dyn TableLike) {
        set(table, "component", self.component);
        set(table, "sha256", self.sha256);
        if self.reveal {
            table.insert("reveal", Item::Value(true.into()));
        }
        grant_all(table, Capability::Environment, self.env);
        grant_all(table, Capability::Files, self.files);
        grant_all(table, Capability::Http, self.origins);
        grant_all(table, Capability::Readable, self.readable);
    }
}

/// Returns `text` with other pins of this strategy, and everything else unchanged.
pub(super) fn pin(
    text: &str,
    name: &str,
    component: &str,
    sha256: &str,
) -> Result<String, EditError> {
    Ok(entry::write(text, STRATEGIES, name, |table| {
        set(table, "component", component);
        set(table, "sha256", sha256);
    })?)
}

/// Adds names to the list of a capability.
fn grant_all(table: &mut dyn TableLike, capability: Capability, names: &[String]) {
    let key = capability.toml_key();
    match table.get_mut(key).and_then(Item::as_array_mut) {
        Some(granted) => names.iter().for_each(|name| grant(granted, name)),
        None if names.is_empty() => {}
        None => {
            let granted: Array = names.iter().collect();
            table.insert(key, Item::Value(granted.into()));
        }
    }
}

/// Adds a name, unless it is granted already; on a line of its own if the others
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
    // A comment after the last name stays there.
    let after = take_after_last(granted);
    let (comment, end) = after.rsplit_once('\n').unwrap_or((&after, ""));
    let mut value = Value::from(name);
    value.decor_mut().set_prefix(format!("{comment}\n{indent}"));
    granted.push_formatted(value);
    granted.set_trailing(format!("\n{end}"));
}

/// Takes the text between the last name and the bracket, without the comma.
fn take_after_last(granted: &mut Array) -> String {
    let mut after = String::new();
    if let Some(last) = granted.iter_mut().last() {
        after.push_str(last.decor().suffix().and_then(RawString::as_str).unwrap_or_default());
        last.decor_mut().set_suffix("");
    }
    after.push_str(granted.trailing().as_str().unwrap_or_default());
    after
}
