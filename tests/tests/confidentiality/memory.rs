//! With all that confidentiality brings along, over TLS: once no request is in flight, the server's
//! memory holds nothing of what it was given or gave out, and neither does any file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use letopis_client::Tls;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::{Launch, Trial};
use letopis_types::Class;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, IsCa, KeyPair,
};

use crate::act::{Act, MARKS, break_glass, now};
use crate::cast::{CASE, NORTH, SOUTH};
use crate::office::{Office, SERVICE, Term, end};

/// Sections of some sizes: within one buffer of the transport, and across several.
const LINES: [usize; 4] = [1, 40, 2_000, 10_000];

/// Serves over TLS with a certificate of an invented authority, and how a client recognizes it.
fn over_tls(trial: &Trial) -> (Launch, Arc<Tls>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = DistinguishedName::new();
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let put = |name: &str, text: &str| {
        let path = trial.folder().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path
    };
    let cert = put("cert.pem", &certificate.pem());
    let key = put("key.pem", &key.serialize_pem());
    let with = |name: &str, path: &Path| format!("--tls-{name}={}", path.display());
    let launch = trial.launch().closed().with(with("cert", &cert)).with(with("key", &key));
    let tls = Tls::with_authority(authority.pem().as_bytes()).unwrap();
    (launch, Arc::new(tls))
}

/// How many bytes of sections GetCaseFile gives.
async fn case_file(office: &Office, name: &str) -> usize {
    let message =
        pb::GetCaseFileRequest { case_id: CASE.id.0.to_vec().into(), ..Default::default() };
    let client = office.client_as(&office.person(name), Purpose::CaseWork);
    let request = client.authorize(&format!("{SERVICE}/GetCaseFile"), message).await.unwrap();
    let answer = office.grpc().get_case_file(request).await.unwrap().into_inner();
    let sections = answer.entries.iter().flat_map(|entry| &entry.sections);
    sections.map(|section| section.content.as_ref().map_or(0, bytes::Bytes::len)).sum()
}

async fn sections(office: &Office, name: &str, purpose: Purpose) -> usize {
    let answer = office.sections(name, purpose, CASE).await.unwrap();
    answer
        .sections
        .iter()
        .map(|section| section.content.as_ref().map_or(0, bytes::Bytes::len))
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stays_in_memory_over_tls() {
    let trial = Trial::begin("memory-of-office");
    let (launch, tls) = over_tls(&trial);
    let mut office = Office::over(trial, &launch, Some(tls)).await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    let south = Term { agency: Some(SOUTH), region: Some(2), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("DUT/glass", Role::DutyOfficer, south).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    office.by(&Act::new(CASE, Kind::CaseOpened(fact)), &["SW/lead"]).await;
    let mut bytes = 0;
    for lines in LINES {
        let text = format!("Измислено {} {}\n", MARKS[0], MARKS[1]).repeat(lines);
        bytes += text.len();
        let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
        let note = note.section(Class::Restricted, "text/1", &text);
        office.by(&note, &["SW/lead"]).await;
    }
    let opened = Act::new(CASE, break_glass(&[Class::Restricted], now() + 3600)).section(
        Class::Normal,
        "danger/1",
        "Бащата заплашва да отведе детето тази нощ",
    );
    office.by(&opened, &["DUT/glass"]).await;
    // What is refused was in memory too.
    let refused = Act::new(CASE, break_glass(&[Class::Restricted], now() - 60));
    let refused = refused.section(Class::Normal, "danger/1", "Измислена опасност");
    let signers = [office.person("DUT/glass")];
    assert!(office.try_record(&refused, &signers, &[]).await.is_err());

    assert!(sections(&office, "SW/lead", Purpose::CaseWork).await > bytes);
    assert!(sections(&office, "DUT/glass", Purpose::Emergency).await > bytes);
    assert!(case_file(&office, "SW/lead").await > bytes);

    // No request is in flight, nor a connection open; what served it is let go a moment later.
    let Office { trial, server, client, .. } = office;
    drop(client);
    tokio::time::sleep(Duration::from_millis(500)).await;
    for mark in MARKS {
        assert_eq!(server.memory_holds(mark.as_bytes()), Vec::<String>::new(), "{mark}");
    }
    assert!(!server.memory_holds(b"127.0.0.1").is_empty(), "the search finds what is there");
    end(&trial, server);
}
