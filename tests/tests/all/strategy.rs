//! Strategies from files: looked at, taken in, listed, given up.
//!
//! Promised here: nothing that can't be used gets into providers.toml; what is
//! in there and not asked about stays byte for byte; whatever happens while it
//! is written, the old file or the new one is there, whole.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, Outcome, skip, tool_is_there};
use serde_json::Value;

const CONFIG: &str = ".config/orchestration/providers.toml";
const KEY: &str = "sk-corp-abcdefgh7x2f";

/// A file as a user wrote it in an editor.
const BY_HAND: &str = "\
# All our profiles.  Ask Ada before changing them.

[profiles.corp]   # the gateway
auth_type = \"corp-sso\"
base_url   =   'https://llm.corp.example/v1'

# The end.
";

/// A strategy that declares and reads `CORP_REGION`.
fn sso() -> Vec<u8> {
    let said: [&[u8]; 3] = [b"corp-sso", b"2.1.0", b"the company's sign-on"];
    Guest::new().describes(said, &[b"CORP_REGION"]).reads("CORP_REGION").build()
}

/// A home directory with providers.toml and a component beside it.
struct Home {
    cli: Cli,
    component: PathBuf,
}

impl Home {
    fn with(config: &str, component: &[u8]) -> Self {
        let cli = Cli::new().config(config).env("CORP_REGION", KEY);
        let component = cli.file(".config/orchestration/strategies/corp-sso.wasm", component);
        Self { cli, component }
    }

    fn by_hand() -> Self {
        Self::with(BY_HAND, &sso())
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let component = self.component.to_str().expect("the path is Unicode");
        [&["strategy", "add", component, "--auth-type", "corp-sso"], more].concat()
    }

    fn add(&self, more: &[&str]) -> Outcome {
        self.cli.run(&self.arguments(more))
    }

    fn remove(&self, name: &str) -> Outcome {
        self.cli.run(&["strategy", "remove", name])
    }

    fn text(&self) -> String {
        fs::read_to_string(self.cli.home().join(CONFIG)).expect("the file is there")
    }

    #[track_caller]
    fn has_nothing_but_the_file_in_its_directory(&self) {
        let directory = fs::read_dir(self.cli.home().join(".config/orchestration"));
        let names =
            directory.expect("there is a directory").flatten().map(|entry| entry.file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, ["providers.toml", "strategies"]);
    }
}

fn entry(component: &[u8], path: &str) -> String {
    let sha256 = guest::digest(component);
    format!("\n[strategies.corp-sso]\ncomponent = \"{path}\"\nsha256 = \"{sha256}\"\n")
}

mod add {
    use super::*;

    #[test]
    fn shows_what_it_is_and_keeps_everything_else_byte_for_byte() {
        let home = Home::by_hand();
        let outcome = home.add(&["--env", "CORP_REGION"]).exits_with(0);
        assert_eq!(outcome.stderr, "");
        for said in ["corp-sso.wasm", "2.1.0", "the company's sign-on", "CORP_REGION", "✓ added"]
        {
            assert!(outcome.stdout.contains(said), "{said:?}: {}", outcome.stdout);
        }
        let added = entry(&sso(), "strategies/corp-sso.wasm");
        assert_eq!(home.text(), format!("{BY_HAND}{added}env = [\"CORP_REGION\"]\n"));
        home.has_nothing_but_the_file_in_its_directory();
    }

    #[test]
    fn makes_the_profile_work() {
        let home = Home::by_hand();
        home.add(&["--env", "CORP_REGION"]).exits_with(0);
        let outcome = home.cli.status().exits_with(0);
        assert_eq!(outcome.row("corp"), ["corp", "corp-sso", "✓ valid", "CORP_REGION"]);
    }

