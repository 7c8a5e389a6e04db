use letopis_crypto::hash::{signatures_hash, statement_hash};
use letopis_crypto::sign::SecretKey;
use letopis_domain::statement::{Instant, OccurredAt, Signer};
use letopis_log::Link;
use letopis_proto::statement::v1::{self as statement, fact::Kind};
use letopis_types::{Digest, LedgerId, Timestamp};
use prost::Message as _;

use super::*;
use crate::draft::Draft;

const CASE: StreamKey = StreamKey { kind: StreamKind::Case, id: StreamId([5; 16]) };

/// A note with two sections, and what was sent of them.
fn note() -> (Event, Vec<ledger::OpenedSection>) {
    let key = SecretKey::from_seed(&[1; 32]);
    let instant = Instant { seconds: 1_769_983_200, nanos: 0, offset_minutes: 120 };
    let (precision, knowledge) = (statement::Precision::Minute, statement::Knowledge::Witnessed);
    let signer = Signer { actor: ActorId([7; 16]), key: key.public(), grant: None };
    let fact = Kind::NoteAdded(statement::NoteAdded {});
    let unsigned = Draft::new(CASE, fact, OccurredAt { instant, precision, knowledge })
        .section(Class::Normal, "text/plain", "Измислена бележка.")
        .section(Class::VeryRestricted, "child-words/1", "Измислени думи.")
        .seal(LedgerId([0xee; 32]), &[signer])
        .unwrap();
    let sent = ledger::Submission::decode(&*unsigned.to_bytes()).unwrap();
    let signed = unsigned.sign(&[&key]).unwrap();
    let link = Link {
        sequence: Sequence(9),
        recorded_at: Timestamp(1),
        statement_hash: statement_hash(signed.statement_bytes()),
        signatures_hash: signatures_hash(signed.signatures()),
        previous: Digest::ZERO,
    };
    let event = Event::from_message(Some(ledger::Event {
        link: link.to_bytes().to_vec().into(),
        statement: signed.statement_bytes().clone(),
        signatures: signed.signatures().iter().map(|one| one.0.to_vec().into()).collect(),
    }));
    let classes = [(Class::Normal, "text/plain"), (Class::VeryRestricted, "child-words/1")];
    let sections = sent.sections.into_iter().zip(classes).zip(0..);
    let sections =
        sections.map(|((section, (class, payload_type)), index)| ledger::OpenedSection {
            stream: Some(stream_message(&CASE)),
            version: 3,
            index,
            class: class as i32,
            payload_type: payload_type.to_owned(),
            salt: section.salt,
            content: Some(section.content),
        });
    (event.unwrap(), sections.collect())
}

fn what(found: Result<OpenedSection, Distrust>) -> &'static str {
    match found {
        Err(Distrust::Section { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_section_is_what_its_author_signed_or_nothing() {
    let (event, sections) = note();
    let place = Place { event: &event, stream: CASE, version: Version(3) };
    let opened = place.opened(&sections[1]).unwrap();
    assert_eq!(opened.content.as_deref(), Some("Измислени думи.".as_bytes()));
    let changed = |change: fn(&mut ledger::OpenedSection)| {
        let mut section = sections[1].clone();
        change(&mut section);
        what(place.opened(&section))
    };
    assert_eq!(changed(|one| one.content = Some("Други думи.".into())), "content");
    assert_eq!(changed(|one| one.salt = vec![0; 31].into()), "salt");
    assert_eq!(changed(|one| one.class = 1), "class");
    assert_eq!(changed(|one| one.payload_type = "text/plain".to_owned()), "payload type");
    assert_eq!(changed(|one| one.version = 4), "place");
    assert_eq!(changed(|one| one.index = 2), "no such section");
}

#[test]
fn no_section_is_left_out_in_silence() {
    let (event, sections) = note();
    let place = Place { event: &event, stream: CASE, version: Version(3) };
    let first = [place.opened(&sections[0]).unwrap()];
    let hidden = place.withheld(pb::WithheldSection {
        version: 3,
        index: 1,
        class: 3,
        ..Default::default()
    });
    let hidden = [hidden.unwrap()];
    assert!(hidden[0].rule.is_some());
    place.check_all_there(&first, &hidden, &[]).unwrap();
    place.check_all_there(&first, &[], &[Class::Normal]).unwrap();
    assert!(place.check_all_there(&first, &[], &[]).is_err());
    assert!(place.check_all_there(&first, &hidden, &[Class::Normal]).is_err());
    let twice = [first[0].clone(), first[0].clone()];
    assert!(place.check_all_there(&twice, &hidden, &[]).is_err());
    assert!(
        place.withheld(pb::WithheldSection { index: 1, class: 1, ..Default::default() }).is_err()
    );
}
