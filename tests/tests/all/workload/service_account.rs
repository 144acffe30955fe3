//! `service_account`, at a provider that others wrote and that verifies the signatures.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestration_tests::Cli;
use orchestration_tests::identity::IdentityProvider;
use orchestration_tests::server::Server;
use serde_json::Value;

use super::*;

const RSA_1024: &str = include_str!(
    "../../../../runtime/sandbox/src/capabilities/secrets/sign/test_keys/rsa-1024.pem"
);
const RSA: &str = include_str!(
    "../../../../runtime/sandbox/src/capabilities/secrets/sign/test_keys/rfc7515-a2-pkcs8.pem"
);

/// A home whose profile `ci` has this key, and gets its token at `provider`.
fn cli(provider: &IdentityProvider, key: &Path, options: &str) -> Cli {
    let lines = format!(
        "issuer = \"{}\"\napi_key_file = \"{}\"\noptions = {{ {options} }}",
        provider.issuer(),
        key.display()
    );
    home("service_account", &lines)
}

/// A home whose key file has this content, and whose issuer is `server`.
fn with_key(server: &Server, content: &str) -> Cli {
    let lines = format!("{}api_key_file = \"~/key\"", at(server, "client_id = \"robot\""));
    let cli = home("service_account", &lines);
    cli.file("key", content);
    cli
}

fn google(more: &str) -> String {
    let key = Value::String(RSA.to_owned());
    format!("{{\"private_key\": {key}, \"client_email\": \"robot@corp.example\"{more}}}")
}

