//! What a document says.

use super::*;
use crate::{Code, shared};

#[test]
fn a_case_is_told_in_steps_on_moved_days() {
    let document = made(CASE, Grain::Day);
    let told = [
        "CaseOpened",
        "AssessmentCompleted",
        "VisitRecorded",
        "PlanAdopted",
        "ReviewHeld",
        "CaseClosed",
    ];
    assert_eq!(kinds(&document), told);
    let numbers: Vec<_> = document.steps.iter().map(|step| step.day_number().unwrap()).collect();
    let apart: Vec<_> = numbers.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(apart, [3, 2, 10, 31, 40]);
    // The story begins on Monday, 2 March 2026, and days are moved by 53 weeks and the random 7.
    assert_eq!(document.steps[0].day, "2025-01-06");
    let assessed = &document.steps[1];
    let code = |field: &str, value: &str| Code { field: field.to_owned(), value: value.to_owned() };
    assert_eq!(assessed.codes, [code("age_band", "AGE_BAND_UNDER_10")]);
    assert_eq!(document.steps[2].codes, [code("child_seen_alone", "yes")]);
    let who: Vec<_> = assessed.by.iter().map(|label| label.number).collect();
    assert_eq!(who, [1, 2], "the worker, who opened the case, and the head");
    assert_eq!(document.risk.weeks, 13);
    assert!(document.risk.exact_days && !document.risk.age_changes);
}

#[test]
fn weekdays_stay_and_coarser_grains_keep_the_order_alone() {
    let exact = made("+2d CaseOpened\n+5d VisitRecorded", Grain::Day);
    assert_eq!(exact.steps[0].day, "2025-01-08", "a Wednesday, as in the case");
    let weeks = made(CASE, Grain::Week);
    let days: Vec<_> = weeks.steps.iter().map(|step| step.day.as_str()).collect();
    assert_eq!(
        days,
        ["2025-01-06", "2025-01-06", "2025-01-06", "2025-01-20", "2025-02-17", "2025-03-31"]
    );
    assert_eq!(
        (weeks.steps[0].clocks[0].given_days, weeks.steps[0].clocks[0].taken_days),
        (Some(28), Some(21))
    );
    let fours = made(CASE, Grain::FourWeeks);
    assert!(fours.steps.iter().all(|step| (step.day_number().unwrap() + 3) % 28 == 0));
    assert_eq!(fours.steps[0].clocks[0].taken_days, Some(28));
    assert!(!weeks.risk.exact_days && !fours.risk.exact_days);
}

#[test]
fn terms_are_told_in_the_days_of_the_law() {
    let told = |start: &str, due: &str, ended: &str| {
        let mut past = past("CaseOpened");
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let clock = &mut past[0].clocks[0];
        (clock.started_at, clock.due, clock.ended_at) = (at(start), at(due), Some(at(ended)));
        let clock = &make(&past, &wishes(Grain::Day)).unwrap().steps[0].clocks[0];
        (clock.given_days.unwrap(), clock.taken_days.unwrap())
    };
    // Fourteen days, through the end of the last, over the end of summer time.
    let ended = "2026-10-20T21:30:00Z";
    assert_eq!(told("2026-10-20T08:00:00Z", "2026-11-03T22:00:00Z", ended), (14, 1));
    // A day of hours, kept within the hour.
    let ended = "2026-03-02T09:00:00Z";
    assert_eq!(told("2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", ended), (1, 1));
}

#[test]
fn no_term_tells_by_its_days_when_in_the_year_it_ran() {
    let told = |name: &str, due: i64| {
        let mut past = past("CaseOpened");
        let clock = &mut past[0].clocks[0];
        name.clone_into(&mut clock.name);
        clock.due = clock.started_at + due * 86_400;
        make(&past, &wishes(Grain::Day)).unwrap()
    };
    // A month: February's days are 28. Working days; a term to the next working day; one that its event states.
    for name in ["court-request", "transfer-answer", "appeal-term", "court-term"] {
        for due in [28, 31] {
            let clock = &told(name, due).steps[0].clocks[0];
            assert_eq!((clock.given_days, clock.taken_days), (None, Some(20)), "{name}");
        }
    }
    let line = told("supervision", 30).to_line().unwrap();
    assert!(line.contains("\"given_days\":30"), "{line}");
    // Nor is one read that does, or that leaves out what every such term has.
    for (from, to) in [("supervision", "court-request"), (",\"given_days\":30", "")] {
        let changed = line.replacen(from, to, 1);
        assert_ne!(changed, line);
        assert!(Document::parse(&changed).is_err(), "{changed}");
    }
}

