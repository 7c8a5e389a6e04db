//! Chance from a number: SplitMix64. The same seed gives the same numbers for ever, on every machine.

/// A source of numbers. Nothing that has to be secret comes from here.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Another source for each purpose: what one of them is asked changes nothing in the others.
    pub(crate) fn of(seed: u64, purpose: &str, number: u64) -> Self {
        let mut mixed = Self(seed ^ 0x6c65_746f_7069_7321);
        for byte in purpose.bytes() {
            mixed.0 ^= u64::from(byte);
            mixed.0 = mixed.next();
        }
        mixed.0 ^= number;
        Self(mixed.next())
    }

    /// The next number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where that is 0.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        match self.next().checked_rem(bound) {
            Some(number) => number,
            None => 0,
        }
    }

    /// A number from `low` to below `high`; `low` where there is none.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True so many times in a thousand.
    pub(crate) const fn per_mille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len() as u64);
        of.get(usize::try_from(at).unwrap_or(0))
    }

    /// In another order.
    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, usize::try_from(self.below(at as u64 + 1)).unwrap_or(0));
        }
    }

    /// Fills these bytes.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            for (to, from) in part.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }

    /// So many bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the published reference implementation for the seed 1234567.
    #[test]
    fn it_is_splitmix64() {
        let mut random = Random(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn sources_for_different_purposes_differ() {
        let first = |purpose, number| Random::of(7, purpose, number).next();
        assert_eq!(first("people", 1), first("people", 1));
        assert_ne!(first("people", 1), first("people", 2));
        assert_ne!(first("people", 1), first("families", 1));
        assert_ne!(first("people", 1), Random::of(8, "people", 1).next());
    }
}
