//! `orchestration credential-helper bazel`: the protocol of EngFlow's credential helpers,
//! which bazel and buildbarn speak.
//!
//! A URI as JSON on stdin, and the headers of a request to it on stdout, with the time until
//! which they are good.

use std::path::Path;

use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::asked::{Found, GET, find, question};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stdout;
use orchestration_runtime::rfc3339;

/// Answer bazel
#[derive(Debug, Args)]
pub(crate) struct BazelArgs {
    /// What bazel wants: `get`
    action: String,
}

/// What bazel asks.
#[derive(Deserialize)]
struct Question {
    uri: String,
}

impl BazelArgs {
    /// Runs the command.
    pub(super) fn run(&self, config: Option<&Path>) -> Result<Exit, CliError> {
        if self.action != GET {
            let action = self.action.escape_debug();
            return Err(CliError::usage(format!("there is no action '{action}', only 'get'")));
        }
        let question: Question = serde_json::from_str(&question()?).map_err(|_| {
            CliError::usage("the question on stdin is no JSON object with a field `uri`")
        })?;
        let answer = find(&question.uri, config)?.map_or_else(|| json!({}), |found| answer(&found));
        stdout::print_secret(&format!("{answer}\n").into())?;
        Ok(Exit::Fine)
    }
}

fn answer(found: &Found) -> Value {
    let (name, value) = found.profile.key_header(&found.key);
    let mut headers = Map::new();
    headers.insert(name.to_owned(), json!([value.expose()]));
    let mut answer = Map::new();
    answer.insert("headers".to_owned(), headers.into());
    if let Some(end) = found.credentials.expires_at().and_then(rfc3339) {
        answer.insert("expires".to_owned(), end.into());
    }
    answer.into()
}
