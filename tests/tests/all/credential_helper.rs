//! `credential-helper`: git, docker and bazel ask for the credential of a server.
//!
//! Promised here: each program gets, in its own protocol, the credential of the profile whose
//! base URL has the origin that it asks about; any other server gets none, however its URL is
//! written; what the program wants to store is not kept.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use orchestration_tests::Cli;
use serde_json::{Value, json};

const KEY: &str = "glpat-Zq81LmVt93KxBdRw7x2f";
const CONFIG: &str = "\
[profiles.corp]
base_url = \"https://git.corp.example:8443/api/v4\"
api_key_env = \"CORP_TOKEN\"
";

fn corp() -> Cli {
    Cli::new().config(CONFIG).env("CORP_TOKEN", KEY)
}

/// Runs `command` with `question` on its stdin.
fn asks(mut command: Command, question: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it can be started");
    let mut stdin = child.stdin.take().expect("it has a stdin");
    // A program that refuses to read has closed it.
    let _ = stdin.write_all(question.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it comes to an end")
}

fn helper(cli: &Cli, arguments: &[&str], question: &str) -> (i32, String, String) {
    let arguments = [&["credential-helper"], arguments].concat();
    let Output { status, stdout, stderr } = asks(cli.command(&arguments), question);
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (status.code().expect("it exits"), text(stdout), text(stderr))
}

mod git {
    use super::*;

    fn question(url: &str) -> String {
        let (protocol, rest) = url.split_once("://").expect("a URL");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        format!("protocol={protocol}\nhost={host}\npath={path}\n\n")
    }

    #[test]
    fn gets_the_key_as_a_password_from_the_helper_that_it_starts() {
        let cli = corp();
        let mut git = cli.command_in("git", &["credential", "fill"]);
        let product = cli.command(&[""; 0]);
        let product = product.get_program().to_str().expect("its path is text");
        let helper = format!("!'{product}' credential-helper git");
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0");
        git.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "credential.helper");
        git.env("GIT_CONFIG_VALUE_0", helper);
        let asked = asks(git, &question("https://git.corp.example:8443/group/project.git"));
        let filled = String::from_utf8(asked.stdout).expect("it is text");
        let lines: Vec<&str> = filled.lines().collect();
        assert!(lines.contains(&"username=oauth2"), "{filled}");
        assert!(lines.contains(&format!("password={KEY}").as_str()), "{filled}");
    }

    #[test]
    fn gets_a_token_as_what_it_is_if_it_understands_that() {
        let question =
            format!("capability[]=authtype\n{}", question("https://git.corp.example:8443/"));
        let (status, stdout, _) = helper(&corp(), &["git", "get"], &question);
        let expected = format!("capability[]=authtype\nauthtype=Bearer\ncredential={KEY}\n");
        assert_eq!((status, stdout), (0, expected));
    }

    #[test]
    fn keeps_the_user_that_it_asks_for() {
        let question = format!("username=ada\n{}", question("https://git.corp.example:8443/"));
        let (_, stdout, _) = helper(&corp(), &["git", "get"], &question);
        assert_eq!(stdout, format!("username=ada\npassword={KEY}\n"));
    }

    #[test]
    fn gets_the_user_that_the_base_url_names_if_it_asks_for_none() {
        for (written, user) in [("deploy%2Bci", "deploy+ci"), ("deploy%0Apath%3Dx", "oauth2")] {
            let config = CONFIG.replace("https://", &format!("https://{written}@"));
            let question = question("https://git.corp.example:8443/");
            let (_, stdout, _) = helper(&corp().config(config), &["git", "get"], &question);
            assert_eq!(stdout, format!("username={user}\npassword={KEY}\n"));
        }
    }

    #[test]
    fn gets_nothing_for_any_other_server() {
        for url in [
            "https://git.corp.example/",
            "https://git.corp.example:443/",
            "http://git.corp.example:8443/",
            "https://git.corp.example.evil.example:8443/",
            "https://evil.example/git.corp.example:8443/",
            "https://git.corp.example:8443@evil.example/",
            "https://evil.example\\@git.corp.example:8443/",
            "https://git.corp.example%2eevil.example:8443/",
            "https://g\u{456}t.corp.example:8443/",
            "ssh://git.corp.example:8443/",
        ] {
            let (status, stdout, stderr) = helper(&corp(), &["git", "get"], &question(url));
            assert_eq!((status, stdout.as_str(), stderr.as_str()), (0, "", ""), "{url}");
        }
    }

    #[test]
    fn is_told_why_there_is_no_key() {
        let cli = Cli::new().config(CONFIG);
        let question = question("https://git.corp.example:8443/");
        let (status, stdout, stderr) = helper(&cli, &["git", "get"], &question);
        assert_eq!((status, stdout.as_str()), (1, ""));
        assert!(stderr.contains("profile 'corp': CORP_TOKEN is not set"), "{stderr}");
    }

    #[test]
    fn stores_and_erases_nothing() {
        for action in ["store", "erase", "capability"] {
            let question = question("https://git.corp.example:8443/") + "password=hunter2hunter2\n";
            let (status, stdout, stderr) = helper(&corp(), &["git", action], &question);
            assert_eq!((status, stdout.as_str(), stderr.as_str()), (0, "", ""));
        }
    }

    #[test]
    fn gets_the_profile_with_the_longer_path_in_common_and_none_of_two_alike() {
        let profile = |name, path, variable| {
            let url = format!("https://git.corp.example/{path}");
            format!("[profiles.{name}]\nbase_url = \"{url}\"\napi_key_env = \"{variable}\"\n")
        };
        let config = profile("a", "team", "A_TOKEN") + &profile("b", "", "B_TOKEN");
        let cli = Cli::new().config(&config).env("A_TOKEN", "a-0123456789");
        let cli = cli.env("B_TOKEN", "b-0123456789");
        for (path, password) in
            [("team/x", "a-0"), ("teams/x", "b-0"), ("team", "a-0"), ("", "b-0")]
        {
            let question = question(&format!("https://git.corp.example/{path}"));
            let (_, stdout, stderr) = helper(&cli, &["git", "get"], &question);
            assert!(stdout.contains(&format!("password={password}")), "{path}: {stdout}{stderr}");
        }
        let config = config + &profile("c", "team", "A_TOKEN");
        let cli = Cli::new().config(config).env("A_TOKEN", "a-0123456789");
        let question = question("https://git.corp.example/team/x");
        let (status, stdout, stderr) = helper(&cli, &["git", "get"], &question);
        assert_eq!((status, stdout.as_str()), (0, ""));
        assert!(stderr.contains("profiles 'a' and 'c' are both for"), "{stderr}");
    }
}

