//! What the answers of a provider say about a key.

/// What an answer with this status and body says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) means: Means,
}

/// What the body of an answer must be for a rule to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Anything.
    Any,
    /// JSON, an object or an array: what an API returns, and not the login page that
    /// a proxy may return in its place.
    Json,
    /// JSON that contains this, written without blanks.
    Says(&'static str),
}

/// What an answer says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    Valid,
    Invalid,
}

/// The key is good.
pub(crate) const fn good(status: u16) -> Rule {
    Rule { status, body: Body::Json, means: Means::Valid }
}

/// The key is good if the body says so.
pub(crate) const fn good_if(status: u16, says: &'static str) -> Rule {
    Rule { status, body: Body::Says(says), means: Means::Valid }
}

/// The key is bad.
pub(crate) const fn bad(status: u16) -> Rule {
    Rule { status, body: Body::Any, means: Means::Invalid }
}

/// The key is bad if the body says so.
pub(crate) const fn bad_if(status: u16, says: &'static str) -> Rule {
    Rule { status, body: Body::Says(says), means: Means::Invalid }
}

/// The status decides, whatever the body.
pub(crate) const fn status(status: u16, means: Means) -> Rule {
    Rule { status, body: Body::Any, means }
}
