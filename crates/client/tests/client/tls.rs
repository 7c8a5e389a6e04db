//! Servers are recognized by their certificates, clients where the server asks for it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener as StdListener};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use letopis_client::{ClientError, KnownLedgers, LedgerClient, Options, Tls, TlsError, Usage};
use letopis_proto::ledger::v1::ledger_service_server::LedgerServiceServer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

use crate::fake::{Fake, OPTIONS};

/// An invented authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name, and its key.
    fn certify(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// The ledger in memory behind TLS; where an authority is named, clients must show a certificate.
async fn serve(fake: &Fake, own: (String, String), clients: Option<&Authority>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = ServerTlsConfig::new().identity(Identity::from_pem(own.0, own.1));
    if let Some(authority) = clients {
        config = config.client_ca_root(Certificate::from_pem(authority.pem()));
    }
    let server = Server::builder()
        .tls_config(config)
        .unwrap()
        .add_service(LedgerServiceServer::new(fake.service()))
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    address
}

async fn meet(url: String, known: KnownLedgers, tls: Tls) -> Result<LedgerClient, ClientError> {
    let options = Options { tls: Some(Arc::new(tls)), ..OPTIONS };
    Ok(LedgerClient::trust_on_first_use(&url, &known, options).await?.0)
}

fn certificate_refused(error: ClientError) -> String {
    let ClientError::Usage(usage) = error else { panic!("{error}") };
    let Usage::Certificate { reason } = *usage else { panic!("{usage}") };
    reason
}

#[tokio::test]
async fn the_server_is_recognized_by_its_authority_and_its_name() {
    let (fake, authority) = (Fake::start().await, Authority::new());
    let address = serve(&fake, authority.certify("127.0.0.1"), None).await;
    let tls = Tls::with_authority(authority.pem().as_bytes()).unwrap();
    let client = meet(format!("https://{address}"), fake.known_ledgers(), tls.clone()).await;
    let note = fake.note(crate::fake::case(1), "invented");
    client.unwrap().append(&note).await.unwrap();

    let localhost = format!("https://localhost:{}", address.port());
    let other_name = meet(localhost.clone(), fake.known_ledgers(), tls.clone()).await;
    assert!(certificate_refused(other_name.unwrap_err()).contains("not valid for name"));
    let named = tls.server_name("127.0.0.1");
    assert!(meet(localhost, fake.known_ledgers(), named).await.is_ok());

    let stranger = Tls::with_authority(Authority::new().pem().as_bytes()).unwrap();
    let refused = meet(format!("https://{address}"), fake.known_ledgers(), stranger).await;
    assert!(certificate_refused(refused.unwrap_err()).contains("invalid peer certificate"));
}

#[tokio::test]
async fn a_server_may_ask_who_the_client_is() {
    let (fake, authority, clients) = (Fake::start().await, Authority::new(), Authority::new());
    let address = serve(&fake, authority.certify("127.0.0.1"), Some(&clients)).await;
    let url = format!("https://{address}");
    let tls = Tls::with_authority(authority.pem().as_bytes()).unwrap();
    let nobody = meet(url.clone(), fake.known_ledgers(), tls.clone()).await.unwrap_err();
    assert!(matches!(nobody, ClientError::Unavailable { .. }), "{nobody}");

    let dir = tempfile::tempdir().unwrap();
    let (chain, key) = clients.certify("agency.invented");
    let (chain_path, key_path) = (dir.path().join("chain.pem"), dir.path().join("key.pem"));
    std::fs::write(&chain_path, chain).unwrap();
    std::fs::write(&key_path, key).unwrap();
    std::fs::set_permissions(&key_path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let loose = tls.clone().client_certificate_files(&chain_path, &key_path);
    assert!(matches!(loose, Err(TlsError::Mode { mode: 0o640, .. })));
    std::fs::set_permissions(&key_path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let known = tls.clone().client_certificate_files(&chain_path, &key_path).unwrap();
    assert!(meet(url.clone(), fake.known_ledgers(), known).await.is_ok());

    let (chain, key) = authority.certify("agency.invented");
    let stranger = tls.client_certificate(chain.as_bytes(), key.as_bytes()).unwrap();
    assert!(!format!("{stranger:?}").contains("PRIVATE"));
    assert!(meet(url, fake.known_ledgers(), stranger).await.is_err());
}

/// A server that speaks TLS of these versions only, and says nothing else. What the clients sent it
/// is kept.
fn bare_server(
    own: &(String, String),
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let chain = CertificateDer::pem_slice_iter(own.0.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(own.1.as_bytes()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols.push(b"h2".to_vec());
    let config = Arc::new(config);
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut socket = socket.unwrap();
            let mut stream = rustls::Stream::new(&mut connection, &mut socket);
            let mut bytes = [0; 1024];
            if let Ok(length) = stream.read(&mut bytes) {
                kept.lock().unwrap().extend_from_slice(&bytes[..length]);
            }
            let _ = stream.flush();
        }
    });
    (address, received)
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_speaks_an_older_tls() {
    let (fake, authority) = (Fake::start().await, Authority::new());
    let own = authority.certify("127.0.0.1");
    let tls = Tls::with_authority(authority.pem().as_bytes()).unwrap();

    let (address, received) = bare_server(&own, &[&rustls::version::TLS12]);
    let url = format!("https://{address}");
    let older = meet(url, fake.known_ledgers(), tls.clone()).await.unwrap_err();
    assert!(certificate_refused(older).contains("TLS 1.3"));
    assert!(received.lock().unwrap().is_empty());

    // The same server with TLS 1.3 hears something.
    let (address, received) = bare_server(&own, &[&rustls::version::TLS13]);
    assert!(meet(format!("https://{address}"), fake.known_ledgers(), tls).await.is_err());
    assert!(received.lock().unwrap().starts_with(b"PRI * HTTP/2.0"));
}

#[test]
fn what_is_no_certificate_is_refused_when_it_is_given() {
    for text in ["", "invented", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let refused = Tls::with_authority(text.as_bytes());
        assert!(matches!(refused, Err(TlsError::Pem { what: "certificate" })), "{text}");
    }
    let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(Tls::with_authority(empty.as_bytes()), Err(TlsError::Unusable { .. })));
    let authority = Authority::new();
    let tls = Tls::with_authority(authority.pem().as_bytes()).unwrap();
    let (chain, _) = authority.certify("agency.invented");
    let refused = tls.client_certificate(chain.as_bytes(), chain.as_bytes());
    assert!(matches!(refused, Err(TlsError::Pem { what: "private key" })));
    let missing = Tls::with_authority_file(std::path::Path::new("/nowhere/at.all"));
    assert!(matches!(missing, Err(TlsError::Io { .. })));
}
