//! `strategy list`: one row a strategy.

use orchestration_runtime::{ProviderError, Registry, StrategyInfo};
use tokio::task::JoinSet;

use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::output;
use crate::table::{Cell, Layout};

const LAYOUT: Layout<6> = Layout {
    header: ["Auth Type", "Version", "From", "Digest", "Needs", "Grants"],
    widths: [10, 8, 10, 12, 8, 8],
    shortened: &[(2, 8), (5, 8), (4, 8), (0, 8), (1, 7)],
};

/// How many digits of a digest are enough to tell two files apart.
const DIGITS: usize = 12;

/// Shows the table; then, on stderr, why rows are bad.
pub(super) async fn run(registry: &Registry) -> Result<Exit, CliError> {
    let strategies = ask_all(registry).await?;
    output::print(&LAYOUT.table(strategies.iter().map(row)))?;
    let mut bad = strategies.iter().filter_map(|strategy| strategy.description.as_ref().err());
    let exit = if bad.clone().next().is_some() { Exit::StrategyFailed } else { Exit::Fine };
    bad.by_ref().for_each(failure::explain);
    Ok(exit)
}

/// Every strategy at once: one that takes long to compile holds up no other.
pub(crate) async fn ask_all(registry: &Registry) -> Result<Vec<StrategyInfo>, CliError> {
    let mut asked: JoinSet<Result<StrategyInfo, ProviderError>> = registry
        .auth_types()
        .map(|auth_type| {
            let (registry, auth_type) = (registry.clone(), auth_type.to_owned());
            async move { registry.info(&auth_type).await }
        })
        .collect();
    let mut strategies = Vec::with_capacity(asked.len());
    while let Some(strategy) = asked.join_next().await {
        if let Ok(strategy) = strategy {
            strategies.push(strategy?);
        }
    }
    strategies.sort_by(|a, b| a.auth_type.cmp(&b.auth_type));
    Ok(strategies)
}

fn row(strategy: &StrategyInfo) -> [Cell<'_>; 6] {
    let (version, needs) = match &strategy.description {
        Ok(said) => (said.version.as_str().into(), names(&said.environment).into()),
        Err(_) => (output::label(orchestration_runtime::Status::Error), "-".into()),
    };
    let file = strategy.component.as_ref();
    let from = file.map_or("built in".into(), |file| file.path.to_string_lossy().into());
    let digest: String = strategy.sha256.chars().take(DIGITS).collect();
    let auth_type = strategy.auth_type.as_str();
    [auth_type.into(), version, from, digest.into(), needs, names(&strategy.env).into()]
}

fn names(variables: &[String]) -> String {
    if variables.is_empty() { "-".to_owned() } else { variables.join(", ") }
}
