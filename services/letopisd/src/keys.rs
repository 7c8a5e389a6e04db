//! The ledger's own secret keys: a file of mode 0600 in the data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use letopis_crypto::sign::SecretKey;
use letopis_ledger::LedgerKeys;
use letopis_types::Digest;
use zeroize::Zeroizing;

/// First line of the file.
const HEADER: &str = "letopis ledger keys 1";

/// The file's name in `keys/`.
pub const FILE: &str = "ledger.key";

/// Why the ledger's keys can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The system refused.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read it.
    #[error("{} may be read by others (mode {mode:o}): give it mode 0600", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not a key file.
    #[error("{} is not a file of ledger keys: bring back the right one", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// The system gave no randomness.
    #[error("the system gave no random bytes: {0}")]
    Random(String),
}

/// Draws new keys.
///
/// # Errors
/// [`KeysError::Random`].
pub fn generate() -> Result<LedgerKeys, KeysError> {
    Ok(LedgerKeys { statement: secret()?, checkpoint: secret()? })
}

fn secret() -> Result<SecretKey, KeysError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|error| KeysError::Random(error.to_string()))?;
    Ok(SecretKey::from_seed(&seed))
}

/// Writes them to a new file that only its owner may read, synced.
///
/// # Errors
/// [`KeysError::Io`]; a file that is there already is left alone.
pub fn write(path: &Path, keys: &LedgerKeys) -> Result<(), KeysError> {
    let io = |action| move |source| KeysError::Io { action, path: path.into(), source };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(io("create"))?;
    let hex = |key: &SecretKey| Zeroizing::new(Digest(*key.seed()).to_string());
    let text = Zeroizing::new(format!(
        "{HEADER}\nstatement {}\ncheckpoint {}\n",
        *hex(&keys.statement),
        *hex(&keys.checkpoint)
    ));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io("write"))
}

/// Reads them.
///
/// # Errors
/// [`KeysError`].
pub fn read(path: &Path) -> Result<LedgerKeys, KeysError> {
    let io = |action| move |source| KeysError::Io { action, path: path.into(), source };
    let mut file = File::open(path).map_err(io("open"))?;
    let mode = file.metadata().map_err(io("look at"))?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeysError::Exposed { path: path.into(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    (&mut file).take(1024).read_to_string(&mut text).map_err(io("read"))?;
    parse(&text).ok_or_else(|| KeysError::Malformed { path: path.into() })
}

fn parse(text: &str) -> Option<LedgerKeys> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    if lines.next()? != HEADER {
        return None;
    }
    let mut key = |name: &str| {
        let hex = lines.next()?.strip_prefix(name)?.strip_prefix(' ')?;
        let seed = Zeroizing::new(hex.parse::<Digest>().ok()?.0);
        Some(SecretKey::from_seed(&seed))
    };
    let keys = LedgerKeys { statement: key("statement")?, checkpoint: key("checkpoint")? };
    lines.next().is_none().then_some(keys)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let keys = generate().unwrap();
        write(&path, &keys).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = read(&path).unwrap();
        assert_eq!(again.statement.public(), keys.statement.public());
        assert_eq!(again.checkpoint.public(), keys.checkpoint.public());
        assert!(matches!(write(&path, &keys), Err(KeysError::Io { action: "create", .. })));
    }

    #[test]
    fn an_exposed_or_malformed_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        write(&path, &generate().unwrap()).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(read(&path), Err(KeysError::Exposed { mode: 0o640, .. })));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(&path, "letopis ledger keys 2\n").unwrap();
        assert!(matches!(read(&path), Err(KeysError::Malformed { .. })));
    }
}
