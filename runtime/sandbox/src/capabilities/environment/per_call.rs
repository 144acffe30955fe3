//! The variables that one call has used.

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
pub(crate) struct Values(Vec<(String, Variable)>);

impl Values {
    /// Returns the variable `name`.
    pub(crate) fn read(&mut self, environment: &Environment, name: &str) -> Variable {
        if let Some((_, variable)) = self.0.iter().find(|(known, _)| known == name) {
            return variable.clone();
        }
        let variable = Variable::from_environment(environment, name);
        self.0.push((name.to_owned(), variable.clone()));
        variable
    }

    /// Returns what was asked for: the name of each variable, and the value unless it is
    /// unset. A value that is not Unicode is left out, because it was not given.
    pub(crate) fn read_so_far(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().filter_map(|(name, variable)| match variable {
            Variable::Unset => Some((name.as_str(), None)),
            Variable::Value(value) => Some((name.as_str(), Some(value.text()))),
            Variable::NotUnicode => None,
        })
    }

    /// Returns every value that the strategy was given.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, variable)| match variable {
            Variable::Value(value) => Some(value.text()),
            Variable::Unset | Variable::NotUnicode => None,
        })
    }
}

impl Variable {
    fn from_environment(environment: &Environment, name: &str) -> Self {
        let Some(value) = environment.get(name) else {
            return Self::Unset;
        };
        match value.into_string() {
            Ok(mut value) => {
                let shared = Arc::from(value.as_str());
                value.zeroize();
                Self::Value(Held::found(shared))
            }
            Err(value) => {
                value.into_encoded_bytes().zeroize();
                Self::NotUnicode
            }
        }
    }
}
