//! Texts that people write into a document.

use letopis_types::is_deceptive;

use crate::error::DocumentError;

/// The longest text, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

/// A text that shows itself as what it is, and is not too long.
pub(crate) fn check(text: &str, what: &'static str) -> Result<(), DocumentError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(DocumentError::TextLong { what, max: TEXT_BYTES_MAX });
    }
    if text.contains(|c| c != '\n' && is_deceptive(c)) {
        return Err(DocumentError::TextHides { what });
    }
    Ok(())
}
