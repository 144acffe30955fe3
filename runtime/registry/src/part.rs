//! The parts of what a registry has.

use std::fmt;

/// A part of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The manifest, which lists the others.
    Manifest,
    /// The config, which says what the component imports.
    Config,
    /// The component.
    Component,
    /// The manifest of its signatures.
    Signature,
    /// What is signed.
    Payload,
    /// The token that opens a repository.
    Token,
}

impl Part {
    /// Returns the most bytes that it may have, if the part itself has a bound.
    pub(crate) fn max_bytes(self) -> u64 {
        match self {
            // As much as the specification makes every registry accept.
            Self::Manifest | Self::Signature => 4 << 20,
            Self::Config => 1 << 20,
            Self::Payload | Self::Token => 64 << 10,
            // The caller has the limit of the strategy.
            Self::Component => u64::MAX,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manifest => "the manifest",
            Self::Config => "the config",
            Self::Component => "the component",
            Self::Signature => "the list of signatures",
            Self::Payload => "the signed text",
            Self::Token => "the answer of its server of tokens",
        })
    }
}
