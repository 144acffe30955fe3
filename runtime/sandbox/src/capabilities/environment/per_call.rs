//! The variables that one call has used.

use std::borrow::Cow;
use std::sync::Arc;

use zeroize::Zeroize;

use super::Environment;
use crate::capabilities::secrets::Held;

/// A granted variable.
#[derive(Clone)]
pub(crate) enum Variable {
    Unset,
    Value(Held),
    NotUnicode,
}

/// The variables that a call has used. Asking again returns the first answer, so asking
/// in a loop costs the host nothing and the redactor knows every value. Values are wiped
/// when this is dropped.
#[derive(Default)]
pub(crate) struct Values(Vec<Asked>);

/// A variable that the strategy asked for.
struct Asked {
    name: Arc<str>,
    variable: Variable,
    /// The value is in the table of secrets.
    is_taken: bool,
    /// The strategy was shown the value.
    is_read: bool,
}

impl Values {
    /// Returns the variable `name`, with the name that the host keeps.
    pub(super) fn get(&mut self, environment: &Environment, name: &str) -> (Arc<str>, Variable) {
        if let Some(asked) = self.0.iter().find(|asked| *asked.name == *name) {
            return (Arc::clone(&asked.name), asked.variable.clone());
        }
        let (name, variable) = (Arc::from(name), Variable::from_environment(environment, name));
        let asked = (Arc::clone(&name), variable.clone());
        self.0.push(Asked { name, variable, is_taken: false, is_read: false });
        asked
    }

    /// Records that the value of the variable `name` is in the table of secrets.
    pub(super) fn taken(&mut self, name: &str) {
        self.of(name).for_each(|asked| asked.is_taken = true);
    }

    /// Records that the strategy is shown the value of the variable `name`.
    pub(super) fn read(&mut self, name: &str) {
        self.of(name).for_each(|asked| asked.is_read = true);
    }

    fn of<'a>(&'a mut self, name: &'a str) -> impl Iterator<Item = &'a mut Asked> {
        self.0.iter_mut().filter(move |asked| *asked.name == *name)
    }

    /// Returns what was asked for: the name of each variable, and the value unless it is
    /// unset. A value that is not Unicode is left out, because it was not given.
    pub(crate) fn read_so_far(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().filter_map(|asked| match &asked.variable {
            Variable::Unset => Some((&*asked.name, None)),
            Variable::Value(value) => Some((&*asked.name, Some(value.text()))),
            Variable::NotUnicode => None,
        })
    }

    /// Returns the name of each variable that the strategy was shown, and the value.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&Arc<str>, &str)> {
        let shown = self.0.iter().filter(|asked| asked.is_read);
        shown.filter_map(|asked| Some((&asked.name, asked.variable.text()?)))
    }

    /// Returns every value that is not in the table of secrets.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let others = self.0.iter().filter(|asked| !asked.is_taken);
        others.filter_map(|asked| asked.variable.text())
    }
}

impl Variable {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value.text()),
            Self::Unset | Self::NotUnicode => None,
        }
    }

    fn from_environment(environment: &Environment, name: &str) -> Self {
        let Some(value) = environment.value(name) else {
            return Self::Unset;
        };
        let variable = match value.to_str() {
            Some(text) => Self::Value(Held::found(Arc::from(text))),
            None => Self::NotUnicode,
        };
        if let Cow::Owned(value) = value {
            value.into_encoded_bytes().zeroize();
        }
        variable
    }
}
