//! Makes text from outside safe to display.
//!
//! Texts from strategies and servers end up on terminals and in logs. Escape sequences
//! could repaint the screen, bidirectional marks could reverse a line, a run of blanks
//! could wrap into a line of its own, and a message could contain the secret of the
//! call. So text is cleaned, then redacted, then capped, in this order: control
//! characters could hide a secret from the redactor, and a cap could leave half a secret
//! that the redactor no longer recognises.
//!
//! Part of a secret is as bad as all of it: every run of eight bytes or more is redacted.
//! So is one that is percent-encoded or in base 64, as servers and proxies repeat it.

mod decoded;
mod repeated;

use std::ops::{Deref, Range};
use std::path::Path;

use zeroize::Zeroizing;

use crate::characters::{self, is_clean};
use crate::runs::{RUN, Runs};
use decoded::Decoded;

pub use crate::characters::clean;
pub use repeated::repeats_secret;

/// The longest sanitized text, in bytes.
pub const CAP: usize = 4096;

/// The text that replaces a secret.
const REDACTED: &str = "***";

/// The fewest bytes of a secret that is redacted. Redacting every `1` or `eu` would
/// garble messages and protect nothing.
const SHORTEST_SECRET: usize = 4;

/// Returns `text` in one line, without runs of blanks and without characters that are
/// invisible or control the display, with each of `secrets` and each long run of one
/// redacted, at most [`CAP`] bytes long.
///
/// ```
/// use orchestration_support::redact::sanitize;
///
/// assert_eq!(sanitize("bad key\u{1b}[2J sk-12345", ["sk-12345"]), "bad key[2J ***");
/// assert_eq!(sanitize("it starts with sk-proj-01", ["sk-proj-0123"]), "it starts with ***");
/// assert_eq!(sanitize("/login/sk%2D12345", ["sk-12345"]), "/login/***");
/// ```
pub fn sanitize<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let [sanitized] = sanitize_parts([text], secrets);
    sanitized
}

/// Returns the parts of one answer, each sanitized as [`sanitize`] does. A secret that
/// begins in one part and continues in the next is redacted in both.
///
/// ```
/// use orchestration_support::redact::sanitize_parts;
///
/// let parts = sanitize_parts(["it is sk-pro", "j-01, isn't it?"], ["sk-proj-01"]);
/// assert_eq!(parts, ["it is ***", "***, isn't it?"]);
/// ```
pub fn sanitize_parts<'a, const N: usize>(
    parts: [&str; N],
    secrets: impl IntoIterator<Item = &'a str>,
) -> [String; N] {
    let cleaned = parts.map(Cleaned::of);
    let ranges = Secrets::of(secrets).ranges(&Cleaned::joined(&cleaned));
    let mut start = 0;
    cleaned.map(|part| {
        let mut sanitized = redacted(&part, &within(&ranges, start..start + part.len()));
        start += part.len();
        cap(&mut sanitized);
        sanitized
    })
}

/// Returns the path in one line, as [`sanitize`] does: a directory that someone else
/// named may contain escape sequences.
pub fn sanitize_path(path: &Path) -> String {
    sanitize(&path.to_string_lossy(), [])
}

/// Returns the lines of `text` that are not blank, each sanitized as [`sanitize`] does.
/// A secret that spans several lines is redacted too, and so is the start of a secret at
/// the end of `text`, which may have been truncated there.
///
/// ```
/// use orchestration_support::redact::sanitize_lines;
///
/// assert_eq!(sanitize_lines("BEGIN\nabc\nEND\nok", ["BEGIN\nabc\nEND"]), ["***", "ok"]);
/// ```
pub fn sanitize_lines<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut cleaned = Zeroizing::new(String::with_capacity(text.len()));
    for line in text.lines().map(clean).map(Zeroizing::new).filter(|line| !line.is_empty()) {
        if !cleaned.is_empty() {
            cleaned.push('\n');
        }
        cleaned.push_str(&line);
    }
    // A line break becomes a space in a cleaned secret, and both are one byte long.
    let flat = Zeroizing::new(cleaned.replace('\n', " "));
    let secrets = Secrets::of(secrets);
    let mut ranges = secrets.ranges(&flat);
    ranges.extend(secrets.truncated(&flat));
    let redacted = redacted(&cleaned, &merged(ranges));
    redacted.lines().map(|line| sanitize(line, [])).collect()
}

