//! What must hold of every input, whatever it is.
//!
//! Three doors of the product take bytes from strangers: the reader of
//! providers.toml, the loader of components, and the scrubber of texts. Each
//! has a property here, a plain function that takes bytes and asserts. The fuzz
//! targets in `tests/fuzz/` search for bytes that break one; the tests below
//! try the committed corpus and a fixed sequence of mutations of it, so that
//! what a search once found is looked at in every test run, with no toolchain
//! beside the usual one.
//!
//! They use the public API of the layers, as an embedder would.

mod loader;
mod providers_toml;
#[cfg(test)]
mod tests;
mod text;

pub use loader::loader;
pub use providers_toml::providers_toml;
pub use text::text;

/// Stands for a key that somebody trusts the product with.
const SECRET: &str = "sk-FUZZSECRET-123456";

/// Asserts that `text` can be put on a terminal without harm.
fn assert_plain(text: &str) {
    let harmful = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!text.contains(harmful), "control characters in {text:?}");
}

/// Asserts that `text` can be put on a terminal and gives no secret away.
fn assert_harmless(text: &str, secrets: &[&str]) {
    assert_plain(text);
    for secret in secrets {
        assert!(!text.contains(secret), "a secret in {text:?}");
    }
}