/// The header and the claims of the assertion in the one request.
fn asserted(server: &Server, field_name: &str) -> (Value, Value) {
    let fields = form(&server.request());
    let mut parts = field(&fields, field_name).split('.').map(|part| {
        let decoded = URL_SAFE_NO_PAD.decode(part).expect("a part is in base64url");
        serde_json::from_slice(&decoded).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

#[test]
fn googles_key_file_gets_a_token_that_the_provider_accepts_and_the_next_process_uses() {
    let Some(provider) = IdentityProvider::start_for_services() else { return };
    let cli = cli(&provider, &provider.key("google.json"), "scope = \"llm\"");
    assert_eq!(status_of(&cli), ["ci", "service_account", "✓ ready", "minted when needed"]);

    let token = cli.run(OBTAIN).exits_with(0).stdout;
    assert!(provider.accepts(token.trim()), "{token}");
    assert_eq!(status_of(&cli)[2], "✓ valid");
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, token);
    let asserted = "asserted by robot@project.iam.corp.example for itself with google: llm";
    assert_eq!(provider.count(asserted), 1, "{:?}", provider.log());
}

#[test]
fn a_key_of_each_kind_signs_for_a_client() {
    let Some(provider) = IdentityProvider::start_for_services() else { return };
    for (key, algorithm, options) in [
        ("rsa.pem", "RS256", "key_id = \"rsa\""),
        ("ec.jwk", "ES256", ""),
        ("ed.pem", "EdDSA", "key_id = \"ed\""),
    ] {
        let options = [options, "client_id = \"service\", scope = \"llm\""].join(", ");
        let options = options.trim_start_matches(", ");
        let options = format!("{options}, algorithm = \"{algorithm}\"");
        let grant = "grant = \"client-credentials\"";
        let cli = cli(&provider, &provider.key(key), &format!("{options}, {grant}"));
        let token = cli.run(OBTAIN).exits_with(0).stdout;
        assert!(provider.accepts(token.trim()), "{key}: {token}");
    }
    assert_eq!(provider.count("granted client_credentials"), 3, "{:?}", provider.log());
}

#[test]
fn a_key_that_is_replaced_signs_the_next_assertion() {
    let Some(provider) = IdentityProvider::start_for_services() else { return };
    let cli = home(
        "service_account",
        &format!("issuer = \"{}\"\napi_key_file = \"~/keys/key.json\"", provider.issuer()),
    );
    // As a cluster does it.
    let rotate = |name: &str| {
        let key = fs::read_to_string(provider.key(name)).expect("there is a key");
        let path = cli.file(&format!("keys/{name}"), key);
        let link = cli.home().join("keys/key.json");
        let _ = fs::remove_file(&link);
        symlink(path.file_name().expect("a file has a name"), link).expect("a link can be made");
    };
    for name in ["google", "new"] {
        rotate(&format!("{name}.json"));
        cli.run(&["auth", "refresh", "ci"]).exits_with(0);
        let asserted =
            format!("asserted by robot@project.iam.corp.example for itself with {name}: undefined");
        assert_eq!(provider.count(&asserted), 1, "{:?}", provider.log());
    }
}

#[test]
fn an_assertion_says_what_the_profile_says() {
    let server = endpoint(token());
    let options = "client_id = \"a \\\"b\\\" \\\\\", subject = \"ada\", audience = \"https://aud\", \
        scope = \"x y\", key_id = \"7\"";
    let lines = format!("{}api_key_env = \"KEY\"", at(&server, options));
    let cli = home("service_account", &lines).env("KEY", RSA.replace('\n', "\\n"));
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, format!("{TOKEN}\n"));

    let (header, claims) = asserted(&server, "assertion");
    assert_eq!(header, serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": "7" }));
    for (name, value) in
        [("iss", "a \"b\" \\"), ("sub", "ada"), ("aud", "https://aud"), ("scope", "x y")]
    {
        assert_eq!(claims[name], value, "{claims}");
    }
    let time = |name: &str| claims[name].as_u64().expect("a time is a number");
    assert_eq!(time("exp"), time("iat") + 300);
    assert!(claims["jti"].as_str().expect("there is an id").len() >= 16, "{claims}");
    let fields = form(&server.request());
    assert_eq!(field(&fields, "scope"), "x y");
    assert_eq!(field(&fields, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
}

#[test]
fn the_file_of_a_key_does_not_choose_the_server() {
    let (server, elsewhere) = (endpoint(token()), endpoint(token()));
    let address = origin(&elsewhere);
    let key = google(&format!(", \"token_uri\": \"{address}/token\""));
    let cli = home("service_account", &format!("{}api_key_file = \"~/key\"", at(&server, "")));
    cli.file("key", key);
    cli.run(OBTAIN).exits_with(0);
    assert_eq!(elsewhere.requests().len(), 0);
    let (_, claims) = asserted(&server, "assertion");
    assert_eq!(claims["aud"], format!("{}/token", origin(&server)));
    // Google takes no subject, unless the account acts for a user.
    assert_eq!(claims.get("sub"), None);
}

#[test]
fn a_key_that_cannot_sign_is_named_and_nothing_is_sent() {
    let server = endpoint(token());
    let no_key = "no private key for RS256 in ";
    for (content, fault) in [
        (RSA_1024, no_key),
        ("not a key at all", no_key),
        ("{\"private_key\": 17}", no_key),
        ("{\"private_key\": \"-----BEGIN PRIVATE KEY-----\"}", no_key),
        ("[1, 2]", no_key),
        ("", "there is nothing in "),
        (&"x".repeat((1 << 20) + 1), "is larger than 1 MiB"),
    ] {
        let cli = with_key(&server, content);
        let outcome = cli.run(OBTAIN).exits_with(1);
        assert!(outcome.stderr.contains("profile 'ci'"), "{outcome:#?}");
        assert!(outcome.stderr.contains(fault), "{fault} in {outcome:#?}");
        assert!(outcome.stderr.contains("/key"), "{outcome:#?}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_key_file_that_is_a_pipe_is_refused_without_waiting_for_it() {
    let server = endpoint(token());
    let cli = home("service_account", &format!("{}api_key_file = \"~/key\"", at(&server, "")));
    let made = Command::new("mkfifo").arg(cli.home().join("key")).status();
    assert!(made.expect("mkfifo can be started").success());
    cli.run(OBTAIN).exits_with(1).explains(&["/key is not a regular file"]);
    assert_eq!(status_of(&cli)[2], "✗ invalid");
}

#[test]
fn a_quote_in_a_file_changes_nothing_but_its_own_assertion() {
    let server = endpoint(token());
    let injected = "\\\"}, \\\"aud\\\": \\\"https://elsewhere";
    let cli = home("service_account", &format!("{}api_key_file = \"~/key\"", at(&server, "")));
    let key = google("").replace("robot@corp.example", injected);
    cli.file("key", key);
    cli.run(OBTAIN).exits_with(0);
    assert!(server.request().line.starts_with("POST /token "));
}

#[test]
fn what_a_profile_lacks_is_named_with_the_line_to_add() {
    let server = endpoint(token());
    let key = "api_key_env = \"KEY\"";
    let without_client = format!("{}{key}", at(&server, ""));
    let unknown =
        |option: &str| format!("{}{key}", at(&server, &format!("client_id = \"x\", {option}")));
    for (lines, says) in [
        (key.to_owned() + "\noptions = { client_id = \"x\" }", ["no issuer", "issuer = \"...\""]),
        (without_client, ["no client_id", "options.client_id = \"...\""]),
        (
            at(&server, "client_id = \"x\""),
            ["no file for the private key", "api_key_file = \"...\""],
        ),
        (
            unknown("algorithm = \"XS999\""),
            ["the profile ci has an unknown algorithm", "RS256, ES256"],
        ),
        (unknown("grant = \"password\""), ["the profile ci has an unknown grant", "jwt-bearer or"]),
    ] {
        let cli = home("service_account", &lines).env("KEY", RSA);
        for command in [OBTAIN, &["auth", "login", "ci"]] {
            let outcome = cli.run(command);
            assert!(outcome.status != 0, "{outcome:#?}");
            for text in says {
                assert!(outcome.all().contains(text), "{text} in {outcome:#?}");
            }
        }
    }
    let cli = home("service_account", &format!("{}{key}", at(&server, "client_id = \"x\"")));
    cli.run(OBTAIN).exits_with(1).explains(&["KEY is not set", "Set KEY to the private key"]);
    assert_eq!(status_of(&cli)[2..], ["✗ missing", "KEY"]);
    assert_eq!(server.requests().len(), 0);
}
