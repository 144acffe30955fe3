//! The variables that one call has read.

use std::sync::Arc;

use zeroize::Zeroize;

use super::Environment;

/// A granted variable.
#[derive(Clone)]
pub(crate) enum Variable {
    Unset,
    /// Shared with wasmtime while it copies the value into the guest.
    Value(Arc<str>),
    NotUnicode,
}

/// The variables that a call has read, by the position of their grant. Asking again
/// returns the first answer, so asking in a loop costs the host nothing and the
/// redactor knows every value. Values are wiped when this is dropped.
#[derive(Default)]
pub(crate) struct Values(Vec<(usize, Variable)>);

impl Values {
    /// Returns the variable `name`, granted at the position `grant`.
    pub(crate) fn read(&mut self, environment: &Environment, grant: usize, name: &str) -> Variable {
        if let Some((_, variable)) = self.0.iter().find(|(known, _)| *known == grant) {
            return variable.clone();
        }
        let variable = Variable::from_environment(environment, name);
        self.0.push((grant, variable.clone()));
        variable
    }

    /// Returns what was asked for: the position of each grant, and the value unless it is
    /// unset. A value that is not Unicode is left out, because it was not given.
    pub(crate) fn read_so_far(&self) -> impl Iterator<Item = (usize, Option<&str>)> {
        self.0.iter().filter_map(|(grant, variable)| match variable {
            Variable::Unset => Some((*grant, None)),
            Variable::Value(value) => Some((*grant, Some(&**value))),
            Variable::NotUnicode => None,
        })
    }

    /// Returns every value that the strategy was given.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, variable)| match variable {
            Variable::Value(value) => Some(&**value),
            Variable::Unset | Variable::NotUnicode => None,
        })
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        for (_, variable) in &mut self.0 {
            // wasmtime no longer shares the value: the call has ended.
            if let Variable::Value(value) = variable
                && let Some(value) = Arc::get_mut(value)
            {
                value.zeroize();
            }
        }
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
                Self::Value(shared)
            }
            Err(value) => {
                value.into_encoded_bytes().zeroize();
                Self::NotUnicode
            }
        }
    }
}