    #[test]
    fn creates_the_file_and_its_directory() {
        let home = Home { cli: Cli::new(), component: PathBuf::new() };
        let component = home.cli.file("elsewhere/sso.wasm", sso());
        let home = Home { component, ..home };
        let outcome = home.add(&["--env", "CORP_REGION"]).exits_with(0);
        assert!(outcome.stdout.contains("auth_type = \"corp-sso\""), "{}", outcome.stdout);
        let absolute = fs::canonicalize(&home.component).expect("it is there");
        let added = entry(&sso(), absolute.to_str().expect("the path is Unicode"));
        assert_eq!(home.text(), format!("{}env = [\"CORP_REGION\"]\n", added.trim_start()));
        let mode = fs::metadata(home.cli.home().join(CONFIG)).expect("it is there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn creates_the_file_given_with_config() {
        let home = Home::by_hand();
        home.add(&["--config", "other/mine.toml"]).exits_with(0);
        let outcome = home.cli.run(&["--config", "other/mine.toml", "strategy", "list"]);
        assert_eq!(outcome.exits_with(0).row("corp-sso").get(1), Some(&"\"2.1.0\""));
        assert_eq!(home.text(), BY_HAND);
    }

    #[test]
    fn again_takes_the_new_component_and_keeps_limits_grants_and_comments() {
        let old = "\
[strategies.corp-sso]  # since May
component = 'strategies/corp-sso.wasm' # ours
sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\" # old
env = [
    \"CORP_TOKEN\", # the token
    \"CORP_REGION\", # where
]
limits = { deadline_ms = 2000 } # it is slow

[profiles.corp]
auth_type = \"corp-sso\"
";
        let home = Home::with(old, &sso());
        home.cli.status().exits_with(3).explains(&["strategy add", "--auth-type corp-sso"]);
        let outcome = home.add(&["--env", "CORP_REGION", "--env", "CORP_MORE"]).exits_with(0);
        assert!(outcome.stdout.contains("✓ updated"), "{}", outcome.stdout);
        let new = old
            .replace(&"0".repeat(64), &guest::digest(&sso()))
            .replace("'strategies/corp-sso.wasm'", "\"strategies/corp-sso.wasm\"")
            .replace("# where\n", "# where\n    \"CORP_MORE\",\n");
        assert_eq!(home.text(), new);
        home.cli.status().exits_with(0);
    }

    #[test]
    fn extends_an_inline_table() {
        let home = Home::with("strategies = {}  # none yet\n", &sso());
        home.add(&[]).exits_with(0);
        assert!(home.text().ends_with("  # none yet\n"), "{}", home.text());
        home.remove("corp-sso").exits_with(0);
        assert_eq!(home.text(), "strategies = {}  # none yet\n");
    }

    #[test]
    fn keeps_windows_line_endings() {
        let old = BY_HAND.replace('\n', "\r\n");
        let home = Home::with(&old, &sso());
        for _ in 0..2 {
            home.add(&[]).exits_with(0);
            let text = home.text();
            assert!(text.starts_with(&old), "{text:?}");
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
        }
        home.remove("corp-sso").exits_with(0);
        assert_eq!(home.text(), old);
    }

    #[test]
    fn lists_variables_without_a_grant_and_the_command_that_grants_them() {
        let home = Home::by_hand();
        let outcome = home.add(&["--env", "CORP_TOKEN"]).exits_with(0);
        let outcome = outcome.explains(&["warning: ", "CORP_REGION", "not granted"]);
        home.cli.status().exits_with(3).explains(&["corp-sso", "CORP_REGION"]);

        let line = outcome.stderr.lines().find_map(|line| line.split_once("grant it: "));
        let (_, command) = line.expect("there is a command");
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let again = home.cli.run(&words).exits_with(0);
        assert_eq!(again.stderr, "");
        assert_eq!(home.cli.status().exits_with(0).row("corp")[2], "✓ valid");
    }

    #[test]
    fn the_line_that_a_denial_prints_grants_what_was_denied() {
        let home = Home::by_hand();
        home.add(&[]).exits_with(0);
        let outcome = home.cli.status().exits_with(3);
        let hint =
            outcome.stderr.lines().find_map(|line| line.trim().strip_prefix("grant it with "));
        let (line, table) = hint.and_then(|hint| hint.split_once(" under ")).expect("a hint");
        assert_eq!(table, "[strategies.corp-sso]");
        home.cli.file(CONFIG, format!("{}{line}\n", home.text()));
        assert_eq!(home.cli.status().exits_with(0).row("corp")[2], "✓ valid");
    }

    #[test]
    fn refuses_unusable_components_and_leaves_the_file_alone() {
        let module = Guest::new().module();
        let cases: [(&[u8], &str); 4] = [
            (b"text", "not WebAssembly"),
            (&module, "core module"),
            (&guest::component("(component)"), "does not export"),
            (&sso()[..1000], "not valid"),
        ];
        for (bytes, reason) in cases {
            let home = Home::with(BY_HAND, bytes);
            let outcome = home.add(&[]).exits_with(3).explains(&["error: ", reason]);
            assert!(outcome.stdout.contains(&guest::digest(bytes)), "{}", outcome.stdout);
            assert_eq!(home.text(), BY_HAND);
        }
    }

    #[test]
    fn refuses_names_that_are_taken_or_invalid() {
        let home = Home::by_hand();
        let file = home.component.to_str().expect("the path is Unicode");
        for (name, reason) in
            [("api_key", "built in"), ("a b", "letters"), ("\u{1b}[31m", "letters")]
        {
            let outcome = home.cli.run(&["strategy", "add", file, "--auth-type", name]);
            let outcome = outcome.exits_with(2).explains(&["error: ", reason]);
            assert!(!outcome.all().contains('\u{1b}'), "{outcome:?}");
        }
        assert_eq!(home.text(), BY_HAND);
    }

    #[test]
    fn a_value_instead_of_a_name_is_not_printed() {
        let outcome = Home::by_hand().add(&["--env", &format!("CORP_REGION={KEY}")]).exits_with(2);
        assert!(!outcome.all().contains(KEY), "{outcome:?}");
    }

    #[test]
    fn a_missing_file_is_a_usage_error() {
        let home = Home::by_hand();
        fs::remove_file(&home.component).expect("it is there");
        home.add(&[]).exits_with(2).explains(&["corp-sso.wasm", "No such file"]);
        assert_eq!(home.text(), BY_HAND);
    }

    #[test]
    fn a_mistake_in_the_file_is_reported_and_nothing_is_written() {
        let home = Home::with("[profiles.corp]\nbase_ur = 'x'\n", &sso());
        home.add(&[]).exits_with(2).explains(&["did you mean 'base_url'"]);
        assert_eq!(home.text(), "[profiles.corp]\nbase_ur = 'x'\n");
    }

    #[test]
    fn follows_a_symlink_and_keeps_the_mode() {
        let home = Home::by_hand();
        let path = home.cli.home().join(CONFIG);
        let target = home.cli.file("dotfiles/llm.toml", BY_HAND);
        fs::set_permissions(&target, Permissions::from_mode(0o640)).expect("a mode can be set");
        fs::remove_file(&path).expect("it is there");
        symlink("../../dotfiles/llm.toml", &path).expect("a link can be made");
        home.add(&[]).exits_with(0);
        let linked = fs::read_link(&path).expect("it is still a link");
        assert_eq!(linked, Path::new("../../dotfiles/llm.toml"));
        let mode = fs::metadata(&target).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert!(
            home.text().contains("component = \"strategies/corp-sso.wasm\""),
            "{}",
            home.text()
        );
        home.cli.run(&["strategy", "list"]).exits_with(0);
    }
}

mod what_goes_wrong_while_writing {
    use super::*;

