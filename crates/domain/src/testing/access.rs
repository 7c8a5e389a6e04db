//! What facts about access, erasure and imported history are like in the stories.

use letopis_proto::statement::v1::{self as proto, Class, Purpose, fact::Kind};

use super::{Line, Story};

const DAY: i64 = 86_400;

/// The fact of a line; `hash` finds the last statement of these kinds, or the one that the line names.
pub(super) fn fact(story: &Story, line: &Line, hash: &dyn Fn(&[&str]) -> Vec<u8>) -> Kind {
    match line.kind.as_str() {
        "HistoryImported" => Kind::HistoryImported(proto::HistoryImported {
            activity: line.field("activity").map_or(1, |number| number.parse().unwrap_or(1)),
            time: Some(proto::Instant {
                seconds: line.time(story.now),
                nanos: 0,
                offset_minutes: 120,
            }),
        }),
        "AccessGranted" => Kind::AccessGranted(proto::AccessGranted {
            reader: story.cast.actor(line.field("reader").unwrap_or("worker2")).0.to_vec(),
            classes: vec![Class::Normal.into(), Class::Restricted.into()],
            purpose: Purpose::CaseWork.into(),
            until_seconds: story.now + 14 * DAY,
            complaint: Vec::new(),
        }),
        "AccessRevoked" => {
            Kind::AccessRevoked(proto::AccessRevoked { granted: hash(&["AccessGranted"]) })
        }
        "BreakGlassOpened" => Kind::BreakGlassOpened(proto::BreakGlassOpened {
            classes: vec![Class::Restricted.into()],
            until_seconds: story.now + 3600,
        }),
        "BreakGlassClosed" => {
            Kind::BreakGlassClosed(proto::BreakGlassClosed { opened: hash(&["BreakGlassOpened"]) })
        }
        "BreakGlassReviewed" => Kind::BreakGlassReviewed(proto::BreakGlassReviewed {
            opened: hash(&["BreakGlassOpened"]),
            justified: true,
        }),
        "DisclosureReceived" => Kind::DisclosureReceived(proto::DisclosureReceived {
            shared: hash(&["InformationShared"]),
        }),
        "DisclosureRefused" => Kind::DisclosureRefused(proto::DisclosureRefused {}),
        "BreachRecorded" => Kind::BreachRecorded(proto::BreachRecorded {}),
        "SubjectAccessAnswered" => Kind::SubjectAccessAnswered(proto::SubjectAccessAnswered {}),
        "SectionsErased" => {
            let number = |field| line.field(field).and_then(|text| text.parse().ok());
            let section = proto::ErasedSection {
                version: number("version").unwrap_or(1),
                index: number("index").unwrap_or(0) as u32,
            };
            let restricted = i32::from(Class::Restricted);
            let what = match line.field("class") {
                Some(_) => proto::sections_erased::What::Class(restricted),
                None => proto::sections_erased::What::Section(section),
            };
            Kind::SectionsErased(proto::SectionsErased { what: Some(what) })
        }
        "LegalHoldSet" => Kind::LegalHoldSet(proto::LegalHoldSet {}),
        "LegalHoldLifted" => {
            Kind::LegalHoldLifted(proto::LegalHoldLifted { set: hash(&["LegalHoldSet"]) })
        }
        other => panic!("the stories do not know {other}"),
    }
}