mod docker {
    use super::*;

    #[test]
    fn gets_the_key_as_the_secret_of_a_server() {
        for server in ["https://git.corp.example:8443", "git.corp.example:8443"] {
            let (status, stdout, _) = helper(&corp(), &["docker", "get"], &format!("{server}\n"));
            let answer: Value = serde_json::from_str(&stdout).expect("it is JSON");
            let expected = json!({ "ServerURL": server, "Username": "oauth2", "Secret": KEY });
            assert_eq!((status, answer), (0, expected));
        }
    }

    #[test]
    fn gets_the_user_that_the_base_url_names() {
        for (user, name) in [("AWS", "AWS"), ("robot%24ci", "robot$ci"), ("a%0Ab", "oauth2")] {
            let config = CONFIG.replace("https://", &format!("https://{user}@"));
            let (_, stdout, _) =
                helper(&corp().config(config), &["docker", "get"], "git.corp.example:8443");
            let answer: Value = serde_json::from_str(&stdout).expect("it is JSON");
            assert_eq!((&answer["Username"], &answer["Secret"]), (&json!(name), &json!(KEY)));
        }
    }

    #[test]
    fn is_told_in_its_own_words_that_there_is_none() {
        let (status, stdout, _) = helper(&corp(), &["docker", "get"], "registry.example");
        assert_eq!((status, stdout.trim()), (1, "credentials not found in native keychain"));
        let (status, stdout, _) = helper(&corp(), &["docker", "list"], "");
        assert_eq!((status, stdout.trim()), (0, "{}"));
    }

    #[test]
    fn is_told_why_there_is_no_key_where_it_shows_it() {
        let cli = Cli::new().config(CONFIG);
        let (status, stdout, stderr) = helper(&cli, &["docker", "get"], "git.corp.example:8443");
        assert_eq!((status, stdout.as_str()), (1, "profile 'corp': CORP_TOKEN is not set\n"));
        assert!(stderr.contains("export CORP_TOKEN="), "{stderr}");
    }

    #[test]
    fn cannot_store_a_password() {
        let password = "{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"hunter2hunter2\"}";
        let (status, stdout, stderr) = helper(&corp(), &["docker", "store"], password);
        assert_eq!((status, stdout.as_str()), (2, ""));
        assert!(stderr.contains("this helper keeps none"), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

mod bazel {
    use super::*;

    #[test]
    fn gets_the_headers_of_a_request() {
        let question = "{\"uri\":\"https://git.corp.example:8443/artifact\",\"more\":1}";
        let (status, stdout, _) = helper(&corp(), &["bazel", "get"], question);
        let answer: Value = serde_json::from_str(&stdout).expect("it is JSON");
        let expected = json!({ "headers": { "Authorization": [format!("Bearer {KEY}")] } });
        assert_eq!((status, answer), (0, expected));
    }

    #[test]
    fn gets_no_header_for_any_other_server() {
        let question = "{\"uri\":\"https://other.example/artifact\"}";
        let (status, stdout, _) = helper(&corp(), &["bazel", "get"], question);
        assert_eq!((status, stdout.trim()), (0, "{}"));
    }

    #[test]
    fn is_told_what_is_wrong_with_its_question() {
        for question in ["", "{", "[]", "{\"url\":\"https://git.corp.example:8443\"}"] {
            let (status, stdout, stderr) = helper(&corp(), &["bazel", "get"], question);
            assert_eq!((status, stdout.as_str()), (2, ""), "{question}");
            assert!(stderr.contains("a field `uri`"), "{stderr}");
        }
    }
}

#[test]
fn a_question_without_end_is_refused() {
    let long = "host=".to_owned() + &"x".repeat(1 << 20);
    for program in ["git", "docker", "bazel"] {
        let (status, stdout, stderr) = helper(&corp(), &[program, "get"], &long);
        assert_eq!((status, stdout.as_str()), (2, ""));
        assert!(stderr.contains("more than 64 KiB"), "{stderr}");
    }
}

#[test]
fn nothing_is_asked_or_printed_on_a_terminal() {
    for program in ["git", "docker", "bazel"] {
        let arguments = ["credential-helper", program, "get"];
        let Some(screen) = corp().on_terminal(100, &arguments) else { return };
        let shown = screen.written.join("\n");
        assert!(shown.contains("error: refusing to print a credential"), "{shown}");
    }
}
