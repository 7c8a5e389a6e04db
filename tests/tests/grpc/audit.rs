//! What an inspection asks of a record: each kind of finding in a ledger in which exactly that occurred, and
//! none where nothing did.

use std::collections::BTreeMap;

use letopis_audit::{ActState, Explanation, Report, Review, ReviewOf, Scope, Shown, Why, audit};
use letopis_domain::clocks::Reading;
use letopis_domain::testing::{AGENCY, BEGINNING, OTHER_AGENCY, Story, Told, person};
use letopis_ledger::testing::{Draft, actor_stream, registrar, secret};
use letopis_ledger::verify::Options;
use letopis_proto::accountability::v1 as accountability;
use letopis_proto::accountability::v1::accountability_service_client::AccountabilityServiceClient;
use letopis_proto::confidentiality::v1 as confidentiality;
use letopis_proto::confidentiality::v1::confidentiality_service_client::ConfidentialityServiceClient;
use letopis_proto::statement::v1::{self as proto, Denial, Purpose, Role, fact::Kind};
use letopis_record::DataDir;
use letopis_service_rpc::convert::stream_message;
use letopis_types::{Class, Digest, StreamKey, Timestamp};
use tonic::Status;

use crate::server::Place;
use crate::stories::Office;

/// A case opened in time, in which nothing is late yet.
pub(crate) const OPENED: [&str; 5] = [
    "SignalReceived",
    "+1h SignalAssigned",
    "+1h SenderNotified",
    "+1d SignalAssessed",
    "+1h CaseOpened",
];

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// An office, and what happens in it.
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) office: Office,
    pub(crate) story: Story,
}

impl Scene {
    /// Where nothing happened yet.
    pub(crate) async fn open() -> Self {
        let place = Place::begun(Timestamp::from_seconds(BEGINNING as u64 - 86_400));
        let office = Office::open(&place).await;
        Self { place, office, story: Story::new(51) }
    }

    /// Where this happened.
    pub(crate) async fn given(lines: &[&str]) -> Self {
        let mut scene = Self::open().await;
        scene.tell(lines).await;
        scene
    }

    pub(crate) async fn tell(&mut self, lines: &[&str]) {
        self.office.tell(&self.place, &mut self.story, lines).await;
    }

    pub(crate) fn later(&mut self, seconds: i64) {
        self.story.set_now(self.story.now() + seconds);
        self.place.set_now(Timestamp::from_seconds(self.story.now() as u64));
    }

    /// It gets later, somebody looks at the clock, and the ledger says what was missed: how much that is.
    pub(crate) async fn misses(&mut self, seconds: i64) -> usize {
        self.later(seconds);
        let ledger = &self.office.ledger;
        ledger.caught_up().await.unwrap();
        ledger.confirm_clock();
        ledger.record_missed_deadlines().await.unwrap()
    }

    pub(crate) fn case(&self) -> StreamKey {
        self.story.stream("case")
    }

    /// Somebody says in the case what stories have no line for.
    pub(crate) async fn say(&mut self, by: &[&str], fact: Kind, section: Option<&str>) -> Digest {
        let kind = format!("{fact:?}");
        let kind = kind.split('(').next().unwrap().to_owned();
        let told = Told {
            fact,
            stream: self.case(),
            by: by.iter().map(|name| person(name)).collect(),
            sections: section.iter().map(|name| (format!("{name}/1"), Class::Restricted)).collect(),
            references: Vec::new(),
            happened: self.story.now(),
            recorded: self.story.now(),
            names: [kind, String::new()],
        };
        let hash = self.office.say(&told).await.unwrap();
        self.story.remember(&told, hash);
        hash
    }

    /// A registrar says this of somebody, or somebody of themselves.
    pub(crate) async fn say_of(&mut self, name: &str, by_registrar: bool, fact: Kind) -> Digest {
        let of = person(name);
        let signing = if by_registrar { registrar(1) } else { self.office.signing(of) };
        let number = self.office.next();
        let mut draft = Draft::new(number, actor_stream(of.seed), &[signing], fact);
        draft.statement.occurred_at.as_mut().unwrap().seconds = self.story.now();
        self.office.server.record(&draft).await;
        draft.hash()
    }

