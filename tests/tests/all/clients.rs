//! `orchestration client`: sets up programs that run a command for their key.
//!
//! Promised here: each client's own file gets the lines that it needs, everything else in it
//! stays as it was, and `remove` leaves the file byte for byte as it was before; what someone
//! else wrote is never replaced, and a file that can't be read is named with its line; a key
//! goes only to the server of its profile; `doctor` finds what no longer works.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use orchestration_tests::{Cli, Outcome};
use serde_json::{Value, json};

const KEY: &str = "sk-ant-Zq81LmVt93KxBdRw7x2f";

const CONFIG: &str = "\
[profiles.claude]
provider = \"anthropic\"
api_key_env = \"CLAUDE_KEY\"
[profiles.gateway]
base_url = \"https://llm.corp.example/team\"
api_key_env = \"CORP_KEY\"
default_model = \"corp-large\"
";

/// A client, the profile that the tests give it, its file below the home directory, and a file
/// of that kind which someone wrote.
struct Client {
    name: &'static str,
    profile: &'static str,
    file: &'static str,
    before: &'static str,
}

const JSON: &str = "{\n  \"theme\": \"dark\",\n  \"env\": {\n    \"FOO\": \"1\"\n  },\n  \"permissions\": {\"allow\": [\"Bash(ls)\",\n\"Read\"]}\n}\n";
const TOML: &str = "# Mine.\nmodel = \"gpt-5\"  # the best\n\n[tui]\nnotifications = true\n\n# At work.\n[model_providers.corp]\nbase_url = \"https://x.example/v1\"\n";
const MODELS: &str = "{\n\t// At home.\n\t\"providers\": {\n\t\t\"ollama\": {\n\t\t\t\"baseUrl\": \"http://localhost:11434/v1\",\n\t\t\t\"apiKey\": \"ollama\"\n\t\t}\n\t}\n}\n";

const CLIENTS: [Client; 3] = [
    Client { name: "claude-code", profile: "claude", file: ".claude/settings.json", before: JSON },
    Client { name: "codex", profile: "openai", file: ".codex/config.toml", before: TOML },
    Client { name: "pi", profile: "claude", file: ".pi/agent/models.json", before: MODELS },
];

const PLUGIN: &str = ".config/opencode/plugin/orchestration.js";

fn cli() -> Cli {
    Cli::new().config(CONFIG).env("CLAUDE_KEY", KEY).env("OPENAI_API_KEY", KEY)
}

fn add(cli: &Cli, client: &str, profile: &str) -> Outcome {
    cli.run(&["client", "add", client, "--profile", profile])
}

fn remove(cli: &Cli, client: &str) -> Outcome {
    cli.run(&["client", "remove", client])
}

fn text(cli: &Cli, file: &str) -> String {
    fs::read_to_string(cli.home().join(file)).expect("the file is there")
}

fn json(cli: &Cli, file: &str) -> Value {
    serde_json::from_str(&text(cli, file)).expect("it is JSON")
}

/// The path of the product, as the helper has it.
fn program(cli: &Cli) -> String {
    let program = PathBuf::from(cli.command(&[""; 0]).get_program());
    program.to_str().expect("its path is text").to_owned()
}

#[test]
fn a_file_that_did_not_exist_is_written_for_its_owner_only() {
    let cli = cli();
    for Client { name, profile, file, .. } in CLIENTS {
        add(&cli, name, profile).exits_with(0);
        let path = cli.home().join(file);
        assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o777, 0o600, "{name}");
        assert!(!text(&cli, file).contains(KEY), "{name}");
    }
    let helper = format!("{} auth token claude", program(&cli));
    assert_eq!(json(&cli, ".claude/settings.json"), json!({ "apiKeyHelper": helper }));
    let provider =
        json!({ "baseUrl": "https://api.anthropic.com", "apiKey": format!("!{helper}") });
    let models = json!({ "providers": { "anthropic": provider } });
    assert_eq!(json(&cli, ".pi/agent/models.json"), models);
    let expected = format!(
        "model_provider = \"orchestration\"\n\n[model_providers.orchestration]\n\
         name = \"orchestration: openai\"\nbase_url = \"https://api.openai.com/v1\"\n\
         wire_api = \"responses\"\nauth = {{ command = \"{}\", \
         args = [\"auth\", \"token\", \"openai\"], timeout_ms = 30000 }}\n",
        program(&cli)
    );
    assert_eq!(text(&cli, ".codex/config.toml"), expected);
}

