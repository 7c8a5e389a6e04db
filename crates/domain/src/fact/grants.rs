//! Facts about who is given access to what, and under which danger.

use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{ActorId, Class, Digest, StreamId};

use super::access::{purpose, released};
use super::{FromProto, Released};
use crate::form::{FormError, actor, classes, digest, fixed, optional_fixed};

/// Предоставен достъп.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessGranted {
    /// Who may read.
    pub reader: ActorId,
    /// Which classes, ascending.
    pub classes: Vec<Class>,
    /// For which purpose alone.
    pub purpose: Purpose,
    /// Before this second since 1970 UTC.
    pub until_seconds: i64,
    /// Of a reporter's identity, for this complaint alone.
    pub complaint: Option<StreamId>,
}

impl FromProto for AccessGranted {
    type Message = proto::AccessGranted;

    fn from_proto(message: &proto::AccessGranted) -> Result<Self, FormError> {
        Ok(Self {
            reader: actor(&message.reader, "reader")?,
            classes: classes(&message.classes, 1, "classes")?,
            purpose: purpose(message.purpose)?,
            until_seconds: message.until_seconds,
            complaint: optional_fixed(&message.complaint, "complaint")?.map(StreamId),
        })
    }
}

/// Спешен достъп.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakGlassOpened {
    /// Which classes are needed, ascending.
    pub classes: Vec<Class>,
    /// Before this second since 1970 UTC.
    pub until_seconds: i64,
}

impl BreakGlassOpened {
    /// The longest that it lasts, in seconds.
    pub const SECONDS_MAX: i64 = 24 * 3600;

    /// The beginning of the payload type of the section that states the danger.
    pub const DANGER: &str = "danger/";
}

impl FromProto for BreakGlassOpened {
    type Message = proto::BreakGlassOpened;

    fn from_proto(message: &proto::BreakGlassOpened) -> Result<Self, FormError> {
        Ok(Self {
            classes: classes(&message.classes, 1, "classes")?,
            until_seconds: message.until_seconds,
        })
    }
}

/// Преглед на спешен достъп.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakGlassReviewed {
    /// The statement hash of its opening.
    pub opened: Digest,
    /// Was it justified?
    pub justified: bool,
}

impl FromProto for BreakGlassReviewed {
    type Message = proto::BreakGlassReviewed;

    fn from_proto(message: &proto::BreakGlassReviewed) -> Result<Self, FormError> {
        Ok(Self { opened: digest(&message.opened, "opened")?, justified: message.justified })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.opened]
    }
}

/// Who receives information: an agency or an actor; their ids are random and never collide.
pub type ReceiverId = [u8; 16];

/// Предоставяне на информация: the receiver is given just what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformationShared {
    /// Who receives it.
    pub receiver: ReceiverId,
    /// What of this stream, ascending by version.
    pub shared: Vec<Released>,
    /// Before this second since 1970 UTC.
    pub until_seconds: Option<i64>,
}

impl InformationShared {
    /// The most events that are listed.
    pub const EVENTS_MAX: usize = 256;
}

impl FromProto for InformationShared {
    type Message = proto::InformationShared;

    fn from_proto(message: &proto::InformationShared) -> Result<Self, FormError> {
        Ok(Self {
            receiver: fixed(&message.receiver, "receiver")?,
            shared: released(&message.shared, (1, Self::EVENTS_MAX), "shared")?,
            until_seconds: message.until_seconds,
        })
    }
}

/// Направление: a provider is asked for a service, and given what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceReferred {
    /// The provider's agency.
    pub provider: ReceiverId,
    /// What of this stream it is given, ascending by version.
    pub shared: Vec<Released>,
}

impl FromProto for ServiceReferred {
    type Message = proto::ServiceReferred;

    fn from_proto(message: &proto::ServiceReferred) -> Result<Self, FormError> {
        let max = InformationShared::EVENTS_MAX;
        Ok(Self {
            provider: fixed(&message.provider, "provider")?,
            shared: released(&message.shared, (0, max), "shared")?,
        })
    }
}

/// Заличаване.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionsErased {
    /// Every section of the class before this event.
    Class(Class),
    /// One section of an earlier event.
    Section {
        /// The event's version.
        version: letopis_types::Version,
        /// The section's index.
        index: u32,
    },
}

impl FromProto for SectionsErased {
    type Message = proto::SectionsErased;

    fn from_proto(message: &proto::SectionsErased) -> Result<Self, FormError> {
        use proto::sections_erased::What;
        match crate::form::required(message.what.as_ref(), "what")? {
            What::Class(number) => Ok(Self::Class(crate::form::class(*number)?)),
            What::Section(section) => {
                crate::form::in_range(section.version > 0, "section.version", "at least 1")?;
                let max = crate::statement::SECTIONS_MAX;
                crate::form::in_range((section.index as usize) < max, "section.index", "0 to 31")?;
                Ok(Self::Section {
                    version: letopis_types::Version(section.version),
                    index: section.index,
                })
            }
        }
    }
}
