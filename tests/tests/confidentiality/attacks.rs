//! Attacks on what is read and written, each refused for its own reason, none of which leaves a trace
//! of content.

use std::time::{Duration, Instant};

use letopis_client::ClientError;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Purpose, fact::Kind};
use letopis_types::{Class, StreamKey, StreamKind};
use tonic::Status;

use crate::act::{Act, access_granted, break_glass, listed, now};
use crate::cast::{CASE, NOWHERE, PROTECTED, SIGNAL};
use crate::history::History;
use crate::office::{Office, SERVICE, reason, unmarked};
use crate::{keys, tokens};

/// Calls of each kind whose times are compared.
const CALLS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attack_is_refused_for_its_own_reason() {
    let mut office = Office::open("attacks").await;
    office.staff().await;
    let history = office.history().await;
    tokens::attack(&mut office).await;
    files(&office, &history).await;
    emergency(&mut office).await;
    grants(&mut office).await;
    shares(&mut office, &history).await;
    enumeration(&office).await;
    erasure(&mut office, &history).await;
    keys::attack(&mut office).await;
    office.close();
}

/// Files and sections of others.
async fn files(office: &Office, history: &History) {
    for name in ["SW/south-lead", "HD/south", "DIR/south", "CH/other", "MDT/outside", "PRV/other"] {
        let purpose = match name {
            "CH/other" => Purpose::ComplaintReview,
            _ => Purpose::CaseWork,
        };
        office.denies(name, purpose, CASE, Reason::AccessDenied).await;
        office.denies(name, purpose, PROTECTED, Reason::AccessDenied).await;
    }
    // The reporter's identity, by either door.
    let reporter = history.find(SIGNAL, "V/reporter");
    for (name, purpose) in
        [("CH/handler", Purpose::ComplaintReview), ("SW/lead", Purpose::CaseWork)]
    {
        let answer = office.sections(name, purpose, SIGNAL).await.unwrap();
        let is_it = |version, index| (version, index) == (reporter.version, reporter.index);
        assert!(!answer.sections.iter().any(|one| is_it(one.version, one.index)), "{name}");
        let withheld = answer.withheld.iter().find(|one| is_it(one.version, one.index)).unwrap();
        assert_eq!(withheld.rule.as_ref().unwrap().id, "reporter-hidden", "{name}");
        assert!(!office.by_other_door(name, purpose, SIGNAL).await.contains(&"reporter/1".into()));
    }
    // What GetSections refuses, the ledger's own service does not give.
    for name in ["SW/south-lead", "MDT/outside", "REG/registrar"] {
        let types = office.by_other_door(name, Purpose::CaseWork, CASE).await;
        assert!(types.is_empty(), "{name}: {types:?}");
    }
}

/// Emergency access without an emergency.
async fn emergency(office: &mut Office) {
    let hour = now() + 3600;
    let no_danger = Act::new(CASE, break_glass(&[Class::Restricted], hour)).section(
        Class::Normal,
        "text/1",
        "Спешно е",
    );
    for name in ["SUP/conflicted", "SUP/south", "SW/south-lead"] {
        office.refuses("no danger", &no_danger, &[name], Reason::DangerMissing).await;
    }
    // Whose emergency is not open has none to claim.
    office.denies("SUP/south", Purpose::Emergency, CASE, Reason::PurposeNotOfRole).await;
    for until in [now() + 2 * 86_400, now() - 60] {
        let act = Act::new(CASE, break_glass(&[Class::Restricted], until)).section(
            Class::Normal,
            "danger/1",
            "Опасност",
        );
        office.refuses("term", &act, &["SUP/south"], Reason::TermInvalid).await;
    }
    // Nobody reviews their own.
    let act = Act::new(CASE, break_glass(&[Class::Restricted], hour)).section(
        Class::Normal,
        "danger/1",
        "Бащата чака пред училището",
    );
    let opened = office.by(&act, &["HD/south"]).await.statement_hash().0.to_vec();
    let fact = proto::BreakGlassReviewed { opened, justified: true };
    let review = Act::new(CASE, Kind::BreakGlassReviewed(fact));
    office.refuses("review", &review, &["DPO", "HD/south"], Reason::SelfReview).await;
    office.refuses("review", &review, &["HD/north"], Reason::RoleWrong).await;
    let signers = ["DPO", "HD/south-other"];
    office.refuses("another region", &review, &signers, Reason::PolicyRefuses).await;
    // Other acts under a declared conflict.
    let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
    office.refuses("conflict", &note, &["SW/conflicted"], Reason::ConflictDeclared).await;
}