#[test]
fn a_file_is_kept_around_our_lines_and_is_the_same_again_without_them() {
    for Client { name, profile, file, before } in CLIENTS {
        for before in [before.to_owned(), before.replace('\n', "\r\n")] {
            let cli = cli();
            let path = cli.file(file, &before);
            fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode can be set");
            let outcome = add(&cli, name, profile).exits_with(0);
            let copy = format!("{file}.before-orchestration");
            assert!(outcome.stdout.contains(&copy), "{}", outcome.stdout);
            let after = text(&cli, file);
            for line in before.lines().filter(|line| line.trim().len() > 2) {
                let line = line.trim_end_matches(',');
                assert!(after.contains(line), "{name}: {line:?} is gone:\n{after}");
            }
            assert_eq!(text(&cli, &copy), before, "{name}");
            for path in [file, &copy] {
                let mode = fs::metadata(cli.home().join(path)).expect("it is there").mode();
                assert_eq!(mode & 0o777, 0o640, "{name}: {path}");
            }
            remove(&cli, name).exits_with(0);
            assert_eq!(text(&cli, file), before, "{name}");
        }
    }
}

#[test]
fn a_second_run_changes_nothing() {
    for Client { name, profile, file, before } in CLIENTS {
        let cli = cli();
        cli.file(file, before);
        add(&cli, name, profile).exits_with(0);
        let (after, copy) = (text(&cli, file), format!("{file}.before-orchestration"));
        let outcome = add(&cli, name, profile).exits_with(0);
        assert!(outcome.stdout.contains("already"), "{}", outcome.stdout);
        assert_eq!(text(&cli, file), after, "{name}");
        // The copy is still the file as it was.
        assert_eq!(text(&cli, &copy), before, "{name}");
    }
    let cli = cli();
    add(&cli, "opencode", "claude").exits_with(0);
    let after = text(&cli, PLUGIN);
    add(&cli, "opencode", "claude").exits_with(0);
    assert_eq!(text(&cli, PLUGIN), after);
}

#[test]
fn another_profile_takes_the_place_of_the_first() {
    let cli = cli();
    let path = cli.file(".claude/settings.json", JSON);
    add(&cli, "claude-code", "gateway").exits_with(0);
    let settings = json(&cli, ".claude/settings.json");
    assert_eq!(settings["env"]["ANTHROPIC_BASE_URL"], "https://llm.corp.example/team");
    add(&cli, "claude-code", "claude").exits_with(0);
    let settings = json(&cli, ".claude/settings.json");
    assert_eq!(settings["env"], json!({ "FOO": "1" }));
    assert_eq!(settings["apiKeyHelper"], format!("{} auth token claude", program(&cli)));
    remove(&cli, "claude-code").exits_with(0);
    assert_eq!(fs::read_to_string(path).expect("it is there"), JSON);
}

#[test]
fn the_plugin_of_opencode_is_a_file_of_its_own_which_remove_deletes() {
    let cli = cli();
    add(&cli, "opencode", "claude").exits_with(0);
    let plugin = text(&cli, PLUGIN);
    let words = json!([program(&cli), "auth", "token", "--format", "headers", "claude"]);
    assert!(plugin.contains(&format!("const helper = {words}\n")), "{plugin}");
    remove(&cli, "opencode").exits_with(0);
    assert!(!cli.home().join(PLUGIN).exists());
    // One of the same name that someone else wrote.
    cli.file(PLUGIN, "export const Mine = 1\n");
    add(&cli, "opencode", "claude").exits_with(2).explains(&["not by this program"]);
    remove(&cli, "opencode").exits_with(0);
    assert_eq!(text(&cli, PLUGIN), "export const Mine = 1\n");
}

