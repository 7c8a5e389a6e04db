//! The ledger's types as messages.

use bytes::Bytes;
use letopis_domain::file::Emergency;
use letopis_domain::purpose;
use letopis_ledger::{Ledger, ReadingEntry, Withheld};
use letopis_policy::{Lang, RuleId};
use letopis_proto::confidentiality::v1 as proto;
use letopis_service_rpc::Told;
use letopis_service_rpc::convert::stream_message;
use letopis_types::{Class, StreamKey};

/// A rule with its words.
pub(crate) fn rule(ledger: &Ledger, rule: &RuleId) -> proto::Rule {
    proto::Rule {
        id: rule.as_str().to_owned(),
        bg: ledger.words(rule, Lang::Bg),
        en: ledger.words(rule, Lang::En),
    }
}

/// A section that is not given.
pub(crate) fn withheld(ledger: &Ledger, withheld: &Withheld) -> proto::WithheldSection {
    proto::WithheldSection {
        version: withheld.version.0,
        index: withheld.index,
        class: withheld.class as i32,
        rule: withheld.rule.as_ref().map(|id| rule(ledger, id)),
        erased: withheld.rule.is_none(),
    }
}

/// A reading; without its reader in the form for the person concerned.
pub(crate) fn reading(entry: &ReadingEntry, with_reader: bool, emergency: bool) -> proto::Reading {
    let (bg, en) = purpose::words(entry.purpose);
    let mut roles: Vec<u32> = entry.roles.iter().map(|role| role.role as u32).collect();
    let mut agencies: Vec<Bytes> = entry
        .roles
        .iter()
        .filter_map(|role| role.agency)
        .map(|agency| Bytes::copy_from_slice(&agency.0))
        .collect();
    roles.sort_unstable();
    roles.dedup();
    agencies.sort_unstable();
    agencies.dedup();
    proto::Reading {
        sequence: entry.sequence.0,
        recorded_at: entry.recorded_at.0,
        file: Some(stream_message(&entry.file)),
        reader: match with_reader {
            true => Bytes::copy_from_slice(&entry.reader.0),
            false => Bytes::new(),
        },
        roles,
        agencies,
        purpose: entry.purpose.into(),
        purpose_bg: bg.to_owned(),
        purpose_en: en.to_owned(),
        sections: entry
            .released
            .iter()
            .map(|released| proto::ReadSections {
                version: released.version.0,
                sections: released.sections.clone(),
            })
            .collect(),
        denied: entry.denied,
        emergency,
    }
}

/// Emergency access to a file.
pub(crate) fn emergency(file: &StreamKey, emergency: &Emergency) -> proto::Emergency {
    proto::Emergency {
        opened: Bytes::copy_from_slice(&emergency.hash.0),
        file: Some(stream_message(file)),
        reader: Bytes::copy_from_slice(&emergency.reader.0),
        opened_at: emergency.opened_at.0,
        until_seconds: emergency.until_seconds,
        classes: emergency.classes.iter().map(|class| *class as i32).collect(),
        closed: emergency.closed,
        reviewed: emergency.reviewed,
    }
}

/// The classes asked for; none: all.
pub(crate) fn classes(numbers: &[i32]) -> Result<Vec<Class>, Told> {
    if numbers.is_empty() {
        return Ok(Class::ALL.to_vec());
    }
    let class = |number: &i32| Class::from_number((*number).into());
    let unknown = || Told::request("classes", "not a class that the server knows");
    numbers.iter().map(|number| class(number).ok_or_else(unknown)).collect()
}