    /// Somebody's qualification was verified, and has expired since.
    pub(crate) async fn expire(&mut self, name: &str) {
        let until_seconds = Some(self.story.now() + 1);
        let fact = proto::QualificationVerified { until_seconds };
        self.say_of(name, true, Kind::QualificationVerified(fact)).await;
        self.later(HOUR);
    }

    /// Somebody's key is known to be in other hands since the log had so many events.
    pub(crate) async fn compromise(&mut self, name: &str, since_sequence: u64) {
        let public_key = secret(person(name).seed).public().0.to_vec();
        let fact = proto::KeyCompromised { public_key, since_sequence };
        self.say_of(name, false, Kind::KeyCompromised(fact)).await;
    }

    /// Somebody asks how the case stands.
    pub(crate) async fn reads(&mut self, name: &str, purpose: &str) -> Result<(), Status> {
        const METHOD: &str = "letopis.accountability.v1.AccountabilityService/GetCase";
        let case_id = self.case().id.0.to_vec().into();
        let request = accountability::GetCaseRequest { case_id, at_least_size: 0 };
        let request = self.office.call_for(purpose, &self.place, name, METHOD, request);
        let channel = self.office.server.channel.clone();
        AccountabilityServiceClient::new(channel).get_case(request).await.map(drop)
    }

    /// Somebody reads what sections of the case say.
    pub(crate) async fn reads_sections(
        &mut self,
        name: &str,
        purpose: &str,
    ) -> Result<usize, Status> {
        const METHOD: &str = "letopis.confidentiality.v1.ConfidentialityService/GetSections";
        let stream = Some(stream_message(&self.case()));
        let request = confidentiality::GetSectionsRequest { stream, ..Default::default() };
        let request = self.office.call_for(purpose, &self.place, name, METHOD, request);
        let mut client = ConfidentialityServiceClient::new(self.office.server.channel.clone());
        Ok(client.get_sections(request).await?.into_inner().sections.len())
    }

    /// The server ends in order.
    pub(crate) async fn end(self) -> Place {
        let Self { place, office, .. } = self;
        office.end().await;
        place
    }

    /// What an inspection finds then.
    async fn report(self) -> Report {
        report(&self.end().await, Scope::default())
    }
}

fn report(place: &Place, scope: Scope) -> Report {
    let dir = DataDir::open_read_only(&place.root()).unwrap();
    let options = Options { workers: 2, ..Options::default() };
    audit(&dir, options, scope, |_| {}).unwrap().1
}

