//! The bytes of a file, unpacked if they are gzip.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::error::{Malformed, Position, ReadError};

/// How much is read, and unpacked, at a time.
const BUFFER_BYTES: usize = 64 << 10;
const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];
const UTF8_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Bytes that can be read, from wherever.
pub(super) type Bytes<'r> = Box<dyn BufRead + Send + 'r>;

/// The text of a file, without a byte order mark. Whether the file is gzip (of one or several
/// members) is told by its first bytes, whatever its name.
pub(super) struct Text<'r> {
    /// The text, not yet known to be UTF-8.
    pub(super) bytes: Bytes<'r>,
    /// Whether it is unpacked on the way.
    pub(super) gzip: bool,
}

impl<'r> Text<'r> {
    /// Opens it.
    pub(super) fn open(input: impl Read + Send + 'r) -> Result<Self, ReadError> {
        let (start, input) = peek(input, 2).map_err(|source| ReadError::Io { source })?;
        let packed = BufReader::with_capacity(BUFFER_BYTES, input);
        let gzip = start == GZIP_MAGIC;
        let bytes: Bytes<'r> = if gzip {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(packed)))
        } else {
            Box::new(packed)
        };
        let (start, mut bytes) =
            peek(bytes, 3).map_err(|source| read_error(source, gzip, Position::START))?;
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(Malformed::Encoding { name: "UTF-16".to_owned() }.at(Position::START));
        }
        if start == UTF8_MARK {
            bytes.consume(UTF8_MARK.len());
        }
        Ok(Self { bytes: Box::new(bytes), gzip })
    }
}

/// A reader whose first bytes were looked at and are given once more.
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes (fewer if there are no more), and everything including them.
fn peek<R: Read>(mut input: R, count: u64) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut start = Vec::new();
    input.by_ref().take(count).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(input)))
}

/// What went wrong in reading on after a place: the packing, or the file itself.
pub(super) fn read_error(source: io::Error, gzip: bool, at: Position) -> ReadError {
    match source.kind() {
        io::ErrorKind::UnexpectedEof if gzip => Malformed::GzipTruncated.at(at),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if gzip => {
            Malformed::GzipDamaged.at(at)
        }
        _ => ReadError::Io { source },
    }
}
