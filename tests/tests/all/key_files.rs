//! `api_key_file`: the file that a profile names for its key.
//!
//! Promised here: what people and clusters write into a file is found, by every command
//! and after the variable; a file that is missing, or is none, is named with what to do;
//! and no path leads to another file than the one that its user has read.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::server::{Server, says};
use orchestration_tests::{Cli, Outcome};

use crate::overwriting::as_nobody;

const KEY: &str = "sk-file-Zq81LmVt93KxBdRw7x2f";
const OTHER: &str = "sk-else-Nf41RzLk7QeXt80HbMw6";

/// A home with the profile `corp`, whose table has these lines.
fn home(lines: &str) -> Cli {
    let url = "https://llm.corp.example/v1";
    Cli::new().config(format!("[profiles.corp]\nbase_url = \"{url}\"\n{lines}\n"))
}

/// A home with the profile `corp`, whose key is in this file.
fn with_file(path: &Path) -> Cli {
    home(&format!("api_key_file = \"{}\"", path.display()))
}

/// Runs `auth login corp`, which may take a moment and no more.
#[track_caller]
fn login(cli: &Cli) -> Outcome {
    let started = Instant::now();
    let outcome = cli.login("corp");
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
    assert!(!outcome.all().contains(&KEY[..12]), "{outcome:?}");
    outcome
}

mod finding_it {
    use super::*;

    #[test]
    fn every_command_uses_the_key_in_the_file() {
        let server = Server::new(says(&["Hello"]));
        let cli = home("api_key_file = \"~/keys/corp\"\ndefault_model = \"m\"");
        cli.file("keys/corp", format!("{KEY}\n"));
        assert_eq!(cli.status().row("corp"), ["corp", "api_key", "✓ valid", "~/keys/corp"]);
        let found = login(&cli).exits_with(0);
        assert_eq!(found.stdout, "✓ the key is in ~/keys/corp (sk-...7x2f)\n");
        assert_eq!(cli.run(&["auth", "token", "corp"]).exits_with(0).stdout, format!("{KEY}\n"));
        let explained = cli.run(&["auth", "explain", "corp"]).exits_with(0).stdout;
        assert!(explained.contains("the credential comes from ~/keys/corp"), "{explained}");
        let spawn = ["spawn", "--profile", "corp", "--base-url", &server.url(), "Hi"];
        cli.run(&spawn).exits_with(0);
        assert_eq!(server.request().header("authorization"), Some(&*format!("Bearer {KEY}")));
    }

    #[test]
    fn the_report_names_the_file_with_its_whole_path() {
        let cli = home("api_key_file = \"~/keys/corp\"");
        let path = cli.file("keys/corp", KEY);
        let report = cli.run(&["auth", "status", "corp", "--format", "json"]).exits_with(0);
        let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
        let profile = &report["profiles"][0];
        let path = path.to_str().unwrap();
        assert_eq!(profile["source"], serde_json::json!({ "type": "file", "path": path }));
        assert_eq!(profile["file"], path);
    }

    #[test]
    fn the_variable_goes_first_and_the_fallback_last() {
        let server = Server::new(says(&["Hello"]));
        let lines = "api_key_env = \"CORP_KEY\"\napi_key_file = \"~/key\"\ndefault_model = \"m\"";
        let sent = |corp: Option<&str>, file: Option<&str>| {
            let mut cli = home(lines).env("OPENAI_API_KEY", OTHER);
            if let Some(key) = corp {
                cli = cli.env("CORP_KEY", key);
            }
            if let Some(key) = file {
                cli.file("key", key);
            }
            let before = server.requests().len();
            cli.run(&["spawn", "--profile", "corp", "--base-url", &server.url(), "Hi"])
                .exits_with(0);
            server.requests()[before].header("authorization").unwrap().to_owned()
        };
        assert_eq!(sent(Some("sk-variable"), Some(KEY)), "Bearer sk-variable");
        for blank in [None, Some(""), Some(" \n")] {
            assert_eq!(sent(blank, Some(KEY)), format!("Bearer {KEY}"));
            assert_eq!(sent(None, blank), format!("Bearer {OTHER}"));
        }
    }

