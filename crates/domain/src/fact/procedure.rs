//! Facts about the procedure itself.

use letopis_proto::statement::v1 as proto;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::FromProto;
use super::plan::{Day, day};
use crate::clocks::ClockKey;
use crate::form::{
    FormError, ascending_ids, at_most, classes, digest, in_range, optional_fixed, stream_kind,
};
use crate::profile::{Profile, ProfileError};
use letopis_types::{ActorId, AgencyId, Class, StreamId, StreamKind};

/// Версия на правилата.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileAdopted {
    /// The profile's text.
    pub text: String,
    /// From this day on; `None`: from when it is recorded.
    pub effective_day: Option<Day>,
}

impl ProfileAdopted {
    /// The longest text, in bytes.
    pub const BYTES_MAX: usize = 48 * 1024;
}

impl ProfileAdopted {
    /// The profile, and from when on it applies where it is recorded then; seconds since 1970 UTC.
    ///
    /// # Errors
    /// The text is no profile.
    pub fn profile(&self, recorded: i64) -> Result<(Profile, i64), ProfileError> {
        let profile = Profile::parse(&self.text)?;
        let from = self.effective_day.map_or(recorded, |day| profile.start_of_day(day));
        Ok((profile, from))
    }
}

impl FromProto for ProfileAdopted {
    type Message = proto::ProfileAdopted;

    fn from_proto(message: &proto::ProfileAdopted) -> Result<Self, FormError> {
        let fits = (1..=Self::BYTES_MAX).contains(&message.text.len());
        in_range(fits, "text", "1 to 49152 bytes")?;
        let effective_day = message.effective_day;
        Ok(Self {
            text: message.text.clone(),
            effective_day: effective_day.map(|from| day(from, "effective_day")).transpose()?,
        })
    }
}

/// Отказани записи.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalsCounted {
    /// Of which day in UTC.
    pub day: Day,
    /// How often for each reason's number, ascending.
    pub counts: Vec<(u32, u64)>,
}

impl RefusalsCounted {
    /// The most reasons.
    pub const REASONS_MAX: usize = 256;
}

impl FromProto for RefusalsCounted {
    type Message = proto::RefusalsCounted;

    fn from_proto(message: &proto::RefusalsCounted) -> Result<Self, FormError> {
        at_most(message.counts.len(), Self::REASONS_MAX, "counts")?;
        let counts: Vec<_> = message.counts.iter().map(|of| (of.reason, of.count)).collect();
        let counted = !counts.is_empty() && counts.iter().all(|(reason, n)| *reason > 0 && *n > 0);
        in_range(counted, "counts", "at least one, each at least 1")?;
        in_range(counts.is_sorted_by(|a, b| a.0 < b.0), "counts", "strictly ascending by reason")?;
        Ok(Self { day: day(message.day, "day")?, counts })
    }
}

/// Не е вписано в срок.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineMissed {
    /// The clock's number in the profile.
    pub clock: u32,
    /// What started it.
    pub started_by: Digest,
    /// What it is about.
    pub subject: Digest,
    /// When it ran out, seconds since 1970 UTC.
    pub due_seconds: i64,
    /// The kind of the stream that the file is named after.
    pub file: StreamKind,
}

impl DeadlineMissed {
    /// The clock that ran out.
    #[must_use]
    pub const fn key(&self) -> ClockKey {
        ClockKey { number: self.clock, started_by: self.started_by, subject: self.subject }
    }
}

impl FromProto for DeadlineMissed {
    type Message = proto::DeadlineMissed;

    fn from_proto(message: &proto::DeadlineMissed) -> Result<Self, FormError> {
        in_range(message.clock > 0, "clock", "at least 1")?;
        Ok(Self {
            clock: message.clock,
            started_by: digest(&message.started_by, "started_by")?,
            subject: digest(&message.subject, "subject")?,
            due_seconds: message.due_seconds,
            file: stream_kind(message.file, "file")?,
        })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.started_by]
    }
}

/// Обяснение на закъснение.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayExplained {
    /// The clock's number in the profile.
    pub clock: u32,
    /// What started it.
    pub started_by: Digest,
}

impl FromProto for DelayExplained {
    type Message = proto::DelayExplained;

    fn from_proto(message: &proto::DelayExplained) -> Result<Self, FormError> {
        in_range(message.clock > 0, "clock", "at least 1")?;
        Ok(Self { clock: message.clock, started_by: digest(&message.started_by, "started_by")? })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.started_by]
    }
}

/// Предписание след проверка.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InspectionInstruction {
    /// The inspection.
    pub opened: Digest,
    /// By the end of this day.
    pub due_day: Day,
}

impl FromProto for InspectionInstruction {
    type Message = proto::InspectionInstruction;

    fn from_proto(message: &proto::InspectionInstruction) -> Result<Self, FormError> {
        let due_day = day(message.due_day, "due_day")?;
        Ok(Self { opened: digest(&message.opened, "opened")?, due_day })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.opened]
    }
}

/// Проверка от ДАЗД.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionOpened {
    /// Who carries it out, ascending.
    pub auditors: Vec<ActorId>,
    /// The agency that is inspected.
    pub agency: Option<AgencyId>,
    /// The cases that are inspected, ascending, where no agency is named.
    pub cases: Vec<StreamId>,
    /// Which classes of sections the order opens, ascending.
    pub classes: Vec<Class>,
    /// Before this second since 1970 UTC.
    pub until_seconds: i64,
}

impl FromProto for InspectionOpened {
    type Message = proto::InspectionOpened;

    fn from_proto(message: &proto::InspectionOpened) -> Result<Self, FormError> {
        let agency = optional_fixed(&message.agency, "agency")?.map(AgencyId);
        let cases = ascending_ids(&message.cases, (0, 200), "cases", StreamId)?;
        in_range(agency.is_none() || cases.is_empty(), "cases", "none where an agency is named")?;
        Ok(Self {
            auditors: ascending_ids(&message.auditors, (1, 64), "auditors", ActorId)?,
            agency,
            cases,
            classes: classes(&message.classes, 0, "classes")?,
            until_seconds: message.until_seconds,
        })
    }
}
