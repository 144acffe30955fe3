//! What the answers of a provider say about a key.

/// What one kind of answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) meaning: Meaning,
}

/// What the body of an answer has to be for a rule to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Anything.
    Any,
    /// A JSON object or array without an error, as an API sends it. A proxy that answers
    /// in the API's place sends a login page; some gateways send their errors with 200.
    Json,
    /// A list of models, in one of the forms in use.
    Models,
    /// JSON that contains this text once its whitespace is removed.
    Contains(&'static str),
}

/// What an answer says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Accepted,
    Rejected,
}

/// The key is accepted if the body is JSON without an error.
pub(crate) const fn accepted(status: u16) -> Rule {
    Rule { status, body: Body::Json, meaning: Meaning::Accepted }
}

/// The key is accepted if the body is a list of models.
pub(crate) const fn listed(status: u16) -> Rule {
    Rule { status, body: Body::Models, meaning: Meaning::Accepted }
}

/// The key is accepted if the body is JSON that contains `text`.
pub(crate) const fn accepted_if(status: u16, text: &'static str) -> Rule {
    Rule { status, body: Body::Contains(text), meaning: Meaning::Accepted }
}

/// The key is rejected.
pub(crate) const fn rejected(status: u16) -> Rule {
    Rule { status, body: Body::Any, meaning: Meaning::Rejected }
}

/// The key is rejected if the body is JSON that contains `text`.
pub(crate) const fn rejected_if(status: u16, text: &'static str) -> Rule {
    Rule { status, body: Body::Contains(text), meaning: Meaning::Rejected }
}

/// The status decides, whatever the body.
pub(crate) const fn status(status: u16, meaning: Meaning) -> Rule {
    Rule { status, body: Body::Any, meaning }
}
