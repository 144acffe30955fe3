//! Names of variables in providers.toml and on the command line, and why a text can't be
//! one. [`reserved`] lists the names that can't hold a key, and [`key_shape`] recognises
//! a key in the place of a name, before anything displays it.

mod key_shape;
mod reserved;

use orchestration_sandbox::is_variable_name;

pub(crate) use key_shape::is_like_a_key;
pub use reserved::is_reserved_variable;

/// Returns true if a text is what people call the variable of a key: words in upper case,
/// joined by `_`.
pub(crate) fn is_like_a_name(text: &str) -> bool {
    let is_upper = !text.contains(|c: char| c.is_ascii_lowercase());
    is_upper && text.contains('_') && is_variable_name(text) && !is_like_a_key(text)
}

/// Why a text cannot name a variable. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VariableFault {
    /// It looks like a key.
    #[error("this looks like a key, not the name of an environment variable")]
    Key,
    /// It does not have the form of a name.
    #[error("this is not the name of an environment variable")]
    Form,
    /// Programs act on this variable.
    #[error("this variable controls how programs run, so it can't hold a key")]
    Reserved,
}

impl VariableFault {
    /// Returns why `text` cannot name the variable that holds a key; `None` if it can.
    ///
    /// ```
    /// use orchestration_auth::VariableFault;
    ///
    /// assert_eq!(VariableFault::of_key_variable("CORP_TOKEN"), None);
    /// assert_eq!(VariableFault::of_key_variable("LD_PRELOAD"), Some(VariableFault::Reserved));
    /// ```
    pub fn of_key_variable(text: &str) -> Option<Self> {
        Self::of_granted_variable(text).or(is_reserved_variable(text).then_some(Self::Reserved))
    }

    /// Returns why `text` cannot name a variable that a strategy may read; `None` if it
    /// can. Reading `HOME` or `PATH` does no harm.
    pub fn of_granted_variable(text: &str) -> Option<Self> {
        if is_like_a_key(text) {
            return Some(Self::Key);
        }
        (!is_variable_name(text)).then_some(Self::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::VariableFault;

    #[test]
    fn names_that_people_give_to_variables_are_no_keys() {
        for name in [
            "OPENAI_API_KEY",
            "AZURE_OPENAI_API_KEY_2",
            "hf_inference_api_token",
            "npm_package_token",
            "sk_production",
            "ASIA_PACIFIC_KEY_2",
            "LLM_KEY_EU_WEST_1_GPT_4_TEAM_3",
            "GPT4_2026_10_PROD_US_EAST_1",
            "MyCorpOpenAiKey",
            "ANTHROPIC_API_KEY_20261201",
        ] {
            assert_eq!(VariableFault::of_key_variable(name), None, "{name}");
        }
    }

    #[test]
    fn keys_of_the_form_of_a_name_are_recognised() {
        for key in [
            "gsk_Zx8vQ2mN4tR7wY1bK5dF9hJ3lP6sA0cE",
            "AIzaSyD4hNw82QpXvT6cJrEk19sUgM",
            "AIzaSyC_xNw82QpXvT6cJrEk_9sUgM",
            "hf_abcdefGHIJKLmnopqrSTUVwxyzABCDEFgh",
            "sk_live_51HqZx8vQ2mN4tR7wY1b",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "AKIAIOSFODNN7EXAMPLE",
            "d41d8cd98f00b204e9800998ecf8427e",
            "D41D8CD98F00B204E9800998ECF8427E",
            "tok_9bYf72HsWqZ0nLx4PdVj3GmC",
            "q2w8e4r6t1y9u3i5o7p0a2s4d6f8g1h3",
        ] {
            assert_eq!(VariableFault::of_key_variable(key), Some(VariableFault::Key), "{key}");
        }
    }
}