#[test]
fn every_document_moves_by_another_time_and_none_into_the_case() {
    let past = past(CASE);
    let first = |random| {
        let document = make(&past, &Wishes { random, ..wishes(Grain::Day) }).unwrap();
        document.steps[0].day_number().unwrap()
    };
    assert_eq!(first(0) - first(519), 519 * 7);
    assert_eq!(first(520), first(0));
    // A case of more than a year moves by more than that.
    let long = "CaseOpened\n+800d ReviewHeld";
    let document = make(&super::past(long), &Wishes { random: 0, ..wishes(Grain::Day) }).unwrap();
    assert!(document.steps[1].day.as_str() < "2026-03-02");
    // Nor is the day of what is not told one of the document's: the note was written on 2 March 2026.
    let noted = super::past("NoteAdded\n+378d CaseOpened");
    let document = make(&noted, &Wishes { random: 0, ..wishes(Grain::Day) }).unwrap();
    assert_eq!(document.steps[0].day, "2026-02-23", "55 weeks back, and not 53");
}

#[test]
fn the_protected_part_is_not_told_nor_what_follows_from_it() {
    let mut past = past(CASE);
    let declared = hash(&past[4]);
    assert_eq!(made(CASE, Grain::Day).steps[0].clocks.len(), 1);
    past[0].clocks[0].ended_by = declared.0.to_vec().into();
    let document = make(&past, &wishes(Grain::Day)).unwrap();
    assert!(document.steps[0].clocks.is_empty());
    assert!(!document.to_line().unwrap().contains("Conflict"));
    // Of what began elsewhere, a signal, the step that ended it tells.
    past[0].clocks[0].started_by = vec![0x55; 32].into();
    past[0].clocks[0].ended_by = hash(&past[0]).0.to_vec().into();
    assert_eq!(make(&past, &wishes(Grain::Day)).unwrap().steps[0].clocks.len(), 1);
    past[0].clocks[0].started_by = declared.0.to_vec().into();
    assert!(make(&past, &wishes(Grain::Day)).unwrap().steps[0].clocks.is_empty());
    past[0].clocks[0].started_by = vec![0x55; 32].into();
    past[0].clocks[0].name = "of-our-town".to_owned();
    assert!(make(&past, &wishes(Grain::Day)).unwrap().steps[0].clocks.is_empty());
}

#[test]
fn terms_say_nothing_of_what_is_left_out() {
    let mut past = past(CASE);
    let (assessed, visited, closed) = (hash(&past[1]), hash(&past[2]), hash(&past[6]));
    past.iter_mut().for_each(|past| past.clocks.clear());
    let mut clocks = super::past("CaseOpened").remove(0).clocks;
    let clock = &mut clocks[0];
    (clock.started_by, clock.ended_by) = (assessed.0.to_vec().into(), visited.0.to_vec().into());
    past[1].clocks = clocks.clone();
    past[2].clocks = clocks;
    let terms = |past: &[Past], left_out: &[&str]| {
        let left_out: Vec<_> = left_out.iter().map(|kind| (*kind).to_owned()).collect();
        let document = make(past, &Wishes { left_out: &left_out, ..wishes(Grain::Week) });
        document.unwrap().steps.iter().map(|step| step.clocks.len()).collect::<Vec<_>>()
    };
    assert_eq!(terms(&past, &[]), [0, 1, 0, 0, 0, 0]);
    assert_eq!(terms(&past, &["VisitRecorded"]), [0; 5], "nor when there was a visit");
    assert_eq!(terms(&past, &["AssessmentCompleted"]), [0; 5], "nor that there was a beginning");
    // By what is of no kind that is told, or not known here at all.
    let note = super::past("CaseOpened\n+1d NoteAdded").remove(1);
    let ended_by = |past: &mut [Past], hash: Digest| {
        past[1].clocks[0].ended_by = hash.0.to_vec().into();
    };
    ended_by(&mut past, hash(&note));
    past.push(note);
    assert_eq!(terms(&past, &[]), [0; 6]);
    ended_by(&mut past, Digest([0x55; 32]));
    assert_eq!(terms(&past, &[]), [0; 6]);
    ended_by(&mut past, closed);
    assert_eq!(terms(&past, &[]), [0, 1, 0, 0, 0, 0]);
}

