//! The genesis, which comes first and once.

use super::*;

#[test]
fn the_genesis_is_signed_by_exactly_its_keys() {
    let new = given([]);
    new.when(genesis()).accepted();
    for missing in 0..5 {
        let mut draft = genesis();
        draft.statement.signers.remove(missing);
        new.when(draft).refused(AuthorityError::GenesisSigners);
    }
    let extra = own_enrolment(STRANGER, key_of(STRANGER));
    new.when(genesis().and(extra)).refused(AuthorityError::GenesisSigners);
    for at in 0..5 {
        let mut draft = genesis();
        draft.statement.signers[at].actor = STRANGER;
        new.when(draft).refused(AuthorityError::GenesisSigners);
        let mut draft = genesis();
        draft.statement.signers[at].grant = Some(GENESIS);
        new.when(draft).refused(AuthorityError::GenesisSigners);
    }
}

#[test]
fn the_genesis_comes_first_and_once() {
    given([]).when(note().signed_by([granted(GALYA)])).refused(AuthorityError::AnotherLedger);
    given(office()).when(genesis()).refused(AuthorityError::AnotherLedger);
}

#[test]
fn a_statement_is_for_one_ledger() {
    let given = given(office());
    let mut draft = note().signed_by([granted(GALYA)]);
    given.when(draft.clone()).accepted();
    for other in [None, Some(LedgerId([0x2d; 32]))] {
        draft.statement.ledger = other;
        given.when(draft.clone()).refused(AuthorityError::AnotherLedger);
    }
    draft.statement.ledger = Some(LedgerId([0x2d; 32]));
    let elsewhere = given.0.decide(&draft.placed(), &LedgerId([0x2d; 32]));
    assert_eq!(elsewhere, Err(AuthorityError::AnotherLedger));
}

#[test]
fn the_genesis_is_remembered() {
    let mut registry = Registry::default();
    assert!(registry.ledger().is_none());
    registry.evolve(&genesis().placed(), &ID);
    let ledger = registry.ledger().unwrap();
    assert_eq!((ledger.id, ledger.genesis_hash), (ID, GENESIS));
    assert_eq!(ledger.genesis.name, "invented.example");
    let now = Timestamp::default();
    let checkpoint = KeyUse::Checkpoint;
    assert!(registry.key_in_force(&CHECKPOINT_KEY, &ActorId::LEDGER, checkpoint, now));
    assert!(registry.key_in_force(&key_of(ANNA), &ANNA, KeyUse::Statement, now));
}
