//! Texts that people write into a document.

use crate::error::DocumentError;

/// The longest text, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

/// Controls, and the format characters with which Unicode directs writing (UAX 9) or that are not seen: a
/// text can show itself as another with them.
fn hides(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A text that shows itself as what it is, and is not too long.
pub(crate) fn check(text: &str, what: &'static str) -> Result<(), DocumentError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(DocumentError::TextLong { what, max: TEXT_BYTES_MAX });
    }
    if text.contains(hides) {
        return Err(DocumentError::TextHides { what });
    }
    Ok(())
}
