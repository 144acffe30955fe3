//! Finds values in JSON texts without copying them.
//!
//! JSON from outside often contains secrets. A parser that builds values, or unescapes
//! texts in a buffer of its own, leaves copies of them in freed memory. So a text is
//! checked once, and after that a value is the part of the text that it occupies. Only
//! [`Json::scalar`] copies one, into memory that is wiped.

use std::str::Chars;

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// The most steps of a pointer, each of which takes some stack. What people look up is a
/// few steps deep.
const MAX_STEPS: usize = 32;

/// A value in a JSON text.
///
/// ```
/// use orchestration_support::json::Json;
///
/// let json = Json::parse(r#"{"keys": [{"id": 7, "text": "a\nb"}]}"#).unwrap();
/// let scalar = |pointer| json.at(pointer)?.scalar().map(|text| text.to_string());
/// assert_eq!(scalar("/keys/0/text").as_deref(), Some("a\nb"));
/// assert_eq!(scalar("/keys/0/id").as_deref(), Some("7"));
/// assert_eq!(scalar("/keys/0"), None);
/// ```
#[derive(Clone, Copy)]
pub struct Json<'a>(&'a str);

/// The text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not JSON")]
pub struct NotJson;

impl<'a> Json<'a> {
    /// Checks that all of `text` is one JSON value (RFC 8259), of any depth.
    ///
    /// # Errors
    ///
    /// Fails if it is not, or if a text in it has half of a surrogate pair.
    pub fn parse(text: &'a str) -> Result<Self, NotJson> {
        // It skips values without building or unescaping them.
        serde_json::from_str::<IgnoredAny>(text).map_err(|_| NotJson)?;
        if text.contains("\\u") && Unescaped(text.chars()).any(|character| character.is_err()) {
            return Err(NotJson);
        }
        Ok(Self(text.trim_matches(is_space)))
    }

    /// Returns the value at a JSON pointer (RFC 6901). Of several members with the same
    /// name, the last is used, as in most parsers. There is nothing at a pointer that is
    /// malformed or has more than 32 steps.
    pub fn at(self, pointer: &str) -> Option<Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        let steps = pointer.strip_prefix('/')?.split('/');
        if steps.clone().count() > MAX_STEPS {
            return None;
        }
        let steps: Vec<String> = steps.map(unescaped_step).collect::<Option<_>>()?;
        find(&mut { self.0 }, &steps)
    }

    /// Returns true if this is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Returns true if this is a text.
    pub fn is_text(self) -> bool {
        self.0.starts_with('"')
    }

    /// Returns true if this is a number.
    pub fn is_number(self) -> bool {
        self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit())
    }

    /// Returns a text without its quotes and escapes, and a number or a boolean as it is
    /// written. Anything else has none.
    pub fn scalar(self) -> Option<Zeroizing<String>> {
        if self.0.starts_with(['{', '[', 'n']) {
            return None;
        }
        // Long enough: a text that grows leaves unwiped copies behind.
        let mut scalar = Zeroizing::new(String::with_capacity(self.0.len()));
        match self.in_quotes() {
            Some(text) => scalar.extend(Unescaped(text.chars()).flatten()),
            None => scalar.push_str(self.0),
        }
        Some(scalar)
    }

    fn in_quotes(self) -> Option<&'a str> {
        self.0.strip_prefix('"')?.strip_suffix('"')
    }

    /// Returns true if this is a text, and equal to `other`.
    fn is(self, other: &str) -> bool {
        let characters = self.in_quotes().map(|text| Unescaped(text.chars()).flatten());
        characters.is_some_and(|characters| characters.eq(other.chars()))
    }
}

