//! Who published it: signatures, and the keys that they have to be by.

use std::fs;

use orchestration_tests::registry::DockerRegistry;
use orchestration_tests::{Cli, Outcome, independent};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

use super::fake::Fake;
use super::{PROFILE, STORE, config, sso, user};

/// Writes a pair of keys: `NAME.key` and `NAME.pub`.
fn keys(cli: &Cli) {
    for (name, kind) in [
        ("acme", &PKCS_ECDSA_P256_SHA256),
        ("ed", &PKCS_ED25519),
        ("other", &PKCS_ED25519),
        ("p384", &PKCS_ECDSA_P384_SHA384),
    ] {
        let pair = KeyPair::generate_for(kind).expect("a key can be made");
        cli.file(&format!("{name}.key"), pair.serialize_pem());
        cli.file(&format!("{name}.pub"), pair.public_key_pem());
    }
}

/// A registry with a component of this user.
fn published() -> Option<(DockerRegistry, Cli, String)> {
    let registry = DockerRegistry::start()?;
    let cli = user();
    keys(&cli);
    let reference = format!("oci://{}/acme/sso:1", registry.host());
    cli.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    Some((registry, cli, reference))
}

fn sign(cli: &Cli, reference: &str, key: &str) -> Outcome {
    cli.run(&["strategy", "sign", reference, "--key", key])
}

fn add(cli: &Cli, reference: &str, key: &str) -> Outcome {
    cli.run(&["strategy", "add", reference, "--auth-type", "sso", "--verify-key", key])
}

#[test]
fn a_component_is_taken_if_it_is_signed_by_the_key_and_not_otherwise() {
    let Some((_registry, cli, reference)) = published() else { return };
    add(&cli, &reference, "acme.pub").exits_with(3).explains(&[" is not signed\n"]);
    sign(&cli, &reference, "other.key").exits_with(0);
    add(&cli, &reference, "acme.pub")
        .exits_with(3)
        .explains(&[" is signed, but not by the key acme.pub\n"]);
    assert_eq!(config(&cli), PROFILE);
    assert!(!cli.home().join(STORE).exists(), "nothing is fetched before its signature");

    sign(&cli, &reference, "acme.key").exits_with(0);
    sign(&cli, &reference, "ed.key").exits_with(0);
    for key in ["acme.pub", "ed.pub", "other.pub"] {
        add(&cli, &reference, key).exits_with(0);
        cli.run(&["strategy", "inspect", &reference, "--verify-key", key]).exits_with(0);
    }
    for (key, why) in [
        ("acme.key", "is a private one; name the file of the public one"),
        ("p384.pub", "is neither ECDSA on P-256 nor Ed25519"),
        ("sso.wasm", "is not a key in PEM"),
        ("nope.pub", "can't be read: "),
    ] {
        add(&cli, &reference, key).exits_with(2).explains(&["error: the key ", why]);
    }
    let encrypted = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
    cli.file("encrypted.key", encrypted);
    sign(&cli, &reference, "encrypted.key").exits_with(2).explains(&["is encrypted"]);
    sign(&cli, &reference, "p384.key").exits_with(2).explains(&["is neither ECDSA on P-256"]);
}

#[test]
fn an_update_checks_the_signature_of_what_is_pinned_already() {
    let Some((_registry, cli, reference)) = published() else { return };
    cli.run(&["strategy", "add", &reference, "--auth-type", "sso"]).exits_with(0);
    let update = ["strategy", "update", "sso", "--verify-key", "acme.pub"];
    cli.run(&update).exits_with(3).explains(&[" is not signed\n"]);
    sign(&cli, &reference, "acme.key").exits_with(0);
    let outcome = cli.run(&update).exits_with(0);
    assert_eq!(outcome.stdout, "✓ sso is up to date\n");
}