#[test]
fn corrections_are_applied_and_what_belongs_elsewhere_is_gone() {
    let mut past = past("CaseOpened\n+1d AssessmentCompleted age=under-10\n+1d VisitRecorded");
    past[2].misfiled = true;
    past[0].corrected_at = Some(letopis_domain::testing::BEGINNING - 7 * 86_400);
    let fact = proto::AssessmentCompleted { age_band: proto::AgeBand::AgeBand14To17.into() };
    let kind = proto::fact::Kind::AssessmentCompleted(fact);
    let mut message = proto::Statement::decode(&*past[1].statement).unwrap();
    message.fact = Some(proto::Fact {
        kind: Some(proto::fact::Kind::EventCorrected(Box::new(proto::EventCorrected {
            event: hash(&past[1]).0.to_vec(),
            fact: Some(Box::new(proto::Fact { kind: Some(kind) })),
            ..proto::EventCorrected::default()
        }))),
    });
    let correction = Past { statement: message.encode_to_vec(), ..Past::default() };
    past[1].corrected_by = vec![hash(&correction)];
    past.push(correction);
    let document = make(&past, &wishes(Grain::Day)).unwrap();
    assert_eq!(kinds(&document), ["CaseOpened", "AssessmentCompleted"]);
    assert_eq!(document.steps[1].codes[0].value, "AGE_BAND_14_TO_17");
    let days: Vec<_> = document.steps.iter().map(|step| step.day_number().unwrap()).collect();
    assert_eq!(days[1] - days[0], 8);
}

#[test]
fn people_are_roles_and_numbers() {
    let mut past = past("CaseOpened\n+1d VisitRecorded\n+1d VisitRecorded\n+1d VisitRecorded");
    let roles = [(1, Role::HeadOfDepartment), (2, Role::SocialWorker), (3, Role::SocialWorker)];
    for (past, (who, role)) in past.iter_mut().zip(roles) {
        past.authors = vec![(actor(who), role as u32)];
    }
    past[3].authors = vec![(actor(2), Role::SocialWorker as u32), (actor(9), 999)];
    let document = make(&past, &wishes(Grain::Week)).unwrap();
    let people: Vec<_> = document.steps.iter().flat_map(|step| &step.by).collect();
    let people: Vec<_> = people.iter().map(|one| (one.role.as_str(), one.number)).collect();
    let worker = "ROLE_SOCIAL_WORKER";
    let all = [
        ("ROLE_HEAD_OF_DEPARTMENT", 1),
        (worker, 1),
        (worker, 2),
        (worker, 1),
        ("ROLE_UNSPECIFIED", 1),
    ];
    assert_eq!(people, all);
    assert_eq!(document.risk.people, 4);
}

#[test]
fn the_remaining_risk_is_counted() {
    let story = "CaseOpened\n+1d AssessmentCompleted age=under-10\n+400d ReviewHeld age=10-to-13
        +1d ChildMissing\n+1d ChildFound";
    let risk = made(story, Grain::Week).risk;
    assert_eq!((risk.steps, risk.weeks, risk.exact_days), (5, 58, false));
    assert!(risk.age_changes);
    assert_eq!(risk.stands_out, ["ChildFound", "ChildMissing"]);
    // As long as it may have been, by what is told: of one day, a day, a week, four of them. The second week of
    // the story begins the next four.
    let weeks = |story: &str| {
        [Grain::Day, Grain::Week, Grain::FourWeeks].map(|grain| made(story, grain).risk.weeks)
    };
    assert_eq!(weeks("CaseOpened"), [1, 1, 4]);
    assert_eq!(weeks("CaseOpened\n+6d VisitRecorded"), [1, 1, 4]);
    assert_eq!(weeks("CaseOpened\n+7d VisitRecorded"), [2, 2, 8]);
    assert_eq!(weeks("+6d CaseOpened\n+1d VisitRecorded"), [1, 2, 8]);
    assert_eq!(weeks("CaseOpened\n+56d VisitRecorded"), [9, 9, 12]);
    let left_out = ["ChildMissing".to_owned(), "ChildFound".to_owned()];
    let wishes = Wishes { left_out: &left_out, ..wishes(Grain::Week) };
    let document = make(&past(story), &wishes).unwrap();
    assert_eq!(document.left_out, ["ChildFound", "ChildMissing"]);
    assert!(document.risk.stands_out.is_empty());
}