/// How many findings there are in each part that has any, but duties that are open.
pub(crate) fn findings(report: &Report) -> BTreeMap<&'static str, u64> {
    let refusals = &report.refusals;
    let counted = refusals.counted.iter().map(|one| one.count).sum();
    let all = [
        ("late", report.late.count),
        ("entered_late", report.entered_late.count),
        ("emergency_access", report.emergency_access.findings.count),
        ("unreviewed_acts", report.unreviewed_acts.count),
        ("on_expired_qualification", report.on_expired_qualification.count),
        ("under_recusal", report.under_recusal.count),
        ("under_delegation", report.under_delegation.count),
        ("supervision", report.supervision.findings.count),
        ("readings", report.readings.findings.count),
        ("compromised_keys", report.compromised_keys.count),
        ("disputed", report.disputed.count),
        ("counted", counted),
        ("denials", refusals.denials.count),
        ("endorsements", refusals.endorsements.count),
        ("unfinished_acts", report.unfinished_acts.count),
        ("changes", report.changes.iter().map(|one| one.findings.count).sum()),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[track_caller]
fn expect(report: &Report, expected: &[(&'static str, u64)]) {
    assert_eq!(findings(report), expected.iter().copied().collect(), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_occurred_nothing_is_found() {
    let mut scene = Scene::given(&OPENED).await;
    scene.office.give_token_keys().await;
    scene.reads("worker", "case_work").await.unwrap();
    assert!(scene.reads_sections("worker", "case_work").await.unwrap() > 0);
    let report = scene.report().await;
    expect(&report, &[]);
    assert_eq!((report.format, report.ledger.trial), ("letopis-audit-report/1", true));
    assert_eq!((report.readings.count, report.readings.by_role.len()), (2, 1));
    let by = &report.readings.by_role[0];
    assert_eq!((by.role, by.purpose, by.count), (Some(Role::SocialWorker), Purpose::CaseWork, 2));
    // What goes on is open, and none of it late.
    assert!(report.open_duties.count >= 2);
    assert!(report.open_duties.items.iter().all(|clock| clock.reading == Reading::Running));
    assert_eq!(report.supervision.by_agency[0].agency, Some(Shown(AGENCY)));
    assert_eq!(report.supervision.by_agency[0].running, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_late_is_told_with_its_explanation_or_that_there_is_none() {
    let late =
        ["SignalReceived", "+1h SignalAssigned", "+1h SenderNotified", "+20d SignalAssessed"];
    let scene = Scene::given(&late).await;
    let (started, ended) = (scene.story.said("SignalReceived"), scene.story.said("SignalAssessed"));
    let report = scene.report().await;
    expect(&report, &[("late", 1)]);
    let clock = &report.late.items[0];
    assert_eq!((clock.rule.number, clock.rule.name.as_str()), (101, "signal-check"));
    assert_eq!((clock.reading, clock.explanation), (Reading::Late, Explanation::Missing));
    assert!(clock.rule.article.starts_with("чл. "), "{}", clock.rule.article);
    assert_eq!(Some(clock.started_by.hash.0), started);
    let ended_by = clock.ended_by.as_ref().unwrap();
    assert_eq!(Some(ended_by.hash.0), ended);
    let event = ended_by.event.as_ref().unwrap();
    assert_eq!((event.kind, event.signers.len()), ("SignalAssessed", 2));
    let roles: Vec<_> = event.signers.iter().filter_map(|signer| signer.role).collect();
    assert!(roles.contains(&Role::SocialWorker) && roles.contains(&Role::HeadOfDepartment));

    let mut scene = Scene::given(&late).await;
    scene.tell(&["+1d DelayExplained in signal by worker"]).await;
    let report = scene.report().await;
    expect(&report, &[("late", 1), ("unfinished_acts", 1)]);
    assert_eq!(report.late.items[0].explanation, Explanation::Unconfirmed);
    assert_eq!(report.unfinished_acts.items[0].state, ActState::Pending);

    let mut scene = Scene::given(&late).await;
    scene.tell(&["+1d DelayExplained in signal"]).await;
    let explained = scene.story.said("DelayExplained");
    let report = scene.report().await;
    expect(&report, &[("late", 1)]);
    let clock = &report.late.items[0];
    assert_eq!(clock.explanation, Explanation::Given);
    assert_eq!(Some(clock.explained_by[0].hash.0), explained);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_and_what_was_kept_and_recorded_late_are_told_apart() {
    let checked = ["SignalReceived", "+1h SignalAssigned", "+1h SenderNotified"];
    let mut scene = Scene::given(&checked).await;
    assert_eq!(scene.misses(11 * DAY).await, 1);
    let report = scene.report().await;
    expect(&report, &[("late", 1)]);
    let clock = &report.late.items[0];
    assert_eq!((clock.reading, clock.explanation), (Reading::Missed, Explanation::Missing));
    assert!(clock.missed_at.is_some() && clock.ended_by.is_none());

    let mut scene = Scene::given(&checked).await;
    scene.misses(11 * DAY).await;
    scene.tell(&["+1h SignalAssessed happened -4d"]).await;
    let report = scene.report().await;
    expect(&report, &[("late", 1), ("entered_late", 1)]);
    assert_eq!(report.late.items[0].reading, Reading::KeptRecordedLate);
    let entered = report.entered_late.items[0].event.as_ref().unwrap();
    assert_eq!(entered.recorded_at.0 - entered.happened_at.0, 4 * DAY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emergency_access_is_told_until_both_have_reviewed_it() {
    let opened = "+1h BreakGlassOpened by duty with danger";
    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&[opened]).await;
    scene.office.give_token_keys().await;
    scene.reads("duty", "emergency").await.unwrap();
    let report = scene.report().await;
    expect(&report, &[("emergency_access", 1), ("readings", 1)]);
    let access = &report.emergency_access.findings.items[0];
    assert_eq!((access.review, access.closed), (Review::Missing, false));
    assert_eq!(access.opened_by.event.as_ref().unwrap().kind, "BreakGlassOpened");
    let reading = &report.readings.findings.items[0];
    assert_eq!(reading.why, [Why::Purpose, Why::EmergencyAccess]);
    assert_eq!((reading.reader.0, reading.purpose), (person("duty").actor(), Purpose::Emergency));

    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&[opened, "+1h BreakGlassReviewed"]).await;
    let report = scene.report().await;
    expect(&report, &[]);
    assert_eq!(report.emergency_access.opened, 1);

    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&[opened, "+2d BreakGlassReviewed"]).await;
    let report = scene.report().await;
    expect(&report, &[("emergency_access", 1), ("late", 1)]);
    assert_eq!(report.emergency_access.findings.items[0].review, Review::Late);

    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&[opened]).await;
    scene.later(HOUR);
    let opened = scene.story.said("BreakGlassOpened").unwrap().0.to_vec();
    let review = proto::BreakGlassReviewed { opened, justified: false };
    scene.say(&["head", "officer"], Kind::BreakGlassReviewed(review), None).await;
    let report = scene.report().await;
    expect(&report, &[("emergency_access", 1)]);
    assert_eq!(report.emergency_access.findings.items[0].review, Review::Unjustified);
    assert!(report.emergency_access.findings.items[0].reviewed_by.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_force_without_its_signature_is_told() {
    let mut scene =
        Scene::given(&["SignalReceived", "+1h SignalAssigned", "+1h SenderNotified"]).await;
    scene.tell(&["+1d SignalAssessed by worker with danger"]).await;
    let report = scene.report().await;
    expect(&report, &[("unreviewed_acts", 1)]);
    let act = &report.unreviewed_acts.items[0];
    assert_eq!((act.state, act.overdue), (ActState::Unconfirmed, false));
    assert!(act.due.is_some());

    // What is confirmed in time is reviewed thereby.
    let mut scene =
        Scene::given(&["SignalReceived", "+1h SignalAssigned", "+1h SenderNotified"]).await;
    scene.tell(&["+1d SignalAssessed by worker with danger"]).await;
    scene.tell(&["+1h Endorsed on SignalAssessed in signal"]).await;
    expect(&scene.report().await, &[]);

    // An emergency act that is entered the next day is reviewed as well.
    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&["+1d EmergencyActRecorded happened -3h act=other"]).await;
    scene.misses(2 * DAY).await;
    let report = scene.report().await;
    assert_eq!(report.unreviewed_acts.count, 1, "{report:#?}");
    let act = &report.unreviewed_acts.items[0];
    assert_eq!((act.state, act.overdue), (ActState::Unreviewed, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn urgent_acts_under_an_exception_are_told_with_their_review() {
    // On an expired qualification.
    let mut scene = Scene::given(&OPENED).await;
    scene.expire("worker").await;
    scene.tell(&["ChildMissing"]).await;
    let missing = scene.story.said("ChildMissing");
    let report = scene.report().await;
    expect(&report, &[("on_expired_qualification", 1), ("unreviewed_acts", 1)]);
    let marked = &report.on_expired_qualification.items[0];
    assert_eq!((Some(marked.act.hash.0), marked.review), (missing, ReviewOf::Waiting));

    // In spite of a declared conflict; reviewed by the head.
    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&["+1h ConflictDeclared by worker", "+1h ChildMissing"]).await;
    scene.tell(&["+1h Endorsed on ChildMissing"]).await;
    let report = scene.report().await;
    expect(&report, &[("under_recusal", 1)]);
    let marked = &report.under_recusal.items[0];
    assert_eq!(
        (marked.review, &marked.endorsed_by[..]),
        (ReviewOf::Done, &[Shown(person("head").actor())][..])
    );

    // On duty by a roster.
    let mut scene = Scene::given(&OPENED).await;
    let from_seconds = scene.story.now();
    let shifts = vec![proto::Shift { from_seconds, until_seconds: from_seconds + DAY }];
    let roster = Kind::DutyRosterSet(proto::DutyRosterSet { shifts, kinds: Vec::new() });
    let head = scene.office.signing(person("head"));
    let number = scene.office.next();
    let draft = Draft::new(number, actor_stream(person("worker2").seed), &[head], roster);
    scene.office.server.record(&draft).await;
    scene.office.act_under(person("worker2"), draft.hash());
    scene.tell(&["+1h ChildMissing by worker2"]).await;
    let report = scene.report().await;
    expect(&report, &[("under_delegation", 1), ("unreviewed_acts", 1)]);
    let signer = &report.under_delegation.items[0].act.event.as_ref().unwrap().signers[0];
    assert_eq!((signer.actor.0, signer.role), (person("worker2").actor(), Some(Role::DutyOfficer)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn supervision_is_counted_by_agency() {
    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&["+10d SupervisionHeld", "+40d SupervisionHeld"]).await;
    let report = scene.report().await;
    let of = &report.supervision.by_agency[0];
    assert_eq!(
        (of.agency, of.kept, of.late, of.missed, of.running),
        (Some(Shown(AGENCY)), 1, 1, 0, 1)
    );
    assert_eq!(report.supervision.findings.count, 1);
    assert_eq!(report.supervision.findings.items[0].reading, Reading::Late);

    let mut scene = Scene::given(&OPENED).await;
    scene.misses(31 * DAY).await;
    let report = scene.report().await;
    assert_eq!(report.supervision.by_agency[0].missed, 1);
    assert_eq!(report.supervision.findings.items[0].reading, Reading::Missed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_outside_of_case_work_and_denials_are_told() {
    let mut scene = Scene::given(&OPENED).await;
    scene.office.give_token_keys().await;
    scene.reads("worker", "case_work").await.unwrap();
    scene.reads("director", "supervision").await.unwrap();
    scene.reads("auditor", "inspection").await.unwrap();
    scene.reads("other-worker", "case_work").await.unwrap_err();
    scene.reads("worker", "research").await.unwrap_err();
    let report = scene.report().await;
    expect(&report, &[("readings", 2), ("denials", 2)]);
    let reading = &report.readings.findings.items[0];
    assert_eq!((reading.role, &reading.why[..]), (Some(Role::Director), &[Why::Purpose][..]));
    assert_eq!(reading.rule.as_deref(), Some("facts-of-own-agency"));
    assert_eq!(report.readings.findings.items[1].why, [Why::Purpose, Why::NoStanding]);
    assert_eq!((report.readings.count, report.readings.by_role.len()), (3, 3));
    let denied: Vec<_> =
        report.refusals.denied.iter().map(|of| (of.purpose, of.reason, of.count)).collect();
    let expected =
        [(Purpose::CaseWork, Denial::NoRule, 1), (Purpose::Research, Denial::Purpose, 1)];
    assert_eq!(denied, expected);
    let denial = &report.refusals.denials.items[0];
    assert_eq!((denial.reader.0, denial.number), (person("other-worker").actor(), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stolen_key_signed_is_disputed_until_somebody_endorses_it() {
    let mut scene = Scene::given(&OPENED).await;
    let since = scene.office.ledger.size().0;
    scene.tell(&["+1h NoteAdded as theirs", "+1h NoteAdded as own"]).await;
    scene.tell(&["+1h Endorsed on own"]).await;
    let disputed = scene.story.said("theirs");
    scene.compromise("worker", since).await;
    let report = scene.report().await;
    expect(&report, &[("compromised_keys", 1), ("disputed", 1)]);
    assert_eq!(Some(report.disputed.items[0].hash.0), disputed);
    let compromised = report.compromised_keys.items[0].event.as_ref().unwrap();
    assert_eq!(compromised.kind, "KeyCompromised");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_is_told() {
    let mut scene = Scene::given(&["SignalReceived", "+1h SenderNotified"]).await;
    let told = scene.story.tell("+1h SignalAssessed");
    scene.place.set_now(Timestamp::from_seconds(told.recorded as u64));
    scene.office.say(&told).await.unwrap_err();
    scene.later(DAY);
    assert_eq!(scene.office.ledger.count_refusals().await.unwrap(), 1);
    let report = scene.report().await;
    expect(&report, &[("counted", 1)]);
    let counted = serde_json::to_value(&report.refusals.counted).unwrap();
    assert_eq!(counted[0]["reason"], "rule_broken");

    // A signature that is refused; and one that does not come.
    let pending = [
        "SignalReceived",
        "+1h SignalAssigned",
        "+1h SenderNotified",
        "+1d SignalAssessed by worker",
    ];
    let mut scene = Scene::given(&pending).await;
    scene.tell(&["+1h EndorsementRefused on SignalAssessed in signal"]).await;
    let report = scene.report().await;
    expect(&report, &[("endorsements", 1), ("unfinished_acts", 1)]);
    assert_eq!(report.unfinished_acts.items[0].state, ActState::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_after_the_fact_is_told_with_what_it_changes() {
    let mut scene = Scene::given(&OPENED).await;
    scene
        .tell(&[
            "+1h NoteAdded as wrong",
            "+1h EventMisfiled on wrong",
            "+1h VisitRecorded as visit",
            "+1h EventCorrected on visit time=-2h",
        ])
        .await;
    scene.later(HOUR);
    let what = Some(proto::sections_erased::What::Class(proto::Class::Restricted.into()));
    let erased = Kind::SectionsErased(proto::SectionsErased { what });
    scene.say(&["officer", "director"], erased, Some("ground")).await;
    scene.later(HOUR);
    let held = Kind::LegalHoldSet(proto::LegalHoldSet {});
    scene.say(&["officer"], held, Some("ground")).await;
    let (wrong, visit) = (scene.story.said("wrong"), scene.story.said("visit"));
    let report = scene.report().await;
    expect(&report, &[("changes", 4)]);
    let kinds: Vec<_> = report.changes.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, ["EventCorrected", "EventMisfiled", "SectionsErased", "LegalHoldSet"]);
    let of = |at: usize| report.changes[at].findings.items[0].of.as_ref();
    assert_eq!(of(0).map(|of| of.hash.0), visit);
    assert_eq!(of(0).unwrap().event.as_ref().unwrap().kind, "VisitRecorded");
    assert_eq!(of(1).map(|of| of.hash.0), wrong);
    assert!(of(2).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_of_its_days_and_agency() {
    let mut scene = Scene::given(&OPENED).await;
    scene.tell(&["+1h NoteAdded as wrong", "+1h EventMisfiled on wrong"]).await;
    scene.office.give_token_keys().await;
    scene.reads("director", "supervision").await.unwrap();
    let place = scene.end().await;
    let all = [("changes", 1), ("readings", 1)];
    expect(&report(&place, Scope::default()), &all);
    let of = |agency| Scope { agency: Some(Shown(agency)), ..Scope::default() };
    expect(&report(&place, of(AGENCY)), &all);
    let other = report(&place, of(OTHER_AGENCY));
    expect(&other, &[]);
    assert_eq!((other.readings.count, other.open_duties.count), (0, 0));
    let day = |text: &str| Some(Shown(text.parse().unwrap()));
    let within = Scope { from: day("2026-03-03"), to: day("2026-03-03"), agency: None };
    expect(&report(&place, within), &all);
    for outside in [
        Scope { from: day("2026-03-04"), ..Scope::default() },
        Scope { to: day("2026-03-02"), ..Scope::default() },
    ] {
        expect(&report(&place, outside), &[]);
    }
}
