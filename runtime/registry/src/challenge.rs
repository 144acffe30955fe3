//! What a registry says about how to log in: the header `WWW-Authenticate` (RFC 9110).

/// How a registry wants its users to show who they are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// With a user and a password.
    Basic,
    /// With a token of another server.
    Bearer(Realm),
}

/// Where a token is from, and for what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Realm {
    /// The URL of the server.
    pub(crate) url: String,
    /// The name of the registry there.
    pub(crate) service: Option<String>,
}

impl Challenge {
    /// Returns the challenge in the values of the header; the best one if there are several.
    pub(crate) fn of<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut best = None;
        for header in headers {
            match Self::parse(header) {
                Some(bearer @ Self::Bearer(_)) => return Some(bearer),
                found => best = best.or(found),
            }
        }
        best
    }

    fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut url, mut service) = (None, None);
        for (name, value) in parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => url = Some(value),
                "service" => service = Some(value),
                // The scope is ours to say: what is asked for is known.
                _ => {}
            }
        }
        Some(Self::Bearer(Realm { url: url?, service }))
    }
}

/// Returns the `name="value"` pairs, in order.
fn parameters(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']);
        let (value, after) = match after.strip_prefix('"') {
            None => {
                let (value, after) = after.split_once(',').unwrap_or((after, ""));
                (value.trim().to_owned(), after)
            }
            Some(quoted) => unquoted(quoted),
        };
        found.push((name, value));
        rest = after;
    }
    found
}

/// Returns a quoted text up to its end, and what follows.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, text.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            plain => value.push(plain),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::{Challenge, Realm};

    fn bearer(url: &str, service: Option<&str>) -> Option<Challenge> {
        let service = service.map(str::to_owned);
        Some(Challenge::Bearer(Realm { url: url.to_owned(), service }))
    }

    #[test]
    fn every_form_of_a_challenge_is_read() {
        let long = r#"Bearer realm="https://a.example/t",service="r, s",scope="repository:a:pull""#;
        for (headers, expected) in [
            (vec![long], bearer("https://a.example/t", Some("r, s"))),
            (vec![r#"bearer service=x, realm="u""#], bearer("u", Some("x"))),
            (vec![r#"Bearer realm="a\"b""#], bearer("a\"b", None)),
            (vec![r#"Basic realm="x""#], Some(Challenge::Basic)),
            (vec!["Basic", r#"Bearer realm="u""#], bearer("u", None)),
            (vec!["BASIC"], Some(Challenge::Basic)),
            (vec!["Bearer"], None),
            (vec!["Negotiate"], None),
            (vec![r#"Bearer realm="never ends"#], bearer("never ends", None)),
            (vec![], None),
        ] {
            assert_eq!(Challenge::of(headers.clone().into_iter()), expected, "{headers:?}");
        }
    }
}
