//! What a case's server answers for is taken page by page, and no event that is not shown to be one.

use std::collections::BTreeSet;
use std::sync::Arc;

use letopis_client::accountability::{LogFilter, Moment, WatchedClocks};
use letopis_client::{ClientError, Distrust, Identity, LedgerClient, Usage};
use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::export_log_response::Part;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{ActorId, Sequence, Version};

use crate::fake::{Fake, case, secret};

/// A case of five notes, in pages of two, and whoever reads it.
async fn five_notes() -> (Fake, LedgerClient) {
    let fake = Fake::start().await;
    let client = fake.client().await;
    for note in fake.notes(5) {
        client.append(&note).await.unwrap();
    }
    fake.state().page = 2;
    fake.state().token_key = Some(secret(51).public());
    let reader = Identity {
        ledger: None,
        actor: ActorId([8; 16]),
        grant: None,
        statement_key: secret(50),
        token_key: Some(secret(51)),
    };
    let client = client.as_caller(Arc::new(reader), Purpose::CaseWork);
    (fake, client)
}

#[tokio::test]
async fn every_call_takes_all_pages_each_with_a_token_of_its_own() {
    let (fake, client) = five_notes().await;
    let id = case(1).id;
    let (told, as_of) = client.case_now(&id, Sequence(6)).await.unwrap();
    assert_eq!((&*told.case_id, as_of), (&id.0[..], Sequence(6)));
    let (timeline, _) = client.timeline(&id, Sequence::ZERO).await.unwrap();
    let versions: Vec<_> = timeline.iter().map(|entry| entry.version.0).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5]);
    assert!(timeline.iter().all(|entry| entry.stream == case(1) && entry.told.event.is_none()));
    let trace = client.trace_decision(&case(1), Version(3), Sequence::ZERO).await.unwrap();
    assert_eq!((trace.entries.len(), trace.told.entries.len()), (5, 0));
    let moment = Moment::Size(Sequence(6));
    let then = client.case_as_known_at(&id, moment, Some(&ActorId([8; 16]))).await.unwrap();
    assert_eq!((&*then.case.case_id, then.entries.len()), (&id.0[..], 5));
    assert!(then.entries.iter().all(|known| known.given == pb::Given::Facts));

    let tokens = fake.state().tokens.clone();
    let different: BTreeSet<_> = tokens.iter().collect();
    assert_eq!((tokens.len(), different.len()), (1 + 3 + 1 + 3, tokens.len()));
}

#[tokio::test]
async fn what_the_server_did_not_do_is_asked_again() {
    let (fake, client) = five_notes().await;
    fake.state().overloaded_readings = 2;
    client.case_now(&case(1).id, Sequence::ZERO).await.unwrap();
    assert_eq!(fake.state().tokens.len(), 3);
}

#[tokio::test]
async fn no_event_is_taken_that_is_not_of_the_case() {
    let (fake, client) = five_notes().await;
    let other = client.timeline(&case(2).id, Sequence::ZERO).await.unwrap().0;
    assert!(other.is_empty());
    let spoiled = async |spoil: fn(&mut pb::TimelineEntry)| {
        fake.state().spoil_entry = Some(spoil);
        let refused = client.timeline(&case(1).id, Sequence::ZERO).await.unwrap_err();
        assert!(client.trace_decision(&case(1), Version(1), Sequence::ZERO).await.is_err());
        let moment = Moment::Size(Sequence(6));
        assert!(client.case_as_known_at(&case(1).id, moment, None).await.is_err());
        let ClientError::Distrust(why) = refused else { panic!("{refused}") };
        *why
    };
    let none = spoiled(|entry| entry.event = None).await;
    assert!(matches!(none, Distrust::Malformed { .. }), "{none}");
    let signed = spoiled(|entry| {
        let event = entry.event.as_mut().unwrap();
        event.signatures.clear();
    });
    let signed = signed.await;
    assert!(matches!(signed, Distrust::OtherLink { .. }), "{signed}");
    fake.state().spoil_entry = None;
    let nowhere = client.trace_decision(&case(1), Version(9), Sequence::ZERO).await.unwrap_err();
    assert!(matches!(nowhere.distrust(), Some(Distrust::OtherEvent { what: "decision" })));
    let early = client.case_now(&case(1).id, Sequence(99)).await.unwrap_err();
    assert!(matches!(early.distrust(), Some(Distrust::Malformed { .. })), "{early}");
}

