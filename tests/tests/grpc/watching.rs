//! What is due, told as it changes: watched on a real server.

use std::time::Duration;

use letopis_domain::testing::Story;
use letopis_proto::accountability::v1 as proto;
use letopis_types::Timestamp;
use tonic::{Code, Streaming};

use crate::accountability::{CASE, Client, actor, get_case, of, office, place};
use crate::server::Place;
use crate::stories::Office;

type Watch = Streaming<proto::WatchClocksResponse>;

async fn watch(
    office: &mut Office,
    place: &Place,
    who: &str,
    request: proto::WatchClocksRequest,
) -> Result<Watch, tonic::Status> {
    const METHOD: &str = "letopis.accountability.v1.AccountabilityService/WatchClocks";
    let request = office.call(place, who, METHOD, request);
    Ok(Client::new(office.server.channel.clone()).watch_clocks(request).await?.into_inner())
}

/// All files that are told at first; then comes what changes.
async fn first(watch: &mut Watch) -> Vec<proto::WatchClocksResponse> {
    let mut told = Vec::new();
    loop {
        let message = watch.message().await.unwrap().unwrap();
        if message.complete {
            return told;
        }
        told.push(message);
    }
}

async fn next(watch: &mut Watch) -> proto::WatchClocksResponse {
    let next = tokio::time::timeout(Duration::from_secs(30), watch.message());
    next.await.expect("something is told").unwrap().unwrap()
}

fn names(told: &proto::WatchClocksResponse) -> Vec<&str> {
    told.clocks.iter().map(|clock| &*clock.name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_told_as_it_changes() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(36), Story::new(37));
    let case = one.stream("case");
    office.tell(&place, &mut one, &CASE[..9]).await;
    let asked = proto::WatchClocksRequest { lead: actor("worker").into(), ..Default::default() };
    let mut watched = watch(&mut office, &place, "head", asked.clone()).await.unwrap();
    let told = first(&mut watched).await;
    assert_eq!(told.len(), 1, "the signal has no lead");
    let live = get_case(&mut office, &place, "head", of(case)).await.unwrap().case.unwrap();
    assert_eq!(told[0].clocks, live.clocks);

    // Something happens in the case: all of its clocks, as they are now.
    office.tell(&place, &mut one, &CASE[9..11]).await;
    let mut now = next(&mut watched).await;
    while !names(&now).contains(&"supervision") || names(&now).contains(&"assessment") {
        now = next(&mut watched).await;
    }
    let live = get_case(&mut office, &place, "head", of(case)).await.unwrap().case.unwrap();
    assert_eq!(now.clocks, live.clocks);
    let resume = now.resume_token.clone();

    // Nothing is recorded, but time passes: a clock comes near, another runs out.
    let last = live.clocks.last().unwrap();
    place.set_now(Timestamp::from_seconds(last.due as u64 - 86_400));
    assert_eq!(next(&mut watched).await.file, now.file);
    place.set_now(Timestamp::from_seconds(last.due as u64));
    let out = next(&mut watched).await;
    let out = out.clocks.iter().find(|clock| clock.number == last.number).unwrap();
    assert_eq!(out.reading(), proto::ClockReading::Overdue);
    drop(watched);

    // What happened meanwhile is told to whoever resumes: a new case; and that one is no longer asked for.
    one.set_now(last.due + 60);
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..9]).await;
    let handed_over = "+1h LeadAssigned lead=worker2 by head,worker2";
    one.set_now(other.now());
    office.tell(&place, &mut one, &[handed_over]).await;
    let again = proto::WatchClocksRequest { resume_token: resume, ..asked.clone() };
    let mut resumed = watch(&mut office, &place, "head", again).await.unwrap();
    let (mut gone, mut new) = (false, false);
    while !(gone && new) {
        let told = next(&mut resumed).await;
        let id = &told.file.as_ref().unwrap().id;
        gone |= *id == case.id.0 && told.clocks.is_empty();
        new |= *id == other.stream("case").id.0 && !told.clocks.is_empty();
    }

    // Whoever may not see a case is not told of it; a token belongs to its question.
    let mut nothing = watch(&mut office, &place, "duty", asked.clone()).await.unwrap();
    assert!(first(&mut nothing).await.is_empty());
    let wrong = proto::WatchClocksRequest { resume_token: now.resume_token, ..Default::default() };
    let refused = watch(&mut office, &place, "head", wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let long = proto::WatchClocksRequest { soon_seconds: 367 * 86_400, ..asked };
    let refused = watch(&mut office, &place, "head", long).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}
