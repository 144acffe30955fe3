//! Mistakes in providers.toml, reported with their position but without values.
//!
//! Users put keys into configuration files, even where none belongs, and then the
//! line with the mistake is the line with the key. The parser quotes what it read, so
//! its messages are not passed on: a message names the types that were expected and
//! found, and an excerpt shows only the part of a line that cannot be secret.

use std::ops::Range;
use std::path::{Path, PathBuf};

use orchestration_support::redact::{self, head};
use orchestration_support::suggest::suggestion;

use super::fix::Fix;

/// Why the profiles could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{} can't be read: {source}", redact::sanitize_path(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// A variable names the file by a path that is not absolute.
    #[error("{variable} is not an absolute path: {}", redact::sanitize_path(path))]
    NotAbsolute {
        /// The variable.
        variable: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// The path starts with a `~` that no shell has expanded.
    #[error("the ~ in {} was not expanded", redact::sanitize_path(path))]
    Tilde {
        /// The path.
        path: PathBuf,
    },
    /// The file contains a mistake.
    #[error("{}:{}:{}: {message}", redact::sanitize_path(path), excerpt.line, excerpt.column)]
    Mistake {
        /// The file.
        path: PathBuf,
        /// The mistake.
        message: String,
        /// How to fix it, if that is known.
        fix: Option<Fix>,
        /// The line with the mistake.
        excerpt: Box<Excerpt>,
    },
}

/// The line with a mistake, redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line number, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line, with `…` in place of what may be secret; empty if the mistake is too far
    /// from the start of the line.
    pub text: String,
    /// The byte range of the mistake in `text`.
    pub span: Range<usize>,
}

impl ConfigError {
    pub(super) fn not_unicode(path: &Path, bytes: &[u8], at: usize) -> Self {
        let text = String::from_utf8_lossy(bytes);
        Mistake::at(at..at + 1, "the file is not valid UTF-8").locate(path, &text)
    }
}

/// A mistake in the text of a file, not yet located in a line.
#[derive(Debug)]
pub(super) struct Mistake {
    span: Range<usize>,
    message: String,
    fix: Option<Fix>,
    /// Whether the span is a key. The message names it, so the excerpt may show it.
    is_key: bool,
}

impl Mistake {
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), fix: None, is_key: false }
    }

    pub(super) fn fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }

    pub(super) fn from_toml(error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or_default();
        let message = error.message();
        if let Some(rest) = message.strip_prefix("unknown field `") {
            return unknown_key(span, rest);
        }
        let rest =
            ["invalid type: ", "invalid value: "].iter().find_map(|p| message.strip_prefix(p));
        if let Some(rest) = rest {
            let found = rest.split([' ', ',']).next().unwrap_or_default();
            // The last occurrence: the value that was found may contain the same words.
            let expected = rest.rsplit(", expected ").next().unwrap_or_default();
            let expected = expectation(expected);
            return Self::at(span, format!("expected {expected}, found {}", kind(found)));
        }
        if let Some(rest) = message.strip_prefix("unknown variant `") {
            let (_, expected) = rest.rsplit_once("`, expected ").unwrap_or_default();
            return Self::at(span, format!("expected {expected}"));
        }
        // The parser's other messages name tokens of the grammar and quote at most
        // keys, never values.
        Self::at(span, head(message, QUOTED))
    }

    pub(super) fn locate(self, path: &Path, text: &str) -> ConfigError {
        let excerpt = Box::new(Excerpt::of(text, self.span, self.is_key));
        ConfigError::Mistake {
            path: path.to_owned(),
            message: self.message,
            fix: self.fix,
            excerpt,
        }
    }
}

/// Returns what is wrong in another TOML file, and where, without its values.
pub(crate) fn mistake_in(text: &str, error: &toml::de::Error) -> String {
    let Mistake { span, message, is_key, .. } = Mistake::from_toml(error);
    let Excerpt { line, column, .. } = Excerpt::of(text, span, is_key);
    format!("line {line}, column {column}: {message}")
}

/// Keys that users try when they want to put a secret into the file.
const SECRETS: [&str; 6] = ["api_key", "apikey", "key", "password", "secret", "token"];

/// Reports an unknown key. `rest` is serde's message after "unknown field `": the key
/// and the known ones, each in backticks.
fn unknown_key(span: Range<usize>, rest: &str) -> Mistake {
    // The last occurrence: the key may contain backticks and the same words.
    let (key, known) = rest.rsplit_once("`, expected ").unwrap_or((rest, ""));
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let message = format!("unknown key '{}'", quoted(key));
    let mistake = Mistake { is_key: true, ..Mistake::at(span, message) };
    if known.contains(&"api_key_env") && SECRETS.contains(&key) {
        return mistake.fix(Fix::KeepSecretsOut);
    }
    match suggestion(key, known.iter().copied()) {
        Some(suggestion) => mistake.fix(Fix::UseKey(suggestion.to_owned())),
        None => mistake.fix(Fix::KnownKeys(known.iter().map(|&key| key.to_owned()).collect())),
    }
}

