//! TLS as a caller meets it: a real server process, real files, and callers that have or have not
//! what it asks for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use letopis_ledger::{CheckedGenesis, Clock, testing};
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use letopis_proto::statement::v1::{Statement, fact::Kind};
use letopis_record::Options;
use letopis_tests::{Launch, Server, place};
use letopis_types::{ActorId, PublicKey};
use letopisd::data;
use prost::Message as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, IsCa, KeyPair,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The name in the server's certificates.
const NAME: &str = "ledger.example";

/// An invented authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
struct Certified {
    cert: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn certify(&self, name: &str) -> Certified {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let cert = params.signed_by(&key, &self.0).unwrap();
        Certified { cert: cert.pem(), key: key.serialize_pem() }
    }
}

/// A real ledger, which no server made keys for, and the files for its server.
struct Place {
    folder: TempDir,
    authority: Authority,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: place::temporary("tls-"), authority: Authority::new() };
        place.begin();
        place.put(&place.authority.certify(NAME));
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn begin(&self) {
        let mut genesis = Statement::decode(&testing::genesis().0[..]).unwrap();
        let Some(Kind::Genesis(fact)) = genesis.fact.as_mut().unwrap().kind.as_mut() else {
            panic!("a genesis")
        };
        fact.trial = false;
        let signers: Vec<_> = genesis
            .signers
            .iter()
            .map(|signer| {
                let key = PublicKey::from_slice(&signer.public_key).unwrap();
                (key, ActorId::from_slice(&signer.actor).unwrap())
            })
            .collect();
        let statement = genesis.encode_to_vec();
        let signatures = testing::sign_genesis(&statement, &signers);
        let genesis = CheckedGenesis::new(statement, signatures, Clock::system().now()).unwrap();
        let keys = testing::keys();
        let dir = data::prepare(&self.file("data"), genesis.ledger, &keys).unwrap();
        data::finish(&dir, &genesis, &keys, Options::default()).unwrap();
    }

    /// Puts the server's certificate and key where it looks for them.
    fn put(&self, certified: &Certified) {
        fs::write(self.file("cert.pem"), &certified.cert).unwrap();
        put_secret(&self.file("key.pem"), &certified.key);
    }

    fn plain(&self) -> Launch {
        Launch::new(&self.file("data")).closed()
    }

    fn launch(&self) -> Launch {
        self.plain()
            .with(format!("--tls-cert={}", self.file("cert.pem").display()))
            .with(format!("--tls-key={}", self.file("key.pem").display()))
    }

    /// With callers of this authority only.
    fn launch_for(&self, authority: &Authority) -> Launch {
        fs::write(self.file("ca.pem"), authority.pem()).unwrap();
        self.launch().with(format!("--tls-client-ca={}", self.file("ca.pem").display()))
    }

    fn trusting(&self) -> ClientTlsConfig {
        trusting(&self.authority)
    }
}

fn put_secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}

fn trusting(authority: &Authority) -> ClientTlsConfig {
    ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority.pem())).domain_name(NAME)
}

fn showing(tls: ClientTlsConfig, certified: &Certified) -> ClientTlsConfig {
    tls.identity(Identity::from_pem(&certified.cert, &certified.key))
}

async fn connect(
    server: &Server,
    tls: ClientTlsConfig,
) -> Result<Channel, tonic::transport::Error> {
    let url = format!("https://127.0.0.1:{}", server.address().port());
    Endpoint::from_shared(url).unwrap().tls_config(tls)?.connect().await
}

async fn checkpoint(channel: Channel) -> Result<String, Status> {
    let mut client = LedgerServiceClient::new(channel);
    let answer = client.get_checkpoint(proto::GetCheckpointRequest {}).await?;
    Ok(answer.into_inner().checkpoint)
}

