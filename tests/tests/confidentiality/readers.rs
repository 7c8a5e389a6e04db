//! Whoever looks at who read what has read something too.

use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_types::Class;
use tonic::Streaming;

use crate::act::Act;
use crate::cast::{CASE, NORTH};
use crate::office::{Office, SERVICE, Term};

impl Office {
    /// Who is said to have read the case's facts alone, and for what; the newest first.
    async fn facts_read(&self, name: &str, purpose: Purpose) -> Vec<([u8; 16], Purpose)> {
        let message =
            pb::ListReadingsRequest { case_id: CASE.id.0.to_vec().into(), ..Default::default() };
        let client = self.client_as(&self.person(name), purpose);
        let request = client.authorize(&format!("{SERVICE}/ListReadings"), message).await.unwrap();
        let answer = self.grpc().list_readings(request).await.unwrap().into_inner();
        facts_alone(&answer.readings)
    }

    async fn list_access(&self, name: &str, purpose: Purpose) {
        let message =
            pb::ListAccessRequest { case_id: CASE.id.0.to_vec().into(), ..Default::default() };
        let client = self.client_as(&self.person(name), purpose);
        let request = client.authorize(&format!("{SERVICE}/ListAccess"), message).await.unwrap();
        self.grpc().list_access(request).await.unwrap();
    }

    async fn watch(&self, name: &str, purpose: Purpose) -> Streaming<pb::WatchReadingsResponse> {
        let message = pb::WatchReadingsRequest::default();
        let client = self.client_as(&self.person(name), purpose);
        let request = client.authorize(&format!("{SERVICE}/WatchReadings"), message).await.unwrap();
        self.grpc().watch_readings(request).await.unwrap().into_inner()
    }
}

fn facts_alone(readings: &[pb::Reading]) -> Vec<([u8; 16], Purpose)> {
    let alone = readings.iter().filter(|one| one.sections.is_empty() && !one.denied);
    alone.map(|one| (one.reader[..].try_into().unwrap(), one.purpose())).collect()
}

#[tokio::test]
async fn who_looks_at_readings_is_among_the_readers() {
    let mut office = Office::open("readers").await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("HD/north", Role::HeadOfDepartment, north).await;
    office.enrol("AUD/order", Role::Auditor, Term::default()).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let act = Act::new(CASE, Kind::CaseOpened(fact)).section(
        Class::Restricted,
        "text/1",
        "Измислен случай",
    );
    office.by(&act, &["SW/lead"]).await;
    let head = |purpose| (office.actor("HD/north"), purpose);
    let dpo = (office.actor("DPO"), Purpose::DataProtection);
    let auditor = (office.actor("AUD/order"), Purpose::Inspection);

    let (work, party) = (Purpose::CaseWork, Purpose::PartyAccess);
    // An answer is of what was before it; each reader, purpose and day is named once.
    assert_eq!(office.facts_read("HD/north", work).await, []);
    assert_eq!(office.facts_read("HD/north", work).await, [head(work)]);
    office.facts_read("HD/north", Purpose::Supervision).await;
    office.list_access("DPO", Purpose::DataProtection).await;
    office.list_access("DPO", Purpose::DataProtection).await;
    let so_far = [dpo, head(Purpose::Supervision), head(work)];
    assert_eq!(office.facts_read("HD/north", work).await, so_far);

    // Who watches is told of it, and named before that; what somebody asked for in vain is told too.
    office.sections("SW/lead", work, crate::cast::NOWHERE).await.unwrap_err();
    let mut watched = office.watch("AUD/order", Purpose::Inspection).await;
    let first = watched.message().await.unwrap().unwrap();
    assert!(first.readings.iter().any(|one| one.denied), "{first:?}");
    let mut told = facts_alone(&first.readings);
    while !told.contains(&auditor) {
        told.extend(facts_alone(&watched.message().await.unwrap().unwrap().readings));
    }
    assert_eq!(told, [head(work), head(Purpose::Supervision), dpo, auditor]);
    drop(watched);
    assert_eq!(office.facts_read("HD/north", work).await[0], auditor);
    // In the form for the person concerned nobody is named, and whoever draws it up has read.
    let client = office.client_as(&office.person("HD/north"), party);
    let message =
        pb::ListReadingsRequest { case_id: CASE.id.0.to_vec().into(), ..Default::default() };
    let request = client.authorize(&format!("{SERVICE}/ListReadings"), message).await.unwrap();
    let answer = office.grpc().list_readings(request).await.unwrap().into_inner();
    assert!(answer.readings.iter().all(|one| one.reader.is_empty()), "{answer:?}");
    assert_eq!(office.facts_read("HD/north", work).await[0], head(party));
    office.close();
}
