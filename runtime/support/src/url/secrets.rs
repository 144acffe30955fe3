//! What may be secret in a URL.

use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use crate::Secret;

/// Returns the texts in `url` that may be secret, each as written and decoded: user and
/// password together, the password, or the user if there is none, and the values of the
/// query.
///
/// ```
/// use orchestration_support::url::url_secrets;
///
/// let url = "https://svc:p%40ss@llm.example/v1?key=0123".parse()?;
/// let secrets = url_secrets(&url);
/// let secrets: Vec<&str> = secrets.iter().map(|secret| secret.expose()).collect();
/// assert_eq!(secrets, ["svc:p%40ss", "p%40ss", "p@ss", "0123"]);
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn url_secrets(url: &Url) -> Vec<Secret> {
    let mut secrets = Vec::new();
    match url.password() {
        Some(password) => {
            let both = Zeroizing::new(format!("{}:{password}", url.username()));
            secrets.push(Secret::from(both.as_str()));
            push_decoded(password, &mut secrets);
        }
        None => push_decoded(url.username(), &mut secrets),
    }
    let query = url.query().unwrap_or_default().split('&');
    for pair in query {
        let (_, value) = pair.split_once('=').unwrap_or(("", pair));
        push_decoded(value, &mut secrets);
    }
    secrets
}

/// Adds `text` and what it stands for, unless it is empty.
fn push_decoded(text: &str, secrets: &mut Vec<Secret>) {
    if text.is_empty() {
        return;
    }
    secrets.push(Secret::from(text));
    let decoded: Zeroizing<Vec<u8>> = Zeroizing::new(percent_decode_str(text).collect());
    match str::from_utf8(&decoded) {
        Ok(decoded) if decoded != text => secrets.push(Secret::from(decoded)),
        _ => {}
    }
}
