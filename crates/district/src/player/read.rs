//! Readings: each with a token of the reader's own, on the record before anything is given.

use letopis_domain::testing::Cast as _;
use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::{StreamKey, StreamKind};

use super::{Player, call, purpose_of};
use crate::error::Error;
use crate::script::{Reading, Wanted};

impl Player {
    /// Somebody reads the case's file, or is denied it.
    pub(super) async fn read(&mut self, story: usize, reading: &Reading) -> Result<(), Error> {
        let Some(tale) = self.tales.get(&story) else { return Ok(()) };
        let Some(member) = tale.cast.member(&reading.who) else { return Ok(()) };
        let id = tale.cast.stream(StreamKind::Case, 1);
        let Some((caller, role)) = self.as_member(member).zip(self.staff.member(member)) else {
            return Ok(());
        };
        let purpose = match (reading.what, role.role) {
            (Wanted::Emergency, _) => Purpose::Emergency,
            (_, Role::HeadOfDepartment) => Purpose::Supervision,
            (_, role) => purpose_of(role),
        };
        let person = self.people.get(&member).map(|person| person.identity.clone());
        let Some(person) = person else { return Ok(()) };
        let caller = caller.as_caller(person, purpose);
        let what = || format!("{} reads a file: {:?}", reading.who, reading.what);
        let read = match reading.what {
            Wanted::Facts => {
                let case = StreamKey { kind: StreamKind::Case, id };
                caller.read_stream(&case).await.map(drop)
            }
            _ => caller.case_file(&id, &[]).await.map(drop),
        };
        match (reading.what, read) {
            (Wanted::Denied, Err(error)) if error.refused().is_some() => self.summary.denied += 1,
            (Wanted::Denied, Ok(())) => return Err(Error::NotRefused { what: what() }),
            (_, read) => {
                read.map_err(call(what()))?;
                self.summary.read += 1;
            }
        }
        Ok(())
    }
}
