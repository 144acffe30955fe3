//! Makes text from outside safe to display.
//!
//! What a strategy or a server says ends up on a terminal and in logs. Escape
//! sequences could repaint the screen, bidirectional marks could reverse a line,
//! and a message could carry the very secret of the call. So text is cleaned,
//! then redacted, then capped, in this order: with control characters still in
//! it a secret could hide from the redactor, and a cap before the redactor could
//! leave half a secret at the end.

use std::ops::{Deref, Range};

use zeroize::Zeroizing;

/// The longest sanitized text, in bytes.
pub const CAP: usize = 4096;

/// Replaces a secret.
const HIDDEN: &str = "***";

/// The shortest secret that is redacted, in bytes: hiding every `1` or `eu` would
/// garble a message and protect nothing.
const SHORTEST_SECRET: usize = 4;

/// Returns `text` in one line, without control characters and format marks, with
/// each of `secrets` redacted, at most [`CAP`] bytes long.
///
/// ```
/// use orchestration_support::redact::sanitize;
///
/// assert_eq!(sanitize("bad key\u{1b}[2J sk-12345", ["sk-12345"]), "bad key[2J ***");
/// ```
pub fn sanitize<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let cleaned = Cleaned::of(text);
    let mut shown = hidden(&cleaned, &Hidden::of(secrets).places(&cleaned));
    cap(&mut shown);
    shown
}

/// Returns the lines of `text`, each sanitized as [`sanitize`] does. A secret of
/// several lines is redacted, and so is the start of one at the end of `text`,
/// which may have been cut there.
pub fn sanitize_lines<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let kept: String =
        text.chars().filter_map(|c| if c == '\n' { Some(c) } else { shape(c) }).collect();
    let kept = Zeroizing::new(kept);
    // A line break is a blank in a cleaned secret, and as long as one.
    let flat = Zeroizing::new(kept.replace('\n', " "));
    let secrets = Hidden::of(secrets);
    let mut places = secrets.places(&flat);
    places.extend(secrets.cut_off(&flat));
    let shown = hidden(&kept, &joined(places));
    shown.lines().map(|line| sanitize(line, [])).collect()
}

/// Returns true if `text` contains one of `secrets`.
pub fn contains_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> bool {
    let cleaned = Zeroizing::new(clean(text));
    !Hidden::of(secrets).places(&cleaned).is_empty()
}

/// Returns true if one of `secrets` could span several lines.
pub fn has_lines<'a>(secrets: impl IntoIterator<Item = &'a str>) -> bool {
    // A line break is a blank in a cleaned secret.
    Hidden::of(secrets).0.iter().any(|secret| secret.contains(' '))
}

/// Returns the start of `text`, at most `bytes` long, cut at a character.
pub fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

/// Returns `text` in one line: white space of every kind becomes a space, and
/// invisible characters are removed.
pub fn clean(text: &str) -> String {
    // What is left out at the edges must not leave spaces there.
    text.trim_matches(|c: char| c.is_whitespace() || shape(c).is_none())
        .chars()
        .filter_map(shape)
        .collect()
}

/// Returns the character's replacement in a cleaned text, if it has one.
fn shape(character: char) -> Option<char> {
    match character {
        _ if character.is_whitespace() => Some(' '),
        _ if character.is_control() || is_invisible(character) => None,
        _ => Some(character),
    }
}

/// A text as [`clean`] leaves it. Most are clean already and are checked on every
/// call of a strategy, so those are borrowed. A copy is wiped when dropped: it
/// may be, or contain, a secret.
enum Cleaned<'a> {
    Borrowed(&'a str),
    Owned(Zeroizing<String>),
}

