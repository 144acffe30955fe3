//! Suggests the name that a mistyped one was probably meant to be.

/// Returns the closest of `known`, if it is close enough to be worth suggesting:
/// at most a third of its characters differ.
///
/// ```
/// use orchestration_support::suggest::suggestion;
///
/// assert_eq!(suggestion("opnai", ["gemini", "openai"]), Some("openai"));
/// assert_eq!(suggestion("zzz", ["gemini", "openai"]), None);
/// ```
pub fn suggestion<'a>(mistyped: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(mistyped, name);
    let near = known.into_iter().min_by_key(distance)?;
    (distance(&near) <= near.chars().count().max(3) / 3).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn a_mistyped_name_gets_a_suggestion_and_an_unrelated_one_does_not() {
        let known = ["provider", "base_url", "api_key_env"];
        assert_eq!(suggestion("bas_url", known), Some("base_url"));
        assert_eq!(suggestion("apikey_env", known), Some("api_key_env"));
        assert_eq!(suggestion("colour", known), None);
    }
}
