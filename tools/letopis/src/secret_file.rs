//! 32 secret bytes in a file of mode 0600: 64 hex digits and a line feed.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use letopis_types::Digest;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Reads the file, or draws new bytes and makes it, synced.
///
/// # Errors
/// Where others may read it, or it is not such a file.
pub fn read_or_make(path: &Path) -> Result<Zeroizing<[u8; 32]>, Failure> {
    match File::open(path) {
        Ok(file) => read(file, path),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(Failure::io("open", path)(error)),
    }
}

fn read(file: File, path: &Path) -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mode = file.metadata().map_err(Failure::io("look at", path))?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        let path = path.display();
        return Err(Failure::other(format!(
            "{path} may be read by others (mode {mode:o}): give it mode 0600"
        )));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(128).read_to_string(&mut text).map_err(Failure::io("read", path))?;
    let bytes = text.strip_suffix('\n').and_then(|hex| hex.parse::<Digest>().ok());
    bytes
        .map(|bytes| Zeroizing::new(bytes.0))
        .ok_or_else(|| Failure::other(format!("{} is not a key of 64 hex digits", path.display())))
}

fn make(path: &Path) -> Result<Zeroizing<[u8; 32]>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(Failure::other)?;
    let text = Zeroizing::new(format!("{}\n", Digest(*bytes)));
    create(path, &text)?;
    Ok(bytes)
}

/// Makes a file that nobody else may read, synced.
///
/// # Errors
/// Where there is one already, or it can't be written.
pub fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Failure::io("create", path))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(Failure::io("write", path))
}
