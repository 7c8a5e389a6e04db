//! The key-encryption key in a token, against SoftHSM 2 where that is installed (Debian: softhsm2).
//! Tokens, labels, PINs and keys are invented, and lie in a temporary directory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use letopis_types::{Digest, LedgerId, Sequence};
use letopis_vault::{Kek, KeyId, Pin, PinSource, TokenError, TokenKek, Vault, VaultError, rotate};

const LEDGER: LedgerId = LedgerId([0x1e; 32]);
const TOKEN: &str = "измислен сейф";
const KEY: &str = "letopis vault";
const PIN: &str = "4815162342";
const SO_PIN: &str = "not a real officer";

/// Tells the process that has the tokens where the module and the directory are.
const MODULE: &str = "LETOPIS_TEST_PKCS11_MODULE";
const DIR: &str = "LETOPIS_TEST_PKCS11_DIR";

fn softhsm() -> Option<PathBuf> {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ];
    places.into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// SoftHSM finds its tokens through the environment, which a process gets when it is started.
#[test]
fn a_key_encryption_key_in_a_token() {
    let Some(module) = softhsm() else {
        println!("left out: libsofthsm2.so is not installed (Debian: softhsm2)");
        return;
    };
    let temp = tempfile::tempdir().unwrap();
    let tokens = temp.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let configuration = temp.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&configuration, text).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["in_a_process_with_tokens", "--exact", "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env(MODULE, module)
        .env(DIR, temp.path())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    assert!(!said.contains(PIN), "no PIN is ever shown");
}

/// What the tokens are seen through beside the crate under test.
struct Bench {
    module: PathBuf,
    dir: PathBuf,
    context: Pkcs11,
}

impl Bench {
    fn new(module: PathBuf, dir: PathBuf) -> Self {
        let context = Pkcs11::new(&module).unwrap();
        // The crate under test has started the module already.
        let again = context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
        assert!(again.is_err());
        Self { module, dir, context }
    }

    fn make_token(&self, label: &str) {
        let slots = self.context.get_slots_with_token().unwrap();
        let is_free = |slot| !self.context.get_token_info(slot).unwrap().token_initialized();
        let slot = slots.into_iter().find(|slot| is_free(*slot)).unwrap();
        let officer = AuthPin::new(SO_PIN.into());
        self.context.init_token(slot, &officer, label).unwrap();
        let session = self.context.open_rw_session(slot).unwrap();
        session.login(UserType::So, Some(&officer)).unwrap();
        session.init_pin(&AuthPin::new(PIN.into())).unwrap();
    }

    /// A session of the user of the token of this label.
    fn session(&self, label: &str) -> Session {
        let slots = self.context.get_slots_with_token().unwrap();
        let is_it = |slot| self.context.get_token_info(slot).unwrap().label() == label;
        let slot = slots.into_iter().find(|slot| is_it(*slot)).unwrap();
        let session = self.context.open_rw_session(slot).unwrap();
        session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
        session
    }

