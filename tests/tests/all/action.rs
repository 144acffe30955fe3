//! The action for GitHub and the snippet for GitLab: their steps, run as the shell
//! that they are.
//!
//! Promised here: both check the file of the repository, with annotations or a
//! report, and fail the job when a credential is missing; and the action takes its
//! inputs for words, never for commands.

use std::collections::BTreeMap;
use std::fs;

use orchestration_tests::{Cli, Outcome, tool_is_there};
use saphyr::{LoadableYamlNode, Yaml};

use crate::release::the_installer::{ARCHIVE, VERSION, digest, releases};

const CORP: &str = "\n[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n";

/// A job in a checkout, and what was given to the action.
struct Job {
    cli: Cli,
    inputs: BTreeMap<String, String>,
    /// The tag of the action.
    tag: &'static str,
    /// The address of the server with the releases; empty if none is used.
    server: String,
}

impl Job {
    fn new(cli: Cli) -> Self {
        cli.file(".orchestration/providers.toml", CORP);
        Self { cli, inputs: BTreeMap::new(), tag: "main", server: String::new() }
    }

    fn with(mut self, input: &str, value: &str) -> Self {
        self.inputs.insert(input.to_owned(), value.to_owned());
        self
    }

    /// Runs the steps as a runner does, up to the first that fails.
    fn run(&self) -> Option<Outcome> {
        if !tool_is_there("bash") {
            return None;
        }
        let documents =
            Yaml::load_from_str(include_str!("../../../action.yml")).expect("it is YAML");
        let action = &documents[0];
        let mut last = None;
        let mut github_env = String::new();
        for step in action["runs"]["steps"].as_sequence().expect("there are steps") {
            assert_eq!(step["shell"].as_str(), Some("bash"));
            let script = step["run"].as_str().expect("a step runs something");
            // `${{` in a script is how inputs become commands.
            assert!(!script.contains("${{"), "{script}");
            let mut command = self.cli.command_in("bash", &["-c", script]);
            let temporary = self.cli.home().join("runner");
            command.env("RUNNER_TEMP", &temporary);
            let env_file = self.cli.file("runner/env", &github_env);
            command.env("GITHUB_ENV", &env_file);
            for (name, value) in github_env.lines().filter_map(|line| line.split_once('=')) {
                command.env(name, value);
            }
            for (name, value) in step["env"].as_mapping().expect("a step has variables") {
                let name = name.as_str().expect("a name is text");
                let value = value.as_str().expect("a value is text");
                command.env(name, self.expression(action, value));
            }
            let outcome = Outcome::of(&mut command);
            github_env = fs::read_to_string(&env_file).expect("the file is there");
            let failed = outcome.status != 0;
            last = Some(outcome);
            if failed {
                break;
            }
        }
        last
    }

    /// What `${{ … }}` is replaced with.
    fn expression(&self, action: &Yaml<'_>, text: &str) -> String {
        let inside = text.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}"));
        let inside = inside.expect("a variable is one expression");
        let Some(input) = inside.strip_prefix("inputs.") else {
            return match inside {
                "github.action_path" => concat!(env!("CARGO_MANIFEST_DIR"), "/..").to_owned(),
                "github.action_ref" => self.tag.to_owned(),
                "github.action_repository" => "acme/orchestration".to_owned(),
                "github.server_url" => self.server.clone(),
                _ => panic!("{inside} is not known"),
            };
        };
        let default = action["inputs"][input]["default"].as_str().expect("an input has a default");
        // The tests have the executable; building it is what they began with.
        let product = self.cli.command::<&str>(&[]).get_program().to_string_lossy().into_owned();
        match self.inputs.get(input) {
            Some(value) => value.clone(),
            None if input == "binary" && self.server.is_empty() => product,
            None => default.to_owned(),
        }
    }
}

#[test]
fn a_missing_credential_fails_the_job_with_an_annotation() {
    let Some(outcome) = Job::new(Cli::new()).run() else { return };
    let annotation = "::error file=.orchestration/providers.toml,line=2,title=corp%3A missing::";
    let outcome = outcome.exits_with(1);
    assert!(outcome.stdout.contains(annotation), "{}", outcome.stdout);
}

