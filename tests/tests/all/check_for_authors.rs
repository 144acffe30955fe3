//! What `strategy check` says to the author of a strategy.
//!
//! Promised here: a promise that fails is shown with what came back, to which call, and the
//! item of the contract that says what is right; the report is there for CI as well; a
//! change of the component is checked by itself.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use orchestration_runtime::Promise;
use orchestration_tests::Cli;
use orchestration_tests::guest::Guest;

/// A strategy that ignores an explicit key.
fn deaf() -> Vec<u8> {
    Guest::new().reads("TEST_KEY").build()
}

#[test]
fn a_failed_promise_names_the_result_the_call_and_the_item_of_the_contract() {
    let cli = Cli::new();
    cli.file("guest.wasm", deaf());
    let outcome = cli.run(&["strategy", "check", "guest.wasm"]).exits_with(3);
    let below: Vec<&str> = outcome
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with("✗ explicit-key"))
        .skip(1)
        .take(3)
        .map(str::trim)
        .collect();
    assert_eq!(
        below,
        [
            "the result was: Missing, \"it is not set\"",
            "tried with `get-credentials`, with `explicit-key` true and the secret `explicit`",
            "see `request` in wit/types.wit",
        ]
    );
}

#[test]
fn every_promise_names_an_item_that_the_contract_has() {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    for promise in Promise::ALL {
        let (file, item) = promise.item();
        let text = fs::read_to_string(contract.join(file)).expect("the file is there");
        assert!(text.contains(item), "{}: {item} in {file}", promise.id());
    }
}

#[test]
fn the_report_is_there_as_junit() {
    let cli = Cli::new();
    cli.file("guest.wasm", deaf());
    let check = ["strategy", "check", "guest.wasm", "--format", "junit"];
    let outcome = cli.run(&check).exits_with(3);
    let suites = junit_parser::from_reader(outcome.stdout.as_bytes()).expect("it is JUnit");
    let [suite] = suites.suites.as_slice() else { unreachable!("{suites:?}") };
    let case = |class: &str| {
        let of_class = |case: &&junit_parser::TestCase| case.classname.as_deref() == Some(class);
        suite.cases.iter().find(of_class).expect("a case")
    };
    assert!(case("loads").status.is_success());
    assert!(case("explicit-key").status.is_failure());
    let text = format!("{:?}", case("explicit-key").status);
    assert!(text.contains("it is not set") && text.contains("wit/types.wit"), "{text}");
}

#[test]
fn a_change_of_the_component_is_checked_and_a_broken_one_survived() {
    let cli = Cli::new();
    cli.file("guest.wasm", deaf());
    let mut command = cli.command(&["strategy", "check", "guest.wasm", "--watch"]);
    let mut child = command.spawn().expect("the product can be started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    let mut until = |words: &str| {
        let seen = stdout.by_ref().map_while(Result::ok).any(|line| line.starts_with(words));
        assert!(seen, "{words} was not shown");
    };
    until("✗ explicit-key");
    cli.file("guest.wasm", "not a component");
    until("✗ loads");
    cli.file("guest.wasm", deaf());
    until("✗ explicit-key");
    child.kill().expect("it still runs");
    child.wait().expect("it comes to an end");
}
