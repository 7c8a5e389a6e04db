//! The few forms that the log's texts are made of. Each has one spelling; another is no value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letopis_types::Digest;

/// Base64 of RFC 4648, section 4, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The other way: padded, no bits left over, nothing else in between.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A digest in base64.
pub(crate) fn digest_from_base64(text: &str) -> Option<Digest> {
    Digest::from_slice(&from_base64(text)?)
}

/// A decimal number without sign or leading zeros.
pub(crate) fn from_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(from_base64("AQI=").unwrap(), [1, 2]);
        for wrong in ["AQI", "AQJ=", "AQI==", "AQI=\n", " AQI=", "AQ=I", "AQ-_", "AQI=AQI="] {
            assert_eq!(from_base64(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn decimals_have_one_spelling() {
        assert_eq!(from_decimal("0"), Some(0));
        assert_eq!(from_decimal("18446744073709551615"), Some(u64::MAX));
        for wrong in ["", "+1", "-1", "01", "00", "1 ", " 1", "1e1", "18446744073709551616", "١"] {
            assert_eq!(from_decimal(wrong), None, "{wrong:?}");
        }
    }
}