#[tokio::test]
async fn lists_are_taken_page_by_page_in_their_order() {
    let (fake, client) = five_notes().await;
    let (cases, as_of) = client.cases(pb::ListCasesRequest::default()).await.unwrap();
    assert_eq!((cases.len(), as_of), (5, Sequence(6)));
    let (clocks, _) = client.clocks(pb::ListClocksRequest::default()).await.unwrap();
    assert_eq!(clocks.iter().map(|clock| clock.due).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let (duties, _) = client.duties(pb::ListDutiesRequest::default()).await.unwrap();
    assert_eq!(duties.len(), 5);
    let (decisions, _) = client.decisions(pb::ListDecisionsRequest::default()).await.unwrap();
    assert_eq!(decisions.len(), 5);
    let (entries, _) = client.register(pb::GetRegisterRequest::default()).await.unwrap();
    assert_eq!(entries.len(), 5);
    assert_eq!(fake.state().tokens.len(), 5 * 3);

    fake.state().spoil_clock = Some(|clock| clock.due = -clock.due);
    let refused = client.clocks(pb::ListClocksRequest::default()).await.unwrap_err();
    assert!(matches!(refused.distrust(), Some(Distrust::Malformed { .. })), "{refused}");
    let question = pb::ListCasesRequest { at_least_size: 7, ..Default::default() };
    assert!(client.cases(question).await.unwrap_err().distrust().is_some());
}

#[tokio::test]
async fn a_watch_goes_on_where_its_stream_ended() {
    let (_fake, client) = five_notes().await;
    let mut watch = client.watch_clocks(pb::WatchClocksRequest::default());
    for expected in [Some(0), None, Some(2), Some(3), Some(4)] {
        match (watch.next().await.unwrap(), expected) {
            (WatchedClocks::Complete, None) => {}
            (WatchedClocks::File(file, clocks), Some(n)) => {
                assert_eq!((file.id.0, clocks.len()), ([n; 16], 5));
            }
            (other, _) => panic!("{other:?}"),
        }
    }
    assert_eq!(watch.resume_token(), "5");
}

fn everything(format: pb::LogFormat) -> LogFilter {
    let holder = Some(letopis_types::AgencyId([7; 16]));
    LogFilter { format, holder, recorded_from: None, recorded_before: None, cases_max: 0 }
}

#[tokio::test]
async fn an_export_is_believed_when_it_is_whole_and_what_was_sent() {
    let (fake, client) = five_notes().await;
    for format in [pb::LogFormat::Xes, pb::LogFormat::Csv] {
        let mut file = Vec::new();
        let filter = everything(format);
        let exported = client.export_log(&filter, Sequence(6), &mut file).await.unwrap();
        assert_eq!((exported.traces, exported.events), (1, 2));
        assert_eq!(exported.as_of, Sequence(6));
        assert_eq!(exported.digest.0, *blake3::hash(&file).as_bytes());
    }
    fake.state().overloaded_readings = 2;
    let filter = everything(pb::LogFormat::Csv);
    client.export_log(&filter, Sequence(0), &mut Vec::new()).await.unwrap();

    let spoiled = async |spoil: fn(&mut Vec<Part>)| {
        fake.state().spoil_export = Some(spoil);
        let filter = everything(pb::LogFormat::Csv);
        client.export_log(&filter, Sequence(0), &mut Vec::new()).await.unwrap_err()
    };
    let changed = spoiled(|parts| parts[2] = Part::Bytes(b"\xd0\xbc,x\n".to_vec().into())).await;
    assert!(changed.to_string().contains("digest"), "{changed}");
    let missing = spoiled(|parts| drop(parts.remove(2))).await;
    assert!(missing.distrust().is_some(), "{missing}");
    let miscounted = spoiled(|parts| {
        let Some(Part::Whole(whole)) = parts.last_mut() else { panic!("no end") };
        whole.events += 1;
    });
    let miscounted = miscounted.await;
    assert!(miscounted.to_string().contains("as many"), "{miscounted}");
    let cut_off = spoiled(|parts| drop(parts.pop())).await;
    assert!(matches!(cut_off, ClientError::Unavailable { .. }), "{cut_off}");
    let orders: [fn(&mut Vec<Part>); 3] = [
        |parts| drop(parts.remove(0)),
        |parts| parts.insert(2, parts[0].clone()),
        |parts| parts.push(Part::Bytes(b"x".to_vec().into())),
    ];
    for otherwise in orders {
        let why = spoiled(otherwise).await;
        assert!(matches!(why.distrust(), Some(Distrust::Malformed { .. })), "{why}");
    }

    fake.state().spoil_export = None;
    let mut room = [0; 3];
    let why = client.export_log(&filter, Sequence(0), &mut &mut room[..]).await.unwrap_err();
    let ClientError::Usage(why) = why else { panic!("{why}") };
    assert!(matches!(*why, Usage::Output { .. }), "{why}");
    let early = client.export_log(&filter, Sequence(99), &mut Vec::new()).await.unwrap_err();
    assert!(matches!(early.distrust(), Some(Distrust::Malformed { .. })), "{early}");
}

#[tokio::test]
async fn a_table_has_a_cell_for_each_of_its_columns() {
    let (_fake, client) = five_notes().await;
    let (answer, as_of) = client.indicators(pb::GetIndicatorsRequest::default()).await.unwrap();
    assert_eq!((answer.tables.len(), as_of), (1, Sequence(6)));
    let torn =
        pb::GetIndicatorsRequest { universes: vec!["torn".to_owned()], ..Default::default() };
    let refused = client.indicators(torn).await.unwrap_err();
    assert!(matches!(refused.distrust(), Some(Distrust::Malformed { .. })), "{refused}");
}
