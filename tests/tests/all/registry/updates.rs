//! What a tag leads to later, and what is done about that.

use orchestration_tests::registry::DockerRegistry;
use orchestration_tests::tool_is_there;

use super::{PROFILE, config, declaring, sso, user};

#[test]
fn an_update_shows_what_is_new_and_changes_the_pins_after_a_yes() {
    let Some(registry) = DockerRegistry::start() else { return };
    let reference = format!("oci://{}/acme/sso:1", registry.host());
    let cli = user();
    cli.file("sso.wasm", declaring("2.1.0", &[b"CORP_REGION"]).build());
    cli.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    let add = ["strategy", "add", &reference, "--auth-type", "sso"];
    let grants = ["--env", "CORP_REGION", "--env", "CORP_REALM"];
    cli.run(&[&add[..], &grants].concat()).exits_with(0);
    let update = |more: &[&str]| cli.run(&[&["strategy", "update", "sso"], more].concat());
    assert_eq!(update(&[]).exits_with(0).stdout, "✓ sso is up to date\n");
    update(&["--locked"]).exits_with(0);

    let newer = declaring("3.0.0", &[b"CORP_REALM"]).says(b"hello");
    cli.file("newer.wasm", newer.build());
    cli.run(&["strategy", "push", "newer.wasm", &reference]).exits_with(0);
    let before = config(&cli);
    update(&["--locked"])
        .exits_with(2)
        .explains(&["leads to sha256:", "and --locked keeps the pins\n"]);
    let asked = update(&[]).exits_with(2);
    asked.explains(&["cannot ask for confirmation", "strategy update sso --yes"]);
    assert_eq!(config(&cli), before);
    cli.run(&["auth", "token", "corp"]).exits_with(0);

    let updated = update(&["--yes"]).exits_with(0);
    for line in [
        "  version   \"2.1.0\" → \"3.0.0\"\n",
        "  imports   + wasi:cli/stdout@0.2.0\n",
        "  exports   unchanged\n",
        "  needs     + CORP_REALM\n",
        "  needs     - CORP_REGION\n",
        "✓ updated sso in ",
    ] {
        assert!(updated.stdout.contains(line), "{line:?} is not in {}", updated.stdout);
    }
    let after = config(&cli);
    assert!(after != before && after.starts_with(PROFILE), "{after}");
    assert!(
        after.ends_with("env = [\"CORP_REGION\", \"CORP_REALM\"]\n"),
        "the grants stay: {after}"
    );
    cli.run(&["auth", "token", "corp"]).exits_with(0);
    assert_eq!(update(&[]).exits_with(0).stdout, "✓ sso is up to date\n");

    if !tool_is_there("tmux") {
        return;
    }
    cli.file("sso.wasm", sso("4.0.0"));
    cli.run(&["strategy", "push", "sso.wasm", &reference]).exits_with(0);
    let terminal = cli.at_terminal(100, &["strategy", "update", "sso"]).expect("tmux is there");
    terminal.wait_for("Take it? [y/N]");
    terminal.enter("n");
    terminal.wait_for("not updated");
    assert_eq!(config(&cli), after);
}

#[test]
fn what_has_no_tag_or_no_registry_is_not_updated() {
    let cli = user();
    cli.run(&["strategy", "add", "sso.wasm", "--auth-type", "file"]).exits_with(0);
    let update = |name: &str| cli.run(&["strategy", "update", name]).exits_with(2);
    update("file").explains(&["strategy 'file' is not from a registry"]);
    update("nope").explains(&["no strategy 'nope' in"]);
    let digest = "0f".repeat(32);
    let pinned = format!(
        "[strategies.sso]\ncomponent = \"oci://127.0.0.1:9/a@sha256:{digest}\"\nsha256 = \"{digest}\"\n"
    );
    let cli = user().config(pinned);
    cli.run(&["strategy", "update", "sso"])
        .exits_with(2)
        .explains(&["strategy 'sso' is pinned without a tag to follow"]);
}
