//! A registry that others wrote: `docker-registry`, from Debian.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

use crate::server::Certificate;
use crate::tool_is_there;

/// The user of a registry with a password.
pub const USER: &str = "ada";

/// The password of that user.
pub const PASSWORD: &str = "Zq81LmVt93KxBdRw7x2f";

/// The two as htpasswd writes them.
const HTPASSWD: &str = "ada:$2y$05$4FPbntQ81U158ZE9yZeRtexU2HoNk.eMS3iIsecf3jQlk2e1mDh3u\n";

/// The registry, which ends when this is dropped.
pub struct DockerRegistry {
    process: Child,
    host: String,
    directory: TempDir,
}

impl DockerRegistry {
    /// Starts it; none where it is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with(false, false)
    }

    /// Starts it for one user alone.
    pub fn start_with_password() -> Option<Self> {
        Self::start_with(true, false)
    }

    /// Starts it with a certificate of its own authority.
    pub fn start_with_tls() -> Option<Self> {
        Self::start_with(true, true)
    }

    fn start_with(password: bool, tls: bool) -> Option<Self> {
        if !tool_is_there("docker-registry") {
            return None;
        }
        let directory = TempDir::new().expect("a temporary directory can be made");
        let path = directory.path().display();
        let write = |name: &str, text: &str| {
            fs::write(directory.path().join(name), text).expect("a file can be written");
        };
        let mut config = format!(
            "version: 0.1\nlog: {{ level: info, formatter: text }}\n\
             storage: {{ filesystem: {{ rootdirectory: {path}/data }} }}\n\
             http:\n  addr: 127.0.0.1:0\n"
        );
        if tls {
            let Certificate { pem: certificate, key, authority } =
                Certificate::signed(&["127.0.0.1", "localhost"]);
            write("certificate.pem", &certificate);
            write("key.pem", &key);
            write("authority.pem", &authority);
            config +=
                &format!("  tls: {{ certificate: {path}/certificate.pem, key: {path}/key.pem }}\n");
        }
        if password {
            write("htpasswd", HTPASSWD);
            config += &format!("auth:\n  htpasswd: {{ realm: tests, path: {path}/htpasswd }}\n");
        }
        write("config.yml", &config);
        let mut process = Command::new("docker-registry")
            .arg("serve")
            .arg(directory.path().join("config.yml"))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the registry can be started");
        let mut log = BufReader::new(process.stderr.take().expect("stderr is piped"));
        let host = listening(&mut log);
        // It stops when nothing reads its log.
        thread::spawn(move || {
            let mut rest = Vec::new();
            let _ = log.read_to_end(&mut rest);
        });
        Some(Self { process, host, directory })
    }

    /// Returns the host and the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the file with the certificate of its authority.
    pub fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }
}

/// Reads its log up to the line that has its address.
fn listening(log: &mut impl BufRead) -> String {
    let mut read = String::new();
    loop {
        let mut line = String::new();
        let bytes = log.read_line(&mut line).expect("its log can be read");
        assert!(bytes > 0, "the registry ended: {read}");
        if let Some((_, rest)) = line.split_once("listening on ") {
            return rest.split([',', '"']).next().expect("a split has a part").to_owned();
        }
        read += &line;
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
