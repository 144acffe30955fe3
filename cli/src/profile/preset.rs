//! Providers that speak OpenAI's protocol, and what their profiles say. Those
//! that are built in need no preset.

use crate::args::Preset;

/// What the profile of a provider says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) base_url: &'static str,
    /// None where the server asks for no key.
    pub(super) api_key_env: Option<&'static str>,
}

/// What is known of the provider.
pub(super) fn known(preset: Preset) -> Known {
    let with_key = |name, base_url, variable| Known { name, base_url, api_key_env: Some(variable) };
    match preset {
        Preset::Azure => with_key(
            "azure",
            // RESOURCE is the name that the user gave; nobody else knows it.
            "https://RESOURCE.openai.azure.com/openai/v1",
            "AZURE_API_KEY",
        ),
        Preset::Deepseek => with_key("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
        Preset::Groq => with_key("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        Preset::LmStudio => {
            Known { name: "lm-studio", base_url: "http://127.0.0.1:1234/v1", api_key_env: None }
        }
        Preset::Mistral => with_key("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        Preset::Ollama => {
            Known { name: "ollama", base_url: "http://localhost:11434/v1", api_key_env: None }
        }
        Preset::Together => with_key("together", "https://api.together.ai/v1", "TOGETHER_API_KEY"),
        Preset::Vllm => with_key("vllm", "http://localhost:8000/v1", "VLLM_API_KEY"),
        Preset::Xai => with_key("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
    }
}
