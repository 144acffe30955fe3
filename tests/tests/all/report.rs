//! The state of profiles as JSON.
//!
//! Promised here: the JSON is what `orchestration schema` describes, in every
//! state, failures too; it comes with the exit status of the table; it tells of
//! every profile what the table tells and more; and it holds no secret, and no
//! part of one unless that was asked for.

use orchestration_tests::guest::{self, Answer, Guest, Saves};
use orchestration_tests::{Cli, Outcome, tool_is_there};
use serde_json::Value;

const KEY: &str = "sk-proj-abcdefghijkl7x2f";

fn one_key() -> Cli {
    Cli::new().env("OPENAI_API_KEY", KEY)
}

/// What the product says that its own JSON looks like.
fn schema(name: &str) -> jsonschema::Validator {
    let outcome = Cli::new().run(&["schema", name]).exits_with(0);
    let schema = serde_json::from_str(&outcome.stdout).expect("a schema is JSON");
    jsonschema::validator_for(&schema).expect("a schema is a schema")
}

#[track_caller]
fn valid(schema: &jsonschema::Validator, text: &str) -> Value {
    let value: Value = serde_json::from_str(text).expect("the output is JSON");
    let errors: Vec<String> = schema.iter_errors(&value).map(|e| format!("{e}")).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    value
}

/// The JSON of a command that ends with `status`, validated.
#[track_caller]
fn json(cli: &Cli, arguments: &[&str], status: i32) -> Value {
    let arguments = [arguments, &["--format", "json"]].concat();
    valid(&schema("status"), &cli.run(&arguments).exits_with(status).stdout)
}

fn profile<'a>(report: &'a Value, name: &str) -> &'a Value {
    let profiles = report["profiles"].as_array().expect("there are profiles");
    profiles.iter().find(|profile| profile["profile"] == name).expect("the profile is there")
}

#[test]
fn a_report_has_every_profile() {
    let report = json(&one_key(), &["auth", "status"], 0);
    assert_eq!(report["version"], 1);
    assert_eq!(report["error"], Value::Null);
    let openai = profile(&report, "openai");
    assert_eq!(openai["status"], "valid");
    assert_eq!(openai["source"]["type"], "environment");
    assert_eq!(openai["source"]["name"], "OPENAI_API_KEY");
    assert_eq!(openai["kind"], Value::Null);
    assert!(openai["duration_ms"].as_f64().expect("a number") > 0.0);
    let gemini = profile(&report, "gemini");
    assert_eq!((&gemini["status"], &gemini["kind"]), (&"missing".into(), &"missing".into()));
    assert_eq!(gemini["variable"], "GEMINI_API_KEY");
    assert!(gemini["hint"].as_str().expect("a hint").contains("export GEMINI_API_KEY="));
    assert_eq!(profile(&report, "local")["source"]["type"], "not_needed");
    assert_eq!(report["summary"]["profiles"], 4);
    assert_eq!(report["summary"]["valid"], 2);
    assert_eq!(report["summary"]["missing"], 2);
}

#[test]
fn lists_of_sessions_and_of_strategies_are_what_their_schemas_describe() {
    let component = Guest::new().keeps("CORP_KEY", &Saves::taken("ada@corp.example")).build();
    let lines = "env = [\"CORP_REGION\"]\nreveal = true";
    let cli =
        Cli::new().config(guest::lines("corp", &component, lines, "api_key_env = \"CORP_KEY\""));
    cli.file(".config/orchestration/corp.wasm", &component);
    let cli = cli.env("CORP_KEY", "rt-corp-Zq81LmVt93KxBd7x2f");
    cli.run(&["auth", "token", "corp"]).exits_with(0);
    let store = ["auth", "login", "openai", "--store"];
    cli.run_with_input(&store, b"sk-proj-abcdefgh7x2f").exits_with(0);

    let listed = |list: &[&str], name: &str| {
        let json = cli.run(&[list, &["--format", "json"]].concat()).exits_with(0);
        valid(&schema(name), &json.stdout)
    };
    let sessions = listed(&["session", "list"], "session-list");
    assert_eq!(sessions["version"], 1);
    let kinds = sessions["sessions"].as_array().expect("a list").iter().map(|one| &one["kind"]);
    assert_eq!(kinds.collect::<Vec<_>>(), ["session", "stored_key"]);
    listed(&["session", "show", "corp"], "session-list");

    let strategies = listed(&["strategy", "list"], "strategy-list");
    assert_eq!(strategies["version"], 1);
    let strategies = strategies["strategies"].as_array().expect("a list");
    let corp = strategies.iter().find(|one| one["auth_type"] == "corp").expect("it is there");
    assert_eq!(
        (&corp["keeps"], &corp["sha256"]),
        (&"session".into(), &guest::digest(&component).into())
    );
    assert_eq!(corp["grants"]["env"], serde_json::json!(["CORP_REGION"]));
    assert_eq!(corp["grants"]["reveal"], true);

    // One that can't be loaded is in the list, too.
    cli.file(".config/orchestration/corp.wasm", "no component");
    let json = cli.run(&["strategy", "list", "--format", "json"]).exits_with(3);
    let strategies = valid(&schema("strategy-list"), &json.stdout);
    let is_bad = |one: &&Value| one["error"].is_string();
    assert_eq!(
        strategies["strategies"].as_array().expect("a list").iter().filter(is_bad).count(),
        1
    );
}

