//! What is not on the record in time is recorded as missed: once, also after a restart and a downtime; an act
//! in time that is recorded late is kept. Refusals by a rule are signed, and counted day by day.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letopis_crypto::sign::{REFUSAL_TYPE, pae, verify};
use letopis_domain::testing::{BEGINNING, Story};
use letopis_ledger::testing;
use letopis_proto::error::v1 as errors;
use letopis_proto::error::v1::Reason;
use letopis_types::{SignatureBytes, StreamKey, StreamKind, Timestamp, Version};
use prost::Message as _;

use crate::server::Place;
use crate::stories::Office;

const DAY: i64 = 86_400;

fn place() -> Place {
    Place::begun(Timestamp::from_seconds(BEGINNING as u64 - 86_400))
}

fn pass(place: &Place, story: &mut Story, seconds: i64) {
    story.set_now(story.now() + seconds);
    place.set_now(Timestamp::from_seconds(story.now() as u64));
}

/// How many deadlines are on the record as missed in this file.
async fn missed(office: &Office, stream: StreamKey) -> usize {
    office.ledger.caught_up().await.unwrap();
    let clocks = StreamKey { kind: StreamKind::Clocks, ..stream };
    office.ledger.read_stream(clocks, 200, "").map_or(0, |(page, _)| page.entries.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_is_missed_once_also_after_a_restart_and_a_downtime() {
    let place = place();
    let mut office = Office::open(&place).await;
    let mut story = Story::new(7);
    let signal = story.stream("signal");
    office.tell(&place, &mut story, &["SignalReceived", "+1h SignalAssigned"]).await;

    pass(&place, &mut story, 9 * DAY);
    assert_eq!(office.ledger.record_missed_deadlines().await.unwrap(), 0, "it still runs");
    // While nobody is there it runs out.
    let office = {
        let stopped = office;
        pass(&place, &mut story, 2 * DAY);
        stopped.restart(&place).await
    };
    let both = tokio::join!(
        office.ledger.record_missed_deadlines(),
        office.ledger.record_missed_deadlines()
    );
    let recorded = both.0.unwrap() + both.1.unwrap();
    let on_record = missed(&office, signal).await;
    assert_eq!(recorded, on_record, "each is said once");
    assert!(on_record >= 1, "the check was not recorded in ten days");
    assert_eq!(office.ledger.record_missed_deadlines().await.unwrap(), 0);
    let mut office = office.restart(&place).await;
    assert_eq!(office.ledger.record_missed_deadlines().await.unwrap(), 0, "nor after a restart");

    // The check was done in time, and entered late: explained, and the case goes on.
    let lines = ["+1h SignalAssessed happened -4d", "+1h CaseOpened"];
    office.tell(&place, &mut story, &lines).await;
    assert_eq!(missed(&office, signal).await, on_record);

    let Office { server, ledger, .. } = office;
    drop(ledger);
    server.stop().await;
    tokio::task::block_in_place(|| place.verify());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_by_a_rule_is_signed_and_counted() {
    let place = place();
    let mut office = Office::open(&place).await;
    let mut story = Story::new(8);
    office.tell(&place, &mut story, &["SignalReceived"]).await;
    let told = story.tell("+1h SignalAssessed");
    place.set_now(Timestamp::from_seconds(told.recorded as u64));
    let refused = office.say(&told).await.unwrap_err();
    assert_eq!(refused.reason, Reason::RuleBroken);
    assert!(!refused.article.is_empty());

    let (refusal, signature) = refused.signed.unwrap();
    let refusal = STANDARD.decode(refusal).unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    let key = testing::secret(testing::LEDGER).public();
    let signature = SignatureBytes::from_slice(&signature).unwrap();
    verify(&key, &pae(REFUSAL_TYPE, &refusal), &signature).unwrap();
    let refusal = errors::Refusal::decode(&refusal[..]).unwrap();
    assert_eq!(refusal.ledger, testing::id().0);
    assert_eq!(refusal.reason(), Reason::RuleBroken);
    assert_eq!((&refusal.rule[..], refusal.seconds), ("signal.not-assigned", told.recorded));
    assert_eq!(refusal.article, refused.article);

    // On its own day nothing is said of it; on the next one it is, once.
    let root = || async {
        office.ledger.caught_up().await.unwrap();
        office.ledger.read_stream(StreamKey::ROOT, 200, "").unwrap().1.version
    };
    let before = root().await;
    assert_eq!(office.ledger.count_refusals().await.unwrap(), 0);
    pass(&place, &mut story, DAY);
    assert_eq!(office.ledger.count_refusals().await.unwrap(), 1);
    assert_eq!(office.ledger.count_refusals().await.unwrap(), 0);
    assert_eq!(root().await, Version(before.0 + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_case_from_being_closed_is_named() {
    let place = place();
    let mut office = Office::open(&place).await;
    let mut story = Story::new(11);
    let lines = ["SignalReceived", "+1h SignalAssigned", "+1d SignalAssessed", "+1h CaseOpened"];
    office.tell(&place, &mut story, &lines).await;
    let told = story.tell("+1d CaseClosed");
    place.set_now(Timestamp::from_seconds(told.recorded as u64));
    let refused = office.say(&told).await.unwrap_err();
    assert!(refused.message.contains("a duty is open"), "{}", refused.message);
    let signal = story.said("SignalReceived").unwrap();
    assert!(refused.message.contains(&format!("assessment {signal}")), "{}", refused.message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sections_hold_what_their_types_ask_for() {
    let place = place();
    let mut office = Office::open(&place).await;
    let mut story = Story::new(9);
    let told = story.tell("SignalReceived with note");
    place.set_now(Timestamp::from_seconds(told.recorded as u64));
    for (content, reason) in [
        (&b"{\"text\": \"\xd0\x98\xd0\xb7\xd0\xbc\xd0\xb8\xd1\x81\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xbe\"}"[..], None),
        (b"not JSON", Some(Reason::SectionInvalid)),
        (b"{}", Some(Reason::SectionInvalid)),
        (b"{\"text\": \"\", \"more\": 1}", Some(Reason::SectionInvalid)),
    ] {
        let said = office.say_holding(&told, "note/1", content).await;
        assert_eq!(said.err().map(|refused| refused.reason), reason);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_measure_is_one_that_the_law_knew_on_that_day() {
    let place = place();
    let mut office = Office::open(&place).await;
    let mut story = Story::new(10);
    let lines = [
        "SignalReceived",
        "+1h SignalAssigned",
        "+1d SignalAssessed",
        "+1h CaseOpened",
        "+1d AssessmentCompleted",
    ];
    office.tell(&place, &mut story, &lines).await;
    let told = story.tell("+1d PlacementOrdered");
    place.set_now(Timestamp::from_seconds(told.recorded as u64));
    let measure = letopis_sections::example("measure/1").unwrap();
    let known = serde_json::from_str::<serde_json::Value>(measure).unwrap();
    // The first one there never was; the second was repealed.
    for code in ["4-1-99", "4-1-6"] {
        let mut other = known.clone();
        other["code"] = code.into();
        other.as_object_mut().unwrap().retain(|name, _| name != "from" && name != "until");
        let content = other.to_string();
        let refused = office.say_holding(&told, "measure/1", content.as_bytes()).await.unwrap_err();
        assert_eq!(refused.reason, Reason::SectionInvalid, "{code}");
        // What a section says is nothing for an error, which may be logged.
        assert!(!refused.message.contains(code), "{}", refused.message);
    }
    office.say(&told).await.unwrap();
}
