//! Private keys as JWK (RFC 7517).

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestration_support::json::Json;
use zeroize::Zeroizing;

use crate::capabilities::secrets::base64::decoded;

/// A JSON object with the numbers of a key.
#[derive(Clone, Copy)]
pub(super) struct Jwk<'a>(Json<'a>);

impl<'a> Jwk<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        Json::parse(text).ok().filter(|json| json.is_object()).map(Self)
    }

    /// Returns the key if it has this type, and is for signatures of this algorithm or
    /// does not say what it is for.
    pub(super) fn of_kind(self, kty: &str, algorithm: &str) -> Option<Self> {
        let may_be = |pointer, value: &str| {
            self.0.at(pointer).is_none() || self.text(pointer).is_some_and(|text| *text == value)
        };
        let is_kind =
            *self.text("/kty")? == kty && may_be("/alg", algorithm) && may_be("/use", "sig");
        is_kind.then_some(self)
    }

    /// Returns the key if it is on this curve.
    pub(super) fn on_curve(self, curve: &str) -> Option<Self> {
        (*self.text("/crv")? == curve).then_some(self)
    }

    /// Returns the number `name`.
    pub(super) fn bytes(self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        decoded(&URL_SAFE_NO_PAD, self.text(&format!("/{name}"))?.as_bytes())
    }

    fn text(self, pointer: &str) -> Option<Zeroizing<String>> {
        self.0.at(pointer)?.scalar()
    }
}
