//! Writes JSON values as TOML, on one line.

use serde_json::{Map, Value};

/// Returns `value` as TOML. TOML has no `null`: a member that is `null` is left out, and
/// an item becomes an empty table, in which there is nothing either.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::Null => "{}".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        // Larger integers than TOML has, which are numbers of another kind there.
        Value::Number(number) if number.is_u64() && !number.is_i64() => format!("{number}.0"),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => table(members),
    }
}

fn table(members: &Map<String, Value>) -> String {
    let members = members.iter().filter(|(_, member)| !member.is_null());
    let members: Vec<String> =
        members.map(|(name, member)| format!("{} = {}", key(name), inline(member))).collect();
    if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// Returns `text` as a basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                quoted += &format!("\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::inline;

    #[test]
    fn a_value_is_read_from_toml_as_it_was() {
        let value = json!({
            "a \"b\"\n": ["\u{7f}\u{1}\\ ä", -1, 1.5, true, { "c": [] }, {}],
            "": { "d-e_f": "" },
        });
        let read: toml::Table = toml::from_str(&format!("x = {}", inline(&value))).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json!({ "x": value }));
    }

    #[test]
    fn what_toml_lacks_is_nothing_or_of_another_kind() {
        let value = json!({ "none": null, "list": [null, 1], "large": u64::MAX });
        assert_eq!(inline(&value), "{ large = 18446744073709551615.0, list = [{}, 1] }");
    }
}
