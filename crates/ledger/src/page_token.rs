//! Tokens with which lists go on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::NotFound;

/// A page token: what list it is of, then numbers. It holds nothing that its bearer may not know.
#[must_use]
pub fn encode<const N: usize>(scope: &[u8], numbers: [u64; N]) -> String {
    let mut bytes = scope.to_vec();
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The numbers of a token of this list; `None` where there is none.
///
/// # Errors
/// [`NotFound::PageToken`].
pub fn decode<const N: usize>(token: &str, scope: &[u8]) -> Result<Option<[u64; N]>, NotFound> {
    if token.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| NotFound::PageToken)?;
    let numbers = bytes.strip_prefix(scope).ok_or(NotFound::PageToken)?;
    let (chunks, rest) = numbers.as_chunks::<8>();
    let numbers: Vec<u64> = chunks.iter().map(|chunk| u64::from_be_bytes(*chunk)).collect();
    match (numbers.try_into(), rest) {
        (Ok(numbers), []) => Ok(Some(numbers)),
        _ => Err(NotFound::PageToken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_tokens_are_of_their_list_only() {
        let token = encode(&[3], [1, u64::MAX]);
        assert_eq!(decode(&token, &[3]), Ok(Some([1, u64::MAX])));
        assert_eq!(decode::<2>(&token, &[4]), Err(NotFound::PageToken));
        assert_eq!(decode::<3>(&token, &[3]), Err(NotFound::PageToken));
        assert_eq!(decode::<2>("?", &[3]), Err(NotFound::PageToken));
        assert_eq!(decode::<2>("", &[3]), Ok(None));
    }
}
