//! Signatures and keys of RFC 7515 and RFC 8037; the other formats of these keys, and the
//! keys that are too weak or of another kind, were written by OpenSSL.
#![allow(clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::{Algorithm, ToolError, signature};

const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::Eddsa];

const RSA_JWK: &str = include_str!("test_keys/rfc7515-a2.jwk");
const RSA_PKCS8: &str = include_str!("test_keys/rfc7515-a2-pkcs8.pem");
const RSA_PKCS1: &str = include_str!("test_keys/rfc7515-a2-pkcs1.pem");
const RSA_ENCRYPTED: &str = include_str!("test_keys/rfc7515-a2-encrypted.pem");
const RSA_1024: &str = include_str!("test_keys/rsa-1024.pem");
const RSA_4608: &str = include_str!("test_keys/rsa-4608.pem");
const P256_JWK: &str = include_str!("test_keys/rfc7515-a3.jwk");
const P256_PKCS8: &str = include_str!("test_keys/rfc7515-a3-pkcs8.pem");
const P256_SEC1: &str = include_str!("test_keys/rfc7515-a3-sec1.pem");
const P384: &str = include_str!("test_keys/p384.pem");
const ED25519_JWK: &str = include_str!("test_keys/rfc8037-a1.jwk");
const ED25519_PKCS8: &str = include_str!("test_keys/rfc8037-a1-pkcs8.pem");

/// What `openssl ecparam -genkey` writes before a key.
const PARAMETERS: &str =
    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

/// The payload of the examples of RFC 7515.
const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                       cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn signed(key: &str, algorithm: Algorithm, message: &str) -> Result<String, ToolError> {
    signature(key, algorithm, message.as_bytes()).map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

fn is_bad_key(key: &str, algorithm: Algorithm) -> bool {
    matches!(signature(key, algorithm, b"message"), Err(ToolError::BadKey))
}

#[test]
fn rs256_is_that_of_rfc_7515_a_2_with_every_format_of_the_key() {
    let message = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}");
    let expected = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
                    AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
                    BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
                    0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
                    hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                    p0igcN_IoypGlUPQGe77Rw";
    for key in [RSA_JWK, RSA_PKCS8, RSA_PKCS1] {
        assert_eq!(signed(key, Algorithm::Rs256, &message).unwrap(), expected);
    }
}

#[test]
fn eddsa_is_that_of_rfc_8037_with_every_format_of_the_key() {
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B\
                    hVsPt9g7sVvpAr_MuM0KAg";
    for key in [ED25519_JWK, ED25519_PKCS8] {
        assert_eq!(signed(key, Algorithm::Eddsa, message).unwrap(), expected);
    }
}

#[test]
fn es256_is_verified_by_the_public_key_of_rfc_7515_a_3_with_every_format_of_the_key() {
    let message = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
    let [x, y] = [
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]
    .map(|number| URL_SAFE_NO_PAD.decode(number).unwrap());
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], x, y].concat());
    // The one of the RFC, in the fixed-length form that JWTs have.
    let theirs = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
                  pmWQxfKTUJqPP3-Kg6NU1Q";
    let theirs = URL_SAFE_NO_PAD.decode(theirs).unwrap();
    assert!(public.verify(message.as_bytes(), &theirs).is_ok());

    for key in [P256_JWK, P256_PKCS8, P256_SEC1, &format!("{PARAMETERS}{P256_SEC1}")] {
        let ours = signature(key, Algorithm::Es256, message.as_bytes()).unwrap();
        assert_eq!(ours.len(), 64);
        assert!(public.verify(message.as_bytes(), &ours).is_ok());
        assert!(public.verify(b"another message", &ours).is_err());
    }
}

#[test]
fn hs256_is_that_of_another_implementation() {
    // Python: hmac.new(key, message, sha256)
    let key = "a key of exactly 32 bytes (HMAC)";
    let expected = "bAo-8illN4mPTz-txCCGHsYpUgcEmOuwOR0fCQvIRj8";
    assert_eq!(signed(key, Algorithm::Hs256, "header.payload").unwrap(), expected);
}

