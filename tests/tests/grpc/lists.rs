//! Who owes what, who signed what, and the directorate's registers: asked of a real server.

use letopis_domain::testing::{BEGINNING, Story};
use letopis_proto::accountability::v1 as proto;
use letopis_types::StreamKey;
use tonic::Code;

use crate::accountability::{
    CASE, actor, get_case, get_register, get_timeline, hash, list_decisions, list_duties, of,
    office, place,
};
use crate::server::Place;
use crate::stories::Office;

const AGENCY: [u8; 16] = [0xa0; 16];

/// Whose duties, page by page: what is due and about which case.
async fn duties(
    office: &mut Office,
    place: &Place,
    who: &str,
    request: proto::ListDutiesRequest,
) -> Vec<proto::OpenDuty> {
    let (mut found, mut request) = (Vec::new(), request);
    loop {
        let page = list_duties(office, place, who, request.clone()).await.unwrap();
        found.extend(page.duties);
        if page.next_page_token.is_empty() {
            return found;
        }
        request.page_token = page.next_page_token;
    }
}

/// The number of cases among the kinds of streams.
const CASES: i32 = letopis_proto::statement::v1::StreamKind::Case as i32;

fn names(duties: &[proto::OpenDuty]) -> Vec<&str> {
    let mut names: Vec<&str> =
        duties.iter().map(|duty| &*duty.clock.as_ref().unwrap().name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_told_what_they_owe() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(31);
    office.tell(&place, &mut story, &CASE).await;
    let own = proto::ListDutiesRequest::default;

    // The lead: what the lead owes. Nothing twice, the most urgent first, page by page the same.
    let lead = duties(&mut office, &place, "worker", own()).await;
    assert!(names(&lead).contains(&"visit"), "{:?}", names(&lead));
    let due = |duty: &proto::OpenDuty| duty.clock.as_ref().unwrap().due;
    assert!(lead.is_sorted_by_key(due));
    let paged = proto::ListDutiesRequest { page_size: 1, ..own() };
    assert_eq!(duties(&mut office, &place, "worker", paged).await, lead);
    let soon = proto::ListDutiesRequest { due_before: Some(due(&lead[0]) + 1), ..own() };
    let soon = duties(&mut office, &place, "worker", soon).await;
    assert!(soon.iter().all(|duty| due(duty) == due(&lead[0])) && !soon.is_empty());

    // The head: a signature under the amended plan, with the act that waits for it; the director too.
    for (who, role) in [("head", 3), ("director", 4)] {
        let found = duties(&mut office, &place, who, own()).await;
        let signature = found.iter().find(|duty| duty.act.is_some()).unwrap();
        assert_eq!((signature.role, &signature.agency[..]), (role, &AGENCY[..]), "{who}");
        assert_eq!(signature.act.as_ref().unwrap().kind, "PlanAmended");
        assert!(!found.iter().any(|duty| duty.stands_in), "the lead is in force");
    }
    // The head of the other agency owes the answer to the transfer, if the policy lets it see the case.
    let supervision = duties(&mut office, &place, "supervisor", own()).await;
    assert!(names(&supervision).iter().all(|name| *name == "supervision"));

    // Of another: as far as one may see, and no further.
    let of_lead = proto::ListDutiesRequest { actor: actor("worker").into(), ..own() };
    assert_eq!(duties(&mut office, &place, "head", of_lead.clone()).await, lead);
    let is_of_case = |duty: &proto::OpenDuty| {
        let file = duty.clock.as_ref().unwrap().file.clone();
        file.unwrap().kind == CASES
    };
    assert!(lead.iter().any(is_of_case));
    assert!(!duties(&mut office, &place, "duty", of_lead).await.iter().any(is_of_case));

    // What is done is owed no more.
    office.tell(&place, &mut story, &["+1h Endorsed on waits by head"]).await;
    let found = duties(&mut office, &place, "head", own()).await;
    assert!(found.iter().all(|duty| duty.act.is_none()), "{:?}", names(&found));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_lead_is_gone_the_head_owes_it() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(32);
    office.tell(&place, &mut story, &CASE[..14]).await;
    let own = proto::ListDutiesRequest::default;
    let before = duties(&mut office, &place, "head", own()).await;
    office.end_role("worker").await;
    let after = duties(&mut office, &place, "head", own()).await;
    let taken_on: Vec<_> = after.iter().filter(|duty| duty.stands_in).cloned().collect();
    assert!(names(&taken_on).contains(&"plan-review"), "{:?}", names(&after));
    assert_eq!(after.len(), before.len() + taken_on.len());
}

async fn decisions(
    office: &mut Office,
    place: &Place,
    who: &str,
    mut request: proto::ListDecisionsRequest,
) -> Vec<proto::TimelineEntry> {
    let mut found = Vec::new();
    loop {
        let page = list_decisions(office, place, who, request.clone()).await.unwrap();
        found.extend(page.entries);
        if page.next_page_token.is_empty() {
            return found;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_signed_is_found_by_actor_kind_and_time() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(33);
    let case = story.stream("case");
    office.tell(&place, &mut story, &CASE).await;

    // By another way: the case's timeline, and who signed.
    let timeline = proto::GetTimelineRequest {
        case_id: case.id.0.to_vec().into(),
        page_size: 200,
        ..Default::default()
    };
    let told = get_timeline(&mut office, &place, "head", timeline).await.unwrap().entries;
    let by_head = proto::ListDecisionsRequest { actor: actor("head").into(), ..Default::default() };
    let found = decisions(&mut office, &place, "head", by_head.clone()).await;
    let of_case = |entry: &&proto::TimelineEntry| entry.stream.as_ref().unwrap().id == case.id.0;
    let found_hashes: Vec<_> = found.iter().filter(of_case).map(hash).collect();
    let is_heads = |entry: &&proto::TimelineEntry| {
        let event = entry.event.as_ref().unwrap();
        let statement = event.statement.windows(16).any(|bytes| bytes == actor("head"));
        statement && found_hashes.contains(&hash(entry))
    };
    assert_eq!(told.iter().filter(is_heads).map(hash).collect::<Vec<_>>(), found_hashes);
    assert!(found.len() > 4 && found.len() > found_hashes.len(), "those of the signal too");
    let paged = proto::ListDecisionsRequest { page_size: 1, ..by_head.clone() };
    assert_eq!(decisions(&mut office, &place, "head", paged).await, found);

    // By kind, and by time without an actor.
    let endorsed =
        proto::ListDecisionsRequest { kinds: vec!["Endorsed".to_owned()], ..by_head.clone() };
    let endorsed = decisions(&mut office, &place, "head", endorsed).await;
    assert!(!endorsed.is_empty() && endorsed.len() < found.len());
    let day = 86_400_u64 * 1_000_000_000;
    let from = BEGINNING as u64 * 1_000_000_000;
    let in_time = |from, before| proto::ListDecisionsRequest {
        recorded_from: Some(from),
        recorded_before: before,
        ..Default::default()
    };
    let first_days = decisions(&mut office, &place, "head", in_time(from, Some(from + 2 * day)));
    let first_days = first_days.await;
    let all = decisions(&mut office, &place, "head", in_time(from, Some(from + 31 * day))).await;
    assert!(!first_days.is_empty() && all.starts_with(&first_days), "{}", first_days.len());
    assert!(told.iter().all(|entry| all.iter().any(|found| hash(found) == hash(entry))));

    // The world is not listed, and nobody is told of what they may not see.
    for (request, code) in [
        (proto::ListDecisionsRequest::default(), Code::InvalidArgument),
        (in_time(from, Some(from + 32 * day)), Code::InvalidArgument),
        (
            proto::ListDecisionsRequest { kinds: vec!["Nothing".into()], ..by_head.clone() },
            Code::InvalidArgument,
        ),
    ] {
        let refused = list_decisions(&mut office, &place, "head", request).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
    }
    let other = decisions(&mut office, &place, "handler", by_head).await;
    assert!(!other.iter().any(|entry| entry.stream.as_ref().unwrap().kind == CASES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_holds_the_cases_that_belong_in_it() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(34), Story::new(35));
    office.tell(&place, &mut one, &CASE[..22]).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..9]).await;
    let mut held = async |register: proto::Register, who: &str| {
        let request = proto::GetRegisterRequest {
            register: register.into(),
            holder: AGENCY.to_vec().into(),
            ..Default::default()
        };
        get_register(&mut office, &place, who, request).await.unwrap().entries
    };
    let id = |key: StreamKey| key.id.0.to_vec();
    let ids = |entries: &[proto::RegisterEntry]| -> Vec<Vec<u8>> {
        entries.iter().map(|entry| entry.case.as_ref().unwrap().case_id.to_vec()).collect()
    };
    let mut both = vec![id(one.stream("case")), id(other.stream("case"))];
    both.sort_unstable();
    let protected = held(proto::Register::SpecialProtection, "head").await;
    assert_eq!(ids(&protected), both);
    assert!(protected.iter().all(|entry| entry.since >= BEGINNING && entry.order.is_none()));
    let placed = held(proto::Register::PlacedChildren, "head").await;
    assert_eq!(ids(&placed), [id(one.stream("case"))]);
    assert_eq!(placed[0].order.as_ref().unwrap().kind(), proto::OrderKind::Placement);
    assert!(held(proto::Register::EmergencyPlacements, "head").await.is_empty());
    assert!(held(proto::Register::SpecialProtection, "duty").await.is_empty());

    let mut refused = async |request| {
        get_register(&mut office, &place, "head", request).await.unwrap_err().code()
    };
    let nothing = proto::GetRegisterRequest::default();
    assert_eq!(refused(nothing.clone()).await, Code::InvalidArgument);
    let nobodys = proto::GetRegisterRequest { register: 1, ..nothing };
    assert_eq!(refused(nobodys).await, Code::InvalidArgument);
    let case = get_case(&mut office, &place, "head", of(one.stream("case"))).await.unwrap();
    assert_eq!(case.case.unwrap().placed_on, placed[0].order.as_ref().unwrap().act);
}
