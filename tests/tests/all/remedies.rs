//! The remedies of `doctor`, run as a user would paste them.
//!
//! Promised here: below each finding is a line for a shell that makes it go away. Where
//! the user has to fill in a word in capitals, the test does.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use orchestration_tests::guest::{self, Guest};
use orchestration_tests::{Cli, Outcome, skip};

/// A situation: what is set up in a home, and what is done in the shell first.
struct Situation {
    /// Part of the finding.
    finding: &'static str,
    cli: Cli,
    before: &'static str,
    /// What the user fills in.
    words: [&'static str; 2],
}

fn situation(finding: &'static str, cli: Cli) -> Situation {
    Situation { finding, cli, before: "true", words: ["", ""] }
}

fn config() -> Cli {
    Cli::new().config("[profiles.corp]\n")
}

const CACHE: &str = ".cache/orchestration/compiled";

fn cached(cli: &Cli, mode: u32) {
    let directory = cli.home().join(CACHE);
    fs::create_dir_all(&directory).expect("it can be made");
    fs::set_permissions(directory, Permissions::from_mode(mode)).expect("a mode can be set");
}

/// Runs `doctor` in a shell after `before`.
fn doctor(cli: &Cli, before: &str) -> Outcome {
    let script = format!("{before}\n\"$0\" doctor");
    Outcome::of(&mut cli.command_under("bash", &["-c", &script], &[""; 0]))
}

/// The line below the finding; `None` if there is no such finding.
fn remedy(outcome: &Outcome, finding: &str) -> Option<String> {
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    lines.windows(2).find_map(|pair| match pair {
        [line, below] if line.starts_with('✗') && line.contains(finding) => {
            Some(below.trim().to_owned())
        }
        _ => None,
    })
}

/// Runs the remedy in the same shell, and sees the finding gone.
fn is_fixed(situation: &Situation) {
    let Situation { finding, cli, before, words: [word, filled] } = situation;
    let outcome = doctor(cli, before);
    let Some(line) = remedy(&outcome, finding) else {
        panic!("nothing is found of {finding:?}: {outcome:#?}");
    };
    // The words before a command are for people; this program is on their PATH.
    let line = line.rsplit("with: ").next().unwrap_or_default().replace(word, filled);
    let line = line.replace("orchestration ", "\"$0\" ");
    let after = format!("set -e\n{before}\n{line}\nset +e");
    let outcome = doctor(cli, &after);
    assert_eq!(remedy(&outcome, finding), None, "{line}: {outcome:#?}");
    assert!(outcome.stdout.contains("version"), "{line} fails: {outcome:#?}");
}

#[test]
fn the_remedy_for_files_that_others_can_write_fixes_it() {
    for (path, mode) in
        [(".config/orchestration/providers.toml", 0o666), (".config/orchestration", 0o777)]
    {
        let cli = config();
        let path = cli.home().join(path);
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode can be set");
        is_fixed(&situation("others can write", cli));
    }
}

#[test]
fn the_remedy_for_a_cache_that_is_not_used_fixes_it() {
    let open = config();
    cached(&open, 0o777);
    is_fixed(&situation("cache", open));
    for link in [false, true] {
        let cli = config();
        let path = cli.file(CACHE, "a file in its place");
        if link {
            fs::remove_file(&path).expect("it can be removed");
            symlink("/tmp", &path).expect("a link can be made");
        }
        is_fixed(&situation("cache", cli));
    }
    let limit = Situation { before: "ulimit -S -f 0", ..situation("cache", config()) };
    is_fixed(&limit);
}

#[test]
fn the_remedy_for_a_file_system_that_cannot_hold_the_cache_fixes_it() {
    for options in ["noexec", "ro"] {
        let cli = config();
        fs::create_dir(cli.home().join(".cache")).expect("it can be made");
        let mount = format!("mount -t tmpfs -o {options} none \"$HOME/.cache\"");
        let mounted = ["-rm", "sh", "-c", &mount];
        let tried = cli.command_in("unshare", &mounted).status();
        if !tried.is_ok_and(|status| status.success()) {
            skip("no file system can be mounted here");
            return;
        }
        let under = |before: &str| {
            let script = format!("{mount}\n{before}\n\"$0\" doctor");
            let own = ["-rm", "bash", "-c", &script];
            Outcome::of(&mut cli.command_under("unshare", &own, &[""; 0]))
        };
        let outcome = under("true");
        let line = remedy(&outcome, "cache");
        let line = line.unwrap_or_else(|| panic!("{options} is not found: {outcome:#?}"));
        let outcome = under(&line.replace("DIRECTORY", "\"$HOME/other\""));
        assert_eq!(remedy(&outcome, "cache"), None, "{line}: {outcome:#?}");
    }
}

#[test]
fn the_remedy_for_a_home_that_is_not_set_fixes_it() {
    let cli = Cli::new();
    let home = format!("HOME={}", cli.home().display());
    for finding in ["config", "cache"] {
        let outcome = doctor(&cli, "unset HOME");
        let line = remedy(&outcome, finding).expect("it is found");
        assert!(line.contains("set HOME"), "{line}");
        assert_eq!(remedy(&doctor(&cli, &format!("export {home}")), finding), None);
    }
}

#[test]
fn the_remedy_for_a_project_that_is_not_trusted_fixes_it() {
    let cli = Cli::new();
    cli.file(".orchestration/providers.toml", "[profiles.corp]\n");
    let outcome = doctor(&cli, "true");
    let line = remedy(&outcome, "not trusted").expect("it is found");
    let command = line.rsplit(": ").next().expect("it names a command");
    assert_eq!(command, "orchestration trust");
    let after = "\"$0\" trust --yes";
    assert_eq!(remedy(&doctor(&cli, after), "not trusted"), None);
}

#[test]
fn the_remedy_for_a_strategy_fixes_it() {
    let component = Guest::new().build();
    // No strategy serves the profile.
    let cli = Cli::new().config("[profiles.corp]\nauth_type = \"corp-sso\"\n");
    cli.file("corp.wasm", &component);
    let words = ["FILE", "corp.wasm"];
    is_fixed(&Situation { words, ..situation("corp uses corp-sso", cli) });
    // Its file is gone, or another.
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    let outcome = doctor(&cli, "true");
    let line = remedy(&outcome, "strategy 'corp'").expect("it is found");
    let command = line.rsplit("with: ").next().expect("it names a command");
    let after = command.replace("orchestration ", "\"$0\" ");
    assert_eq!(remedy(&doctor(&cli, &after), "strategy 'corp'"), None, "{after}");
}

#[test]
fn the_remedy_for_a_variable_fixes_it() {
    for (finding, variable, value) in [
        ("HTTPS_PROXY is not", "HTTPS_PROXY", "ftp://proxy:21"),
        ("all_proxy is not", "all_proxy", "socks6://proxy:1080"),
    ] {
        is_fixed(&situation(finding, config().env(variable, value)));
    }
}
