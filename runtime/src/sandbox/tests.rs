//! What can only be seen from inside: calls with grants that no profile would
//! give, and embedded code that does not fit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Allocation, BuiltIn, Call, Grants, Limits, Profile, Request, Sandbox, Strategy, Subject,
};
use crate::auth::BUILT_IN;
use crate::{Credentials, Environment, Failure};

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
        grants: grants.iter().copied().collect::<Grants>(),
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
    let answer = strategy.get_credentials(call, Request { profile, explicit_key: None });
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
}

#[test]
fn a_variable_that_is_not_granted_is_denied_and_the_denial_says_what_would_grant_it() {
    let sandbox = Sandbox::new(512 << 10, Allocation::OnDemand).unwrap();
    let strategy = sandbox.load_built_in(api_key()).unwrap();
    let failure = ask(&strategy, &["CORP_KEY_2"]).unwrap_err();
    assert_eq!(
        failure.sentence("api_key"),
        "strategy 'api_key' asked for CORP_KEY, which it is not granted"
    );
    assert_eq!(
        failure.hint("api_key", &["CORP_REGION".to_owned()]).unwrap(),
        r#"grant it with env = ["CORP_KEY", "CORP_REGION"] under [strategies.api_key]"#
    );
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
