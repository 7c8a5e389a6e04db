//! Somebody who may write to the disk exchanges what two sections say, or their keys, and makes every
//! checksum right again: nobody is given anything of either, and every verifier finds it.

use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Purpose, Role, fact::Kind};
use letopis_tests::{copy_dir, verify};
use letopis_types::Class;

use crate::act::Act;
use crate::cast::{CASE, NORTH};
use crate::office::{Office, Term, reason, unmarked};
use crate::stored::{At, Stored};

/// Two sections of events of their own, two of one event, and one that nobody touches; all of one
/// length, stream, class and type.
const EXCHANGED: [(At, At); 2] = [((CASE, 2, 0), (CASE, 3, 0)), ((CASE, 4, 0), (CASE, 4, 1))];
const UNTOUCHED: At = (CASE, 1, 0);

async fn office() -> Office {
    let mut office = Office::open("swapped").await;
    let north = Term { agency: Some(NORTH), region: Some(1), until: None };
    office.enrol("SW/lead", Role::SocialWorker, north).await;
    let fact = proto::CaseOpened { holder: NORTH.to_vec(), lead: office.actor("SW/lead").to_vec() };
    let says = |act: Act, text: &str| act.section(Class::Restricted, "text/1", text);
    let opened = says(Act::new(CASE, Kind::CaseOpened(fact)), "Детето е добре.");
    office.by(&opened, &["SW/lead"]).await;
    let note = || Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
    for (one, other) in
        [("Бащата бие.", None), ("Бащата пее.", None), ("Майка бие.", Some("Майка пее."))]
    {
        let act = says(note(), one);
        let act = other.into_iter().fold(act, says);
        office.by(&act, &["SW/lead"]).await;
    }
    office
}

/// Both verifiers find it, and the server gives nothing of it to anybody.
async fn found(office: Office, name: &str, exchange: impl Fn(&Stored, At, At)) -> Office {
    let data = office.trial.data.clone();
    let mut office = office;
    for (number, (one, other)) in EXCHANGED.into_iter().enumerate() {
        let copy = data.with_file_name(format!("{name}-{number}"));
        copy_dir(&data, &copy);
        let stored = Stored::new(&office.trial, &copy);
        exchange(&stored, one, other);
        let said = verify(&copy);
        println!("{name} {number}: {} {}", said.out.trim(), said.err.trim());
        assert_eq!(said.code, Some(1), "{said}");
        unmarked(&format!("{said}"));
        if let Some(said) = stored.by_python() {
            assert_eq!(said["verified"], false, "{said}");
            unmarked(&said.to_string());
        }

        office = office.serve(&copy).await;
        for (_, version, _) in [one, other] {
            let read = office.sections_of("SW/lead", Purpose::CaseWork, CASE, &[version]).await;
            let refused = read.map(|answer| answer.sections.len()).unwrap_err();
            assert_eq!(reason(&refused), Reason::RecordUnavailable, "{refused:?}");
        }
        let all = office.sections("SW/lead", Purpose::CaseWork, CASE).await;
        assert!(all.is_err(), "not even beside others");
        let (_, version, _) = UNTOUCHED;
        let read = office.sections_of("SW/lead", Purpose::CaseWork, CASE, &[version]).await;
        assert_eq!(read.unwrap().sections.len(), 1);
    }
    office.serve(&data).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_exchanged_opens_nowhere() {
    let office = office().await;
    // What is copied is as a server left it that ended.
    let data = office.trial.data.clone();
    let office = office.serve(&data).await;
    let office = found(office, "sealed", Stored::exchange).await;
    let office = found(office, "slots", |stored, one, other| {
        let slots = (stored.slot(one), stored.slot(other));
        stored.write_slot(one, &slots.1);
        stored.write_slot(other, &slots.0);
    })
    .await;
    // The ids beside the keys stay where the sealed bytes look for them.
    let office = found(office, "wrapped", |stored, one, other| {
        let (mut of_one, mut of_other) = (stored.slot(one), stored.slot(other));
        of_one[16..].swap_with_slice(&mut of_other[16..]);
        stored.write_slot(one, &of_one);
        stored.write_slot(other, &of_other);
    })
    .await;
    office.close();
}
