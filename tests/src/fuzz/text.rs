//! The redactor: whatever a strategy says is safe to display.

use std::collections::BTreeSet;

use orchestration_support::redact::{CAP, clean, sanitize, sanitize_lines};

use super::assert_plain;

/// The first of the bytes that represent a secret in the text. None of them occurs in
/// UTF-8.
const MARK: u8 = 0xF8;

/// Asserts that a sanitized text is short and contains no control characters, no
/// deceptive characters and no secrets, and that sanitizing one line again changes
/// nothing.
///
/// `data` is the number of secrets modulo 4, then each secret after its length, then the
/// text, in which bytes from 0xF8 represent one of the secrets.
pub fn text(data: &[u8]) {
    let Some((secrets, text)) = parts(data) else {
        return;
    };
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let sanitized = sanitize(&text, secrets.iter().copied());
    let lines = sanitize_lines(&text, secrets.iter().copied());

    for line in lines.iter().chain([&sanitized]) {
        assert!(line.len() <= CAP);
        assert_plain(line);
        assert!(!line.contains(is_deceptive), "deceptive characters in {line:?}");
        assert!(!line.contains("  "), "a run of blanks in {line:?}");
    }
    assert_eq!(sanitize(&sanitized, []), sanitized, "sanitized again");

    // A secret made of the characters that replace secrets may occur in the result.
    let (hard, plain): (Vec<&str>, Vec<&str>) =
        secrets.into_iter().partition(|secret| secret.contains(['*', '…']));
    for secret in &plain {
        let secret = clean(secret);
        let leak = lines.iter().chain([&sanitized]).find(|line| line.contains(&secret));
        assert!(secret.len() < 4 || leak.is_none(), "{secret:?} in {leak:?}");
        let runs: BTreeSet<&[u8]> = secret.as_bytes().windows(8).collect();
        let leaks = |line: &String| line.as_bytes().windows(8).any(|run| runs.contains(run));
        let leak = lines.iter().chain([&sanitized]).find(|line| leaks(line));
        assert_eq!(leak, None, "part of {secret:?}");
    }
    if hard.is_empty() {
        assert_eq!(sanitize(&sanitized, plain), sanitized, "redacted again");
    }
}

/// Returns true for bidirectional controls, zero-width characters, tags, blanks that are
/// no white space, and characters without a meaning.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}'
        | '\u{2800}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}'
        | '\u{FFFC}' | '\u{FFFE}'..='\u{FFFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Returns the secrets and the text that `data` represents.
fn parts(data: &[u8]) -> Option<(Vec<String>, String)> {
    let (count, mut rest) = data.split_first()?;
    let mut secrets = Vec::new();
    for _ in 0..count % 4 {
        let (length, remaining) = rest.split_first()?;
        let (secret, remaining) = remaining.split_at_checked(usize::from(*length))?;
        secrets.push(String::from_utf8_lossy(secret).into_owned());
        rest = remaining;
    }
    let mut text = String::new();
    for part in rest.chunk_by(|left, right| *left < MARK && *right < MARK) {
        let mark = part.first().and_then(|first| first.checked_sub(MARK)).map(usize::from);
        match mark.and_then(|mark| secrets.get(mark % secrets.len().max(1))) {
            Some(secret) => text.push_str(secret),
            None => text.push_str(&String::from_utf8_lossy(part)),
        }
    }
    Some((secrets, text))
}