#[test]
fn a_server_that_the_client_does_not_know_is_added_with_the_model_of_the_profile() {
    let cli = cli();
    add(&cli, "pi", "gateway").exits_with(0);
    let providers = json(&cli, ".pi/agent/models.json")["providers"].clone();
    let provider = &providers["orchestration-gateway"];
    assert_eq!(provider["baseUrl"], "https://llm.corp.example/team");
    assert_eq!(provider["models"], json!([{ "id": "corp-large" }]));
    remove(&cli, "pi").exits_with(0);
    assert_eq!(json(&cli, ".pi/agent/models.json"), json!({}));
    let cli = Cli::new().config("[profiles.corp]\nbase_url = \"https://llm.corp.example/v1\"\n");
    for client in ["pi", "opencode"] {
        add(&cli, client, "corp").exits_with(2).explains(&["default_model"]);
    }
}

#[test]
fn what_someone_else_wrote_is_not_replaced() {
    for (name, profile, file, content, named) in [
        (
            "claude-code",
            "claude",
            ".claude/settings.json",
            "{\"apiKeyHelper\": \"/opt/vault\"}",
            "apiKeyHelper",
        ),
        (
            "claude-code",
            "claude",
            ".claude/settings.json",
            "{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://evil.example\"}}",
            "env.ANTHROPIC_BASE_URL",
        ),
        ("codex", "openai", ".codex/config.toml", "model_provider = \"azure\"\n", "model_provider"),
        (
            "codex",
            "openai",
            ".codex/config.toml",
            "[model_providers.orchestration]\nname = \"mine\"\n",
            "model_providers.orchestration",
        ),
        (
            "pi",
            "claude",
            ".pi/agent/models.json",
            "{\"providers\": {\"anthropic\": {\"apiKey\": \"!op read x\"}}}",
            "providers.anthropic.apiKey",
        ),
    ] {
        let cli = cli();
        cli.file(file, content);
        add(&cli, name, profile).exits_with(2).explains(&[named, "already set", "--print"]);
        remove(&cli, name).exits_with(0);
        assert_eq!(text(&cli, file), content, "{name}");
        assert!(!cli.home().join(format!("{file}.before-orchestration")).exists());
    }
}

#[test]
fn a_file_that_cannot_be_parsed_is_named_with_its_line_and_not_changed() {
    let secret = "sk-never-shown-0123456789";
    for (name, profile, file, content) in [
        ("claude-code", "claude", ".claude/settings.json", "{\n  \"a\": 1,\n  \"b\" SECRET\n}\n"),
        ("pi", "claude", ".pi/agent/models.json", "{\n  \"a\": 1,\n  \"b\": SECRET\n"),
        ("codex", "openai", ".codex/config.toml", "a = 1\n\nb = SECRET\n"),
        ("codex", "openai", ".codex/config.toml", "a = 1\n\nb = \"SECRET\n"),
    ] {
        let cli = cli();
        let content = content.replace("SECRET", secret);
        cli.file(file, &content);
        for outcome in [add(&cli, name, profile), remove(&cli, name)] {
            let outcome = outcome.exits_with(2).explains(&[file, "line 3", "nothing was written"]);
            assert!(!outcome.all().contains(secret), "{name}: {}", outcome.all());
        }
        assert_eq!(text(&cli, file), content, "{name}");
        let outcome = cli.run(&["doctor"]).exits_with(2);
        assert!(outcome.stdout.contains(&format!("✗ client    {name}")), "{}", outcome.stdout);
    }
    for content in ["[1]", "\"text\"", "{\"providers\": []}"] {
        let cli = cli();
        cli.file(".pi/agent/models.json", content);
        add(&cli, "pi", "claude").exits_with(2).explains(&["is not an object"]);
        assert_eq!(text(&cli, ".pi/agent/models.json"), content);
    }
}