#[test]
fn a_credential_that_is_there_passes() {
    let Some(outcome) = Job::new(Cli::new().env("CORP_TOKEN", "corp-0123456789")).run() else {
        return;
    };
    assert_eq!(outcome.exits_with(0).stdout, "1 profile: 1 valid\n");
}

#[test]
fn inputs_are_arguments_and_never_shell_commands() {
    let job = Job::new(Cli::new())
        .with("profiles", "corp  corp")
        .with("arguments", "--allow-missing --locked");
    let Some(outcome) = job.run() else { return };
    assert!(outcome.exits_with(0).stdout.starts_with("::warning "));
    let Some(outcome) = Job::new(Cli::new()).with("profiles", "$(touch pwned) ;id").run() else {
        return;
    };
    outcome.exits_with(2).explains(&["not found"]);
}

#[test]
fn a_release_is_downloaded_by_its_version_and_digest() {
    if !tool_is_there("curl") {
        return;
    }
    let server = releases(&ARCHIVE);
    let job = || {
        let mut job = Job::new(Cli::new().env("CORP_TOKEN", "corp-0123456789"));
        job.server = format!("http://{}", server.host());
        job
    };
    // The tag of the action, or the inputs, name it.
    let by_tag = Job { tag: "v1.2.3", ..job() };
    let by_input = job().with("version", VERSION).with("digest", &digest(&ARCHIVE));
    for job in [by_tag, by_input] {
        let Some(outcome) = job.run() else { return };
        assert_eq!(outcome.exits_with(0).stdout, "1 profile: 1 valid\n");
    }
    let other = job().with("version", VERSION).with("digest", &"0".repeat(64));
    let Some(outcome) = other.run() else { return };
    outcome.exits_with(1).explains(&["nothing was installed"]);
}

#[test]
fn a_report_goes_into_its_file() {
    let job = Job::new(Cli::new()).with("format", "junit").with("report", "credentials.xml");
    let Some(outcome) = job.run() else { return };
    assert_eq!(outcome.exits_with(1).stdout, "");
    let report = fs::read(job.cli.home().join("credentials.xml")).expect("there is a report");
    let suites = junit_parser::from_reader(report.as_slice()).expect("it is JUnit");
    assert_eq!(suites.suites[0].failures, 1);
}

#[test]
fn the_snippet_for_gitlab_fails_the_job_and_leaves_its_report() {
    if !tool_is_there("bash") {
        return;
    }
    let page = include_str!("../../../docs/src/ci.md");
    let (_, below) = page.split_once("## GitLab\n\n```yaml\n").expect("the page has a snippet");
    let (snippet, _) = below.split_once("```").expect("a block has an end");
    let jobs = Yaml::load_from_str(snippet).expect("it is YAML");
    let job = &jobs[0]["credentials"];
    let report = job["artifacts"]["reports"]["junit"].as_str().expect("a report is named");
    for (cli, status, failures) in
        [(Cli::new(), 1, 1), (Cli::new().env("CORP_TOKEN", "corp-0123456789"), 0, 0)]
    {
        cli.file(".orchestration/providers.toml", CORP);
        // The image of the job has the executable.
        let mut script = "orchestration() { \"$O\" \"$@\"; }\n".to_owned();
        for line in job["script"].as_sequence().expect("there are lines") {
            script += line.as_str().expect("a line is text");
            script += "\n";
        }
        let product = cli.command::<&str>(&[]).get_program().to_owned();
        let mut command = cli.command_in("bash", &["-e", "-c", &script]);
        Outcome::of(command.env("O", product)).exits_with(status);
        let report = fs::read(cli.home().join(report)).expect("there is a report");
        let suites = junit_parser::from_reader(report.as_slice()).expect("it is JUnit");
        assert_eq!((suites.suites[0].tests, suites.suites[0].failures), (1, failures));
    }
}
