//! Snapshots: all entries and their mark in one file, checked as a whole.
//!
//! `LTPSNP1` LF ‖ the mark (84 bytes) ‖ BLAKE3 of both; then for each entry in order u32 length and
//! the key, u32 length and the value; then u32 0 ‖ BLAKE3 of everything before. No key is empty, so
//! the zero is the end. Read and written a piece at a time.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::place::{self, Place};
use crate::store::Writer;
use crate::sum::Sum;
use crate::{KEY_BYTES_MAX, Mark, Scan, StateError, VALUE_BYTES_MAX, files};

const MAGIC: &[u8; 8] = b"LTPSNP1\n";
const HASH_LEN: usize = 32;
const BUFFER: usize = 256 << 10;

/// Writes a snapshot of these entries, and removes older ones than the last two.
pub(crate) fn write(root: &Path, mark: &Mark, entries: Scan<'_>) -> Result<PathBuf, StateError> {
    let path = place::snapshot(root, mark.size);
    let beside = files::beside(&path);
    if let Err(error) = write_synced(&beside, mark, entries) {
        // It may be what filled the disk.
        let _ = files::remove(&beside);
        return Err(error);
    }
    // CRASH: until here nobody knows the file; the older ones go only when this one is durable.
    files::put_in_place(&beside, &path)?;
    Place::look(root)?.prune_snapshots();
    Ok(path)
}

fn write_synced(path: &Path, mark: &Mark, entries: Scan<'_>) -> Result<(), StateError> {
    let io = |error| StateError::io("write", path)(error);
    let file = File::create(path).map_err(StateError::io("create", path))?;
    let mut out = Hashing::new(BufWriter::with_capacity(BUFFER, file));
    out.put(MAGIC).map_err(io)?;
    out.put(&mark.to_bytes()).map_err(io)?;
    out.put_hash().map_err(io)?;
    for entry in entries {
        let (key, value) = entry?;
        out.put_prefixed(&key).map_err(io)?;
        out.put_prefixed(&value).map_err(io)?;
    }
    out.put(&0u32.to_be_bytes()).map_err(io)?;
    out.put_hash().map_err(io)?;
    let file = out.inner.into_inner().map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(StateError::io("sync", path))
}

/// The mark of a snapshot, by its header alone; `None` if there is no valid header.
pub(crate) fn peek(path: &Path) -> Option<Mark> {
    Reader::open(path).ok().map(|reader| reader.mark)
}

/// Reads all of a snapshot and checks it; returns its mark.
pub(crate) fn verify(path: &Path) -> io::Result<Mark> {
    let mut reader = Reader::open(path)?;
    while reader.next()?.is_some() {}
    Ok(reader.mark)
}

/// Why a snapshot was not loaded.
pub(crate) enum LoadError {
    /// It changed or could not be read.
    Snapshot(io::Error),
    /// The store failed.
    Store(StateError),
}

/// Loads a snapshot into an empty store; returns its mark and the sum of its entries.
pub(crate) fn load(path: &Path, engine: &Engine) -> Result<(Mark, Sum), LoadError> {
    let mut reader = Reader::open(path).map_err(LoadError::Snapshot)?;
    let mut writer = Writer::new(engine, Sum::default());
    while let Some((key, value)) = reader.next().map_err(LoadError::Snapshot)? {
        writer.put(&key, None, Some(&value)).map_err(LoadError::Store)?;
    }
    let sum = writer.finish(&reader.mark).map_err(LoadError::Store)?;
    Ok((reader.mark, sum))
}

/// A file and the hash of what went through so far.
struct Hashing<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self { inner, hasher: blake3::Hasher::new() }
    }
}

impl<T: Write> Hashing<T> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }

    fn put_prefixed(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.put(&length.to_be_bytes())?;
        self.put(bytes)
    }

    fn put_hash(&mut self) -> io::Result<()> {
        let hash = self.hasher.finalize();
        self.put(hash.as_bytes())
    }
}

impl<T: Read> Hashing<T> {
    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.inner.read_exact(&mut bytes)?;
        self.hasher.update(&bytes);
        Ok(bytes)
    }

    fn take_length(&mut self, max: usize) -> io::Result<usize> {
        let bytes = self.take(4)?;
        let length = bytes.try_into().map(u32::from_be_bytes).map_err(|_| damaged())?;
        usize::try_from(length).ok().filter(|length| *length <= max).ok_or_else(damaged)
    }

    fn take_hash(&mut self) -> io::Result<()> {
        let expected = self.hasher.finalize();
        if self.take(HASH_LEN)? == expected.as_bytes() { Ok(()) } else { Err(damaged()) }
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is damaged")
}

/// A snapshot with a valid header.
struct Reader {
    mark: Mark,
    last_key: Vec<u8>,
    input: Hashing<BufReader<File>>,
}

impl Reader {
    fn open(path: &Path) -> io::Result<Self> {
        let mut input = Hashing::new(BufReader::with_capacity(BUFFER, File::open(path)?));
        if input.take(MAGIC.len())? != MAGIC {
            return Err(damaged());
        }
        let mark = Mark::from_bytes(&input.take(Mark::LEN)?).ok_or_else(damaged)?;
        input.take_hash()?;
        Ok(Self { mark, last_key: Vec::new(), input })
    }

    /// The next entry; `None` after the last, once everything was checked.
    fn next(&mut self) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
        let length = self.input.take_length(KEY_BYTES_MAX)?;
        if length == 0 {
            self.input.take_hash()?;
            let rest = self.input.inner.read(&mut [0])?;
            return if rest == 0 { Ok(None) } else { Err(damaged()) };
        }
        let key = self.input.take(length)?;
        // INVARIANT: no key comes twice, so that the sum over them is that of the store.
        if key <= self.last_key {
            return Err(damaged());
        }
        self.last_key.clone_from(&key);
        let length = self.input.take_length(VALUE_BYTES_MAX)?;
        Ok(Some((key, self.input.take(length)?)))
    }
}
