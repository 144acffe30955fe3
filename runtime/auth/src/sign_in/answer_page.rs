//! The page that the browser shows at the end of a sign-in.
//!
//! It loads nothing and runs nothing, and its headers keep browsers from storing the
//! address, which has the code in it, or from sending it on.

/// The answer to what is not the end of a sign-in.
pub(super) const NOT_FOUND: &[u8] =
    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What the page says.
pub(super) enum Shown<'a> {
    SignedIn { profile: &'a str },
    Refused { profile: &'a str, words: &'a str },
}

/// Returns the whole answer.
pub(super) fn response(shown: &Shown<'_>) -> String {
    let (title, text) = match shown {
        Shown::SignedIn { profile } => (
            "Back to the terminal",
            format!(
                "The sign-in to <b>{}</b> goes on there. You can close this tab.",
                escaped(profile)
            ),
        ),
        Shown::Refused { profile, words } => (
            "Not signed in",
            format!(
                "The sign-in to <b>{}</b> was refused: {}. You can close this tab.",
                escaped(profile),
                escaped(words)
            ),
        ),
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style>\
         <main><h1>{title}</h1><p>{text}</p></main></html>\n"
    );
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: \
         nosniff\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'; \
         frame-ancestors 'none'\r\nconnection: close\r\n\r\n{page}",
        page.len()
    )
}

const STYLE: &str = ":root{color-scheme:light dark}\
    body{font:1.1rem/1.5 system-ui,sans-serif;margin:0}\
    main{max-width:32rem;margin:20vh auto 0;padding:0 1.5rem}";

/// Returns a text that is only a text in HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Shown, response};

    #[test]
    fn words_of_a_server_are_text() {
        let words = "<script>alert('x')</script> \"&\"";
        let page = response(&Shown::Refused { profile: "corp", words });
        let shown = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;&amp;&quot;";
        assert!(page.contains(shown) && !page.contains("<script"), "{page}");
    }
}
