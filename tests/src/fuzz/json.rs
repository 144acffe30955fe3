//! The finder of values in JSON: it finds what a parser that builds values finds.

use orchestration_support::json::{Json, is_pointer};
use serde_json::Value;

/// The most places of a document that are compared.
const MAX_PLACES: usize = 200;

/// The most steps of a pointer that is followed.
const MAX_STEPS: usize = 32;

/// Asserts that a document is JSON if serde_json says so, and has the same value at a
/// pointer and at all of its own places.
///
/// The last line of `data` is the pointer, the text before it the document.
pub fn json(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (document, pointer) = text.rsplit_once('\n').unwrap_or((&text, ""));
    let json = Json::parse(document);
    let value = match serde_json::from_str::<Value>(document) {
        Ok(value) => value,
        Err(_) if is_limited(document) => return,
        Err(reason) => return assert!(json.is_err(), "not JSON: {reason}"),
    };
    let Ok(json) = json else { unreachable!("JSON that is refused: {document:?}") };

    compare(json, &value, pointer);
    let mut places = Vec::new();
    add_places(&value, String::new(), &mut places);
    for place in places {
        assert!(is_pointer(&place), "{place:?}");
        compare(json, &value, &place);
    }
}

/// Returns true if the document is deeper, or a number in it larger, than serde_json reads.
/// Nothing is known of it then: a finder need not have these limits.
pub(super) fn is_limited(document: &str) -> bool {
    let reason = serde_json::from_str::<Value>(document).err().map(|reason| reason.to_string());
    let is_limit = |reason: &str| {
        reason.starts_with("recursion limit") || reason.starts_with("number out of range")
    };
    reason.as_deref().is_some_and(is_limit)
}

/// Asserts that both find the same at `pointer`.
fn compare(json: Json<'_>, value: &Value, pointer: &str) {
    // serde_json takes a tilde that starts no escape for itself.
    let is_followed = is_pointer(pointer) && pointer.matches('/').count() <= MAX_STEPS;
    let expected = value.pointer(pointer).filter(|_| is_followed);
    let found = json.at(pointer);
    assert_eq!(found.is_some(), expected.is_some(), "something at {pointer:?}");
    let Some((found, expected)) = found.zip(expected) else {
        return;
    };
    assert_eq!(found.is_object(), expected.is_object(), "an object at {pointer:?}");
    assert_eq!(found.is_text(), expected.is_string(), "a text at {pointer:?}");
    assert_eq!(found.is_number(), expected.is_number(), "a number at {pointer:?}");
    let scalar = found.scalar();
    let scalar = scalar.as_deref().map(String::as_str);
    match expected {
        Value::Null | Value::Array(_) | Value::Object(_) => assert_eq!(scalar, None),
        Value::String(text) => assert_eq!(scalar, Some(text.as_str())),
        // They are returned as they are written.
        Value::Bool(_) | Value::Number(_) => {
            let written = scalar.and_then(|text| serde_json::from_str(text).ok());
            assert_eq!(written.as_ref(), Some(expected), "{scalar:?}");
        }
    }
}

/// Adds the pointers to `value` and to everything in it, of which `place` is the first.
fn add_places(value: &Value, place: String, places: &mut Vec<String>) {
    if places.len() >= MAX_PLACES {
        return;
    }
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
            add_places(item, format!("{place}/{index}"), places);
        }),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let step = name.replace('~', "~0").replace('/', "~1");
            add_places(member, format!("{place}/{step}"), places);
        }),
        _ => {}
    }
    places.push(place);
}