    #[test]
    fn a_full_disk_loses_nothing() {
        // A limit on the size of files fails in the same place as a full disk;
        // the file is larger than all that the sandbox needs.
        let large = format!("{BY_HAND}{}", "# and so on\n".repeat(200_000));
        let home = Home::with(&large, &sso());
        let shell = ["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""];
        let mut command = home.cli.command_under("sh", &shell, &home.arguments(&[]));
        Outcome::of(&mut command).exits_with(2).explains(&["providers.toml", "cannot write"]);
        assert!(home.text() == large, "the file is another");
        home.has_nothing_but_the_file_in_its_directory();
    }

    #[test]
    fn a_read_only_directory_loses_nothing() {
        let home = Home::by_hand();
        let directory = home.cli.home().join(".config/orchestration");
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
        };
        // A file that may be written is overwritten there.
        mode(&home.cli.home().join(CONFIG), 0o444);
        mode(&directory, 0o555);
        let mut command = home.cli.command(&home.arguments(&[]));
        if fs::File::create(directory.join("probe")).is_ok() {
            // Root may write everything, so the command runs as nobody.
            fs::remove_file(directory.join("probe")).expect("it is there");
            mode(home.cli.home(), 0o755);
            command.uid(65534);
            if let Err(reason) = command.spawn().map(|mut child| child.wait()) {
                return skip(&format!("root can't run the product as nobody: {reason}"));
            }
        }
        let outcome = Outcome::of(&mut command).exits_with(2);
        mode(&directory, 0o755);
        outcome.explains(&["cannot write", "Permission denied"]);
        assert_eq!(home.text(), BY_HAND);
    }

