//! A bounded cache of opened keys.

use std::collections::HashMap;
use std::mem;

use crate::{DataKey, KeyId};

/// Two generations: what is used moves to the young one, and when that is full the old one goes.
/// So what was used among the last `half` keys stays, and there are never more than twice as many.
pub(crate) struct Cache {
    half: usize,
    young: HashMap<KeyId, DataKey>,
    old: HashMap<KeyId, DataKey>,
}

impl Cache {
    pub(crate) fn new(half: usize) -> Self {
        Self { half, young: HashMap::new(), old: HashMap::new() }
    }

    pub(crate) fn get(&mut self, id: &KeyId) -> Option<DataKey> {
        if let Some(key) = self.young.get(id) {
            return Some(key.clone());
        }
        let key = self.old.remove(id)?;
        self.insert(*id, key.clone());
        Some(key)
    }

    pub(crate) fn insert(&mut self, id: KeyId, key: DataKey) {
        if self.young.len() >= self.half {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(id, key);
    }

    pub(crate) fn remove(&mut self, id: &KeyId) {
        self.young.remove(id);
        self.old.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Secret;

    fn id(n: u8) -> KeyId {
        KeyId([n; 16])
    }

    fn key(n: u8) -> DataKey {
        DataKey(Secret::copied(&[n; 32]))
    }

    #[test]
    fn keeps_what_is_used_and_stays_bounded() {
        let mut cache = Cache::new(4);
        for n in 0..100 {
            cache.insert(id(n), key(n));
            assert!(cache.young.len() + cache.old.len() <= 8);
            assert_eq!(cache.get(&id(0)).map(|key| key.as_bytes()[0]), Some(0), "used all along");
        }
        assert!(cache.get(&id(1)).is_none());
        assert_eq!(cache.get(&id(99)).map(|key| key.as_bytes()[0]), Some(99));
    }

    #[test]
    fn what_is_removed_is_in_neither_generation() {
        let mut cache = Cache::new(2);
        for n in 0..4 {
            cache.insert(id(n), key(n));
        }
        for n in 0..4 {
            cache.remove(&id(n));
            assert!(cache.get(&id(n)).is_none());
        }
    }
}
