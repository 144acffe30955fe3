//! The tool `pick`: cuts one text out of a JSON document.

use std::sync::Arc;

use orchestration_support::json::Json;

use super::Held;
use crate::bindings::orchestration::auth::secrets::ToolError;

/// Returns the scalar at `pointer`. It is as it was found outside, so a document within a
/// document can be looked into as well.
pub(super) fn pick(document: &Held, pointer: &str) -> Result<Held, ToolError> {
    if document.is_made() {
        return Err(ToolError::Made);
    }
    let json = Json::parse(document.text()).map_err(|_| ToolError::Malformed)?;
    let scalar = json.at(pointer).and_then(Json::scalar);
    let scalar = scalar.filter(|text| !text.trim().is_empty()).ok_or(ToolError::Absent)?;
    Ok(Held::found(Arc::from(scalar.as_str())).of(document.roots()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Held, ToolError, pick};

    fn picked(document: &str, pointer: &str) -> Result<String, ToolError> {
        pick(&Held::found(document.into()), pointer).map(|held| held.text().to_owned())
    }

    #[test]
    fn a_scalar_is_picked() {
        let document = r#"{"tokens": [{"access": "sk-1"}], "expires_in": 3600, "active": true}"#;
        assert_eq!(picked(document, "/tokens/0/access").unwrap(), "sk-1");
        assert_eq!(picked(document, "/expires_in").unwrap(), "3600");
        assert_eq!(picked(document, "/active").unwrap(), "true");
    }

    #[test]
    fn what_is_no_scalar_or_blank_is_absent() {
        let document = r#"{"a": {}, "b": [], "c": null, "d": "", "e": " \n"}"#;
        for pointer in ["", "/a", "/b", "/c", "/d", "/e", "/f", "a", "/~"] {
            assert!(matches!(picked(document, pointer), Err(ToolError::Absent)), "{pointer}");
        }
    }

    #[test]
    fn a_text_that_is_not_json_is_malformed_whatever_the_pointer_is() {
        for text in ["sk-proj-0123", "", "{", "{} 1"] {
            for pointer in ["", "/a", "nonsense"] {
                assert!(matches!(picked(text, pointer), Err(ToolError::Malformed)), "{text}");
            }
        }
    }

    #[test]
    fn a_document_within_a_document_can_be_picked_from() {
        let outer = Held::found(r#"{"inner": "{\"token\": \"sk-1\"}"}"#.into());
        let inner = pick(&outer, "/inner").unwrap();
        assert_eq!(pick(&inner, "/token").unwrap().text(), "sk-1");
    }

    #[test]
    fn a_made_document_is_not_looked_into() {
        for text in ["{\"a\": 1}", "not JSON"] {
            let composed = Held::composed(text.to_owned());
            assert!(matches!(pick(&composed, "/a"), Err(ToolError::Made)));
            let generated = Held::generated(text.to_owned());
            assert!(matches!(pick(&generated, "/a"), Err(ToolError::Made)));
        }
    }
}
