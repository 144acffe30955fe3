//! `Debug` output, which ends up in the logs of programs that embed the runtime.
//!
//! Promised here: it has no value that may be secret, wherever a profile keeps it.

use std::path::Path;

use orchestration_runtime::{AgentConfig, ProvidersToml};

const TOML: &str = "\
[profiles.corp]
base_url = \"https://svc:pw-Nf41RzLk7@llm.corp.example/v1?subscription-key=q-0123-9876\"
headers = { Authorization = \"Bearer hdr-5RtGm83Z\" }
options = { client_secret = \"opt-J7vKd20M\" }
";

const SECRETS: [&str; 4] = ["pw-Nf41RzLk7", "q-0123-9876", "hdr-5RtGm83Z", "opt-J7vKd20M"];

#[track_caller]
fn assert_hidden(shown: &str) {
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

fn providers() -> ProvidersToml {
    ProvidersToml::parse(Path::new("providers.toml"), TOML.as_bytes()).expect("the text is good")
}

#[test]
fn of_a_profile_shows_names_and_no_values() {
    let providers = providers();
    let profile = providers.profile("corp").expect("it is in the file");
    let shown = format!("{profile:#?}");
    assert_hidden(&shown);
    for name in ["llm.corp.example", "Authorization", "client_secret"] {
        assert!(shown.contains(name), "{name}: {shown}");
    }
}

#[test]
fn of_all_profiles_shows_no_values() {
    assert_hidden(&format!("{:?}", providers()));
}

#[test]
fn of_the_configuration_of_an_agent_shows_no_values() {
    let providers = providers();
    let profile = providers.profile("corp").expect("it is in the file");
    let mut config = AgentConfig {
        base_url: profile.base_url.clone(),
        api_key: Some(SECRETS[0].into()),
        ..AgentConfig::default()
    };
    config.credentials.default_headers = profile.headers.clone();
    assert_hidden(&format!("{config:?}"));
}

#[test]
fn of_a_mistake_in_the_file_shows_no_values() {
    let broken = TOML.replace("[profiles.corp]", "[profiles.corp]\napi_key_env = 1");
    let error = ProvidersToml::parse(Path::new("providers.toml"), broken.as_bytes());
    assert_hidden(&format!("{:?}", error.expect_err("a number is no name")));
}
