//! What an export leaves on the record.

use std::collections::BTreeMap;

use letopis_domain::Fact;
use letopis_domain::fact::SectionsRead;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{Sequence, StreamId, StreamKind};
use tokio::runtime::Runtime;

use crate::Desk;

/// One reading for each case, which says who read what for what: every event of it.
pub(crate) fn one_per_case(desk: &Desk, cases: u64, events: u64) {
    let reader = desk.trial.registrar(1).actor;
    let runtime = Runtime::new().unwrap();
    let (imported, read) = runtime.block_on(async {
        let client = desk.trial.connect(desk.server.url()).await;
        let mut log = client.read_log(Sequence::ZERO, false);
        let mut imported: BTreeMap<StreamId, u64> = BTreeMap::new();
        let mut read: BTreeMap<StreamId, Vec<SectionsRead>> = BTreeMap::new();
        while let Some(event) = log.next().await {
            let statement = event.unwrap().statement().unwrap();
            match statement.fact {
                Fact::HistoryImported(_) => *imported.entry(statement.stream.id).or_default() += 1,
                Fact::SectionsRead(reading) => {
                    assert_eq!(statement.stream.kind, StreamKind::Access);
                    read.entry(statement.stream.id).or_default().push(reading);
                }
                _ => {}
            }
        }
        (imported, read)
    });
    assert_eq!(imported.len() as u64, cases);
    assert_eq!(imported.values().sum::<u64>(), events);
    assert!(imported.keys().eq(read.keys()), "a reading for each case, and for nothing else");
    for (case, readings) in read {
        let [reading] = readings.as_slice() else {
            panic!("{} readings of {case}", readings.len())
        };
        assert_eq!((reading.reader, reading.purpose), (reader, Purpose::Migration));
        assert_eq!(reading.kind, StreamKind::Case);
        let versions = reading.released.iter().map(|released| released.version.0);
        assert!(versions.eq(1..=imported[&case]), "every event of {case}");
        // The first event carries the case's own attributes in a second section.
        assert_eq!(reading.released[0].sections, [0, 1]);
        assert!(reading.released[1..].iter().all(|released| released.sections == [0]));
    }
}
