//! Texts that people write into a document.

use crate::error::DocumentError;

/// The longest text, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

/// Characters that turn the direction of writing, with which a text can show itself as another.
const TURNING: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// A text that shows itself as what it is, and is not too long.
pub(crate) fn check(text: &str, what: &'static str) -> Result<(), DocumentError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(DocumentError::TextLong { what, max: TEXT_BYTES_MAX });
    }
    let hides = |c: char| c.is_control() && c != '\n' || TURNING.contains(&c);
    if text.contains(hides) {
        return Err(DocumentError::TextHides { what });
    }
    Ok(())
}
