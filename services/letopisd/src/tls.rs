//! TLS 1.3: the server's certificate and key, and the authority of its callers, from PEM files.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, version};
use zeroize::{Zeroize as _, Zeroizing};

/// The longest PEM file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// HTTP/2, and nothing else, is spoken within (RFC 9113, section 3.2).
const ALPN: &[u8] = b"h2";

/// Why TLS can't be served with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The system refused.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read the private key.
    #[error("{} may be read by others (mode {mode:o}): give it mode 0600", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There is nothing of the kind in the file.
    #[error("{} holds no {wanted} in PEM form: bring the right file", path.display())]
    NotPem {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        wanted: &'static str,
    },
    /// What is in the file can't be used.
    #[error("the {what} in {} can't be used: {source}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is in it.
        what: &'static str,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The key is another certificate's.
    #[error("the key in {} is not the one of the certificate in {}", key.display(), cert.display())]
    KeyOfAnother {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        cert: PathBuf,
    },
    /// The callers' authority can't be used.
    #[error("callers can't be verified with {}: {source}", path.display())]
    ClientCa {
        /// The authority's file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::server::VerifierBuilderError,
    },
}

/// Where certificate and key lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those that lead up to its authority.
    pub cert: PathBuf,
    /// Its private key; mode 0600.
    pub key: PathBuf,
    /// The authorities whose certificates callers must show. `None`: they need none.
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// Reads them, and finds out whether they fit together.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(default_provider());
        let key_and_cert = Arc::new(SingleCertAndKey::from(self.certified_key()?));
        let unusable = |source| self.unusable_cert(source);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&version::TLS13])
            .map_err(unusable)?;
        let mut config = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(roots(path)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                    .build()
                    .map_err(|source| TlsError::ClientCa { path: path.clone(), source })?;
                builder.with_client_cert_verifier(verifier)
            }
        }
        .with_cert_resolver(key_and_cert);
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Arc::new(config))
    }

    fn certified_key(&self) -> Result<CertifiedKey, TlsError> {
        let chain = certificates(&self.cert)?;
        let pem = Zeroizing::new(read(&self.key, true)?);
        let wanted = "private key";
        let not_pem = |_| TlsError::NotPem { path: self.key.clone(), wanted };
        let mut der = PrivateKeyDer::from_pem_slice(&pem).map_err(not_pem)?;
        let key = any_supported_type(&der);
        der.zeroize();
        let unusable = |source| TlsError::Unusable { path: self.key.clone(), what: wanted, source };
        let certified = CertifiedKey::new(chain, key.map_err(unusable)?);
        match certified.keys_match() {
            Ok(()) => Ok(certified),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(TlsError::KeyOfAnother { key: self.key.clone(), cert: self.cert.clone() })
            }
            Err(source) => Err(self.unusable_cert(source)),
        }
    }

    fn unusable_cert(&self, source: rustls::Error) -> TlsError {
        TlsError::Unusable { path: self.cert.clone(), what: "certificate", source }
    }
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|source| {
            let what = "certificate authority";
            TlsError::Unusable { path: path.into(), what, source }
        })?;
    }
    Ok(roots)
}

/// One certificate or more.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path, false)?;
    let not_pem = || TlsError::NotPem { path: path.into(), wanted: "certificate" };
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|_| not_pem())?;
    if certificates.is_empty() { Err(not_pem()) } else { Ok(certificates) }
}

fn read(path: &Path, is_secret: bool) -> Result<Vec<u8>, TlsError> {
    let io = |action| move |source| TlsError::Io { action, path: path.into(), source };
    let file = File::open(path).map_err(io("open"))?;
    let mode = file.metadata().map_err(io("look at"))?.mode() & 0o7777;
    if is_secret && mode & 0o077 != 0 {
        return Err(TlsError::Exposed { path: path.into(), mode });
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(io("read"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