/// Whether a caller gets an answer. With TLS 1.3 a caller's certificate is refused only after the
/// caller believes to be connected.
async fn is_answered(server: &Server, tls: ClientTlsConfig) -> bool {
    match connect(server, tls).await {
        Ok(channel) => checkpoint(channel).await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_ledger_is_served_on_any_address() {
    let place = Place::new();
    let server = place.launch().host(Ipv4Addr::UNSPECIFIED).start();
    let channel = connect(&server, place.trusting()).await.unwrap();
    assert!(checkpoint(channel.clone()).await.unwrap().starts_with("invented.example/"));
    // To those who say who they are.
    let event = Some(proto::get_event_request::Event::Sequence(0));
    let request = proto::GetEventRequest { event };
    let status = LedgerServiceClient::new(channel.clone()).get_event(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "TOKEN_MISSING");
    // Nor are its services told without being asked to.
    assert!(!tells_its_services(channel).await);
    server.stop();

    let server = place.launch().with("--reflection").start();
    let channel = connect(&server, place.trusting()).await.unwrap();
    assert!(tells_its_services(channel).await);
    server.stop();
}

async fn tells_its_services(channel: Channel) -> bool {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = ServerReflectionRequest { host: String::new(), message_request };
    let requests = tokio_stream::iter([request]);
    let answers = ServerReflectionClient::new(channel).server_reflection_info(requests).await;
    answers.is_ok()
}

#[test]
fn what_is_not_safe_is_not_served() {
    let place = Place::new();
    let refused = |launch: Launch, words: &str| {
        let (status, log) = launch.refused();
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(log.contains(words), "no {words:?}: {log}");
    };
    refused(place.plain().host(Ipv4Addr::UNSPECIFIED), "not a loopback address");
    refused(place.plain().with("--open"), "not a trial ledger");
    refused(place.launch().with("--open"), "not a trial ledger");
    let clock = place.file("clock");
    refused(place.plain().with(format!("--simulated-clock={}", clock.display())), "holds no time");
    fs::write(&clock, "1767585600\n").unwrap();
    let simulated = place.plain().with(format!("--simulated-clock={}", clock.display()));
    refused(simulated, "only a trial takes its time from a file");

    let key = place.file("key.pem");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    refused(place.launch(), "mode 644): give it mode 0600");
    put_secret(&key, "invented");
    refused(place.launch(), "key.pem holds no private key in PEM form");
    put_secret(&key, &place.authority.certify(NAME).key);
    refused(place.launch(), "is not the one of the certificate in");
    fs::remove_file(&key).unwrap();
    refused(place.launch(), "could not open");
    // Nothing of that has touched the ledger: in plain text on loopback it is served.
    place.plain().start().stop();
}

/// One handshake; which version it came to.
async fn handshake(
    server: &Server,
    authority: &Authority,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<(Option<ProtocolVersion>, Option<Vec<u8>>)> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(server.address()).await?;
    let name = ServerName::try_from(NAME).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let (_, session) = stream.get_ref();
    Ok((session.protocol_version(), session.alpn_protocol().map(<[u8]>::to_vec)))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tls_1_3_is_spoken() {
    let place = Place::new();
    let server = place.launch().start();
    let spoken = handshake(&server, &place.authority, &version::TLS13).await.unwrap();
    assert_eq!(spoken, (Some(ProtocolVersion::TLSv1_3), Some(b"h2".to_vec())));
    let error = handshake(&server, &place.authority, &version::TLS12).await.unwrap_err();
    assert!(error.to_string().contains("ProtocolVersion"), "{error}");
    // Plain text is not.
    let plain = Endpoint::from_shared(server.url().to_owned()).unwrap().connect().await;
    if let Ok(channel) = plain {
        checkpoint(channel).await.unwrap_err();
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_authority_or_name_is_not_believed() {
    let place = Place::new();
    let server = place.launch().start();
    assert!(is_answered(&server, place.trusting()).await);
    assert!(!is_answered(&server, trusting(&Authority::new())).await);
    assert!(!is_answered(&server, place.trusting().domain_name("other.example")).await);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_show_a_certificate_where_that_is_configured() {
    let place = Place::new();
    let callers = Authority::new();
    let server = place.launch_for(&callers).start();
    let caller = callers.certify("agency.example");
    assert!(is_answered(&server, showing(place.trusting(), &caller)).await);
    assert!(!is_answered(&server, place.trusting()).await, "without any");
    let of_another = Authority::new().certify("agency.example");
    assert!(!is_answered(&server, showing(place.trusting(), &of_another)).await, "of another");
    let own = place.authority.certify("agency.example");
    assert!(!is_answered(&server, showing(place.trusting(), &own)).await, "of the server's own");
    server.stop();
}

/// SIGHUP: new connections meet the new certificate, old ones go on; files that are wrong change
/// nothing.
#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_read_again() {
    let place = Place::new();
    let server = place.launch().start();
    let before = connect(&server, place.trusting()).await.unwrap();
    let next = Authority::new();
    place.put(&next.certify(NAME));
    server.signal("HUP");
    eventually(async || is_answered(&server, trusting(&next)).await).await;
    assert!(!is_answered(&server, place.trusting()).await, "the old one is no more");
    checkpoint(before.clone()).await.unwrap();

    fs::write(place.file("cert.pem"), "invented").unwrap();
    server.signal("HUP");
    eventually(async || server.log().contains("the certificate stays as it was")).await;
    assert!(is_answered(&server, trusting(&next)).await);
    checkpoint(before).await.unwrap();
    server.stop();
}

/// Within some seconds it is so.
async fn eventually(is_so: impl AsyncFn() -> bool) {
    for _ in 0..100 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never was so");
}