/// Returns `text`, which is a document and stays one, with each of `secrets` and each long
/// run of one redacted, and nothing else changed. So is the start of a secret at its end,
/// where it may have been truncated.
///
/// ```
/// use orchestration_support::redact::hide;
///
/// let document = "{\n  \"message\": \"bad key sk-12345\"\n}";
/// assert_eq!(hide(document, ["sk-12345"]), "{\n  \"message\": \"bad key ***\"\n}");
/// ```
pub fn hide<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let secrets = Secrets::of(secrets);
    let mut ranges = secrets.ranges(text);
    ranges.extend(secrets.truncated(text));
    redacted(text, &merged(ranges))
}

/// Returns true if `text` contains one of `secrets` or a long run of one, also if
/// control characters are interspersed.
pub fn contains_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> bool {
    !Secrets::of(secrets).ranges(&Cleaned::of(text)).is_empty()
}

/// Returns true if one of `secrets` may span several lines.
pub fn has_lines<'a>(secrets: impl IntoIterator<Item = &'a str>) -> bool {
    // A line break becomes a space in a cleaned secret.
    Secrets::of(secrets).0.iter().any(|secret| secret.contains(' '))
}

/// Returns `text` in quotes. What the text has of quotes becomes apostrophes, so that it
/// cannot end its own and go on in someone else's words.
///
/// ```
/// use orchestration_support::redact::quote;
///
/// assert_eq!(quote("set \"x\""), "\"set 'x'\"");
/// ```
pub fn quote(text: &str) -> String {
    const QUOTES: [char; 8] = ['"', '“', '”', '„', '‟', '″', '＂', 'ˮ'];
    format!("\"{}\"", text.replace(QUOTES, "'"))
}

/// Returns the start of `text`, at most `bytes` long, cut at a character boundary.
pub fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

/// A cleaned text. Most texts are clean already, and they are checked in every call of a
/// strategy, so those are borrowed. A copy is wiped when dropped, because it may be or
/// contain a secret.
enum Cleaned<'a> {
    Borrowed(&'a str),
    Owned(Zeroizing<String>),
}

impl<'a> Cleaned<'a> {
    fn of(text: &'a str) -> Self {
        if is_clean(text) {
            Self::Borrowed(text)
        } else {
            Self::Owned(Zeroizing::new(characters::clean(text)))
        }
    }

    /// Returns the parts as one text.
    fn joined<'b>(parts: &'b [Self]) -> Cleaned<'b> {
        match parts {
            [part] => Cleaned::Borrowed(part),
            _ => {
                let bytes = parts.iter().map(|part| part.len()).sum();
                let mut joined = Zeroizing::new(String::with_capacity(bytes));
                parts.iter().for_each(|part| joined.push_str(part));
                Cleaned::Owned(joined)
            }
        }
    }
}

impl Deref for Cleaned<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

/// Secrets, as they would appear in a cleaned text.
struct Secrets<'a>(Vec<Cleaned<'a>>);

impl<'a> Secrets<'a> {
    fn of(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let cleaned = secrets.into_iter().map(Cleaned::of);
        Self(cleaned.filter(|secret| secret.len() >= SHORTEST_SECRET).collect())
    }

