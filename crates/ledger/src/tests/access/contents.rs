//! What sections hold, once there are rules of procedure, and not before.

use letopis_domain::position::StreamHead;
use letopis_domain::profile::BULGARIAN;

use super::*;

fn adopt_profile(number: u64) -> Draft {
    let (text, effective_day) = (BULGARIAN.to_owned(), None);
    let fact = proto::ProfileAdopted { text, effective_day };
    let signing = [registrars(), vec![by(DIRECTOR)]].concat();
    let genesis = crate::testing::genesis_hash();
    let head = letopis_crypto::hash::next_head(&Digest::ZERO, &genesis);
    Draft::new(number, StreamKey::ROOT, &signing, Kind::ProfileAdopted(fact))
        .seen(StreamHead { version: Version(1), head })
}

#[test]
fn what_was_recorded_before_there_were_rules_keeps_its_receipt() {
    let (_world, running) = World::staffed();
    running.record_all(&office());
    let unfit = crate::testing::visit(10, case(1)).section(Class::Normal, b"of no known type");
    let first = running.record(&unfit);
    running.record(&adopt_profile(900));
    let again = running.append(&unfit).unwrap();
    assert!(again.already_recorded);
    assert_eq!(again.link, first.link);
    let new = crate::testing::visit(11, case(1)).section(Class::Normal, b"of no known type");
    assert_eq!(running.refusal(&new), Reason::SectionInvalid);
}