#[test]
fn a_report_names_the_code_that_was_asked() {
    let component = Guest::new().build();
    let cli = one_key().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", &component);
    let report = json(&cli, &["auth", "status"], 0);
    let strategy = &profile(&report, "corp")["strategy"];
    assert_eq!(strategy["sha256"], guest::digest(&component));
    assert!(strategy["component"].as_str().expect("a path").ends_with("corp.wasm"));
    let built_in = &profile(&report, "openai")["strategy"];
    assert_eq!(built_in["component"], Value::Null);
    let prebuilt = include_bytes!("../../../strategies/prebuilt/api-key.wasm");
    assert_eq!(built_in["sha256"], guest::digest(prebuilt));
}

#[test]
fn a_report_says_when_a_credential_expires() {
    let answer = Answer { expires_at: Some(4_102_444_800), ..Answer::default() };
    let component = Guest::new().answers(&answer).build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    let report = json(&cli, &["auth", "status"], 0);
    assert_eq!(profile(&report, "corp")["expires_at"], "2100-01-01T00:00:00Z");
}

#[test]
fn an_impossible_expiry_is_reported_as_unknown() {
    let answer = Answer { expires_at: Some(u64::MAX >> 1), ..Answer::default() };
    let component = Guest::new().answers(&answer).build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    let report = json(&cli, &["auth", "status"], 0);
    assert_eq!(profile(&report, "corp")["expires_at"], Value::Null);
    let renewed = cli.run(&["auth", "refresh", "corp"]).exits_with(0);
    assert_eq!(renewed.stdout, "✓ Renewed corp\n");
}

#[test]
fn a_report_points_at_the_line_of_a_profile() {
    let cli = one_key().config("# mine\n\n[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n");
    let report = json(&cli, &["auth", "status"], 0);
    let location = &profile(&report, "corp")["location"];
    assert_eq!(location["line"], 3);
    assert!(location["file"].as_str().expect("a path").ends_with("providers.toml"));
    assert_eq!(profile(&report, "openai")["location"], Value::Null);
}

#[test]
fn a_failure_is_json_too_with_the_exit_status_of_the_table() {
    let unknown = "[profiles.corp]\nauth_type = \"corp-sso\"\n";
    let cases: [(Cli, &[&str], Option<&str>); 6] = [
        (Cli::new().config("[profiles.corp]\nbas_url = \"\"\n"), &[], Some("configuration")),
        (Cli::new().config([0xff, 0xfe]), &[], Some("configuration")),
        (Cli::new(), &["--config", "/nowhere.toml"], Some("configuration")),
        (Cli::new(), &["nope"], Some("unknown_profile")),
        (Cli::new().config(unknown), &[], None),
        (Cli::new().env("OPENAI_API_KEY", ""), &["openai"], None),
    ];
    for (cli, more, kind) in cases {
        for command in ["status", "check"] {
            let arguments = [&["auth", command], more].concat();
            let table = cli.run(&arguments);
            let report = json(&cli, &arguments, table.status);
            let error = &report["error"];
            assert_eq!(error["kind"].as_str(), kind, "{arguments:?}: {report:#}");
            // People read on stderr what programs read on stdout.
            let message = error["message"].as_str().unwrap_or_default();
            assert!(kind.is_none() || !message.is_empty(), "{report:#}");
        }
    }
}

#[test]
fn a_mistake_in_the_file_comes_with_its_line_and_without_its_values() {
    let cli = Cli::new().config("[profiles.corp]\napi_key_env = \"sk-secret-in-the-file\"\n");
    let report = json(&cli, &["auth", "status"], 2);
    assert_eq!(report["error"]["location"]["line"], 2);
    assert!(!report.to_string().contains("sk-secret"), "{report:#}");
}

