//! Resolves one profile a given number of times, in a pool. `.ci/counts` runs it under
//! valgrind to count the instructions.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark may panic")]

use orchestration_runtime::{
    AgentConfig, Allocation, Environment, ProviderProfile, ProvidersToml, Registry, Scope,
    resolve_auth_strategy,
};

fn main() {
    let times: u32 = std::env::args()
        .nth(1)
        .and_then(|times| times.parse().ok())
        .expect("the number of resolutions as an argument");
    let variables = [("CORP_KEY".to_owned(), "sk-proj-0123456789abcdef0123456789abcdef".into())];
    let environment = Environment::Fixed(variables.into());
    let providers = ProvidersToml::built_in();
    let registry = Registry::new(&providers, environment, None, Allocation::Pooling)
        .expect("the sandbox can be set up");
    let profile = ProviderProfile {
        api_key_env: Some("CORP_KEY".into()),
        base_url: "https://llm.corp.example/v1".parse().ok(),
        ..ProviderProfile::new("corp")
    };
    let config = AgentConfig::default();
    let strategy = resolve_auth_strategy(&registry, &config, Some(&profile), Scope::OwnCredential)
        .expect("the strategy exists");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("the runtime can be built");
    runtime.block_on(async {
        for _ in 0..times {
            strategy.get_credentials().await.expect("the key can be resolved");
        }
    });
}
