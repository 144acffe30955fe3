//! `orchestration render`: files with credentials, from which Envoy takes them.
//!
//! Promised here: the file of a profile has its key as soon as there is one, whether it was
//! renewed, replaced or added later; a key that is gone does not stay in it; no one but the
//! owner can read the file, unless that is asked for; and nothing that others can write to is
//! used.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use orchestration_tests::Cli;
use orchestration_tests::background::Background;
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::server::{Server, status};
use serde_json::{Value, json};

const KEY: &str = "sk-corp-Zq81LmVt93KxBdRw7x2f";
const NEXT_KEY: &str = "sk-corp-9bYf72HsWqZ0nLx4PdVj";

const BY_FILE: &str = "[profiles.corp]\nbase_url = \"https://llm.corp.example/v1\"\n\
                       api_key_file = \"~/key\"\n";

fn cli() -> Cli {
    let cli = Cli::new().config(BY_FILE);
    key_file(&cli, KEY);
    cli
}

/// Replaces the file of the key as a whole, as tools that rotate keys do.
fn key_file(cli: &Cli, key: &str) {
    let path = cli.file("next-key", format!("{key}\n"));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::rename(path, cli.home().join("key")).unwrap();
}

fn render(cli: &Cli, arguments: &[&str]) -> Background {
    Background::start(&mut cli.command(&[&["render", "--sds", "sds"], arguments].concat()))
}

fn file(cli: &Cli, profile: &str) -> PathBuf {
    cli.home().join(format!("sds/{profile}.json"))
}

/// The secret in the file of a profile; `None` if there is no file.
fn rendered(cli: &Cli, profile: &str) -> Option<String> {
    let document: Value = serde_json::from_slice(&fs::read(file(cli, profile)).ok()?).unwrap();
    let secret = document.pointer("/resources/0/generic_secret/secret/inline_string").unwrap();
    Some(secret.as_str().unwrap().to_owned())
}

