//! Private keys, from PEM or JWK. ring checks that they are strong enough and whole.
//!
//! What is decoded here is wiped. ring does not wipe the numbers that it computes of it.

use orchestration_support::pem::first_block;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING as P256, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
};
use zeroize::Zeroizing;

use super::jwk::Jwk;

/// A private key that was decoded, but not checked.
enum Key<'a> {
    Jwk(Jwk<'a>),
    /// `PRIVATE KEY`
    Pkcs8(Zeroizing<Vec<u8>>),
    /// `RSA PRIVATE KEY`
    Pkcs1(Zeroizing<Vec<u8>>),
    /// `EC PRIVATE KEY`
    Sec1(Zeroizing<Vec<u8>>),
}

impl<'a> Key<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with('{') {
            return Jwk::of(text).map(Self::Jwk);
        }
        match first_block(text, &["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"])? {
            ("RSA PRIVATE KEY", der) => Some(Self::Pkcs1(der)),
            ("EC PRIVATE KEY", der) => Some(Self::Sec1(der)),
            (_, der) => Some(Self::Pkcs8(der)),
        }
    }
}

/// Reads an RSA key of 2048 to 4096 bits.
pub(super) fn rsa(text: &str) -> Option<RsaKeyPair> {
    match Key::of(text)? {
        Key::Pkcs8(der) => RsaKeyPair::from_pkcs8(&der).ok(),
        Key::Pkcs1(der) => RsaKeyPair::from_der(&der).ok(),
        Key::Sec1(_) => None,
        Key::Jwk(jwk) => {
            let jwk = jwk.of_kind("RSA", "RS256")?;
            let [n, e, d, p, q] = ["n", "e", "d", "p", "q"].map(|name| jwk.bytes(name));
            let [d_p, d_q, q_inv] = ["dp", "dq", "qi"].map(|name| jwk.bytes(name));
            RsaKeyPair::from_components(&KeyPairComponents {
                public_key: PublicKeyComponents { n: &*n?, e: &*e? },
                d: &*d?,
                p: &*p?,
                q: &*q?,
                dP: &*d_p?,
                dQ: &*d_q?,
                qInv: &*q_inv?,
            })
            .ok()
        }
    }
}

/// Reads a key on the curve P-256, which has its public half with it.
pub(super) fn p256(text: &str, random: &SystemRandom) -> Option<EcdsaKeyPair> {
    match Key::of(text)? {
        Key::Pkcs8(der) => EcdsaKeyPair::from_pkcs8(&P256, &der, random).ok(),
        Key::Sec1(der) => EcdsaKeyPair::from_pkcs8(&P256, &in_pkcs8(&der)?, random).ok(),
        Key::Pkcs1(_) => None,
        Key::Jwk(jwk) => {
            let jwk = jwk.of_kind("EC", "ES256")?.on_curve("P-256")?;
            let (x, y) = (jwk.bytes("x")?, jwk.bytes("y")?);
            // Uncompressed, as in SEC 1.
            let public = [&[4], x.as_slice(), y.as_slice()].concat();
            let private = jwk.bytes("d")?;
            EcdsaKeyPair::from_private_key_and_public_key(&P256, &private, &public, random).ok()
        }
    }
}

/// Reads a key of Ed25519.
pub(super) fn ed25519(text: &str) -> Option<Ed25519KeyPair> {
    match Key::of(text)? {
        // OpenSSL writes keys without their public half.
        Key::Pkcs8(der) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok(),
        Key::Pkcs1(_) | Key::Sec1(_) => None,
        Key::Jwk(jwk) => {
            let jwk = jwk.of_kind("OKP", "EdDSA")?.on_curve("Ed25519")?;
            let (private, public) = (jwk.bytes("d")?, jwk.bytes("x")?);
            Ed25519KeyPair::from_seed_and_public_key(&private, &public).ok()
        }
    }
}

/// What PKCS #8 has before a private key on P-256: its version and the algorithm.
const HEADER: [u8; 24] = [
    0x02, 0x01, 0x00, // 0
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, // id-ecPublicKey
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, // prime256v1
];

/// Returns a key in the format of SEC 1 as PKCS #8, the only one that ring reads.
fn in_pkcs8(sec1: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // DER has another form for other lengths. With its public half, a key has at most 121
    // bytes, and at least 109.
    let key = u8::try_from(sec1.len()).ok().filter(|length| (104..128).contains(length))?;
    let mut pkcs8 = Zeroizing::new(Vec::with_capacity(3 + HEADER.len() + 2 + sec1.len()));
    pkcs8.extend([0x30, 0x81, HEADER.len() as u8 + 2 + key]);
    pkcs8.extend(HEADER);
    pkcs8.extend([0x04, key]);
    pkcs8.extend(sec1);
    Some(pkcs8)
}
