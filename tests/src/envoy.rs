//! Envoy, the real one, from PyPI.

use std::fs;
use std::net::TcpStream;
use std::process::Command;

use tempfile::TempDir;

use crate::background::Background;
use crate::identity::in_a_minute;
use crate::port::free_port;
use crate::tool::deployed;

/// An Envoy that runs one of the configurations in `deploy/envoy`.
#[derive(Debug)]
pub struct Envoy {
    process: Background,
    port: u16,
    _directory: TempDir,
}

impl Envoy {
    /// Starts it with a configuration, in which each of the texts in `replaced` takes the
    /// place of another: ports, paths and hosts that a test can't have as they are. It
    /// listens on a port of its own in place of 10000. Returns `None`, and prints that the
    /// test is skipped, if it is not installed.
    ///
    /// # Panics
    ///
    /// Panics if a text is not in the configuration, or if Envoy does not listen.
    pub fn start(configuration: &str, replaced: &[(&str, &str)]) -> Option<Self> {
        let program = deployed("envoy")?;
        let port = free_port();
        let listens = ("10000", &*port.to_string());
        let mut text = configuration.to_owned();
        for (old, new) in replaced.iter().chain([&listens]) {
            assert!(text.contains(old), "{old} is not in the configuration:\n{text}");
            text = text.replace(old, new);
        }
        let directory = TempDir::new().expect("a temporary directory can be created");
        let path = directory.path().join("envoy.yaml");
        fs::write(&path, text).expect("a file can be written");
        let mut command = Command::new(program);
        command.env_clear().current_dir(&directory).arg("--config-path").arg(path).args([
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "warning",
        ]);
        let process = Background::start(&mut command);
        let listens = in_a_minute(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert!(listens, "Envoy does not listen:\n{}", process.stderr());
        Some(Self { process, port, _directory: directory })
    }

    /// Returns the host and the port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns its log.
    pub fn log(&self) -> String {
        self.process.stderr()
    }
}
