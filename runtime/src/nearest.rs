//! The name that somebody most likely meant.

/// The one of `known` that is nearest to `mistyped`, if any is near enough to
/// be worth a suggestion: at most a third of it has to be changed.
pub(crate) fn nearest<'a>(
    mistyped: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(mistyped, name);
    let near = known.into_iter().min_by_key(distance)?;
    (distance(&near) <= near.chars().count().max(3) / 3).then_some(near)
}

/// E.g. `did you mean 'openai'? `, to stand before what there is instead; nothing
/// where no name is near enough.
pub fn did_you_mean(mistyped: &str, available: &[String]) -> String {
    let near = nearest(mistyped, available.iter().map(String::as_str));
    near.map(|near| format!("did you mean '{near}'? ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_mistyped_name_finds_its_neighbour_and_a_strange_one_does_not() {
        let known = ["provider", "base_url", "api_key_env"];
        assert_eq!(nearest("bas_url", known), Some("base_url"));
        assert_eq!(nearest("apikey_env", known), Some("api_key_env"));
        assert_eq!(nearest("colour", known), None);
    }
}
