//! `auth status --watch`: the table again, whenever it is another.

use std::io::{BufRead, BufReader};

use orchestration_tests::Cli;

#[test]
fn a_change_of_the_file_is_shown_and_a_mistake_in_it_survived() {
    let cli = Cli::new().config("[profiles.first]\n");
    let mut command = cli.command(&["auth", "status", "--watch"]);
    let mut child = command.spawn().expect("the product can be started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    let mut until = |name: &str| {
        let seen = stdout.by_ref().map_while(Result::ok).any(|line| line.starts_with(name));
        assert!(seen, "{name} was not shown");
    };
    until("first ");
    let path = ".config/orchestration/providers.toml";
    cli.file(path, "[profiles.first");
    cli.file(path, "[profiles.second]\n");
    until("second ");
    child.kill().expect("it still runs");
    child.wait().expect("it comes to an end");
}

#[test]
fn it_has_no_json_format() {
    Cli::new().run(&["auth", "status", "--watch", "--format", "json"]).exits_with(2);
}

#[test]
fn a_project_that_is_not_trusted_is_named_once() {
    let cli = Cli::new();
    cli.file("project/.orchestration/providers.toml", "[profiles.corp]\n");
    let mut command = cli.command(&["auth", "status", "--watch"]);
    let mut child = command.current_dir(cli.home().join("project")).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(5));
    child.kill().expect("it still runs");
    let output = child.wait_with_output().expect("it comes to an end");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.matches("is not used").count(), 1, "{stderr}");
}