#[test]
fn each_line_can_be_read_by_itself() {
    let schema = schema("status-line");
    let outcome = one_key().run(&["auth", "status", "--format", "jsonl"]).exits_with(0);
    let lines: Vec<Value> = outcome.stdout.lines().map(|line| valid(&schema, line)).collect();
    let names: Vec<_> = lines.iter().filter_map(|line| line["profile"].as_str()).collect();
    assert_eq!(names, ["gemini", "local", "openai", "openrouter"]);
    assert!(lines.iter().all(|line| line["version"] == 1));
    let outcome = one_key().run(&["auth", "status", "nope", "--format", "jsonl"]).exits_with(2);
    assert_eq!(valid(&schema, &outcome.stdout)["error"]["kind"], "unknown_profile");
}

#[test]
fn a_secret_is_never_shown_and_its_mask_only_on_request() {
    for format in ["json", "jsonl"] {
        let outcome = one_key().run(&["auth", "status", "--format", format]);
        let all = outcome.exits_with(0).all();
        assert!(!all.contains("7x2f") && !all.contains("sk-") && !all.contains("masked"), "{all}");
    }
    let report = json(&one_key(), &["auth", "status", "--show-masked"], 0);
    assert_eq!(profile(&report, "openai")["masked"]["api_key"], "sk-...7x2f");
    assert!(!report.to_string().contains(KEY));
}

#[test]
fn what_a_strategy_says_cannot_break_out_of_the_json() {
    let said = b"no \"key\"\\\n{}\x1b[31m \xe2\x80\xae";
    let component = Guest::new().fails(0, said, Some(said)).build();
    let cli = Cli::new().config(guest::lines("corp", &component, "", ""));
    cli.file(".config/orchestration/corp.wasm", component);
    let report = json(&cli, &["auth", "status", "corp"], 0);
    let message = "strategy 'corp' says: \"no 'key'\\ {}[31m\"";
    assert_eq!(profile(&report, "corp")["message"], message);
}

#[test]
fn named_profiles_are_reported_once_and_no_others() {
    let report = json(&one_key(), &["auth", "status", "openai", "local", "openai"], 0);
    assert_eq!(report["profiles"].as_array().map(Vec::len), Some(2));
    let outcome = one_key().run(&["auth", "status", "openai"]).exits_with(0);
    assert_eq!(outcome.row("openai"), ["openai", "api_key", "✓ valid", "OPENAI_API_KEY"]);
    assert_eq!(outcome.stdout.lines().count(), 3);
}

#[test]
fn jq_reads_it() {
    if !tool_is_there("jq") {
        return;
    }
    let cli = one_key();
    let lines = cli.run(&["auth", "status", "--format", "jsonl"]).exits_with(0).stdout;
    let file = cli.file("report.jsonl", lines);
    // As in the help of the command.
    let mut jq = std::process::Command::new("jq");
    jq.args(["-r", "select(.status != \"valid\") | .profile"]).arg(file);
    assert_eq!(Outcome::of(&mut jq).exits_with(0).stdout, "gemini\nopenrouter\n");
}

mod a_long_table {
    use super::*;

    /// Twelve profiles: of the built-in ones two are valid and two missing.
    fn twelve() -> Cli {
        let missing = |n| format!("[profiles.more-{n}]\napi_key_env = \"MORE\"\n");
        let broken = |n| format!("[profiles.broken-{n}]\nauth_type = \"corp-sso\"\n");
        one_key().config((0..6).map(missing).chain((0..2).map(broken)).collect::<String>())
    }

    #[test]
    fn begins_with_the_problems_and_ends_with_a_summary() {
        let outcome = twelve().status().exits_with(3);
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(lines.last(), Some(&"12 profiles: 2 errors, 8 missing, 2 valid"));
        let names = lines.iter().skip(2).filter_map(|line| line.split(' ').next());
        let names: Vec<&str> = names.take(4).collect();
        assert_eq!(names, ["broken-0", "broken-1", "gemini", "more-0"]);
    }

    #[test]
    fn explains_a_shared_problem_once() {
        let outcome = twelve().status().exits_with(3);
        assert_eq!(outcome.stderr.matches("unknown auth type").count(), 1, "{}", outcome.stderr);
        outcome.explains(&["profiles 'broken-0', 'broken-1'", "available auth types: api_key"]);
    }
}
