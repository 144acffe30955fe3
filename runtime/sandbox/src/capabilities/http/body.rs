//! The body of a request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use zeroize::Zeroizing;

/// Returns the fields as `application/x-www-form-urlencoded`.
pub(super) fn form(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let mut form = with_room(fields, 3);
    for (name, value) in fields {
        if !form.is_empty() {
            form.push('&');
        }
        push_form(&mut form, name);
        form.push('=');
        push_form(&mut form, value);
    }
    form
}

/// Returns an empty text that never grows: that would leave copies behind. A byte of the
/// fields becomes at most `longest` bytes, and what is around a field has at most 8.
fn with_room(fields: &[(&str, &str)], longest: usize) -> Zeroizing<String> {
    let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    Zeroizing::new(String::with_capacity(longest * bytes + 8 * fields.len() + 2))
}

fn push_form(form: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                form.push(byte.into());
            }
            b' ' => form.push('+'),
            // Writing to a text never fails.
            _ => drop(write!(form, "%{byte:02X}")),
        }
    }
}

/// How the name of a field ends that is one of a list.
const OF_LIST: &str = "[]";

/// Returns true if two fields would be the same member of a JSON object: servers disagree on
/// which of them counts.
pub(super) fn is_ambiguous(fields: &[(&str, &str)]) -> bool {
    let (of_lists, alone): (Vec<&str>, Vec<&str>) =
        fields.iter().map(|(name, _)| *name).partition(|name| name.ends_with(OF_LIST));
    let lists: BTreeSet<&str> =
        of_lists.iter().filter_map(|name| name.strip_suffix(OF_LIST)).collect();
    let names: BTreeSet<&str> = alone.iter().copied().collect();
    names.len() < alone.len() || !names.is_disjoint(&lists)
}

/// Returns the fields as a JSON object. Those of a list are where its first one is.
pub(super) fn json(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in fields.iter().filter(|(name, _)| name.ends_with(OF_LIST)) {
        lists.entry(name).or_default().push(value);
    }
    let mut json = with_room(fields, 6);
    json.push('{');
    for (name, value) in fields {
        match name.strip_suffix(OF_LIST) {
            None => {
                separate(&mut json);
                push_json(&mut json, name);
                json.push(':');
                push_json(&mut json, value);
            }
            Some(list) => {
                let Some(values) = lists.remove(name) else { continue };
                separate(&mut json);
                push_json(&mut json, list);
                json.push_str(":[");
                for value in values {
                    separate(&mut json);
                    push_json(&mut json, value);
                }
                json.push(']');
            }
        }
    }
    json.push('}');
    json
}

/// Puts a comma after what is not the first of an object or a list.
fn separate(json: &mut String) {
    if !json.ends_with(['{', '[']) {
        json.push(',');
    }
}

fn push_json(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => drop(write!(json, "\\u{:04x}", u32::from(control))),
            other => json.push(other),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::{form, is_ambiguous, json};

    #[test]
    fn a_form_is_what_every_server_reads() {
        let fields = [("grant_type", "urn:ietf:params"), ("a b", "ä&=+%\n"), ("empty", "")];
        let expected = "grant_type=urn%3Aietf%3Aparams&a+b=%C3%A4%26%3D%2B%25%0A&empty=";
        assert_eq!(*form(&fields), expected);
        assert_eq!(*form(&[]), "");
    }

    #[test]
    fn json_is_what_every_server_reads() {
        let fields = [("a\"b", "\\ \n\u{1f} ä"), ("", "")];
        assert_eq!(*json(&fields), r#"{"a\"b":"\\ \u000a\u001f ä","":""}"#);
        assert_eq!(*json(&[]), "{}");
        let fields = [("scope[]", "a"), ("x", "{"), ("y", "["), ("scope[]", "b"), ("z[]", "")];
        assert_eq!(*json(&fields), r#"{"scope":["a","b"],"x":"{","y":"[","z":[""]}"#);
    }

    #[test]
    fn two_values_of_one_name_are_a_list_or_ambiguous() {
        for (names, expected) in [
            (&["a", "b"][..], false),
            (&["a[]", "a[]", "b"], false),
            (&["a", "a"], true),
            (&["a", "a[]"], true),
            (&["[]", ""], true),
        ] {
            let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
            assert_eq!(is_ambiguous(&fields), expected, "{names:?}");
        }
    }

    #[test]
    fn a_body_never_grows() {
        let longest = "\u{1}".repeat(1000);
        let fields = [(longest.as_str(), longest.as_str()), (&longest, ""), ("[]", ""), ("[]", "")];
        assert_eq!(form(&fields).capacity(), super::with_room(&fields, 3).capacity());
        assert_eq!(json(&fields).capacity(), super::with_room(&fields, 6).capacity());
    }
}