/// The longest part of a file that a message or an excerpt quotes, in bytes.
const QUOTED: usize = 200;

/// The last column that an excerpt shows.
const FARTHEST: usize = 1000;

/// Returns a key of the file as messages quote it.
fn quoted(key: &str) -> String {
    let start = head(key, QUOTED);
    let more = if start.len() < key.len() { "…" } else { "" };
    format!("{}{more}", redact::sanitize(start, []))
}

/// Returns what serde expected, in the words of TOML.
fn expectation(serde: &str) -> &str {
    match serde {
        "a map" => "a table",
        "u16" => "a whole number",
        "a nonzero u16" => "a whole number from 1 to 65535",
        "a nonzero u32" => "a whole number from 1 to 4294967295",
        _ if serde.starts_with("struct ") => "a table",
        _ => serde,
    }
}

/// Returns what serde found, in the words of TOML.
fn kind(serde: &str) -> &'static str {
    match serde {
        "string" => "a string",
        "integer" => "an integer",
        "boolean" => "a boolean",
        "floating" => "a number",
        "sequence" => "an array",
        "map" => "a table",
        _ => "something else",
    }
}

/// The keys of the format. An excerpt shows the text before a `=` only if it is one of
/// these; in a file that is not TOML it could be anything.
const KEYS: &[&str] = &[
    "allow_http",
    "api_key_env",
    "api_key_file",
    "auth_type",
    "base_url",
    "compile_mib",
    "compile_seconds",
    "component",
    "component_mib",
    "deadline_ms",
    "default_model",
    "env",
    "fallback_env",
    "files",
    "header",
    "headers",
    "hostcall_bytes",
    "http_ms",
    "http_requests",
    "instances",
    "invalid",
    "issuer",
    "key",
    "limits",
    "log_bytes",
    "memory_mib",
    "options",
    "origins",
    "path",
    "profiles",
    "provider",
    "readable",
    "registries",
    "returned_bytes",
    "returned_entries",
    "reveal",
    "sha256",
    "stack_kib",
    "strategies",
    "table_elements",
    "timeout_seconds",
    "trust",
    "valid",
    "verify",
];

impl Excerpt {
    fn of(text: &str, span: Range<usize>, is_key: bool) -> Self {
        let start = text.floor_char_boundary(span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let before_mistake = text.get(line_start..start).unwrap_or_default().chars().count();
        let at_fault = text.get(start..start + span.len()).unwrap_or_default();

        let column = 1 + before_mistake;
        let number = 1 + before.matches('\n').count();
        if before_mistake > FARTHEST {
            return Self { line: number, column, text: String::new(), span: 0..0 };
        }
        let mut redacted = redacted(line, is_key);
        let known = redacted.chars().count();
        if known < before_mistake + at_fault.chars().count() {
            // Padding keeps the mistake in its column.
            redacted.extend(std::iter::repeat_n(' ', before_mistake.saturating_sub(known)));
            if is_key && known <= before_mistake {
                redacted.push_str(&sanitized(at_fault));
                redacted.push_str(" = ");
            }
        }
        redacted.truncate(redacted.floor_char_boundary(FARTHEST + QUOTED));
        if redacted.trim_end() != line.trim_end() {
            redacted.push('…');
        }
        let at = |character: usize| {
            redacted.char_indices().nth(character).map_or(redacted.len(), |(byte, _)| byte)
        };
        let to = at(before_mistake + at_fault.chars().count().max(1));
        Self { line: number, column, span: at(before_mistake)..to, text: redacted }
    }
}

/// Returns the start of `line` that contains no secret: the header of a table (with any
/// name if the mistake `is_key`) or a key of the format. Values are always left out,
/// since in a broken file even the value of a known key may continue with a secret.
fn redacted(line: &str, is_key: bool) -> String {
    let header = line.split_inclusive(']').next().unwrap_or_default();
    let start = header.trim_start();
    let known = start.starts_with("[profiles.") || start.starts_with("[strategies.");
    if (known || (is_key && start.starts_with('['))) && !header.contains(['"', '\'', '=']) {
        return sanitized(header);
    }
    match line.split_once('=') {
        Some((key, _)) if KEYS.contains(&key.trim()) => format!("{}= ", sanitized(key)),
        _ => String::new(),
    }
}

/// Replaces each control character by a space, so that columns stay the same.
fn sanitized(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
