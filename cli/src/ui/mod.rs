//! What the user sees: the two streams, colours, tables and the spinner;
//! and how the user answers a question or enters a secret.

pub(crate) mod backlog;
pub(crate) mod input_line;
pub(crate) mod question;
pub(crate) mod secret_input;
pub(crate) mod spinner;
pub(crate) mod stderr;
pub(crate) mod stdout;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;
