//! The secrets of one call, by name.

use std::sync::Arc;

use orchestration_support::Secret;
use zeroize::Zeroize;

/// The most secrets that a call makes, the most bytes of a name, and the most bytes of
/// text in all, as `wit/` states them. They are no limits that anyone can raise: a credential is
/// a handful of texts.
const MAX_SECRETS: usize = 64;
const MAX_NAME: usize = 128;
const MAX_BYTES: usize = 1 << 20;

/// The name of the key that the caller passed.
const EXPLICIT: &str = "explicit";

/// The contract, broken by a strategy in a call of the host. The call is stopped with it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("broke the contract: {0}")]
pub(crate) struct Broken(pub(crate) &'static str);

/// The text of a secret, shared without copying. Whoever drops it last wipes it.
#[derive(Clone)]
pub(crate) struct Held {
    text: Option<Arc<str>>,
    /// The strategy put it together, so it may contain what the strategy wants to know.
    is_made: bool,
}

impl Held {
    /// Returns a secret from outside, as it was found.
    pub(crate) fn found(text: Arc<str>) -> Self {
        Self { text: Some(text), is_made: false }
    }

    /// Returns a secret that a tool made of other secrets and texts.
    pub(crate) fn made(mut text: String) -> Self {
        let shared = Arc::from(text.as_str());
        text.zeroize();
        Self { text: Some(shared), is_made: true }
    }

    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Returns the text for wasmtime, which drops it when it has copied it into the guest.
    pub(crate) fn shared(&self) -> Arc<str> {
        self.text.clone().unwrap_or_default()
    }

    /// Returns true if the strategy put it together.
    pub(crate) fn is_made(&self) -> bool {
        self.is_made
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(mut text) = self.text.take()
            && let Some(text) = Arc::get_mut(&mut text)
        {
            text.zeroize();
        }
    }
}

/// The secrets of one call, by name.
#[derive(Default)]
pub(crate) struct Table {
    /// In the order in which they were made: there are few, and a search is quicker than a
    /// map. One that was replaced stays, to be redacted: the strategy may have read it.
    made: Vec<(String, Held)>,
    bytes: usize,
}

impl Table {
    /// Returns the secret of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Held> {
        self.made.iter().rev().find(|(known, _)| known == name).map(|(_, held)| held)
    }

    /// Adds the key that the caller passed explicitly, before any other secret. It has no
    /// limit, because it is not the strategy's.
    pub(crate) fn put_explicit(&mut self, key: &Secret) {
        self.made.push((EXPLICIT.to_owned(), Held::found(Arc::from(key.expose()))));
    }

    /// Adds a secret, in place of the one of that name.
    ///
    /// # Errors
    ///
    /// Fails with [`Broken`] if the table would become larger than the contract allows.
    pub(crate) fn put(&mut self, name: &str, held: Held) -> Result<(), Broken> {
        if name.len() > MAX_NAME {
            return Err(Broken("the name of a secret has more than 128 bytes"));
        }
        if self.made.len() == MAX_SECRETS {
            return Err(Broken("it made more than 64 secrets"));
        }
        self.bytes += held.text().len();
        if self.bytes > MAX_BYTES {
            return Err(Broken("its secrets have more than 1 MiB of text"));
        }
        self.made.push((name.to_owned(), held));
        Ok(())
    }

    /// Returns the text of every secret.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.made.iter().map(|(_, held)| held.text())
    }
}
