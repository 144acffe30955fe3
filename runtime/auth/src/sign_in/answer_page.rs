//! The page that the browser shows at the end of a sign-in.
//!
//! It loads nothing and runs nothing, and its headers keep browsers from storing the
//! address, which has the code in it, or from sending it on.

use orchestration_support::html::escape;

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
            "Return to your terminal",
            format!("<p>The sign-in to <b>{}</b> continues there.</p>", escape(profile)),
        ),
        Shown::Refused { profile, words } => (
            "You are not signed in",
            format!(
                "<p>The sign-in to <b>{}</b> was refused:</p><blockquote>{}</blockquote>",
                escape(profile),
                escape(words)
            ),
        ),
    };
    // Without an icon of its own, a browser asks for one, and complains that it may not.
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"><title>{title}</title>\
         <style>{STYLE}</style><main><h1>{title}</h1>{text}<p>You can close this tab.</p></main>\
         </html>\n"
    );
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: \
         nosniff\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
         connection: close\r\n\r\n{page}",
        page.len()
    )
}

const STYLE: &str = ":root{color-scheme:light dark}\
    body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif;background:#fff;color:#1f2328}\
    main{max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;overflow-wrap:anywhere}\
    h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}p{margin:0 0 .75rem}\
    blockquote{margin:0 0 .75rem;padding:.25rem 0 .25rem 1rem;border-left:.25rem solid #cf222e}\
    @media(prefers-color-scheme:dark){body{background:#16181d;color:#e6e8eb}\
    blockquote{border-color:#f85149}}";

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
