//! What a user pastes whose browser can't come back to this machine.
//!
//! The browser of another machine ends on an address that it can't open, with the answer in
//! it. The state in it is checked as if the browser had come here. A code without its
//! address has no state; that is what the code verifier is for: a code of another sign-in
//! can't be exchanged with it (RFC 9700, 2.1).

use orchestration_support::Secret;

use super::answer::{Answer, NoAnswer};

/// Returns the answer in what was pasted: the address that the browser ended on, or the code
/// in it.
pub(super) fn answer_in(pasted: &Secret, state: &Secret) -> Result<Answer, NoAnswer> {
    let text = pasted.expose().trim();
    let is_code =
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "?&".contains(c));
    let is_address = text.contains("://") || text.contains("state=");
    if is_code && !is_address {
        return Ok(Answer::Code(Secret::from(text)));
    }
    let (_, query) = text.split_once('?').ok_or(NoAnswer::Incomplete)?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    Answer::in_query(query, state)
}

#[cfg(test)]
mod tests {
    use super::{Answer, NoAnswer, Secret, answer_in};

    #[test]
    fn an_address_or_a_code_is_taken() {
        let state = Secret::from("right");
        let code = |text: &str| match answer_in(&Secret::from(text), &state) {
            Ok(Answer::Code(code)) => Ok(code.expose().to_owned()),
            Ok(Answer::Refused(words)) => Ok(format!("refused: {words}")),
            Err(why) => Err(why),
        };
        for text in [
            "http://127.0.0.1:1/callback?code=a%2Fb&state=right",
            " http://127.0.0.1:1/callback?code=a%2Fb&state=right#_=_\r",
            "127.0.0.1:1/callback?state=right&code=a%2Fb&iss=x",
            "a/b",
            "\ta/b ",
        ] {
            assert_eq!(code(text).as_deref(), Ok("a/b"), "{text}");
        }
        let refused = code("http://127.0.0.1:1/callback?error=access_denied&state=right");
        assert_eq!(refused.as_deref(), Ok("refused: access_denied"));
        for text in ["", " ", "a b", "http://127.0.0.1:1/callback", "code=a&state=right"] {
            assert_eq!(code(text), Err(NoAnswer::Incomplete), "{text}");
        }
        for text in [
            "http://127.0.0.1:1/callback?code=a&state=wrong",
            "http://127.0.0.1:1/callback?code=a",
            "https://login.corp.example/authorize?client_id=cli",
        ] {
            assert_eq!(code(text), Err(NoAnswer::OtherState), "{text}");
        }
    }
}