    #[test]
    fn a_kill_leaves_the_old_file_or_the_new_one() {
        let home = Home::by_hand();
        home.add(&[]).exits_with(0);
        let new = home.text();
        let mut seen = [false; 2];
        for delay in 0..60 {
            home.cli.file(CONFIG, BY_HAND);
            let mut child = home.cli.command(&home.arguments(&[])).spawn().expect("it starts");
            thread::sleep(Duration::from_millis(delay / 2));
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
            let text = home.text();
            assert!(text == BY_HAND || text == new, "{text}");
            seen[usize::from(text == new)] = true;
        }
        assert!(seen[0], "it was never killed early enough to prove anything");
    }

    #[test]
    fn what_an_editor_saves_in_the_meantime_is_not_overwritten() {
        if !tool_is_there("strace") {
            return;
        }
        let home = Home::by_hand();
        // Time for an editor, between reading the file and replacing it.
        let slowly = ["-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync:delay_enter=1000000"];
        let mut command = home.cli.command_under("strace", &slowly, &home.arguments(&[]));
        let directory = home.cli.home().join(".config/orchestration");
        let outcome = thread::scope(|scope| {
            let adding = scope.spawn(|| Outcome::of(&mut command));
            let unfinished = || fs::read_dir(&directory).expect("it is there").count() > 2;
            while !unfinished() && !adding.is_finished() {
                thread::sleep(Duration::from_millis(1));
            }
            home.cli.file(CONFIG, format!("{BY_HAND}# saved\n"));
            adding.join().expect("it ends")
        });
        outcome.exits_with(2).explains(&["changed while", "try again"]);
        assert_eq!(home.text(), format!("{BY_HAND}# saved\n"));
        home.has_nothing_but_the_file_in_its_directory();
    }

    #[test]
    fn concurrent_adds_lose_nothing() {
        let home = Home::by_hand();
        let file = home.component.to_str().expect("the path is Unicode");
        home.add(&[]).exits_with(0);
        thread::scope(|scope| {
            for number in 0..6 {
                let cli = &home.cli;
                scope.spawn(move || {
                    let name = format!("other-{number}");
                    cli.run(&["strategy", "add", file, "--auth-type", &name]).exits_with(0);
                });
            }
        });
        let outcome = home.cli.run(&["strategy", "list"]).exits_with(0);
        for number in 0..6 {
            let name = format!("other-{number}");
            assert_eq!(outcome.row(&name).get(1), Some(&"\"2.1.0\""), "{}", outcome.stdout);
        }
    }
}

mod remove {
    use super::*;

    #[test]
    fn restores_the_file_from_before_add() {
        let home = Home::by_hand();
        home.add(&["--env", "CORP_REGION"]).exits_with(0);
        let outcome = home.remove("corp-sso").exits_with(0);
        assert!(outcome.stdout.contains("✓ removed corp-sso"), "{}", outcome.stdout);
        outcome.explains(&["warning: ", "still used by profile corp"]);
        assert_eq!(home.text(), BY_HAND);
        assert!(home.component.exists());
    }

    #[test]
    fn removes_the_comment_of_the_entry_and_no_other() {
        let home = Home::with(
            "# first\n\n# about a\n[strategies.a]\ncomponent = \"a\"\nsha256 = \"SHA\"\n\n\
             [strategies.a.limits]\ndeadline_ms = 1\n\n# about b\n[profiles.b]\n"
                .replace("SHA", &"0".repeat(64))
                .as_str(),
            &sso(),
        );
        home.remove("a").exits_with(0);
        assert_eq!(home.text(), "# first\n\n# about b\n[profiles.b]\n");
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let home = Home::by_hand();
        home.remove("corp-sso").exits_with(2).explains(&["no strategies are configured"]);
        home.add(&[]).exits_with(0);
        let before = home.text();
        let outcome = home.remove("corp-ss").exits_with(2);
        outcome.explains(&["no strategy 'corp-ss'", "did you mean 'corp-sso'?"]);
        assert_eq!(home.text(), before);
    }
}

mod inspect {
    use super::*;

