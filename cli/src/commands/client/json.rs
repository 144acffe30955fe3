//! Members of a JSON file that people edit: set and removed, with comments, order and
//! indentation around them as they were.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstContainerNode, CstInputValue, CstNode, CstObject, CstRootNode};

use super::error::SettingsError;

/// What the clients accept, and no other dialect.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_bare_decimal_point_numbers: false,
    allow_extended_string_escapes: false,
    allow_hexadecimal_numbers: false,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_non_finite_numbers: false,
    allow_single_quoted_strings: false,
    allow_unary_plus_numbers: false,
};

/// A JSON object in a file.
pub(super) struct Json {
    root: CstRootNode,
    object: CstObject,
}

impl Json {
    /// Parses the text of a file; an empty one is an empty object.
    pub(super) fn parse(text: &str) -> Result<Self, SettingsError> {
        let root = CstRootNode::parse(text, &OPTIONS).map_err(|error| SettingsError::Broken {
            line: error.line_display(),
            reason: error.kind().to_string(),
        })?;
        if root.value().is_some() && root.object_value().is_none() {
            return Err(SettingsError::NotAnObject("the whole file".to_owned()));
        }
        let object = root.object_value_or_set();
        Ok(Self { root, object })
    }

    /// Returns the text of the file.
    pub(super) fn text(&self) -> String {
        let text = self.root.to_string();
        if text.ends_with('\n') { text } else { text + "\n" }
    }

    /// Returns true if there is such a member.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        self.at(path).is_some()
    }

    /// Returns the text of a member; `None` if there is none, or if it is no text.
    pub(super) fn string(&self, path: &[&str]) -> Option<String> {
        self.at(path)?.as_string_lit()?.decoded_value().ok()
    }

    /// Returns the names of the members of the object at `path`.
    pub(super) fn names(&self, path: &[&str]) -> Vec<String> {
        let object = if path.is_empty() { Some(self.object.clone()) } else { self.object_at(path) };
        let properties = object.map(|object| object.properties()).unwrap_or_default();
        properties.iter().filter_map(|property| property.name()?.decoded_value().ok()).collect()
    }

    /// Sets a member, in the objects that its path names.
    pub(super) fn set(
        &self,
        path: &[&str],
        value: impl Into<CstInputValue>,
    ) -> Result<(), SettingsError> {
        let Some((name, parents)) = path.split_last() else { return Ok(()) };
        let mut object = self.object.clone();
        for (depth, parent) in parents.iter().enumerate() {
            object = object.object_value_or_create(parent).ok_or_else(|| {
                let path = path.get(..=depth).unwrap_or_default();
                SettingsError::NotAnObject(path.join("."))
            })?;
        }
        match object.get(name) {
            Some(property) => property.set_value(value.into()),
            None => drop(object.append(name, value.into())),
        }
        Ok(())
    }

    /// Removes a member, and the objects around it that are empty then.
    pub(super) fn remove(&self, path: &[&str]) {
        let Some((name, parents)) = path.split_last() else { return };
        let object =
            if parents.is_empty() { Some(self.object.clone()) } else { self.object_at(parents) };
        let Some(object) = object else { return };
        let Some(property) = object.get(name) else { return };
        property.remove();
        if object.properties().is_empty() && !has_comments(&object) {
            self.remove(parents);
        }
    }

    fn at(&self, path: &[&str]) -> Option<CstNode> {
        let (name, parents) = path.split_last()?;
        let object =
            if parents.is_empty() { self.object.clone() } else { self.object_at(parents)? };
        object.get(name)?.value()
    }

    fn object_at(&self, path: &[&str]) -> Option<CstObject> {
        let mut object = self.object.clone();
        for name in path {
            object = object.object_value(name)?;
        }
        Some(object)
    }
}

fn has_comments(object: &CstObject) -> bool {
    let node = CstContainerNode::Object(object.clone());
    node.children().iter().any(CstNode::is_comment)
}
