//! Whoever looks at who read what has read something too.

use std::time::Duration;

use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_types::Class;
use tokio::time::timeout;
use tonic::Streaming;

use crate::act::{Act, break_glass, now};
use crate::cast::{CASE, NORTH, SOUTH};
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

impl Office {
    /// Emergency access to the case as it is listed: whether it was closed, and reviewed.
    async fn emergency_access(&self, name: &str, purpose: Purpose) -> Vec<(bool, bool)> {
        let client = self.client_as(&self.person(name), purpose);
        let (_, emergencies) = client.readings(&CASE.id, false).await.unwrap();
        emergencies.iter().map(|one| (one.closed, one.reviewed)).collect()
    }
}

/// Head and data protection officer are alerted as it is opened; it stands out until it is reviewed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emergency_access_alerts_and_stands_out_until_it_is_reviewed() {
    let mut office = Office::open("alerts").await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    let south = Term { agency: Some(SOUTH), region: Some(2), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("HD/north", Role::HeadOfDepartment, north).await;
    office.enrol("HD/south", Role::HeadOfDepartment, south).await;
    office.enrol("DUT/south", Role::DutyOfficer, south).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    office.by(&Act::new(CASE, Kind::CaseOpened(fact)), &["SW/lead"]).await;
    let watched = [("HD/north", Purpose::CaseWork), ("DPO", Purpose::DataProtection)];
    let mut watches = Vec::new();
    for (name, purpose) in watched {
        watches.push(office.watch(name, purpose).await);
    }
    let mut elsewhere = office.watch("HD/south", Purpose::CaseWork).await;

    let opened = Act::new(CASE, break_glass(&[Class::Restricted], now() + 3600)).section(
        Class::Normal,
        "danger/1",
        "Детето е само през нощта",
    );
    let done = office.by(&opened, &["DUT/south"]).await;
    let opened = done.statement_hash().0.to_vec();
    for watch in &mut watches {
        let alert = loop {
            let message = watch.message().await.unwrap().unwrap();
            if let Some(alert) = message.emergencies.first() {
                break alert.clone();
            }
        };
        assert_eq!((&alert.opened[..], alert.reviewed), (&opened[..], false));
        assert_eq!(alert.reader[..], office.actor("DUT/south"));
    }
    for (name, purpose) in watched {
        assert_eq!(office.emergency_access(name, purpose).await, [(false, false)]);
    }
    let closed = Kind::BreakGlassClosed(proto::BreakGlassClosed { opened: opened.clone() });
    office.by(&Act::new(CASE, closed), &["DUT/south"]).await;
    assert_eq!(office.emergency_access("DPO", Purpose::DataProtection).await, [(true, false)]);
    let fact = proto::BreakGlassReviewed { opened, justified: true };
    let reviewed = Act::new(CASE, Kind::BreakGlassReviewed(fact)).section(
        Class::Normal,
        "text/1",
        "Имало е опасност",
    );
    office.by(&reviewed, &["DPO", "HD/north"]).await;
    assert_eq!(office.emergency_access("HD/north", Purpose::CaseWork).await, [(true, true)]);
    // Whoever may not see who read the case is told nothing of it, and the person concerned no names.
    let silent = timeout(Duration::from_millis(300), elsewhere.message()).await;
    assert!(silent.is_err(), "{silent:?}");
    drop((watches, elsewhere));
    let client = office.client_as(&office.person("HD/north"), Purpose::PartyAccess);
    assert_eq!(client.readings(&CASE.id, true).await.unwrap().1, []);
    office.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
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
