//! The text forms of key files.

use std::fmt::Write as _;

use letopis_crypto::sign::SecretKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::sealed::Cost;
use super::{BYTES_MAX, KeyFile, LockedIdentity};
use crate::identity::Identity;

/// What a key file says that it is.
const OPEN: &str = "key 1";
const LOCKED: &str = "key 2";

/// The derivation that `key 2` uses, with its version.
const KDF: &str = "argon2id 19";

/// The text form of `key 1`. Secrets are borrowed from a buffer that is zeroed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open<'a> {
    letopis: &'a str,
    ledger: Option<&'a str>,
    actor: &'a str,
    grant: Option<&'a str>,
    statement_key: &'a str,
    token_key: Option<&'a str>,
}

/// The text form of `key 2`. The keys shown are the public ones.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked<'a> {
    letopis: &'a str,
    ledger: Option<&'a str>,
    actor: &'a str,
    grant: Option<&'a str>,
    statement_key: &'a str,
    token_key: Option<&'a str>,
    kdf: &'a str,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: &'a str,
    nonce: &'a str,
    sealed: &'a str,
}

/// Only what tells the formats apart.
#[derive(Deserialize)]
struct Which<'a> {
    letopis: &'a str,
}

pub(super) fn parse(bytes: &[u8]) -> Result<KeyFile, &'static str> {
    // The library's own message could repeat what is in the file.
    let json = "it is not JSON with the fields of a key file, or some is escaped";
    let Which { letopis } = serde_json::from_slice(bytes).map_err(|_| json)?;
    match letopis {
        OPEN => open(&serde_json::from_slice(bytes).map_err(|_| json)?).map(KeyFile::Open),
        LOCKED => locked(&serde_json::from_slice(bytes).map_err(|_| json)?).map(KeyFile::Locked),
        _ => Err("it does not say that it is \"key 1\" or \"key 2\""),
    }
}

const ID: &str = "an id is not 64 lower-case hex digits";
const ACTOR: &str = "the actor is not a UUID";
const KEY: &str = "a key is not 64 lower-case hex digits";

fn open(text: &Open<'_>) -> Result<Identity, &'static str> {
    let secret = |hex| {
        let seed: Zeroizing<Vec<u8>> = unhex(hex).ok_or(KEY)?;
        seed.as_slice().try_into().map(SecretKey::from_seed).map_err(|_| KEY)
    };
    Ok(Identity {
        ledger: text.ledger.map(str::parse).transpose().map_err(|_| ID)?,
        actor: text.actor.parse().map_err(|_| ACTOR)?,
        grant: text.grant.map(str::parse).transpose().map_err(|_| ID)?,
        statement_key: secret(text.statement_key)?,
        token_key: text.token_key.map(secret).transpose()?,
    })
}

fn locked(text: &Locked<'_>) -> Result<LockedIdentity, &'static str> {
    if text.kdf != KDF {
        return Err("it was locked in a way that is not known here");
    }
    let cost = Cost { memory_kib: text.memory_kib, passes: text.passes, lanes: text.lanes };
    let bytes = |hex| unhex(hex).ok_or("salt, nonce or what is sealed is not in lower-case hex");
    LockedIdentity {
        ledger: text.ledger.map(str::parse).transpose().map_err(|_| ID)?,
        actor: text.actor.parse().map_err(|_| ACTOR)?,
        grant: text.grant.map(str::parse).transpose().map_err(|_| ID)?,
        statement_key: text.statement_key.parse().map_err(|_| KEY)?,
        token_key: text.token_key.map(str::parse).transpose().map_err(|_| KEY)?,
        cost,
        salt: bytes(text.salt)?.as_slice().try_into().map_err(|_| "the salt is not 16 bytes")?,
        nonce: bytes(text.nonce)?.as_slice().try_into().map_err(|_| "the nonce is not 24 bytes")?,
        sealed: bytes(text.sealed)?.to_vec(),
    }
    .checked()
}

/// Lower-case hex digits, two for each byte. Does not grow, so that no copy is left behind.
fn unhex(hex: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let mut bytes = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for pair in pairs {
        let [high, low] = pair.map(|digit| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        });
        bytes.push(high? << 4 | low?);
    }
    rest.is_empty().then_some(bytes)
}

pub(super) fn of_open(identity: &Identity) -> Zeroizing<Vec<u8>> {
    let (ledger, grant) = (identity.ledger.map(shown), identity.grant.map(shown));
    let statement_key = hex(&*identity.statement_key.seed());
    let token_key = identity.token_key.as_ref().map(|key| hex(&*key.seed()));
    text(&Open {
        letopis: OPEN,
        ledger: ledger.as_deref(),
        actor: &identity.actor.to_string(),
        grant: grant.as_deref(),
        statement_key: &statement_key,
        token_key: token_key.as_ref().map(|text| text.as_str()),
    })
}

pub(super) fn of_locked(identity: &LockedIdentity) -> Zeroizing<Vec<u8>> {
    let (ledger, grant) = (identity.ledger.map(shown), identity.grant.map(shown));
    let token_key = identity.token_key.map(shown);
    text(&Locked {
        letopis: LOCKED,
        ledger: ledger.as_deref(),
        actor: &identity.actor.to_string(),
        grant: grant.as_deref(),
        statement_key: &identity.statement_key.to_string(),
        token_key: token_key.as_deref(),
        kdf: KDF,
        memory_kib: identity.cost.memory_kib,
        passes: identity.cost.passes,
        lanes: identity.cost.lanes,
        salt: &hex(&identity.salt),
        nonce: &hex(&identity.nonce),
        sealed: &hex(&identity.sealed),
    })
}

fn text(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Large enough not to grow, so that no copy is left behind.
    let mut out = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
    // Writing strings into memory does not fail.
    let _ = serde_json::to_writer_pretty(&mut *out, value);
    out.push(b'\n');
    out
}

fn shown(id: impl std::fmt::Display) -> String {
    id.to_string()
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
