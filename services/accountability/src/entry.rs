//! An event, and what became of it.

use letopis_ledger::{Ledger, LedgerError, PastEvent, View};
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::convert as rpc;

use crate::convert;

/// An event of a file, with what became of it by the time of that view.
pub(crate) fn entry(
    ledger: &Ledger,
    view: &View,
    past: PastEvent,
) -> Result<proto::TimelineEntry, LedgerError> {
    let (file, marks) = (&view.file, ledger.marks_in(view, &past)?);
    let PastEvent { event: stored, statement, version } = past;
    let hash = stored.link.statement_hash;
    let known = file.procedure.event(&hash);
    let act = file.procedure.acts().iter().find(|act| act.hash == hash);
    let stated = statement.occurred_at.instant.seconds;
    let endorsed = file.endorsements.iter().filter(|(act, _)| *act == hash);
    Ok(proto::TimelineEntry {
        stream: Some(rpc::stream_message(&statement.stream)),
        version: version.0,
        marks: marks.into_iter().map(|mark| rpc::mark(mark).into()).collect(),
        status: act.map_or(proto::ActStatus::Unspecified, |act| convert::status(act.status)).into(),
        corrected_by: known.map_or_else(Vec::new, |known| {
            known.corrected.iter().map(|by| convert::bytes(&by.0)).collect()
        }),
        corrected_at: known.map(|known| known.at).filter(|at| *at != stated),
        misfiled_by: convert::digest(known.and_then(|known| known.misfiled)),
        endorsed_by: endorsed.map(|(_, by)| convert::bytes(&by.0)).collect(),
        event: Some(rpc::event(stored)),
    })
}