/// Takes the next value from `rest`, and returns what is at `steps` in it. The text is
/// read once, whatever the steps are.
fn find<'a>(rest: &mut &'a str, steps: &[String]) -> Option<Json<'a>> {
    let Some((step, steps)) = steps.split_first() else {
        return next(rest);
    };
    let mut found = None;
    if enter(rest, '{') {
        while has_more(rest) {
            let name = next(rest)?;
            if name.is(step) {
                found = find(rest, steps);
            } else {
                next(rest);
            }
        }
    } else if enter(rest, '[') {
        let wanted = index(step);
        let mut at = 0;
        while has_more(rest) {
            if wanted == Some(at) {
                found = find(rest, steps);
            } else {
                next(rest);
            }
            at += 1;
        }
    } else {
        next(rest);
    }
    found
}

/// Takes the next value from `rest`, which begins within a text that is known to be JSON.
fn next<'a>(rest: &mut &'a str) -> Option<Json<'a>> {
    let start = skipped(rest);
    let (value, after) = start.split_at_checked(end_of_value(start))?;
    *rest = after;
    Some(Json(value))
}

/// Takes the start of an array or object from `rest`, if that is next.
fn enter(rest: &mut &str, bracket: char) -> bool {
    let inside = skipped(rest).strip_prefix(bracket);
    *rest = inside.unwrap_or(rest);
    inside.is_some()
}

/// Returns true if another value is next in an array or object, or else takes its end.
fn has_more(rest: &mut &str) -> bool {
    let start = skipped(rest);
    let after = start.strip_prefix(['}', ']']);
    *rest = after.unwrap_or(start);
    after.is_none() && !start.is_empty()
}

/// Returns `rest` from the next value or bracket on.
fn skipped<'a>(rest: &&'a str) -> &'a str {
    rest.trim_start_matches(|c| is_space(c) || matches!(c, ',' | ':'))
}

/// Returns where the value ends that `text` starts with.
fn end_of_value(text: &str) -> usize {
    let mut depth = 0_usize;
    let (mut in_text, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' if depth == 0 => return at + 1,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return at + 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' | b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns true if `text` is a JSON pointer (RFC 6901). No place has two.
///
/// ```
/// use orchestration_support::json::is_pointer;
///
/// assert!(is_pointer("") && is_pointer("/a~1b/0"));
/// assert!(!is_pointer("a") && !is_pointer("/a~2"));
/// ```
pub fn is_pointer(text: &str) -> bool {
    let mut steps = text.split('/');
    steps.next() == Some("") && steps.all(|step| unescaped_step(step).is_some())
}

/// What JSON has as white space.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Returns a step of a pointer without its escapes, `~0` and `~1`.
fn unescaped_step(step: &str) -> Option<String> {
    let is_valid = step.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    is_valid.then(|| step.replace("~1", "/").replace("~0", "~"))
}

/// Returns the index that a step of a pointer stands for.
fn index(step: &str) -> Option<usize> {
    let is_number = step.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = step == "0" || !step.starts_with('0');
    if is_number && is_short { step.parse().ok() } else { None }
}

/// Returns `text` with the escapes of JSON replaced by what they stand for.
pub(crate) fn unescaped(text: &str) -> Zeroizing<String> {
    let mut unescaped = Zeroizing::new(String::with_capacity(text.len()));
    unescaped.extend(Unescaped(text.chars()).flatten());
    unescaped
}

/// The characters of a JSON text, with escapes replaced by what they stand for. No escape
/// stands for more bytes than it has.
struct Unescaped<'a>(Chars<'a>);

impl Iterator for Unescaped<'_> {
    type Item = Result<char, NotJson>;

    fn next(&mut self) -> Option<Self::Item> {
        let character = self.0.next()?;
        if character != '\\' {
            return Some(Ok(character));
        }
        Some(match self.0.next() {
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.code().ok_or(NotJson),
            Some(other) => Ok(other),
            None => Err(NotJson),
        })
    }
}

