//! Who is responsible, what is due, how a decision came about, what was known: asked of a real server.

use letopis_domain::testing::{BEGINNING, Story};
use letopis_ledger::PastEvent;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::accountability::v1::accountability_service_client::AccountabilityServiceClient;
use letopis_proto::accountability::v1::get_case_as_known_at_request::Moment;
use letopis_proto::confidentiality::v1::Mark;
use letopis_proto::statement::v1::Relation;
use letopis_service_rpc::convert::stream_message;
use letopis_types::{Digest, Sequence, StreamKey, Timestamp, Version};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::audit::{OPENED, Scene};
use crate::server::Place;
use crate::stories::Office;

pub(crate) type Client = AccountabilityServiceClient<Channel>;

/// A case with something of most parts, corrections and takings-back among it.
pub(crate) const CASE: [&str; 32] = [
    "SignalReceived",
    "+1h SignalAssigned",
    "+1d SignalAssessed by worker",
    "+1h Endorsed on SignalAssessed in signal",
    "+1h CaseOpened",
    "+1d VisitRecorded as visit",
    "+1h ChildInformed",
    "+1h ChildHeard",
    "+1h PoliceProtectionRecorded as police",
    "+1d AssessmentCompleted by worker as assessment",
    "+1h Endorsed on assessment",
    "+1h PlanAdopted as plan",
    "+1h TeamConvened",
    "+1h TeamMet",
    "+1h TeamPlanAdopted commitments=2",
    "+1h ServiceReferred as referral",
    "+1h ReferralAccepted",
    "+1h NoteAdded as wrong",
    "+1h EventMisfiled on wrong",
    "+1d PlacementOrdered as order",
    "+1h OrderServed on order",
    "+1h PlacementStarted on order",
    "+1h EventCorrected on visit time=-1h",
    "+1h EventCorrected on SignalReceived in signal time=-30min by head,director",
    "+1d ExecutionSuspended on order as stop",
    "+1h EventMisfiled on stop by director",
    "+1d AppealFiled on order",
    "+1d CourtRequestFiled on order",
    "+1w CourtDecisionRecorded term=2027-06-01 as decision",
    "+1h MeasureRequestedByParty",
    "+1h PlanAmended on plan by worker as waits",
    "+1h TransferProposed",
];

pub(crate) fn place() -> Place {
    Place::begun(Timestamp::from_seconds(BEGINNING as u64 - 86_400))
}

pub(crate) async fn office(place: &Place) -> Office {
    let mut office = Office::open(place).await;
    office.give_token_keys().await;
    office
}

macro_rules! asking {
    ($($name:ident: $method:literal, $request:ident => $response:ident;)*) => {$(
        pub(crate) async fn $name(
            office: &mut Office,
            place: &Place,
            who: &str,
            request: proto::$request,
        ) -> Result<proto::$response, Status> {
            const METHOD: &str =
                concat!("letopis.accountability.v1.AccountabilityService/", $method);
            let request = office.call(place, who, METHOD, request);
            let mut client = Client::new(office.server.channel.clone());
            Ok(client.$name(request).await?.into_inner())
        }
    )*};
}

asking! {
    get_case: "GetCase", GetCaseRequest => GetCaseResponse;
    get_timeline: "GetTimeline", GetTimelineRequest => GetTimelineResponse;
    trace_decision: "TraceDecision", TraceDecisionRequest => TraceDecisionResponse;
    get_case_as_known_at: "GetCaseAsKnownAt", GetCaseAsKnownAtRequest => GetCaseAsKnownAtResponse;
    list_cases: "ListCases", ListCasesRequest => ListCasesResponse;
    list_clocks: "ListClocks", ListClocksRequest => ListClocksResponse;
    list_duties: "ListDuties", ListDutiesRequest => ListDutiesResponse;
    list_decisions: "ListDecisions", ListDecisionsRequest => ListDecisionsResponse;
    get_register: "GetRegister", GetRegisterRequest => GetRegisterResponse;
}

pub(crate) fn of(case: StreamKey) -> proto::GetCaseRequest {
    proto::GetCaseRequest { case_id: case.id.0.to_vec().into(), at_least_size: 0 }
}

fn known(case: StreamKey, size: u64, actor: &[u8]) -> proto::GetCaseAsKnownAtRequest {
    proto::GetCaseAsKnownAtRequest {
        case_id: case.id.0.to_vec().into(),
        moment: Some(Moment::Size(size)),
        actor: actor.to_vec().into(),
        page_size: 200,
        page_token: String::new(),
    }
}

