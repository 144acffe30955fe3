//! Finds secrets in texts from outside, which a strategy is given.
//!
//! A server that repeats what it was sent may repeat it as it received it: in the escapes
//! of a URL, in the base64 of a header, in JSON within JSON. And it may cut it short.
//! Unlike a strategy, it does not try to hide a secret, and its texts have much in common
//! with documents that are secrets, such as addresses. So what is searched is not every
//! run of eight bytes, but a large piece.

use std::cmp::Ordering;

use zeroize::Zeroizing;

use super::decoded::Decoded;
use super::{Cleaned, SHORTEST_SECRET};
use crate::json;

/// A secret that is not longer is searched as a whole. It is also the fewest bytes of a
/// piece of a longer one.
const WHOLE: usize = 16;

/// The bytes of a piece that find it in the sorted list.
const PREFIX: usize = 8;

/// Returns true if `text`, which is from outside, contains one of `secrets`, or at least
/// half of one and 31 bytes: as it is, in the escapes of JSON, percent-encoded, or in
/// base64.
///
/// ```
/// use orchestration_support::redact::repeats_secret;
///
/// let secrets = ["sk-12345/67890", "refresh"];
/// assert!(repeats_secret("no such key: sk-12345/67890", secrets));
/// assert!(repeats_secret("see https://llm.example/?key=sk-12345%2f67890", secrets));
/// assert!(repeats_secret("Basic OnNrLTEyMzQ1LzY3ODkw is wrong", secrets));
/// assert!(!repeats_secret("no such key", secrets));
/// ```
pub fn repeats_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> bool {
    // White space around a secret is rarely sent, and line breaks within it not always.
    let secrets = secrets.into_iter().flat_map(|secret| {
        let cleaned = Cleaned::of(secret).as_bytes().to_vec();
        [secret.trim().as_bytes().to_vec(), cleaned]
    });
    let pieces = Pieces::of(secrets);
    let are_in = |text: &str| {
        let decoded = || Decoded::all(text, pieces.least());
        pieces.are_in(text.as_bytes()) || decoded().iter().any(|form| pieces.are_in(&form.bytes))
    };
    let is_escaped = text.contains('\\');
    are_in(text) || are_in(&Cleaned::of(text)) || is_escaped && are_in(&json::unescaped(text))
}

/// Pieces of secrets, sorted. They are wiped when dropped.
struct Pieces {
    short: Vec<Zeroizing<Vec<u8>>>,
    long: Vec<Zeroizing<Vec<u8>>>,
}

