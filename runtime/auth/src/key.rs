//! Judges whether a text can be a key at all.
//!
//! A strategy finds what is there, and what is there need not be a key: the placeholder
//! of a tutorial, a reference that nothing resolved, a key pasted with its quotes or
//! with a character that no keyboard shows. Such a text passes for a key until a request
//! fails, elsewhere and later, with words about something else. So one place judges,
//! on the host's side and after the strategy, and every command asks it.
//!
//! A line break at the end is none of these mistakes: `echo` writes one into a
//! Kubernetes secret, and an editor on Windows writes `\r\n` into a `.env` file, and the
//! key before it is the one that was meant. It is trimmed here, once, and noted.

use orchestration_sandbox::Credentials;
use orchestration_support::Secret;

/// Why a text cannot be a key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It contains a character that keys don't have and headers don't carry.
    #[error("contains {} (U+{code:04X}) at position {position}", named(*code))]
    Character {
        /// The code point.
        code: u32,
        /// Which character of the text it is, from 1.
        position: usize,
    },
    /// It is the placeholder of an example.
    #[error("is a placeholder, not a key")]
    Placeholder,
    /// It refers to a secret, and nothing has resolved the reference.
    #[error("is a reference that was not resolved, not a key")]
    Reference,
    /// It has the quotes of the file that it was copied from.
    #[error("begins and ends with a quote")]
    Quoted,
    /// It has the scheme of a header before the key.
    #[error("begins with '{0}', which is not part of a key")]
    Scheme(&'static str),
}

/// Returns the fault of the credential's key, if it cannot be a key.
pub(crate) fn fault_of(credentials: &Credentials) -> Option<KeyFault> {
    fault(without_line_break(credentials.key()?))
}

/// Returns the fault of a text that a user gives as a key.
pub(crate) fn fault_of_text(key: &Secret) -> Option<KeyFault> {
    fault(key.expose())
}

/// Returns the credential without a line break at the end of its key.
pub(crate) fn trimmed(credentials: Credentials) -> Credentials {
    let Some(key) = credentials.key() else {
        return credentials;
    };
    let trimmed = without_line_break(key);
    if trimmed.len() == key.expose().len() {
        return credentials;
    }
    tracing::info!("removed a line break from the end of the key");
    let trimmed = Secret::from(trimmed);
    credentials.with_key(trimmed)
}

fn without_line_break(key: &Secret) -> &str {
    key.expose().trim_end_matches(['\r', '\n'])
}

/// Every resolution asks, so a key without a fault is found to have none in one pass.
fn fault(key: &str) -> Option<KeyFault> {
    if is_reference(key) {
        return Some(KeyFault::Reference);
    }
    if is_placeholder(key) {
        return Some(KeyFault::Placeholder);
    }
    let quoted = |quote| key.len() > 1 && key.starts_with(quote) && key.ends_with(quote);
    if quoted('"') || quoted('\'') {
        return Some(KeyFault::Quoted);
    }
    if key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let begins = |scheme: &&str| key.get(..scheme.len()).is_some_and(|s| is_same(s, scheme));
    if let Some(scheme) = ["Bearer ", "Basic "].into_iter().find(begins) {
        return Some(KeyFault::Scheme(scheme.trim_end()));
    }
    let strange = key.chars().zip(1..).find(|(c, _)| !c.is_ascii_graphic());
    strange.map(|(c, position)| KeyFault::Character { code: c.into(), position })
}

/// References of shells, templates, CI systems and password managers.
fn is_reference(key: &str) -> bool {
    let within = |open: &str, close: &str| key.starts_with(open) && key.ends_with(close);
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let schemed = |(scheme, rest): (&str, &str)| match scheme {
        "vault" | "env" => true,
        "op" | "secret" | "keyring" | "ssm" | "gcp-sm" => rest.starts_with("//"),
        _ => false,
    };
    within("${", "}")
        || within("{{", "}}")
        || within("$(", ")")
        || key.strip_prefix('$').is_some_and(|rest| !rest.is_empty() && rest.chars().all(name))
        || (key.len() > 2 && within("%", "%"))
        || key.split_once(':').is_some_and(schemed)
}

/// What examples, this product's own included, have in the place of a key.
fn is_placeholder(key: &str) -> bool {
    const PLACEHOLDERS: [&str; 6] =
        ["changeme", "change-me", "replace-me", "placeholder", "api-key-here", "insert-key-here"];
    let angled = key.starts_with('<') && key.ends_with('>');
    let dots = key.ends_with("...") || key.ends_with('…');
    let filled = key.len() > 3 && matches!(key.trim_end_matches(['x', 'X', '*']), "" | "sk-");
    let yours = key.get(..5).is_some_and(|start| is_same(start, "your-"));
    angled || dots || filled || yours || PLACEHOLDERS.iter().any(|known| is_same(key, known))
}

/// Compares without regard to case, and to which of `-` and `_` joins words.
fn is_same(text: &str, known: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    text.len() == known.len() && text.bytes().zip(known.bytes()).all(|(a, b)| plain(a) == plain(b))
}

/// The character's name, if people know it by one.
fn named(code: u32) -> &'static str {
    match code {
        0x20 => "a space",
        0x09 => "a tab",
        0x0A | 0x0D => "a line break",
        0x00..=0x1F | 0x7F..=0x9F => "a control character",
        0xA0 | 0x202F => "a no-break space",
        0x200B..=0x200F | 0x2060 | 0xFEFF => "an invisible character",
        0x2018..=0x201F => "a curly quote",
        0x2010..=0x2015 => "a dash that is no hyphen",
        _ => "a character that is not ASCII",
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyFault, fault};

    #[test]
    fn keys_of_providers_have_no_fault() {
        for key in [
            "sk-proj-Zq81LmVt93KxBdRw7x2f",
            "AIzaSyD4hNw82QpXvT6cJrEk19sUgM",
            "0123456789abcdef0123456789abcdef",
            "eyJhbGciOiJIUzI1NiJ9.e30.abc-_",
            "key+with/base64==",
        ] {
            assert_eq!(fault(key), None, "{key}");
        }
    }

    #[test]
    fn a_strange_character_is_named_with_its_position() {
        let position = |key: &str| match fault(key) {
            Some(KeyFault::Character { code, position }) => Some((code, position)),
            _ => None,
        };
        assert_eq!(position("sk-\u{a0}abc"), Some((0xA0, 4)));
        assert_eq!(position("sk-\u{430}bc"), Some((0x430, 4)));
        assert_eq!(position("sk-abc "), Some((0x20, 7)));
        assert_eq!(position("\u{201c}sk-abc\u{201d}"), Some((0x201C, 1)));
    }
}
