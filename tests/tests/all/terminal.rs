//! What the output is written to: a terminal of any width, a pipe, one that is
//! closed early, a device that is full.
//!
//! Promised here: a status can be read on a narrow terminal too, colour is on a
//! terminal only and can be switched off, a pipe gets plain text, and results
//! that can't be written are reported and are no crash.
//!
//! The terminal is tmux's; where there is none, those tests say so and pass,
//! except with `CI=true`.

use std::fs::File;
use std::io::{Read, pipe};

use orchestration_tests::{Cli, Outcome, STATUS_TABLE, Screen};

use crate::documented::formats;

const STATUS: &[&str] = &["auth", "status"];
const ESCAPE: char = '\u{1b}';
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const RED: &str = "\u{1b}[31m";

fn one_key() -> Cli {
    Cli::new().env("OPENAI_API_KEY", "sk-proj-abcdefgh7x2f")
}

fn width(line: &str) -> usize {
    line.chars().count()
}

/// Checks that the status of every built-in profile is seen whole, in the line
/// that begins like its name.
#[track_caller]
fn statuses_are_seen(screen: &Screen) {
    for (name, status) in [
        ("gemini", "✗ missing"),
        ("local", "✓ valid"),
        ("openai", "✓ valid"),
        ("openrou", "✗ missing"),
    ] {
        let row = screen.seen.iter().find(|line| line.starts_with(name));
        assert!(row.is_some_and(|row| row.contains(status)), "{name} {status}: {screen:#?}");
    }
}

/// Checks that every line fits in `columns`.
#[track_caller]
fn fits(screen: &Screen, columns: usize) {
    let wide: Vec<_> = screen.written.iter().filter(|line| width(line) > columns).collect();
    assert!(wide.is_empty(), "wider than {columns}: {wide:#?}");
}

mod on_a_terminal {
    use super::*;

    #[test]
    fn with_80_or_57_columns_the_table_is_not_cut() {
        for columns in [80, 57] {
            let Some(screen) = one_key().on_terminal(columns, STATUS) else { return };
            assert_eq!(screen.written, STATUS_TABLE.lines().collect::<Vec<_>>());
            fits(&screen, columns);
        }
    }

    #[test]
    fn with_46_columns_names_are_cut_but_statuses_are_not() {
        let Some(screen) = one_key().on_terminal(46, STATUS) else { return };
        fits(&screen, 46);
        statuses_are_seen(&screen);
        assert_eq!(screen.written.len(), 6, "{screen:#?}");
        assert!(screen.written.iter().any(|line| line.contains('…')), "{screen:#?}");
    }

    #[test]
    fn with_46_or_more_columns_every_line_fits() {
        for columns in [47, 50, 55, 56, 58, 79] {
            let Some(screen) = one_key().on_terminal(columns, STATUS) else { return };
            fits(&screen, columns);
            statuses_are_seen(&screen);
        }
    }

    #[test]
    fn with_30_columns_every_status_can_still_be_read() {
        let Some(screen) = one_key().on_terminal(30, STATUS) else { return };
        statuses_are_seen(&screen);
    }

    #[test]
    fn a_long_name_does_not_push_the_status_out() {
        let name = "a".repeat(64);
        let variable = "V".repeat(100);
        let config = format!("[profiles.{name}]\napi_key_env = \"{variable}\"\n");
        let Some(screen) = one_key().config(config).on_terminal(80, STATUS) else { return };
        fits(&screen, 80);
        statuses_are_seen(&screen);
        let row = screen.written.iter().find(|line| line.starts_with("aaaa"));
        assert!(row.is_some_and(|row| row.contains("✗ missing")), "{screen:#?}");
    }

    #[test]
    fn a_status_has_a_colour() {
        let Some(screen) = one_key().on_terminal(80, STATUS) else { return };
        let styled = &screen.styled;
        assert!(styled.contains(&format!("{GREEN}✓ valid")), "{styled:?}");
        assert!(styled.contains(&format!("{YELLOW}✗ missing")), "{styled:?}");
        let config = "[profiles.corp]\nauth_type = \"corp-sso\"\n";
        let Some(screen) = one_key().config(config).on_terminal(80, STATUS) else { return };
        let styled = &screen.styled;
        assert!(styled.contains(&format!("{RED}✗ error")), "{styled:?}");
        assert!(styled.contains(&format!("{RED}error")), "{styled:?}");
    }