    #[test]
    fn shows_what_a_component_is_without_any_configuration() {
        let cli = Cli::new().config("this is not TOML");
        cli.file("sso.wasm", sso());
        let outcome = cli.run(&["strategy", "inspect", "sso.wasm"]).exits_with(0);
        for said in [
            "sso.wasm",
            &guest::digest(&sso()),
            guest::ENVIRONMENT,
            guest::STRATEGY,
            "corp-sso",
            "2.1.0",
            "the company's sign-on",
            "--env CORP_REGION",
        ] {
            assert!(outcome.stdout.contains(said), "{said:?}: {}", outcome.stdout);
        }
        assert_eq!(outcome.stderr, "");
    }

    #[test]
    fn shows_what_it_can_of_an_unusable_component() {
        let cli = Cli::new();
        let bytes = guest::component("(component (import \"wasi:sockets/tcp@0.2.0\" (instance)))");
        cli.file("sockets.wasm", &bytes);
        let outcome = cli.run(&["strategy", "inspect", "sockets.wasm"]).exits_with(3);
        assert!(outcome.stdout.contains(&guest::digest(&bytes)), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("wasi:sockets/tcp@0.2.0"), "{}", outcome.stdout);
        outcome.explains(&[
            "component imports wasi:sockets/tcp, which is not available to strategies",
        ]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_a_usage_error() {
        let cli = Cli::new();
        for path in ["nope.wasm", "/", "/dev/null"] {
            let outcome = cli.run(&["strategy", "inspect", path]).exits_with(2);
            assert_eq!(outcome.stdout, "");
            outcome.explains(&["error: ", "can't be read"]);
        }
    }
}

mod list {
    use super::*;

    #[test]
    fn shows_the_built_in_ones_and_those_from_files() {
        let home = Home::by_hand();
        home.add(&["--env", "CORP_TOKEN"]).exits_with(0);
        let outcome = home.cli.run(&["strategy", "list"]).exits_with(0);
        assert_eq!(outcome.stderr, "");
        let header = ["Auth Type", "Version", "From", "Digest", "Needs", "Keeps", "Grants"];
        assert_eq!(outcome.row("Auth Type"), header);
        for built_in in ["api_key", "federated", "none", "oidc", "openrouter", "service_account"] {
            let from = outcome.row(built_in).get(2).copied();
            assert_eq!(from, Some("built in"), "{}", outcome.stdout);
        }
        let digest = guest::digest(&sso());
        let path = home.component.to_str().expect("the path is Unicode");
        let row = ["corp-sso", "\"2.1.0\"", path, &digest[..12], "CORP_REGION", "-", "CORP_TOKEN"];
        assert_eq!(outcome.row("corp-sso"), row);
        for (built_in, keeps) in [("api_key", "stored key"), ("none", "-"), ("oidc", "session")] {
            assert_eq!(outcome.row(built_in).get(5), Some(&keeps), "{}", outcome.stdout);
        }
        let json = home.cli.run(&["strategy", "list", "--format", "json"]).exits_with(0);
        let listed: Value = serde_json::from_str(&json.stdout).expect("it is JSON");
        let keeps = |auth_type: &str| {
            let strategies = listed["strategies"].as_array().expect("a list");
            let mut named = strategies.iter().filter(|found| found["auth_type"] == auth_type);
            named.next().expect("it is there")["keeps"].clone()
        };
        assert_eq!(keeps("api_key"), "stored_key");
        assert_eq!(keeps("oidc"), "session");
        assert_eq!(keeps("corp-sso"), Value::Null);
    }

    #[test]
    fn a_strategy_that_cannot_be_loaded_is_one_bad_row() {
        let home = Home::by_hand();
        home.add(&[]).exits_with(0);
        fs::write(&home.component, Guest::new().build()).expect("it can be written");
        let outcome = home.cli.run(&["strategy", "list"]).exits_with(3);
        assert_eq!(outcome.row("corp-sso").get(1), Some(&"✗ error"), "{}", outcome.stdout);
        assert_eq!(outcome.row("api_key").get(2), Some(&"built in"), "{}", outcome.stdout);
        outcome.explains(&[
            "error: strategy 'corp-sso'",
            "does not match providers.toml",
            "strategy add",
        ]);
    }
}

mod while_it_is_compiled {
    use super::*;

    /// A strategy that takes a while to compile, the longer the more `functions` it has.
    fn slow(functions: usize) -> Cli {
        let line =
            "(local.set $a (i64.rotl (i64.mul (local.get $a) (local.get $b)) (local.get $b)))";
        let body = line.repeat(400);
        let functions: String = (0..functions)
            .map(|number| {
                format!(
                    "(func (export \"slow-{number}\") (param $a i64) (param $b i64) (result i64)
                     {body} local.get $a)"
                )
            })
            .collect();
        let cli = Cli::new();
        cli.file("slow.wasm", Guest::new().fields(functions).build());
        cli
    }

    #[test]
    fn a_terminal_shows_a_spinner_and_clears_it() {
        if !tool_is_there("script") {
            return;
        }
        let cli = slow(48);
        // All that is written to a terminal, also what is erased again.
        let shell = ["-c", "exec script -qefc \"$0 $*\" /dev/null"];
        let arguments = ["strategy", "inspect", "slow.wasm"];
        let written = Outcome::of(&mut cli.command_under("sh", &shell, &arguments)).exits_with(0);
        // Compiled with all optimisations, the compiler is too fast for it.
        if cfg!(debug_assertions) {
            let (spinner, result) = written.stdout.rsplit_once("\r\x1b[2K").expect("a spinner");
            assert!(spinner.contains("⠋ compiling strategy 'slow'…"), "{spinner:?}");
            assert!(result.starts_with("File "), "{result:?}");
        }
        cli.run(&["cache", "clear"]).exits_with(0);
        if let Some(screen) = cli.on_terminal(80, &arguments) {
            assert!(!screen.styled.contains("compiling"), "{:?}", screen.seen);
            assert_eq!(screen.seen.first().map(String::as_str), Some("File     slow.wasm"));
        }
    }

    #[test]
    fn a_terminal_counts_the_seconds_and_says_how_fast_it_starts_from_now_on() {
        // Two seconds and more on a fast machine.
        let cli = slow(144);
        let add = ["strategy", "add", "slow.wasm", "--auth-type", "slow"];
        let shell = ["-c", "exec script -qefc \"$0 $*\" /dev/null"];
        // Compiled with all optimisations, the compiler is too fast for it.
        if !cfg!(debug_assertions) || !tool_is_there("script") {
            return;
        }
        let written = Outcome::of(&mut cli.command_under("sh", &shell, &add)).exits_with(0);
        let (spinner, _) = written.stdout.rsplit_once("\r\x1b[2K").expect("a spinner");
        assert!(
            spinner.contains("compiling strategy 'slow' (only this once), 1 s…"),
            "{spinner:?}"
        );
        let line = written.stdout.lines().find(|line| line.contains("Compiled in "));
        let line = line.unwrap_or_else(|| panic!("it does not say so: {:?}", written.stdout));
        assert!(line.contains(" s; from now on it starts in "), "{line:?}");
        let again = cli.run(&add).exits_with(0);
        assert!(!again.stdout.contains("Compiled in "), "{}", again.stdout);
    }

    #[test]
    fn a_pipe_shows_nothing() {
        let outcome = slow(48).run(&["strategy", "inspect", "slow.wasm"]).exits_with(0);
        assert_eq!(outcome.stderr, "");
        assert!(!outcome.stdout.contains("compiling"), "{}", outcome.stdout);
    }
}

mod help {
    use super::*;

