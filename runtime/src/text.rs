//! Text from outside, made fit to be shown.
//!
//! What a strategy says ends up on somebody's terminal and in logs that others
//! read. Escape sequences could repaint the screen, bidirectional marks could
//! turn a line around, a message could carry the very secret that the call was
//! about. So text is cleaned, then scrubbed, then capped, in this order: with
//! control characters still in it a secret could hide from the scrubber, and a
//! cap before the scrubber could leave half a secret at the end.

use zeroize::Zeroize;

/// The most that is shown of one text, in bytes.
pub(crate) const CAP: usize = 4096;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Secrets shorter than this are left alone: hiding every `1` or `eu` would
/// take the sense out of a message and protect nothing.
const SHORTEST_SECRET: usize = 4;

/// `text` in one line, without control characters and format marks, with every
/// one of `secrets` hidden, at most [`CAP`] bytes long.
pub(crate) fn presentable<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut shown = clean(text);
    let mut secrets: Vec<String> = secrets.into_iter().map(clean).collect();
    // The longest first: one secret may hold another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        if shown.contains(secret.as_str()) {
            let scrubbed = shown.replace(secret.as_str(), HIDDEN);
            std::mem::replace(&mut shown, scrubbed).zeroize();
        }
    }
    cap(&mut shown);
    secrets.iter_mut().for_each(Zeroize::zeroize);
    shown
}

/// The start of `text`, at most `bytes` long.
pub(crate) fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

/// `text` in one line: white space of every kind becomes a space, and what has
/// no shape of its own is left out.
pub(crate) fn clean(text: &str) -> String {
    // What is left out at the edges must not leave spaces there.
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c))
        .chars()
        .filter_map(|character| match character {
            _ if character.is_whitespace() => Some(' '),
            _ if character.is_control() || is_invisible(character) => None,
            _ => Some(character),
        })
        .collect()
}

/// Characters that change how others are shown, or that are not seen at all:
/// Unicode's bidirectional controls, joiners, fillers, variation selectors and
/// tags (general category Cf and the default ignorables).
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
    use super::{CAP, presentable};

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        assert_eq!(presentable("no: sk-12345, sk-12345!", ["sk-12345"]), "no: ***, ***!");
    }

    #[test]
    fn a_secret_that_control_characters_split_is_hidden_all_the_same() {
        assert_eq!(presentable("no: sk-\u{200b}12\u{1b}345", ["sk-12345"]), "no: ***");
    }

    #[test]
    fn a_secret_of_several_lines_is_hidden() {
        assert_eq!(
            presentable("bad key BEGIN\nabcdef\nEND", ["BEGIN\nabcdef\nEND\n"]),
            "bad key ***"
        );
    }

    #[test]
    fn a_secret_that_holds_another_is_hidden_whole() {
        assert_eq!(presentable("tok-abcd-efgh", ["tok-abcd", "tok-abcd-efgh"]), "***");
    }

    #[test]
    fn a_secret_across_the_cap_leaves_nothing_behind() {
        let text = format!("{}sk-secret-value", "x".repeat(CAP - 8));
        assert!(!presentable(&text, ["sk-secret-value"]).contains("sk-"));
    }

    #[test]
    fn escape_sequences_and_bidirectional_marks_are_taken_out() {
        assert_eq!(presentable("a\u{1b}[31mb\u{202e}c\r\nd\u{7}", []), "a[31mbc  d");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let shown = presentable(&"é".repeat(CAP), []);
        assert!(shown.len() <= CAP && shown.ends_with("é…"));
    }
}
