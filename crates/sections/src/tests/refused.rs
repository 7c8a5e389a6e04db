//! Refusals that a social worker could meet, and how they read.

use letopis_types::Class;

use crate::check;

const CASES: &[(&str, &str, &str)] = &[
    (
        "goals/1",
        r#"{"goals":[{"goal":"Детето спи спокойно","actions":[{"what":"Да слуша","due":"2026-12-01","indicator":"Слуша"}]}]}"#,
        "goals/1: /goals/0/actions/0: owner_adult is missing",
    ),
    (
        "goals/1",
        r#"{"goals":[{"goal":"Детето спи спокойно","actions":[{"what":"Да слуша","owner_adult":{"role":"child"},"due":"2026-12-01","indicator":"Слуша"}]}]}"#,
        "goals/1: /goals/0/actions/0/owner_adult/role: must be one of [\"parent\",\"guardian\",\"carer\",\"relative\",\"social_worker\",\"provider\",\"teacher\",\"doctor\",\"police\",\"municipality\",\"other\"]",
    ),
    ("goals/1", r#"{"goals":[]}"#, "goals/1: /goals: too few items: at least 1"),
    ("strengths/1", r#"{"strengths":[]}"#, "strengths/1: /strengths: too few items: at least 1"),
    (
        "alternatives/1",
        r#"{"alternatives":[]}"#,
        "alternatives/1: /alternatives: too few items: at least 1",
    ),
    (
        "best-interests/1",
        r#"{"wishes":"А","needs":"Б","age_and_characteristics":"В","danger_or_harm":"Г","parents_capacity":"Д","consequences_of_change":"Е"}"#,
        "best-interests/1: the whole: other is missing",
    ),
    (
        "best-interests/1",
        r#"{"wishes":"   ","needs":"Б","age_and_characteristics":"В","danger_or_harm":"Г","parents_capacity":"Д","consequences_of_change":"Е","other":"Ж"}"#,
        "best-interests/1: /wishes: must not be blank",
    ),
    ("views/1", "{}", "views/1: the whole: too few of its properties: at least 1"),
    (
        "views/1",
        r#"{"not_heard":{"ground":"busy","reason":"Нямаше време"}}"#,
        "views/1: /not_heard/ground: must be one of [\"harm\",\"under_10\",\"urgent\",\"missing\",\"refused\",\"health\",\"other\"]",
    ),
    ("views/1", r#"{"not_heard":{"ground":"harm"}}"#, "views/1: /not_heard: reason is missing"),
    (
        "identity/1",
        r#"{"name":"Измислена","birth":{"date":"2014-02-30"},"identifier":{"egn":"0000000000"},"address":"гр. Никъде"}"#,
        "identity/1: /birth/date: must be a date of the calendar",
    ),
    (
        "identity/1",
        r#"{"name":"Измислена","birth":{"date":"2014-02-28"},"identifier":{"egn":"000000000"},"address":"гр. Никъде"}"#,
        "identity/1: /identifier/egn: must match ^[0-9]{10}$",
    ),
    (
        "appeal-notice/1",
        r#"{"before":"court","body":"Съд","within_days":0,"how":"Писмено"}"#,
        "appeal-notice/1: /within_days: must be at least 1",
    ),
    (
        "appeal-notice/1",
        r#"{"before":"court","body":"Съд","within_days":14.5,"how":"Писмено"}"#,
        "appeal-notice/1: /within_days: must be of type integer",
    ),
    (
        "appeal-notice/1",
        r#"{"before":"court","body":"Съд","within_days":"14","how":"Писмено"}"#,
        "appeal-notice/1: /within_days: must be of type integer",
    ),
    (
        "note/1",
        r#"{"text":"А","author":"Измислена"}"#,
        "note/1: the whole: has a property that the schema does not know",
    ),
    ("note/1", r#"{"text":null}"#, "note/1: /text: must be of type string"),
    ("note/1", r#""Свободен текст""#, "note/1: the whole: must be of type object"),
    (
        "note/1",
        "Свободен текст",
        "note/1: not JSON at line 1, column 1: write it as JSON (RFC 8259)",
    ),
    ("note/1", "", "note/1: not JSON at line 1, column 0: write it as JSON (RFC 8259)"),
    (
        "note/1",
        "{\"text\":\"А\",\n\"text\":\"Б\"}",
        "note/1: a name stands twice in one object, at line 2, column 6: keep one",
    ),
    (
        "measure/1",
        r#"{"code":"чл. 4","article":"чл. 4"}"#,
        "measure/1: /code: must match ^[0-9]{1,3}[a-zа-я]?(-[0-9]{1,3}[a-zа-я]?){0,3}$",
    ),
    (
        "visit/1",
        r#"{"where":"В дома","date":"2026-11-29","who":["Майката"],"seen_alone":false,"observations":"Тихо"}"#,
        "visit/1: the whole: not_alone_because is missing",
    ),
    (
        "weight/1",
        r#"{"told_to_child":"Решихме друго.","followed":"no","how":"Разговор"}"#,
        "weight/1: the whole: why_not is missing",
    ),
    (
        "handover/1",
        r#"{"what":"Преглед","becomes":"handed_on","why":"Преместване"}"#,
        "handover/1: the whole: to is missing",
    ),
    (
        "declaration/1",
        r#"{"name":"Измислена Лелина","relation":"леля","agrees":false,"signed_on":"2026-11-18"}"#,
        "declaration/1: the whole: conditions is missing",
    ),
    (
        "court-report/1",
        r#"{"kind":"custody","court":"Съд","text":"Иск"}"#,
        "court-report/1: the whole: not_shown_because is missing",
    ),
    (
        "subject-access/1",
        r#"{"who":"Майката","asked_on":"2026-12-01","given":"План","withheld":"Подателят"}"#,
        "subject-access/1: the whole: withheld_because is missing",
    ),
];

const RIGHT: &[(&str, &str)] = &[
    ("handover/1", r#"{"what":"Преглед","becomes":"dropped","why":"Пълнолетие"}"#),
    ("weight/1", r#"{"told_to_child":"Както каза.","followed":"yes","how":"Разговор"}"#),
    ("court-report/1", r#"{"kind":"placement","court":"Съд","text":"Искане"}"#),
    ("reporter/1", r#"{"anonymous":{"accepted_because":"violence"}}"#),
    ("risks/1", r#"{"none_found":"Детето е при баба си и е добре."}"#),
    ("aid/1", r#"{"refused":{"what":"Помощ","reasons":"Доходът е над прага."}}"#),
    ("views/1", r#"{"not_heard":{"ground":"under_10","reason":"На две години"}}"#),
];

#[test]
fn what_is_asked_for_only_sometimes_may_be_left_out_else() {
    for (payload_type, content) in RIGHT {
        let answer = check(payload_type, Class::VeryRestricted, content.as_bytes());
        assert_eq!(answer.map(drop), Ok(()), "{content}");
    }
}

#[test]
fn what_is_refused_says_where_and_what_to_do() {
    for (payload_type, content, expected) in CASES {
        let error = check(payload_type, Class::VeryRestricted, content.as_bytes());
        assert_eq!(error.expect_err(content).to_string(), *expected);
    }
    let low = check("place/1", Class::Restricted, b"{}").unwrap_err();
    assert_eq!(
        low.to_string(),
        "place/1 stands in class VeryRestricted at least, and not in Restricted: raise it"
    );
    let text = "{\"text\":\"А\"}".as_bytes();
    let not_utf8 = check("note/1", Class::Normal, &text[..10]).unwrap_err();
    assert_eq!(not_utf8.to_string(), "note/1: not UTF-8 from byte 9 on: encode the text in UTF-8");
}
