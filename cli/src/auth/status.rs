//! `auth status`: one row a profile.

use orchestration_runtime::{ProviderProfile, ProvidersToml, Registry, Source, Status};
use tokio::task::JoinSet;

use super::Answer;
use super::verify::{self, Verifier};
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::output;
use crate::table::Layout;

/// The status is never cut: it is what the table is looked at for.
const LAYOUT: Layout<4> = Layout {
    header: ["Profile", "Auth Type", "Status", "Source"],
    widths: [12, 10, 11, 15],
    shortened: &[(3, 8), (0, 8), (1, 8)],
};

/// Asks every profile, and the providers themselves where there is a `verifier`,
/// and shows the table; then, on stderr, why rows are bad.
pub(super) async fn run(
    providers: &ProvidersToml,
    registry: &Registry,
    verifier: Option<Verifier>,
) -> Result<Exit, CliError> {
    let answers = ask_all(providers, registry, verifier).await;
    output::print(&LAYOUT.table(answers.iter().map(row)))?;
    answers.iter().for_each(explain);
    Ok(answers.iter().map(exit).max().unwrap_or(Exit::Fine))
}

/// Every profile at once: one that spins to its deadline holds up no other.
async fn ask_all(
    providers: &ProvidersToml,
    registry: &Registry,
    verifier: Option<Verifier>,
) -> Vec<Answer> {
    let ask = |profile: &ProviderProfile| {
        let (profile, registry, verifier) = (profile.clone(), registry.clone(), verifier.clone());
        async move { verify::ask(profile, registry, verifier).await }
    };
    let mut asked: JoinSet<Answer> = providers.profiles().map(ask).collect();
    let mut answers = Vec::with_capacity(asked.len());
    while let Some(answer) = asked.join_next().await {
        answers.extend(answer.ok());
    }
    answers.sort_by(|a, b| a.profile.name.cmp(&b.profile.name));
    answers
}

/// A missing credential is what this command is there to show, so it is no
/// failure of the command.
fn exit(answer: &Answer) -> Exit {
    match (&answer.verdict, answer.status) {
        (Some(verdict), _) => verify::exit(verdict),
        (None, Status::Missing) => Exit::Fine,
        (None, status) => Exit::of(status),
    }
}

fn row(answer: &Answer) -> [String; 4] {
    let profile = &answer.profile;
    let status =
        answer.verdict.as_ref().map_or_else(|| output::label(answer.status), verify::label);
    [profile.name.clone(), profile.auth_type.clone(), status, source(answer)]
}

fn source(answer: &Answer) -> String {
    match &answer.credentials {
        Ok(credentials) => match credentials.source() {
            Source::Explicit => "(explicit)".to_owned(),
            Source::Environment(name) => name.clone(),
            Source::NotNeeded => "(no auth needed)".to_owned(),
            Source::Other(words) => words.clone(),
        },
        Err(_) => answer.profile.api_key_env.clone().unwrap_or_else(|| "-".to_owned()),
    }
}

/// Says on stderr why a row is invalid or an error. What is missing needs no
/// explanation: the row names the variable, and `auth login` says how to set it.
fn explain(answer: &Answer) {
    if let (Err(error), Status::Invalid | Status::Error) = (&answer.credentials, answer.status) {
        failure::explain(error);
    }
    if let Some(verdict) = &answer.verdict {
        failure::explain_verdict(&answer.profile.name, verdict);
    }
}