#[test]
fn a_rule_in_providers_toml_makes_a_signature_required_and_no_project_can_take_that_back() {
    let Some((registry, cli, reference)) = published() else { return };
    let rule =
        format!("[trust]\nregistries.\"{}/acme/*\" = {{ key = \"acme.pub\" }}\n", registry.host());
    for key in ["acme.pub", "other.pub"] {
        fs::copy(cli.home().join(key), cli.home().join(".config/orchestration").join(key))
            .expect("it can be copied");
    }
    let cli = cli.config(format!("{PROFILE}{rule}"));
    let plain = ["strategy", "add", &reference, "--auth-type", "sso"];
    cli.run(&plain).exits_with(3).explains(&[" is not signed\n"]);
    sign(&cli, &reference, "other.key").exits_with(0);
    cli.run(&plain).exits_with(3).explains(&["not by the key "]);
    sign(&cli, &reference, "acme.key").exits_with(0);
    cli.run(&plain).exits_with(0);
    cli.run(&[&plain[..], &["--offline"]].concat()).exits_with(2).explains(&["--offline keeps it"]);

    // A project asks for another key of the same repositories: both are needed.
    cli.file(".orchestration/ed.pub", fs::read(cli.home().join("ed.pub")).expect("it is there"));
    cli.file(".orchestration/providers.toml", rule.replace("acme.pub", "ed.pub"));
    cli.run(&["trust", "--yes"]).exits_with(0);
    fs::remove_dir_all(cli.home().join(STORE)).expect("it can be removed");
    cli.run(&["strategy", "pull"]).exits_with(3).explains(&["not by the key "]);
    sign(&cli, &reference, "ed.key").exits_with(0);
    cli.run(&["strategy", "pull"]).exits_with(0);
}

#[test]
fn a_rule_that_protects_nothing_is_a_mistake() {
    for registries in ["*", "ghcr.io", "oci://ghcr.io/acme/*", "ghcr.io/acme/sso:1"] {
        let text = format!("[trust]\nregistries.\"{registries}\" = {{ key = \"acme.pub\" }}\n");
        user().config(text).status().exits_with(2).explains(&[
            "a rule is for HOST/REPOSITORY, or for HOST/PREFIX/*",
            "registries.\"ghcr.io/acme/*\"",
        ]);
    }
}

#[test]
fn a_signature_of_one_component_is_none_of_another() {
    let Some((registry, cli, reference)) = published() else { return };
    sign(&cli, &reference, "acme.key").exits_with(0);
    cli.file("evil.wasm", sso("6.6.6"));
    let evil = format!("oci://{}/acme/sso:2", registry.host());
    cli.run(&["strategy", "push", "evil.wasm", &evil]).exits_with(0);
    // Whoever may write to the registry copies the list of signatures to the other digest.
    let digest = |reference: &str| {
        let shown = cli.run(&["strategy", "inspect", reference]).exits_with(0).stdout;
        let (_, rest) = shown.split_once("Manifest  sha256:").expect("it shows the digest");
        rest.split('\n').next().expect("a split has a part").to_owned()
    };
    let Some(python) = independent("python3") else { return };
    let script = "
import sys, urllib.request as u
host, old, new = sys.argv[1:]
kind = 'application/vnd.oci.image.manifest.v1+json'
url = f'http://{host}/v2/acme/sso/manifests/sha256-%s.sig'
body = u.urlopen(u.Request(url % old, headers={'accept': kind})).read()
u.urlopen(u.Request(url % new, data=body, method='PUT', headers={'content-type': kind}))
";
    let python = python.to_str().expect("the path is Unicode");
    let arguments = ["-c", script, registry.host(), &digest(&reference), &digest(&evil)];
    Outcome::of(&mut cli.command_in(python, &arguments)).exits_with(0);
    add(&cli, &evil, "acme.pub").exits_with(3).explains(&[
        "the signature by the key acme.pub is for sha256:",
        &format!(", not for sha256:{}\n", digest(&evil)),
    ]);
}

