//! Standard output that may be closed: `letopis log | head` is no failure.

use std::io::Write as _;
use std::path::Path;

use crate::failure::Failure;

/// Prints a text as it is.
///
/// # Errors
/// [`Failure::Io`]; of the kind `BrokenPipe` where whoever read has seen enough.
pub fn text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::io("write to", Path::new("standard output")))
}

/// Prints a line.
///
/// # Errors
/// As [`text`].
pub fn line(line: &str) -> Result<(), Failure> {
    text(&format!("{line}\n"))
}
