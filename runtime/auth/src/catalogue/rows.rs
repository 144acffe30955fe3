//! The table: how providers are reached, and what their answers mean.
//!
//! Collected from public detectors, documentation and reports of users, and not tried
//! against the live services. So a row lists what is known, and nothing is taken for
//! the opposite of something: a status that is not listed means nothing at all.

use super::provider::{KeyHeader, KnownProvider};
use super::rules::{accepted, accepted_if, listed, rejected, rejected_if};

impl KnownProvider {
    /// Returns the provider of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// Returns the provider whose keys begin like this one.
    pub(crate) fn of_key(key: &str) -> Option<&'static Self> {
        let begins = |known: &&Self| known.key_prefixes.iter().any(|start| key.starts_with(start));
        PROVIDERS.iter().find(begins)
    }

    /// Returns the provider with the preset of this name.
    pub fn of_preset(preset: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.preset == Some(preset))
    }
}

/// The values that most rows share.
const COMMON: KnownProvider = KnownProvider {
    name: "",
    aliases: &[],
    base_url: "",
    domain: None,
    variables: &[],
    base_url_variables: &["OPENAI_BASE_URL"],
    key_variable: "OPENAI_API_KEY",
    key_prefixes: &[],
    key_page: None,
    speaks_openai: true,
    profile: None,
    preset: None,
    profile_headers: &[],
    probe: "/models",
    key: KeyHeader::Bearer,
    headers: &[],
    may_be_open: false,
    rules: &[listed(200), rejected(401)],
};

/// A server that speaks the protocol of OpenAI and of which nothing else is known. Its
/// list of models may be public, so getting it proves something only if it is refused
/// without a key; and a refusal may have other reasons than the key.
pub(crate) const COMPATIBLE: KnownProvider =
    KnownProvider { may_be_open: true, rules: &[listed(200)], ..COMMON };

