//! Why a text is not a base URL, and what was probably meant.

use super::display::DisplayUrl;

/// Why a text is not a base URL. It never repeats the text, any part of which may be a
/// secret if it cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this base URL {fault}")]
pub struct InvalidUrl {
    /// What is wrong.
    pub fault: UrlFault,
    /// What was probably meant, or what HTTP clients would make of it.
    pub instead: Option<DisplayUrl>,
}

/// What is wrong with a base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It does not begin with `http://` or `https://`.
    #[error("does not begin with http:// or https://")]
    Scheme,
    /// Its host is missing or cannot exist.
    #[error("has no valid host")]
    Host,
    /// Its port cannot exist.
    #[error("has a port that is not a number from 1 to 65535")]
    Port,
    /// It contains a backslash, which HTTP clients read as a slash.
    #[error("contains a backslash, which HTTP clients read as a slash")]
    Backslash,
    /// It contains blanks or control characters, which HTTP clients drop or encode.
    #[error("contains a blank, tab, line break or control character")]
    Blank,
    /// Its host has letters beyond ASCII, which may look like other letters.
    #[error("has a host that is not in ASCII")]
    HostNotAscii,
    /// HTTP clients would send requests to another host or path than is written.
    #[error("is not what HTTP clients read in it")]
    Rewritten,
    /// Its user, password, query or fragment has characters that must be encoded.
    #[error("has a user, password or query with characters that need percent-encoding")]
    Encoding,
    /// It is longer than servers accept.
    #[error("is longer than 4096 bytes")]
    Length,
}

impl UrlFault {
    /// Returns the error without a suggestion.
    pub(super) fn alone(self) -> InvalidUrl {
        InvalidUrl { fault: self, instead: None }
    }

    /// Returns the error with a suggestion.
    pub(super) fn instead(self, instead: Option<DisplayUrl>) -> InvalidUrl {
        InvalidUrl { fault: self, instead }
    }
}
