//! Receipts, one after the other in one file: what the head hands the new lead, who may not read the cases
//! yet. Each proves by itself what was recorded, so that the file may come by any way.

use std::fs;
use std::path::Path;

use letopis_client::Recorded;

use crate::failure::Failure;
use crate::secret_file;

/// With which each begins (proto/README.md, Receipt).
const FIRST_LINE: &str = "letopis.receipt.v1\n";

/// Writes a file that nobody else may read.
///
/// # Errors
/// Where there is one already, or it can't be written.
pub(super) fn write(path: &Path, receipts: &[Recorded]) -> Result<(), Failure> {
    let text: String = receipts.iter().map(|one| one.receipt().to_text()).collect();
    secret_file::create(path, &text)
}

/// The receipts in a file, not verified yet.
///
/// # Errors
/// Where it can't be read.
pub(super) fn read(path: &Path) -> Result<Vec<String>, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
    Ok(split(&text))
}

/// What stands before the first receipt makes one too, which does not verify.
fn split(text: &str) -> Vec<String> {
    let mut receipts: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        match receipts.last_mut() {
            Some(receipt) if line != FIRST_LINE => receipt.push_str(line),
            _ => receipts.push(line.to_owned()),
        }
    }
    receipts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_receipt_is_found_again() {
        let (one, other) = (format!("{FIRST_LINE}a\n\nb\n"), format!("{FIRST_LINE}c\n"));
        assert_eq!(split(&format!("{one}{other}")), [one.clone(), other]);
        assert_eq!(split(&format!("else\n{one}")), ["else\n".to_owned(), one]);
        assert!(split("").is_empty());
    }
}
