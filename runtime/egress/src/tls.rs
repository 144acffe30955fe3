//! TLS with the system's certificates.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// Trusts the certificates that the system trusts.
pub(crate) fn system_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_versions()?.with_platform_verifier()?.with_no_client_auth())
}

/// Trusts no certificate, for connections that never use TLS.
pub(crate) fn no_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn tls_versions()
-> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}