    #[test]
    fn no_color_switches_colour_off() {
        let broken = || one_key().config("[profiles.corp]\nbas_url = \"\"\n");
        for cli in [one_key(), broken()] {
            let cli = cli.env("NO_COLOR", "1");
            for arguments in [STATUS, &["auth", "login", "openai"], &["auth", "login", "nope"]] {
                let Some(screen) = cli.on_terminal(80, arguments) else { return };
                assert!(!screen.styled.trim().is_empty(), "{arguments:?}");
                assert!(!screen.styled.contains(ESCAPE), "{arguments:?}: {:?}", screen.styled);
            }
        }
    }

    #[test]
    fn with_80_or_120_columns_every_table_fits() {
        let more = |n| format!("[profiles.more-{n}]\napi_key_env = \"MORE_THAN_ENOUGH_{n}\"\n");
        let url = "base_url = \"https://a-host-with-a-long-name.corp.example/v1/chat\"\n";
        let config = (0..8).map(more).collect::<String>() + url;
        for columns in [80, 120] {
            for arguments in [&["auth", "check"][..], &["profile", "list"], &["auth", "status"]] {
                let cli = one_key().config(&config);
                let Some(screen) = cli.on_terminal(columns, arguments) else { return };
                let table = screen.written.iter().take_while(|line| !line.starts_with("error"));
                let wide: Vec<_> = table.filter(|line| width(line) > columns).collect();
                assert!(wide.is_empty(), "{arguments:?}, wider than {columns}: {wide:#?}");
                // The file that it is in, too, however long its path is.
                assert!(screen.seen.iter().any(|line| line.starts_with("more-7")), "{screen:#?}");
            }
        }
    }

    #[test]
    fn a_watched_table_begins_at_the_top_again() {
        let config = |name| format!("[profiles.{name}]\n");
        let cli = one_key().config(config("first"));
        let Some(terminal) = cli.at_terminal(80, &[STATUS, &["--watch"]].concat()) else { return };
        terminal.wait_for("first ");
        cli.file(".config/orchestration/providers.toml", config("second"));
        terminal.wait_for("second ");
        terminal.press("C-c");
        let screen = terminal.screen();
        assert_eq!(screen.seen.first().map(|line| line.starts_with("Profile")), Some(true));
        assert!(!screen.seen.iter().any(|line| line.starts_with("first")), "{screen:#?}");
    }

    #[test]
    fn help_fits() {
        let help: &[&[&str]] = &[
            &["--help"],
            &["auth", "status", "--help"],
            &["auth", "check", "--help"],
            &["profile", "add", "--help"],
        ];
        for arguments in help {
            let Some(screen) = Cli::new().on_terminal(80, arguments) else { return };
            assert!(screen.written.iter().any(|line| line.starts_with("Usage:")), "{screen:#?}");
            fits(&screen, 80);
        }
    }
}

mod into_a_pipe {
    use super::*;

    #[test]
    fn there_are_no_escape_sequences() {
        let broken = || Cli::new().config("[profiles.corp]\nbas_url = \"\"\n");
        let failing = || Cli::new().config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
        for cli in [one_key(), broken(), failing()] {
            // What says that a terminal has colours says nothing about a pipe.
            let cli = cli.env("TERM", "xterm-256color").env("COLORTERM", "truecolor");
            let commands: &[&[&str]] = &[
                STATUS,
                &["-v", "auth", "status"],
                &["auth", "login", "openai"],
                &["auth", "login", "openrouter"],
                &["auth", "login", "corp"],
                &["auth", "login", "nope"],
                &["auth", "check"],
                &["profile", "list"],
                &["doctor"],
                &["nope"],
                &["--help"],
            ];
            for arguments in commands {
                let outcome = cli.run(arguments);
                assert!(!outcome.all().contains(ESCAPE), "{arguments:?}: {outcome:#?}");
            }
        }
    }

    #[test]
    fn clicolor_force_gives_colours() {
        let outcome = one_key().env("CLICOLOR_FORCE", "1").status().exits_with(0);
        assert!(outcome.stdout.contains(&format!("{GREEN}✓ valid")), "{:?}", outcome.stdout);
        assert!(outcome.stdout.contains(&format!("{YELLOW}✗ missing")), "{:?}", outcome.stdout);
    }

