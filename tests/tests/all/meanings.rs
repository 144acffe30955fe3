//! What is said when the system refuses something.
//!
//! Promised here: an error names what was being done, and is never reported as one of the
//! output, which could be written all the same.

use std::fs::File;
use std::process::Stdio;

use orchestration_tests::{Cli, Outcome};

/// Runs the command in a directory that is removed first.
fn in_a_deleted_directory(cli: &Cli, arguments: &[&str]) -> Outcome {
    let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" \"$@\"";
    Outcome::of(&mut cli.command_under("sh", &["-c", script], arguments))
}

/// Checks that the error is about its cause, and not about the output.
#[track_caller]
fn means(outcome: Outcome, texts: &[&str]) {
    let outcome = outcome.exits_with(2);
    assert!(!outcome.stderr.contains("the output"), "{outcome:#?}");
    outcome.explains(texts);
}

#[test]
fn a_deleted_directory_is_what_is_named() {
    let cli = Cli::new();
    let gone = |arguments: &[&str]| in_a_deleted_directory(&cli, arguments);
    means(gone(&["trust"]), &["which directory this is", "No such file", "project's directory"]);
    means(gone(&["trust", "--revoke"]), &["which directory this is", "No such file"]);
    let add = ["--config", "x/providers.toml", "profile", "add", "corp"];
    means(gone(&add), &["cannot write x/providers.toml", "No such file"]);
    means(gone(&["strategy", "new", "sso", "--lang", "rust"]), &["cannot write the project"]);
    means(gone(&["--config", "x.toml", "auth", "status"]), &["x.toml", "can't be read"]);
    // What needs no directory works.
    gone(&["auth", "status"]).exits_with(0);
    gone(&["profile", "add", "corp"]).exits_with(0);
}

#[test]
fn an_input_that_cannot_be_read_is_what_is_named() {
    let cli = Cli::new();
    let spawn = |stdin: Stdio| {
        let mut command = cli.command(&["spawn", "--profile", "local", "--model", "m"]);
        Outcome::of(command.stdin(stdin))
    };
    let root = File::open("/").expect("there is a root");
    means(spawn(root.into()), &["cannot read the message", "Is a directory"]);
    let endless = File::open("/dev/zero").expect("Linux has /dev/zero");
    means(spawn(endless.into()), &["cannot read the message", "larger than"]);
    let memory = File::open("/proc/self/mem").expect("Linux has /proc");
    means(spawn(memory.into()), &["cannot read the message", "os error 5"]);
    let closed = ["-c", "exec \"$0\" \"$@\" <&-"];
    let arguments = ["spawn", "--profile", "local", "--model", "m"];
    means(Outcome::of(&mut cli.command_under("sh", &closed, &arguments)), &["no message"]);
}

#[test]
fn an_answer_that_is_not_text_trusts_nothing() {
    let cli = Cli::new();
    cli.file(".orchestration/providers.toml", "[profiles.corp]\n");
    let Some(terminal) = cli.at_terminal(80, &["trust"]) else { return };
    terminal.wait_for("[y/N]");
    terminal.type_bytes(b"y\xff\n");
    let screen = terminal.screen().written.join("\n");
    assert!(screen.contains("cannot read the answer"), "{screen}");
    assert!(!screen.contains("the output"), "{screen}");
    cli.run(&["profile", "show", "corp"]).exits_with(2);
}

#[test]
fn an_output_that_cannot_be_written_is_what_is_named() {
    let cli = Cli::new();
    for arguments in [
        &["auth", "status"][..],
        &["profile", "list"],
        &["completions", "bash"],
        &["schema", "status"],
        &["--help"],
    ] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has /dev/full");
        let outcome = cli.run_into(arguments, full).exits_with(2);
        outcome.explains(&["could not write the output: No space left"]);
    }
}
