//! The command line on a small invented office: real processes, a real server, keys in files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use support::{Office, Said, letopis, secret};

#[path = "office/answering.rs"]
mod answering;
#[path = "office/bench.rs"]
mod bench;
#[path = "office/deidentified.rs"]
mod deidentified;
#[path = "office/exporting.rs"]
mod exporting;
#[path = "office/figures.rs"]
mod figures;
#[path = "office/forms.rs"]
mod forms;
#[path = "office/hand_over.rs"]
mod hand_over;
#[path = "office/keys.rs"]
mod keys;
#[path = "office/operator.rs"]
mod operator;
#[path = "office/recording.rs"]
mod recording;
#[path = "office/support.rs"]
mod support;

/// On which ground it is shared.
const BASIS: [&str; 8] = [
    "--ground",
    "16-1",
    "--article",
    "чл. 16, ал. 1 ЗЗДет",
    "--what",
    "Само оценката",
    "--receiver",
    "social",
];

/// What the child said in the demo's case.
const WORDS_OF_THE_CHILD: &str = "Искам мама да не плаче";

#[test]
fn the_demo_shows_who_may_see_what() {
    let said = letopis(&["demo", "--lang", "bg"]);
    assert!(said.ok, "{}", said.err);
    for expected in [
        "приета е политиката за достъп: длъжностното лице и двама регистратори",
        "приети са правилата на процедурата: директорът и двама регистратори",
        "летописът отказва: няма действаща оценка на случая",
        "правило: plan.not-assessed",
        "основание: ",
        "отказът е подписан от летописа",
        "░ 4:1  скрито: строго ограничено. Никое правило не го разрешава.",
        "Образец Примеров, началник ОЗД:\n",
        WORDS_OF_THE_CHILD,
        "░ 7:0  заличено: обикновено",
        "Проба Примерова, директор ДСП, директор на ДСП",
        "за: супервизия и ръководство; раздели 1:0",
        "1 заличени, всеки от вписано заличаване",
        "Проверката го намира:",
    ] {
        assert!(said.out.contains(expected), "{expected}\n{}", said.out);
    }
}

#[test]
fn a_file_is_shown_as_its_reader_may_see_it() {
    let office = Office::open();
    let worker = office.file("show", "worker", &["--lang", "bg"]).good();
    assert!(worker.contains("16 събития; скрити раздели: 1; заличени: 1"), "{worker}");
    assert!(worker.contains("за: работа по случая"), "{worker}");
    assert!(worker.contains("░ 4:1  скрито: строго ограничено. "), "{worker}");
    assert!(worker.contains("░ 7:0  заличено: обикновено"), "{worker}");
    assert!(!worker.contains(WORDS_OF_THE_CHILD), "{worker}");

    let head = office.file("show", "head", &["--lang", "bg"]).good();
    assert!(head.contains(WORDS_OF_THE_CHILD), "{head}");
    assert!(head.contains("└ 4:1  строго ограничено"), "{head}");
    let normal = office.file("show", "head", &["--class", "normal"]).good();
    // A section's place, not a time of day.
    assert!(!normal.contains("└ 4:") && !normal.contains("░ 4:"), "{normal}");

    let json = office.file("show", "worker", &["--json"]).good();
    let entries: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries[3]["kind"], "ChildHeard");
    assert_eq!(entries[3]["withheld"][0]["rule"], "no-rule");
    assert_eq!(entries[6]["withheld"][0]["erased"], true);

    let registrar = format!("{}/keys/registrar-1.key", office.root());
    let refused = office.run(&["file", "show", &office.case, "--key", &registrar]);
    assert!(refused.bad().contains("--purpose"), "{}", refused.err);
}

#[test]
fn ledger_and_cases_are_told_in_both_languages() {
    let mut office = Office::open();
    let key = office.key("worker");
    let case = office.case.clone();
    let of = |command: &[&str], lang| {
        office.run(&[command, &["--lang", lang, "--key", &key]].concat()).good()
    };
    let status = of(&["status"], "bg");
    assert!(status.starts_with("ПРОБЕН летопис: "), "{status}");
    assert!(status.contains("\nключ за проверка   demo.example/"), "{status}");
    let status = of(&["status"], "en");
    assert!(status.contains("\nverification key   demo.example/"), "{status}");
    let list = of(&["case", "list"], "bg");
    assert!(list.contains(&format!("{case}     16 събития, последното под номер ")), "{list}");
    assert!(list.ends_with("\nобщо 1 случай\n"), "{list}");
    let list = of(&["case", "list"], "en");
    assert!(list.contains(&format!("{case}     16 events, the last at sequence ")), "{list}");
    assert!(list.ends_with("\n1 case\n"), "{list}");

    office.server.take().unwrap().stop();
    let of = |lang| letopis(&["verify", "--data", &office.root(), "--lang", lang]).good();
    let said = of("bg");
    assert!(said.starts_with("ПРОБЕН летопис: "), "{said}");
    assert!(said.contains("\nраздели          "), "{said}");
    assert!(said.contains(" отворени и сверени, 1 заличени"), "{said}");
    assert!(said.contains("\nпроверено        всичко, за "), "{said}");
    let said = of("en");
    assert!(said.contains(" opened and compared, 1 erased, each by an erasure"), "{said}");
    assert!(said.contains("\nverified    everything, in "), "{said}");
}

