//! Which characters a displayed text keeps, by their Unicode properties.
//!
//! A list of dangerous characters is never complete, so the general category decides.
//! Only the few that are invisible although their category says otherwise are listed.

use unicode_general_category::{GeneralCategory, get_general_category};

/// The most combining marks on one letter. More of them paint over the lines above and
/// below.
const MAX_MARKS: usize = 2;

/// What becomes of a character.
enum Kept {
    /// It is displayed.
    Visible,
    /// It is displayed with the letter before it.
    Mark,
    /// It is a blank, of which a run becomes one space.
    Blank,
    /// It is removed.
    Nothing,
}

/// Returns `text` in one line: each run of white space becomes one space, and
/// characters that are invisible, not assigned, or private are removed, as are combining
/// marks without a letter and those after the second on one letter.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut is_after_blank = false;
    let mut marks = 0;
    for character in text.chars() {
        match kept(character) {
            Kept::Visible => {
                if is_after_blank && !cleaned.is_empty() {
                    cleaned.push(' ');
                }
                cleaned.push(character);
                (is_after_blank, marks) = (false, 0);
            }
            Kept::Mark if !is_after_blank && !cleaned.is_empty() && marks < MAX_MARKS => {
                cleaned.push(character);
                marks += 1;
            }
            Kept::Blank => is_after_blank = true,
            Kept::Mark | Kept::Nothing => {}
        }
    }
    cleaned
}

/// Returns true if cleaning would change nothing, as far as that is quickly found.
pub(crate) fn is_clean(text: &str) -> bool {
    let mut before = b' ';
    let plain = text.bytes().all(|byte| {
        let is_plain = byte.is_ascii_graphic() || (byte == b' ' && before != b' ');
        before = byte;
        is_plain
    });
    plain && !text.ends_with(' ')
}

fn kept(character: char) -> Kept {
    if character.is_ascii_graphic() {
        return Kept::Visible;
    }
    if character.is_whitespace() {
        return Kept::Blank;
    }
    if looks_like_nothing(character) {
        return Kept::Nothing;
    }
    match get_general_category(character) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::PrivateUse
        | GeneralCategory::Surrogate
        | GeneralCategory::Unassigned => Kept::Nothing,
        GeneralCategory::NonspacingMark
        | GeneralCategory::SpacingMark
        | GeneralCategory::EnclosingMark => Kept::Mark,
        _ => Kept::Visible,
    }
}

/// Letters, marks and symbols that are displayed as nothing or as a blank: Unicode's
/// default ignorables outside of the category Cf, and the symbols without ink. Removing
/// them, rather than leaving a space, also joins a secret that they split.
fn looks_like_nothing(character: char) -> bool {
    matches!(character,
        '\u{34F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFFC}'
        | '\u{16FE4}' | '\u{1D159}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::{clean, is_clean};

    #[test]
    fn a_run_of_blanks_becomes_one_space() {
        assert_eq!(clean("  a \t\u{a0}\u{3000}\r\n b\u{2028}"), "a b");
    }

    #[test]
    fn blanks_that_are_no_white_space_are_removed() {
        assert_eq!(clean("a\u{2800}\u{FFFC}\u{3164}\u{115F}\u{FFA0}\u{1D159}b"), "ab");
    }

    #[test]
    fn characters_of_no_use_to_a_reader_are_removed() {
        // Controls, formats, private use, unassigned, and what is no character at all.
        let odd = "\u{1b}\u{9b}\u{ad}\u{202e}\u{2066}\u{e0041}\u{1D173}\u{e000}\u{f8ff}\u{f0000}\
                   \u{10fffd}\u{378}\u{fdd0}\u{fffe}\u{ffff}\u{10ffff}";
        assert_eq!(clean(&format!("a{odd}b")), "ab");
    }

    #[test]
    fn a_letter_keeps_two_marks() {
        assert_eq!(clean("e\u{301}\u{323}\u{300}\u{20dd}x"), "e\u{301}\u{323}x");
    }

    #[test]
    fn a_mark_without_a_letter_is_removed() {
        assert_eq!(clean("\u{338}a \u{338}b"), "a b");
    }

    #[test]
    fn letters_of_every_script_are_kept() {
        for text in ["Schlüssel", "キーがない", "مفتاح", "ключ ✓ 🔑", "कुंजी"]
        {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn what_is_found_to_be_clean_is_clean() {
        for text in ["", " ", "a", "a b", "a  b", " a", "a ", "\t", "é", "a\u{7f}"] {
            assert!(!is_clean(text) || clean(text) == text, "{text:?}");
        }
        assert!(is_clean("") && is_clean("sk-proj-0123") && is_clean("not set"));
    }
}
