//! How providers are asked, and what their answers mean.
//!
//! Collected from public detectors, documentation and reports of users, and not
//! tried against the live services. So a row lists what is known, and nothing
//! is taken for the opposite of something: a status that is not listed means
//! nothing at all.

use super::answer::{Rule, bad, bad_if, good, good_if};

/// One kind of provider.
pub(super) struct Row {
    /// Its name, as `provider` in providers.toml has it.
    pub(super) provider: &'static str,
    pub(super) place: Place,
    /// The path of its documented base URL.
    pub(super) api: &'static str,
    /// What is asked for, below the base URL.
    pub(super) path: &'static str,
    pub(super) key: KeyHeader<'static>,
    /// What every request has to carry besides.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Whether it may be set up to take any key, and none.
    pub(super) may_be_open: bool,
    pub(super) rules: &'static [Rule],
}

/// Where it is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At this host.
    Host(&'static str),
    /// At hosts below this domain, one for each customer.
    Below(&'static str),
    /// On this machine, at this port.
    Port(u16),
    /// Anywhere.
    Anywhere,
}

/// The header that carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyHeader<'a> {
    /// `Authorization: Bearer …`
    Bearer,
    /// The key alone, in the header of this name.
    Named(&'a str),
}

/// What most rows have in common.
const COMMON: Row = Row {
    provider: "",
    place: Place::Anywhere,
    api: "/v1",
    path: "/models",
    key: KeyHeader::Bearer,
    headers: &[],
    may_be_open: false,
    rules: &[good(200), bad(401)],
};

/// A server that speaks the protocol of OpenAI and of which nothing else is
/// known. Its list of models may be open to everybody, so that it was shown
/// proves something only where it is not shown to somebody without a key; and why
/// it was not shown may have other reasons than the key.
pub(super) const COMPATIBLE: Row = Row { may_be_open: true, rules: &[good(200)], ..COMMON };

pub(super) const TABLE: [Row; 13] = [
    Row {
        provider: "openai",
        place: Place::Host("api.openai.com"),
        // A restricted key may be denied the list of models.
        path: "/me",
        rules: &[
            good(200),
            // So it may be this, with a status that else is that of a bad key.
            good_if(401, "Missing scopes"),
            good_if(401, "\"missing_scope\""),
            // Another 401 may be about the organisation or the address.
            bad_if(401, "\"invalid_api_key\""),
        ],
        ..COMMON
    },
    Row {
        provider: "openrouter",
        place: Place::Host("openrouter.ai"),
        api: "/api/v1",
        // The list of models is shown to everybody.
        path: "/key",
        ..COMMON
    },
    Row {
        provider: "gemini",
        place: Place::Host("generativelanguage.googleapis.com"),
        api: "/v1beta/openai",
        // The same list below /openai/ answers in another form.
        path: "/../models",
        key: KeyHeader::Named("x-goog-api-key"),
        rules: &[
            good(200),
            // Requests that are wrong in another way, or come from a country
            // that is not served, are a 400 as well.
            bad_if(400, "\"API_KEY_INVALID\""),
            bad_if(403, "reported as leaked"),
            // It is known, and may not do this.
            good_if(403, "\"PERMISSION_DENIED\""),
        ],
        ..COMMON
    },
    Row {
        provider: "anthropic",
        place: Place::Host("api.anthropic.com"),
        api: "",
        path: "/v1/models",
        key: KeyHeader::Named("x-api-key"),
        headers: &[("anthropic-version", "2023-06-01")],
        ..COMMON
    },
    Row { provider: "groq", place: Place::Host("api.groq.com"), api: "/openai/v1", ..COMMON },
    Row { provider: "mistral", place: Place::Host("api.mistral.ai"), ..COMMON },
    Row {
        provider: "deepseek",
        place: Place::Host("api.deepseek.com"),
        api: "",
        path: "/user/balance",
        ..COMMON
    },
    Row {
        provider: "together",
        place: Place::Host("api.together.ai"),
        // How it refuses a key is not confirmed.
        rules: &[good(200)],
        ..COMMON
    },
    Row {
        provider: "xai",
        place: Place::Host("api.x.ai"),
        path: "/api-key",
        rules: &[
            // It also tells of keys that it does not take any more.
            bad_if(200, "\"api_key_blocked\":true"),
            bad_if(200, "\"api_key_disabled\":true"),
            bad_if(200, "\"team_blocked\":true"),
            good(200),
            bad(400),
            bad(401),
        ],
        ..COMMON
    },
    Row {
        provider: "azure",
        place: Place::Below("openai.azure.com"),
        api: "/openai/v1",
        key: KeyHeader::Named("api-key"),
        ..COMMON
    },
    // It takes any key, unless something that asks for one stands before it.
    Row { provider: "ollama", place: Place::Port(11434), ..COMPATIBLE },
    Row { provider: "lmstudio", place: Place::Port(1234), ..COMPATIBLE },
    Row { provider: "vllm", place: Place::Port(8000), may_be_open: true, ..COMMON },
];