#[test]
fn an_introduction_with_an_id_or_a_day_of_the_case_is_refused() {
    let past = past(CASE);
    let with = |introduction: &str| make(&past, &Wishes { introduction, ..wishes(Grain::Week) });
    assert_eq!(with("  Измислен въпрос.\n").unwrap().introduction, "Измислен въпрос.");
    let case = proto::Statement::decode(&*past[0].statement).unwrap().stream.unwrap().id;
    let case = letopis_types::StreamId::from_slice(&case).unwrap().to_string();
    let hash = hash(&past[3]).to_string().to_uppercase();
    for id in [&case, &case[..8], &hash[..10]] {
        let refused = with(&format!("Случай {id}"));
        let whose = "introduction";
        assert_eq!(refused, Err(MakeError::Reveals { whose, what: "an id" }), "{id}");
    }
    for day in [
        "2026-03-05",
        "5.3.2026",
        "05.03.2026",
        "5.03.2026",
        "5. 3. 2026",
        "05.03.26",
        "5/3/2026",
        "05-03-2026",
        "5 март 2026",
        "05 МАРТ 2026",
        "5-ти март",
        "5ти март т.г",
        "5 мар. 2026",
        "5 March 2026",
        "5th March",
        "March 5, 2026",
    ] {
        let refused = with(&format!("Оценката от {day} г."));
        let whose = "introduction";
        assert_eq!(refused, Err(MakeError::Reveals { whose, what: "a day" }), "{day}");
    }
    let mut corrected = past.clone();
    corrected[1].corrected_at = Some(letopis_domain::testing::BEGINNING);
    let wishes = Wishes { introduction: "На 5 март.", ..wishes(Grain::Week) };
    assert!(make(&corrected, &wishes).is_err(), "the day that was stated first");
    for other in
        ["6.3.2026", "15.3.2026", "5.3.2019", "5 март 2019", "5 мерки", "т. 5.3", "март", "5", ""]
    {
        assert!(with(&format!("На {other} не е станало нищо.")).is_ok(), "{other}");
    }
    assert!(with("обърнат \u{202e}текст").is_err() && with("\u{7}").is_err());
    assert!(with(&"а".repeat(5000)).is_err());
}

#[test]
fn what_cannot_be_told_is_refused() {
    let made = |story: &str, left_out: &[&str]| {
        let left_out: Vec<_> = left_out.iter().map(|kind| (*kind).to_owned()).collect();
        make(&past(story), &Wishes { left_out: &left_out, ..wishes(Grain::Week) })
    };
    assert_eq!(made("NoteAdded", &[]), Err(MakeError::Empty));
    assert_eq!(made("CaseOpened", &["CaseOpened"]), Err(MakeError::Empty));
    let kind = "PersonLinked".to_owned();
    assert_eq!(made(CASE, &["PersonLinked"]), Err(MakeError::NotAKind { kind }));
    let many = "VisitRecorded\n".repeat(257);
    assert_eq!(made(&many, &[]), Err(MakeError::TooMany { count: 257, max: 256 }));
    assert_eq!(made(&many, &["VisitRecorded"]), Err(MakeError::Empty));
    // One section fewer leaves room for naming none.
    let mut full = past("VisitRecorded\n+1d ReviewHeld");
    give_sections(&mut full[1], 31);
    assert!(make(&full, &wishes(Grain::Week)).is_ok());
    give_sections(&mut full[1], 32);
    let refused = MakeError::AllSections { kind: "ReviewHeld", max: 32 };
    assert!(refused.to_string().contains("--leave-out ReviewHeld"), "{refused}");
    assert_eq!(make(&full, &wishes(Grain::Week)), Err(refused));
    let left_out = ["ReviewHeld".to_owned()];
    assert!(make(&full, &Wishes { left_out: &left_out, ..wishes(Grain::Week) }).is_ok());
    // Somebody wrote a year of five digits, and corrects that.
    let mut far = past("CaseOpened\n+1d NoteAdded");
    far[1].corrected_at = Some(letopis_domain::testing::BEGINNING + 300_000_000_000);
    assert_eq!(make(&far, &wishes(Grain::Week)), Err(MakeError::Calendar));
    far[1].corrected_at = None;
    assert!(make(&far, &wishes(Grain::Week)).is_ok());
    let unreadable = Past { statement: vec![0xff], ..Past::default() };
    assert_eq!(make(&[unreadable], &wishes(Grain::Week)), Err(MakeError::Unreadable));
}

