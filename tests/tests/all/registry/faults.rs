//! What a registry can do wrong, each with its message.

use std::sync::{Arc, Mutex};

use orchestration_tests::server::Server;
use orchestration_tests::{Cli, Outcome};
use serde_json::json;

use super::fake::{Fake, MANIFEST, answer, descriptor, digest, path};
use super::{PROFILE, STORE, config, user};

fn add(cli: &Cli, server: &Server) -> Outcome {
    let reference = format!("oci://{}/acme/sso:1", server.host());
    cli.run(&["strategy", "add", &reference, "--auth-type", "sso"])
}

/// Changes a good registry into a bad one.
type Spoil = fn(&mut Fake);

#[test]
fn a_registry_that_does_everything_right_is_believed() {
    let (cli, server) = (user(), Fake::new().serve());
    add(&cli, &server).exits_with(0);
    cli.run(&["auth", "status", "corp"]).exits_with(0);
}

#[test]
fn each_fault_is_named_and_nothing_is_added() {
    let cases: &[(&str, Spoil, i32, &str)] = &[
        (
            "manifest of another digest",
            |fake| {
                let body = fake.manifest.to_string().replace("schemaVersion", "schemaversion");
                let named =
                    [("content-type", MANIFEST), ("docker-content-digest", &*fake.digest())];
                let bad = answer("200 OK", &named, body.as_bytes());
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), bad);
            },
            3,
            "the manifest has the digest sha256:",
        ),
        (
            "config of another digest",
            |fake| {
                let body = fake.config.to_string().replace("wasip2", "wasip1");
                fake.answers.insert(fake.blob("config"), answer("200 OK", &[], body.as_bytes()));
            },
            3,
            "the config has the digest sha256:",
        ),
        (
            "component of another digest",
            |fake| {
                let mut body = fake.component.clone();
                *body.last_mut().expect("it has bytes") ^= 1;
                fake.answers.insert(fake.blob("component"), answer("200 OK", &[], &body));
            },
            3,
            "the component has the digest sha256:",
        ),
        (
            "truncated",
            |fake| {
                let mut whole = answer("200 OK", &[], &fake.component);
                whole.truncate(whole.len() - 100);
                fake.answers.insert(fake.blob("component"), whole);
            },
            3,
            "the component ends after ",
        ),
        (
            "shorter than the manifest says",
            |fake| {
                let body = fake.component[..100].to_vec();
                fake.answers.insert(fake.blob("component"), answer("200 OK", &[], &body));
            },
            3,
            "the component does not have the ",
        ),
        (
            "longer than the manifest says, without an announcement",
            |fake| {
                let mut body = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
                body.extend(&fake.component);
                body.extend(vec![0; 1 << 20]);
                fake.answers.insert(fake.blob("component"), body);
            },
            3,
            "the component does not have the ",
        ),
        (
            "10 GiB in the manifest",
            |fake| fake.manifest["layers"][0]["size"] = json!(10_u64 << 30),
            3,
            "the component is too large: more than 268435456 bytes",
        ),
        (
            "10 GiB in the answer",
            |fake| {
                let body = b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\nabc";
                fake.answers.insert(fake.blob("component"), body.to_vec());
            },
            3,
            "the component is too large: more than 67108864 bytes",
        ),
        (
            "a manifest without end",
            |fake| {
                let body = b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n{".to_vec();
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), body);
            },
            3,
            "the manifest is too large: more than 4194304 bytes",
        ),
        (
            "an index",
            |fake| {
                let kind = "application/vnd.oci.image.index.v1+json";
                fake.manifest = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": [] });
            },
            3,
            "it is an index of several artifacts, not a component",
        ),
        (
            "an image",
            |fake| {
                fake.manifest["mediaType"] =
                    json!("application/vnd.docker.distribution.manifest.v2+json");
            },
            3,
            "the manifest is of the type 'application/vnd.docker.distribution.manifest.v2+json'",
        ),
        (
            "another kind of config",
            |fake| {
                fake.manifest["config"]["mediaType"] =
                    json!("application/vnd.oci.image.config.v1+json");
            },
            3,
            "the config is of the type 'application/vnd.oci.image.config.v1+json', expected ",
        ),
        (
            "another kind of layer",
            |fake| fake.manifest["layers"][0]["mediaType"] = json!("application/x-tar\u{1b}[2J"),
            3,
            "the component is of the type 'application/x-tar",
        ),
        (
            "two layers",
            |fake| {
                let layer = fake.manifest["layers"][0].clone();
                fake.manifest["layers"] = json!([layer, layer]);
            },
            3,
            "it has 2 layers; a component has one",
        ),
        (
            "no manifest at all",
            |fake| {
                let body = answer("200 OK", &[("content-type", MANIFEST)], b"<html>hunter22");
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), body);
            },
            3,
            "the manifest can't be read: line 1, column 1",
        ),
        (
            "a config for another component",
            |fake| {
                let mut config = fake.config.clone();
                config["layerDigests"] = json!([digest(b"other")]);
                fake.set_config(config);
            },
            3,
            "the config can't be read: it is for another component",
        ),
        (
            "a config that hides an import",
            |fake| {
                let mut config = fake.config.clone();
                config["component"] = json!({
                    "imports": [], "exports": ["orchestration:auth/strategy@0.2.0"],
                });
                fake.set_config(config);
            },
            3,
            "its config lists other imports or exports than it has",
        ),
        (
            "a blob that is gone",
            |fake| {
                fake.answers.insert(fake.blob("component"), answer("404 Not Found", &[], b""));
            },
            2,
            "does not have the component of 'acme/sso' (404)",
        ),
        (
            "403",
            |fake| {
                let body = answer("403 Forbidden", &[], b"{}");
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), body);
            },
            2,
            "denies access to 'acme/sso' (403); no credential for it is in",
        ),
        (
            "500 with a message",
            |fake| {
                let said = br#"{"errors":[{"code":"UNKNOWN","message":"on\u001b[2J fire"}]}"#;
                let body = answer("500 Internal Server Error", &[], said);
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), body);
            },
            2,
            "answers 500: on",
        ),
        (
            "a login of a kind that no one knows",
            |fake| {
                let body = answer("401 Unauthorized", &[("www-authenticate", "Negotiate")], b"");
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), body);
            },
            2,
            "asks for a login that is neither Basic nor Bearer",
        ),
        (
            "a server of tokens in plain http",
            |fake| {
                let challenge = r#"Bearer realm="http://tokens.example/t?password=hunter22""#;
                let body = answer("401 Unauthorized", &[("www-authenticate", challenge)], b"");
                fake.answers.insert("/v2/acme/sso/manifests/1".into(), body);
            },
            2,
            "it gets its tokens from http://tokens.example/t, which is not https",
        ),
        (
            "a blob in plain http elsewhere",
            |fake| {
                let to = [("location", "http://cdn.example/blob?signature=hunter22")];
                let body = answer("307 Temporary Redirect", &to, b"");
                fake.answers.insert(fake.blob("component"), body);
            },
            2,
            "the component is at http://cdn.example/blob, which is not https",
        ),
        (
            "a blob that is moved for ever",
            |fake| {
                let path = fake.blob("component");
                let body = answer("307 Temporary Redirect", &[("location", &path)], b"");
                fake.answers.insert(path, body);
            },
            2,
            "the component is moved too often",
        ),
    ];
    for (name, spoil, status, message) in cases {
        let mut fake = Fake::new();
        spoil(&mut fake);
        let (cli, server) = (user(), fake.serve());
        let outcome = add(&cli, &server);
        assert_eq!(outcome.status, *status, "{name}: {outcome:#?}");
        assert!(outcome.stderr.contains(message), "{name}: {outcome:#?}");
        assert!(outcome.stderr.contains(&server.host()), "{name}: {outcome:#?}");
        assert!(!outcome.all().contains(['\u{1b}']), "{name}: {outcome:#?}");
        assert!(!outcome.all().contains("hunter22"), "{name}: {outcome:#?}");
        assert_eq!(config(&cli), PROFILE, "{name}");
    }
}

