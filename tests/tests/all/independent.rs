//! A server of the protocol that others wrote, and that checks keys: FakeAI,
//! from PyPI.
//!
//! Promised here: what our own test servers make us believe of the protocol is
//! what others believe of it too. `.ci/run` installs the server; where it is not,
//! these tests say so and pass, except with `CI=true`.

use std::fs::File;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use orchestration_tests::{Cli, Outcome, free_port, independent};
use tempfile::TempDir;

const KEY: &str = "sk-fakeai-Zq81LmVt93KxBdRw7x2f";

/// How often it is looked whether the server is there, and the pause between two
/// looks. Generous: it is a large Python program, on a machine that is busy.
const LOOKS: u32 = 1200;
const PAUSE: Duration = Duration::from_millis(100);

/// The server, ended when this is dropped.
struct FakeAi {
    process: Child,
    port: u16,
    _directory: TempDir,
}

impl FakeAi {
    /// Starts it; none where it is not installed.
    fn start() -> Option<Self> {
        let program = independent("fakeai")?;
        let directory = TempDir::new().expect("a temporary directory can be made");
        let log = File::create(directory.path().join("log")).expect("a file can be made");
        let port = free_port();
        let process = Command::new(program)
            .args(["server", "--host", "127.0.0.1", "--port", &port.to_string()])
            .env_clear()
            .env("HOME", directory.path())
            .env("FAKEAI_AUTH__REQUIRE_API_KEY", "true")
            .env("FAKEAI_AUTH__API_KEYS", format!("[\"{KEY}\"]"))
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the server can be started");
        let server = Self { process, port, _directory: directory };
        let there = (0..LOOKS).any(|_| {
            sleep(PAUSE);
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(there, "the server does not listen");
        Some(server)
    }

    fn ask(&self, cli: Cli) -> Outcome {
        self.ask_as("api_key_env = \"FAKEAI_KEY\"", cli)
    }

    fn ask_without_a_key(&self, cli: Cli) -> Outcome {
        self.ask_as("", cli)
    }

    fn ask_as(&self, key: &str, cli: Cli) -> Outcome {
        let config = format!(
            "[profiles.fakeai]\nbase_url = \"http://127.0.0.1:{}/v1\"\n\
             {key}\nfallback_env = false\n",
            self.port
        );
        let model = "openai/gpt-oss-120b";
        cli.config(config).run(&["spawn", "--profile", "fakeai", "--model", model, "Hi there"])
    }
}

impl Drop for FakeAi {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_right_key_is_accepted_and_a_wrong_or_missing_one_rejected() {
    let Some(server) = FakeAi::start() else { return };
    let outcome = server.ask(Cli::new().env("FAKEAI_KEY", KEY)).exits_with(0);
    assert!(!outcome.stdout.trim().is_empty(), "{outcome:#?}");
    assert_eq!(outcome.stderr, "");

    let outcome =
        server.ask(Cli::new().env("FAKEAI_KEY", "sk-wrong-0123456789abcdefgh")).exits_with(1);
    assert_eq!(outcome.stdout, "");
    outcome.explains(&["rejects the key from FAKEAI_KEY (sk-...efgh) (401: Invalid API key)"]);

    let outcome = server.ask_without_a_key(Cli::new()).exits_with(1);
    assert_eq!(outcome.stdout, "");
    outcome.explains(&["rejects a request without a key (401: Missing API key)"]);
}
