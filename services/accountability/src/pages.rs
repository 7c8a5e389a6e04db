//! Page tokens: each belongs to one question.

use letopis_ledger::{NotFound, Place, page_token};
use prost::Message;

/// The most rows that are looked at for a page.
pub(crate) const ROWS_MAX: usize = 4096;

/// What a token of this question begins with: the method's name, and the question without its page.
pub(crate) fn scope(method: &str, question: &impl Message) -> Vec<u8> {
    [method.as_bytes(), &question.encode_to_vec()].concat()
}

/// The token of what comes after a place, which fills four numbers.
pub(crate) fn token(scope: &[u8], place: &Place) -> String {
    page_token::encode(scope, numbers(place))
}

/// The place after which a page begins; `None`: the first.
pub(crate) fn after(token: &str, scope: &[u8]) -> Result<Option<Place>, NotFound> {
    Ok(page_token::decode::<4>(token, scope)?.map(place))
}

pub(crate) fn numbers(place: &Place) -> [u64; 4] {
    let mut padded = [0; 32];
    padded.iter_mut().zip(place).for_each(|(to, from)| *to = *from);
    let (chunks, _) = padded.as_chunks::<8>();
    let mut four = [0; 4];
    four.iter_mut().zip(chunks).for_each(|(to, from)| *to = u64::from_be_bytes(*from));
    four
}

pub(crate) fn place(four: [u64; 4]) -> Place {
    let mut place = [0; 29];
    let bytes = four.iter().flat_map(|number| number.to_be_bytes());
    place.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    place
}
