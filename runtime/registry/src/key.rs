//! The keys of signatures: ECDSA on P-256 and Ed25519, in PEM as `openssl` writes it.

use std::path::{Path, PathBuf};

use orchestration_support::pem::first_block;
use orchestration_support::redact::sanitize_path;
use orchestration_support::regular_file::read_regular;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    UnparsedPublicKey,
};
use zeroize::Zeroizing;

/// The most bytes of a file with a key.
const MAX_BYTES: u64 = 64 << 10;

/// What is before the point of a public key on P-256 (RFC 5480), and of Ed25519 (RFC 8410).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const ED: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Why the file of a key can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the key {} {fault}", sanitize_path(path))]
pub struct SignatureKeyFault {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub fault: String,
}

/// A key that checks signatures.
#[derive(Debug, Clone)]
pub struct VerifyKey {
    /// The file, as it is displayed.
    pub(crate) name: String,
    kind: Kind,
    point: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    P256,
    Ed25519,
}

/// A key that makes signatures.
pub struct SigningKey {
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl VerifyKey {
    /// Reads the public key in the file at `path`.
    ///
    /// # Errors
    ///
    /// Fails with [`SignatureKeyFault`] if the file can't be read, or has no public key of these kinds.
    pub fn read(path: &Path) -> Result<Self, SignatureKeyFault> {
        let fault =
            |fault: &str| SignatureKeyFault { path: path.to_owned(), fault: fault.to_owned() };
        let text = text(path)?;
        if text.contains("PRIVATE KEY-----") {
            return Err(fault("is a private one; name the file of the public one"));
        }
        let block = first_block(&text, &["PUBLIC KEY"]);
        let (_, der) = block.ok_or_else(|| fault("is not a public key in PEM"))?;
        let kinds = [(Kind::P256, P256.as_slice(), 65), (Kind::Ed25519, ED.as_slice(), 32)];
        let found = kinds.into_iter().find_map(|(kind, header, bytes)| {
            let point = der.strip_prefix(header)?;
            (point.len() == bytes).then(|| (kind, point.to_vec()))
        });
        let (kind, point) = found.ok_or_else(|| fault("is neither ECDSA on P-256 nor Ed25519"))?;
        Ok(Self { name: sanitize_path(path), kind, point })
    }

    /// Returns true if `signature` is the one of `message` by this key.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self.kind {
            Kind::P256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point)
                .verify(message, signature),
            Kind::Ed25519 => {
                UnparsedPublicKey::new(&ED25519, &self.point).verify(message, signature)
            }
        };
        verified.is_ok()
    }
}

impl SigningKey {
    /// Reads the private key in the file at `path`.
    ///
    /// # Errors
    ///
    /// Fails with [`SignatureKeyFault`] if the file can't be read, or has no private key of these kinds
    /// that is not encrypted.
    pub fn read(path: &Path) -> Result<Self, SignatureKeyFault> {
        let fault =
            |fault: &str| SignatureKeyFault { path: path.to_owned(), fault: fault.to_owned() };
        let text = text(path)?;
        if text.contains("-----BEGIN ENCRYPTED ") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(fault("is encrypted; this program reads PKCS #8 without a password"));
        }
        let block = first_block(&text, &["PRIVATE KEY"]);
        let (_, der) = block.ok_or_else(|| fault("is not a private key in PEM, as PKCS #8"))?;
        let random = SystemRandom::new();
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &random);
        let pair = match p256 {
            Ok(pair) => Pair::P256(pair),
            // OpenSSL writes these without their public half.
            Err(_) => Pair::Ed25519(
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
                    .map_err(|_| fault("is neither ECDSA on P-256 nor Ed25519"))?,
            ),
        };
        Ok(Self { pair })
    }

    /// Returns the signature of `message`; `None` if this machine has no random numbers.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).ok().map(|made| made.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

fn text(path: &Path) -> Result<Zeroizing<String>, SignatureKeyFault> {
    let fault = |fault: String| SignatureKeyFault { path: path.to_owned(), fault };
    let bytes =
        read_regular(path, MAX_BYTES).map_err(|error| fault(format!("can't be read: {error}")))?;
    let text = String::from_utf8(bytes);
    text.map(Zeroizing::new).map_err(|_| fault("is not a key in PEM".to_owned()))
}