/// Every known provider.
pub static PROVIDERS: [KnownProvider; 13] = [
    KnownProvider {
        name: "openai",
        base_url: "https://api.openai.com/v1",
        // Some customers have a host of their own region below it.
        domain: Some("openai.com"),
        variables: &["OPENAI_API_KEY"],
        key_prefixes: &["sk-proj-", "sk-svcacct-", "sk-admin-"],
        key_page: Some("https://platform.openai.com/api-keys"),
        profile: Some("openai"),
        // A restricted key may be denied the list of models.
        probe: "/me",
        rules: &[
            accepted(200),
            // That answer has the status that a bad key otherwise gets.
            accepted_if(401, "Missing scopes"),
            accepted_if(401, "\"missing_scope\""),
            // Other 401s are due to the organisation or the IP address.
            rejected_if(401, "\"invalid_api_key\""),
        ],
        ..COMMON
    },
    KnownProvider {
        name: "openrouter",
        base_url: "https://openrouter.ai/api/v1",
        variables: &["OPENROUTER_API_KEY"],
        key_prefixes: &["sk-or-"],
        key_page: Some("https://openrouter.ai/settings/keys"),
        profile: Some("openrouter"),
        // OpenRouter names the program by these in its usage pages, and wants a URL;
        // `.example` belongs to no one (RFC 2606).
        profile_headers: &[
            ("HTTP-Referer", "https://orchestration.example"),
            ("X-Title", "orchestration"),
        ],
        // The list of models is public.
        probe: "/key",
        rules: &[accepted(200), rejected(401)],
        ..COMMON
    },
    KnownProvider {
        name: "gemini",
        aliases: &["google"],
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai/",
        variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
        key_prefixes: &["AIza"],
        base_url_variables: &["GOOGLE_GEMINI_BASE_URL"],
        key_variable: "GEMINI_API_KEY",
        key_page: Some("https://aistudio.google.com/apikey"),
        profile: Some("gemini"),
        // The list below /openai/ has a different format.
        probe: "/../models",
        key: KeyHeader::Named("x-goog-api-key"),
        rules: &[
            listed(200),
            // Requests with other mistakes, or from a country that is not served,
            // get a 400 as well.
            rejected_if(400, "\"API_KEY_INVALID\""),
            rejected_if(403, "reported as leaked"),
            // The key exists but lacks this permission.
            accepted_if(403, "\"PERMISSION_DENIED\""),
        ],
        ..COMMON
    },
    KnownProvider {
        name: "anthropic",
        aliases: &["claude"],
        base_url: "https://api.anthropic.com",
        variables: &["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
        key_prefixes: &["sk-ant-"],
        base_url_variables: &["ANTHROPIC_BASE_URL"],
        // With ANTHROPIC_API_KEY, Claude Code asks whether to use it.
        key_variable: "ANTHROPIC_AUTH_TOKEN",
        key_page: Some("https://platform.claude.com/settings/keys"),
        speaks_openai: false,
        preset: Some("anthropic"),
        probe: "/v1/models",
        key: KeyHeader::Named("x-api-key"),
        headers: &[("anthropic-version", "2023-06-01")],
        ..COMMON
    },
    KnownProvider {
        name: "groq",
        base_url: "https://api.groq.com/openai/v1",
        variables: &["GROQ_API_KEY"],
        key_prefixes: &["gsk_"],
        preset: Some("groq"),
        ..COMMON
    },
    KnownProvider {
        name: "mistral",
        base_url: "https://api.mistral.ai/v1",
        variables: &["MISTRAL_API_KEY"],
        preset: Some("mistral"),
        ..COMMON
    },
    KnownProvider {
        name: "deepseek",
        base_url: "https://api.deepseek.com",
        variables: &["DEEPSEEK_API_KEY"],
        preset: Some("deepseek"),
        probe: "/user/balance",
        rules: &[accepted(200), rejected(401)],
        ..COMMON
    },
    KnownProvider {
        name: "together",
        base_url: "https://api.together.ai/v1",
        variables: &["TOGETHER_API_KEY"],
        key_prefixes: &["tgp_v1_"],
        preset: Some("together"),
        // How it rejects a key is not confirmed.
        rules: &[listed(200)],
        ..COMMON
    },
    KnownProvider {
        name: "xai",
        aliases: &["grok", "x-ai"],
        base_url: "https://api.x.ai/v1",
        variables: &["XAI_API_KEY"],
        key_prefixes: &["xai-"],
        preset: Some("xai"),
        probe: "/api-key",
        rules: &[
            // It also answers for keys that it no longer accepts.
            rejected_if(200, "\"api_key_blocked\":true"),
            rejected_if(200, "\"api_key_disabled\":true"),
            rejected_if(200, "\"team_blocked\":true"),
            accepted(200),
            rejected(400),
            rejected(401),
        ],
        ..COMMON
    },
    KnownProvider {
        name: "azure",
        aliases: &["azure-openai"],
        // RESOURCE is the name that the user chose in Azure.
        base_url: "https://RESOURCE.openai.azure.com/openai/v1",
        // OpenAI's own client prefers a token to a key.
        variables: &["AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"],
        base_url_variables: &["AZURE_OPENAI_ENDPOINT"],
        key_variable: "AZURE_OPENAI_API_KEY",
        preset: Some("azure"),
        key: KeyHeader::Named("api-key"),
        ..COMMON
    },
    // It accepts any key, unless a proxy in front of it requires one.
    KnownProvider {
        name: "ollama",
        aliases: &["local"],
        base_url: "http://localhost:11434/v1",
        profile: Some("local"),
        preset: Some("ollama"),
        ..COMPATIBLE
    },
    KnownProvider {
        name: "lmstudio",
        aliases: &["lm-studio"],
        base_url: "http://localhost:1234/v1",
        variables: &["LM_API_TOKEN"],
        preset: Some("lm-studio"),
        ..COMPATIBLE
    },
    KnownProvider {
        name: "vllm",
        base_url: "http://localhost:8000/v1",
        variables: &["VLLM_API_KEY"],
        preset: Some("vllm"),
        may_be_open: true,
        ..COMMON
    },
];
