//! A broker that serves while a test runs, and its clients.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

use crate::Cli;
use crate::background::Background;

/// A running `orchestration serve` on a free port, which is ended when this is dropped.
#[derive(Debug)]
pub struct Broker {
    process: Background,
    address: String,
}

impl Broker {
    /// Starts a broker with these arguments on a free port of 127.0.0.1.
    pub fn start(cli: &Cli, arguments: &[&str]) -> Self {
        let listen = ["serve", "--listen", "127.0.0.1:0"];
        Self::started(&mut cli.command(&[&listen[..], arguments].concat()))
    }

    /// Starts a broker by this command, which says where it listens.
    pub fn started(command: &mut Command) -> Self {
        let process = Background::start(command);
        process.says("base URL: ");
        let stderr = process.stderr();
        let address = after(&stderr, "listening on ").trim_end_matches(',').to_owned();
        Self { process, address }
    }

    /// Returns the process.
    pub fn process(&self) -> &Background {
        &self.process
    }

    /// Returns the host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the pass that the broker wrote to a file.
    pub fn pass(&self) -> String {
        self.process.says("pass: ");
        let stderr = self.process.stderr();
        let path = stderr.lines().find_map(|line| line.strip_prefix("pass: "));
        let pass = fs::read_to_string(path.expect("there is a file")).expect("it can be read");
        pass.trim_end().to_owned()
    }

    /// Sends a signal, e.g. `HUP`.
    pub fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Opens a connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the broker listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it can be set");
        stream
    }

    /// Begins a GET request with the pass of this broker, whose answer is read step by step.
    pub fn begin(&self, path: &str) -> Arriving {
        let mut stream = self.connect();
        let pass = self.pass();
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {pass}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("the broker reads");
        Arriving { stream, read: Vec::new() }
    }

    /// Sends these bytes, and returns all that is answered until the connection is closed.
    pub fn raw(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // It may be closed before all is sent.
        let _ = stream.write_all(request.as_ref());
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                panic!("{error} after {}", String::from_utf8_lossy(&answer))
            }
            _ => String::from_utf8_lossy(&answer).into_owned(),
        }
    }

    /// Sends a request with these lines of headers, and returns the answer.
    pub fn ask(&self, line: &str, headers: &[&str], body: &str) -> String {
        let mut request =
            format!("{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for header in headers {
            request += &format!("{header}\r\n");
        }
        if !body.is_empty() {
            request += &format!("content-length: {}\r\n", body.len());
        }
        self.raw(format!("{request}\r\n{body}"))
    }

    /// The same with the pass of this broker.
    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"), &[&format!("authorization: Bearer {}", self.pass())], "")
    }
}

/// An answer that is still arriving.
#[derive(Debug)]
pub struct Arriving {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Arriving {
    /// Reads until the answer ends with `text` so far, and no byte more.
    pub fn until(&mut self, text: &str) {
        while !self.read.ends_with(text.as_bytes()) {
            let mut byte = [0];
            let read = self.stream.read_exact(&mut byte);
            read.unwrap_or_else(|error| {
                panic!("{error} in {}", String::from_utf8_lossy(&self.read))
            });
            self.read.extend(byte);
        }
    }

    /// Sends more on the same connection.
    pub fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).expect("the broker reads");
    }

    /// Reads to the end of the connection, and returns the whole answer.
    pub fn rest(mut self) -> String {
        self.stream.read_to_end(&mut self.read).expect("it comes to an end");
        String::from_utf8_lossy(&self.read).into_owned()
    }
}

/// Returns the word in `text` that follows `start`.
fn after<'a>(text: &'a str, start: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}"));
    rest.split_whitespace().next().unwrap_or_default()
}

/// Returns the status of an answer.
pub fn status_of(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("this is no answer: {answer:?}"))
}
