//! wash and oras, which others wrote, read what is pushed, and the other way round.

use std::fs;

use orchestration_tests::registry::DockerRegistry;
use orchestration_tests::{Outcome, independent};

use super::{sso, user};

/// Pushes and pulls by oras-python, which has no command.
const ORAS: &str = "
import sys, json, oras.client, oras.oci
what, host, name, file = sys.argv[1:]
client = oras.client.OrasClient(hostname=host, insecure=True)
if what == 'push':
    config = json.dumps({'created': None, 'architecture': 'wasm', 'os': 'wasip2', 'layerDigests': [],
        'component': None})
    open('config.json', 'w').write(config)
    client.push(target=f'{host}/{name}', files=[f'{file}:application/wasm'],
        manifest_config='config.json:application/vnd.wasm.config.v0+json')
else:
    manifest = client.get_manifest(client.get_container(f'{host}/{name}'))
    layer = manifest['layers'][0]
    assert layer['mediaType'] == 'application/wasm', manifest
    blob = client.get_blob(f'{host}/{name}', layer['digest'])
    open(file, 'wb').write(blob.content)
";

#[test]
fn wash_reads_what_is_pushed_and_what_wash_pushes_is_run() {
    let Some(wash) = independent("wash") else { return };
    let Some(registry) = DockerRegistry::start() else { return };
    let cli = user();
    let wash = |arguments: &[&str]| {
        let wash = wash.to_str().expect("the path is Unicode");
        Outcome::of(&mut cli.command_in(wash, arguments)).exits_with(0)
    };
    let (ours, theirs) =
        (format!("{}/acme/ours:1", registry.host()), format!("{}/acme/theirs:1", registry.host()));
    cli.run(&["strategy", "push", "sso.wasm", &format!("oci://{ours}")]).exits_with(0);
    wash(&["oci", "pull", "--insecure", &ours, "pulled.wasm"]);
    assert!(fs::read(cli.home().join("pulled.wasm")).expect("it is there") == sso("2.1.0"));

    wash(&["oci", "push", "--insecure", &theirs, "sso.wasm"]);
    let reference = format!("oci://{theirs}");
    let shown = cli.run(&["strategy", "inspect", &reference]).exits_with(0);
    assert!(shown.stdout.contains("Exports   orchestration:auth/strategy@0.2.0"), "{shown:#?}");
    cli.run(&["strategy", "add", &reference, "--auth-type", "sso"]).exits_with(0);
    cli.run(&["auth", "status", "corp"]).exits_with(0);
}

#[test]
fn oras_reads_what_is_pushed_and_what_oras_pushes_is_run() {
    let Some(python) = independent("python3") else { return };
    let Some(registry) = DockerRegistry::start() else { return };
    let cli = user();
    let oras = |what: &str, name: &str, file: &str| {
        let python = python.to_str().expect("the path is Unicode");
        let arguments = ["-c", ORAS, what, registry.host(), name, file];
        Outcome::of(&mut cli.command_in(python, &arguments)).exits_with(0)
    };
    let ours = format!("oci://{}/acme/ours:1", registry.host());
    cli.run(&["strategy", "push", "sso.wasm", &ours]).exits_with(0);
    oras("pull", "acme/ours:1", "pulled.wasm");
    assert!(fs::read(cli.home().join("pulled.wasm")).expect("it is there") == sso("2.1.0"));

    oras("push", "acme/theirs:1", "sso.wasm");
    let theirs = format!("oci://{}/acme/theirs:1", registry.host());
    let shown = cli.run(&["strategy", "inspect", &theirs]).exits_with(0);
    assert!(shown.stdout.contains("Imports   its config does not list them"), "{shown:#?}");
    cli.run(&["strategy", "add", &theirs, "--auth-type", "sso"]).exits_with(0);
    cli.run(&["auth", "status", "corp"]).exits_with(0);
}