    fn make_aes_key(&self, label: &str, length: u64, extractable: bool) {
        let template = [
            Attribute::ValueLen(length.into()),
            Attribute::Label(label.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(!extractable),
            Attribute::Extractable(extractable),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        self.session(TOKEN).generate_key(&Mechanism::AesKeyGen, &template).unwrap();
    }

    fn open(&self, label: &str, key: &str, pin: &str) -> Result<TokenKek, TokenError> {
        TokenKek::open(&self.module, label, key, &Pin::new(pin))
    }

    fn kek(&self, key: &str) -> Kek {
        self.open(TOKEN, key, PIN).unwrap_or_else(|error| panic!("{error}")).into()
    }

    fn error(&self, label: &str, key: &str, pin: &str) -> TokenError {
        let error = self.open(label, key, pin).err().unwrap();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(pin), "{shown}");
        error
    }

    fn vault(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

fn ok<T>(result: Result<T, VaultError>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
#[ignore = "started by a_key_encryption_key_in_a_token, which sets its environment"]
fn in_a_process_with_tokens() {
    let (Some(module), Some(dir)) = (env::var_os(MODULE), env::var_os(DIR)) else {
        println!("left out: only for the process that the other test starts");
        return;
    };
    let module = PathBuf::from(module);
    for _ in 0..3 {
        let error = TokenKek::open(&module, TOKEN, KEY, &Pin::new(PIN)).err().unwrap();
        assert!(matches!(error, TokenError::NoToken { .. }), "{error}");
    }
    let bench = Bench::new(module, dir.into());
    bench.make_token(TOKEN);
    // One after the other: who is logged in to a token is a matter of the whole process.
    a_key_is_made_once_and_stays_inside(&bench);
    what_is_not_there_is_named(&bench);
    unfit_keys_are_refused(&bench);
    a_vault_opens_with_its_key_alone(&bench);
    a_changed_key_file_does_not_open(&bench);
    rotation_goes_from_file_to_token_and_back(&bench);
}

fn a_key_is_made_once_and_stays_inside(bench: &Bench) {
    let create = || TokenKek::create_key(&bench.module, TOKEN, KEY, &Pin::new(PIN));
    let made = create().unwrap_or_else(|error| panic!("{error}"));
    drop(made);
    let error = create().err().unwrap();
    assert!(matches!(error, TokenError::KeyThere { .. }), "{error}");

    let session = bench.session(TOKEN);
    let keys = session.find_objects(&[Attribute::Label(KEY.into())]).unwrap();
    assert_eq!(keys.len(), 1);
    let asked = [
        AttributeType::Value,
        AttributeType::ValueLen,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::NeverExtractable,
        AttributeType::AlwaysSensitive,
        AttributeType::Private,
        AttributeType::Wrap,
        AttributeType::Unwrap,
    ];
    let said = session.get_attributes(keys[0], &asked).unwrap();
    let expected = [
        Attribute::ValueLen(32.into()),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::NeverExtractable(true),
        Attribute::AlwaysSensitive(true),
        Attribute::Private(true),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
    ];
    assert_eq!(said, expected, "and no value");
}

fn what_is_not_there_is_named(bench: &Bench) {
    assert!(matches!(bench.error(TOKEN, KEY, "000000"), TokenError::WrongPin { .. }));
    assert!(matches!(bench.error("another token", KEY, PIN), TokenError::NoToken { .. }));
    assert!(matches!(bench.error(TOKEN, "another key", PIN), TokenError::NoKey { .. }));
    let missing = Path::new("no-such-module.so");
    let error = TokenKek::open(missing, TOKEN, KEY, &Pin::new(PIN)).err().unwrap();
    assert!(matches!(error, TokenError::Module { .. }), "{error}");

    bench.make_token("two of a name");
    bench.make_token("two of a name");
    let error = bench.error("two of a name", KEY, PIN);
    assert!(matches!(error, TokenError::ManyTokens { count: 2, .. }), "{error}");

    let path = bench.dir.join("pin");
    fs::write(&path, format!("{PIN}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let pin = Pin::read(&PinSource::File(path)).unwrap_or_else(|error| panic!("{error}"));
    assert!(TokenKek::open(&bench.module, TOKEN, KEY, &pin).is_ok());
}

fn unfit_keys_are_refused(bench: &Bench) {
    bench.make_aes_key("extractable", 32, true);
    bench.make_aes_key("short", 16, false);
    for (label, why) in [("extractable", "can be read"), ("short", "256")] {
        let error = bench.error(TOKEN, label, PIN);
        assert!(matches!(error, TokenError::UnfitKey { .. }), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    bench.make_aes_key("twice", 32, false);
    bench.make_aes_key("twice", 32, false);
    let error = bench.error(TOKEN, "twice", PIN);
    assert!(matches!(error, TokenError::ManyKeys { count: 2, .. }), "{error}");
}

fn a_vault_opens_with_its_key_alone(bench: &Bench) {
    let dir = bench.vault("vault-a");
    let vault = ok(Vault::create(&dir, LEDGER, &bench.kek(KEY)));
    let (id, key) = ok(vault.fresh());
    let (gone, _) = ok(vault.fresh());
    ok(vault.destroy_all(&[gone]));
    drop(vault);

    let file = fs::read(dir.join("key")).unwrap();
    assert_eq!(file.len(), 116);
    assert_eq!(&file[..8], b"LTPVKT1\n");
    assert_eq!(&file[8..40], &LEDGER.0);

    let vault = ok(Vault::open(&dir, LEDGER, &bench.kek(KEY), 2));
    assert_eq!(ok(vault.key(&id)).unwrap().as_bytes(), key.as_bytes());
    assert!(ok(vault.key(&gone)).is_none());
    drop(vault);
    assert!(Vault::open_read_only(&dir, LEDGER, &bench.kek(KEY)).is_ok());

    let error = Vault::open(&dir, LEDGER, &bench.kek_of_file(), 2).err().unwrap();
    assert!(matches!(error, VaultError::OtherKindOfKek { .. }), "{error}");
    bench.make_aes_key("a second one", 32, false);
    let error = Vault::open(&dir, LEDGER, &bench.kek("a second one"), 2).err().unwrap();
    assert!(matches!(error, VaultError::WrongKek { .. }), "{error}");
    let other = LedgerId([0x2e; 32]);
    let error = Vault::open(&dir, other, &bench.kek(KEY), 2).err().unwrap();
    assert!(matches!(error, VaultError::ForeignLedger { .. }), "{error}");
}

impl Bench {
    fn kek_of_file(&self) -> Kek {
        let path = self.dir.join("vault.kek");
        ok(if path.exists() { Kek::read_file(&path) } else { Kek::create_file(&path) })
    }
}

fn a_changed_key_file_does_not_open(bench: &Bench) {
    let dir = bench.vault("vault-b");
    let kek = bench.kek(KEY);
    drop(ok(Vault::create(&dir, LEDGER, &kek)));
    let path = dir.join("key");
    let good = fs::read(&path).unwrap();
    let mut damaged = vec![good[..115].to_vec(), [good.as_slice(), &[0]].concat()];
    for (at, part) in [(0, "magic"), (41, "id"), (57, "nonce"), (70, "key"), (115, "tag")] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        if part == "magic" {
            damaged.push(bad);
            continue;
        }
        fs::write(&path, bad).unwrap();
        let error = Vault::open(&dir, LEDGER, &kek, 0).err().unwrap();
        assert!(matches!(error, VaultError::WrongKek { .. }), "{part}: {error}");
    }
    for bad in damaged {
        fs::write(&path, bad).unwrap();
        let error = Vault::open(&dir, LEDGER, &kek, 0).err().unwrap();
        assert!(matches!(error, VaultError::KeyFileDamaged { .. }), "{error}");
    }
    fs::write(&path, good).unwrap();
    assert!(Vault::open(&dir, LEDGER, &kek, 0).is_ok(), "the token takes the next one");
}

fn rotation_goes_from_file_to_token_and_back(bench: &Bench) {
    let dir = bench.vault("vault-c");
    let vault = ok(Vault::create(&dir, LEDGER, &bench.kek_of_file()));
    let keys: Vec<(KeyId, [u8; 32])> = (0..5)
        .map(|_| {
            let (id, key) = ok(vault.fresh());
            (id, *key.as_bytes())
        })
        .collect();
    ok(vault.destroy(&keys[2].0));
    ok(vault.remember_erasure(Sequence(9), Digest([9; 32])));
    drop(vault);

    let keks: [&dyn Fn() -> Kek; 4] =
        [&|| bench.kek_of_file(), &|| bench.kek(KEY), &|| bench.kek("a second one"), &|| {
            bench.kek_of_file()
        }];
    for (n, pair) in (1..).zip(keks.windows(2)) {
        let (old, new) = (pair[0](), pair[1]());
        assert!(ok(Vault::opens_with(&dir, LEDGER, &old)));
        assert!(!ok(Vault::opens_with(&dir, LEDGER, &new)));
        let rotation = ok(rotate(&dir, LEDGER, &old, &new, n));
        assert_eq!((rotation.at_seconds, rotation.covers), (n, Some(Sequence(9))));
        assert!(Vault::open(&dir, LEDGER, &old, 5).is_err());
        let vault = ok(Vault::open(&dir, LEDGER, &new, 5));
        for (n, (id, key)) in keys.iter().enumerate() {
            let found = ok(vault.key(id)).map(|key| *key.as_bytes());
            assert_eq!(found, (n != 2).then_some(*key));
        }
    }
}
