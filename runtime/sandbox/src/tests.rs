//! What can only be seen from inside: calls with grants that no profile would
//! give, and embedded code that does not fit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{
    Allocation, BUILT_IN, BuiltIn, Call, Credentials, Environment, Failure, Grant, Grants, Limits,
    Profile, Sandbox, Strategy, Subject,
};

fn api_key() -> BuiltIn {
    BUILT_IN.into_iter().find(|built_in| built_in.auth_type == "api_key").unwrap()
}

/// Asks for the key of a profile that names `CORP_KEY`, which is set.
fn ask(strategy: &Strategy, grants: &[&str]) -> Result<Credentials, Failure> {
    let variables = BTreeMap::from([("CORP_KEY".to_owned(), "sk-corp".into())]);
    let call = Arc::new(Call {
        subject: Subject { strategy: "api_key".into(), profile: "corp".into() },
        environment: Arc::new(Environment::Fixed(variables)),
        explicit_key: None,
        grants: grants.iter().map(|name| Grant::variable(*name)).collect::<Grants>(),
        limits: Limits::default(),
        observer: None,
    });
    let profile = Profile {
        name: "corp",
        provider: "openai",
        base_url: None,
        api_key_env: Some("CORP_KEY"),
        fallback_env: None,
        options: &[],
    };
    let answer = strategy.get_credentials(call, profile);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
}

#[test]
fn a_variable_that_is_not_granted_is_denied_and_the_denial_names_the_grant() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    let strategy = sandbox.load_built_in(api_key()).unwrap();
    let failure = ask(&strategy, &["CORP_KEY_2"]).unwrap_err();
    let Failure::Denied(denials) = failure else { panic!("{failure}") };
    assert_eq!(denials[0].grant(), Some(Grant::variable("CORP_KEY")));
    assert!(ask(&strategy, &["CORP_KEY"]).is_ok());
}

#[test]
fn embedded_code_that_does_not_fit_is_replaced_by_compiling_the_component() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    for compiled in [&b""[..], b"not code at all", &api_key().compiled[..1000]] {
        let strategy = sandbox.load_built_in(BuiltIn { compiled, ..api_key() }).unwrap();
        assert!(ask(&strategy, &["CORP_KEY"]).is_ok());
    }
}

#[test]
fn embedded_code_fits_the_machine_that_it_was_built_for() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    let own = BuiltIn { component: b"must not be looked at", ..api_key() };
    assert!(sandbox.load_built_in(own).is_ok());
}