    #[test]
    fn clicolor_force_gives_links_to_files() {
        let cli = Cli::new().config("[profiles.corp]\n").env("CLICOLOR_FORCE", "1");
        let outcome = cli.run(&["doctor"]).exits_with(0);
        let path = cli.home().join(".config/orchestration/providers.toml");
        let path = path.display();
        // OSC 8, as terminals have agreed on it.
        let link = format!("\u{1b}]8;;file://{path}\u{1b}\\{path}\u{1b}]8;;\u{1b}\\");
        assert!(outcome.stdout.contains(&link), "{:?}", outcome.stdout);
    }

    #[test]
    fn colours_leave_the_table_aligned() {
        let outcome = one_key().env("CLICOLOR_FORCE", "1").status().exits_with(0);
        let mut plain = String::new();
        for part in outcome.stdout.split(ESCAPE) {
            plain.push_str(match part.split_once('m') {
                Some((codes, rest)) if codes.starts_with('[') => rest,
                _ => part,
            });
        }
        assert_eq!(plain, STATUS_TABLE);
    }

    #[test]
    fn no_color_wins() {
        let cli = one_key().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
        let outcome = cli.status().exits_with(0);
        assert_eq!(outcome.stdout, STATUS_TABLE);
    }

    #[test]
    fn the_table_is_never_cut() {
        let outcome = one_key().env("COLUMNS", "20").status().exits_with(0);
        assert_eq!(outcome.stdout, STATUS_TABLE);
    }
}

mod without_a_reader {
    use super::*;

    /// A pipe whose other end is closed before the command starts.
    fn into_a_closed_pipe(arguments: &[&str]) -> Outcome {
        let (reader, writer) = pipe().expect("a pipe can be made");
        drop(reader);
        one_key().run_into(arguments, writer)
    }

    #[test]
    fn a_pipe_that_is_closed_early_is_not_a_failure() {
        let commands: &[&[&str]] =
            &[STATUS, &["auth", "login", "openai"], &["--help"], &["--version"]];
        for arguments in commands {
            let outcome = into_a_closed_pipe(arguments).exits_with(0);
            assert_eq!(outcome.stderr, "", "{arguments:?}");
        }
    }

    #[test]
    fn a_pipe_that_is_closed_in_the_middle_is_not_a_failure() {
        // Larger than any pipe's buffer, so that writing it takes a reader.
        let profile = |number| format!("[profiles.profile-with-a-long-name-{number}]\n");
        let cli = Cli::new().config((0..3000).map(profile).collect::<String>());
        let (mut reader, writer) = pipe().expect("a pipe can be made");
        let mut command = cli.command(STATUS);
        let child = command.stdout(writer).spawn().expect("the product can be started");
        // The command holds the end that the pipe is written through.
        drop(command);
        let mut start = [0; 64];
        reader.read_exact(&mut start).expect("the table begins");
        drop(reader);
        let output = child.wait_with_output().expect("the product comes to an end");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }

    #[test]
    fn a_verdict_is_not_lost() {
        let missing = "[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n";
        let failing = "[profiles.corp]\nauth_type = \"corp-sso\"\n";
        let into_nothing = |config: &str, arguments: &[&str]| {
            let (reader, writer) = pipe().expect("a pipe can be made");
            drop(reader);
            Cli::new().config(config).run_into(arguments, writer)
        };
        for format in &formats(&["auth", "check"]) {
            let check = ["auth", "check", "corp", "--format", format];
            into_nothing(missing, &check).exits_with(1);
            into_nothing(failing, &check).exits_with(3);
            into_nothing("[profiles.corp", &check).exits_with(2);
        }
        for format in &formats(&["auth", "status"]) {
            into_nothing(failing, &["auth", "status", "--format", format]).exits_with(3);
            into_nothing("[profiles.corp", &["auth", "status", "--format", format]).exits_with(2);
        }
        into_nothing(missing, &["auth", "login", "corp"]).exits_with(1);
        into_nothing(missing, &["auth", "explain", "corp"]).exits_with(1);
        into_nothing("[profiles.corp", &["doctor"]).exits_with(2);
    }

