//! From one machine to another, by way of a registry.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Barrier};

use orchestration_tests::registry::DockerRegistry;
use orchestration_tests::server::Server;

use super::fake::{Fake, path};
use super::{CONFIG, KEY, PROFILE, STORE, config, declaring, user};

#[test]
fn a_strategy_is_pushed_by_one_user_and_run_by_another_without_the_registry() {
    let Some(registry) = DockerRegistry::start() else { return };
    let reference = format!("oci://{}/acme/sso:2.1", registry.host());
    let author = user();
    let component = declaring("2.1.0", &[b"CORP_REGION"]).build();
    author.file("sso.wasm", &component);
    let pushed = author.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    let pinned = pushed.stdout.split_whitespace().find(|word| word.starts_with("oci://"));
    let pinned = pinned.expect("it names what it pushed").to_owned();
    assert!(pinned.starts_with(&format!("{reference}@sha256:")), "{pinned}");
    // The same component has the same digests, whenever it is pushed.
    let again = author.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    assert_eq!(again.stdout, pushed.stdout);

    let cli = user();
    let add = ["strategy", "add", &reference, "--auth-type", "sso", "--env", "CORP_REGION"];
    let added = cli.run(&add).exits_with(0);
    for said in [
        &format!("From      {reference}\n"),
        "Imports   orchestration:auth/",
        "Needs     CORP_REGION (grant with --env CORP_REGION)\n",
        "  Version    \"2.1.0\"\n",
    ] {
        assert!(added.stdout.contains(said), "{said:?} is not in {}", added.stdout);
    }
    let sha256 = orchestration_support::digest::sha256(&component);
    let entry = format!(
        "{PROFILE}\n[strategies.sso]\ncomponent = \"{pinned}\"\nsha256 = \"{sha256}\"\n\
         env = [\"CORP_REGION\"]\n"
    );
    assert_eq!(config(&cli), entry);
    let directory = fs::metadata(cli.home().join(STORE)).expect("the store is there");
    assert_eq!(directory.mode() & 0o777, 0o700);

    drop(registry);
    assert_eq!(cli.run(&["auth", "token", "corp"]).exits_with(0).stdout.trim_end(), KEY);
    let listed = cli.run(&["strategy", "list", "--format", "json"]).exits_with(0);
    assert!(listed.stdout.contains(&format!("\"component\": \"{pinned}\"")), "{listed:#?}");
    cli.run(&["strategy", "inspect", &pinned, "--offline"]).exits_with(0);
    cli.run(&add).exits_with(2).explains(&["refused the connection"]);
    cli.run(&["strategy", "add", &pinned, "--auth-type", "other", "--offline"]).exits_with(0);
    cli.run(&["strategy", "add", &reference, "--auth-type", "third", "--offline"])
        .exits_with(2)
        .explains(&["the manifest is not on this machine, and --offline keeps it"]);
}

#[test]
fn inspecting_shows_what_a_component_imports_and_fetches_nothing() {
    let Some(registry) = DockerRegistry::start() else { return };
    let reference = format!("oci://{}/acme/sso:1", registry.host());
    let cli = user();
    cli.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    let shown = cli.run(&["strategy", "inspect", &reference]).exits_with(0);
    assert!(shown.stdout.contains("Imports   orchestration:auth/"), "{shown:#?}");
    assert!(!cli.home().join(STORE).exists());
}

