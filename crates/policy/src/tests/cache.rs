//! The cache says what the set says.

use std::sync::Arc;

use letopis_types::Class;

use super::nothing;
use crate::{Action, BG, PolicySet, Question, Relation, Verdicts};

fn questions() -> Vec<Question<'static>> {
    let mut questions = Vec::new();
    for (relation, _) in Relation::ALL {
        for payload_type in ["note/1", "reporter/1", "place/1"] {
            for class in Class::ALL {
                let relation = *relation | Relation::EXISTS;
                let class = Some(class);
                questions.push(Question { relation, payload_type, class, ..nothing() });
            }
        }
    }
    questions
}

#[test]
fn a_hit_is_what_the_set_decides() {
    let set = Arc::new(PolicySet::parse(BG).unwrap());
    let verdicts = Verdicts::new(Arc::clone(&set), Verdicts::CAPACITY);
    for _ in 0..2 {
        for question in questions() {
            assert_eq!(verdicts.decide(&question), set.decide(&question));
        }
    }
    let kept = verdicts.count();
    // Of the 20 flags, EXISTS with itself is EXISTS: all the others differ.
    assert_eq!(kept, questions().len());
    assert!(Arc::ptr_eq(verdicts.set(), &set));
}

#[test]
fn what_no_policy_sees_is_not_kept_apart() {
    let set = Arc::new(PolicySet::parse(BG).unwrap());
    let verdicts = Verdicts::new(set, Verdicts::CAPACITY);
    let append = Question { action: Action::Append, ..nothing() };
    for (purpose, _) in super::purposes() {
        for class in [None, Some(Class::Normal)] {
            for payload_type in ["", "note/1"] {
                let _ = verdicts.decide(&Question { purpose, class, payload_type, ..append });
            }
        }
    }
    assert_eq!(verdicts.count(), 1);
    // What is denied without asking the rules takes no room.
    let _ = verdicts.decide(&Question { class: None, ..nothing() });
    assert_eq!(verdicts.count(), 1);
}

#[test]
fn the_cache_is_bounded_and_right_when_full() {
    let set = Arc::new(PolicySet::parse(BG).unwrap());
    for capacity in [0, 1, 7] {
        let verdicts = Verdicts::new(Arc::clone(&set), capacity);
        for question in questions() {
            assert_eq!(verdicts.decide(&question), set.decide(&question));
            assert!(verdicts.count() <= capacity.max(1));
        }
    }
}

#[test]
fn threads_share_it() {
    let set = Arc::new(PolicySet::parse(BG).unwrap());
    let verdicts = Verdicts::new(Arc::clone(&set), 32);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for question in questions() {
                    assert_eq!(verdicts.decide(&question), set.decide(&question));
                }
            });
        }
    });
}