    /// Returns the ranges of `text` that are secrets or runs of them, as they are or
    /// encoded. Overlapping ranges are merged, so that redacting one of two overlapping
    /// secrets leaves nothing of the other.
    fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let Some(least) = self.0.iter().map(|secret| secret.len().min(RUN)).min() else {
            return Vec::new();
        };
        // The texts of a usual answer, such as `api_key`, are too short to have a run.
        let (short, long): (Vec<&str>, Vec<&str>) =
            self.0.iter().map(Deref::deref).partition(|secret| secret.len() < RUN);
        let runs = (text.len() >= RUN).then(|| Runs::of(long));
        let find = |bytes: &[u8]| {
            let mut found = runs.as_ref().map_or_else(Vec::new, |runs| runs.ranges(bytes));
            found.extend(short.iter().flat_map(|secret| occurrences(bytes, secret.as_bytes())));
            found
        };
        let mut ranges = find(text.as_bytes());
        for decoded in Decoded::all(text, least) {
            let found = find(&decoded.bytes);
            ranges.extend(found.iter().filter_map(|range| decoded.written(range)));
        }
        for range in &mut ranges {
            *range = text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end);
        }
        merged(ranges)
    }

    /// Returns the range at the end of `text` that is the start of a secret.
    fn truncated(&self, text: &str) -> Option<Range<usize>> {
        // A truncated character was replaced by this one.
        let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let heads = self
            .0
            .iter()
            .flat_map(|secret| (SHORTEST_SECRET..secret.len()).filter_map(|end| secret.get(..end)));
        let longest = heads.filter(|head| text.ends_with(head)).map(str::len).max()?;
        Some(text.len() - longest..text.len())
    }
}

/// Returns where `part`, which is not empty, is in `text`.
fn occurrences(text: &[u8], part: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let windows = text.windows(part.len()).enumerate();
    let starts = windows.filter(move |(_, window)| *window == part).map(|(start, _)| start);
    starts.map(move |start| start..start + part.len())
}

/// Returns the ranges sorted, with overlapping ones merged.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Returns what `ranges` have within `part`, counted from its start.
fn within(ranges: &[Range<usize>], part: Range<usize>) -> Vec<Range<usize>> {
    ranges
        .iter()
        .map(|range| range.start.max(part.start)..range.end.min(part.end))
        .filter(|range| !range.is_empty())
        .map(|range| range.start - part.start..range.end - part.start)
        .collect()
}

/// Returns `text` with each of `ranges`, which are sorted, replaced by [`REDACTED`].
fn redacted(text: &str, ranges: &[Range<usize>]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        redacted.push_str(text.get(from..range.start).unwrap_or_default());
        redacted.push_str(REDACTED);
        from = range.end;
    }
    redacted.push_str(text.get(from..).unwrap_or_default());
    redacted
}

