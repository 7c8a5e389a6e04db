//! The key-encryption key: in a file that only its owner may read, or in a token.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::files;
use crate::keys::{KEY_LEN, Secret};
use crate::{TokenKek, VaultError};

const TEXT_LEN: usize = 65;

/// The key that opens the vault key, once, at start. In a file it is 64 hex digits and a line feed;
/// from a token it never comes out.
///
/// It can't be printed:
/// ```compile_fail
/// fn show(kek: &letopis_vault::Kek) -> String { format!("{kek:?}") }
/// ```
pub struct Kek(pub(crate) Source);

pub(crate) enum Source {
    /// The key itself.
    Here(Secret),
    /// A key in a token, which wraps and unwraps there.
    Token(TokenKek),
}

impl From<TokenKek> for Kek {
    fn from(token: TokenKek) -> Self {
        Self(Source::Token(token))
    }
}

impl Kek {
    /// From 32 random bytes that are kept elsewhere.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Source::Here(Secret::copied(&bytes)))
    }

    /// Draws one and writes it to a new file of mode 0600, synced.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`] if there is a file of that name, [`VaultError::Io`],
    /// [`VaultError::Random`].
    pub fn create_file(path: &Path) -> Result<Self, VaultError> {
        let key = Secret::random()?;
        let mut text = Zeroizing::new(String::with_capacity(TEXT_LEN));
        for byte in key.as_bytes() {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        files::write_new(path, text.as_bytes())?;
        Ok(Self(Source::Here(key)))
    }

    /// Reads it from its file.
    ///
    /// # Errors
    /// [`VaultError::KekExposed`] if group or others have any right to the file,
    /// [`VaultError::KekMalformed`] if it is not 64 hex digits and a line feed, [`VaultError::Io`].
    pub fn read_file(path: &Path) -> Result<Self, VaultError> {
        let mut file = File::open(path).map_err(VaultError::io("open", path))?;
        // TRUST: asked of the open file, so that it can't be exchanged in between.
        let metadata = file.metadata().map_err(VaultError::io("look at", path))?;
        if let Some(mode) = files::exposed(&metadata) {
            return Err(VaultError::KekExposed { path: path.to_path_buf(), mode });
        }
        let malformed = || VaultError::KekMalformed { path: path.to_path_buf() };
        if !metadata.is_file() || metadata.len() != TEXT_LEN as u64 {
            return Err(malformed());
        }
        let mut text = Zeroizing::new([0; TEXT_LEN]);
        file.read_exact(text.as_mut()).map_err(VaultError::io("read", path))?;
        let secret = Secret::written(|secret| parse(&text, secret));
        Ok(Self(Source::Here(secret.ok_or_else(malformed)?)))
    }

    /// Destroys the file of a key that no vault needs any more: zeros over it, synced, removed.
    /// Nothing to do where there is none.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn destroy_file(path: &Path) -> Result<(), VaultError> {
        files::destroy(path)
    }
}

fn parse(text: &[u8; TEXT_LEN], key: &mut [u8; KEY_LEN]) -> Option<()> {
    let (line_feed, digits) = text.split_last()?;
    if *line_feed != b'\n' {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().try_fold(0, |byte, digit| {
            let value = char::from(*digit).to_digit(16).and_then(|v| u8::try_from(v).ok())?;
            Some(byte << 4 | value)
        })?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    fn bytes(kek: &Kek) -> &[u8; 32] {
        match &kek.0 {
            Source::Here(secret) => secret.as_bytes(),
            Source::Token(_) => panic!("it is in a file"),
        }
    }

    #[test]
    fn a_file_is_written_once_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.kek");
        let made = Kek::create_file(&path).ok().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.len(), TEXT_LEN);
        assert!(text.ends_with('\n'));
        let read = Kek::read_file(&path).ok().unwrap();
        assert_eq!(bytes(&made), bytes(&read));
        assert_ne!(bytes(&made), &[0; 32]);

        let again = Kek::create_file(&path).err().unwrap();
        assert!(matches!(again, VaultError::AlreadyThere { .. }), "{again}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn others_may_not_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.kek");
        Kek::create_file(&path).ok().unwrap();
        for mode in [0o640, 0o604, 0o601, 0o620] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = Kek::read_file(&path).err().unwrap();
            assert!(matches!(error, VaultError::KekExposed { mode: m, .. } if m == mode));
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(Kek::read_file(&path).is_ok());
    }

    #[test]
    fn anything_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.kek");
        Kek::create_file(&path).ok().unwrap();
        let good = fs::read_to_string(&path).unwrap();
        let bad = [
            String::new(),
            good.trim_end().to_owned(),
            format!("{good}\n"),
            good.replace('\n', " "),
            format!("+{}", &good[1..]),
            format!("g{}", &good[1..]),
        ];
        for text in bad {
            fs::write(&path, &text).unwrap();
            let error = Kek::read_file(&path).err().unwrap();
            assert!(matches!(error, VaultError::KekMalformed { .. }), "{text:?}: {error}");
        }
        fs::write(&path, good.to_uppercase()).unwrap();
        assert!(Kek::read_file(&path).is_ok());
        let missing = Kek::read_file(&dir.path().join("no.kek")).err().unwrap();
        assert!(matches!(missing, VaultError::Io { .. }));
        Kek::destroy_file(&path).unwrap();
        assert!(!path.exists());
    }
}
