//! A sum over all entries, by which the store knows them again.
//!
//! sled checks every message of its log, but when it recovers, it takes a message that does not check
//! for the end of that segment, and goes on with the next: everything between is silently lost, though
//! the mark, in a later one, is there. So what the entries should be stands beside the mark: the sum
//! of a hash of each, which a change carries on and a walk over all entries checks.

/// The sum of the hashes of some entries, in four words that wrap.
// TRUST: against accidents and sled. Whoever may write the files can make any sum right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum([u64; 4]);

impl Sum {
    pub(crate) const LEN: usize = 32;

    pub(crate) fn add(&mut self, key: &[u8], value: &[u8]) {
        for (word, hashed) in self.0.iter_mut().zip(words(&entry_hash(key, value))) {
            *word = word.wrapping_add(hashed);
        }
    }

    pub(crate) fn subtract(&mut self, key: &[u8], value: &[u8]) {
        for (word, hashed) in self.0.iter_mut().zip(words(&entry_hash(key, value))) {
            *word = word.wrapping_sub(hashed);
        }
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        for (to, word) in out.chunks_exact_mut(8).zip(self.0) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        out
    }

    pub(crate) fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let mut sum = Self::default();
        for (word, read) in sum.0.iter_mut().zip(words(bytes)) {
            *word = read;
        }
        sum
    }
}

fn words(bytes: &[u8; Sum::LEN]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_be_bytes(*word))
}

fn entry_hash(key: &[u8], value: &[u8]) -> [u8; Sum::LEN] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(value);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_in_any_order_and_other_for_other_entries() {
        let mut one = Sum::default();
        one.add(b"a", b"1");
        one.add(b"b", b"2");
        let mut other = Sum::default();
        other.add(b"b", b"2");
        other.add(b"c", b"3");
        other.add(b"a", b"1");
        assert_ne!(one, other);
        other.subtract(b"c", b"3");
        assert_eq!(one, other);
        assert_eq!(Sum::from_bytes(&one.to_bytes()), one);
        let mut shifted = Sum::default();
        shifted.add(b"a1", b"");
        shifted.add(b"b", b"2");
        assert_ne!(one, shifted);
    }
}
