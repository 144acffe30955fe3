//! A server that exchanges tokens (RFC 8693), which others wrote: `authgent-server`, from
//! PyPI.

use std::fs::File;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::identity::in_a_minute;
use crate::{free_port, independent};

/// The server, which ends when this is dropped.
pub struct TokenExchange {
    process: Child,
    issuer: String,
    python: PathBuf,
    _directory: TempDir,
}

/// A workload that is registered at the server.
pub struct Workload {
    /// Its client.
    pub client_id: String,
    /// Its own token.
    pub token: String,
}

/// What posts `data` to an address, and prints the answer.
const POST: &str = "import sys, urllib.request, urllib.error
address, kind, data = sys.argv[1:]
request = urllib.request.Request(address, data.encode(), {'content-type': kind})
try:
    print(urllib.request.urlopen(request).read().decode())
except urllib.error.HTTPError as error:
    print(error.read().decode())";

impl TokenExchange {
    /// Starts it. Returns `None` where it is not installed.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    pub fn start() -> Option<Self> {
        let program = independent("authgent-server")?;
        let python = independent("python")?;
        let directory = TempDir::new().expect("a temporary directory can be made");
        let log = File::create(directory.path().join("log")).expect("a file can be made");
        let port = free_port();
        let issuer = format!("http://127.0.0.1:{port}");
        let process = Command::new(program)
            .args(["run", "--host", "127.0.0.1", "--port", &port.to_string()])
            .env_clear()
            .env("HOME", directory.path())
            .env("AUTHGENT_SERVER_URL", &issuer)
            .env("AUTHGENT_SECRET_KEY", "0123456789abcdef".repeat(4))
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the server can be started");
        let server = Self { process, issuer, python, _directory: directory };
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(listens() || in_a_minute(listens), "the server does not listen");
        Some(server)
    }

    /// Returns its issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Registers a workload that may exchange its token.
    ///
    /// # Panics
    ///
    /// Panics if the server refuses.
    pub fn workload(&self) -> Workload {
        let client = self.post(
            "/register",
            "application/json",
            r#"{"client_name": "workload", "scope": "llm", "grant_types": ["client_credentials",
                "urn:ietf:params:oauth:grant-type:token-exchange"]}"#,
        );
        let text = |value: &Value, name: &str| {
            value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
        };
        let (client_id, password) = (text(&client, "client_id"), text(&client, "client_secret"));
        let form =
            format!("grant_type=client_credentials&client_id={client_id}&client_secret={password}");
        let answer = self.post("/token", "application/x-www-form-urlencoded", &form);
        Workload { client_id, token: text(&answer, "access_token") }
    }

    /// Returns what the server says of a token.
    ///
    /// # Panics
    ///
    /// Panics if it gives no answer.
    pub fn introspect(&self, token: &str) -> Value {
        let form = format!("token={token}");
        self.post("/introspect", "application/x-www-form-urlencoded", &form)
    }

    fn post(&self, path: &str, kind: &str, data: &str) -> Value {
        let address = format!("{}{path}", self.issuer);
        let output = Command::new(&self.python)
            .args(["-c", POST, &address, kind, data])
            .output()
            .expect("python can be started");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {output:?}"))
    }
}

impl Drop for TokenExchange {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
