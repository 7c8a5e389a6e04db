//! Saturday, 03:00. Head, director and one registrar can't be reached, and a child has to be placed;
//! and somebody's keys are stolen.

use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_types::{Class, StreamKey};

use crate::act::{Act, now};
use crate::cast::{CASE, NORTH, PROTECTED};
use crate::office::{Office, SERVICE, Term, secret};

fn placement(by_director: bool) -> Act {
    // The director, whose order it is, said so on the telephone.
    let age_band = proto::AgeBand::Unknown.into();
    let fact = if by_director {
        Kind::EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered { age_band })
    } else {
        let act = proto::EmergencyAct::Placement.into();
        Kind::EmergencyActRecorded(proto::EmergencyActRecorded { act, age_band })
    };
    Act::new(CASE, fact)
        .section(Class::Restricted, "danger/1", "Бащата е нападнал майката пред детето")
        .section(Class::VeryRestricted, "place/1", "Кризисен център, ул. Никоя 0")
}

impl Office {
    /// The marks of each event of the case, as the duty officer's colleague reads them.
    async fn marks(&self, name: &str, purpose: Purpose) -> Vec<(u64, Vec<i32>)> {
        let message =
            pb::GetCaseFileRequest { case_id: CASE.id.0.to_vec().into(), ..Default::default() };
        let client = self.client_as(&self.person(name), purpose);
        let request = client.authorize(&format!("{SERVICE}/GetCaseFile"), message).await.unwrap();
        let answer = self.grpc().get_case_file(request).await.unwrap().into_inner();
        let is_case = |entry: &pb::FileEntry| {
            let statement = &entry.event.as_ref().unwrap().statement;
            let statement: proto::Statement = prost::Message::decode(&statement[..]).unwrap();
            statement.stream.unwrap().kind == CASE.kind as i32
        };
        let entries = answer.entries.into_iter().filter(is_case);
        entries.map(|entry| (entry.version, entry.marks)).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saturday_at_three_in_the_morning() {
    let mut office = Office::open("night").await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    // On Friday everybody was there.
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    office.enrol("HD/north", Role::HeadOfDepartment, north).await;
    office.enrol("DIR/north", Role::Director, north).await;
    office.enrol("SW/unqualified", Role::SocialWorker, north).await;
    office.enrol("SW/conflicted", Role::SocialWorker, north).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let act = Act::new(CASE, Kind::CaseOpened(fact)).section(
        Class::Restricted,
        "text/1",
        "Насилие в семейството",
    );
    office.by(&act, &["SW/lead"]).await;
    // The director sets who stands in at night, and who is on duty.
    for (name, roster) in [("DIR/stand-in", false), ("DUT/roster", true)] {
        office.enrol_actor(name).await;
        let (from_seconds, until_seconds) = (now() - 60, now() + 8 * 3600);
        let fact = if roster {
            let shifts = vec![proto::Shift { from_seconds, until_seconds }];
            Kind::DutyRosterSet(proto::DutyRosterSet { shifts, kinds: Vec::new() })
        } else {
            let kinds = Vec::new();
            Kind::RoleDelegated(proto::RoleDelegated { from_seconds, until_seconds, kinds })
        };
        let grant = office.by(&Act::new(office.own_stream(name), fact), &["DIR/north"]).await;
        office.act_under(name, *grant.statement_hash());
        office.enrol_token_key(name).await;
    }
    // A qualification that was verified, and lapses at midnight.
    let verified =
        Kind::QualificationVerified(proto::QualificationVerified { until_seconds: None });
    let act = Act::new(office.own_stream("SW/unqualified"), verified);
    let registrar = [office.registrars[0].clone()];
    let done = office.record_by(&act, &registrar).await;
    let verified = done.statement_hash().0.to_vec();
    let expired = Kind::QualificationExpired(proto::QualificationExpired { verified });
    office.record_by(&Act::new(office.own_stream("SW/unqualified"), expired), &registrar).await;
    let act = Act::new(PROTECTED, Kind::ConflictDeclared(proto::ConflictDeclared {})).section(
        Class::VeryRestricted,
        "text/1",
        "Съсед на семейството",
    );
    office.by(&act, &["SW/conflicted"]).await;

    // From here on neither HD/north nor DIR/north nor the third registrar signs anything.
    let mut placed = Vec::new();
    for (name, mark) in [
        ("DIR/stand-in", pb::Mark::UnderDelegation),
        ("DUT/roster", pb::Mark::UnderDelegation),
        ("SW/unqualified", pb::Mark::OnExpiredQualification),
        ("SW/conflicted", pb::Mark::UnderRecusal),
    ] {
        let done = office.by(&placement(name == "DIR/stand-in"), &[name]).await;
        placed.push((name, done.version.0, mark));
    }
    let marks = office.marks("SW/lead", Purpose::CaseWork).await;
    for (name, version, mark) in placed {
        let of = marks.iter().find(|(at, _)| *at == version).unwrap();
        office.expect(name, of.1.clone(), vec![mark.into()]);
    }
    let opening = &marks[0];
    office.expect("what was done by day", opening.1.clone(), Vec::new());
    // What can wait, waits.
    let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
    office.refuses("can wait", &note, &["SW/unqualified"], Reason::QualificationExpired).await;
    office.refuses("can wait", &note, &["SW/conflicted"], Reason::ConflictDeclared).await;

    stolen(&mut office).await;
    given_up(&mut office, "DUT/roster").await;
    office.close();
}

/// Somebody gives up their token key among other statements on one call: nothing fails at its end.
async fn given_up(office: &mut Office, name: &str) {
    let (person, stream) = (office.person(name), office.own_stream(name));
    let public_key = secret(name, "token").public().0.to_vec();
    let act = Act::new(stream, Kind::KeySuspended(proto::KeySuspended { public_key }));
    let signed = office.sign(&act, std::slice::from_ref(&person), &[]);
    let client = office.client_as(&person, Purpose::CaseWork);
    let mut answers = client.append_stream(tokio_stream::iter([signed]), 1);
    let done = answers.next().await.unwrap().unwrap().outcome.unwrap();
    office.note(stream, done.version, done.statement_hash());
    office.expect("the proof", done.believed, false);
    let after = answers.next().await;
    office.expect("the end", after.is_none(), true);
    office.denies(name, Purpose::CaseWork, CASE, Reason::TokenKeyWrong).await;
}

/// The lead's keys are stolen: the lead alone suspends them, at once.
async fn stolen(office: &mut Office) {
    let lead = office.person("SW/lead");
    let stream: StreamKey = office.own_stream("SW/lead");
    office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
    let suspend = |name: &str, what| {
        let public_key = secret(name, what).public().0.to_vec();
        Act::new(stream, Kind::KeySuspended(proto::KeySuspended { public_key }))
    };
    // Nobody else does it to the lead, and no stranger by the lead's name.
    office
        .refuses("by a colleague", &suspend("SW/lead", "token"), &["HD/north"], Reason::RoleWrong)
        .await;
    let done = office.by(&suspend("SW/lead", "token"), &["SW/lead"]).await;
    // Nobody can ask for the proof any more; the receipt holds by itself.
    office.expect("the proof", done.believed, false);
    office.denies("SW/lead", Purpose::CaseWork, CASE, Reason::TokenKeyWrong).await;
    // The suspended token key carries nothing more but what takes more from the lead.
    let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
    office.refuses("a suspended token key", &note, &["SW/lead"], Reason::TokenKeyWrong).await;
    let public_key = secret("HD/north", "token").public().0.to_vec();
    let of_another = Kind::KeySuspended(proto::KeySuspended { public_key });
    let of_another = Act::new(office.own_stream("HD/north"), of_another);
    office.refuses("of another", &of_another, &["SW/lead"], Reason::TokenKeyWrong).await;
    let done = office.by(&suspend("SW/lead", "statement"), &["SW/lead"]).await;
    office.expect("the proof", done.believed, false);
    let signed = office.sign(&note, std::slice::from_ref(&lead), &[]);
    let refused = office.client.append(&signed).await.unwrap_err();
    office.expect("the thief signs", refused.refused().unwrap().reason, Reason::KeyNotInForce);
    // Nor does it give itself the key back: that takes two registrars.
    let public_key = secret("SW/lead", "statement").public().0.to_vec();
    let back = Act::new(stream, Kind::KeyReinstated(proto::KeyReinstated { public_key }));
    let signed = office.sign(&back, &[lead], &[]);
    let refused = office.client.append(&signed).await.unwrap_err();
    office.expect("the thief", refused.refused().unwrap().reason, Reason::KeyNotInForce);
    let one = [office.registrars[0].clone()];
    let refused = office.try_record(&back, &one, &[]).await.unwrap_err();
    let refused = refused.refused().unwrap().reason;
    office.expect("one registrar", refused, Reason::RegistrarsMissing);
    let two = office.two_registrars();
    office.record_by(&back, &two).await;
    let signed = office.sign(&note, &[office.person("SW/lead")], &[]);
    office.client.append(&signed).await.unwrap();
}
