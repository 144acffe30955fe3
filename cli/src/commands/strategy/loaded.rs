//! All strategies, loaded.

use orchestration_runtime::{Registry, StrategyInfo};
use tokio::task::JoinSet;

/// Loads every strategy, all at once: one that takes long to compile holds up no
/// other. The result is sorted by auth type.
pub(crate) async fn load_all(registry: &Registry) -> Vec<StrategyInfo> {
    let mut loading: JoinSet<Option<StrategyInfo>> = registry
        .auth_types()
        .map(|auth_type| {
            let (registry, auth_type) = (registry.clone(), auth_type.to_owned());
            async move { registry.info(&auth_type).await }
        })
        .collect();
    let mut strategies = Vec::with_capacity(loading.len());
    while let Some(strategy) = loading.join_next().await {
        strategies.extend(strategy.ok().flatten());
    }
    strategies.sort_by(|a, b| a.auth_type.cmp(&b.auth_type));
    strategies
}
