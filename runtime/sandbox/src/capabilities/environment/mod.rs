//! The capability `environment`: granted variables and nothing else.
//!
//! A strategy may read a variable of the host if its exact name is granted: the
//! profile's own variable, and those listed under `env` in `[strategies.NAME]`.
//! Asking for another one is a denial, an event of the audit, and an error of the
//! call that names the line which would grant it.

mod grant;
mod interface;
pub(crate) mod link;
mod source;
mod values;

pub use grant::is_variable_name;
pub(crate) use grant::{TOML_KEY, VariableGrants};
pub(crate) use interface::INTERFACE;
pub use source::Environment;
pub(crate) use values::{Values, Variable};
