//! Bodies, read within bounds.
//!
//! A registry may announce ten gibibytes, or send them without a word. Both are refused
//! before anything is kept: what is announced by its number, what arrives at its first
//! byte too many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orchestration_support::{Secret, redact};
use reqwest::Response;

use crate::error::RegistryFault;
use crate::part::Part;

/// How much of an error's text is repeated, in characters.
const QUOTED: usize = 300;

/// How much of an error's text is read, in bytes.
const MAX_ERROR_BYTES: usize = 16 << 10;

/// Counts what has arrived, for what shows it.
///
/// Cheap to clone: the copies count together.
#[derive(Debug, Default, Clone)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Returns the bytes so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// What is expected of a body.
pub(crate) struct Expected {
    pub(crate) part: Part,
    /// Its size, if something named it.
    pub(crate) bytes: Option<u64>,
    /// The most that it may have.
    pub(crate) max: u64,
}

impl Expected {
    /// Returns the bound of this part, without a known size.
    pub(crate) fn of(part: Part) -> Self {
        Self { part, bytes: None, max: part.max_bytes() }
    }

    fn check(&self) -> Result<(), RegistryFault> {
        match self.bytes {
            Some(bytes) if bytes > self.max => Err(self.too_large()),
            _ => Ok(()),
        }
    }

    fn too_large(&self) -> RegistryFault {
        RegistryFault::TooLarge { part: self.part, max: self.max }
    }

    /// Fails if the size that was named is more than the part may have.
    pub(crate) fn checked(self) -> Result<Self, RegistryFault> {
        self.check().map(|()| self)
    }
}

/// Reads the whole body.
pub(crate) async fn read(
    mut response: Response,
    expected: &Expected,
    progress: &Progress,
) -> Result<Vec<u8>, RegistryFault> {
    let Expected { part, max, .. } = *expected;
    let announced = response.content_length();
    if announced.is_some_and(|bytes| bytes > max) {
        return Err(expected.too_large());
    }
    if let (Some(announced), Some(bytes)) = (announced, expected.bytes)
        && announced != bytes
    {
        return Err(RegistryFault::Size { part, expected: bytes });
    }
    let whole = expected.bytes.or(announced);
    let most = whole.unwrap_or(max);
    let mut body = Vec::new();
    loop {
        let found = body.len() as u64;
        match (response.chunk().await, whole) {
            (Ok(Some(chunk)), _) => {
                if found.saturating_add(chunk.len() as u64) > most {
                    return Err(match expected.bytes {
                        Some(expected) => RegistryFault::Size { part, expected },
                        None => expected.too_large(),
                    });
                }
                progress.add(chunk.len());
                body.extend_from_slice(&chunk);
            }
            (Ok(None), Some(whole)) if found < whole => {
                return Err(RegistryFault::Truncated { part, expected: whole, found });
            }
            (Ok(None), _) => return Ok(body),
            (Err(_), Some(whole)) => {
                return Err(RegistryFault::Truncated { part, expected: whole, found });
            }
            (Err(_), None) => {
                let reason = "the connection ended early".to_owned();
                return Err(RegistryFault::Malformed { part, reason });
            }
        }
    }
}

/// Returns what a registry says about an error: the messages of its JSON, sanitized and
/// without these secrets, which it may repeat.
pub(crate) async fn message(mut response: Response, secrets: &[Secret]) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ERROR_BYTES {
            return String::new();
        }
    }
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return String::new();
    };
    let errors = json.get("errors").and_then(serde_json::Value::as_array);
    let said = errors.into_iter().flatten().filter_map(|error| error.get("message")?.as_str());
    let said: Vec<&str> = said.collect();
    let said: String = said.join("; ").chars().take(QUOTED).collect();
    redact::sanitize(&said, secrets.iter().map(Secret::expose))
}
