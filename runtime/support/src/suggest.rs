//! Suggests the name that the user probably meant.

/// The longest name that is compared with others, in bytes. A longer one is not mistyped
/// but something else, and the comparison takes time in proportion to its length.
const MAX_BYTES: usize = 64;

/// Returns the name in `known` that is closest to `mistyped`, if at most a third of its
/// characters differ. Case makes no difference.
///
/// ```
/// use orchestration_support::suggest::suggestion;
///
/// assert_eq!(suggestion("opnai", ["gemini", "openai"]), Some("openai"));
/// assert_eq!(suggestion("OpenAI", ["gemini", "openai"]), Some("openai"));
/// assert_eq!(suggestion("zzz", ["gemini", "openai"]), None);
/// assert_eq!(suggestion(&"openai".repeat(20), ["gemini", "openai"]), None);
/// ```
pub fn suggestion<'a>(mistyped: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if mistyped.len() > MAX_BYTES {
        return None;
    }
    let mistyped = mistyped.to_lowercase();
    let distance = |name: &&str| strsim::damerau_levenshtein(&mistyped, &name.to_lowercase());
    let closest = known.into_iter().min_by_key(distance)?;
    (distance(&closest) <= closest.chars().count().max(3) / 3).then_some(closest)
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn only_a_similar_name_is_suggested() {
        let known = ["provider", "base_url", "api_key_env"];
        assert_eq!(suggestion("bas_url", known), Some("base_url"));
        assert_eq!(suggestion("apikey_env", known), Some("api_key_env"));
        assert_eq!(suggestion("colour", known), None);
    }
}