    #[test]
    fn a_relative_path_starts_at_the_directory_of_providers_toml() {
        let cli = home("api_key_file = \"keys/corp\"");
        cli.file("keys/corp", OTHER);
        cli.file(".config/orchestration/keys/corp", KEY);
        let row = ["corp", "api_key", "✓ valid", "~/.config/orchestration/keys/corp"];
        assert_eq!(cli.status().row("corp"), row);
        cli.file("here/providers.toml", "[profiles.corp]\napi_key_file = \"corp\"\n");
        cli.file("here/corp", KEY);
        let named = cli.run(&["--config", "here/providers.toml", "auth", "token", "corp"]);
        assert_eq!(named.exits_with(0).stdout, format!("{KEY}\n"));
    }

    #[test]
    fn what_an_editor_or_a_script_adds_is_no_part_of_the_key() {
        for end in ["", "\n", "\r\n", "\n\n"] {
            let cli = home("api_key_file = \"~/key\"");
            cli.file("key", format!("{KEY}{end}"));
            let token = cli.run(&["auth", "token", "corp"]).exits_with(0);
            assert_eq!(token.stdout, format!("{KEY}\n"), "{end:?}");
        }
    }

    #[test]
    fn the_files_of_a_kubernetes_volume_are_found_and_rotate() {
        let secrets = Cli::new();
        let volume = secrets.home().join("secrets");
        let write = |name: &str, key: &str| {
            secrets.file(&format!("secrets/{name}/token"), key);
            symlink(name, volume.join("..new")).unwrap();
            fs::rename(volume.join("..new"), volume.join("..data")).unwrap();
        };
        write("..2026_11_28_01", KEY);
        symlink("..data/token", volume.join("token")).unwrap();
        let cli = with_file(&volume.join("token"));
        let token = || cli.run(&["auth", "token", "corp"]).exits_with(0).stdout;
        assert_eq!(token(), format!("{KEY}\n"));
        write("..2026_11_28_02", OTHER);
        assert_eq!(token(), format!("{OTHER}\n"));
    }

    #[test]
    fn a_directory_before_the_last_may_be_a_link() {
        let cli = home("api_key_file = \"~/link/key\"");
        cli.file("real/key", KEY);
        symlink("real", cli.home().join("link")).unwrap();
        login(&cli).exits_with(0);
    }
}

mod not_finding_it {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_what_to_do() {
        let cli = home("api_key_file = \"~/keys/corp\"");
        let path = cli.home().join("keys/corp");
        let path = path.display();
        for content in [None, Some(""), Some(" \n")] {
            if let Some(content) = content {
                cli.file("keys/corp", content);
            }
            let missing = login(&cli).exits_with(1);
            let expected = format!("✗ there is no key in {path}\n  Write the key into {path}\n");
            assert_eq!(missing.stdout, expected);
            assert_eq!(cli.status().row("corp")[2..], ["✗ missing", "~/keys/corp"]);
        }
    }

    #[test]
    fn a_profile_with_both_names_both() {
        let cli = home("api_key_env = \"CORP_KEY\"\napi_key_file = \"/nowhere/key\"");
        let missing = login(&cli).exits_with(1);
        let expected = "\
✗ CORP_KEY is not set, and there is no key in /nowhere/key
  Set it with: export CORP_KEY=your-key-here
";
        assert_eq!(missing.stdout, expected);
    }

    #[test]
    fn a_local_server_whose_profile_names_a_file_needs_the_key() {
        let cli = Cli::new();
        let local = "[profiles.corp]\nbase_url = \"http://localhost:8000/v1\"\n";
        let cli = cli.config(format!("{local}api_key_file = \"/nowhere/key\"\n"));
        login(&cli).exits_with(1);
    }

