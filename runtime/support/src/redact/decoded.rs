//! A text in the forms that it may stand for: percent-encoding and base 64.
//!
//! A server that repeats a key in the path of a URL encodes it, and the header of a user
//! and a password is base 64. So secrets are looked for in what a text decodes to as well,
//! and what is found is hidden where it was written.

use std::ops::Range;

use zeroize::Zeroizing;

/// How often a text is decoded that is percent-encoded several times.
const ROUNDS: usize = 3;

/// The characters of base 64 that carry a byte of a secret, in groups of four for three
/// bytes.
const GROUP: usize = 4;

/// What a text decodes to. It may be a secret, so it is wiped when dropped.
pub(super) struct Decoded {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Where each byte was written in the text.
    written: Vec<Range<usize>>,
}

impl Decoded {
    /// Returns what `text` stands for in each encoding that it may be in, without the text
    /// itself. Shorter stretches than `least` bytes of base 64 are left out.
    pub(super) fn all(text: &str, least: usize) -> Vec<Self> {
        let mut decoded = Self::base64(text.as_bytes(), least);
        let mut round = Self::percent(text.as_bytes());
        for _ in 0..ROUNDS {
            let Some(found) = round else { break };
            let inner = Self::base64(&found.bytes, least);
            decoded.extend(inner.into_iter().map(|inner| inner.of(&found)));
            round = Self::percent(&found.bytes).map(|inner| inner.of(&found));
            decoded.push(found);
        }
        decoded
    }

    /// Returns where in the text the bytes of `range` were written.
    pub(super) fn written(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let written = self.written.get(range.clone())?;
        Some(written.first()?.start..written.last()?.end)
    }

    fn with_capacity(bytes: usize) -> Self {
        // A vector that grows leaves copies behind.
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(bytes)),
            written: Vec::with_capacity(bytes),
        }
    }

    fn push(&mut self, byte: u8, written: Range<usize>) {
        self.bytes.push(byte);
        self.written.push(written);
    }

    /// Returns this with its places in `outer` as those in the text of `outer`.
    fn of(mut self, outer: &Self) -> Self {
        for written in &mut self.written {
            *written = outer.written(written).unwrap_or_default();
        }
        self
    }

    /// Returns the text with each `%` and two hexadecimal digits as one byte; `None` if
    /// there are none.
    fn percent(text: &[u8]) -> Option<Self> {
        if !text.contains(&b'%') {
            return None;
        }
        let mut decoded = Self::with_capacity(text.len());
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let escaped = escaped(text.get(at..).unwrap_or_default());
            let length = if escaped.is_some() { 3 } else { 1 };
            decoded.push(escaped.unwrap_or(*byte), at..at + length);
            at += length;
        }
        (decoded.bytes.len() < text.len()).then_some(decoded)
    }

    /// Returns what each stretch of base 64 stands for. Its first group may begin at any of
    /// the first four characters: what comes before a secret need not end with a group, and
    /// letters before the stretch may look like part of it.
    fn base64(text: &[u8], least: usize) -> Vec<Self> {
        let mut decoded = Vec::new();
        let mut at = 0;
        for stretch in text.split(|byte| digit(*byte).is_none()) {
            // Of the bytes at its edges, some bits are missing.
            if stretch.len() * 3 / GROUP >= least {
                decoded.extend((0..GROUP).map(|skipped| Self::groups(stretch, at, skipped)));
            }
            at += stretch.len() + 1;
        }
        decoded
    }

    /// Returns what the groups of `stretch` stand for, without the first `skipped`
    /// characters. The stretch begins at `at` of its text.
    fn groups(stretch: &[u8], at: usize, skipped: usize) -> Self {
        let mut decoded = Self::with_capacity(stretch.len() * 3 / GROUP);
        let digits = stretch.iter().enumerate().skip(skipped);
        let (mut bits, mut held) = (0u32, 0);
        for (index, digit) in digits.filter_map(|(index, byte)| Some((index, digit(*byte)?))) {
            bits = bits << 6 | u32::from(digit);
            held += 6;
            if held >= 8 {
                held -= 8;
                let [_, _, _, byte] = (bits >> held).to_be_bytes();
                // A byte is in two digits.
                decoded.push(byte, at + index.saturating_sub(1)..at + index + 1);
            }
        }
        decoded
    }
}

/// Returns the byte that a `%` and two hexadecimal digits stand for, at the start of `text`.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

/// Returns the value of a digit of base 64, in the usual alphabet or that for URLs.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}
