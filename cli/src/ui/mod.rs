//! What the user sees: the two streams, colours, tables and the spinner.

pub(crate) mod spinner;
pub(crate) mod stderr;
pub(crate) mod stdout;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;
