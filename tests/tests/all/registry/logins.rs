//! Who asks: the logins of Docker's config.json.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestration_tests::Cli;
use orchestration_tests::registry::{DockerRegistry, PASSWORD, USER};

use super::user;

/// Writes Docker's file with a login for this name of a host.
fn log_in(cli: &Cli, name: &str, password: &str) {
    let auth = STANDARD.encode(format!("{USER}:{password}"));
    let auths = serde_json::json!({ "auths": { name: { "auth": auth } } });
    cli.file(".docker/config.json", auths.to_string());
}

/// Writes a credential helper that answers this for one host.
fn helper(cli: Cli, host: &str, answer: &str) -> Cli {
    let script = format!(
        "#!/bin/sh\nread -r server\n[ \"$server\" = '{host}' ] && echo '{answer}' && exit\n\
         echo 'credentials not found in native keychain'\nexit 1\n"
    );
    let path = cli.file("bin/docker-credential-tests", script);
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it can be made executable");
    let directory = path.parent().expect("it is in a directory").display();
    let path = format!("{directory}:{}", std::env::var("PATH").unwrap_or_default());
    cli.env("PATH", path)
}

#[test]
fn a_registry_with_a_password_is_used_with_the_login_of_docker() {
    let Some(registry) = DockerRegistry::start_with_password() else { return };
    let host = registry.host();
    let reference = format!("oci://{host}/acme/sso:1");
    let push = ["strategy", "push", "sso.wasm", &reference];
    let cli = user();
    cli.run(&push).exits_with(2).explains(&[
        &format!(
            "{host} gives 'acme/sso' only to users that it knows (401); no credential for it is in"
        ),
        "/.docker/config.json\n",
        &format!("  log in with: docker login {host}\n"),
    ]);
    log_in(&cli, host, "wrong-0123456789");
    let refused = cli.run(&push).exits_with(2).explains(&[
        "(401); the credential is from ",
        "/.docker/config.json\n",
        &format!("  log in again with: docker login {host}\n"),
    ]);
    assert!(!refused.all().contains("wrong-0123456789"), "{refused:#?}");

    for name in [host.to_owned(), format!("https://{host}"), format!("http://{host}")] {
        log_in(&cli, &name, PASSWORD);
        cli.run(&push).exits_with(0);
    }
    cli.run(&["strategy", "inspect", &format!("oci://{host}/acme/other:1")])
        .exits_with(2)
        .explains(&["does not have the manifest of 'acme/other' (404)", "/.docker/config.json"]);
    // A file that Docker did not write is named, and its text is not repeated.
    cli.file(".docker/config.json", format!("{{ \"auths\": \"{PASSWORD}\" }}"));
    let broken = cli.run(&push).exits_with(2).explains(&["/.docker/config.json can't be used"]);
    assert!(!broken.all().contains(PASSWORD), "{broken:#?}");
}

#[test]
fn a_credential_helper_is_asked_as_docker_asks_it() {
    let Some(registry) = DockerRegistry::start_with_password() else { return };
    let host = registry.host();
    let reference = format!("oci://{host}/acme/sso:1");
    let push = ["strategy", "push", "sso.wasm", &reference];
    let answer = serde_json::json!({ "ServerURL": host, "Username": USER, "Secret": PASSWORD });
    let cli = helper(user(), host, &answer.to_string());
    for config in [
        serde_json::json!({ "credHelpers": { host: "tests" } }),
        serde_json::json!({ "credsStore": "tests", "auths": { host: {} } }),
    ] {
        cli.file(".docker/config.json", config.to_string());
        cli.run(&push).exits_with(0);
    }
    let config = cli.file(
        "elsewhere/config.json",
        serde_json::json!({ "credHelpers": { host: "gone" } }).to_string(),
    );
    let cli = cli.env("DOCKER_CONFIG", config.parent().expect("it is in a directory"));
    cli.run(&push).exits_with(2).explains(&["docker-credential-gone gives no credential for"]);
    cli.file(
        "elsewhere/config.json",
        serde_json::json!({ "credHelpers": { host: "../../bin/sh" } }).to_string(),
    );
    cli.run(&push).exits_with(2).explains(&["it is not the name of a helper"]);
}

#[test]
fn a_registry_with_a_private_authority_is_trusted_if_the_user_says_so() {
    let Some(registry) = DockerRegistry::start_with_tls() else { return };
    let reference = format!("oci://{}/acme/sso:1", registry.host());
    let push = ["strategy", "push", "sso.wasm", &reference];
    let cli = user();
    log_in(&cli, registry.host(), PASSWORD);
    cli.run(&push).exits_with(2).explains(&["is not trusted", "SSL_CERT_FILE"]);
    let cli = cli.env("SSL_CERT_FILE", registry.authority());
    cli.run(&push).exits_with(0);
    cli.run(&["strategy", "add", &reference, "--auth-type", "sso"]).exits_with(0);
}