/// A grant ends; and nobody makes one alone for what takes others.
async fn grants(office: &mut Office) {
    office.denies("SW/grant-over", Purpose::CaseWork, CASE, Reason::AccessDenied).await;
    let until = now() + 4;
    let reader = office.actor("SW/grant-over");
    let act = Act::new(CASE, access_granted(reader, &[Class::Restricted], until, None));
    office.by(&act, &["HD/north"]).await;
    let answer = office.sections("SW/grant-over", Purpose::CaseWork, CASE).await.unwrap();
    assert!(!answer.sections.is_empty());
    while now() <= until {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    office.denies("SW/grant-over", Purpose::CaseWork, CASE, Reason::AccessDenied).await;

    let ended = Act::new(CASE, access_granted(reader, &[Class::Restricted], now() - 1, None));
    office.refuses("over already", &ended, &["HD/north"], Reason::TermInvalid).await;
    // The head alone does not open who reported; nor does another region's head open anything.
    let complaint = Some(*b"invented-comp-01");
    let hour = now() + 3600;
    let reader = office.actor("CH/handler");
    let identity =
        Act::new(SIGNAL, access_granted(reader, &[Class::VeryRestricted], hour, complaint));
    for signers in [&["HD/north"][..], &["DPO"], &["SPR/north"], &["DPO", "HD/north"]] {
        office.refuses("the reporter", &identity, signers, Reason::RoleWrong).await;
    }
    let signers = ["DPO", "SPR/south"];
    office.refuses("another region", &identity, &signers, Reason::PolicyRefuses).await;
    let reader = office.actor("SW/south-lead");
    let foreign = Act::new(CASE, access_granted(reader, &[Class::Restricted], hour, None));
    office.refuses("by another region", &foreign, &["HD/south"], Reason::PolicyRefuses).await;
    // Not for oneself.
    let reader = office.actor("HD/north");
    let own = Act::new(CASE, access_granted(reader, &[Class::VeryRestricted], hour, None));
    office.refuses("for oneself", &own, &["HD/north"], Reason::SelfReview).await;
}

/// What is shared is what is listed.
async fn shares(office: &mut Office, history: &History) {
    let answer = office.sections("PRV/referred", Purpose::CaseWork, CASE).await.unwrap();
    let given: Vec<_> = answer.sections.iter().map(|one| (one.version, one.index)).collect();
    let listed_one = history.find(CASE, "N/text");
    assert_eq!(given, [(listed_one.version, listed_one.index)]);

    let share = |version, index| {
        let fact = proto::InformationShared {
            receiver: b"provider-other-x".to_vec(),
            shared: listed(version, index),
            until_seconds: None,
        };
        Act::new(CASE, Kind::InformationShared(fact)).section(
            Class::Normal,
            "text/1",
            "Необходимо за услугата",
        )
    };
    office
        .refuses("beyond the stream", &share(4000, 0), &["SW/lead"], Reason::SectionUnknown)
        .await;
    office
        .refuses("by another region", &share(1, 0), &["SW/south-lead"], Reason::PolicyRefuses)
        .await;
    // Nobody gives on what they may not read themselves: who reported stays hidden.
    let reporter = history.find(CASE, "V/reporter");
    let act = share(reporter.version, reporter.index);
    let signers = [office.person("SW/lead")];
    match office.try_record(&act, &signers, &[]).await {
        Err(ClientError::Refused(refused)) => println!("sharing the reporter: {refused:?}"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => {
            let answer = office.sections("PRV/other", Purpose::CaseWork, CASE).await;
            let given = answer.map(|answer| answer.sections).unwrap_or_default();
            assert!(given.is_empty(), "the reporter's identity was shared");
        }
    }
}

/// Erasure takes two, and no hold.
async fn erasure(office: &mut Office, history: &History) {
    let section = history.find(CASE, "V/text");
    let what = proto::sections_erased::What::Section(proto::ErasedSection {
        version: section.version,
        index: section.index,
    });
    let erase = Act::new(CASE, Kind::SectionsErased(proto::SectionsErased { what: Some(what) }))
        .section(Class::Restricted, "text/1", "По искане на субекта, чл. 17");
    for signers in [&["DPO"][..], &["DIR/north"], &["DPO", "HD/north"], &["DIR/north", "HD/north"]]
    {
        office.refuses("one signature", &erase, signers, Reason::RoleWrong).await;
    }
    // What belongs to others, by others: a director of another region adds the second signature.
    let one = history.find(CASE, "V/place");
    let one = proto::ErasedSection { version: one.version, index: one.index };
    let what = Some(proto::sections_erased::What::Section(one));
    let foreign = Act::new(CASE, Kind::SectionsErased(proto::SectionsErased { what }));
    let signers = ["DPO", "DIR/south"];
    office.refuses("another region", &foreign, &signers, Reason::PolicyRefuses).await;
    let hold = Act::new(CASE, Kind::LegalHoldSet(proto::LegalHoldSet {}));
    let set = office.by(&hold, &["DPO"]).await.statement_hash().0.to_vec();
    let both = ["DPO", "DIR/north"];
    office.refuses("under hold", &erase, &both, Reason::LegalHold).await;
    let fact = proto::LegalHoldLifted { set };
    office.by(&Act::new(CASE, Kind::LegalHoldLifted(fact)), &["DPO"]).await;
    office.by(&erase, &both).await;
    let answer = office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
    let is_it = |version, index| (version, index) == (section.version, section.index);
    let gone = answer.withheld.iter().find(|one| is_it(one.version, one.index)).unwrap();
    assert!(gone.erased && !answer.sections.iter().any(|one| is_it(one.version, one.index)));
}

/// Forbidden or not there: the same answer.
async fn enumeration(office: &Office) {
    let name = "SW/south-lead";
    for of in [CASE, NOWHERE, PROTECTED] {
        office.denies(name, Purpose::CaseWork, of, Reason::AccessDenied).await;
    }
    let forbidden = every_door(office, name, CASE).await;
    let nowhere = every_door(office, name, NOWHERE).await;
    for (one, other) in forbidden.iter().zip(&nowhere) {
        println!("to a stranger: {one}");
        office.expect("whether there is a case", one, other);
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..CALLS {
        for (times, of) in times.iter_mut().zip([CASE, NOWHERE]) {
            let began = Instant::now();
            let status = office.sections(name, Purpose::CaseWork, of).await.unwrap_err();
            times.push(began.elapsed());
            assert_eq!(reason(&status), Reason::AccessDenied);
        }
    }
    let [forbidden, nowhere] = times.map(|mut times| {
        times.sort_unstable();
        (times[CALLS / 2], times[CALLS * 9 / 10])
    });
    println!("forbidden: median {:?}, p90 {:?}", forbidden.0, forbidden.1);
    println!("non-existent: median {:?}, p90 {:?}", nowhere.0, nowhere.1);
}

/// What every other way to ask about a case says to somebody who may not: in words, without ids.
async fn every_door(office: &Office, name: &str, case: StreamKey) -> Vec<String> {
    let client = office.client_as(&office.person(name), Purpose::CaseWork);
    let mut grpc = office.grpc();
    let method = |name: &str| format!("{SERVICE}/{name}");
    let case_id = bytes::Bytes::copy_from_slice(&case.id.0);
    let mut told: Vec<(&str, Status)> = Vec::new();

    let message = pb::GetCaseFileRequest { case_id: case_id.clone(), ..Default::default() };
    let request = client.authorize(&method("GetCaseFile"), message).await.unwrap();
    told.push(("GetCaseFile", grpc.get_case_file(request).await.unwrap_err()));
    let message = pb::ListReadingsRequest { case_id: case_id.clone(), ..Default::default() };
    let request = client.authorize(&method("ListReadings"), message).await.unwrap();
    told.push(("ListReadings", grpc.list_readings(request).await.unwrap_err()));
    let message = pb::ListAccessRequest { case_id: case_id.clone(), ..Default::default() };
    let request = client.authorize(&method("ListAccess"), message).await.unwrap();
    told.push(("ListAccess", grpc.list_access(request).await.unwrap_err()));
    let stream = Some(proto::Stream { kind: case.kind as i32, id: case_id.to_vec() });
    let message = pb::ExplainAccessRequest { stream, purpose: 1, version: 1, ..Default::default() };
    let request = client.authorize(&method("ExplainAccess"), message).await.unwrap();
    told.push(("ExplainAccess", grpc.explain_access(request).await.unwrap_err()));
    let message = pb::WatchReadingsRequest { case_ids: vec![case_id], from_sequence: 0 };
    let request = client.authorize(&method("WatchReadings"), message).await.unwrap();
    let watched = match grpc.watch_readings(request).await {
        Ok(answers) => answers.into_inner().message().await.unwrap_err(),
        Err(status) => status,
    };
    told.push(("WatchReadings", watched));

    let mut lines: Vec<String> = told
        .into_iter()
        .map(|(what, status)| {
            unmarked(&format!("{status:?}"));
            let id = case.id.to_string();
            let words = status.message().replace(&id, "ID");
            format!("{what}: {:?} {:?} {words}", status.code(), reason(&status))
        })
        .collect();
    let error = client.read_stream(&case).await.unwrap_err();
    lines.push(format!("ReadStream: {}", without(&error, case)));
    let note = Act::new(case, Kind::NoteAdded(proto::NoteAdded {}));
    let person = office.person(name);
    let unsigned = note.draft().seal(*office.client.ledger(), &[person.signer()]).unwrap();
    let signed = unsigned.sign(&[&person.statement_key]).unwrap();
    let error = client.append(&signed).await.unwrap_err();
    lines.push(format!("Append: {}", without(&error, case)));
    let mut streams = client.list_streams(StreamKind::Case);
    let listed = loop {
        match streams.next().await {
            Ok(Some(listed)) if listed.stream == case => break "it is there".to_owned(),
            Ok(Some(_)) => {}
            Ok(None) => break "not there".to_owned(),
            Err(error) => break without(&error, case),
        }
    };
    lines.push(format!("ListStreams: {listed}"));
    lines
}

fn without(error: &ClientError, case: StreamKey) -> String {
    let refused = error.refused().unwrap_or_else(|| panic!("{error:?}"));
    let words = refused.message.replace(&case.id.to_string(), "ID");
    format!("{:?} {:?} {words}", refused.code, refused.reason)
}

impl Office {
    /// The payload types of what `LedgerService/ReadSections` gives.
    async fn by_other_door(&self, name: &str, purpose: Purpose, of: StreamKey) -> Vec<String> {
        let person = self.person(name);
        let client = self.client_as(&person, purpose);
        let mut types = Vec::new();
        match client.read_sections(&*person, &[of], &[], purpose).await {
            Ok(mut reader) => {
                while let Some(next) = reader.next().await {
                    match next {
                        Ok(section) if section.content.is_some() => {
                            types.push(section.payload_type)
                        }
                        Ok(_) => {}
                        Err(error) => {
                            unmarked(&format!("{error:?}"));
                            break;
                        }
                    }
                }
            }
            Err(error) => unmarked(&format!("{error:?}")),
        }
        types
    }
}