    #[test]
    fn a_verdict_is_not_lost_in_the_middle_of_a_report() {
        // Larger than any pipe's buffer in every format but the table.
        let profile = |number| {
            format!(
                "[profiles.profile-with-a-long-name-{number}]\n\
                 api_key_env = \"A_VARIABLE_WITH_A_LONG_NAME_{number}\"\n"
            )
        };
        let missing: String = (0..1500).map(profile).collect();
        // One key of all is no key at all.
        let invalid = format!("{missing}[profiles.z]\napi_key_env = \"PLACEHOLDER\"\n");
        for format in &formats(&["auth", "check"]) {
            for (config, more) in [(&missing, None), (&invalid, Some("--allow-missing"))] {
                let cli = Cli::new().config(config).env("PLACEHOLDER", "your-key-here");
                let arguments = ["auth", "check", "--format", format].into_iter().chain(more);
                let (mut reader, writer) = pipe().expect("a pipe can be made");
                let mut command = cli.command(&arguments.collect::<Vec<_>>());
                let child = command.stdout(writer).spawn().expect("the product can be started");
                // The command holds the end that the pipe is written through.
                drop(command);
                let mut start = [0; 16];
                reader.read_exact(&mut start).expect("the report begins");
                drop(reader);
                let output = child.wait_with_output().expect("the product comes to an end");
                assert_eq!(output.status.code(), Some(1), "{format}: {output:?}");
            }
        }
    }

    #[test]
    fn watching_ends() {
        let (reader, writer) = pipe().expect("a pipe can be made");
        drop(reader);
        one_key().run_into(&["auth", "status", "--watch"], writer).exits_with(0);
    }

    #[test]
    fn a_full_device_is_a_clear_error() {
        let commands: &[&[&str]] =
            &[STATUS, &["auth", "login", "openai"], &["--help"], &["--version"]];
        for arguments in commands {
            let full = File::options().write(true).open("/dev/full").expect("Linux has /dev/full");
            let outcome = one_key().run_into(arguments, full).exits_with(2);
            let outcome = outcome.explains(&["error: ", "could not write", "No space left"]);
            assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        }
    }
}

#[test]
fn an_unknown_width_does_not_break_help_into_words() {
    for arguments in [&["--help"][..], &["help", "auth", "check"], &["spawn", "--help"]] {
        for columns in ["0", "00"] {
            let cli = Cli::new();
            let usual = cli.run(arguments).exits_with(0).stdout;
            assert_eq!(cli.env("COLUMNS", columns).run(arguments).exits_with(0).stdout, usual);
        }
    }
}

/// A directory whose name clears the screen, sets the clipboard and forges a line.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]52;c;aGk=\u{7}b\nerror: forged\u{202e}";

#[test]
fn no_path_reaches_the_terminal_as_it_is() {
    let cli = Cli::new();
    let config = format!("{HOSTILE}/providers.toml");
    let project = format!("{HOSTILE}/.orchestration/providers.toml");
    let path = cli.file(&config, "[profiles.corp]\nbase_url = \"https://corp.example\"\n");
    cli.file(&project, "[profiles.corp]\n");
    let broken = cli.file(&format!("{HOSTILE}/broken.toml"), "[profiles.corp");
    let component = cli.file(&format!("{HOSTILE}/x.wasm"), "");
    let (path, broken) = (path.to_str().expect("Unicode"), broken.to_str().expect("Unicode"));
    let component = component.to_str().expect("Unicode");
    let commands: &[&[&str]] = &[
        &["auth", "status"],
        &["trust"],
        &["trust", "--yes"],
        &["trust", "--revoke"],
        &["--config", path, "profile", "show", "corp"],
        &["--config", path, "profile", "add", "corp"],
        &["--config", path, "profile", "remove", "nope"],
        &["--config", path, "doctor"],
        &["--config", broken, "auth", "status"],
        &["--config", broken, "auth", "check", "--format", "github"],
        &["strategy", "inspect", component],
        &["--config", path, "strategy", "add", component, "--auth-type", "x"],
        &["auth", "exec", "local", "--", component],
    ];
    for arguments in commands {
        let mut command = cli.command(arguments);
        let outcome = Outcome::of(command.current_dir(cli.home().join(HOSTILE)));
        let all = outcome.all();
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{arguments:?}: {outcome:#?}");
        assert!(!all.contains("\nerror: forged"), "{arguments:?}: {outcome:#?}");
    }
}

#[test]
fn a_limit_on_file_size_is_a_clear_error() {
    let cli = one_key();
    let script = ["-c", "ulimit -f 0; exec \"$0\" \"$@\" > out"];
    for arguments in
        [STATUS, &["auth", "check", "openai", "--format", "json"], &["schema", "status"]]
    {
        let outcome = Outcome::of(&mut cli.command_under("bash", &script, arguments));
        outcome.exits_with(2).explains(&["could not write", "File too large"]);
    }
    let add = &["profile", "add", "corp", "--base-url", "https://corp.example/v1"];
    let outcome = Outcome::of(&mut cli.command_under("bash", &script, add)).exits_with(2);
    outcome.explains(&["File too large"]);
}