#[test]
fn a_link_is_followed_and_stays_one() {
    for Client { name, profile, file, before } in CLIENTS {
        let cli = cli();
        let real = cli.file("dotfiles/settings", before);
        let link = cli.home().join(file);
        fs::create_dir_all(link.parent().expect("it is in a directory")).expect("it can be made");
        symlink(&real, &link).expect("a link can be made");
        add(&cli, name, profile).exits_with(0);
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink(), "{name}");
        assert_ne!(fs::read_to_string(&real).expect("it is there"), before);
        remove(&cli, name).exits_with(0);
        assert_eq!(fs::read_to_string(&real).expect("it is there"), before);
    }
    // One that leads to no file.
    let cli = cli();
    fs::create_dir_all(cli.home().join(".claude/settings.json")).expect("it can be made");
    add(&cli, "claude-code", "claude").exits_with(2).explains(&["not a regular file"]);
}

#[test]
fn each_client_is_set_up_where_its_own_variable_says() {
    for (variable, name, profile, file) in [
        ("CLAUDE_CONFIG_DIR", "claude-code", "claude", "settings.json"),
        ("CODEX_HOME", "codex", "openai", "config.toml"),
        ("PI_CODING_AGENT_DIR", "pi", "claude", "models.json"),
        ("XDG_CONFIG_HOME", "opencode", "claude", "opencode/plugin/orchestration.js"),
    ] {
        let cli = cli();
        let elsewhere = cli.home().join("elsewhere");
        let config = cli.home().join(".config/orchestration/providers.toml");
        let cli = cli.env(variable, &elsewhere).env("ORCHESTRATION_CONFIG", config);
        add(&cli, name, profile).exits_with(0);
        assert!(elsewhere.join(file).is_file(), "{name}");
        let list = cli.run(&["client", "list"]).exits_with(0);
        let shown = format!("~/elsewhere/{file}");
        assert_eq!(list.row(name), [name, profile, &shown], "{}", list.stdout);
    }
    let cli = Cli::new().without("HOME");
    cli.run(&["client", "add", "codex", "--profile", "openai"])
        .exits_with(2)
        .explains(&["set HOME or CODEX_HOME"]);
}

#[test]
fn the_lines_can_be_printed_instead() {
    let cli = cli();
    for Client { name, profile, file, .. } in CLIENTS {
        let print = ["client", "add", name, "--profile", profile, "--print"];
        let printed = cli.run(&print).exits_with(0).stdout;
        assert!(!cli.home().join(file).exists(), "{name}");
        add(&cli, name, profile).exits_with(0);
        assert_eq!(printed, text(&cli, file), "{name}");
    }
}

#[test]
fn a_client_that_runs_no_command_is_refused_with_another_way() {
    for (client, profile) in [("gemini", "gemini"), ("llm", "openai")] {
        let outcome = add(&cli(), client, profile).exits_with(2);
        outcome.explains(&["no setting for a command", &format!("{profile} -- {client}")]);
        remove(&cli(), client).exits_with(0);
    }
}

#[test]
fn a_key_goes_to_no_client_of_another_protocol_and_no_secret_into_a_file() {
    let cli = cli();
    add(&cli, "claude-code", "openai").exits_with(2).explains(&["protocol of openai"]);
    add(&cli, "codex", "claude").exits_with(2).explains(&["protocol of anthropic"]);
    let cli = Cli::new().config(
        "[profiles.corp]\nbase_url = \"https://me:hunter22@llm.corp.example/v1?key=hunter33\"\n",
    );
    let outcome = add(&cli, "codex", "corp").exits_with(2).explains(&["may be a secret"]);
    assert!(!outcome.all().contains("hunter"), "{}", outcome.all());
}

#[test]
fn the_file_given_with_config_is_the_one_that_the_helper_reads() {
    let cli = Cli::new().env("CORP_KEY", KEY);
    cli.file("my files/p.toml", CONFIG);
    let file = "my files/p.toml";
    let arguments = ["--config", file, "client", "add", "claude-code", "--profile", "gateway"];
    cli.run(&arguments).exits_with(0);
    let helper = json(&cli, ".claude/settings.json")["apiKeyHelper"].clone();
    let helper = helper.as_str().expect("it is a text");
    // As Claude Code runs it: a shell, in any directory.
    let mut shell = cli.command_in("sh", &["-c", helper]);
    let outcome = Outcome::of(shell.current_dir("/")).exits_with(0);
    assert_eq!(outcome.stdout.trim(), KEY);
}

mod doctor {
    use super::*;

