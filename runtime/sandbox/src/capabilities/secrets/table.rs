//! The secrets of one call, by name.

use std::sync::Arc;

use orchestration_support::Secret;
use zeroize::{Zeroize, Zeroizing};

use super::roots::{Named, Roots};
use crate::given::Given;

/// The most secrets that a call makes, the most bytes of a name, and the most bytes of
/// text in all, as `wit/` states them. They are no limits that anyone can raise: a
/// credential is a handful of texts.
const MAX_SECRETS: usize = 64;
const MAX_NAME: usize = 128;
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The fewest bytes of a text that is more than chance in another one.
const SHORTEST: usize = 4;

/// The name of the key that the caller passed.
const EXPLICIT: &str = "explicit";

/// The contract, broken by a strategy in a call of the host. The call is stopped with it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("broke the contract: {0}")]
pub(crate) struct Broken(pub(crate) &'static str);

/// The failure of a strategy that makes too much text, or would.
pub(super) const TOO_MUCH_TEXT: Broken = Broken("its secrets have more than 1 MiB of text");

/// The text of a secret, shared without copying. The last owner wipes it.
#[derive(Clone)]
pub(crate) struct Held {
    text: Option<Arc<str>>,
    origin: Origin,
    roots: Roots,
}

/// How a secret came to be, which decides what the tools do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is as it was found outside, or a part of that.
    Found,
    /// A tool made it of bytes that the strategy can neither know nor choose.
    Generated,
    /// The strategy put it together, so it may contain what the strategy wants to know.
    Composed,
}

impl Held {
    /// Returns a secret from outside, as it was found.
    pub(crate) fn found(text: Arc<str>) -> Self {
        Self { text: Some(text), origin: Origin::Found, roots: Roots::default() }
    }

    /// Returns a random text or a signature.
    pub(crate) fn generated(text: String) -> Self {
        Self::new(text, Origin::Generated)
    }

    /// Returns a secret that a tool made of other secrets and texts.
    pub(crate) fn composed(text: String) -> Self {
        Self::new(text, Origin::Composed)
    }

    /// Returns a secret of a session, which came to be in another call.
    pub(crate) fn stored(text: &str, origin: Origin) -> Self {
        Self { text: Some(Arc::from(text)), origin, roots: Roots::default() }
    }

    fn new(text: String, origin: Origin) -> Self {
        // Copied into memory that is shared, and then wiped.
        let text = Zeroizing::new(text);
        Self { text: Some(Arc::from(text.as_str())), origin, roots: Roots::default() }
    }

    /// Adds what it is made of.
    #[must_use]
    pub(crate) fn of(mut self, roots: Roots) -> Self {
        self.roots = self.roots.and(roots);
        self
    }

    /// Returns what it is made of.
    pub(crate) fn roots(&self) -> Roots {
        self.roots
    }

    /// Returns true if both share one text in memory.
    fn is_same(&self, other: &Self) -> bool {
        self.text
            .as_ref()
            .zip(other.text.as_ref())
            .is_some_and(|(own, text)| Arc::ptr_eq(own, text))
    }

    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Returns the text for wasmtime, which drops it when it has copied it into the guest.
    pub(crate) fn shared(&self) -> Arc<str> {
        self.text.clone().unwrap_or_default()
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns true if a tool made it, so that no tool looks into it.
    pub(crate) fn is_made(&self) -> bool {
        self.origin != Origin::Found
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
    /// What the strategy was shown the text of.
    revealed: Vec<Held>,
    named: Named,
}

impl Table {
    /// Returns the secret of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Held> {
        self.made.iter().rev().find(|(known, _)| known == name).map(|(_, held)| held)
    }

    /// Adds the key that the caller passed explicitly, before any other secret. It has no
    /// limit, because it is not the strategy's.
    pub(crate) fn put_explicit(&mut self, key: &Secret) {
        let held = Held::found(Arc::from(key.expose())).of(Roots::EXPLICIT);
        self.made.push((EXPLICIT.to_owned(), held));
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
            return Err(TOO_MUCH_TEXT);
        }
        self.made.push((name.to_owned(), held));
        Ok(())
    }

    /// Returns the texts that no strategy knows unless it was given them. All others are
    /// put together of these and of what the strategy knows.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        let unknown = self.made.iter().filter(|(_, held)| held.origin != Origin::Composed);
        unknown.map(|(_, held)| held.text())
    }

    /// Returns the secret in `text`, which a server answered. If the server only repeats
    /// what the strategy put together, it is no more from outside than that was.
    pub(crate) fn answered(&self, text: &str) -> Held {
        let is_whole = |held: &Held| held.origin == Origin::Found && held.text() == text;
        let is_in = |held: &Held| held.text().len() >= SHORTEST && text.contains(held.text());
        let repeated = self.made.iter().map(|(_, held)| held).filter(|held| is_in(held));
        let roots = repeated.clone().fold(Roots::default(), |sum, held| sum.and(held.roots));
        match repeated.clone().all(is_whole) {
            false => Held::composed(text.to_owned()).of(roots),
            true => Held::found(Arc::from(text)).of(roots),
        }
    }

    /// Returns the text of every secret, and every text that the strategy was shown.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let made = self.made.iter().map(|(_, held)| held);
        let is_made = |held: &&Held| self.made.iter().any(|(_, made)| made.is_same(held));
        let revealed = self.revealed.iter().filter(move |held| !is_made(held));
        made.chain(revealed).map(Held::text)
    }

    /// Records that the strategy is shown the text of a secret.
    pub(crate) fn reveal(&mut self, held: &Held) {
        if !self.revealed.iter().any(|known| known.is_same(held)) {
            self.revealed.push(held.clone());
        }
    }

    /// Returns every text that the strategy was shown.
    pub(crate) fn revealed(&self) -> &[Held] {
        &self.revealed
    }

    /// Returns the root of secrets that are from `given`.
    pub(crate) fn root(&mut self, given: Given) -> Roots {
        self.named.root(given)
    }

    /// Returns what `roots` stands for.
    pub(crate) fn made_of(&self, roots: Roots) -> impl Iterator<Item = &Given> {
        self.named.of(roots)
    }
}
