//! TLS towards clients on other machines, both sides with a certificate.
//!
//! A pass that crosses a network could be read there, and is all that a thief needs. So on an
//! address that is not of this machine the connection is encrypted, and only a client whose
//! certificate the given authority has signed gets as far as showing its pass.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

/// The certificate of a broker, and the authority that signs those of its clients.
#[derive(Clone)]
pub struct ServerTls {
    pub(crate) acceptor: TlsAcceptor,
}

/// Why there can be no TLS with these files. It never repeats their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The certificate can't be read.
    #[error("the certificate is not in PEM")]
    Certificate,
    /// The private key can't be read.
    #[error("the private key is not in PEM, or not of a kind that is known")]
    Key,
    /// The private key and the certificate do not belong together, or can't be used.
    #[error("the private key does not belong to the certificate")]
    Pair,
    /// The certificate of the authority of clients can't be used.
    #[error("the authority of the clients is not a certificate in PEM")]
    ClientAuthority,
}

impl ServerTls {
    /// Reads the chain of the broker's certificate, its private key and the certificates of
    /// the authority that signs those of clients, all in PEM.
    ///
    /// # Errors
    ///
    /// Fails with the [`TlsFault`] that says which of them can't be used.
    pub fn from_pem(chain: &[u8], key: &[u8], client_ca: &[u8]) -> Result<Self, TlsFault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        for authority in certificates(client_ca).ok_or(TlsFault::ClientAuthority)? {
            roots.add(authority).map_err(|_| TlsFault::ClientAuthority)?;
        }
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
                .build()
                .map_err(|_| TlsFault::ClientAuthority)?;
        let chain = certificates(chain).ok_or(TlsFault::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsFault::Key)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| TlsFault::Pair)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|_| TlsFault::Pair)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerTls")
    }
}

/// Returns the certificates in `pem`; `None` if there are none, or if one is damaged.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|read| !read.is_empty())
}
