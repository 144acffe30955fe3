//! Properties that are true for every input.
//!
//! Some parts of the product take bytes from strangers: the parser of providers.toml, the
//! loader of components, the readers of sessions and of servers' answers, the tools for
//! JSON, tokens and private keys, and the redactor of texts. Each has a property here, a
//! function that takes bytes and asserts. The fuzz targets in `tests/fuzz/` search for
//! bytes that violate one. The tests below try the committed corpus and a fixed sequence of
//! mutations of it, so that every test run checks what a search once found, without a
//! fuzzing toolchain.
//!
//! The properties use the public API of the layers, as an embedder would.

mod answer;
mod json;
mod loader;
mod providers_toml;
mod session;
#[cfg(test)]
mod tests;
mod text;
mod tools;

pub use answer::answer;
pub use json::json;
pub use loader::loader;
pub use providers_toml::providers_toml;
pub use session::session;
pub use text::text;
pub use tools::{key, token};

/// A key that a user entrusts to the product.
const SECRET: &str = "sk-FUZZSECRET-123456";

/// Asserts that `text` is safe to display on a terminal.
fn assert_plain(text: &str) {
    let harmful = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!text.contains(harmful), "control characters in {text:?}");
}

/// Asserts that `text` is safe to display on a terminal and contains no secret.
fn assert_harmless(text: &str, secrets: &[&str]) {
    assert_plain(text);
    for secret in secrets {
        assert!(!text.contains(secret), "a secret in {text:?}");
    }
}