#[test]
fn a_blob_elsewhere_is_fetched_without_the_login() {
    let mut fake = Fake::new();
    let (blob, component) = (fake.blob("component"), fake.component.clone());
    let elsewhere =
        Server::with(move |_, stream| stream.write_all(&answer("200 OK", &[], &component)));
    let to = format!("http://{}/blob", elsewhere.host());
    fake.answers.insert(blob, answer("307 Temporary Redirect", &[("location", &to)], b""));
    let server = Server::with(move |request, stream| {
        let wanted = [("www-authenticate", "Basic realm=\"x\"")];
        match (path(request), request.header("authorization")) {
            ("/v2/", _) | (_, Some(_)) => stream.write_all(&fake.answer(path(request))),
            (_, None) => stream.write_all(&answer("401 Unauthorized", &wanted, b"")),
        }
    });
    let cli = user();
    let auths = json!({ "auths": { server.host(): { "auth": "YWRhOmh1bnRlcjIy" } } });
    cli.file(".docker/config.json", auths.to_string());
    add(&cli, &server).exits_with(0);
    let fetched = elsewhere.request();
    assert_eq!((fetched.header("authorization"), path(&fetched)), (None, "/blob"));
}

/// A registry with tokens, whose server gives them to anyone, but not to a stale login.
fn with_tokens(gives: &'static [Option<&'static str>]) -> Server {
    let fake = Fake::new();
    let host = Arc::new(Mutex::new(String::new()));
    let known = Arc::clone(&host);
    let server = Server::with(move |request, stream| {
        let login = request.header("authorization");
        if path(request).starts_with("/token?service=tests&scope=repository%3Aacme%2Fsso%3Apull") {
            let answer = match gives.contains(&login) {
                true => answer("200 OK", &[], br#"{"token":"abcdefgh12345678"}"#),
                false => answer("401 Unauthorized", &[], b"{}"),
            };
            return stream.write_all(&answer);
        }
        if path(request) == "/v2/" || login == Some("Bearer abcdefgh12345678") {
            return stream.write_all(&fake.answer(path(request)));
        }
        let realm = format!(
            "Bearer realm=\"http://{}/token\",service=\"tests\",scope=\"x\"",
            known.lock().expect("it is whole")
        );
        stream.write_all(&answer("401 Unauthorized", &[("www-authenticate", &realm)], b"{}"))
    });
    *host.lock().expect("it is whole") = server.host();
    server
}

#[test]
fn a_stored_login_that_is_refused_does_not_stand_in_the_way_of_what_anyone_may_have() {
    const STALE: &str = "Basic YWRhOnN0YWxl";
    let cli = user();
    let log_in = |server: &Server| {
        let auths = json!({ "auths": { server.host(): { "auth": "YWRhOnN0YWxl" } } });
        cli.file(".docker/config.json", auths.to_string());
    };
    let server = with_tokens(&[None]);
    log_in(&server);
    add(&cli, &server).exits_with(0);
    let logins: Vec<_> = server
        .requests()
        .iter()
        .filter(|request| path(request).starts_with("/token"))
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(logins, [Some(STALE.to_owned()), None]);

    let server = with_tokens(&[Some(STALE)]);
    log_in(&server);
    add(&cli, &server).exits_with(0);

    // Nor does a helper that is not installed.
    let server = with_tokens(&[None]);
    cli.file(".docker/config.json", json!({ "credsStore": "gone" }).to_string());
    add(&cli, &server).exits_with(0);
    let server = with_tokens(&[]);
    add(&cli, &server).exits_with(2).explains(&["docker-credential-gone gives no credential"]);

    let server = with_tokens(&[]);
    log_in(&server);
    add(&cli, &server).exits_with(2).explains(&["(401); the credential is from"]);
}

#[test]
fn what_was_shown_is_what_is_pinned_even_if_the_tag_moves_meanwhile() {
    let (old, mut new) = (Fake::new(), Fake::new());
    let config_of_new = json!({ "architecture": "wasm", "os": "wasip2", "created": "2030-01-01T00:00:00Z", "component": null });
    new.set_config(config_of_new);
    let pinned = old.digest();
    let moved = Mutex::new(false);
    let server = Server::with(move |request, stream| {
        let mut moved = moved.lock().expect("it is whole");
        let at_tag = path(request) == "/v2/acme/sso/manifests/1";
        let fake = if *moved && at_tag { &new } else { &old };
        *moved |= at_tag;
        stream.write_all(&fake.answer(path(request)))
    });
    let cli = user();
    let added = add(&cli, &server).exits_with(0);
    assert!(added.stdout.contains(&pinned) && config(&cli).contains(&pinned), "{added:#?}");
}

#[test]
fn a_pinned_component_that_the_registry_replaced_is_not_taken() {
    let fake = Fake::new();
    let pinned = fake.digest();
    let other = descriptor("application/wasm", b"other");
    let server = fake.serve();
    let cli = user();
    let reference = format!("oci://{}/acme/sso:1@{pinned}", server.host());
    let sha256 = other["digest"].as_str().expect("it is a text").replace("sha256:", "");
    let text =
        format!("{PROFILE}[strategies.sso]\ncomponent = \"{reference}\"\nsha256 = \"{sha256}\"\n");
    let cli = cli.config(&text);
    cli.run(&["strategy", "pull"]).exits_with(3).explains(&["is pinned"]);
    assert!(!cli.home().join(STORE).exists());
}

#[test]
fn a_registry_that_repeats_the_login_does_not_show_it() {
    const PASSWORD: &str = "hunter22-hunter22";
    let login = "YWRhOmh1bnRlcjIyLWh1bnRlcjIy";
    let server = Server::with(move |request, stream| {
        let wanted = [("www-authenticate", "Basic realm=\"x\"")];
        let told = json!({ "errors": [{ "message": format!("{login} is {PASSWORD}") }] });
        stream.write_all(&match (path(request), request.header("authorization")) {
            ("/v2/", _) => answer("200 OK", &[], b"{}"),
            (_, None) => answer("401 Unauthorized", &wanted, b""),
            (_, Some(_)) => answer("500 Internal Server Error", &[], told.to_string().as_bytes()),
        })
    });
    let cli = user();
    let auths = json!({ "auths": { server.host(): { "auth": login } } });
    cli.file(".docker/config.json", auths.to_string());
    let outcome = add(&cli, &server).exits_with(2).explains(&["answers 500: *** is ***"]);
    assert!(!outcome.all().contains("hunter22") && !outcome.all().contains(login), "{outcome:#?}");
}