    const COMMANDS: [&[&str]; 9] = [
        &["auth", "explain"],
        &["strategy"],
        &["strategy", "list"],
        &["strategy", "inspect"],
        &["strategy", "add"],
        &["strategy", "remove"],
        &["cache"],
        &["cache", "info"],
        &["cache", "clear"],
    ];

    #[test]
    fn of_every_command_has_examples_and_fits() {
        for command in COMMANDS {
            let outcome = Cli::new().run(&[command, &["--help"]].concat()).exits_with(0);
            for said in ["Usage: orchestration", "Exit status: 0", "Examples:\n  orchestration "] {
                assert!(outcome.stdout.contains(said), "{command:?} lacks {said:?}");
            }
            for line in outcome.stdout.lines() {
                assert!(line.chars().count() <= 100, "{command:?} has a long line: {line}");
            }
        }
    }
}

/// What is no regular file: it is refused at once, and never waited for or replaced.
mod not_a_regular_file {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn pipe(cli: &Cli, name: &str) -> PathBuf {
        let path = cli.file(name, "");
        fs::remove_file(&path).expect("it can be removed");
        let made = cli.command_in("mkfifo", &[&path]).status().expect("mkfifo exists");
        assert!(made.success());
        path
    }

    #[test]
    fn is_not_a_component() {
        let cli = Cli::new();
        let pipe = pipe(&cli, "pipe.wasm");
        let socket = cli.home().join("socket.wasm");
        let _listener = UnixListener::bind(&socket).expect("a socket can be made");
        let link = cli.home().join("link.wasm");
        symlink(&pipe, &link).expect("a link can be made");
        let directory = cli.home().join("directory.wasm");
        fs::create_dir(&directory).expect("a directory can be made");
        let zero = PathBuf::from("/dev/zero");
        for path in [pipe, socket, link, directory, zero] {
            let path = path.to_str().expect("Unicode");
            let commands: [&[&str]; 4] = [
                &["strategy", "inspect", path],
                &["strategy", "check", path],
                &["strategy", "add", path, "--auth-type", "x"],
                &["strategy", "run", path, "--profile", "local"],
            ];
            for arguments in commands {
                cli.run(arguments).exits_with(2).explains(&["it is not a regular file"]);
            }
        }
    }

