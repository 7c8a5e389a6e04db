use std::fs;

use letopis_crypto::sign::SecretKey;
use letopis_types::{ActorId, Digest, LedgerId};

use super::sealed::Cost;
use super::*;

fn identity(full: bool) -> Identity {
    Identity {
        ledger: full.then_some(LedgerId([1; 32])),
        actor: ActorId([2; 16]),
        grant: full.then_some(Digest([3; 32])),
        statement_key: SecretKey::from_seed(&[0xa4; 32]),
        token_key: full.then(|| SecretKey::from_seed(&[5; 32])),
    }
}

fn same(a: &Identity, b: &Identity) -> bool {
    let token = |id: &Identity| id.token_key.as_ref().map(SecretKey::public);
    a.signer() == b.signer() && a.ledger == b.ledger && token(a) == token(b)
}

#[test]
fn files_round_trip_and_are_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    for full in [true, false] {
        let path = dir.path().join(format!("{full}.key"));
        identity(full).write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, MODE);
        assert!(same(&Identity::read(&path).unwrap(), &identity(full)));
        assert!(matches!(identity(full).write(&path), Err(KeyFileError::Io { .. })));
        identity(true).replace(&path).unwrap();
        assert!(same(&Identity::read(&path).unwrap(), &identity(true)));
    }
}

#[test]
fn looser_modes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.key");
    identity(true).write(&path).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o700, 0o4600] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Identity::read(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Mode { mode: found, .. } if found == mode));
    }
}

#[test]
fn wrong_files_are_refused_without_showing_them() {
    let good = String::from_utf8(text::of_open(&identity(true)).to_vec()).unwrap();
    let seed = "a4".repeat(32);
    for wrong in [
        String::new(),
        good.replace("key 1", "key 3"),
        good.replace("\"actor\"", "\"actors\""),
        good.replace(&seed, &seed.to_uppercase()),
        good.replace(&seed, &seed[1..]),
        good.replace(&seed, &format!("+{}", &seed[1..])),
        good.replace("{", "{\"more\": 1,"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.key");
        files::create(&path, wrong.as_bytes(), MODE).unwrap();
        let error = Identity::read(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Format { .. }), "{wrong}");
        assert!(!format!("{error} {error:?}").contains("a4a4"));
    }
    let long = " ".repeat(BYTES_MAX);
    let dir = tempfile::tempdir().unwrap();
    files::create(&dir.path().join("a.key"), long.as_bytes(), MODE).unwrap();
    assert!(Identity::read(&dir.path().join("a.key")).is_err());
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", identity(true)).to_lowercase();
    for secret in ["a4".repeat(8), "05".repeat(8), "164, 164".to_owned()] {
        assert!(!shown.contains(&secret), "{shown}");
    }
}

const CHEAP: Cost = Cost { memory_kib: 64, passes: 2, lanes: 1 };

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

fn locked(full: bool) -> LockedIdentity {
    LockedIdentity::seal_at(&identity(full), &passphrase("измислена фраза"), CHEAP).unwrap()
}

#[test]
fn locked_files_round_trip_and_tell_who_without_the_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    for full in [true, false] {
        let path = dir.path().join(format!("{full}.key"));
        locked(full).write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, MODE);
        let text = fs::read_to_string(&path).unwrap();
        for seed in ["a4a4a4a4", "05050505"] {
            assert!(!text.contains(seed), "{text}");
        }
        assert!(matches!(Identity::read(&path), Err(KeyFileError::Locked { .. })));
        let KeyFile::Locked(read) = KeyFile::read(&path).unwrap() else { panic!("it lies open") };
        assert_eq!(read.signer(), identity(full).signer());
        assert_eq!(read.ledger, identity(full).ledger);
        let token = identity(full).token_key.as_ref().map(SecretKey::public);
        assert_eq!(read.token_key(), token);
        let open = read.unlock(&passphrase("измислена фраза")).unwrap();
        assert!(same(&open, &identity(full)));
        let wrong = read.unlock(&passphrase("Измислена фраза"));
        assert!(matches!(wrong, Err(PassphraseError::Wrong)));
    }
}