#[test]
fn the_components_on_this_machine_are_shown_and_cleared_with_the_cache() {
    let Some(registry) = DockerRegistry::start() else { return };
    let reference = format!("oci://{}/acme/sso:1", registry.host());
    let cli = user();
    let shown = || {
        let outcome = cli.run(&["cache", "info"]).exits_with(0);
        let (_, components) = outcome.stdout.split_once("Components from registries\n").unwrap();
        components.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let store = cli.home().join(STORE);
    let path = store.to_str().expect("the path is Unicode");
    assert_eq!(shown()[..4], ["Directory", path, "Entries", "0"]);
    cli.run(&["cache", "clear"]).exits_with(0);
    assert!(!store.exists());

    cli.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    cli.run(&["strategy", "add", &reference, "--auth-type", "sso"]).exits_with(0);
    // The manifest, the config and the component.
    assert_eq!(shown()[..4], ["Directory", path, "Entries", "3"]);
    let cleared = cli.run(&["cache", "clear"]).exits_with(0);
    assert!(cleared.stdout.contains("removed 3 entries, "), "{}", cleared.stdout);
    assert!(cleared.stdout.ends_with(&format!(", from {path}\n")), "{}", cleared.stdout);
    cleared.explains(&["orchestration strategy pull"]);
    assert_eq!(shown()[..4], ["Directory", path, "Entries", "0"]);
    cli.run(&["auth", "token", "corp"]).exits_with(3).explains(&["strategy pull sso"]);
    cli.run(&["strategy", "pull"]).exits_with(0);
    assert_eq!(cli.run(&["auth", "token", "corp"]).exits_with(0).stdout.trim_end(), KEY);
}

#[test]
fn a_component_that_is_not_on_this_machine_is_fetched_by_pull_alone() {
    let Some(registry) = DockerRegistry::start() else { return };
    let reference = format!("oci://{}/acme/sso", registry.host());
    let cli = user();
    cli.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    cli.run(&["strategy", "add", &reference, "--auth-type", "sso"]).exits_with(0);
    assert!(config(&cli).contains("/acme/sso:latest@sha256:"), "{}", config(&cli));

    let store = cli.home().join(STORE);
    let absent = |cli: &orchestration_tests::Cli| {
        cli.run(&["auth", "status", "corp"]).exits_with(3).explains(&[
            "/acme/sso:latest@sha256:",
            " is not on this machine\n",
            "  fetch it with: orchestration strategy pull sso\n",
        ]);
    };
    fs::remove_dir_all(&store).expect("it can be removed");
    absent(&cli);
    assert!(!store.exists());
    cli.run(&["strategy", "pull", "--offline"]).exits_with(2).explains(&["--offline"]);
    let pulled = cli.run(&["strategy", "pull"]).exits_with(0);
    assert!(pulled.stdout.starts_with("✓ pulled sso, "), "{pulled:#?}");
    cli.run(&["auth", "status", "corp"]).exits_with(0);
    let there = cli.run(&["strategy", "pull", "sso", "--offline"]).exits_with(0);
    assert_eq!(there.stdout, "✓ sso is on this machine\n");

    // What was changed on this machine is not the component, and is fetched again.
    for file in fs::read_dir(&store).expect("it can be read").flatten() {
        fs::write(file.path(), b"something else").expect("it can be written");
    }
    absent(&cli);
    cli.run(&["strategy", "pull"]).exits_with(0);
    cli.run(&["auth", "status", "corp"]).exits_with(0);

    cli.run(&["strategy", "pull", "nope"])
        .exits_with(2)
        .explains(&["no strategy 'nope' is from a registry", "strategies from registries: sso"]);
}

#[test]
fn a_reference_in_providers_toml_must_be_one_and_be_pinned() {
    let sha256 = "0f".repeat(32);
    for (component, message) in [
        ("oci://ghcr.io/acme/sso:1", "a component in a registry needs its digest"),
        ("oci://ghcr.io/acme/sso@sha256:12", "this reference has no valid digest"),
        ("oci://me:hunter22@ghcr.io/a", "this reference has a user or a password"),
        ("oci://ghcr.io/Acme", "this reference has no valid repository"),
    ] {
        let text =
            format!("[strategies.sso]\ncomponent = \"{component}\"\nsha256 = \"{sha256}\"\n");
        let refused = user().config(text).status().exits_with(2).explains(&[message]);
        assert!(!refused.all().contains("hunter22"), "{refused:#?}");
    }
}

#[test]
fn nothing_is_fetched_for_the_file_of_a_project_before_it_is_trusted() {
    let server = Server::new("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    let digest = "0f".repeat(32);
    let reference = format!("oci://{}/evil/sso:1@sha256:{digest}", server.host());
    let project = format!(
        "[strategies.sso]\ncomponent = \"{reference}\"\nsha256 = \"{digest}\"\n\
         env = [\"CORP_REGION\"]\n"
    );
    let cli = user().config(PROFILE.replace("\"sso\"", "\"api_key\""));
    cli.file(".orchestration/providers.toml", project);
    let pulled = cli.run(&["strategy", "pull"]).exits_with(0);
    assert_eq!(pulled.stdout, "No strategy is from a registry.\n");
    let asked = cli.run(&["trust"]).exits_with(2);
    let said = format!("runs {reference}, which may read CORP_REGION");
    assert!(asked.all().contains(&said), "{asked:#?}");
    assert_eq!(server.requests().len(), 0);
    cli.run(&["trust", "--yes"]).exits_with(0);
    cli.run(&["strategy", "list"]).exits_with(3).explains(&["orchestration strategy pull sso"]);
    assert_eq!(server.requests().len(), 0);
    cli.run(&["strategy", "pull"]).exits_with(2).explains(&["(404)"]);
    assert_eq!(config(&cli), fs::read_to_string(cli.home().join(CONFIG)).unwrap());
}

#[test]
fn a_terminal_shows_how_much_has_arrived_and_clears_it() {
    let asked = Arc::new(Barrier::new(2));
    let in_server = Arc::clone(&asked);
    let fake = Fake::new();
    let component = fake.blob("component");
    let server = Server::with(move |request, stream| {
        let answer = fake.answer(path(request));
        let (first, rest) = answer.split_at(answer.len().saturating_sub(64));
        stream.write_all(first)?;
        stream.flush()?;
        if path(request) == component {
            in_server.wait();
        }
        stream.write_all(rest)
    });
    let cli = user();
    let reference = format!("oci://{}/acme/sso:1", server.host());
    let add = ["strategy", "add", &reference, "--auth-type", "sso"];
    let Some(terminal) = cli.at_terminal(100, &add) else { return };
    terminal.wait_for(&format!("pulling {}/acme/sso, ", server.host()));
    asked.wait();
    let screen = terminal.screen();
    assert!(screen.written.iter().any(|line| line.contains("✓ added sso")), "{screen:#?}");
    assert!(!screen.written.iter().any(|line| line.contains("pulling")), "{screen:#?}");
}