    fn complaint(cli: &Cli) -> (String, String) {
        let outcome = cli.run(&["doctor"]).exits_with(2);
        let mut lines = outcome.stdout.lines().skip_while(|line| !line.starts_with("✗ client"));
        let mut next = || lines.next().map(|line| line.trim().to_owned());
        next().zip(next()).unwrap_or_else(|| panic!("{}", outcome.stdout))
    }

    #[test]
    fn is_content_with_what_add_wrote() {
        let cli = cli();
        for (client, profile) in [
            ("claude-code", "claude"),
            ("codex", "openai"),
            ("pi", "claude"),
            ("opencode", "claude"),
        ] {
            add(&cli, client, profile).exits_with(0);
            let outcome = cli.run(&["doctor"]).exits_with(0);
            let seen = format!("✓ client    {client} uses {profile}");
            assert!(outcome.stdout.contains(&seen), "{}", outcome.stdout);
            assert!(!outcome.all().contains(KEY));
        }
    }

    #[test]
    fn finds_a_program_that_is_gone_and_the_remedy_fixes_it() {
        for helper in
            ["/nowhere/orchestration auth token claude", "orchestration auth token claude"]
        {
            let cli = cli();
            cli.file(".claude/settings.json", json!({ "apiKeyHelper": helper }).to_string());
            let (_, remedy) = complaint(&cli);
            assert_eq!(remedy, "orchestration client add claude-code --profile claude");
            add(&cli, "claude-code", "claude").exits_with(0);
            cli.run(&["doctor"]).exits_with(0);
        }
    }

    #[test]
    fn finds_a_profile_that_is_gone_or_moved_or_has_no_key() {
        let config = ".config/orchestration/providers.toml";
        for (changed, says) in [
            (String::new(), "there is no such profile"),
            (
                CONFIG.replace(
                    "provider = \"anthropic\"",
                    "provider = \"anthropic\"\nbase_url = \"https://new.example\"",
                ),
                "another server",
            ),
            (CONFIG.replace("CLAUDE_KEY", "GONE_KEY"), "GONE_KEY is not set"),
        ] {
            let cli = cli();
            add(&cli, "claude-code", "claude").exits_with(0);
            cli.file(config, changed);
            let (line, _) = complaint(&cli);
            assert!(line.contains(says), "{line}");
        }
    }

    #[test]
    fn finds_a_variable_that_sends_the_key_elsewhere_or_replaces_it() {
        for (client, variable, says) in [
            ("claude-code", "ANTHROPIC_AUTH_TOKEN", "ignores"),
            ("claude-code", "ANTHROPIC_API_KEY", "two keys"),
            ("claude-code", "ANTHROPIC_BASE_URL", "sends its key there"),
            ("pi", "ANTHROPIC_API_KEY", "ignores"),
        ] {
            let cli = cli();
            add(&cli, client, "claude").exits_with(0);
            let (line, remedy) = complaint(&cli.env(variable, "https://other.example"));
            assert!(line.contains(says), "{line}");
            assert_eq!(remedy, format!("unset {variable}"));
        }
    }

    #[test]
    fn has_nothing_to_say_of_a_helper_that_is_not_ours() {
        for settings in ["{\"apiKeyHelper\": \"/opt/other\"}", "{}", ""] {
            let cli = cli().env("ANTHROPIC_API_KEY", "sk-ant-abcdefgh7x2f");
            cli.file(".claude/settings.json", settings);
            let outcome = cli.run(&["doctor"]).exits_with(0);
            assert!(!outcome.stdout.contains("client"), "{}", outcome.stdout);
        }
    }

    #[test]
    fn does_not_run_a_program_that_a_project_names() {
        let cli = cli();
        let program = cli.file("evil/orchestration", "#!/bin/sh\ntouch \"$HOME/ran\"\n");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a mode can be set");
        let helper = format!("{} auth token claude", program.display());
        let settings = json!({ "apiKeyHelper": helper }).to_string();
        cli.file("project/.claude/settings.json", settings);
        let mut doctor = cli.command(&["doctor"]);
        Outcome::of(doctor.current_dir(cli.home().join("project")));
        assert!(!cli.home().join("ran").exists());
    }
}
