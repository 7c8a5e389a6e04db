//! What lists tell of is on the record as a reading of its files: no more and no less, asked of a real server.

use letopis_domain::Fact;
use letopis_domain::testing::{BEGINNING, Story, person};
use letopis_proto::accountability::v1 as proto;
use letopis_proto::statement::v1::StreamKind as Kinds;
use letopis_types::{Sequence, StreamKey};

use crate::accountability::{
    CASE, Client, actor, list_clocks, list_decisions, list_duties, office, place,
};
use crate::indicators::{get_indicators, later, of_first};
use crate::server::Place;
use crate::stories::{Office, policy};

/// Appended to a policy: a head sees no steps of a case, but those of its protected part.
const HEAD_SEES_NO_CASE: &str = r#"
@id("head-sees-no-case")
@bg("Измислено правило: началникът не вижда стъпките по случаите.")
@en("An invented rule: a head does not see the steps of cases.")
forbid (
  principal == Role::"head_of_department",
  action == Action::"ReadFacts",
  resource == Stream::"case"
);
"#;

/// The files that somebody's readings on the record name, as often as they do.
fn files_read(office: &Office, who: &str) -> Vec<StreamKey> {
    let reader = person(who).actor();
    let of = |at| match office.ledger.parsed(Sequence(at)).unwrap().1.fact {
        Fact::FactsRead(read) if read.reader == reader => read.files,
        _ => Vec::new(),
    };
    tokio::task::block_in_place(|| (0..office.ledger.size().0).flat_map(of).collect())
}

async fn verifies(office: Office, place: &Place) {
    office.end().await;
    tokio::task::block_in_place(|| place.verify());
}

/// Is it due upon the root that a breach is notified?
fn of_the_root(duties: &proto::ListDutiesResponse) -> bool {
    let mut clocks = duties.duties.iter().filter_map(|duty| duty.clock.as_ref());
    let of_root = Kinds::Root as i32;
    clocks.any(|clock| {
        clock.name == "breach-notice" && clock.file.as_ref().is_some_and(|of| of.kind == of_root)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_owed_upon_the_root_is_told_and_is_no_reading_of_figures() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(36);
    office.tell(&place, &mut story, &CASE[..5]).await;
    office.tell(&place, &mut story, &["+1h BreachRecorded in root"]).await;

    // Rules and breaches are seen by everybody; figures are not.
    let owed = proto::ListDutiesRequest { actor: actor("officer").into(), ..Default::default() };
    let told = list_duties(&mut office, &place, "worker", owed.clone()).await.unwrap();
    assert!(of_the_root(&told));
    let clocks = proto::ListClocksRequest::default();
    list_clocks(&mut office, &place, "worker", clocks).await.unwrap();
    let read = files_read(&office, "worker");
    assert!(read.contains(&story.stream("signal")) && !read.contains(&StreamKey::ROOT), "{read:?}");

    // Whoever may be given both: the figures are on the record, and once.
    later(&place, 1);
    const METHOD: &str = "letopis.accountability.v1.AccountabilityService/ListDuties";
    let request = office.call_for("data_protection", &place, "officer", METHOD, owed);
    let mut client = Client::new(office.server.channel.clone());
    assert!(of_the_root(&client.list_duties(request).await.unwrap().into_inner()));
    assert!(!files_read(&office, "officer").contains(&StreamKey::ROOT));
    get_indicators(&mut office, &place, "officer", of_first()).await.unwrap();
    assert_eq!(files_read(&office, "officer"), [StreamKey::ROOT]);
    verifies(office, &place).await;
}

/// Whatever was recorded about the time when the stories begin.
fn around_the_beginning() -> proto::ListDecisionsRequest {
    let day = 86_400_u64 * 1_000_000_000;
    let beginning = BEGINNING as u64 * 1_000_000_000;
    proto::ListDecisionsRequest {
        recorded_from: Some(beginning - 2 * day),
        recorded_before: Some(beginning + 29 * day),
        page_size: 200,
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_of_the_registry_are_told_and_are_no_reading_of_a_file() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(37);
    office.tell(&place, &mut story, &CASE[..5]).await;
    let told = list_decisions(&mut office, &place, "head", around_the_beginning()).await.unwrap();
    let of = |kind: Kinds| {
        told.entries.iter().any(|entry| entry.stream.as_ref().unwrap().kind == kind as i32)
    };
    assert!(of(Kinds::Actor) && of(Kinds::Signal) && of(Kinds::Case));
    let read = files_read(&office, "head");
    assert_eq!(read, [story.stream("case"), story.stream("signal")]);
    verifies(office, &place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protected_part_is_told_of_only_with_its_case() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(38);
    office.tell(&place, &mut story, &CASE[..9]).await;
    let clocks = proto::ListClocksRequest { page_size: 200, ..Default::default() };
    let told = async |office: &mut Office| {
        let clocks = list_clocks(office, &place, "head", clocks.clone()).await.unwrap().clocks;
        let acts = list_decisions(office, &place, "head", around_the_beginning()).await.unwrap();
        let acts = acts.entries.into_iter().filter_map(|entry| entry.stream);
        let files = clocks.iter().filter_map(|clock| clock.file.clone()).chain(acts);
        let kinds: Vec<i32> = files.map(|file| file.kind).collect();
        (kinds, clocks.iter().any(|clock| clock.name == "police-protection"))
    };
    let has = |kinds: &[i32], kind: Kinds| kinds.contains(&(kind as i32));
    let (kinds, protected) = told(&mut office).await;
    assert!(protected && has(&kinds, Kinds::Case) && has(&kinds, Kinds::Protected));

    office.adopt_policy(policy() + HEAD_SEES_NO_CASE).await;
    let (kinds, protected) = told(&mut office).await;
    assert!(has(&kinds, Kinds::Signal));
    assert!(!protected && !has(&kinds, Kinds::Case) && !has(&kinds, Kinds::Protected));
    verifies(office, &place).await;
}
