//! `orchestration schema`: what the JSON of other commands looks like, as JSON
//! Schema, made from the very types that are written.

use std::io;

use crate::args::Schema;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;
use crate::report::{Line, Report};

/// Writes the schema.
pub(crate) fn run(schema: Schema) -> Result<Exit, CliError> {
    let schema = match schema {
        Schema::Status => schemars::schema_for!(Report<'_>),
        Schema::StatusLine => schemars::schema_for!(Line<'_>),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(io::Error::from)?;
    output::print(&(text + "\n"))?;
    Ok(Exit::Fine)
}