#[test]
fn who_read_and_who_may_is_told() {
    let office = Office::open();
    office.file("show", "worker", &[]).good();
    let worker = office.actor("worker");
    let readings = office.file("readings", "head", &["--lang", "bg"]).good();
    let newest = readings.split("\n\n").nth(1).unwrap();
    assert!(newest.contains(&format!("{}, социален работник", &worker[..8])), "{readings}");
    assert!(newest.contains("за: работа по случая; раздели 1:0 2:0"), "{readings}");
    let for_person = office.file("readings", "head", &["--for-person", "--lang", "bg"]).good();
    assert!(for_person.contains("социален работник, структура"), "{for_person}");
    assert!(!for_person.contains(&worker[..8]), "{for_person}");

    let access = office.file("access", "head", &["--lang", "bg"]).good();
    assert!(access.contains(&format!("{}  социален работник", &worker[..8])), "{access}");
    assert!(access.contains("(lead-reads-case)"), "{access}");

    let why = office.file("explain", "worker", &["--event", "4", "--lang", "bg"]).good();
    assert!(why.contains("4:0  ограничено: може\n"), "{why}");
    assert!(why.contains("4:1  строго ограничено: не може\n    Никое правило"), "{why}");
    assert!(why.contains("води случая"), "{why}");
    let other = ["--event", "4", "--actor", &worker, "--actor-purpose", "case_work"];
    let by_head = office.file("explain", "head", &other).good();
    assert!(by_head.contains("4:1  very restricted: may not be read"), "{by_head}");
    // Of others only who oversees the file may ask.
    let duty = office.file("explain", "duty", &["--event", "4", "--actor", &worker]);
    assert!(duty.bad().contains("refused"), "{}", duty.err);

    let watched = office.run(
        &[
            &["file", "watch", &office.case, "--count", "1", "--lang", "bg", "--key"][..],
            &[&office.key("head")],
        ]
        .concat(),
    );
    assert!(watched.good().contains(&format!("преписка {}", office.case)));
}

#[test]
fn what_is_signed_is_shown_and_agreed_to() {
    let office = Office::open();
    let to = office.actor("duty");
    let necessity = "Дежурният поема случая през уикенда.";
    let share = ["--to", &to, "--event", "3:0", "--necessity", necessity, "--lang", "bg"];
    let share = [&share[..], &BASIS].concat();
    let closed = office.file_asked("share", "head", &share, "да\n");
    assert!(closed.bad().contains("give --until"), "{}", closed.err);
    let share = [&share[..], &["--until", "2099-12-31"]].concat();
    // Not even that there is a case.
    office.file("show", "duty", &["--lang", "bg"]).bad();

    let refused = office.file_asked("share", "head", &share, "не\n");
    assert!(refused.bad().contains("не е подписано"), "{}", refused.err);
    assert!(refused.err.contains("Предоставяне на информация (InformationShared)"));
    assert!(refused.err.contains(necessity), "{}", refused.err);
    let nobody = office.file_asked("share", "head", &share, "");
    assert!(nobody.bad().contains("не е подписано"), "{}", nobody.err);

    let agreed = office.file_asked("share", "head", &share, "да\n").good();
    assert!(agreed.starts_with("вписано под номер "), "{agreed}");
    let after = office.file("show", "duty", &["--lang", "bg"]).good();
    assert!(after.contains("└ 3:0  ограничено"), "{after}");
    assert!(after.contains("░ 5:0  скрито"), "{after}");

    let missing = ["--to", &to, "--event", "3:9", "--necessity", "няма такъв", "--yes"];
    let missing = [&missing[..], &BASIS].concat();
    let missing = office.file("share", "head", &missing);
    assert!(missing.bad().contains("event 3 has no section 9"), "{}", missing.err);
}

#[test]
fn emergency_access_is_opened_used_closed_and_reviewed() {
    let mut office = Office::open();
    let open = [
        &["open"][..],
        &["--class", "very-restricted", "--hours", "2", "--yes"],
        &["--danger", "Детето е само, съседът чува плач."],
    ]
    .concat();
    office.break_glass(&open, &["duty"]).good();
    let file = office.file("show", "duty", &["--purpose", "emergency", "--lang", "bg"]).good();
    assert!(file.contains(WORDS_OF_THE_CHILD), "{file}");
    assert!(file.contains("Спешен достъп"), "{file}");
    let readings = office.file("readings", "head", &["--lang", "bg"]).good();
    assert!(readings.contains("СПЕШЕН ДОСТЪП, НЕПРЕГЛЕДАН"), "{readings}");
    let watch = ["file", "watch", &office.case, "--count", "1", "--lang", "bg"];
    let alert = office.signed(&watch, &["head"], &[]).good();
    assert!(
        alert.contains("СПЕШЕН ДОСТЪП, НЕПРЕГЛЕДАН") && alert.contains(&office.case),
        "{alert}"
    );

    office.break_glass(&["close", "--yes"], &["duty"]).good();
    // With it closed the duty officer has no part in the case.
    office.file("show", "duty", &["--purpose", "emergency", "--lang", "bg"]).bad();

    let review = ["review", "--justified", "true", "--reasons", "Имало е опасност.", "--yes"];
    // Who opened it does not review it; it takes the officer and the head.
    office.break_glass(&review, &["officer"]).bad();
    office.break_glass(&review, &["officer", "head"]).good();
    let again = office.break_glass(&review, &["officer", "head"]);
    assert!(again.bad().contains("refused"), "{}", again.err);
    let readings = office.file("readings", "head", &["--lang", "bg"]).good();
    assert!(readings.contains("СПЕШЕН ДОСТЪП, прегледан"), "{readings}");
    // One that nobody has reviewed stands out in every audit.
    office.break_glass(&open, &["duty"]).good();
    office.server.take().unwrap().stop();
    let verified = letopis(&["verify", "--data", &office.root(), "--lang", "bg"]).good();
    assert!(verified.contains("спешен достъп    2; НЕПРЕГЛЕДАНИ: 1\n"), "{verified}");
}

