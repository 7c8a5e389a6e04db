//! Key files: an [`Identity`] as JSON text that only its owner can read.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use letopis_crypto::sign::SecretKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::files;
use crate::identity::Identity;

/// What a key file says that it is.
const FORMAT: &str = "key 1";

/// The only mode that a key file may have.
const MODE: u32 = 0o600;

/// The longest key file, in bytes; one has some 400.
const BYTES_MAX: usize = 4096;

/// What is wrong with a key file. Never says what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It can't be read or written. A file that exists already is not written over.
    #[error("the key file {} can't be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner may have access to it.
    #[error("the key file {} has mode {mode:04o}: make new keys if others could read it, \
             else set 0600", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not JSON with just the fields that a key file has.
    #[error("the key file {} is not a letopis key file: {what}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is not as it must be.
        what: &'static str,
    },
}

/// The text form. Secrets are borrowed from a buffer that is zeroed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text<'a> {
    letopis: &'a str,
    ledger: Option<&'a str>,
    actor: &'a str,
    grant: Option<&'a str>,
    statement_key: &'a str,
    token_key: Option<&'a str>,
}

impl Identity {
    /// Reads a key file. Its mode must be 0600.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(io)?;
        // Of the open file, so that it can't be exchanged in between.
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o7777;
        if mode != MODE {
            return Err(KeyFileError::Mode { path: path.to_owned(), mode });
        }
        // Does not grow, so that no copy is left behind.
        let mut buffer = Zeroizing::new([0; BYTES_MAX]);
        let mut length = 0;
        while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(io)? {
                0 => break,
                read => length += read,
            }
        }
        let format = |what| KeyFileError::Format { path: path.to_owned(), what };
        let bytes = buffer.get(..length).filter(|_| length < BYTES_MAX);
        parse(bytes.ok_or_else(|| format("it is too long"))?).map_err(format)
    }

    /// Writes it to a key file that must not exist yet, with mode 0600.
    ///
    /// # Errors
    /// [`KeyFileError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        files::create(path, &to_text(self), MODE)
            .map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
    }

    /// Writes it into the place of a key file that may be there: its grant has changed, say.
    ///
    /// # Errors
    /// [`KeyFileError::Io`]; the file that was there is then still there.
    pub fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        files::replace(path, &to_text(self), MODE)
            .map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
    }
}

fn parse(bytes: &[u8]) -> Result<Identity, &'static str> {
    // The library's own message could repeat what is in the file.
    let text: Text<'_> = serde_json::from_slice(bytes)
        .map_err(|_| "it is not JSON with the fields of a key file, or some is escaped")?;
    if text.letopis != FORMAT {
        return Err("it does not say that it is \"key 1\"");
    }
    let hex = "an id is not 64 lower-case hex digits";
    Ok(Identity {
        ledger: text.ledger.map(str::parse).transpose().map_err(|_| hex)?,
        actor: text.actor.parse().map_err(|_| "the actor is not a UUID")?,
        grant: text.grant.map(str::parse).transpose().map_err(|_| hex)?,
        statement_key: secret(text.statement_key)?,
        token_key: text.token_key.map(secret).transpose()?,
    })
}

fn secret(hex: &str) -> Result<SecretKey, &'static str> {
    let wrong = "a key is not 64 lower-case hex digits";
    if hex.len() != 64 {
        return Err(wrong);
    }
    let mut seed = Zeroizing::new([0; 32]);
    for (byte, pair) in seed.iter_mut().zip(hex.as_bytes().as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        });
        *byte = high.ok_or(wrong)? << 4 | low.ok_or(wrong)?;
    }
    Ok(SecretKey::from_seed(&seed))
}

fn to_text(identity: &Identity) -> Zeroizing<Vec<u8>> {
    let (ledger, grant) = (identity.ledger.map(hex_of), identity.grant.map(hex_of));
    let statement_key = seed_text(&identity.statement_key);
    let token_key = identity.token_key.as_ref().map(seed_text);
    let text = Text {
        letopis: FORMAT,
        ledger: ledger.as_deref(),
        actor: &identity.actor.to_string(),
        grant: grant.as_deref(),
        statement_key: &statement_key,
        token_key: token_key.as_ref().map(|text| text.as_str()),
    };
    // Large enough not to grow, so that no copy is left behind.
    let mut out = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
    // Writing strings into memory does not fail.
    let _ = serde_json::to_writer_pretty(&mut *out, &text);
    out.push(b'\n');
    out
}

fn hex_of(id: impl std::fmt::Display) -> String {
    id.to_string()
}

fn seed_text(key: &SecretKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(64));
    for byte in key.seed().iter() {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    use letopis_types::{ActorId, Digest, LedgerId};

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
        let good = String::from_utf8(to_text(&identity(true)).to_vec()).unwrap();
        let seed = "a4".repeat(32);
        for wrong in [
            String::new(),
            good.replace("key 1", "key 2"),
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
}
