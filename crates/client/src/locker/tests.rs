use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use letopis_crypto::sign::{STATEMENT_TYPE, SecretKey, pae, verify};

use super::*;

const GOOD: &str = "измислена фраза";

/// A clock that stands still until it is set.
#[derive(Default)]
struct Set(AtomicU64);

impl Clock for Set {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

fn clock_at(millis: u64) -> Arc<Set> {
    Arc::new(Set(millis.into()))
}

fn identity() -> Identity {
    Identity {
        ledger: None,
        actor: ActorId([2; 16]),
        grant: None,
        statement_key: SecretKey::from_seed(&[4; 32]),
        token_key: Some(SecretKey::from_seed(&[5; 32])),
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new(GOOD.to_owned())
}

fn locked() -> LockedIdentity {
    LockedIdentity::seal_cheaply(&identity(), &passphrase())
}

/// Somebody who gives these in turn.
struct Answers {
    texts: Vec<&'static str>,
    asked: AtomicU32,
}

impl Answers {
    fn new(texts: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { texts: texts.to_vec(), asked: AtomicU32::new(0) })
    }
}

impl AskPassphrase for Answers {
    fn ask(&self, keys: &LockedIdentity, attempt: u32) -> Option<Passphrase> {
        assert_eq!(keys.actor(), identity().actor);
        assert!((1..=ATTEMPTS).contains(&attempt));
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) as usize;
        self.texts.get(asked).map(|text| Passphrase::new((*text).to_owned()))
    }
}

#[test]
fn unlocked_keys_sign_for_five_minutes() {
    let clock = clock_at(7_000);
    let locker = Locker::with_clock(locked(), None, clock.clone());
    assert_eq!(StatementSigner::sign_statement(&locker, b"s"), Err(SignerError::Locked));
    assert_eq!(locker.sign_token(b"t"), Err(SignerError::Locked));
    locker.unlock(&passphrase()).unwrap();
    for now in [7_000, 306_999] {
        clock.0.store(now, Ordering::SeqCst);
        let signature = StatementSigner::sign_statement(&locker, b"s").unwrap();
        verify(&locker.public_key(), &pae(STATEMENT_TYPE, b"s"), &signature).unwrap();
        let paper = Paper::Deidentified;
        let signature = StatementSigner::sign_paper(&locker, paper, b"p").unwrap();
        verify(&locker.public_key(), &paper.message(b"p"), &signature).unwrap();
        let signature = locker.sign_token(b"t").unwrap();
        verify(&TokenSigner::token_key(&locker).unwrap(), b"t", &signature).unwrap();
    }
    // Using them did not make it longer.
    clock.0.store(307_000, Ordering::SeqCst);
    assert_eq!(StatementSigner::sign_statement(&locker, b"s"), Err(SignerError::Locked));
    assert!(locker.0.open.is_empty());

    locker.unlock(&passphrase()).unwrap();
    locker.lock();
    assert!(locker.is_locked());
}

#[test]
fn keys_are_gone_though_nobody_asks() {
    let clock = clock_at(0);
    let locker = Locker::with_clock(locked(), None, clock.clone());
    for round in 1..=2 {
        locker.unlock(&passphrase()).unwrap();
        assert!(!locker.0.open.is_empty());
        clock.0.store(round * 300_000, Ordering::SeqCst);
        let began = Instant::now();
        while !locker.0.open.is_empty() {
            assert!(began.elapsed() < Duration::from_secs(20), "round {round}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn the_passphrase_is_asked_for_again() {
    let clock = clock_at(0);
    let answers = Answers::new(&["wrong one", GOOD, "wrong", "wrong", "wrong"]);
    let locker = Locker::with_clock(locked(), Some(answers.clone()), clock.clone());
    locker.sign_token(b"t").unwrap();
    assert_eq!(answers.asked.load(Ordering::SeqCst), 2);
    locker.sign_token(b"t").unwrap();
    assert_eq!(answers.asked.load(Ordering::SeqCst), 2);
    clock.0.store(300_000, Ordering::SeqCst);
    assert_eq!(locker.sign_token(b"t"), Err(SignerError::Passphrase));
    assert_eq!(answers.asked.load(Ordering::SeqCst), 5);
    assert_eq!(locker.sign_token(b"t"), Err(SignerError::Locked));
}

#[test]
fn nobody_is_asked_twice_at_once() {
    let answers = Answers::new(&[GOOD]);
    let locker = Locker::with_clock(locked(), Some(answers.clone()), clock_at(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| locker.sign_token(b"t").unwrap());
        }
    });
    assert_eq!(answers.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn the_boot_clock_goes_on() {
    let before = BootClock.now();
    thread::sleep(Duration::from_millis(5));
    assert!(BootClock.now() >= before + Duration::from_millis(5));
}