impl Pieces {
    /// Cuts `secrets` into pieces of a quarter each: half of a secret, wherever it begins,
    /// contains one of them.
    fn of(secrets: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let secrets = secrets.into_iter().map(Zeroizing::new);
        let secrets = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET);
        let pieces = secrets.flat_map(|secret| {
            let bytes = secret.len().div_ceil(4).max(WHOLE).min(secret.len());
            let pieces = secret.chunks_exact(bytes).map(|piece| Zeroizing::new(piece.to_vec()));
            pieces.collect::<Vec<_>>()
        });
        let (mut long, short): (Vec<_>, Vec<_>) = pieces.partition(|piece| piece.len() >= PREFIX);
        long.sort_unstable_by(|one, other| one.as_slice().cmp(other));
        long.dedup();
        Self { short, long }
    }

    /// Returns the length of the shortest.
    fn least(&self) -> usize {
        self.short.iter().chain(&self.long).map(|piece| piece.len()).min().unwrap_or(WHOLE)
    }

    /// Returns true if one of them is in `text`, which is read once for all long ones.
    fn are_in(&self, text: &[u8]) -> bool {
        let is_in =
            |piece: &Zeroizing<Vec<u8>>| text.windows(piece.len()).any(|run| run == **piece);
        self.short.iter().any(is_in) || (0..text.len()).any(|at| self.begins(text, at))
    }

    /// Returns true if one of the long ones is in `text` at `at`.
    fn begins(&self, text: &[u8], at: usize) -> bool {
        let Some((here, prefix)) =
            text.get(at..).and_then(|here| Some((here, here.get(..PREFIX)?)))
        else {
            return false;
        };
        let order = |piece: &Zeroizing<Vec<u8>>| {
            piece.get(..PREFIX).map_or(Ordering::Less, |start| start.cmp(prefix))
        };
        let first = self.long.partition_point(|piece| order(piece).is_lt());
        let fitting = self.long.iter().skip(first).take_while(|piece| order(piece).is_eq());
        fitting.into_iter().any(|piece| here.starts_with(piece))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::repeats_secret;

    const SECRET: &str = "sk-live/Zq81+LmVtö~7f?Xk20PbWn4rT9cEyA6h";

    fn repeats(text: &str) -> bool {
        repeats_secret(text, ["another-secret-0123", SECRET])
    }

    #[test]
    fn a_secret_in_the_escapes_of_a_url_is_found() {
        assert!(repeats("?key=sk-live%2FZq81%2BLmVt%C3%B6%7E7f%3FXk20PbWn4rT9cEyA6h&x"));
        assert!(repeats("?key=%73k-live%2fZq81%2bLmVt%c3%b6~7f%3fXk20PbWn4rT9cEyA6h&x"));
    }

    #[test]
    fn a_secret_in_the_escapes_of_json_is_found() {
        assert!(repeats(r#"{"key":"sk-live\/Zq81+LmVt\u00f6~7f?Xk20PbWn4rT9cEyA6h"}"#));
    }

    #[test]
    fn a_secret_in_base64_is_found_whatever_surrounds_it() {
        for before in ["", "u", "us", "use", "user:"] {
            for after in ["", ":", "::", " x"] {
                let text = format!("{before}{SECRET}{after}");
                assert!(repeats(&STANDARD.encode(&text)), "{text}");
                assert!(repeats(&format!("Basic {}.x", URL_SAFE_NO_PAD.encode(&text))), "{text}");
            }
        }
        // With the escapes of the place where it is.
        let slashes = STANDARD.encode("ÿÿÿÿÿÿÿÿÿ");
        assert!(slashes.contains('/'));
        assert!(repeats_secret(&slashes.replace('/', "%2F"), ["ÿÿÿÿÿÿÿÿÿ"]));
        assert!(repeats_secret(&slashes.replace('/', "\\/"), ["ÿÿÿÿÿÿÿÿÿ"]));
    }

    #[test]
    fn half_of_a_long_secret_is_found_wherever_it_begins() {
        let secret: String = ('!'..='~').filter(|c| *c != '%' && *c != '\\').collect();
        let half = secret.len().div_ceil(2);
        for start in 0..=secret.len() - half {
            let text = format!("<{}>", secret.get(start..start + half).unwrap_or_default());
            assert!(repeats_secret(&text, [&*secret]), "{text}");
        }
    }

    #[test]
    fn what_texts_have_in_common_by_chance_is_not_found() {
        let document = r#"{"aud": "https://login.corp.example/oauth/token", "key": "0123456789"}"#;
        assert!(!repeats_secret("https://login.corp.example", [document]));
        assert!(!repeats_secret("sk-live/Zq81", [SECRET]));
        assert!(!repeats_secret("pending", ["end", "", " \n"]));
    }

    #[test]
    fn a_short_secret_is_found_as_a_whole() {
        assert!(repeats_secret("it is 4711!", ["4711"]));
        assert!(repeats_secret("it is 4711!", ["4711\n"]));
        assert!(!repeats_secret("it is 471", ["4711"]));
    }

    #[test]
    fn a_secret_of_several_lines_is_found_in_one() {
        assert!(repeats_secret("got BEGIN abc\u{200b}def END", ["BEGIN\nabcdef\nEND\n"]));
        assert!(repeats_secret(r#""BEGIN\nabcdef\nEND\n""#, ["BEGIN\nabcdef\nEND\n"]));
    }
}
