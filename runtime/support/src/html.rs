//! Texts in HTML.

/// Returns a text that is only a text in HTML, between elements and in attributes in quotes.
///
/// ```
/// use orchestration_support::html::escape;
///
/// assert_eq!(escape("<b class='x'>\"&\""), "&lt;b class=&#39;x&#39;&gt;&quot;&amp;&quot;");
/// ```
pub fn escape(text: &str) -> String {
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
