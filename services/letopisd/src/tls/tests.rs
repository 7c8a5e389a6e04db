#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::fs::{set_permissions, write};
use std::os::unix::fs::PermissionsExt;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::*;

/// A certificate of an invented server with its key, and the files that they lie in.
fn files() -> (TempDir, TlsFiles) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let files = TlsFiles { cert: at("cert.pem"), key: at("key.pem"), client_ca: None };
    put(&files, &KeyPair::generate().unwrap());
    (dir, files)
}

fn put(files: &TlsFiles, key: &KeyPair) {
    write(&files.cert, cert(key)).unwrap();
    write(&files.key, key.serialize_pem()).unwrap();
    set_permissions(&files.key, PermissionsExt::from_mode(0o600)).unwrap();
}

fn cert(key: &KeyPair) -> String {
    let params = CertificateParams::new(vec!["ledger.example".to_owned()]).unwrap();
    params.self_signed(key).unwrap().pem()
}

#[test]
fn good_files_are_taken() {
    let (dir, mut files) = files();
    let config = files.load().unwrap();
    assert_eq!(config.alpn_protocols, [b"h2"]);
    let ca = dir.path().join("ca.pem");
    write(&ca, cert(&KeyPair::generate().unwrap())).unwrap();
    files.client_ca = Some(ca);
    files.load().unwrap();
}

#[test]
fn a_missing_file_is_named() {
    for missing in ["cert.pem", "key.pem"] {
        let (dir, files) = files();
        std::fs::remove_file(dir.path().join(missing)).unwrap();
        let error = files.load().unwrap_err();
        assert!(matches!(error, TlsError::Io { action: "open", .. }), "{error}");
        assert!(error.to_string().contains(missing), "{error}");
    }
    let (dir, mut files) = files();
    files.client_ca = Some(dir.path().join("nowhere.pem"));
    assert!(matches!(files.load(), Err(TlsError::Io { .. })));
}

#[test]
fn an_exposed_key_is_refused() {
    let (_dir, files) = files();
    for mode in [0o640, 0o604, 0o644, 0o601] {
        set_permissions(&files.key, PermissionsExt::from_mode(mode)).unwrap();
        let error = files.load().unwrap_err();
        assert!(matches!(error, TlsError::Exposed { mode: found, .. } if found == mode), "{error}");
    }
}

#[test]
fn what_is_not_pem_is_refused() {
    let wrong = ["", "invented", "-----BEGIN CERTIFICATE-----\nзапис\n-----END CERTIFICATE-----\n"];
    for text in wrong {
        for what in ["certificate", "private key"] {
            let (_dir, files) = files();
            write(if what == "certificate" { &files.cert } else { &files.key }, text).unwrap();
            let error = files.load().unwrap_err();
            assert!(matches!(error, TlsError::NotPem { wanted, .. } if wanted == what), "{error}");
        }
        let (dir, mut files) = files();
        let ca = dir.path().join("ca.pem");
        write(&ca, text).unwrap();
        files.client_ca = Some(ca);
        assert!(matches!(files.load(), Err(TlsError::NotPem { wanted: "certificate", .. })));
    }
    // Each in the other's place.
    let (_dir, files) = files();
    let swapped = TlsFiles { cert: files.key.clone(), ..files.clone() };
    assert!(matches!(swapped.load(), Err(TlsError::NotPem { wanted: "certificate", .. })));
    set_permissions(&files.cert, PermissionsExt::from_mode(0o600)).unwrap();
    let swapped = TlsFiles { key: files.cert.clone(), ..files };
    assert!(matches!(swapped.load(), Err(TlsError::NotPem { wanted: "private key", .. })));
}

#[test]
fn pem_around_something_else_is_refused() {
    let nothing = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let (dir, mut files) = files();
    let good = std::fs::read(&files.cert).unwrap();
    write(&files.cert, nothing("CERTIFICATE")).unwrap();
    let error = files.load().unwrap_err();
    assert!(matches!(error, TlsError::Unusable { what: "certificate", .. }), "{error}");
    write(&files.cert, good).unwrap();

    let ca = dir.path().join("ca.pem");
    write(&ca, nothing("CERTIFICATE")).unwrap();
    let with_ca = TlsFiles { client_ca: Some(ca), ..files.clone() };
    let error = with_ca.load().unwrap_err();
    assert!(matches!(error, TlsError::Unusable { what: "certificate authority", .. }), "{error}");

    files.key = dir.path().join("other.pem");
    write(&files.key, nothing("PRIVATE KEY")).unwrap();
    set_permissions(&files.key, PermissionsExt::from_mode(0o600)).unwrap();
    let error = files.load().unwrap_err();
    assert!(matches!(error, TlsError::Unusable { what: "private key", .. }), "{error}");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (_dir, files) = files();
    write(&files.cert, cert(&KeyPair::generate().unwrap())).unwrap();
    let error = files.load().unwrap_err();
    assert!(matches!(error, TlsError::KeyOfAnother { .. }), "{error}");
}
