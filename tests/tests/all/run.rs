//! `orchestration run PROFILE -- COMMAND`: a command that uses a profile without its key.
//!
//! Promised here: the command gets a pass and an address in the variables that its clients
//! read, and no key in any; the server gets the key; the pass is worth nothing afterwards;
//! nothing that the command can read holds the key; signals, terminal and exit status are as
//! if the command ran by itself; without a credential it is not run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

use orchestration_tests::models::{self, SAID, keys};
use orchestration_tests::server::Server;
use orchestration_tests::{Cli, Outcome, tool_is_there};

use crate::overwriting::as_nobody;

const KEY: &str = "sk-real-Zq81LmVt93KxBdRw7x2f";
const OTHER: &str = "sk-or-v1-Jd72HsWqZ0nLx4PdVj3G";

/// A profile for each protocol, whose server is `server`.
fn cli(server: &Server) -> Cli {
    let host = server.host();
    let profile = |name: &str, provider: &str, path: &str| {
        format!(
            "[profiles.{name}]\nprovider = \"{provider}\"\nbase_url = \"http://{host}{path}\"\n\
             api_key_env = \"CORP_KEY\"\n"
        )
    };
    let config = profile("chat", "openai", "/v1")
        + &profile("claude", "anthropic", "")
        + &profile("google", "gemini", "/v1beta/openai/");
    Cli::new()
        .config(config)
        .env("PATH", std::env::var_os("PATH").expect("tests have a PATH"))
        .env("CORP_KEY", KEY)
        .env("OPENROUTER_API_KEY", OTHER)
}

fn run(cli: &Cli, profiles: &[&str], command: &[&str]) -> Outcome {
    cli.run(&[&["run"], profiles, &["--"], command].concat())
}

