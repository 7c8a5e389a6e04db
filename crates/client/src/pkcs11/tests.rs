//! Against SoftHSM2, where it is installed. Its configuration comes from the environment, so the
//! work is done by a process of its own.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use letopis_proto::statement::v1::Purpose;
use letopis_types::LedgerId;

use super::*;
use crate::token::{self, Call};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const LABEL: &str = "letopis invented";
const PIN: &str = "73519482";

/// The curve's name as a PrintableString, which SoftHSM takes.
const CURVE: &[u8] = b"\x13\x0cedwards25519";

/// Runs a test of this file that is otherwise ignored, with a fresh token of SoftHSM, and gives what
/// it printed. `None`: SoftHSM is not installed.
fn with_token(test: &str, mechanisms: &str) -> Option<String> {
    if !Path::new(MODULE).exists() {
        println!("left out: SoftHSM2 is not installed");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let tokens = directory.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let configuration = directory.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n\
         slots.mechanisms = {mechanisms}\n",
        tokens.display()
    );
    fs::write(&configuration, text).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", LABEL, "--so-pin", "18273645", "--pin", PIN])
        .env("SOFTHSM2_CONF", &configuration)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("pkcs11::tests::{test}"), "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.contains("1 passed"), "{said}");
    assert!(!said.contains(PIN) && !complained.contains(PIN));
    Some(said)
}

struct Person {
    pin: Mutex<Option<&'static str>>,
    asked: AtomicU32,
}

impl AskPin for Person {
    fn ask(&self, token: &str) -> Option<Passphrase> {
        assert_eq!(token, LABEL);
        self.asked.fetch_add(1, Ordering::SeqCst);
        lock(&self.pin).map(|pin| Passphrase::new(pin.to_owned()))
    }
}

fn person(pin: Option<&'static str>) -> Arc<Person> {
    Arc::new(Person { pin: Mutex::new(pin), asked: AtomicU32::new(0) })
}

#[derive(Default)]
struct Set(AtomicU64);

impl Clock for Set {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Makes a key pair in the token.
fn make_key(token: &Pkcs11Token, id: u8) {
    let session = token.0.context.open_rw_session(token.0.slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
    let public = [
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::Id(vec![id]),
        Attribute::EcParams(CURVE.to_vec()),
    ];
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Id(vec![id]),
    ];
    session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private).unwrap();
}

#[test]
fn a_token_signs() {
    let Some(said) = with_token("signs_in_a_token", "ALL") else { return };
    if said.contains("does not offer") {
        println!("this SoftHSM2 was built without EdDSA: only its absence was tested");
    }
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn signs_in_a_token() {
    let (asked, clock) = (person(Some(PIN)), Arc::new(Set::default()));
    let opened = Pkcs11Token::with_clock(Path::new(MODULE), LABEL, asked.clone(), clock.clone());
    let token = match opened {
        Err(error @ Pkcs11Error::NoEd25519 { .. }) => return println!("{error}"),
        opened => opened.unwrap(),
    };
    make_key(&token, 1);
    make_key(&token, 2);
    let keys = token.keys().unwrap();
    assert_eq!(keys.len(), 2);
    let [first, second] = &keys[..] else { panic!("{keys:?}") };
    assert_ne!(first.key, second.key);

    // A statement, a paper, and a token of a call.
    let signature = first.sign_statement(b"statement").unwrap();
    verify(&first.public_key(), &pae(STATEMENT_TYPE, b"statement"), &signature).unwrap();
    let paper = Paper::Deidentified;
    let signature = first.sign_paper(paper, b"paper").unwrap();
    verify(&first.public_key(), &paper.message(b"paper"), &signature).unwrap();
    let caller = token.key(second.key).unwrap().acting_as(ActorId([4; 16]));
    let call = Call {
        ledger: &LedgerId([0xee; 32]),
        method: "letopis.ledger.v1.LedgerService/Append",
        purpose: Purpose::CaseWork,
        request: b"request",
    };
    let made = token::make(&caller, &call, SystemTime::now()).unwrap();
    assert_eq!(made.split('.').count(), 3);
    assert_eq!(asked.asked.load(Ordering::SeqCst), 1, "the session stays open");

    // And only for 5 minutes.
    clock.0.store(299, Ordering::SeqCst);
    first.sign_statement(b"statement").unwrap();
    assert_eq!(asked.asked.load(Ordering::SeqCst), 1);
    clock.0.store(300, Ordering::SeqCst);
    first.sign_statement(b"statement").unwrap();
    assert_eq!(asked.asked.load(Ordering::SeqCst), 2);

    // What another key would have made is not taken for this one's.
    let mixed = Pkcs11Key { key: second.key, ..first.clone() };
    assert!(matches!(mixed.sign_statement(b"s"), Err(SignerError::Signature(_))));

    token.lock();
    *lock(&asked.pin) = Some("00000000");
    assert_eq!(first.sign_statement(b"s"), Err(SignerError::Passphrase));
    *lock(&asked.pin) = None;
    assert_eq!(first.sign_statement(b"s"), Err(SignerError::Locked));
    let other = PublicKey([9; 32]);
    assert!(matches!(token.key(other), Err(Pkcs11Error::NoKey { .. })));
    let elsewhere = Pkcs11Token::open(Path::new(MODULE), "another", asked);
    assert!(matches!(elsewhere, Err(Pkcs11Error::NoToken { .. })));
}

#[test]
fn a_token_without_ed25519_is_told() {
    let Some(said) = with_token("finds_no_ed25519", "CKM_SHA256,CKM_RSA_PKCS") else { return };
    assert!(said.contains("does not offer Ed25519 (CKM_EDDSA)"), "{said}");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn finds_no_ed25519() {
    let opened = Pkcs11Token::open(Path::new(MODULE), LABEL, person(None));
    let Err(error @ Pkcs11Error::NoEd25519 { .. }) = opened else { panic!("{opened:?}") };
    println!("{error}");
}

#[test]
fn what_is_no_module_is_told() {
    let opened = Pkcs11Token::open(Path::new("/nowhere/at.all"), LABEL, person(None));
    assert!(matches!(opened, Err(Pkcs11Error::Module { .. })), "{opened:?}");
}

#[test]
fn points_are_read_in_the_forms_that_tokens_write() {
    let key = PublicKey([7; 32]);
    let with = |prefix: &[u8]| [prefix, &key.0].concat();
    for point in [with(&[]), with(&[4, 32]), with(&[3, 33, 0])] {
        assert_eq!(ed25519_point(&point), Some(key));
    }
    for point in [vec![], with(&[4]), with(&[4, 33]), with(&[4, 32])[..33].to_vec()] {
        assert_eq!(ed25519_point(&point), None);
    }
}