#[test]
fn a_key_that_is_too_weak_or_too_long_is_a_bad_key() {
    assert!(is_bad_key("a key of only 31 bytes for HMAC", Algorithm::Hs256));
    assert!(is_bad_key("", Algorithm::Hs256));
    assert!(is_bad_key(RSA_1024, Algorithm::Rs256));
    assert!(is_bad_key(RSA_4608, Algorithm::Rs256));
}

#[test]
fn a_key_of_another_kind_is_a_bad_key() {
    let rsa = [RSA_JWK, RSA_PKCS8, RSA_PKCS1];
    let p256 = [P256_JWK, P256_PKCS8, P256_SEC1];
    let ed25519 = [ED25519_JWK, ED25519_PKCS8];
    for key in p256.iter().chain(&ed25519) {
        assert!(is_bad_key(key, Algorithm::Rs256));
    }
    for key in rsa.iter().chain(&ed25519).chain([&P384]) {
        assert!(is_bad_key(key, Algorithm::Es256));
    }
    for key in rsa.iter().chain(&p256) {
        assert!(is_bad_key(key, Algorithm::Eddsa));
    }
}

#[test]
fn a_text_that_is_no_private_key_is_a_bad_key() {
    let body = RSA_PKCS8.replace("PRIVATE", "PUBLIC");
    let unclosed = RSA_PKCS8.replace("-----END PRIVATE KEY-----", "");
    let closed_as_another = RSA_PKCS8.replace("END PRIVATE", "END RSA PRIVATE");
    let cut = RSA_PKCS8.replacen("Mu", "", 1).replacen('A', "", 5);
    let with_headers = RSA_PKCS1.replace("KEY-----\nM", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nM");
    let relabelled = P256_PKCS8.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let texts = [
        "",
        "sk-proj-0123456789",
        "{}",
        "[]",
        "{\"kty\":\"RSA\"}",
        RSA_ENCRYPTED,
        PARAMETERS,
        &body,
        &unclosed,
        &closed_as_another,
        &cut,
        &with_headers,
        &relabelled,
    ];
    for algorithm in ALGORITHMS.into_iter().skip(1) {
        for text in texts {
            assert!(is_bad_key(text, algorithm), "{text}");
        }
    }
}

#[test]
fn a_jwk_without_one_of_its_numbers_or_with_a_wrong_one_is_a_bad_key() {
    let keys = [
        (RSA_JWK, Algorithm::Rs256, &["n", "e", "d", "p", "q", "dp", "dq", "qi"][..]),
        (P256_JWK, Algorithm::Es256, &["crv", "x", "y", "d"]),
        (ED25519_JWK, Algorithm::Eddsa, &["crv", "x", "d"]),
    ];
    for (key, algorithm, names) in keys {
        for name in names.iter().chain(&["kty"]) {
            let named = format!("\"{name}\": \"");
            assert!(key.contains(&named));
            let without = key.replace(&named, "\"other\": \"");
            assert!(is_bad_key(&without, algorithm), "{name}");
            let wrong = key.replace(&named, &format!("{named}QUFB"));
            assert!(is_bad_key(&wrong, algorithm), "{name}");
        }
    }
}

#[test]
fn a_jwk_for_something_else_is_a_bad_key() {
    let with = |more: &str| P256_JWK.replacen('{', &format!("{{{more},"), 1);
    for allowed in [r#""alg":"ES256""#, r#""use":"sig""#, r#""kid":"1","ext":true"#] {
        assert!(!is_bad_key(&with(allowed), Algorithm::Es256), "{allowed}");
    }
    for other in [r#""alg":"ES384""#, r#""use":"enc""#, r#""alg":null"#] {
        assert!(is_bad_key(&with(other), Algorithm::Es256), "{other}");
    }
}

#[test]
fn a_pem_key_may_be_in_one_line_or_surrounded_by_other_text() {
    let in_variable = RSA_PKCS8.replace('\n', "\\n");
    let windows = RSA_PKCS8.replace('\n', "\r\n");
    let chain = format!(
        "Bag Attributes\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{RSA_PKCS8}\n"
    );
    for key in [in_variable, windows, chain, format!("\n  {RSA_JWK}\n")] {
        assert!(signature(&key, Algorithm::Rs256, b"message").is_ok(), "{key}");
    }
}