    /// What is at the path, and what is said of it.
    #[test]
    fn what_is_no_file_is_refused_without_waiting_for_it() {
        let cli = Cli::new();
        let at = |name: &str| cli.home().join(name);
        fs::create_dir(at("directory")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let regular = "is not a regular file";
        for (path, fault) in [
            (at("directory"), regular),
            (at("pipe"), regular),
            (at("socket"), regular),
            ("/dev/zero".into(), regular),
            ("/dev/tty".into(), regular),
            (cli.file("text", [b'a', 0xff]), "is not valid UTF-8"),
            (cli.file("large", vec![b'a'; (1 << 20) + 1]), "is larger than 1 MiB"),
        ] {
            let outcome = login(&with_file(&path)).exits_with(1);
            let expected = format!("✗ the file {} {fault}\n", path.display());
            assert!(outcome.all().contains(&expected), "{path:?}: {outcome:?}");
        }
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_ends_at_the_limit() {
        let cli = Cli::new();
        let path = cli.file("growing", "x".repeat(1 << 19));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut file = File::options().append(true).open(&path).unwrap();
                // Not without end, should the test fail.
                for _ in 0..4000 {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    file.write_all(&[b'x'; 64 << 10]).unwrap();
                }
            });
            let outcome = login(&with_file(&path));
            done.store(true, Ordering::Relaxed);
            let said = outcome.exits_with(1).stdout;
            assert!(said.contains("is larger than 1 MiB"), "{said}");
        });
    }

    #[test]
    fn a_file_that_only_its_owner_may_read_says_what_to_check() {
        let cli = Cli::new();
        let path = cli.file("key", KEY);
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let cli = with_file(&path);
        let directory = path.parent().unwrap();
        fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).unwrap();
        let Some(mut command) = as_nobody(&cli, &["auth", "login", "corp"]) else { return };
        if fs::metadata("/proc/self")
            .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) != 0)
        {
            fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
        }
        let outcome = Outcome::of(&mut command).exits_with(1);
        let text = outcome.all();
        assert!(text.contains("can't be read") && text.contains("permissions"), "{text}");
    }
}

mod leading_elsewhere {
    use super::*;

    /// A home with another secret at `elsewhere/key`.
    fn cli(path: &str) -> Cli {
        let cli = home(&format!("api_key_file = \"{path}\""));
        cli.file("elsewhere/key", KEY);
        cli
    }

    #[track_caller]
    fn is_refused(cli: &Cli) {
        let outcome = login(cli).exits_with(1);
        assert!(outcome.all().contains("a link that leads out of its directory"), "{outcome:?}");
    }

    #[test]
    fn a_link_out_of_the_directory_is_refused() {
        let targets: [fn(&Cli) -> PathBuf; 3] = [
            |_| "../elsewhere/key".into(),
            |cli| cli.home().join("elsewhere/key"),
            |_| "/proc/self/environ".into(),
        ];
        for target in targets {
            let cli = cli("~/keys/key");
            fs::create_dir(cli.home().join("keys")).unwrap();
            symlink(target(&cli), cli.home().join("keys/key")).unwrap();
            is_refused(&cli);
        }
    }

    #[test]
    fn a_project_reads_no_file_outside_of_it() {
        // What a `git pull` can change without changing the trusted file.
        let cli = Cli::new();
        cli.file("elsewhere/key", KEY);
        let toml = "[profiles.corp]\napi_key_file = \"keys/key\"\n";
        cli.file("clone/.orchestration/providers.toml", toml);
        cli.file("clone/.orchestration/keys/key", OTHER);
        let run = |arguments: &[&str]| {
            let mut command = cli.command(arguments);
            command.current_dir(cli.home().join("clone"));
            Outcome::of(&mut command)
        };
        run(&["trust", "--yes"]).exits_with(0);
        run(&["auth", "login", "corp"]).exits_with(0);
        let keys = cli.home().join("clone/.orchestration/keys");
        fs::remove_dir_all(&keys).unwrap();
        symlink("../../elsewhere", &keys).unwrap();
        let outcome = run(&["auth", "login", "corp"]).exits_with(1);
        assert!(outcome.all().contains("leads out of its directory"), "{outcome:?}");
    }
}

mod naming_it {
    use super::*;

    #[test]
    fn a_path_that_could_mean_another_file_is_a_mistake() {
        for path in ["../key", "a/../key", "/run/../key", "~", "~ada/key", "/"] {
            let cli = home(&format!("api_key_file = '{path}'"));
            login(&cli).exits_with(2).explains(&["this is not the path of a file", "whole path"]);
        }
        login(&home("api_key_file = \"~/key\"").without("HOME").env("ORCHESTRATION_CONFIG", "/x"))
            .exits_with(2);
    }

    #[test]
    fn a_key_in_the_place_of_the_path_is_not_shown() {
        let cli = home(&format!("api_key_file = \"{KEY}\""));
        login(&cli).exits_with(2).explains(&["this looks like a key, not the path of a file"]);
        let add = ["profile", "add", "new", "--api-key-file", KEY];
        let outcome = Cli::new().run(&add).exits_with(2);
        assert!(!outcome.all().contains(&KEY[..12]), "{outcome:?}");
    }

    #[test]
    fn an_empty_path_removes_the_file_of_the_layer_below() {
        let cli = Cli::new().config("[profiles.openai]\napi_key_file = \"\"\n");
        let missing = cli.login("openai").exits_with(1).stdout;
        assert!(missing.starts_with("✗ OPENAI_API_KEY is not set\n"), "{missing}");
    }

