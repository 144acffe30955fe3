//! The data of a guest: texts, and results in the layout of the canonical ABI.

use super::builder::Made;
use super::{Answer, Guest, Origin};

/// The addresses of the scratch bytes and of the data after them.
pub(super) const SCRATCH: u32 = 1024;
pub(super) const DATA: u32 = SCRATCH + 4096;

impl Guest {
    /// Adds bytes to the data, and returns their address and length.
    pub fn place(&mut self, bytes: &[u8]) -> (u32, u32) {
        // Everything gets the alignment of the strictest result.
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let address = DATA + self.data.len() as u32;
        self.data.extend(bytes);
        assert!(self.data.len() < 60_000, "a guest's data must fit into its first page");
        (address, bytes.len() as u32)
    }

    pub(super) fn place_words(&mut self, words: &[u32]) -> u32 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.place(&bytes).0
    }

    /// Adds a credential to the data, and returns its address.
    pub fn place_answer(&mut self, answer: &Answer<'_>) -> u32 {
        let mut entries = Vec::new();
        for (name, text) in &answer.values {
            let secret = format!("made-{}", self.made.len());
            let (name, text) = (self.place(name), self.place(text));
            let secret = self.place(secret.as_bytes());
            // A list of one part: a text.
            let parts = self.place_words(&[0, text.0, text.1]);
            self.made.push(Made { parts, name: secret });
            entries.extend([name.0, name.1, secret.0, secret.1]);
        }
        self.place_credential(&entries, answer)
    }

    /// Adds a credential whose only value is the secret of this name, and returns its
    /// address.
    pub fn place_named(&mut self, secret: &[u8], source: Origin<'_>) -> u32 {
        let (part, secret) = (self.place(b"api_key"), self.place(secret));
        let answer = Answer { values: Vec::new(), source, expires_at: None };
        self.place_credential(&[part.0, part.1, secret.0, secret.1], &answer)
    }

    /// Adds a credential whose values have these addresses and lengths to the data.
    fn place_credential(&mut self, entries: &[u32], answer: &Answer<'_>) -> u32 {
        let list = self.place_words(entries);
        let (case, words) = match answer.source {
            Origin::Explicit => (0, &b""[..]),
            Origin::Environment(name) => (1, name),
            Origin::File(path) => (2, path),
            Origin::Session => (3, &b""[..]),
            Origin::NotNeeded => (4, &b""[..]),
            Origin::Other(words) => (5, words),
            Origin::NoSuchCase => (200, &b""[..]),
        };
        let words = self.place(words);
        let expiry = answer.expires_at.unwrap_or_default();
        let expires = answer.expires_at.is_some().into();
        let count = entries.len() as u32 / 4;
        let halves = [expiry as u32, (expiry >> 32) as u32];
        self.place_words(&[
            0, 0, list, count, case, words.0, words.1, 0, expires, 0, halves[0], halves[1],
        ])
    }

    /// Adds the result of `refresh-if-needed` that all is well, and returns its address.
    pub fn place_refreshed(&mut self) -> u32 {
        self.place_words(&[0; 7])
    }

    /// Adds an error of `refresh-if-needed` to the data, and returns its address.
    pub fn place_failed_refresh(&mut self, kind: u8, message: &[u8]) -> u32 {
        let (message, length) = self.place(message);
        self.place_words(&[1, kind.into(), message, length, 0, 0, 0])
    }

    /// Adds an error to the data, and returns its address.
    pub fn place_failure(&mut self, kind: u8, message: &[u8], hint: Option<&[u8]>) -> u32 {
        let (message, text) = (self.place(message), self.place(hint.unwrap_or_default()));
        let has_hint = hint.is_some().into();
        self.place_words(&[1, 0, kind.into(), message.0, message.1, has_hint, text.0, text.1])
    }

    /// Adds a description to the data, and returns its address.
    pub fn place_description(&mut self, texts: [&[u8]; 3], environment: &[&[u8]]) -> u32 {
        let mut words: Vec<u32> = Vec::new();
        for text in texts {
            let (address, length) = self.place(text);
            words.extend([address, length]);
        }
        let names: Vec<u32> = environment
            .iter()
            .flat_map(|name| {
                let (address, length) = self.place(name);
                [address, length]
            })
            .collect();
        words.push(self.place_words(&names));
        words.push(environment.len() as u32);
        self.place_words(&words)
    }
}
