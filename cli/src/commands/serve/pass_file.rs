//! Passes in files: those that a fleet is given, and the one of this broker.
//!
//! A pass on a command line could be listed by every user, and one in the environment is
//! handed to every program. In a file of its owner only, it is read by who needs it.

use std::fs;
use std::path::{Path, PathBuf};

use orchestration_runtime::{
    Address, GivenFileFault, Pass, Secret, is_profile_name, kept_directory, read_given,
    replace_kept, sanitize_path,
};

use super::listen;
use crate::error::CliError;
use crate::remedy;

/// The largest file of passes.
const MAX_BYTES: usize = 1 << 20;

/// The shortest pass. One that could be guessed is none.
const SHORTEST: usize = 32;

/// Reads the passes in the file: on each line one, and after it the profiles that it is good
/// for.
pub(super) fn read(path: &Path) -> Result<Vec<Pass>, CliError> {
    let failed = |reason: &str| CliError::usage(format!("{}: {reason}", sanitize_path(path)));
    let content = read_given(path, MAX_BYTES).map_err(|fault| {
        let hint = matches!(fault, GivenFileFault::Open).then(|| remedy::deny_others(path));
        failed(&fault.to_string()).with_hint(hint)
    })?;
    let text = str::from_utf8(&content).map_err(|_| failed("it is not text"))?;
    let mut passes = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            let pass = pass_on(line);
            passes.push(pass.map_err(|why| failed(&format!("line {}: {why}", number + 1)))?);
        }
    }
    if passes.is_empty() {
        return Err(failed("there is no pass in it"));
    }
    Ok(passes)
}

/// Reads a line: a pass, and the profiles that it is good for. An error does not repeat it.
fn pass_on(line: &str) -> Result<Pass, &'static str> {
    let mut words = line.split_whitespace();
    let secret = words.next().unwrap_or_default();
    if secret.len() < SHORTEST || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a pass has at least 32 characters, all of them ASCII");
    }
    let profiles: Vec<String> = words.map(str::to_owned).collect();
    if profiles.is_empty() {
        return Err("after the pass come the profiles that it is good for");
    }
    if !profiles.iter().all(|name| is_profile_name(name)) {
        return Err("what comes after the pass are names of profiles");
    }
    Ok(Pass::new(Secret::from(secret), profiles))
}

/// A file with the pass of this broker, removed at its end.
pub(super) struct PassFile {
    path: PathBuf,
}

impl PassFile {
    /// Writes the pass of a broker that listens at `address`.
    pub(super) fn write(pass: &Pass, address: &Address) -> Result<Self, CliError> {
        let port = match address {
            Address::Tcp(address) | Address::Tls(address) => address.port(),
            Address::Unix(_) => 0,
        };
        let directory = listen::directory()?;
        let path = directory.join(format!("broker-{port}.pass"));
        let text = zeroize::Zeroizing::new(format!("{}\n", pass.secret().expose()));
        let written =
            kept_directory(&directory).and_then(|()| replace_kept(&path, text.as_bytes()));
        written.map_err(|reason| {
            CliError::usage(format!("cannot write the pass to {}: {reason}", sanitize_path(&path)))
        })?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PassFile {
    fn drop(&mut self) {
        // Without it no one can use a pass that no broker takes any more.
        drop(fs::remove_file(&self.path));
    }
}
