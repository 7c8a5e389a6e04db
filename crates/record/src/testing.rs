//! For tests: invented events, a record in memory, and the suite that every record must pass.

pub mod contract;
mod memory;

use letopis_log::Link;
use letopis_types::{Digest, SignatureBytes, Timestamp};

use crate::port::{StoredEvent, Tip};

pub use memory::{Failure, MemoryRecord};

/// Events that continue `tip`, one per length: each with a statement of so many bytes of visibly
/// invented text. Signatures and sections vary with the sequence: 1 to 3 and 0 to 2.
#[must_use]
pub fn events(tip: &Tip, lengths: &[usize]) -> Vec<StoredEvent> {
    let mut tip = *tip;
    lengths
        .iter()
        .map(|length| {
            let event = event(&tip, *length);
            tip = Tip {
                size: tip.size.next(),
                last_link: event.link.hash(),
                last_recorded_at: event.link.recorded_at,
            };
            event
        })
        .collect()
}

fn event(tip: &Tip, length: usize) -> StoredEvent {
    let sequence = tip.size.0;
    let text = format!("invented statement {sequence}; ");
    let statement: Vec<u8> = text.bytes().cycle().take(length).collect();
    let fill = |salt: u64| (sequence.wrapping_mul(31).wrapping_add(salt) % 251) as u8;
    let signatures: Vec<_> =
        (0..1 + sequence % 3).map(|index| SignatureBytes([fill(index); 64])).collect();
    let sealed = (0..sequence % 3).map(|index| vec![fill(index); 40 + length / 8]).collect();
    let link = Link {
        sequence: tip.size,
        // Two of three events at the same time as the one before.
        recorded_at: Timestamp(tip.last_recorded_at.0 + sequence.is_multiple_of(3) as u64),
        previous: tip.last_link,
        statement_hash: Digest(*blake3::hash(&statement).as_bytes()),
        signatures_hash: Digest([fill(9); 32]),
    };
    StoredEvent { link, statement, signatures, sealed }
}