#[test]
fn erasure_takes_two_and_a_hold_bars_it() {
    let office = Office::open();
    let ground = ["--ground", "чл. 17 ОРЗД", "--yes"];
    let erase = |event: &str, who: &[&str]| {
        let what = ["--event", event];
        office.signed(&["file", "erase", &office.case], who, &[&what[..], &ground].concat())
    };
    let hold =
        |verb: &str| office.signed(&["file", "hold", verb, &office.case], &["officer"], &ground);
    let alone = erase("3:0", &["officer"]);
    assert!(alone.bad().contains("refused"), "{}", alone.err);
    hold("set").good();
    let barred = erase("3:0", &["officer", "director"]);
    assert!(barred.bad().contains("hold"), "{}", barred.err);
    hold("lift").good();
    assert!(hold("lift").bad().contains("no hold"));
    erase("3:0", &["officer", "director"]).good();
    let head = office.file("show", "head", &["--lang", "bg"]).good();
    assert!(head.contains("░ 3:0  заличено: ограничено"), "{head}");
    assert!(head.contains("заличени: 2"), "{head}");
}

#[test]
fn an_act_waits_for_who_is_not_here() {
    let office = Office::open();
    let path = format!("{}/erase.act", office.root());
    let director = office.key("director");
    let signer = office.run(&["key", "show", "--signer", &director]).good();
    let waits = [
        &["--class", "restricted", "--ground", "Изтекъл срок за съхранение.", "--yes"][..],
        &["--lang", "bg", "--with", signer.trim(), "--out", &path],
    ]
    .concat();
    let said = office.signed(&["file", "erase", &office.case], &["officer"], &waits).good();
    assert!(said.contains("чака подписи:"), "{said}");
    assert!(said.contains(&office.actor("director")), "{said}");
    let officer = ["--key", &office.key("officer"), "--purpose", "data_protection"];

    let shown = letopis(&["act", "show", &path, "--lang", "bg"]).good();
    assert!(shown.contains("Заличаване (SectionsErased)"), "{shown}");
    assert!(shown.contains("Изтекъл срок за съхранение."), "{shown}");
    assert!(shown.contains("още не са подписали:"), "{shown}");
    let early = office.run(&[&["act", "send", &path][..], &officer].concat());
    assert!(early.bad().contains("have not signed"), "{}", early.err);
    let stranger = letopis(&["act", "sign", &path, "--key", &office.key("duty"), "--yes"]);
    assert!(stranger.bad().contains("does not wait for it"), "{}", stranger.err);
    let signed = letopis(&["act", "sign", &path, "--key", &director, "--yes", "--lang", "bg"]);
    assert!(signed.good().contains("всички са подписали"));
    office.run(&[&["act", "send", &path][..], &officer].concat()).good();
    assert!(!std::path::Path::new(&path).exists());
    let head = office.file("show", "head", &["--lang", "bg"]).good();
    assert!(head.contains("░ 3:0  заличено: ограничено"), "{head}");
    assert!(head.contains(WORDS_OF_THE_CHILD), "{head}");
}

#[test]
fn a_closed_server_asks_who_you_are() {
    let office = Office::open();
    let nobody = office.run(&["case", "list"]);
    assert!(nobody.bad().contains("say who you are: --key"), "{}", nobody.err);
    let list = office.run(&["case", "list", "--key", &office.key("head")]).good();
    assert!(list.contains(&office.case), "{list}");
    let policy = office.run(&["policy", "show", "--lang", "bg", "--key", &office.key("head")]);
    let policy: Said = policy;
    assert!(policy.good().contains("· Получателят чете точно това, което му е предоставено."));
    // Whatever others could read is no place for a passphrase.
    let open = format!("{}/open", office.root());
    std::fs::write(&open, "тайна дума\n").unwrap();
    secret(&open, 0o644);
    let mut args = vec!["case", "list", "--passphrase-file", &open, "--key"];
    let key = office.key("head");
    args.push(&key);
    assert!(office.run(&args).bad().contains("mode 0600"));
}
