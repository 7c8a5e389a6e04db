//! What people of the office sign, put in one line each.

use std::time::{SystemTime, UNIX_EPOCH};

use letopis_client::{Draft, Instant, OccurredAt, Reference};
use letopis_proto::statement::v1 as proto;
use letopis_proto::statement::v1::fact::Kind;
use letopis_types::{Class, Digest, StreamId, StreamKey, StreamKind};

/// Stands in every section of the office. Nobody but a reader is ever to see it.
pub(crate) const MARKS: [&str; 2] = ["ОТЛИЧИТЕЛНО-Ъ7Щ", "LTPMARK-7Q3X9"];

/// A statement of the office, before it is signed.
#[derive(Clone)]
pub(crate) struct Act {
    pub(crate) stream: StreamKey,
    fact: Kind,
    sections: Vec<(Class, String, String)>,
    references: Vec<Reference>,
}

impl Act {
    pub(crate) fn new(stream: StreamKey, fact: Kind) -> Self {
        Self { stream, fact, sections: Vec::new(), references: Vec::new() }
    }

    /// With a section, in which the marks stand too.
    pub(crate) fn section(mut self, class: Class, payload_type: &str, text: &str) -> Self {
        let marked = format!("{text} [{} {}]", MARKS[0], MARKS[1]);
        self.sections.push((class, payload_type.to_owned(), marked));
        self
    }

    /// With a section that holds just this.
    pub(crate) fn holding(mut self, class: Class, payload_type: &str, content: &str) -> Self {
        self.sections.push((class, payload_type.to_owned(), content.to_owned()));
        self
    }

    pub(crate) fn refers(
        mut self,
        relation: proto::Relation,
        stream: StreamKey,
        statement_hash: Digest,
    ) -> Self {
        self.references.push(Reference { relation, stream, statement_hash });
        self
    }

    /// Which kind of fact, for messages.
    pub(crate) fn name(&self) -> String {
        let shown = format!("{:?}", self.fact);
        shown.split('(').next().unwrap_or_default().to_owned()
    }

    pub(crate) fn draft(&self) -> Draft {
        let mut draft = Draft::new(self.stream, self.fact.clone(), occurred_at());
        for (class, payload_type, text) in &self.sections {
            draft = draft.section(*class, payload_type, text.clone().into_bytes());
        }
        self.references.iter().fold(draft, |draft, reference| draft.reference(*reference))
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn occurred_at() -> OccurredAt {
    OccurredAt {
        instant: Instant { seconds: now(), nanos: 0, offset_minutes: 120 },
        precision: proto::Precision::Minute,
        knowledge: proto::Knowledge::Witnessed,
    }
}

pub(crate) const fn stream(kind: StreamKind, id: [u8; 16]) -> StreamKey {
    StreamKey { kind, id: StreamId(id) }
}

/// What of a stream is listed: one section of one event.
pub(crate) fn listed(version: u64, index: u32) -> Vec<proto::ReleasedSections> {
    vec![proto::ReleasedSections { version, sections: vec![index] }]
}

pub(crate) fn access_granted(
    reader: [u8; 16],
    classes: &[Class],
    until_seconds: i64,
    complaint: Option<[u8; 16]>,
) -> Kind {
    let purpose = match complaint {
        Some(_) => proto::Purpose::ComplaintReview,
        None => proto::Purpose::CaseWork,
    };
    Kind::AccessGranted(proto::AccessGranted {
        reader: reader.to_vec(),
        classes: classes.iter().map(|class| *class as i32).collect(),
        purpose: purpose.into(),
        until_seconds,
        complaint: complaint.map(|id| id.to_vec()).unwrap_or_default(),
    })
}

pub(crate) fn break_glass(classes: &[Class], until_seconds: i64) -> Kind {
    let classes = classes.iter().map(|class| *class as i32).collect();
    Kind::BreakGlassOpened(proto::BreakGlassOpened { classes, until_seconds })
}
