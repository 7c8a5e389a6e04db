//! A section that counts, and does not open: figures are refused, and it is erased all the same.

use letopis_domain::figures::Quarter;

use super::counted::{
    HEARD, INTERPRETER, all_restricted, counted, expected, heard, office_that_hears,
};
use super::*;

/// Where a byte is changed.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// In the slot of its key.
    Slot(usize),
    /// In its sealed bytes.
    Sealed(usize),
}

/// Of a slot key id, nonce and wrapped key; of sealed bytes nonce and ciphertext.
const DAMAGES: [Damage; 5] =
    [Damage::Slot(12), Damage::Slot(20), Damage::Slot(60), Damage::Sealed(20), Damage::Sealed(60)];

/// One of the two with an interpreter, and the section of it that counts.
fn damaged() -> Draft {
    heard(42, r#"{"code":"interpreter"}"#)
}
const SECTION: usize = 1;

fn key(world: &World) -> KeyId {
    keys_of(world, &damaged())[SECTION]
}

impl Damage {
    fn change(self, world: &World) {
        match self {
            Self::Slot(at) => {
                let (mut block, offset) = block(world);
                block[offset + at] ^= 1;
                std::fs::write(world.path("vault/block-0000000000"), block).unwrap();
            }
            Self::Sealed(at) => {
                let hash = damaged().hash();
                let events = world.events();
                let event = events.iter().find(|event| event.link.statement_hash == hash).unwrap();
                world.record.change(event.link.sequence, |event| event.sealed[SECTION][at] ^= 1);
            }
        }
    }
}

/// The vault's block, and where the slot begins (proto/README.md, Vault).
fn block(world: &World) -> (Vec<u8>, usize) {
    let block = std::fs::read(world.path("vault/block-0000000000")).unwrap();
    (block, 64 + key(world).slot() as usize * 88)
}

#[test]
fn what_does_not_open_is_erased_all_the_same() {
    for damage in DAMAGES {
        let (world, running) = office_that_hears();
        running.close();
        damage.change(&world);
        copy_vault(&world, "vault", "kept");
        let running = world.open();
        let refused = running.ledger.0.coded.of(Quarter::of(BEGAN.seconds()), HEARD.0);
        assert_eq!(reason(refused), Reason::RecordUnavailable, "{damage:?}");

        let mut rest = expected();
        rest.insert((HEARD, INTERPRETER), 1);
        running.record(&all_restricted(&running, 60));
        assert_eq!(counted(&running), rest, "{damage:?}");
        running.close();
        // Where it was left to a start.
        std::fs::remove_dir_all(world.path("vault")).unwrap();
        std::fs::rename(world.path("kept"), world.path("vault")).unwrap();
        for state in ["state", "anew"] {
            let (running, log) = logged(|| world.open_with_state(state));
            assert_eq!(log.contains("section=1 error="), state == "state", "{damage:?} {log}");
            assert_eq!(counted(&running), rest, "{damage:?} {state}");
            running.close();
        }
        let (block, offset) = block(&world);
        assert_eq!(block[offset..offset + 88], [0; 88], "{damage:?}");
    }
}

/// An erasure that names a key that is not the vault's destroys nothing, and counts nothing: the next one that names
/// the right one counts all of it.
#[test]
fn what_can_not_be_erased_yet_is_not_counted_yet() {
    let (world, running) = office_that_hears();
    running.close();
    copy_vault(&world, "vault", "kept");
    let running = world.open();
    running.record(&all_restricted(&running, 60));
    running.close();
    std::fs::remove_dir_all(world.path("vault")).unwrap();
    std::fs::rename(world.path("kept"), world.path("vault")).unwrap();
    let of_key_id = Damage::Sealed(12);
    of_key_id.change(&world);
    let (state, _) = world.state("state");
    let refused = crate::open(world.parts(std::sync::Arc::new(world.record.reopen()), state));
    assert!(refused.unwrap_err().to_string().contains("another key"));
    let (block, offset) = block(&world);
    assert_ne!(block[offset..offset + 88], [0; 88]);

    of_key_id.change(&world);
    let running = world.open();
    assert_eq!(counted(&running), expected());
}