#[track_caller]
fn becomes(cli: &Cli, profile: &str, text: &str) {
    let is_there = in_a_minute(|| rendered(cli, profile).as_deref() == Some(text));
    assert!(is_there, "{text:?} is not there: {:?}", rendered(cli, profile));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn once_writes_what_envoy_reads_and_no_one_else_can() {
    let cli = cli();
    let outcome = cli.run(&["render", "--sds", "sds", "--once", "corp"]).exits_with(0);
    assert_eq!(outcome.stdout, "");
    assert_eq!(outcome.stderr, "wrote the key of 'corp' to sds/corp.json\n");
    let written: Value = serde_json::from_slice(&fs::read(file(&cli, "corp")).unwrap()).unwrap();
    let expected = json!({
        "resources": [{
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
            "name": "corp",
            "generic_secret": { "secret": { "inline_string": format!("Bearer {KEY}") } },
        }],
    });
    assert_eq!(written, expected);
    assert_eq!(mode(&file(&cli, "corp")), 0o600);
    assert_eq!(mode(&cli.home().join("sds")), 0o700);
    assert_eq!(fs::read_dir(cli.home().join("sds")).unwrap().count(), 1);
}

#[test]
fn keys_are_kept_current_though_no_one_reads_what_it_says() {
    let cli = cli();
    let _rendering =
        Background::start_unread(&mut cli.command(&["render", "--sds", "sds", "corp"]));
    for key in [KEY, NEXT_KEY, KEY] {
        key_file(&cli, key);
        becomes(&cli, "corp", &format!("Bearer {key}"));
    }
}

#[test]
fn the_secret_is_the_value_of_the_header_that_the_provider_wants() {
    let config = "[profiles.claude]\nprovider = \"anthropic\"\napi_key_env = \"CLAUDE\"\n";
    let cli = Cli::new().config(config).env("CLAUDE", KEY);
    cli.run(&["render", "--sds", "sds", "--once", "claude"]).exits_with(0);
    assert_eq!(rendered(&cli, "claude").as_deref(), Some(KEY));
}

#[test]
fn the_group_can_read_the_files_if_that_is_asked_for() {
    let cli = cli();
    let arguments = ["render", "--sds", "deep/sds", "--group-readable", "--once", "corp"];
    // The umask may keep the group out of all that is new.
    let script = format!("umask 077; exec \"$0\" {}", arguments.join(" "));
    let mut command = cli.command_under("sh", &["-c", &script], &[] as &[&str]);
    assert!(command.status().unwrap().success());
    assert_eq!(mode(&cli.home().join("deep/sds/corp.json")), 0o640);
    assert_eq!(mode(&cli.home().join("deep/sds")), 0o750);
    assert_eq!(mode(&cli.home().join("deep")), 0o700);
}

#[test]
fn a_key_that_changes_is_in_the_file_soon() {
    let cli = cli();
    let render = render(&cli, &["corp"]);
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    let before = fs::File::open(file(&cli, "corp")).unwrap();
    key_file(&cli, NEXT_KEY);
    becomes(&cli, "corp", &format!("Bearer {NEXT_KEY}"));
    // The file was replaced: one that is open has what it had.
    let old: Value = serde_json::from_reader(before).unwrap();
    assert!(old.to_string().contains(KEY));
    assert!(!render.stderr().contains("sk-corp"), "{}", render.stderr());
}

#[test]
fn a_change_of_providers_toml_is_in_the_file_soon_and_a_mistake_keeps_the_old_key() {
    let cli = cli();
    let render = render(&cli, &["corp"]);
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    let path = ".config/orchestration/providers.toml";
    cli.file(path, "[profiles.corp");
    render.says("error: ");
    assert_eq!(rendered(&cli, "corp"), Some(format!("Bearer {KEY}")));
    let other = cli.file("other-key", NEXT_KEY);
    fs::set_permissions(other, Permissions::from_mode(0o600)).unwrap();
    cli.file(path, BY_FILE.replace("~/key", "~/other-key"));
    becomes(&cli, "corp", &format!("Bearer {NEXT_KEY}"));
}

#[test]
fn the_file_is_there_before_the_key_so_that_envoy_can_start() {
    let cli = Cli::new().config(BY_FILE);
    let render = render(&cli, &["corp"]);
    becomes(&cli, "corp", "");
    render.says("profile 'corp'");
    key_file(&cli, KEY);
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    // A failure is reported once, however often it is seen.
    assert_eq!(render.stderr().matches("error: ").count(), 1, "{}", render.stderr());
}

#[test]
fn a_key_that_is_gone_is_taken_out_of_the_file() {
    let cli = cli();
    let render = render(&cli, &["corp"]);
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    fs::remove_file(cli.home().join("key")).unwrap();
    becomes(&cli, "corp", "");
    render.says("took the key of 'corp' out of sds/corp.json");
    key_file(&cli, KEY);
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    cli.file(".config/orchestration/providers.toml", "");
    becomes(&cli, "corp", "");
    render.says("profile 'corp' not found");
}

#[test]
fn a_file_that_was_changed_or_removed_is_written_again() {
    let cli = cli();
    let _render = render(&cli, &["corp"]);
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    fs::remove_file(file(&cli, "corp")).unwrap();
    becomes(&cli, "corp", &format!("Bearer {KEY}"));
    fs::write(file(&cli, "corp"), "{}").unwrap();
    assert!(in_a_minute(|| fs::read_to_string(file(&cli, "corp")).unwrap().contains(KEY)));
}

#[test]
fn a_token_that_ends_is_renewed_and_one_that_has_ended_is_taken_out() {
    // A token that lasts two seconds, and a server that issues three of them.
    let issued = AtomicUsize::new(0);
    let server = Server::with(move |_, stream| {
        let number = issued.fetch_add(1, Ordering::Relaxed);
        let body = format!("{{\"access_token\":\"tok-{number}-Zq81LmVt93KxBd\",\"expires_in\":2}}");
        let json = [("content-type", "application/json")];
        let answer = match number {
            0..3 => status("200 OK", &json, &body),
            _ => status("503 Service Unavailable", &[], "down"),
        };
        stream.write_all(answer.as_bytes())
    });
    let config = format!(
        "[profiles.ci]\nbase_url = \"https://llm.corp.example/v1\"\nauth_type = \"federated\"\n\
         api_key_env = \"WORKLOAD\"\nissuer = \"http://{}\"\n\
         options = {{ token_endpoint = \"/token\" }}\n",
        server.host()
    );
    let cli = Cli::new().config(config).env("WORKLOAD", "wl-Zq81LmVt93KxBd7x2fRw5Ns");
    let render = render(&cli, &["ci"]);
    for number in 0..3 {
        becomes(&cli, "ci", &format!("Bearer tok-{number}-Zq81LmVt93KxBd"));
    }
    becomes(&cli, "ci", "");
    assert!(!render.stderr().contains("tok-"), "{}", render.stderr());
}

#[test]
fn a_directory_that_others_can_write_to_is_refused() {
    let cli = cli();
    let directory = cli.home().join("open");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, Permissions::from_mode(0o777)).unwrap();
    std::os::unix::fs::symlink("sds", cli.home().join("link")).unwrap();
    fs::create_dir(cli.home().join("sds")).unwrap();
    for (path, reason) in
        [("open", "open can be written by others"), ("link", "link is a symbolic link")]
    {
        let outcome = cli.run(&["render", "--sds", path, "--once", "corp"]).exits_with(2);
        outcome.explains(&[reason, "name another directory with --sds DIR"]);
    }
}

#[test]
fn what_cannot_be_rendered_is_named() {
    let cli = Cli::new().config(BY_FILE);
    let once =
        |profiles: &[&str]| cli.run(&[&["render", "--sds", "sds", "--once"], profiles].concat());
    once(&["nope"]).exits_with(2).explains(&["profile 'nope' not found"]);
    assert!(!cli.home().join("sds").exists());
    once(&["local"]).exits_with(2).explains(&["profile 'local' needs no key"]);
    let both = once(&["corp", "openai"]).exits_with(1);
    both.explains(&["profile 'corp'", "profile 'openai'"]);
    once(&[]).exits_with(2);
    // The file of a key that is not there is left as it is.
    assert!(!file(&cli, "corp").exists());
    cli.file("sds/file", "").parent().unwrap();
    cli.run(&["render", "--sds", "sds/file", "--once", "openai"]).exits_with(2);
}
