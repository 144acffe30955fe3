//! Mistakes in providers.toml, told with their place and without what else is
//! written there.
//!
//! People put keys into configuration files, also where there is no place for
//! one, and the line with the mistake is then the line with the key. The parser
//! quotes what it met, so its words are not passed on: a message says which
//! kinds were expected and found, and an excerpt shows the text of a line only
//! where its key is known to hold nothing secret.

use std::ops::Range;
use std::path::{Path, PathBuf};

use orchestration_support::redact;
use orchestration_support::suggest::suggestion;

use super::fix::Fix;

/// Why the profiles could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{} can't be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The file has a mistake in it.
    #[error("{}:{}:{}: {message}", path.display(), excerpt.line, excerpt.column)]
    Mistake {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// How to fix it.
        fix: Option<Fix>,
        /// Where it is.
        excerpt: Box<Excerpt>,
    },
}

/// The line with a mistake, fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the line, from 1.
    pub line: usize,
    /// The number of the character in the line, from 1.
    pub column: usize,
    /// The line, with `…` for what may be secret.
    pub text: String,
    /// The bytes of `text` that are at fault.
    pub span: Range<usize>,
}

impl ConfigError {
    pub(super) fn not_unicode(path: &Path, bytes: &[u8], at: usize) -> Self {
        let text = String::from_utf8_lossy(bytes);
        Mistake::at(at..at + 1, "the file is not valid UTF-8").locate(path, &text)
    }
}

/// A mistake at a place of the text that is being read.
#[derive(Debug)]
pub(super) struct Mistake {
    span: Range<usize>,
    message: String,
    fix: Option<Fix>,
    /// Whether the span is a key, which the message names as well.
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
            // The last: what was found may be a text that holds these words.
            let expected = rest.rsplit(", expected ").next().unwrap_or_default();
            let expected = expectation(expected);
            return Self::at(span, format!("expected {expected}, found {}", kind(found)));
        }
        // The parser's own messages name tokens of the grammar, and quote keys
        // in backticks at the most.
        Self::at(span, message)
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

/// What people who look for the place of their key call it.
const SECRETS: [&str; 6] = ["api_key", "apikey", "key", "password", "secret", "token"];

/// `rest` is what serde says after "unknown field `": the key, and those that
/// would have been known, each in backticks.
fn unknown_key(span: Range<usize>, rest: &str) -> Mistake {
    // The last: the key may hold backticks, and these words.
    let (key, known) = rest.rsplit_once("`, expected ").unwrap_or((rest, ""));
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let message = format!("unknown key '{}'", redact::sanitize(key, []));
    let mistake = Mistake { is_key: true, ..Mistake::at(span, message) };
    if known.contains(&"api_key_env") && SECRETS.contains(&key) {
        return mistake.fix(Fix::KeepSecretsOut);
    }
    match suggestion(key, known.iter().copied()) {
        Some(suggestion) => mistake.fix(Fix::UseKey(suggestion.to_owned())),
        None => mistake.fix(Fix::KnownKeys(known.iter().map(|&key| key.to_owned()).collect())),
    }
}

/// What serde expects, in the words of TOML.
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

/// The words of the format. What stands before a `=` is shown if it is one of
/// them; in a file that is no TOML it may be anything.
const KEYS: &[&str] = &[
    "allow_http",
    "api_key_env",
    "auth_type",
    "base_url",
    "compile_seconds",
    "component",
    "component_mib",
    "deadline_ms",
    "default_model",
    "env",
    "fallback_env",
    "header",
    "headers",
    "hostcall_bytes",
    "instances",
    "invalid",
    "limits",
    "log_bytes",
    "memory_mib",
    "options",
    "path",
    "profiles",
    "provider",
    "returned_bytes",
    "returned_entries",
    "sha256",
    "stack_kib",
    "strategies",
    "table_elements",
    "timeout_seconds",
    "valid",
    "verify",
];

impl Excerpt {
    fn of(text: &str, span: Range<usize>, is_key: bool) -> Self {
        let start = text.floor_char_boundary(span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let ahead = text.get(line_start..start).unwrap_or_default().chars().count();
        let at_fault = text.get(start..start + span.len()).unwrap_or_default();

        let mut shown = shown(line, is_key);
        let known = shown.chars().count();
        if known < ahead + at_fault.chars().count() {
            // Far enough to the right that the mistake keeps its column.
            shown.extend(std::iter::repeat_n(' ', ahead.saturating_sub(known)));
            if is_key && known <= ahead {
                shown.push_str(&displayable(at_fault));
                shown.push_str(" = ");
            }
        }
        if shown.trim_end() != line.trim_end() {
            shown.push('…');
        }
        let at = |character: usize| {
            shown.char_indices().nth(character).map_or(shown.len(), |(byte, _)| byte)
        };
        let to = at(ahead + at_fault.chars().count().max(1));
        let line = 1 + before.matches('\n').count();
        Self { line, column: 1 + ahead, span: at(ahead)..to, text: shown }
    }
}

/// The start of `line` that holds no secret: a table's header, of whatever name
/// if the mistake `is_key`, or a key of the format. A value is never shown: what
/// looks like the value of a harmless key may go on with something else.
fn shown(line: &str, is_key: bool) -> String {
    let header = line.split_inclusive(']').next().unwrap_or_default();
    let start = header.trim_start();
    let known = start.starts_with("[profiles.") || start.starts_with("[strategies.");
    if (known || (is_key && start.starts_with('['))) && !header.contains(['"', '\'', '=']) {
        return displayable(header);
    }
    match line.split_once('=') {
        Some((key, _)) if KEYS.contains(&key.trim()) => format!("{}= ", displayable(key)),
        _ => String::new(),
    }
}

/// Without control characters, and with as many characters as before, so that
/// columns stay right.
fn displayable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