    #[test]
    fn a_profile_without_a_credential_names_no_file() {
        let cli = home("auth_type = \"none\"\napi_key_file = \"~/key\"");
        login(&cli).exits_with(2).explains(&["auth_type = \"none\" has no key"]);
        let add = ["profile", "add", "x", "--auth-type", "none", "--api-key-file", "~/key"];
        Cli::new().run(&add).exits_with(2).explains(&["--api-key-file"]);
    }

    #[test]
    fn profile_add_writes_the_path_and_the_other_commands_show_it() {
        let cli = Cli::new();
        let add = ["profile", "add", "fast", "--preset", "groq", "--api-key-file", "~/groq"];
        let added = cli.run(&add).exits_with(0).stdout;
        assert!(added.contains("  Write its key into ~/groq\n"), "{added}");
        cli.file("groq", KEY);
        assert_eq!(cli.status().row("fast"), ["fast", "api_key", "✓ valid", "~/groq"]);
        let shown = cli.run(&["profile", "show", "fast"]).exits_with(0);
        assert_eq!(shown.row("api_key_file")[1], "~/groq");
        let listed = cli.run(&["profile", "list"]).exits_with(0);
        assert_eq!(listed.row("fast")[2], "~/groq");
    }

    #[test]
    fn what_the_file_holds_is_judged_like_any_key() {
        let cli = home("api_key_file = \"~/key\"");
        cli.file("key", "\"sk-quoted-1234567890\"\n");
        let path = cli.home().join("key");
        let fault = format!("the key in {} begins and ends with a quote", path.display());
        let outcome = login(&cli).exits_with(1);
        assert!(outcome.all().contains(&fault), "{outcome:?}");
        let hint = "write the key itself into ~/key, and nothing else";
        assert!(outcome.all().contains(hint), "{outcome:?}");
    }
}

mod granting_it {
    use super::*;

    #[test]
    fn a_strategy_from_a_file_may_take_the_file_that_the_profile_names() {
        let cli = Cli::new();
        let path = cli.file("token", KEY);
        let component = Guest::new().takes_file(path.to_str().unwrap().as_bytes()).build();
        let profile = format!("api_key_file = \"{}\"", path.display());
        let cli = cli.config(guest::lines("corp", &component, "", &profile));
        cli.file(".config/orchestration/corp.wasm", &component);
        assert_eq!(cli.status().row("corp"), ["corp", "corp", "✓ valid", "~/token"]);
    }

    #[test]
    fn strategy_add_writes_the_grant_and_strategy_list_shows_it() {
        let cli = Cli::new();
        let component = Guest::new().takes_file(b"/run/secrets/corp").build();
        cli.file("corp.wasm", &component);
        let inspected = cli.run(&["strategy", "inspect", "corp.wasm"]).exits_with(0).stdout;
        assert!(inspected.contains("(grant others with --file PATH)"), "{inspected}");
        let add = |file: &str| {
            cli.run(&["strategy", "add", "corp.wasm", "--auth-type", "corp", "--file", file])
        };
        add("/run/secrets/corp").exits_with(0);
        add("/run/secrets/more").exits_with(0);
        let listed = cli.run(&["strategy", "list"]).exits_with(0);
        assert_eq!(listed.row("corp")[6], "/run/secrets/corp, /run/secrets/more");
        for path in ["secrets/corp", "/run/../corp", KEY] {
            let refused = add(path).exits_with(2).explains(&["--file takes the absolute path"]);
            assert!(!refused.all().contains(&KEY[..12]), "{refused:?}");
        }
    }

    #[test]
    fn strategy_run_takes_test_files_and_no_real_ones() {
        let cli = Cli::new();
        let path = cli.file("token", KEY);
        let component = Guest::new().takes_file(path.to_str().unwrap().as_bytes()).build();
        cli.file("corp.wasm", &component);
        let profile = format!("[profiles.corp]\napi_key_file = \"{}\"\n", path.display());
        let cli = cli.config(profile);
        let run = ["strategy", "run", "corp.wasm", "--profile", "corp"];
        cli.run(&run).exits_with(1);
        let file = format!("{}=sk-test-1234567890", path.display());
        let outcome = cli.run(&[&run[..], &["--file", &file]].concat()).exits_with(0);
        assert!(outcome.stdout.contains("the credential comes from ~/token"), "{outcome:?}");
    }
}