#[test]
fn keys_that_lay_open_are_locked_in_place_and_the_passphrase_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.key");
    identity(true).write(&path).unwrap();
    locked(true).replace(&path).unwrap();
    let KeyFile::Locked(before) = KeyFile::read(&path).unwrap() else { panic!("it lies open") };
    let (old, new) = (passphrase("измислена фраза"), passphrase("another invented one"));
    assert!(matches!(before.change_passphrase(&new, &old), Err(PassphraseError::Wrong)));
    let short = before.change_passphrase(&old, &passphrase("седем..")).unwrap_err();
    assert!(matches!(short, PassphraseError::TooShort));
    before.change_passphrase(&old, &new).unwrap().replace(&path).unwrap();
    let KeyFile::Locked(after) = KeyFile::read(&path).unwrap() else { panic!("it lies open") };
    assert!(matches!(after.unlock(&old), Err(PassphraseError::Wrong)));
    assert!(same(&after.unlock(&new).unwrap(), &identity(true)));
    // A changed passphrase comes at the full cost.
    assert!(fs::read_to_string(&path).unwrap().contains("\"memory_kib\": 65536"));
}

#[test]
fn a_grant_is_noted_without_the_passphrase() {
    let mut noted = locked(true);
    noted.grant = Some(Digest([9; 32]));
    let open = noted.unlock(&passphrase("измислена фраза")).unwrap();
    assert_eq!(open.grant, Some(Digest([9; 32])));
}

#[test]
fn a_file_that_was_changed_does_not_open() {
    let good = String::from_utf8(text::of_locked(&locked(true)).to_vec()).unwrap();
    let other = text::of_locked(&{
        let other = Identity { statement_key: SecretKey::from_seed(&[7; 32]), ..identity(true) };
        LockedIdentity::seal_at(&other, &passphrase("измислена фраза"), CHEAP).unwrap()
    });
    let other: serde_json::Value = serde_json::from_slice(&other).unwrap();
    let value: serde_json::Value = serde_json::from_str(&good).unwrap();
    for field in ["actor", "statement_key", "token_key", "salt", "nonce", "sealed"] {
        let mut value = value.clone();
        value[field] = match field {
            "actor" => "03030303-0303-0303-0303-030303030303".into(),
            "token_key" => serde_json::Value::Null,
            field => other[field].clone(),
        };
        // Where the sealed part has another length than the keys need, reading says so already.
        match text::parse(value.to_string().as_bytes()) {
            Ok(KeyFile::Locked(locked)) => {
                let opened = locked.unlock(&passphrase("измислена фраза"));
                assert!(matches!(opened, Err(PassphraseError::Wrong)), "{field}");
            }
            Ok(KeyFile::Open(_)) => panic!("{field}"),
            Err(_) => assert_eq!(field, "token_key"),
        }
    }
}

#[test]
fn parameters_are_bounded() {
    let good = String::from_utf8(text::of_locked(&locked(true)).to_vec()).unwrap();
    assert!(text::parse(good.as_bytes()).is_ok());
    for (field, written, wrong) in [
        ("memory_kib", "64", "1048577"),
        ("memory_kib", "64", "7"),
        ("passes", "2", "17"),
        ("passes", "2", "0"),
        ("lanes", "1", "17"),
        ("lanes", "1", "0"),
        // Argon2 wants 8 KiB for each lane.
        ("lanes", "1", "9"),
        ("kdf", "\"argon2id 19\"", "\"argon2i 19\""),
        ("letopis", "\"key 2\"", "\"key 1\""),
    ] {
        let (from, to) = (format!("\"{field}\": {written}"), format!("\"{field}\": {wrong}"));
        assert!(good.contains(&from), "{good}");
        assert!(text::parse(good.replace(&from, &to).as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let locked = locked(true);
    let shown = format!("{locked:?} {:?}", passphrase("измислена фраза"));
    assert!(!shown.contains("измислена"), "{shown}");
    assert!(!shown.contains("sealed"), "{shown}");
}
