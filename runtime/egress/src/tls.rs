//! TLS with the system's certificates.

use std::error::Error;
use std::sync::Arc;

use orchestration_support::on_thread::on_thread;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::sync::OnceCell;

type TlsError = Box<dyn Error + Send + Sync>;

/// Trusts the certificates that the system trusts. They are read once per process, on a
/// thread that may be held up: reading them takes milliseconds. A failure is not kept,
/// since they may be installed meanwhile.
pub(crate) async fn system_tls() -> Result<ClientConfig, TlsError> {
    static SYSTEM: OnceCell<ClientConfig> = OnceCell::const_new();
    let read = || async { on_thread("certificates", read_system_tls).await? };
    SYSTEM.get_or_try_init(read).await.cloned()
}

fn read_system_tls() -> Result<ClientConfig, TlsError> {
    Ok(tls_versions()?.with_platform_verifier()?.with_no_client_auth())
}

/// Trusts no certificate, for connections that never use TLS.
pub(crate) fn no_tls() -> Result<ClientConfig, TlsError> {
    Ok(tls_versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn tls_versions()
-> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}
