//! A small report in words, in both languages; and what must not be taken for markup.

use letopis_audit::{
    AccessFinding, ClockFinding, ClockRuleRef, EmergencyAccess, EventRef, Explanation, LedgerRef,
    Listed, Named, Readings, RecordRef, RefusalOf, Refusals, Report, Review, Scope, Shown,
    SignerRef, Supervision, Time, WordsRef,
};
use letopis_domain::clocks::Reading;
use letopis_domain::profile::{Basis, Duty};
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, AgencyId, Digest, LedgerId, StreamId, StreamKey, StreamKind};
use letopis_words::Lang;

use super::document::{self, SHOWN_MAX};
use super::{html, text};

const CASE: StreamKey = StreamKey { kind: StreamKind::Case, id: StreamId([0xca; 16]) };
const AGENCY: AgencyId = AgencyId([0xa0; 16]);
/// Monday, 2 March 2026, 10:00 in Sofia.
const BEGINNING: i64 = 1_772_438_400;
const DAY: i64 = 86_400;

fn event(sequence: u64, kind: &'static str, role: Role) -> Named {
    let actor = Shown(ActorId([0x21; 16]));
    let at = Time(BEGINNING + sequence as i64 * 3600);
    let event = EventRef {
        sequence,
        stream: Shown(CASE),
        kind,
        signers: vec![SignerRef { actor, role: Some(role), agency: Some(Shown(AGENCY)) }],
        happened_at: at,
        recorded_at: at,
    };
    Named { hash: Shown(Digest([sequence as u8; 32])), event: Some(event) }
}

fn listed<T>(items: Vec<T>) -> Listed<T> {
    Listed { count: items.len() as u64, omitted: 0, items }
}

fn late(words: &str) -> ClockFinding {
    let words = WordsRef { bg: words.to_owned(), en: words.to_owned() };
    ClockFinding {
        file: Shown(CASE),
        holder: Some(Shown(AGENCY)),
        rule: ClockRuleRef {
            number: 101,
            name: "signal-check".to_owned(),
            words,
            article: "чл. 10".to_owned(),
            basis: Some(Basis::Law),
            duty: Some(Duty::SocialWorker),
        },
        reading: Reading::Missed,
        first_reading: None,
        due: Time(BEGINNING + 10 * DAY),
        started_by: event(7, "SignalReceived", Role::DutyOfficer),
        ended_by: None,
        ended_at: None,
        missed_at: Some(Time(BEGINNING + 10 * DAY + 60)),
        explanation: Explanation::Missing,
        explained_by: Vec::new(),
    }
}

fn report(late: Listed<ClockFinding>) -> Report {
    let access = AccessFinding {
        file: Shown(CASE),
        opened_by: event(9, "BreakGlassOpened", Role::DutyOfficer),
        until: Time(BEGINNING + 12 * 3600),
        closed: false,
        review: Review::Missing,
        review_due: Some(Time(BEGINNING + 33 * 3600)),
        reviewed_by: None,
    };
    Report {
        format: "letopis-audit-report/1",
        ledger: LedgerRef {
            id: Shown(LedgerId([0x1d; 32])),
            name: "invented.example".to_owned(),
            trial: true,
        },
        record: RecordRef {
            events: 12,
            root: Shown(Digest([0x44; 32])),
            ends_at: Time(BEGINNING + 20 * DAY),
            continues: Some(5),
        },
        scope: Scope::default(),
        late,
        entered_late: Listed::default(),
        emergency_access: EmergencyAccess { opened: 1, findings: listed(vec![access]) },
        unreviewed_acts: Listed::default(),
        on_expired_qualification: Listed::default(),
        under_recusal: Listed::default(),
        under_delegation: Listed::default(),
        supervision: Supervision::default(),
        readings: Readings::default(),
        compromised_keys: Listed::default(),
        disputed: Listed::default(),
        refusals: Refusals::default(),
        unfinished_acts: Listed::default(),
        open_duties: Listed::default(),
        changes: Vec::new(),
    }
}

#[test]
fn a_small_report_reads_as_written() {
    let report = report(listed(vec![late("Проверка на сигнал")]));
    for (lang, expected) in
        [(Lang::Bg, include_str!("golden-bg.txt")), (Lang::En, include_str!("golden-en.txt"))]
    {
        assert_eq!(text::of(&document::of(&report, lang), lang), expected);
    }
}

#[test]
fn why_statements_were_refused_is_said_in_words() {
    let refused = |reason: u32| RefusalOf { reason, count: 2 };
    let counted = vec![refused(Reason::RuleBroken as u32), refused(9999)];
    let refusals = Refusals { counted, ..Refusals::default() };
    let report = Report { refusals, ..report(Listed::default()) };
    let json = serde_json::to_value(&report).unwrap();
    let names: Vec<_> = [0, 1].map(|at: usize| &json["refusals"]["counted"][at]["reason"]).to_vec();
    assert_eq!(names, ["rule_broken", "9999"]);
    for (lang, rule, unknown) in [
        (Lang::Bg, "изявления: правило на процедурата не го допуска", "изявления: 9999"),
        (Lang::En, "statements: a rule of the procedure does not allow it", "statements: 9999"),
    ] {
        let document = document::of(&report, lang);
        for told in [text::of(&document, lang), html::of(&document, lang)] {
            assert!(told.contains(rule) && told.contains(unknown), "{told}");
            assert!(!told.contains("rule_broken"), "{told}");
        }
    }
}

#[test]
fn what_stands_in_a_report_is_no_markup() {
    let hostile = "<script>alert('x')</script> & \"y\"";
    let page = html::of(&document::of(&report(listed(vec![late(hostile)])), Lang::En), Lang::En);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt; &amp; &quot;y&quot;"), "{page}");
}

#[test]
fn what_is_not_shown_is_counted() {
    let many = vec![late("Проверка на сигнал"); SHOWN_MAX + 3];
    let count = many.len() as u64 + 40;
    let report = report(Listed { count, omitted: 40, items: many });
    let document = document::of(&report, Lang::En);
    assert_eq!((document.parts[0].entries.len(), document.parts[0].more), (SHOWN_MAX, 43));
    assert!(text::of(&document, Lang::En).contains("… and 43 more; "));
    assert!(html::of(&document, Lang::En).contains("… and 43 more; "));
}

#[test]
fn for_a_program_it_has_names_that_stay() {
    let json = serde_json::to_value(report(listed(vec![late("Проверка")]))).unwrap();
    let clock = &json["late"]["items"][0];
    assert_eq!((&json["late"]["count"], &json["late"]["omitted"]), (&1.into(), &0.into()));
    assert_eq!(clock["file"], CASE.to_string());
    assert_eq!((&clock["reading"], &clock["explanation"]), (&"missed".into(), &"missing".into()));
    assert_eq!(
        (&clock["rule"]["basis"], &clock["rule"]["duty"]),
        (&"law".into(), &"social_worker".into())
    );
    assert_eq!(clock["due"], "2026-03-12T08:00:00Z");
    let started = &clock["started_by"];
    assert_eq!((&started["sequence"], &started["kind"]), (&7.into(), &"SignalReceived".into()));
    assert_eq!(started["signers"][0]["role"], "duty_officer");
    let mut names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = "changes compromised_keys disputed emergency_access entered_late format late ledger \
                    on_expired_qualification open_duties readings record refusals scope supervision \
                    under_delegation under_recusal unfinished_acts unreviewed_acts";
    assert_eq!(names.join(" "), expected);
}
