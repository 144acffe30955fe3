//! Asks a provider whether it accepts a credential.
//!
//! A key may be mistyped, revoked, or for another provider; only the provider knows.
//! But most answers decide nothing: the provider is down, it was asked too often, a
//! proxy answers in its place, or its list of models needs no key. Reading those as
//! verdicts would make users discard good keys and trust bad ones. So an answer
//! decides only if [the catalogue](crate::PROVIDERS) or the profile lists it with its [`answer`]. Everything
//! else is [`Verdict::Inconclusive`], and no answer at all is
//! [`Verdict::Unreachable`].
//!
//! The key goes to the host of the profile, or to the documented host of its
//! provider if the profile names none, and nowhere else: [`probe`] chooses the host,
//! and an [`Endpoint`](orchestration_egress::Endpoint) keeps to it.

mod answer;
mod config;
mod probe;
mod question;
mod verdict;

pub use config::VerifyConfig;
pub use question::verify;
pub use verdict::{Inconclusive, Rejection, Verdict};
