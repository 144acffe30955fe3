//! Text for the formats that have one field for message and hint.

/// A message, and the hint on the next line.
pub(super) fn lines(message: Option<&str>, hint: Option<&str>) -> String {
    [message, hint].into_iter().flatten().collect::<Vec<_>>().join("\n")
}
