//! TLS: how an `https` server is recognized, and how a client shows who it is.
//!
//! TLS 1.3 only, through rustls. The library beneath offers 1.2 as well and can't be told not to;
//! a server that would speak it is refused by our verifier, before anything is sent.

use std::error::Error as _;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use tonic::Status;
use tonic::transport::{ClientTlsConfig, Endpoint, Identity};
use zeroize::Zeroizing;

/// The longest PEM file, in bytes: a system's bundle of all authorities has some 250 KiB.
const PEM_BYTES_MAX: u64 = 2 << 20;

/// What is said of a server that speaks an older TLS.
const NOT_TLS13: &str = "the server does not speak TLS 1.3";

/// How an `https` server is recognized.
///
/// Only the authorities given here count, none of the system's. Whoever wants those names their
/// bundle, such as `/etc/ssl/certs/ca-certificates.crt`.
#[derive(Clone)]
pub struct Tls {
    verifier: Arc<OnlyTls13>,
    client: Option<ClientCertificate>,
    server_name: Option<String>,
}

#[derive(Clone)]
struct ClientCertificate {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// What is wrong with what TLS is to be done with. Never says what is in a file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// `https` without an authority.
    #[error("https takes the PEM file of the authority that signed the server's certificate")]
    NoAuthority,
    /// A file can't be read, or is longer than 2 MiB.
    #[error("{} can't be read", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner may have access to a key.
    #[error("the key {} has mode {mode:04o}: make a new one if others could read it, \
             else set 0600", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not PEM with what there must be.
    #[error("no {what} in PEM form")]
    Pem {
        /// What was looked for.
        what: &'static str,
    },
    /// The library can't use it.
    #[error("TLS can't be done with this: {reason}")]
    Unusable {
        /// What it says.
        reason: String,
    },
}

impl Tls {
    /// Recognizes servers whose certificate leads to one of the authorities in a PEM file.
    ///
    /// # Errors
    /// [`TlsError::Io`], [`TlsError::Pem`], [`TlsError::Unusable`].
    pub fn with_authority_file(path: &Path) -> Result<Self, TlsError> {
        Self::with_authority(&read(path)?)
    }

    /// The same, from the PEM text itself.
    ///
    /// # Errors
    /// [`TlsError::Pem`], [`TlsError::Unusable`].
    pub fn with_authority(pem: &[u8]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(unusable)?;
        }
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = Arc::new(OnlyTls13(verifier.map_err(unusable)?));
        Ok(Self { verifier, client: None, server_name: None })
    }

    /// Shows the server a certificate (a PEM file with its chain) for this key (a PEM file that
    /// only its owner can read).
    ///
    /// # Errors
    /// [`TlsError::Io`], [`TlsError::Mode`], [`TlsError::Pem`].
    pub fn client_certificate_files(self, chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let io = |source| TlsError::Io { path: key.to_owned(), source };
        let mode = fs::metadata(key).map_err(io)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(TlsError::Mode { path: key.to_owned(), mode });
        }
        let (chain, key) = (read(chain)?, Zeroizing::new(read(key)?));
        self.client_certificate(&chain, &key)
    }

    /// The same, from the PEM texts themselves.
    ///
    /// # Errors
    /// [`TlsError::Pem`].
    pub fn client_certificate(mut self, chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        certificates(chain)?;
        PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Pem { what: "private key" })?;
        let (chain, key) = (chain.to_vec(), Zeroizing::new(key.to_vec()));
        self.client = Some(ClientCertificate { chain, key });
        Ok(self)
    }

    /// The name that the server's certificate must be for, where it is not the URL's host.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// That address, spoken to in this way only.
    pub(crate) fn secure(&self, endpoint: Endpoint) -> Result<Endpoint, TlsError> {
        let mut config = ClientTlsConfig::new();
        if let Some(ClientCertificate { chain, key }) = &self.client {
            config = config.identity(Identity::from_pem(chain, key));
        }
        if let Some(name) = &self.server_name {
            config = config.domain_name(name);
        }
        let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(&self.verifier) as _;
        endpoint.tls_config_with_verifier(config, verifier).map_err(unusable)
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("server_name", &self.server_name)
            .field("has_client_certificate", &self.client.is_some())
            .finish_non_exhaustive()
    }
}

fn unusable(error: impl std::error::Error) -> TlsError {
    let inner = error.source().map(ToString::to_string);
    TlsError::Unusable { reason: inner.unwrap_or_else(|| error.to_string()) }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let io = |source| TlsError::Io { path: path.to_owned(), source };
    if fs::metadata(path).map_err(io)?.len() > PEM_BYTES_MAX {
        return Err(io(io::ErrorKind::FileTooLarge.into()));
    }
    fs::read(path).map_err(io)
}

/// At least one, all of them well-formed.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let none = || TlsError::Pem { what: "certificate" };
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or_else(none)
}

/// The library's verifier, for TLS 1.3 alone.
///
/// TRUST: in every handshake of TLS 1.2 that the library knows the server signs its key exchange,
/// and nothing is sent before that signature was verified.
#[derive(Debug)]
struct OnlyTls13(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for OnlyTls13 {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ocsp = ocsp_response;
        self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(NOT_TLS13.to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Why the server was not accepted, where that is what went wrong with a call.
pub(crate) fn refusal(status: &Status) -> Option<String> {
    let mut error = status.source();
    while let Some(cause) = error {
        // An error of IO shows what it holds to `get_ref` only.
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inner = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner.or_else(|| cause.downcast_ref::<rustls::Error>()) {
            Some(error @ rustls::Error::InvalidCertificate(_)) => return Some(error.to_string()),
            Some(rustls::Error::General(reason)) if reason == NOT_TLS13 => {
                return Some(reason.clone());
            }
            _ => error = cause.source(),
        }
    }
    None
}
