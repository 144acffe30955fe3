//! Tests of what can only be done from inside: calls with grants that no profile would
//! give, and embedded code that does not load.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{
    Allocation, BUILT_IN, BuiltIn, Call, Credentials, Environment, Failure, Files, Grant, Grants,
    Limits, Profile, Sandbox, Strategy, Subject, WallClock,
};

fn api_key() -> BuiltIn {
    BUILT_IN.into_iter().find(|built_in| built_in.auth_type == "api_key").unwrap()
}

/// Resolves the key of a profile that names `CORP_KEY`, which is set.
fn resolve(strategy: &Strategy, grants: &[&str]) -> Result<Credentials, Failure> {
    let variables = BTreeMap::from([("CORP_KEY".to_owned(), "sk-corp".into())]);
    let call = Arc::new(Call {
        subject: Subject { strategy: "api_key".into(), profile: "corp".into() },
        environment: Arc::new(Environment::Fixed(variables)),
        files: Arc::new(Files::Machine),
        transport: None,
        sessions: None,
        explicit_key: None,
        grants: grants.iter().map(|name| Grant::variable(*name)).collect::<Grants>(),
        limits: Limits::default(),
        clock: WallClock::Machine,
        observer: None,
    });
    let profile = Profile {
        name: "corp",
        provider: "openai",
        base_url: None,
        issuer: None,
        api_key_env: Some("CORP_KEY"),
        api_key_file: None,
        fallback_env: None,
        options: &[],
    };
    let credentials = strategy.get_credentials(call, profile);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(credentials)
}

#[test]
fn a_denial_names_the_grant_that_would_have_allowed_it() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    let strategy = sandbox.load_built_in(api_key()).unwrap();
    let failure = resolve(&strategy, &["CORP_KEY_2"]).unwrap_err();
    let Failure::Denied(denials) = failure else { panic!("{failure}") };
    assert_eq!(denials[0].grant(), Some(Grant::variable("CORP_KEY")));
    assert!(resolve(&strategy, &["CORP_KEY"]).is_ok());
}

#[test]
fn a_built_in_strategy_is_compiled_if_its_embedded_code_does_not_load() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    for compiled in [&b""[..], b"not code at all", &api_key().compiled[..1000]] {
        let strategy = sandbox
            .load_built_in(BuiltIn { compiled, compiled_small: compiled, ..api_key() })
            .unwrap();
        assert!(resolve(&strategy, &["CORP_KEY"]).is_ok());
    }
}

#[test]
fn embedded_code_loads_on_the_machine_that_built_it() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    let without_component = BuiltIn { component: b"must not be read", ..api_key() };
    assert!(sandbox.load_built_in(without_component).is_ok());
}