/// Truncates `text` to [`CAP`] bytes.
fn cap(text: &mut String) {
    if text.len() > CAP {
        text.truncate(text.floor_char_boundary(CAP - '…'.len_utf8()));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::{CAP, sanitize, sanitize_lines, sanitize_parts};

    #[test]
    fn a_secret_is_redacted_wherever_it_appears() {
        assert_eq!(sanitize("no: sk-12345, sk-12345!", ["sk-12345"]), "no: ***, ***!");
    }

    #[test]
    fn a_secret_split_by_control_characters_is_redacted() {
        assert_eq!(sanitize("no: sk-\u{200b}12\u{1b}345", ["sk-12345"]), "no: ***");
    }

    #[test]
    fn a_secret_that_spans_lines_is_redacted_in_one_line() {
        assert_eq!(sanitize("bad key BEGIN\nabcdef\nEND", ["BEGIN\nabcdef\nEND\n"]), "bad key ***");
    }

    #[test]
    fn a_secret_that_contains_another_is_redacted_whole() {
        assert_eq!(sanitize("tok-abcd-efgh", ["tok-abcd", "tok-abcd-efgh"]), "***");
    }

    #[test]
    fn overlapping_secrets_are_redacted_completely() {
        assert_eq!(sanitize("tok-abcd-efgh", ["tok-abcd", "abcd-efgh"]), "***");
    }

    #[test]
    fn a_secret_that_spans_lines_is_redacted_across_lines() {
        let text = "one\nBEGIN\nab\u{200b}cdef\nEND two\n\nthree";
        assert_eq!(sanitize_lines(text, ["BEGIN\nabcdef\nEND\n"]), ["one", "*** two", "three"]);
    }

    #[test]
    fn a_truncated_secret_at_the_end_is_redacted() {
        let cut = String::from_utf8_lossy(b"key: sk-secret-\xc3").into_owned();
        assert_eq!(sanitize_lines(&cut, ["sk-secret-\u{e9}-value"]), ["key: ***\u{fffd}"]);
    }

    #[test]
    fn a_secret_at_the_cap_is_redacted_completely() {
        let text = format!("{}sk-secret-value", "x".repeat(CAP - 8));
        assert!(!sanitize(&text, ["sk-secret-value"]).contains("sk-"));
    }

    #[test]
    fn all_but_one_character_of_a_secret_is_redacted() {
        let secret = "sk-live-Zq81LmVt";
        let (first, last) = (&secret[1..], &secret[..15]);
        assert_eq!(sanitize(&format!("{first} {last}"), [secret]), "*** ***");
    }

    #[test]
    fn the_halves_of_a_secret_are_redacted_in_two_parts() {
        let parts = ["the first half: sk-12", "3456 is the rest"];
        assert_eq!(
            sanitize_parts(parts, ["sk-123456"]),
            ["the first half: ***", "*** is the rest"]
        );
    }

    #[test]
    fn a_percent_encoded_secret_is_redacted() {
        let secret = "sk-live/Zq81 é+t";
        for encoded in [
            "sk-live%2FZq81%20%C3%A9%2Bt",
            "sk%2dlive%2fZq81%20%c3%a9+t",
            "%73%6B%2D%6C%69%76%65%2F%5A%71%38%31%20%C3%A9%2B%74",
            "sk-live%252FZq81%2520%25C3%25A9%252Bt",
            "sk-live%2FZq81",
        ] {
            let text = format!("see 100% of /login/{encoded}?a=%20");
            assert_eq!(sanitize(&text, [secret]), "see 100% of /login/***?a=%20", "{encoded}");
        }
        assert_eq!(sanitize("/p%40ss/p@s%73", ["p@ss"]), "/***/***");
    }

    #[test]
    fn a_secret_in_base_64_is_redacted_whatever_is_around_it() {
        let secret = "sk?live>Zq81LmVt";
        for (encoded, sanitized) in [
            ("c2s/bGl2ZT5acTgxTG1WdA==", "***=="),
            // After one, two and three bytes, and before another.
            ("OnNrP2xpdmU+WnE4MUxtVnQ=", "O***="),
            ("dTpzaz9saXZlPlpxODFMbVZ0", "dT***"),
            ("YWI6c2s/bGl2ZT5acTgxTG1WdDo=", "YWI6***o="),
            // In the alphabet for URLs, percent-encoded, and only half of it.
            ("c2s_bGl2ZT5acTgxTG1WdA", "***"),
            ("c2s%2FbGl2ZT5acTgxTG1WdA%3D%3D", "***%3D%3D"),
            ("WnE4MUxtVnQ=", "***="),
        ] {
            assert_eq!(
                sanitize(&format!("Basic {encoded}"), [secret]),
                format!("Basic {sanitized}")
            );
        }
        let words = "authentication/authorization";
        assert_eq!(sanitize(words, [secret]), words);
    }

    #[test]
    fn fewer_than_eight_bytes_of_a_secret_are_not_redacted() {
        assert_eq!(
            sanitize("keys start with sk-proj", ["sk-proj-01234"]),
            "keys start with sk-proj"
        );
    }

    #[test]
    fn escape_sequences_and_bidirectional_marks_are_removed() {
        assert_eq!(sanitize("a\u{1b}[31mb\u{202e}c\r\nd\u{7}", []), "a[31mbc d");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character_boundary() {
        let sanitized = sanitize(&"é".repeat(CAP), []);
        assert!(sanitized.len() <= CAP && sanitized.ends_with("é…"));
    }
}