impl<'a> Cleaned<'a> {
    fn of(text: &'a str) -> Self {
        let is_clean = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_clean && !text.starts_with(' ') && !text.ends_with(' ') {
            Self::Borrowed(text)
        } else {
            Self::Owned(Zeroizing::new(clean(text)))
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

/// Secrets as they would appear in a cleaned text.
struct Hidden<'a>(Vec<Cleaned<'a>>);

impl<'a> Hidden<'a> {
    fn of(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let cleaned = secrets.into_iter().map(Cleaned::of);
        Self(cleaned.filter(|secret| secret.len() >= SHORTEST_SECRET).collect())
    }

    /// Returns where they appear in `text`. Ranges that overlap are merged: of two
    /// secrets that share a part, neither may leave its other part behind.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let place = |(start, secret): (usize, &str)| start..start + secret.len();
        joined(
            self.0
                .iter()
                // Preparing a search takes longer than most searches.
                .filter(|secret| secret.len() <= text.len())
                .flat_map(|secret| text.match_indices(&**secret).map(place))
                .collect(),
        )
    }

    /// Returns where the start of one appears at the very end of `text`.
    fn cut_off(&self, text: &str) -> Option<Range<usize>> {
        // What the cut left of a character.
        let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let heads = self
            .0
            .iter()
            .flat_map(|secret| (SHORTEST_SECRET..secret.len()).filter_map(|end| secret.get(..end)));
        let longest = heads.filter(|head| text.ends_with(head)).map(str::len).max()?;
        Some(text.len() - longest..text.len())
    }
}

/// Returns the ranges in order, overlapping ones merged.
fn joined(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| place.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match joined.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => joined.push(place),
        }
    }
    joined
}

/// Replaces each of `places`, which are in order, by [`HIDDEN`].
fn hidden(text: &str, places: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        shown.push_str(text.get(from..place.start).unwrap_or_default());
        shown.push_str(HIDDEN);
        from = place.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    shown
}

/// Returns true for characters that change how others are displayed or that are
/// invisible: Unicode's bidirectional controls, joiners, fillers, variation
/// selectors and tags (general category Cf and the default ignorables).
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
        | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

fn cap(text: &mut String) {
    if text.len() > CAP {
        text.truncate(text.floor_char_boundary(CAP - '…'.len_utf8()));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::{CAP, sanitize, sanitize_lines};

    #[test]
    fn a_secret_is_redacted_wherever_it_appears() {
        assert_eq!(sanitize("no: sk-12345, sk-12345!", ["sk-12345"]), "no: ***, ***!");
    }

    #[test]
    fn a_secret_split_by_control_characters_is_redacted() {
        assert_eq!(sanitize("no: sk-\u{200b}12\u{1b}345", ["sk-12345"]), "no: ***");
    }

    #[test]
    fn a_secret_of_several_lines_is_redacted() {
        assert_eq!(sanitize("bad key BEGIN\nabcdef\nEND", ["BEGIN\nabcdef\nEND\n"]), "bad key ***");
    }

    #[test]
    fn a_secret_that_contains_another_is_redacted_whole() {
        assert_eq!(sanitize("tok-abcd-efgh", ["tok-abcd", "tok-abcd-efgh"]), "***");
    }

    #[test]
    fn two_secrets_that_overlap_leave_nothing_behind() {
        assert_eq!(sanitize("tok-abcd-efgh", ["tok-abcd", "abcd-efgh"]), "***");
    }

    #[test]
    fn a_secret_of_several_lines_is_redacted_across_lines() {
        let text = "one\nBEGIN\nab\u{200b}cdef\nEND two\n\nthree";
        assert_eq!(sanitize_lines(text, ["BEGIN\nabcdef\nEND\n"]), ["one", "*** two", "", "three"]);
    }

    #[test]
    fn the_start_of_a_secret_at_the_end_of_the_lines_is_redacted() {
        let cut = String::from_utf8_lossy(b"key: sk-secret-\xc3").into_owned();
        assert_eq!(sanitize_lines(&cut, ["sk-secret-\u{e9}-value"]), ["key: ***\u{fffd}"]);
    }

    #[test]
    fn a_secret_across_the_cap_leaves_nothing_behind() {
        let text = format!("{}sk-secret-value", "x".repeat(CAP - 8));
        assert!(!sanitize(&text, ["sk-secret-value"]).contains("sk-"));
    }

    #[test]
    fn escape_sequences_and_bidirectional_marks_are_removed() {
        assert_eq!(sanitize("a\u{1b}[31mb\u{202e}c\r\nd\u{7}", []), "a[31mbc  d");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let shown = sanitize(&"é".repeat(CAP), []);
        assert!(shown.len() <= CAP && shown.ends_with("é…"));
    }
}
