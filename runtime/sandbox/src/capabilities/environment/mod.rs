//! The capability `environment`: the variables that a strategy is granted.
//!
//! A strategy may read a variable of the host if its exact name is granted: the
//! profile's own variable, and those listed under `env` in `[strategies.NAME]`.
//! Any other name is denied. The denial is recorded in the audit and becomes the
//! error of the call, from which the command line derives the line that would grant
//! the variable.

mod grant;
mod interface;
pub(crate) mod link;
mod per_call;
mod source;

pub(crate) use grant::TOML_KEY;
pub use grant::is_variable_name;
pub(crate) use interface::INTERFACE;
pub(crate) use per_call::{Values, Variable};
pub use source::Environment;
