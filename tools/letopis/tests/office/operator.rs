//! What the operator does for erasures to be final, and what the auditor then finds.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::support::{Office, Server, asked_with, letopis, secret};

/// Where a software token's library may be.
const MODULES: [&str; 2] =
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];

#[test]
fn the_vaults_keys_are_exchanged_and_the_record_compacted() {
    // Small segments, so that the erased section comes to lie in a closed one.
    let mut office = Office::served_with(&["--segment-bytes", "4096"]);
    let root = office.root();
    let data = ["--data", &root];
    let rotate = [&["vault", "rotate"][..], &data].concat();
    assert!(letopis(&rotate).bad().contains("in use"));
    let act = ["--event", "3:0", "--ground", "чл. 17 ОРЗД", "--yes"];
    let officers = ["officer", "director"];
    office.signed(&["file", "erase", &office.case], &officers, &act).good();
    for _ in 0..3 {
        office.file("show", "head", &[]).good();
    }
    office.server.take().unwrap().stop();

    let status = [&["vault", "status"][..], &data].concat();
    let said = letopis(&status).good();
    assert!(said.contains("rotated       never"), "{said}");
    assert!(said.contains("`letopis vault rotate` makes it final"), "{said}");
    let kek = format!("{root}/keys/vault.kek");
    let before = std::fs::read(&kek).unwrap();
    let said = letopis(&rotate).good();
    assert!(said.contains("makes final erasures up to sequence"), "{said}");
    assert_ne!(std::fs::read(&kek).unwrap(), before);
    for left in ["next", "old"] {
        assert!(!Path::new(&format!("{kek}.{left}")).exists(), "{left}");
    }
    let said = letopis(&status).good();
    assert!(said.contains("before the rotation"), "{said}");

    let compact = [&["record", "compact", "--json"][..], &data].concat();
    let said: serde_json::Value = serde_json::from_str(&letopis(&compact).good()).unwrap();
    assert_eq!(said["sections"], 2, "{said}");
    let again: serde_json::Value = serde_json::from_str(&letopis(&compact).good()).unwrap();
    assert_eq!(again["sections"], 0, "{again}");

    let verified = letopis(&[&["verify"][..], &data].concat()).good();
    assert!(verified.contains("2 erased, each by an erasure on the record"), "{verified}");
    assert!(verified.contains("readings    "), "{verified}");
    let json = letopis(&[&["verify", "--json"][..], &data].concat()).good();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sections_erased"], 2);
    assert!(json["readings"].as_u64().unwrap() > 0);
}

#[test]
fn an_exchange_that_was_stopped_is_finished() {
    let mut office = Office::open();
    office.server.take().unwrap().stop();
    let root = office.root();
    let kek = format!("{root}/keys/vault.kek");
    let old = std::fs::read(&kek).unwrap();
    let rotate = ["vault", "rotate", "--data", &root];
    letopis(&rotate).good();
    // As if it had been stopped before the new key got its name.
    std::fs::rename(&kek, format!("{kek}.next")).unwrap();
    std::fs::write(&kek, &old).unwrap();
    secret(&kek, 0o600);
    letopis(&rotate).good();
    assert_ne!(std::fs::read(&kek).unwrap(), old);
    letopis(&["verify", "--data", &root]).good();
    // As if it had been stopped before anything was exchanged.
    let next = format!("{kek}.next");
    std::fs::write(&next, &old).unwrap();
    secret(&next, 0o600);
    letopis(&rotate).good();
    letopis(&["verify", "--data", &root]).good();
}

#[test]
fn the_key_moves_into_a_token_and_back() {
    let module = MODULES.into_iter().find(|module| Path::new(module).exists());
    let Some(module) = module else {
        println!("left out: there is no SoftHSM here");
        return;
    };
    let mut office = Office::open();
    office.server.take().unwrap().stop();
    let (root, tokens) = (office.root(), office.path("tokens"));
    std::fs::create_dir(&tokens).unwrap();
    let conf = office.path("softhsm.conf");
    std::fs::write(&conf, format!("directories.tokendir = {tokens}\n")).unwrap();
    let pin = office.passphrases("654321");
    let token = |args: &[&str]| {
        let mut command = std::process::Command::new("softhsm2-util");
        assert!(command.args(args).env("SOFTHSM2_CONF", &conf).output().unwrap().status.success());
    };
    token(&["--init-token", "--free", "--label", "vault", "--so-pin", "123456", "--pin", "654321"]);
    let run = |args: &[&str]| asked_with(args, "", &[("SOFTHSM2_CONF", &conf)]);
    let named = |prefix: &str| {
        let source = format!("file:{pin}");
        let parts = [("module", module), ("token", "vault"), ("key", "kek"), ("pin", &source)];
        parts.map(|(name, value)| [format!("--{prefix}-{name}"), value.to_owned()]).concat()
    };
    let (kek, to) = (named("kek"), named("to"));
    let with = |args: &[&str], more: &[String]| {
        let more: Vec<_> = more.iter().map(String::as_str).collect();
        run(&[args, &["--data", &root], &more].concat())
    };
    let file = format!("{root}/keys/vault.kek");
    with(&["vault", "rotate"], &to).good();
    assert!(!Path::new(&file).exists());
    assert!(with(&["vault", "status"], &[]).bad().contains("--kek-module"));
    assert!(with(&["vault", "status"], &kek).good().contains("before the rotation"));
    assert!(with(&["verify"], &[]).good().contains("could not be opened here"));
    assert!(with(&["verify"], &kek).good().contains("1 erased"));
    with(&["vault", "rotate"], &kek).good();
    with(&["vault", "rotate", "--to-file"], &kek).good();
    assert!(with(&["verify"], &[]).good().contains("1 erased"));
}

#[test]
fn a_server_is_recognized_by_its_authority() {
    let mut office = Office::open();
    office.server.take().unwrap().stop();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let cert = params.signed_by(&key, &authority).unwrap();
    let write = |name: &str, text: String| {
        let path = office.path(name);
        std::fs::write(&path, text).unwrap();
        secret(&path, 0o600);
        path
    };
    let (ca, cert) = (write("ca.pem", authority.pem()), write("server.pem", cert.pem()));
    let key = write("server.key", key.serialize_pem());
    let server = Server::start(&office.root(), &["--tls-cert", &cert, "--tls-key", &key]);
    let url = server.url.replace("http://127.0.0.1", "https://localhost");
    let (head, trust) = (office.key("head"), office.path("trust"));
    let list = ["case", "list", "--key", &head, "--server", &url, "--trust", &trust];
    assert!(letopis(&[&list[..], &["--ca", &ca]].concat()).good().contains(&office.case));
    let without = letopis(&list);
    assert!(without.bad().contains("authority"), "{}", without.err);
    let another = letopis(&[&list[..], &["--ca", &cert]].concat());
    assert!(!another.bad().contains(&office.case));
}
