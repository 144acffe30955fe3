//! The redactor: what a strategy says is safe to display, whatever it says.

use orchestration_support::redact::{CAP, clean, sanitize, sanitize_lines};

use super::assert_plain;

/// Bytes from this one on stand for a secret in the text; none of them is part
/// of UTF-8.
const MARK: u8 = 0xF8;

/// Asserts what holds of a text that is shown, in one line or in its own: short,
/// nothing that moves the cursor or hides, none of the secrets, and in one line
/// nothing left to do.
///
/// `data` is how many secrets there are, modulo 4, then each with its length
/// before it, then the text, in which the bytes from 0xF8 on stand for one of
/// the secrets.
pub fn text(data: &[u8]) {
    let Some((secrets, text)) = parts(data) else {
        return;
    };
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let shown = sanitize(&text, secrets.iter().copied());
    let lines = sanitize_lines(&text, secrets.iter().copied());

    for shown in lines.iter().chain([&shown]) {
        assert!(shown.len() <= CAP);
        assert_plain(shown);
        assert!(!shown.contains(is_deceptive), "deceptive characters in {shown:?}");
    }
    assert_eq!(sanitize(&shown, []), shown, "sanitized again");

    // A secret that is made of the very signs that hide secrets comes up again.
    let (hard, plain): (Vec<&str>, Vec<&str>) =
        secrets.into_iter().partition(|secret| secret.contains(['*', '…']));
    for secret in &plain {
        let secret = clean(secret);
        let shown = lines.iter().chain([&shown]).find(|shown| shown.contains(&secret));
        assert!(secret.len() < 4 || shown.is_none(), "{secret:?} in {shown:?}");
    }
    if hard.is_empty() {
        assert_eq!(sanitize(&shown, plain), shown, "redacted again");
    }
}

/// Bidirectional controls, what has no width, and tags.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// The secrets and the text that `data` stands for.
fn parts(data: &[u8]) -> Option<(Vec<String>, String)> {
    let (count, mut rest) = data.split_first()?;
    let mut secrets = Vec::new();
    for _ in 0..count % 4 {
        let (length, behind) = rest.split_first()?;
        let (secret, behind) = behind.split_at_checked(usize::from(*length))?;
        secrets.push(String::from_utf8_lossy(secret).into_owned());
        rest = behind;
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