    #[test]
    fn has_no_cases() {
        let cli = Cli::new();
        let component = cli.file("corp.wasm", sso());
        let component = component.to_str().expect("Unicode");
        let cases = pipe(&cli, "corp.cases.toml");
        let check = ["strategy", "check", component];
        cli.run(&check).exits_with(2).explains(&["it is not a regular file"]);
        fs::remove_file(&cases).expect("it can be removed");
        symlink("/dev/zero", &cases).expect("a link can be made");
        cli.run(&check).exits_with(2).explains(&["it is not a regular file"]);
        fs::remove_file(&cases).expect("it can be removed");
        let file = fs::File::create(&cases).expect("a file can be made");
        file.set_len(3 << 30).expect("a file can have holes");
        cli.run(&check).exits_with(2).explains(&["it is larger than 1 MiB"]);
    }

    #[test]
    fn is_never_replaced() {
        let cli = Cli::new();
        let pipe = pipe(&cli, "pipe.toml");
        let link = cli.home().join("link.toml");
        symlink(&pipe, &link).expect("a link can be made");
        let component = cli.file("corp.wasm", sso());
        let component = component.to_str().expect("Unicode");
        let socket = cli.home().join("socket.toml");
        let _listener = UnixListener::bind(&socket).expect("a socket can be made");
        for path in [&pipe, &link, &socket, &PathBuf::from("/dev/null")] {
            let path = path.to_str().expect("Unicode");
            let commands: [&[&str]; 5] = [
                &["profile", "add", "corp", "--base-url", "https://a.example/v1"],
                &["profile", "edit"],
                &["profile", "remove", "corp"],
                &["strategy", "add", component, "--auth-type", "corp"],
                &["strategy", "remove", "corp"],
            ];
            for arguments in commands {
                let outcome = cli.run(&[&["--config", path][..], arguments].concat());
                outcome.exits_with(2).explains(&["it is not a regular file"]);
            }
        }
        assert!(fs::metadata(&pipe).expect("it is there").file_type().is_fifo());
    }
}

#[test]
fn a_mistake_in_cases_shows_no_value() {
    let cli = Cli::new();
    let component = cli.file("corp.wasm", sso());
    let component = component.to_str().expect("Unicode");
    for secrets in [
        KEY.to_owned(),
        format!("OPENAI_API_KEY={KEY}\n"),
        format!("[[case]]\nname = \"{KEY}\n"),
        format!("case = \"{KEY}\"\n"),
        format!("[[case]]\nname = \"a\"\nexpect = {{ error = \"{KEY}\" }}\n"),
        format!("[[case]]\nname = \"a\"\nexpect = {{ source = \"{KEY}\" }}\n"),
        format!("[[case]]\nname = \"a\"\nexpect = {{ expires_at = \"{KEY}\" }}\n"),
    ] {
        cli.file("elsewhere", &secrets);
        let cases = cli.home().join("corp.cases.toml");
        let _ = fs::remove_file(&cases);
        symlink(cli.home().join("elsewhere"), &cases).expect("a link can be made");
        let outcome = cli.run(&["strategy", "check", component]).exits_with(2);
        assert!(!outcome.all().contains(KEY), "{secrets}: {outcome:#?}");
        outcome.explains(&["line ", "column "]);
    }
}
