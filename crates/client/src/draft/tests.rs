use std::time::Duration;

use letopis_crypto::sign::SecretKey;
use letopis_domain::statement::Instant;
use letopis_types::{ActorId, Digest, StreamId, StreamKind, Version};
use proptest::prelude::*;

use super::*;

const LEDGER: LedgerId = LedgerId([0x1e; 32]);

const OCCURRED_AT: OccurredAt = OccurredAt {
    instant: Instant { seconds: 1_760_000_000, nanos: 5, offset_minutes: -120 },
    precision: proto::Precision::Second,
    knowledge: proto::Knowledge::Told,
};

fn case() -> StreamKey {
    StreamKey { kind: StreamKind::Case, id: StreamId([6; 16]) }
}

fn signer(number: u8) -> Signer {
    let key = SecretKey::from_seed(&[number; 32]).public();
    Signer { actor: ActorId([number; 16]), key, grant: Some(Digest([number; 32])) }
}

fn note() -> Draft {
    Draft::new(case(), proto::fact::Kind::NoteAdded(proto::NoteAdded {}), OCCURRED_AT)
}

fn form(result: Result<Unsigned, DraftError>) -> letopis_domain::FormError {
    match result.unwrap_err() {
        DraftError::Statement(StatementError::Form(error)) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn what_the_author_says_is_what_is_signed() {
    let seen = Seen { version: Version(3), head: Digest([4; 32]) };
    let reference = Reference {
        relation: proto::Relation::BasedOn,
        stream: case(),
        statement_hash: Digest([5; 32]),
    };
    let unsigned = note()
        .seen(seen)
        .reference(reference)
        .section(Class::Restricted, "text/plain", "invented")
        .seal(LEDGER, &[signer(1), signer(2), signer(3)])
        .unwrap();
    let statement = unsigned.statement();
    assert_eq!(statement.ledger, Some(LEDGER));
    assert_eq!(statement.seen, Some(seen));
    assert_eq!(statement.references, [reference]);
    assert_eq!(statement.occurred_at, OCCURRED_AT);
    assert_eq!(statement.sections[0].class, Class::Restricted);
    assert!(statement.signers.is_sorted_by_key(|signer| signer.key));
    assert_eq!(statement.signers.len(), 3);
    assert_eq!(unsigned.contents().collect::<Vec<_>>(), [b"invented"]);
    let commitment_of = |index| {
        let scope = CommitmentScope {
            nonce: &statement.nonce,
            index,
            class: Class::Restricted,
            payload_type: "text/plain",
        };
        let salt = unsigned.to_bytes();
        let message = pb::Submission::decode(&*salt).unwrap();
        commitment(&scope, (&*message.sections[0].salt).try_into().unwrap(), b"invented")
    };
    assert_eq!(statement.sections[0].commitment, commitment_of(0));
    assert_ne!(statement.sections[0].commitment, commitment_of(1));
}

#[test]
fn nonce_salts_and_id_are_new_each_time() {
    let draft =
        note().section(Class::Normal, "text/plain", "a").section(Class::Normal, "text/plain", "a");
    let (one, other) =
        (draft.seal(LEDGER, &[signer(1)]).unwrap(), draft.seal(LEDGER, &[signer(1)]).unwrap());
    assert_ne!(one.statement().nonce, other.statement().nonce);
    assert_ne!(one.statement().event_id, other.statement().event_id);
    let salts = |unsigned: &Unsigned| {
        let message = pb::Submission::decode(&*unsigned.to_bytes()).unwrap();
        message.sections.into_iter().map(|section| section.salt).collect::<Vec<_>>()
    };
    let all: std::collections::HashSet<_> = salts(&one).into_iter().chain(salts(&other)).collect();
    assert_eq!(all.len(), 4);
}

#[test]
fn event_ids_are_of_their_time_unless_given() {
    let time = UNIX_EPOCH + Duration::from_millis(0x0192_3456_789a);
    let id = new_event_id(time, &[0xff; 10]);
    assert!(id.is_well_formed());
    assert_eq!(id.to_string(), "01923456-789a-7fff-bfff-ffffffffffff");
    let unsigned = note().event_id(id).seal(LEDGER, &[signer(1)]).unwrap();
    assert_eq!(unsigned.statement().event_id, id);
    // A clock before 1970 still gives an id.
    assert!(new_event_id(UNIX_EPOCH - Duration::from_secs(1), &[0; 10]).is_well_formed());
}

#[test]
fn a_wrong_draft_is_told_before_anything_is_sent() {
    use letopis_domain::FormError as F;
    let one = [signer(1)];
    assert!(matches!(form(note().seal(None, &one)), F::Missing { field: "ledger" }));
    assert!(matches!(form(note().seal(LEDGER, &[])), F::Missing { field: "signers" }));
    assert_eq!(form(note().seal(LEDGER, &[signer(1), signer(1)])), F::SignersNotSorted);
    assert_eq!(form(note().event_id(EventId([1; 16])).seal(LEDGER, &one)), F::EventId);
    let root =
        Draft::new(StreamKey::ROOT, proto::fact::Kind::NoteAdded(proto::NoteAdded {}), OCCURRED_AT);
    assert!(matches!(form(root.seal(LEDGER, &one)), F::Stream { .. }));
    let odd = note().section(Class::Normal, "Text", "a");
    assert_eq!(form(odd.seal(LEDGER, &one)), F::PayloadType { index: 0 });
    let many = (0..33).fold(note(), |draft, _| draft.section(Class::Normal, "a", "a"));
    assert!(matches!(form(many.seal(LEDGER, &one)), F::TooMany { .. }));
    let zero = Seen { version: Version(0), head: Digest::ZERO };
    assert!(form(note().seen(zero).seal(LEDGER, &one)).to_string().contains("seen.version"));

    let lead = proto::LeadAssigned { lead: vec![1; 15] };
    let short = Draft::new(case(), proto::fact::Kind::LeadAssigned(lead), OCCURRED_AT);
    assert!(matches!(form(short.seal(LEDGER, &one)), F::Length { .. }));

    // An enum that was not chosen.
    let signal = StreamKey { kind: StreamKind::Signal, ..case() };
    let outcome = proto::ChildOutcome { child: vec![1; 16], ..Default::default() };
    let assessed = proto::SignalAssessed { outcomes: vec![outcome] };
    let unset = Draft::new(signal, proto::fact::Kind::SignalAssessed(assessed), OCCURRED_AT);
    let error = unset.seal(LEDGER, &one).unwrap_err();
    assert!(matches!(error, DraftError::Statement(StatementError::Breach(_))), "{error}");
}

#[test]
fn sections_are_bounded() {
    let long = vec![0; CONTENT_BYTES_MAX + 1];
    let error = note().section(Class::Normal, "a", long).seal(LEDGER, &[signer(1)]).unwrap_err();
    assert!(matches!(error, DraftError::SectionTooLarge { index: 0 }));
    let longest = vec![0; CONTENT_BYTES_MAX];
    assert!(note().section(Class::Normal, "a", longest).seal(LEDGER, &[signer(1)]).is_ok());
}

#[test]
fn keys_that_can_not_be_enrolled_are_told() {
    let key = proto::EnrolledKey { public_key: vec![0; 32], r#use: proto::KeyUse::Token.into() };
    let fact = proto::fact::Kind::KeyEnrolled(proto::KeyEnrolled { key: Some(key) });
    let actor = StreamKey { kind: StreamKind::Actor, id: StreamId([6; 16]) };
    let error = Draft::new(actor, fact, OCCURRED_AT).seal(LEDGER, &[signer(1)]).unwrap_err();
    assert!(matches!(error, DraftError::EnrolledKey { .. }), "{error}");
}

#[test]
fn debug_shows_no_content() {
    let draft = note().section(Class::Normal, "text/plain", "invented words");
    assert!(!format!("{draft:?}").contains("invented"));
    let unsigned = draft.seal(LEDGER, &[signer(1)]).unwrap();
    assert!(!format!("{unsigned:?}").contains("invented"));
    let signed = unsigned.sign(&[&SecretKey::from_seed(&[1; 32])]).unwrap();
    assert!(!format!("{signed:?}").contains("invented"));
}

fn class() -> impl Strategy<Value = Class> {
    proptest::sample::select(Class::ALL.to_vec())
}

proptest! {
    /// What comes out is what the ledger takes, and the same after it was carried elsewhere.
    #[test]
    fn every_draft_that_is_sealed_is_right(
        sections in proptest::collection::vec((class(), "[a-z0-9./+-]{1,64}", any::<Vec<u8>>()), 0..5),
        references in proptest::collection::vec(any::<[u8; 32]>(), 0..5),
        seen in proptest::option::of((1u64.., any::<[u8; 32]>())),
        seconds in -62_135_596_800i64..=253_402_300_799,
        signers in proptest::collection::btree_set(1u8.., 1..5),
    ) {
        let mut draft = note();
        draft.occurred_at.instant.seconds = seconds;
        for hash in references {
            draft = draft.reference(Reference {
                relation: proto::Relation::Endorses,
                stream: case(),
                statement_hash: Digest(hash),
            });
        }
        if let Some((version, head)) = seen {
            draft = draft.seen(Seen { version: Version(version), head: Digest(head) });
        }
        for (class, payload_type, content) in sections {
            draft = draft.section(class, payload_type, content);
        }
        let named: Vec<_> = signers.iter().map(|number| signer(*number)).collect();
        let unsigned = draft.seal(LEDGER, &named).unwrap();
        let carried = Unsigned::from_bytes(&unsigned.to_bytes()).unwrap();
        prop_assert_eq!(carried.statement(), unsigned.statement());
        let keys: Vec<_> = signers.iter().map(|n| SecretKey::from_seed(&[*n; 32])).collect();
        let signed = unsigned.sign(&keys.iter().collect::<Vec<_>>()).unwrap();
        let again = crate::SignedStatement::from_bytes(&signed.to_bytes()).unwrap();
        prop_assert_eq!(again.statement_hash(), signed.statement_hash());
        prop_assert_eq!(again.signatures_hash(), signed.signatures_hash());
    }
}

#[test]
fn what_a_simulation_seals_is_the_same_each_time() {
    let seal = |byte: u8| {
        let draft = note().section(Class::Normal, "note/1", "{}");
        draft.seal_simulated(LEDGER, &[signer(1)], |random| random.fill(byte)).unwrap()
    };
    assert_eq!(seal(1).to_bytes(), seal(1).to_bytes());
    assert_ne!(seal(1).to_bytes(), seal(2).to_bytes());
    // The id tells the time that is stated: UUIDv7, in milliseconds.
    let id = seal(1).statement().event_id.0;
    assert_eq!(id[..6], 1_760_000_000_000_u64.to_be_bytes()[2..]);
}
