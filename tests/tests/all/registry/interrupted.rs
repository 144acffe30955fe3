//! Two at once, one that is killed, and a disk that is full: the store and providers.toml
//! stay whole.

use std::process::Child;

use orchestration_tests::{Cli, Outcome, cannot_run, tool_is_there};

use super::fake::Fake;
use super::{PROFILE, STORE, config, sso, user};

/// How many commands run at once.
const PROCESSES: usize = 6;

fn add(reference: &str, name: &str) -> Vec<String> {
    ["strategy", "add", reference, "--auth-type", name].map(str::to_owned).to_vec()
}

#[test]
fn many_that_add_and_pull_at_once_leave_a_whole_file_and_a_whole_store() {
    let server = Fake::new().serve();
    let reference = format!("oci://{}/acme/sso:1", server.host());
    let cli = user();
    cli.run(&add(&reference, "sso")).exits_with(0);
    let start = |arguments: &[String]| cli.command(arguments).spawn().expect("it starts");
    let pull = ["strategy".to_owned(), "pull".to_owned()];
    std::fs::remove_dir_all(cli.home().join(STORE)).expect("it can be removed");
    let running: Vec<Child> = (0..PROCESSES)
        .flat_map(|number| [start(&add(&reference, &format!("sso-{number}"))), start(&pull)])
        .collect();
    for process in running {
        let ended: Outcome = process.wait_with_output().expect("it ends").into();
        // Whoever was overtaken says so, and has written nothing.
        let overtaken = ended.stderr.contains("changed while this command was running");
        assert!(ended.status == 0 || (ended.status == 2 && overtaken), "{ended:#?}");
    }
    assert!(config(&cli).starts_with(PROFILE));
    cli.run(&["strategy", "list"]).exits_with(0);
    cli.run(&["strategy", "pull", "--offline"]).exits_with(0);
    let mut files = std::fs::read_dir(cli.home().join(STORE)).expect("it is there").flatten();
    assert!(files.all(|file| file.file_name().len() == 64), "nothing unfinished is left");
}

#[test]
fn one_that_is_killed_leaves_the_old_file_or_the_new_one() {
    if !tool_is_there("strace") {
        return;
    }
    let server = Fake::new().serve();
    let reference = format!("oci://{}/acme/sso:1", server.host());
    for when in 1..=4 {
        let cli = user();
        let arguments = add(&reference, "sso");
        let trace = [
            "--quiet=all".to_owned(),
            "--follow-forks".to_owned(),
            "--output=/dev/null".to_owned(),
            "--trace=rename,renameat,renameat2".to_owned(),
            format!("--inject=rename,renameat,renameat2:signal=KILL:when={when}"),
        ];
        let mut command = cli.command_under("strace", &trace, &arguments);
        let _ = command.output().expect("strace runs");
        let text = config(&cli);
        assert!(text == PROFILE || text.contains("[strategies.sso]\ncomponent = "), "{text}");
        cli.run(&arguments).exits_with(0);
        cli.run(&["auth", "status", "corp"]).exits_with(0);
    }
}

#[test]
fn a_disk_without_room_for_a_component_is_named_and_nothing_is_added() {
    if !tool_is_there("unshare") {
        return;
    }
    let server = Fake::new().serve();
    let reference = format!("oci://{}/acme/sso:1", server.host());
    let cli = user();
    let script = "mkdir -p .cache && mount -t tmpfs -o size=16k,mode=700 tmpfs .cache || exit 99; \
         cat /dev/zero > .cache/filler 2> /dev/null; \"$0\" \"$@\"";
    let full = under(&cli, script, &add(&reference, "sso"));
    if full.status == 99 || full.stderr.contains("unshare:") {
        return cannot_run(&format!("nothing can be mounted here: {}", full.stderr.trim()));
    }
    full.exits_with(2).explains(&["cannot write to ", "No space left on device"]);
    assert_eq!(config(&cli), PROFILE);
    assert!(sso("2.1.0").len() > 64);
    cli.run(&add(&reference, "sso")).exits_with(0);
}

fn under(cli: &Cli, script: &str, arguments: &[String]) -> Outcome {
    let own = ["-rm", "sh", "-c", script];
    Outcome::of(&mut cli.command_under("unshare", &own, arguments))
}