/// Checks our signature with another library, and makes one as cosign does.
const COSIGN: &str = "
import sys, json, base64, hashlib, urllib.request as u
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
host, digest = sys.argv[1:]
kind = 'application/vnd.oci.image.manifest.v1+json'
base = f'http://{host}/v2/acme/sso'
tag = f'{base}/manifests/sha256-{digest}.sig'
manifest = json.load(u.urlopen(u.Request(tag, headers={'accept': kind})))
[layer] = manifest['layers']
assert layer['mediaType'] == 'application/vnd.dev.cosign.simplesigning.v1+json'
payload = u.urlopen(f'{base}/blobs/{layer[\"digest\"]}').read()
signature = base64.b64decode(layer['annotations']['dev.cosignproject.cosign/signature'])
key = s.load_pem_public_key(open('acme.pub', 'rb').read())
key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
assert json.loads(payload)['critical'] == {
    'identity': {'docker-reference': f'{host}/acme/sso'},
    'image': {'docker-manifest-digest': f'sha256:{digest}'},
    'type': 'cosign container image signature'}, payload

theirs = ec.generate_private_key(ec.SECP256R1())
open('theirs.pub', 'wb').write(theirs.public_key().public_bytes(
    s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo))
def upload(body):
    digest = 'sha256:' + hashlib.sha256(body).hexdigest()
    begun = u.urlopen(u.Request(f'{base}/blobs/uploads/', data=b'', method='POST'))
    to = begun.headers['location'] + '&digest=' + digest
    u.urlopen(u.Request(to, data=body, method='PUT', headers={'content-type': 'application/octet-stream'}))
    return {'digest': digest, 'size': len(body)}
payload = json.dumps({'critical': {'identity': {'docker-reference': ''},
    'image': {'docker-manifest-digest': f'sha256:{digest}'},
    'type': 'cosign container image signature'}, 'optional': {'creator': 'tests'}}).encode()
signature = base64.b64encode(theirs.sign(payload, ec.ECDSA(hashes.SHA256()))).decode()
layer = upload(payload) | {'mediaType': layer['mediaType'],
    'annotations': {'dev.cosignproject.cosign/signature': signature}}
manifest['layers'] = [layer]
u.urlopen(u.Request(tag, data=json.dumps(manifest).encode(), method='PUT', headers={'content-type': kind}))
";

#[test]
fn signatures_are_those_of_cosign_in_both_directions() {
    let Some((registry, cli, reference)) = published() else { return };
    let Some(python) = independent("python3") else { return };
    let signed = sign(&cli, &reference, "acme.key").exits_with(0).stdout;
    let (_, digest) = signed.trim_end().split_once("@sha256:").expect("it says what it signed");
    let python = python.to_str().expect("the path is Unicode");
    Outcome::of(&mut cli.command_in(python, &["-c", COSIGN, registry.host(), digest]))
        .exits_with(0);
    add(&cli, &reference, "theirs.pub").exits_with(0);
}

#[test]
fn a_registry_that_only_says_that_it_is_signed_is_not_believed() {
    let mut fake = Fake::new();
    let payload = b"{}";
    let layer = serde_json::json!({
        "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
        "digest": super::fake::digest(payload), "size": payload.len(),
        "annotations": { "dev.cosignproject.cosign/signature": "AAAA" },
    });
    let list = serde_json::json!({
        "schemaVersion": 2, "mediaType": super::fake::MANIFEST,
        "config": fake.manifest["config"], "layers": [layer],
    });
    let tag = fake.digest().replace(':', "-");
    let named = [("content-type", super::fake::MANIFEST)];
    let list = super::fake::answer("200 OK", &named, list.to_string().as_bytes());
    fake.answers.insert(format!("/v2/acme/sso/manifests/{tag}.sig"), list);
    let blob = format!("/v2/acme/sso/blobs/{}", super::fake::digest(payload));
    fake.answers.insert(blob, super::fake::answer("200 OK", &[], payload));
    let server = fake.serve();
    let cli = user();
    keys(&cli);
    add(&cli, &format!("oci://{}/acme/sso:1", server.host()), "acme.pub")
        .exits_with(3)
        .explains(&["is signed, but not by the key acme.pub"]);
}