/// What the head is told of a case as it was then.
async fn then(scene: &mut Scene, size: u64) -> proto::GetCaseAsKnownAtResponse {
    let ask = known(scene.case(), size, b"");
    get_case_as_known_at(&mut scene.office, &scene.place, "head", ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_lead_and_a_key_later_was_not_so_then() {
    for stolen in [false, true] {
        let mut scene = Scene::given(&OPENED).await;
        scene.office.give_token_keys().await;
        scene.tell(&["+1h NoteAdded as note"]).await;
        let size = scene.office.ledger.size().0;
        let before = then(&mut scene, size).await;
        assert!(before.case.as_ref().is_some_and(|case| case.lead_in_force));
        match stolen {
            true => scene.compromise("worker", 0).await,
            false => scene.office.end_role("worker").await,
        }
        scene.office.ledger.caught_up().await.unwrap();
        let now = scene.office.ledger.size().0;
        assert_eq!(then(&mut scene, size).await, before, "stolen: {stolen}");
        let after = then(&mut scene, now).await;
        assert!(after.case.as_ref().is_some_and(|case| !case.lead_in_force));
        let note = after.entries.last().and_then(|last| last.entry.as_ref()).unwrap();
        let disputed = i32::from(Mark::Disputed);
        assert_eq!(note.marks.contains(&disputed), stolen);
    }
}

pub(crate) fn actor(name: &str) -> Vec<u8> {
    letopis_domain::testing::person(name).actor().0.to_vec()
}

pub(crate) fn hash(entry: &proto::TimelineEntry) -> Digest {
    let link = &entry.event.as_ref().unwrap().link;
    letopis_log::Link::from_bytes(link).unwrap().statement_hash
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_as_it_was_is_what_it_was_live() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(21);
    let (case, signal) = (story.stream("case"), story.stream("signal"));
    let mut live = Vec::new();
    for line in CASE {
        office.tell(&place, &mut story, &[line]).await;
        office.ledger.caught_up().await.unwrap();
        live.push(tokio::task::block_in_place(|| office.ledger.present(&case)).unwrap());
    }
    tokio::task::block_in_place(|| {
        let mut so_far = 0;
        for view in &live {
            let (past, events): (_, Vec<PastEvent>) =
                office.ledger.past(&case, view.as_of).unwrap();
            assert_eq!(past.file, view.file, "of {} events", view.as_of);
            assert!(events.len() >= so_far);
            so_far = events.len();
        }
        assert_eq!(so_far, CASE.len() - 5, "those of the signal are not the case's");
        assert!(office.ledger.past(&case, Sequence(0)).is_err());
        assert!(office.ledger.past(&case, office.ledger.size().next()).is_err());
        assert_ne!(office.ledger.present(&signal).unwrap().file, live[0].file);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_responsible_and_what_is_due() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(22);
    let case = story.stream("case");
    office.tell(&place, &mut story, &CASE).await;

    let size = office.ledger.size().0;
    let asked = proto::GetCaseRequest { at_least_size: size, ..of(case) };
    let answer = get_case(&mut office, &place, "worker", asked).await.unwrap();
    let told = answer.case.unwrap();
    assert_eq!(told.stage(), proto::Stage::Open);
    assert_eq!((&told.lead[..], told.lead_in_force), (&actor("worker")[..], true));
    assert_eq!(told.proposed_to.len(), 1);
    let last = told.orders.last().unwrap();
    assert_eq!(
        (last.kind(), last.in_force, last.executable),
        (proto::OrderKind::Decision, true, true)
    );
    let waits = told.acts.iter().find(|act| act.kind == "PlanAmended").unwrap();
    assert_eq!(waits.status(), proto::ActStatus::Pending);
    assert_eq!(waits.due.len(), 1);
    assert_eq!(told.commitments.len(), 2);
    let names: Vec<&str> = told.clocks.iter().map(|clock| &clock.name[..]).collect();
    for name in ["court-term", "confirmation", "transfer-answer", "commitment"] {
        assert!(names.contains(&name), "{name} runs: {names:?}");
    }
    assert!(told.clocks.is_sorted_by_key(|clock| clock.due));
    assert!(told.clocks.iter().all(|clock| !clock.article.is_empty() && clock.words.is_some()));
    assert!(answer.as_of_size >= size, "and perhaps of its own reading");

    // What is hidden is hidden here too.
    let hidden =
        |told: &proto::Case| told.clocks.iter().any(|clock| clock.name == "police-protection");
    let by_team = get_case(&mut office, &place, "police", of(case)).await.unwrap().case.unwrap();
    assert!(hidden(&told), "{names:?}");
    assert!(!hidden(&by_team));
    assert!(by_team.events < told.events);

    // Whoever may not see it learns nothing, not even whether it is there.
    let nowhere = story.stream("case7");
    let refused = get_case(&mut office, &place, "duty", of(case)).await.unwrap_err();
    let unknown = get_case(&mut office, &place, "duty", of(nowhere)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!((refused.code(), refused.message()), (unknown.code(), unknown.message()));

    let beyond = proto::GetCaseRequest { at_least_size: 1 << 40, ..of(case) };
    let beyond = get_case(&mut office, &place, "worker", beyond).await.unwrap_err();
    assert_eq!(beyond.code(), Code::OutOfRange);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeline_says_what_became_of_each_event() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(23);
    let case = story.stream("case");
    office.tell(&place, &mut story, &CASE).await;

    let mut entries: Vec<proto::TimelineEntry> = Vec::new();
    let mut page_token = String::new();
    loop {
        let case_id = case.id.0.to_vec().into();
        let request =
            proto::GetTimelineRequest { case_id, page_size: 5, page_token, at_least_size: 0 };
        let page = get_timeline(&mut office, &place, "worker", request).await.unwrap();
        assert!(page.entries.len() <= 5);
        entries.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(entries.len(), CASE.len() - 5);
    let sequence = |entry: &proto::TimelineEntry| {
        letopis_log::Link::from_bytes(&entry.event.as_ref().unwrap().link).unwrap().sequence
    };
    assert!(entries.is_sorted_by_key(sequence));
    let find = |label: &str| {
        let wanted = story.said(label).unwrap();
        entries.iter().find(|entry| hash(entry) == wanted).unwrap()
    };
    let visit = find("visit");
    assert_eq!(visit.corrected_by.len(), 1);
    assert!(visit.corrected_at.is_some());
    assert_eq!(find("wrong").misfiled_by.len(), 32);
    let assessment = find("assessment");
    assert_eq!(assessment.status(), proto::ActStatus::InForce);
    assert_eq!(assessment.endorsed_by, [actor("head")]);
    assert_eq!(find("waits").status(), proto::ActStatus::Pending);

    // A page belongs to its case.
    let other = story.stream("case2");
    let request = proto::GetTimelineRequest {
        case_id: other.id.0.to_vec().into(),
        page_size: 5,
        page_token: "AAAA".to_owned(),
        at_least_size: 0,
    };
    let refused = get_timeline(&mut office, &place, "worker", request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_a_decision_came_about() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(24);
    let case = story.stream("case");
    office.tell(&place, &mut story, &CASE[..20]).await;
    // The director looks into the case, and an hour later something is added.
    get_case(&mut office, &place, "director", of(case)).await.unwrap();
    let read_at = place.now();
    office.tell(&place, &mut story, &CASE[20..]).await;

    let order = story.said("order").unwrap();
    let stream = Some(stream_message(&case));
    let version_of = |office: &Office, hash: Digest| {
        tokio::task::block_in_place(|| {
            let positions = office.ledger.positions(&case, Version(1), 200).unwrap();
            let is = |at: Sequence| office.ledger.parsed(at).unwrap().0.link.statement_hash == hash;
            positions.into_iter().find(|(_, at)| is(*at)).unwrap().0
        })
    };
    let version = version_of(&office, order);
    let request = proto::TraceDecisionRequest {
        stream: stream.clone(),
        version: version.0,
        at_least_size: 0,
    };
    let by_lead = trace_decision(&mut office, &place, "worker", request.clone()).await.unwrap();
    assert!(by_lead.authors[0].readings_withheld, "who read what is not for the lead to know");
    let trace = trace_decision(&mut office, &place, "head", request).await.unwrap();
    assert_eq!((&by_lead.edges, &by_lead.clocks), (&trace.edges, &trace.clocks));

    let edge = |from: &str, to: &str, relation: Relation| {
        let (from, to) = (story.said(from).unwrap(), story.said(to).unwrap());
        trace.edges.iter().any(|edge| {
            (&edge.from[..], &edge.to[..], edge.relation()) == (&from.0[..], &to.0[..], relation)
        })
    };
    assert!(edge("OrderServed", "order", Relation::Unspecified), "who was told");
    assert!(edge("AppealFiled", "order", Relation::Unspecified), "who appealed");
    assert!(edge("CourtDecisionRecorded", "CourtRequestFiled", Relation::Unspecified));
    let hashes: Vec<Digest> = trace.entries.iter().map(hash).collect();
    assert!(hashes.contains(&order));
    assert!(!hashes.contains(&story.said("TransferProposed").unwrap()), "it has no part in it");

    let [author] = &trace.authors[..] else { panic!("{:?}", trace.authors) };
    assert_eq!(author.actor, actor("director"));
    assert_eq!(author.seen_version, version.0 - 1, "an order is signed upon the present head");
    assert!(author.unseen.is_empty());
    assert_eq!((author.facts_read_at, author.readings_withheld), (None, false), "given only later");
    assert!(trace.clocks.iter().any(|clock| clock.name == "court-request"));

    // What the director signed later was signed with the facts of the case at hand.
    let asked = version_of(&office, story.said("CourtRequestFiled").unwrap());
    let later = proto::TraceDecisionRequest { stream, version: asked.0, at_least_size: 0 };
    let trace = trace_decision(&mut office, &place, "head", later).await.unwrap();
    assert_eq!(trace.authors[0].facts_read_at, Some(read_at.0));

    for (version, code) in [(0, Code::NotFound), (900, Code::NotFound)] {
        let stream = Some(stream_message(&case));
        let request = proto::TraceDecisionRequest { stream, version, at_least_size: 0 };
        let refused = trace_decision(&mut office, &place, "worker", request).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_actor_had_been_given_by_then() {
    let place = place();
    let mut office = office(&place).await;
    let mut story = Story::new(25);
    let case = story.stream("case");
    office.tell(&place, &mut story, &CASE[..12]).await;
    let before = office.ledger.size().0;
    get_case(&mut office, &place, "head", of(case)).await.unwrap();
    let after = office.ledger.size().0;
    office.tell(&place, &mut story, &CASE[12..13]).await;
    office.tell(&place, &mut story, &["+3d NoteAdded as late"]).await;
    let head = office.ledger.size().0;

    // Who read what is not for everybody to know; of oneself it is.
    let ask = known(case, before, &actor("head"));
    let denied = get_case_as_known_at(&mut office, &place, "worker", ask.clone()).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    let own = known(case, before, &actor("worker"));
    get_case_as_known_at(&mut office, &place, "worker", own).await.unwrap();
    let then = get_case_as_known_at(&mut office, &place, "head", ask).await.unwrap();
    assert_eq!(then.as_of_size, before);
    let given = |answer: &proto::GetCaseAsKnownAtResponse, label: &str| {
        let wanted = story.said(label).unwrap();
        let found =
            answer.entries.iter().find(|known| hash(known.entry.as_ref().unwrap()) == wanted);
        found.map(proto::KnownEntry::given)
    };
    assert_eq!(given(&then, "visit"), Some(proto::Given::Nothing));
    assert_eq!(given(&then, "TeamConvened"), None, "it was not on the record");
    assert_eq!(given(&then, "Endorsed"), Some(proto::Given::Signed));

    let ask = known(case, after, &actor("head"));
    let then = get_case_as_known_at(&mut office, &place, "head", ask).await.unwrap();
    assert_eq!(given(&then, "visit"), Some(proto::Given::Facts));
    assert_eq!(given(&then, "police"), Some(proto::Given::Perhaps), "a reading does not tell");

    let ask = known(case, head, &actor("head"));
    let then = get_case_as_known_at(&mut office, &place, "head", ask).await.unwrap();
    assert_eq!(given(&then, "TeamConvened"), Some(proto::Given::Perhaps), "on the same day");
    assert_eq!(given(&then, "late"), Some(proto::Given::Nothing));

    // Before its first event there was no case, though the log was there.
    let early =
        get_case_as_known_at(&mut office, &place, "head", known(case, 3, b"")).await.unwrap();
    assert_eq!(early.case.unwrap().stage(), proto::Stage::Unspecified);
    assert!(early.entries.is_empty());

    // By time it is the same as by size, and now the same as now.
    let by_time = proto::GetCaseAsKnownAtRequest {
        moment: Some(Moment::RecordedAt(place.now().0)),
        ..known(case, 0, b"")
    };
    let by_time = get_case_as_known_at(&mut office, &place, "worker", by_time).await.unwrap();
    let now = get_case(&mut office, &place, "worker", of(case)).await.unwrap();
    assert_eq!(by_time.case, now.case);
    assert!(by_time.entries.iter().all(|known| known.given() == proto::Given::Unspecified));

    for moment in
        [None, Some(Moment::Size(0)), Some(Moment::Size(1 << 40)), Some(Moment::RecordedAt(1))]
    {
        let request = proto::GetCaseAsKnownAtRequest { moment, ..known(case, 0, b"") };
        let refused = get_case_as_known_at(&mut office, &place, "worker", request).await;
        let code = refused.unwrap_err().code();
        assert!(matches!(code, Code::InvalidArgument | Code::OutOfRange), "{moment:?}: {code:?}");
    }
}

/// All pages of a list of clocks.
async fn all_clocks(
    office: &mut Office,
    place: &Place,
    who: &str,
    request: &proto::ListClocksRequest,
) -> Vec<proto::Clock> {
    let (mut clocks, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = proto::ListClocksRequest { page_token, ..request.clone() };
        let page = list_clocks(office, place, who, request).await.unwrap();
        clocks.extend(page.clocks);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return clocks;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_told_the_most_urgent_first() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(26), Story::new(27));
    let cases = [one.stream("case"), other.stream("case")];
    office.tell(&place, &mut one, &CASE).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..9]).await;

    // What the cases and signals say of themselves, by another way.
    let mut expected = Vec::new();
    for case in cases {
        let told = get_case(&mut office, &place, "worker", of(case)).await.unwrap();
        expected.extend(told.case.unwrap().clocks);
    }
    expected.sort_by_key(|clock| clock.due);
    let every = proto::ListClocksRequest::default();
    let all = all_clocks(&mut office, &place, "worker", &every).await;
    let of_cases = |clocks: &[proto::Clock]| {
        let is_of_case = |clock: &&proto::Clock| clock.file.as_ref().unwrap().kind == 3;
        let mut found: Vec<_> = clocks.iter().filter(is_of_case).cloned().collect();
        found.sort_by_key(|clock| (clock.due, clock.started_by.clone(), clock.number));
        found
    };
    assert_eq!(of_cases(&all), of_cases(&expected));
    assert!(all.is_sorted_by_key(|clock| clock.due));
    assert!(all.len() > of_cases(&all).len(), "those of the signals too");
    // Page by page it is the same.
    let paged = proto::ListClocksRequest { page_size: 2, ..every.clone() };
    assert_eq!(all_clocks(&mut office, &place, "worker", &paged).await, all);

    let held = |holder: [u8; 16]| proto::ListClocksRequest {
        holder: holder.to_vec().into(),
        ..every.clone()
    };
    let by_holder = all_clocks(&mut office, &place, "worker", &held([0xa0; 16])).await;
    assert_eq!(by_holder, all);
    assert!(all_clocks(&mut office, &place, "worker", &held([0xa1; 16])).await.is_empty());
    let lead = proto::ListClocksRequest { lead: actor("worker").into(), ..every.clone() };
    assert_eq!(all_clocks(&mut office, &place, "worker", &lead).await, of_signals_left_out(&all));
    let nobody = proto::ListClocksRequest { lead: actor("clerk").into(), ..every.clone() };
    assert!(all_clocks(&mut office, &place, "worker", &nobody).await.is_empty());

    // What ran out is told before the ledger has said so, and after.
    let overdue = proto::ListClocksRequest { overdue: true, ..every.clone() };
    one.set_now(one.now() + 60 * 86_400);
    place.set_now(Timestamp::from_seconds(one.now() as u64));
    let before = all_clocks(&mut office, &place, "worker", &overdue).await;
    assert!(!before.is_empty());
    assert!(before.iter().all(|clock| clock.reading() == proto::ClockReading::Overdue));
    assert!(office.ledger.record_missed_deadlines().await.unwrap() >= before.len());
    let after = all_clocks(&mut office, &place, "worker", &overdue).await;
    assert!(after.iter().all(|clock| clock.reading() == proto::ClockReading::Missed));
    let names = |clocks: &[proto::Clock]| -> Vec<(String, i64)> {
        clocks.iter().map(|clock| (clock.name.clone(), clock.due)).collect()
    };
    let missing: Vec<_> =
        names(&before).into_iter().filter(|one| !names(&after).contains(one)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let soon = proto::ListClocksRequest { due_before: Some(before[0].due + 1), ..every.clone() };
    let soon = all_clocks(&mut office, &place, "worker", &soon).await;
    assert!(!soon.is_empty() && soon.iter().all(|clock| clock.due <= before[0].due));

    // Nobody is told of what they may not see, nor of what is hidden in what they may.
    assert!(
        all_clocks(&mut office, &place, "duty", &every)
            .await
            .iter()
            .all(|clock| { clock.file.as_ref().unwrap().kind != 3 })
    );
    let by_team = all_clocks(&mut office, &place, "police", &every).await;
    assert!(!by_team.is_empty());
    assert!(by_team.iter().all(|clock| clock.name != "police-protection"));
    let other_token = proto::ListClocksRequest { page_token: "AAAA".to_owned(), ..every };
    let refused = list_clocks(&mut office, &place, "worker", other_token).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

/// A signal has no lead.
fn of_signals_left_out(clocks: &[proto::Clock]) -> Vec<proto::Clock> {
    clocks.iter().filter(|clock| clock.file.as_ref().unwrap().kind == 3).cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cases_that_somebody_may_see() {
    let place = place();
    let mut office = office(&place).await;
    let (mut one, mut other) = (Story::new(28), Story::new(29));
    office.tell(&place, &mut one, &CASE).await;
    other.set_now(one.now());
    office.tell(&place, &mut other, &CASE[..9]).await;
    office.tell(&place, &mut other, &["+1h LeadAssigned lead=worker2 by head,worker2"]).await;

    let every = proto::ListCasesRequest::default();
    let all = list_cases(&mut office, &place, "head", every.clone()).await.unwrap();
    assert_eq!((all.cases.len(), all.next_page_token.is_empty()), (2, true));
    for listed in &all.cases {
        let case_id = listed.case_id.clone();
        let request = proto::GetCaseRequest { case_id, at_least_size: 0 };
        let told = get_case(&mut office, &place, "head", request).await.unwrap().case.unwrap();
        assert_eq!(
            (listed.stage, &listed.lead, listed.track),
            (told.stage, &told.lead, told.track)
        );
        assert_eq!(listed.next_due, told.clocks.first().map(|clock| clock.due));
        assert_eq!(listed.acts_due as usize, told.acts.len());
    }
    let ids = |page: &proto::ListCasesResponse| -> Vec<Vec<u8>> {
        page.cases.iter().map(|case| case.case_id.to_vec()).collect()
    };
    // By filters, and page by page.
    let led = proto::ListCasesRequest { lead: actor("worker2").into(), ..every.clone() };
    let led = list_cases(&mut office, &place, "head", led).await.unwrap();
    assert_eq!(ids(&led), [other.stream("case").id.0.to_vec()]);
    for (holder, count) in [([0xa0; 16], 2), ([0xa1; 16], 0)] {
        let held = proto::ListCasesRequest { holder: holder.to_vec().into(), ..every.clone() };
        let held = list_cases(&mut office, &place, "head", held).await.unwrap();
        assert_eq!(held.cases.len(), count);
    }
    for (stage, count) in [(proto::Stage::Open, 2), (proto::Stage::Closed, 0)] {
        let at = proto::ListCasesRequest { stage: stage.into(), ..every.clone() };
        assert_eq!(list_cases(&mut office, &place, "head", at).await.unwrap().cases.len(), count);
    }
    let paged = proto::ListCasesRequest { page_size: 1, ..every.clone() };
    let first = list_cases(&mut office, &place, "head", paged.clone()).await.unwrap();
    let page_token = first.next_page_token.clone();
    let wrong =
        proto::ListCasesRequest { stage: 2, page_token: page_token.clone(), ..paged.clone() };
    let refused = list_cases(&mut office, &place, "head", wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "a page of another question");
    let paged = proto::ListCasesRequest { page_token, ..paged };
    let second = list_cases(&mut office, &place, "head", paged).await.unwrap();
    assert_eq!([ids(&first), ids(&second)].concat(), ids(&all));

    // Case after case under another agency, and nobody told of what they may not see.
    office.tell(&place, &mut one, &["+1h TransferAccepted by other-head"]).await;
    let gone = proto::ListCasesRequest { holder: vec![0xa0; 16].into(), ..every.clone() };
    let gone = list_cases(&mut office, &place, "head", gone).await.unwrap();
    assert_eq!(ids(&gone), [other.stream("case").id.0.to_vec()]);
    let there = proto::ListCasesRequest { holder: vec![0xa1; 16].into(), ..every.clone() };
    let there = list_cases(&mut office, &place, "other-head", there).await.unwrap();
    assert_eq!(ids(&there), [one.stream("case").id.0.to_vec()]);
    let nothing = list_cases(&mut office, &place, "duty", every).await.unwrap();
    assert!(nothing.cases.is_empty());
}
