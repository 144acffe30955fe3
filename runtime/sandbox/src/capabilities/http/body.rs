//! The body of a request.

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

/// Returns the fields as a JSON object.
pub(super) fn json(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let mut json = with_room(fields, 6);
    json.push('{');
    for (number, (name, value)) in fields.iter().enumerate() {
        if number > 0 {
            json.push(',');
        }
        push_json(&mut json, name);
        json.push(':');
        push_json(&mut json, value);
    }
    json.push('}');
    json
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
    use super::{form, json};

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
    }

    #[test]
    fn a_body_never_grows() {
        let longest = "\u{1}".repeat(1000);
        let fields = [(longest.as_str(), longest.as_str()), (&longest, "")];
        assert_eq!(form(&fields).capacity(), super::with_room(&fields, 3).capacity());
        assert_eq!(json(&fields).capacity(), super::with_room(&fields, 6).capacity());
    }
}
