//! Docker's credential helpers: programs that keep credentials, asked as Docker asks them.

use std::io::{ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use orchestration_support::redact;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::RegistryFault;
use crate::login::Login;
use crate::secret_text::SecretText;

/// How long a helper may take. Some ask the user, or a server.
const PATIENCE: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(20);

/// The most bytes of an answer.
const MAX_BYTES: u64 = 64 << 10;

/// How a helper says that it has nothing, in Docker's own library.
const NOT_FOUND: &str = "credentials not found";

/// The user that stands for a token in the place of the password.
const TOKEN_USER: &str = "<token>";

/// What a helper prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: SecretText,
}

/// Returns the login that `docker-credential-NAME` has for `server`; `None` if it has none.
pub(crate) fn ask(name: &str, server: &str) -> Result<Option<Login>, RegistryFault> {
    let program = format!("docker-credential-{name}");
    let fault = |reason: String| RegistryFault::Helper {
        program: redact::sanitize(&program, []),
        host: server.to_owned(),
        reason,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    // A path would run a program that no one installed as a helper.
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(fault("it is not the name of a helper".to_owned()));
    }
    let started = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(fault("it is not installed".to_owned()));
        }
        Err(error) => return Err(fault(error.to_string())),
    };
    let (succeeded, answer) = exchange(&mut child, server).map_err(fault)?;
    if !succeeded {
        let text = String::from_utf8_lossy(&answer);
        if text.to_lowercase().contains(NOT_FOUND) {
            return Ok(None);
        }
        return Err(fault("it failed".to_owned()));
    }
    let answer: Answer = serde_json::from_slice(&answer)
        .map_err(|_| fault("its answer is not the JSON of a credential".to_owned()))?;
    Ok(Some(match answer.username.as_str() {
        TOKEN_USER => Login::IdentityToken(answer.secret.0),
        _ => Login::Password { user: answer.username, password: answer.secret.0 },
    }))
}

/// Writes the question and reads the answer, and whether the helper succeeded.
fn exchange(child: &mut Child, server: &str) -> Result<(bool, Zeroizing<Vec<u8>>), String> {
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read it ends with a status that says so.
        let _ = stdin.write_all(server.as_bytes());
    }
    let stdout = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut answer = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize));
        if let Some(stdout) = stdout {
            // What is cut off is no JSON.
            let _ = stdout.take(MAX_BYTES).read_to_end(&mut answer);
        }
        answer
    });
    let began = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if began.elapsed() < PATIENCE => thread::sleep(TICK),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("it did not answer in time".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        }
    };
    let answer = reader.join().map_err(|_| "its answer can't be read".to_owned())?;
    Ok((status.success(), answer))
}