impl Unescaped<'_> {
    /// Returns the character that the digits after `\u` stand for, or those digits and
    /// the second half of a surrogate pair.
    fn code(&mut self) -> Option<char> {
        let unit = self.digits()?;
        if !(0xD800..0xDC00).contains(&unit) {
            return char::from_u32(unit);
        }
        self.0 = self.0.as_str().strip_prefix("\\u")?.chars();
        let low = self.digits()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + low)
    }

    fn digits(&mut self) -> Option<u32> {
        let (digits, after) = self.0.as_str().split_at_checked(4)?;
        self.0 = after.chars();
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Json, NotJson};

    fn at(text: &str, pointer: &str) -> Option<String> {
        Json::parse(text).unwrap().at(pointer)?.scalar().map(|text| text.to_string())
    }

    /// The document of RFC 6901, section 5.
    const RFC_6901: &str = r#"{
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
        "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8
    }"#;

    #[test]
    fn pointers_find_what_rfc_6901_says() {
        let expected = [
            ("/foo/0", "bar"),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ];
        for (pointer, value) in expected {
            assert_eq!(at(RFC_6901, pointer).as_deref(), Some(value), "{pointer}");
        }
    }

    #[test]
    fn a_pointer_to_no_scalar_finds_nothing() {
        for pointer in ["", "/foo", "/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/foo/0/0", "/bar"] {
            assert_eq!(at(RFC_6901, pointer), None, "{pointer}");
        }
        assert_eq!(at("null", ""), None);
        assert_eq!(at("[]", "/0"), None);
    }

    #[test]
    fn a_malformed_pointer_finds_nothing() {
        let document = r#"{"a": 1, "~": 2, "~2": 3, "a/b": 4}"#;
        for pointer in ["a", "#/a", "/~", "/~2", "/a/b", " /a"] {
            assert_eq!(at(document, pointer), None, "{pointer}");
        }
        // An escape that is unescaped twice would be `/`.
        assert_eq!(at(r#"{"~1": 1, "/": 2}"#, "/~01").as_deref(), Some("1"));
    }

    #[test]
    fn scalars_are_texts_without_escapes_and_numbers_as_they_are_written() {
        let document =
            r#" [ "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00" , 1.50E+3, -0,true , false,"" ] "#;
        let texts = ["a\"\\/\u{8}\u{c}\n\r\té😀", "1.50E+3", "-0", "true", "false", ""];
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(at(document, &format!("/{index}")).as_deref(), Some(*text));
        }
        assert_eq!(at("\t17\n", "").as_deref(), Some("17"));
    }

    #[test]
    fn names_are_compared_without_escapes() {
        assert_eq!(at(r#"{"\u0061\/b": "x"}"#, "/a~1b").as_deref(), Some("x"));
        assert_eq!(at(r#"{"ab": "x"}"#, "/a"), None);
    }

    #[test]
    fn the_last_of_equal_names_is_used() {
        assert_eq!(at(r#"{"a": 1, "\u0061": 2}"#, "/a").as_deref(), Some("2"));
        assert_eq!(at(r#"{"a": {"b": 1}, "a": {}}"#, "/a/b"), None);
    }

    #[test]
    fn brackets_and_quotes_in_texts_end_nothing() {
        let document = r#"{"x": "]}\"{[\\", "y": [{"z": "}"}, [], {}], "w": 1}"#;
        assert_eq!(at(document, "/x").as_deref(), Some("]}\"{[\\"));
        assert_eq!(at(document, "/y/0/z").as_deref(), Some("}"));
        assert_eq!(at(document, "/w").as_deref(), Some("1"));
    }

    #[test]
    fn a_text_that_is_not_quite_json_is_rejected() {
        for text in [
            "",
            "{",
            "{} {}",
            "[1,]",
            "{\"a\":1,}",
            "{a: 1}",
            "{'a': 1}",
            "01",
            "+1",
            ".5",
            "NaN",
            "\"\n\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "// comment\n1",
            "\u{feff}{}",
        ] {
            assert_eq!(Json::parse(text).err(), Some(NotJson), "{text:?}");
        }
    }

    #[test]
    fn a_text_may_be_nested_to_any_depth() {
        let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
        let json = Json::parse(&deep).unwrap();
        assert!(json.at(&"/0".repeat(32)).is_some());
        assert!(json.at(&"/0".repeat(33)).is_none());
    }
}
