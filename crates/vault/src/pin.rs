//! The PIN of a token: where it comes from, and where it stays.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::{self, FromStr};

use zeroize::Zeroizing;

use crate::files;

/// The longest PIN, in bytes.
const MAX_LEN: usize = 255;

/// Where a PIN is read from. As text: `file:PATH`, `env:NAME`, `fd:NUMBER`; never the PIN itself,
/// which on a command line everyone on the machine could read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinSource {
    /// A file to which only its owner has any right.
    File(PathBuf),
    /// The environment variable of this name. It stays in the environment of the process, where its
    /// owner can read it.
    Environment(String),
    /// An open file descriptor of this number, such as a pipe's.
    Descriptor(u32),
}

/// Why there is no PIN. No variant holds any of it.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The text does not name a source.
    #[error("a PIN is not given itself: name where it is, as file:PATH, env:NAME or fd:NUMBER")]
    NotASource,
    /// Others than its owner may read the file.
    #[error(
        "the PIN file {} has mode {mode:04o}: others may read it; run chmod 600 on it, and change \
         the PIN if anyone did", path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The source could not be read.
    #[error("could not read the PIN from {from}: {source}")]
    Unreadable {
        /// The source, as its text.
        from: PinSource,
        /// What the operating system says.
        source: io::Error,
    },
    /// What is there is not 1 to 255 bytes of UTF-8 in one line.
    #[error("{from} does not hold a PIN: one line, 1 to 255 bytes of UTF-8")]
    Malformed {
        /// The source, as its text.
        from: PinSource,
    },
}

impl std::fmt::Display for PinSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::Descriptor(number) => write!(f, "fd:{number}"),
        }
    }
}

impl FromStr for PinSource {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let is_name = |name: &str| !name.is_empty() && !name.contains(['=', '\0']);
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("env", name)) if is_name(name) => Ok(Self::Environment(name.to_owned())),
            Some(("fd", number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
                number.parse().map(Self::Descriptor).map_err(|_| PinError::NotASource)
            }
            _ => Err(PinError::NotASource),
        }
    }
}

/// A token's PIN, in memory that is zeroed when it is let go.
///
/// It can't be printed:
/// ```compile_fail
/// fn show(pin: &letopis_vault::Pin) -> String { format!("{pin:?}") }
/// ```
pub struct Pin(Zeroizing<Box<str>>);

impl Pin {
    /// A PIN that was typed or came from elsewhere.
    #[must_use]
    pub fn new(pin: &str) -> Self {
        Self(Zeroizing::new(pin.into()))
    }

    /// Reads it: all that is there, but for one line feed at its end.
    ///
    /// # Errors
    /// [`PinError::Exposed`], [`PinError::Unreadable`], [`PinError::Malformed`].
    pub fn read(from: &PinSource) -> Result<Self, PinError> {
        let unreadable = |source| PinError::Unreadable { from: from.clone(), source };
        let mut buffer = Zeroizing::new([0; MAX_LEN + 2]);
        let length = match from {
            PinSource::Environment(name) => {
                let value =
                    env::var_os(name).ok_or_else(|| unreadable(io::ErrorKind::NotFound.into()))?;
                let value = Zeroizing::new(value.into_encoded_bytes());
                buffer.iter_mut().zip(value.iter()).for_each(|(to, from)| *to = *from);
                value.len().min(buffer.len())
            }
            PinSource::File(path) => {
                let file = File::open(path).map_err(unreadable)?;
                // TRUST: asked of the open file, so that it can't be exchanged in between.
                let metadata = file.metadata().map_err(unreadable)?;
                if let Some(mode) = files::exposed(&metadata) {
                    return Err(PinError::Exposed { path: path.clone(), mode });
                }
                fill(file, buffer.as_mut_slice()).map_err(unreadable)?
            }
            PinSource::Descriptor(number) => {
                let path = Path::new("/dev/fd").join(number.to_string());
                let file = File::open(path).map_err(unreadable)?;
                fill(file, buffer.as_mut_slice()).map_err(unreadable)?
            }
        };
        let text = buffer.get(..length).unwrap_or_default();
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        match str::from_utf8(text) {
            Ok(pin) if (1..=MAX_LEN).contains(&pin.len()) && !pin.contains('\n') => {
                Ok(Self::new(pin))
            }
            _ => Err(PinError::Malformed { from: from.clone() }),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads up to the end, or until the buffer is full.
fn fill(mut file: File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    loop {
        match file.read(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => return Ok(length),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::io::{Seek as _, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn shown(pin: Result<Pin, PinError>) -> String {
        match pin {
            Ok(pin) => pin.as_str().to_owned(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn sources_are_named_and_never_the_pin() {
        let source = |text: &str| text.parse::<PinSource>();
        assert_eq!(source("file:/run/пин").unwrap(), PinSource::File("/run/пин".into()));
        assert_eq!(source("env:VAULT_PIN").unwrap(), PinSource::Environment("VAULT_PIN".into()));
        assert_eq!(source("fd:3").unwrap(), PinSource::Descriptor(3));
        for text in ["", "48151623", "file:", "env:", "env:A=B", "fd:", "fd:-1", "fd:x", "pin:4815"]
        {
            let error = source(text).unwrap_err();
            assert!(matches!(error, PinError::NotASource), "{text}");
            assert!(!error.to_string().contains("4815"));
        }
        for text in ["file:/run/пин", "env:VAULT_PIN", "fd:3"] {
            assert_eq!(source(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_file_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pin");
        let from = PinSource::File(path.clone());
        assert!(matches!(Pin::read(&from), Err(PinError::Unreadable { .. })));
        fs::write(&path, "измислен-4815\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Pin::read(&from), Err(PinError::Exposed { mode: 0o640, .. })));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(shown(Pin::read(&from)), "измислен-4815");
        fs::write(&path, "4".repeat(255)).unwrap();
        assert_eq!(shown(Pin::read(&from)).len(), 255);
        let (long, not_text) = (b"48".repeat(128), b"4815\xff".to_vec());
        for bad in
            ["", "\n", "4815\n\n", "48\n15"].map(Vec::from).into_iter().chain([long, not_text])
        {
            fs::write(&path, bad).unwrap();
            let error = Pin::read(&from).err().unwrap();
            assert!(matches!(error, PinError::Malformed { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("48"), "{error}");
        }
    }

    #[test]
    fn a_descriptor_and_a_variable_are_read_too() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"4815\n").unwrap();
        file.rewind().unwrap();
        let number = u32::try_from(file.as_raw_fd()).unwrap();
        assert_eq!(shown(Pin::read(&PinSource::Descriptor(number))), "4815");
        // A variable that every test has: its content is a path.
        let from = PinSource::Environment("CARGO_MANIFEST_DIR".to_owned());
        assert_eq!(shown(Pin::read(&from)), env::var("CARGO_MANIFEST_DIR").unwrap());
        let from = PinSource::Environment("LETOPIS_THERE_IS_NO_SUCH_VARIABLE".to_owned());
        assert!(matches!(Pin::read(&from), Err(PinError::Unreadable { .. })));
    }
}
