//! Files that are packed if their name says so.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::GzEncoder;

/// Whether what is written is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    Plain,
    /// As gzip.
    Gzip,
}

impl Compression {
    /// By a file's name: gzip if it ends in `.gz`.
    #[must_use]
    pub fn of_name(path: &Path) -> Self {
        let gzip = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        if gzip { Self::Gzip } else { Self::Plain }
    }
}

/// Packs what is written, or leaves it as it is; buffered. The same always gives the same bytes.
#[derive(Debug)]
pub struct Packed<W: Write>(Output<W>);

#[derive(Debug)]
enum Output<W: Write> {
    Plain(BufWriter<W>),
    Gzip(BufWriter<GzEncoder<W>>),
}

impl<W: Write> Packed<W> {
    /// To be written there.
    #[must_use]
    pub fn new(out: W, compression: Compression) -> Self {
        Self(match compression {
            Compression::Plain => Output::Plain(BufWriter::new(out)),
            Compression::Gzip => {
                let packed = GzEncoder::new(out, flate2::Compression::default());
                Output::Gzip(BufWriter::new(packed))
            }
        })
    }

    /// Everything is written; what it was written to.
    ///
    /// # Errors
    /// It can't be written.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Output::Plain(out) => out.into_inner().map_err(io::IntoInnerError::into_error),
            Output::Gzip(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?.finish(),
        }
    }
}

impl<W: Write> Write for Packed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Output::Plain(out) => out.write(bytes),
            Output::Gzip(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Output::Plain(out) => out.flush(),
            Output::Gzip(out) => out.flush(),
        }
    }
}