fn environment(cli: &Cli, profiles: &[&str]) -> BTreeMap<String, String> {
    let outcome = run(cli, profiles, &["env", "-0"]).exits_with(0);
    assert_eq!(outcome.stderr, "");
    let variables = outcome.stdout.split('\0').filter_map(|line| line.split_once('='));
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_command_gets_a_pass_and_an_address_and_no_key() {
    let server = models::start();
    for (profile, url, key) in [
        ("chat", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
        ("claude", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"),
        ("google", "GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
    ] {
        let cli = cli(&server)
            .env("ANTHROPIC_API_KEY", "sk-ant-other-0123456789")
            .env("GOOGLE_API_KEY", "AIzaOther0123456789")
            .env("MY_OWN_COPY", format!("Bearer {KEY}"));
        let environment = environment(&cli, &[profile]);
        assert!(environment[url].starts_with("http://127.0.0.1:"), "{environment:?}");
        assert!(environment[url].ends_with(&format!("/p/{profile}")), "{environment:?}");
        let pass = &environment[key];
        assert!(pass.starts_with("pass-"), "{environment:?}");
        // A program that reads the variable of the profile gets the pass as well.
        assert_eq!(&environment["CORP_KEY"], pass);
        let gone = ["ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "OPENROUTER_API_KEY", "MY_OWN_COPY"];
        for gone in gone {
            assert_eq!(environment.get(gone), None, "{profile}");
        }
        assert!(environment.values().all(|value| !value.contains(KEY) && !value.contains(OTHER)));
    }
}

#[test]
fn several_profiles_share_a_pass_unless_a_client_would_have_to_choose() {
    let server = models::start();
    let environment = environment(&cli(&server), &["chat", "claude", "google"]);
    let passes = ["OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GEMINI_API_KEY"];
    let passes = passes.map(|variable| environment[variable].as_str());
    assert!(passes.iter().all(|pass| *pass == passes[0] && pass.starts_with("pass-")));
    let outcome = run(&cli(&server), &["chat", "local"], &["true"]).exits_with(2);
    outcome.explains(&["'chat' and 'local' would both be in OPENAI_BASE_URL"]);
}

/// A request that a command makes with the variables that it gets; `None` without curl.
fn asks(profile: &str) -> Option<String> {
    if !tool_is_there("curl") {
        return None;
    }
    let (url, key) = match profile {
        "chat" => ("$OPENAI_BASE_URL/chat/completions", "authorization: Bearer $OPENAI_API_KEY"),
        "claude" => ("$ANTHROPIC_BASE_URL/v1/messages", "x-api-key: $ANTHROPIC_AUTH_TOKEN"),
        _ => (
            "$GOOGLE_GEMINI_BASE_URL/v1beta/models/m:generateContent",
            "x-goog-api-key: $GEMINI_API_KEY",
        ),
    };
    Some(format!("curl -s -H \"{key}\" -d '{{}}' \"{url}\""))
}

#[test]
fn the_server_gets_the_key_in_the_way_of_its_provider() {
    for (profile, line) in [
        ("chat", "POST /v1/chat/completions HTTP/1.1"),
        ("claude", "POST /v1/messages HTTP/1.1"),
        ("google", "POST /v1beta/models/m:generateContent HTTP/1.1"),
    ] {
        let server = models::start();
        let Some(asks) = asks(profile) else { return };
        let outcome = run(&cli(&server), &[profile], &["sh", "-c", &asks]).exits_with(0);
        assert!(outcome.stdout.contains(SAID), "{profile}: {}", outcome.all());
        let request = server.request();
        assert_eq!(request.line, line);
        assert_eq!(keys(&request), [KEY], "{profile}");
    }
}

#[test]
fn a_key_that_changes_is_used_for_the_next_request() {
    let server = models::start();
    let host = server.host();
    let cli = Cli::new().env("PATH", std::env::var_os("PATH").expect("tests have a PATH")).config(
        format!(
            "[profiles.chat]\nbase_url = \"http://{host}/v1\"\napi_key_file = \"~/keys/chat\"\n"
        ),
    );
    cli.file("keys/chat", KEY);
    let Some(asks) = asks("chat") else { return };
    let script = format!("{asks} && echo {OTHER} > keys/chat && {asks}");
    run(&cli, &["chat"], &["sh", "-c", &script]).exits_with(0);
    let requests = server.requests();
    let sent: Vec<_> = requests.iter().flat_map(keys).collect();
    assert_eq!(sent, [KEY, OTHER]);
}

#[test]
fn a_proxy_is_not_asked_for_the_broker() {
    let server = models::start();
    let proxy = Server::new("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    let cli = cli(&server).env("http_proxy", format!("http://{}", proxy.host()));
    // The broker has no proxy for this machine either.
    let cli = cli.env("NO_PROXY", "corp.example,127.0.0.1");
    let environment = environment(&cli, &["chat"]);
    assert_eq!(environment["no_proxy"], "corp.example,127.0.0.1,127.0.0.1");
    let Some(asks) = asks("chat") else { return };
    let outcome = run(&cli, &["chat"], &["sh", "-c", &asks]).exits_with(0);
    assert!(outcome.stdout.contains(SAID), "{}", outcome.all());
    assert_eq!(proxy.requests().len(), 0);
}

#[test]
fn afterwards_the_pass_is_worth_nothing() {
    let server = models::start();
    let environment = environment(&cli(&server), &["chat"]);
    let url = &environment["OPENAI_BASE_URL"];
    let address = url.trim_start_matches("http://").split('/').next().expect("it has a host");
    // A background process of the command may outlive it.
    let refused = TcpStream::connect(address);
    assert!(refused.is_err(), "the broker is still there");
    if !tool_is_there("curl") {
        return;
    }
    let asks = format!(
        "curl -s -o answer -w '%{{http_code}}' -H 'authorization: Bearer {}' \
         $OPENAI_BASE_URL/models",
        environment["OPENAI_API_KEY"]
    );
    let again = run(&cli(&server), &["chat"], &["sh", "-c", &asks]).exits_with(0);
    assert_eq!(again.stdout, "401");
    assert_eq!(server.requests().len(), 0);
}

/// What any process of the same user can read of the processes above it, printed by the
/// command: environments, arguments and memory.
const LOOKS: &str = r#"
pid=$PPID
for file in environ mem maps cmdline; do
    if cat /proc/$pid/$file > /dev/null 2>&1; then echo "$file can be read"; fi
done
tr '\0' ' ' < /proc/$pid/cmdline
ls -l /proc/$pid/fd > /dev/null 2>&1 && echo "files can be seen"
ulimit -c
"#;

#[test]
fn the_command_cannot_look_into_the_process_that_has_the_key() {
    let server = models::start();
    let cli = cli(&server);
    let arguments = ["run", "chat", "--", "sh", "-c", LOOKS];
    let Some(mut command) = as_nobody(&cli, &arguments) else { return };
    let outcome = Outcome::of(&mut command).exits_with(0);
    for read in ["environ can be read", "mem can be read", "maps can be read", "files can be seen"]
    {
        assert!(outcome.stdout.lines().all(|line| line != read), "{}", outcome.stdout);
    }
    assert!(!outcome.all().contains(KEY), "{}", outcome.all());
}

#[test]
fn a_command_without_a_credential_is_not_run() {
    let server = models::start();
    let cli = cli(&server).without("CORP_KEY");
    let outcome = run(&cli, &["chat"], &["touch", "ran"]).exits_with(1);
    assert!(!cli.home().join("ran").exists());
    let exec = cli.run(&["auth", "exec", "chat", "--", "touch", "ran"]).exits_with(1);
    assert_eq!(outcome.stderr, exec.stderr);
    run(&cli, &["nope"], &["true"]).exits_with(2).explains(&["profile 'nope' not found"]);
}

#[test]
fn a_command_that_cannot_be_run_has_the_status_that_shells_give_it() {
    let server = models::start();
    let cli = cli(&server);
    cli.file("not-a-program", "x");
    run(&cli, &["chat"], &["./nowhere"]).exits_with(127).explains(&["cannot run ./nowhere"]);
    run(&cli, &["chat"], &["./not-a-program"]).exits_with(126).explains(&["not-a-program"]);
    for status in [0, 1, 42, 255] {
        run(&cli, &["chat"], &["sh", "-c", &format!("exit {status}")]).exits_with(status);
    }
}

/// A command that says that it is ready, and then runs `script`.
fn started(cli: &Cli, script: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let script =
        format!("{script}\necho ready; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done");
    let mut command = cli.command(&["run", "chat", "--", "sh", "-c", &script]);
    // Not in the group of the test.
    let mut child = command.process_group(0).stderr(Stdio::inherit()).spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("it can be read");
    assert_eq!(line, "ready\n");
    (child, stdout)
}

fn send(signal: &str, id: u32) {
    let sent = Command::new("kill").args(["-s", signal, &id.to_string()]).status();
    assert!(sent.is_ok_and(|sent| sent.success()), "{signal} can be sent");
}

#[test]
fn signals_reach_the_command_and_its_end_is_that_of_run() {
    let server = models::start();
    let cli = cli(&server);
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1), ("USR1", 10)] {
        // It handles the signal, and ends in its own time.
        let (mut child, mut rest) =
            started(&cli, &format!("trap 'echo got {signal}; exit 7' {signal}"));
        send(signal, child.id());
        let mut said = String::new();
        rest.read_to_string(&mut said).expect("it can be read");
        assert_eq!(said, format!("got {signal}\n"));
        assert_eq!(child.wait().expect("it ends").code(), Some(7), "{signal}");
        // It is ended by the signal.
        let (mut child, _) = started(&cli, "");
        send(signal, child.id());
        assert_eq!(child.wait().expect("it ends").signal(), Some(number), "{signal}");
    }
}

#[test]
fn a_signal_that_was_ignored_before_is_ignored_by_the_command() {
    let server = models::start();
    let cli = cli(&server);
    let script = "trap '' INT; exec \"$@\"";
    let run = ["run", "chat", "--", "sh", "-c", "kill -INT $$; echo still here"];
    let outcome = Outcome::of(&mut cli.command_under("sh", &["-c", script, "sh"], &run));
    assert_eq!(outcome.exits_with(0).stdout, "still here\n");
}

#[test]
fn the_standard_streams_are_those_of_the_command() {
    let server = models::start();
    let cli = cli(&server);
    let run = ["run", "chat", "--", "sh", "-c", "cat; echo error >&2"];
    let outcome = cli.run_with_input(&run, b"piped in").exits_with(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("piped in", "error\n"));
}

#[test]
fn no_file_keeps_the_key_or_the_pass() {
    let server = models::start();
    let cli = cli(&server);
    let environment = environment(&cli, &["chat"]);
    let pass = &environment["OPENAI_API_KEY"];
    let mut files = vec![cli.home().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs::read_dir(path)
                    .expect("it can be read")
                    .map(|entry| entry.expect("it is there").path()),
            );
        } else {
            let content = fs::read(&path).expect("it can be read");
            let content = String::from_utf8_lossy(&content);
            assert!(!content.contains(KEY) && !content.contains(pass.as_str()), "{path:?}");
        }
    }
}

#[test]
fn ctrl_c_reaches_the_command_once_and_run_waits_for_it() {
    let server = models::start();
    let cli = cli(&server);
    // It is told that the first one came, and ends at the second.
    let script = "n=0; trap 'n=$((n+1)); echo caught $n' INT; echo ready; \
                  while [ $n -lt 2 ]; do read -r line || true; done; exit 9";
    let run = ["run", "chat", "--", "sh", "-c", script];
    let Some(terminal) = cli.at_terminal(80, &run) else { return };
    terminal.wait_for("ready");
    terminal.press("C-c");
    terminal.wait_for("caught 1");
    terminal.enter("still there");
    assert!(!terminal.displayed().contains("caught 2"), "{}", terminal.displayed());
    terminal.press("C-c");
    let shown = terminal.screen().written.join("\n");
    assert!(shown.contains("caught 2") && !shown.contains("caught 3"), "{shown}");
}

#[test]
fn the_shell_stops_and_continues_the_command() {
    let server = models::start();
    let cli = cli(&server);
    let program = cli.command(&[""; 0]).get_program().to_owned();
    let cli = cli.env("O", program);
    // A shell with job control is a command like any other.
    let shell = ["run", "local", "--", "bash", "--norc", "-i"];
    let Some(terminal) = cli.at_terminal(80, &shell) else { return };
    terminal.enter(
        "PS1='% '; \"$O\" run local -- sh -c 'echo rea\"\"dy; read -r line; echo read $line'",
    );
    terminal.wait_for("ready");
    terminal.press("C-z");
    terminal.wait_for("Stopped");
    terminal.enter("fg > /dev/null; echo status $?");
    terminal.enter("something");
    terminal.wait_for("status 0");
    assert!(terminal.displayed().contains("read something"), "{}", terminal.displayed());
    terminal.enter("exit");
}
