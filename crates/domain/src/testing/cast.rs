//! Who plays a story, and under which ids: those of the tests, or those that somebody brings.

use std::fmt;

use letopis_types::{ActorId, AgencyId, StreamId, StreamKind};

use super::{AGENCY, OTHER_AGENCY, SERVICE, person};

/// Who is meant by the names in a story.
pub trait Cast: fmt::Debug + Send + Sync {
    /// Who plays this part ([`PEOPLE`](super::PEOPLE)).
    ///
    /// # Panics
    /// Where nobody does.
    fn actor(&self, part: &str) -> ActorId;

    /// The agency `own`, `other` or `service`.
    ///
    /// # Panics
    /// Where there is none of this name.
    fn agency(&self, name: &str) -> AgencyId;

    /// The stream of this kind with this number, from 1. A case's protected stream and clocks have its id.
    fn stream(&self, kind: StreamKind, number: u8) -> StreamId;

    /// The child with this number, from 1.
    fn child(&self, number: u8) -> [u8; 16];

    /// The commitment with this number, from 1.
    fn commitment(&self, number: u8) -> [u8; 16];
}

/// The people of the tests. Stories with different numbers have different cases, signals and children.
#[derive(Debug, Clone, Copy)]
pub struct Invented(pub u16);

impl Cast for Invented {
    fn actor(&self, part: &str) -> ActorId {
        person(part).actor()
    }

    fn agency(&self, name: &str) -> AgencyId {
        match name {
            "own" => AGENCY,
            "other" => OTHER_AGENCY,
            "service" => SERVICE,
            other => panic!("no agency {other}"),
        }
    }

    fn stream(&self, kind: StreamKind, number: u8) -> StreamId {
        let byte = match kind {
            StreamKind::Signal => 0x51,
            StreamKind::Person => 0xbe,
            StreamKind::Complaint => 0xc0,
            _ => 0xca,
        };
        let mut id = [byte; 16];
        [id[0], id[1]] = self.0.to_be_bytes();
        id[2] = number;
        StreamId(id)
    }

    fn child(&self, number: u8) -> [u8; 16] {
        let [high, low] = self.0.to_be_bytes();
        [0xc1, high, low, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    }

    fn commitment(&self, number: u8) -> [u8; 16] {
        [number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]
    }
}
