//! Clocks: every statutory one, what moves them, corrections, and any history at all.

mod any_history;
mod corrections;
mod moving;
mod statutory;

use std::sync::Arc;

use letopis_types::Digest;

use super::{Clock, Clocks, Name, Occasion, Profiles, Qualifier, Reading};
use crate::profile::Profile;
use crate::profile::tests::at;

/// An invented statement's hash.
fn hash(n: u8) -> Digest {
    Digest([n; 32])
}

/// One profile, adopted for all time.
fn only(profile: Profile) -> Profiles {
    let mut profiles = Profiles::new();
    profiles.adopt(Arc::new(profile), 0);
    profiles
}

/// An occasion from its words, as profiles write them.
fn occasion(words: &str, at: i64, by: u8) -> Occasion {
    let (name, qualifier) = match words.split_once('.') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (words, None),
    };
    let name = Name::from_text(name).unwrap_or_else(|| panic!("{words}"));
    let qualifier = qualifier.map(|word| {
        let found = Qualifier::from_text(word).unwrap();
        assert!(name.qualifiers().contains(&found), "{words}");
        found
    });
    Occasion { qualifier, ..Occasion::new(name, at, hash(by)) }
}

/// A file under one profile.
struct File {
    profiles: Profiles,
    clocks: Clocks,
}

impl File {
    fn new(profile: Profile) -> Self {
        Self { profiles: only(profile), clocks: Clocks::default() }
    }

    fn at(&self, time: &str) -> i64 {
        at(self.profiles.get(0).unwrap(), time)
    }

    /// Takes in what happened at a local time, by a statement of its own.
    fn happens(&mut self, words: &str, time: &str, by: u8) {
        self.about(words, time, by, by);
    }

    /// The same, about the subject of another statement.
    fn about(&mut self, words: &str, time: &str, by: u8, subject: u8) {
        let occasion = occasion(words, self.at(time), by).about(hash(subject));
        self.clocks.take(&occasion, &self.profiles);
    }

    /// The last clock of a number that started.
    fn clock(&self, number: u32) -> Clock {
        self.clocks.iter().filter(|clock| clock.number == number).last().unwrap()
    }

    fn count(&self, number: u32) -> usize {
        self.clocks.iter().filter(|clock| clock.number == number).count()
    }

    fn reading(&self, number: u32, time: &str) -> Reading {
        self.clocks.reading(self.clock(number).id, self.at(time)).unwrap()
    }

    /// When the last clock of a number is due, checked against a local time.
    #[track_caller]
    fn is_due(&self, number: u32, time: &str) {
        assert_eq!(self.clock(number).due, self.at(time), "clock {number} is due at {time}");
    }

    /// Records the last clock of a number as missed.
    fn miss(&mut self, number: u32, time: &str) {
        let at = self.at(time);
        self.clocks.miss(self.clock(number).id, at);
    }
}

#[test]
fn occasions_have_one_word_each() {
    let mut words = std::collections::BTreeSet::new();
    for (place, name) in Name::ALL.iter().enumerate() {
        assert_eq!(*name as usize, place);
        assert_eq!(Name::from_text(name.text()), Some(*name));
        assert!(words.insert(name.text()), "{}", name.text());
    }
    for qualifier in Qualifier::ALL {
        assert_eq!(Qualifier::from_text(qualifier.text()), Some(*qualifier));
        let used = Name::ALL.iter().any(|name| name.qualifiers().contains(qualifier));
        assert!(used, "{}", qualifier.text());
    }
    let dotted = |text: &str| !text.bytes().all(|c| c.is_ascii_lowercase() || c == b'-');
    assert!(!Name::ALL.iter().any(|name| dotted(name.text())));
    assert_eq!(Name::from_text("signal"), None);
}

#[test]
fn taking_in_tells_whether_anything_changed() {
    let mut file = File::new(crate::profile::tests::bulgarian());
    let mut take = |words: &str, by: u8, subject: u8| {
        let before = file.clocks.clone();
        let occasion = occasion(words, file.at("2026-03-02 10:00"), by).about(hash(subject));
        let changed = file.clocks.take(&occasion, &file.profiles);
        assert_eq!(changed, before != file.clocks, "{words}");
        changed
    };
    assert!(!take("child-missing", 1, 1));
    assert!(take("plan-adopted.general", 2, 2));
    assert!(!take("plan-adopted.general", 2, 2));
    assert!(!take("plan-adopted.general", 3, 3));
    assert!(take("placement-ordered", 4, 4));
    assert!(take("court-request-filed", 5, 4));
    assert!(!take("order-served", 6, 5));
}
