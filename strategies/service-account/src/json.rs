//! A JSON object of texts and secrets.

use oauth::bindings::orchestration::auth::types::Part;

/// A JSON object, as parts that the host joins.
pub struct Object(Vec<Part>);

impl Object {
    /// Returns an object with one member.
    pub fn with(name: &str, value: &Part) -> Self {
        Self(vec![Part::Text("{".to_owned())]).member(name, value)
    }

    /// Adds a member.
    ///
    /// What a secret has is put in as it is. One with a quote in it can change the rest of
    /// the object, which says nothing that its file could not say.
    pub fn and(mut self, name: &str, value: &Part) -> Self {
        self.0.push(Part::Text(",".to_owned()));
        self.member(name, value)
    }

    /// Adds a member, if there is a value.
    pub fn and_maybe(self, name: &str, value: Option<&Part>) -> Self {
        match value {
            None => self,
            Some(value) => self.and(name, value),
        }
    }

    /// Adds a number.
    pub fn and_number(mut self, name: &str, number: u64) -> Self {
        self.0.push(Part::Text(format!(",\"{name}\":{number}")));
        self
    }

    fn member(mut self, name: &str, value: &Part) -> Self {
        match value {
            Part::Text(text) => {
                self.0.push(Part::Text(format!("\"{name}\":\"{}\"", escaped(text))));
            }
            Part::Secret(_) => self.0.extend([
                Part::Text(format!("\"{name}\":\"")),
                value.clone(),
                Part::Text("\"".to_owned()),
            ]),
        }
        self
    }

    /// Returns the parts of the whole object.
    pub fn parts(mut self) -> Vec<Part> {
        self.0.push(Part::Text("}".to_owned()));
        self.0
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            control if control < ' ' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
