//! What HTTP headers can be, and which of them the HTTP client sets itself.

/// Returns true for a header that the HTTP client sets itself, for each connection. One
/// that someone else sets could lead a request with its key to another host behind the
/// same server, or hide a second request in the first.
///
/// ```
/// use orchestration_support::header::is_connection_header;
///
/// assert!(is_connection_header("Host") && is_connection_header("proxy-connection"));
/// assert!(!is_connection_header("Authorization"));
/// ```
pub fn is_connection_header(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || name.starts_with("proxy-")
}

/// Returns true if `text` can be the name of a header, a scheme in `Authorization` or the
/// like: a token of RFC 9110.
///
/// ```
/// use orchestration_support::header::is_token;
///
/// assert!(is_token("X-Team") && is_token("Bearer"));
/// assert!(!is_token("") && !is_token("X Team") && !is_token("X-Team:"));
/// ```
pub fn is_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// Returns true if `text` can be the value of a header that every server reads in the same
/// way: visible characters of ASCII, and blanks between them.
///
/// ```
/// use orchestration_support::header::is_value;
///
/// assert!(is_value("Bearer sk-1234"));
/// assert!(!is_value("a\r\nHost: evil.example") && !is_value(" a") && !is_value("ä"));
/// ```
pub fn is_value(text: &str) -> bool {
    let is_part = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    text.bytes().all(is_part) && text.trim() == text
}