fn give_sections(past: &mut Past, count: usize) {
    let mut statement = proto::Statement::decode(&*past.statement).unwrap();
    let section = proto::Section {
        class: proto::Class::Normal.into(),
        payload_type: "text/plain".to_owned(),
        commitment: vec![0x5c; 32],
    };
    statement.sections = vec![section; count];
    past.statement = statement.encode_to_vec();
}

#[test]
fn what_was_shared_is_found_in_its_case_alone() {
    let past = past(CASE);
    let left_out = ["VisitRecorded".to_owned()];
    let wishes =
        Wishes { left_out: &left_out, introduction: "Измислено.", ..wishes(Grain::Week) };
    let document = make(&past, &wishes).unwrap();
    let told = [0, 1, 3, 5, 6].map(|at: usize| hash(&past[at]));
    assert_eq!(shared(&past, &document, "Нищо."), Ok(told.to_vec()));
    assert_eq!(shared(&past[..6], &document, ""), Err(MakeError::OtherCase));
    let other = super::past(&CASE.replacen("under-10", "14-to-17", 1));
    assert_eq!(shared(&other, &document, ""), Err(MakeError::OtherCase));
}

#[test]
fn a_case_of_the_same_steps_on_other_days_is_another() {
    let (past, other) = (past(CASE), past(&CASE.replacen("+30d", "+65d", 1)));
    for grain in [Grain::Day, Grain::Week, Grain::FourWeeks] {
        for random in [0, 1, 2, 3, 519] {
            let document = make(&past, &Wishes { random, ..wishes(grain) }).unwrap();
            assert_eq!(shared(&past, &document, "").unwrap().len(), 6);
            assert_eq!(shared(&other, &document, ""), Err(MakeError::OtherCase));
        }
    }
}

#[test]
fn neither_introduction_nor_review_names_the_case_that_is_recorded() {
    let past = past(CASE);
    let document = made(CASE, Grain::Week);
    let found = "Посещението от 7.3.2026 г. е разпознаваемо.";
    let refused = shared(&past, &document, found);
    assert_eq!(refused, Err(MakeError::Reveals { whose: "review", what: "a day" }));
    // Nor does one that another program made.
    let document = Document { introduction: found.to_owned(), ..document };
    let refused = shared(&past, &document, "");
    assert_eq!(refused, Err(MakeError::Reveals { whose: "introduction", what: "a day" }));
}

#[test]
fn nothing_but_what_is_told_is_read() {
    let line = made(CASE, Grain::Week).to_line().unwrap();
    assert_eq!(Document::parse(&line).unwrap().to_line().unwrap(), line);
    let changes = [
        ("\"kind\":\"VisitRecorded\"", "\"kind\":\"PersonLinked\""),
        ("\"kind\":\"VisitRecorded\"", "\"kind\":\"VisitRecorded\",\"who\":\"x\""),
        ("\"value\":\"no\"", "\"value\":\"Иван\""),
        ("AGE_BAND_UNDER_10", "AGE_BAND_UNSPECIFIED"),
        ("\"name\":\"assessment\"", "\"name\":\"case-cacacaca\""),
        ("\"taken_days\":21", "\"taken_days\":20"),
        ("\"number\":3", "\"number\":7"),
        (
            "\"role\":\"ROLE_SOCIAL_WORKER\",\"number\":1",
            "\"role\":\"ROLE_SOCIAL_WORKER\",\"number\":4",
        ),
        ("ROLE_SOCIAL_WORKER", "ROLE_OF_SOFIA"),
        ("\"day\":\"2025-01-20\"", "\"day\":\"2025-01-21\""),
        ("\"day\":\"2025-01-20\"", "\"day\":\"2023-01-16\""),
        ("\"weeks\":13", "\"weeks\":2"),
        ("whoever knows the family may recognise it", "nobody can recognise it"),
        ("{\"format\"", "{ \"format\""),
        ("letopis.deidentified.v1", "letopis.deidentified.v2"),
        ("\"grain\":\"week\"", "\"grain\":\"week\",\"left_out\":[]"),
        ("\"grain\":\"week\"", "\"grain\":\"week\",\"left_out\":[\"VisitRecorded\"]"),
        ("\"grain\":\"week\"", "\"grain\":\"week\",\"left_out\":[\"Иван\"]"),
        ("\"grain\":\"week\"", "\"grain\":\"four-weeks\""),
    ];
    for (from, to) in changes {
        let changed = line.replacen(from, to, 1);
        assert_ne!(changed, line, "{from}");
        assert!(Document::parse(&changed).is_err(), "{to}");
    }
}
