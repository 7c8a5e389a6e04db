//! Statements from forms, and the rules of procedure.

use crate::support::{Office, letopis};

/// A form in a file.
fn written(office: &Office, name: &str, text: &str) -> String {
    let path = office.path(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn note(case: &str) -> String {
    format!(
        "kind: FeedbackGiven\nstream: case/{case}\noccurred_at: now\nsections:\n  - type: feedback/1\n    \
         content:\n{FEEDBACK}"
    )
}

const FEEDBACK: &str = "      from: parent\n      text: Помогнаха ни бързо.\n";

#[test]
fn the_rules_of_procedure_are_shown_and_adopted() {
    let office = Office::open();
    let head = office.key("head");
    let shown = office.run(&["profile", "show", "--lang", "bg", "--key", &head]).good();
    for said in [
        "Закрила на детето, България (bg), версия 1\n",
        "Неофициална консолидация; не е правен съвет.\n",
        "Приети на ",
        "В сила от ",
        "101  Проверка и оценка на сигнала\n     10 дни; чл. 16(1) ППЗЗДет (закон); задължение на социалния",
    ] {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat(&shown).contains(&flat(said)), "{said}\n{shown}");
    }
    let text = office.run(&["profile", "show", "--text", "--key", &head]).good();
    assert!(text.contains("code = \"bg\"\nversion = 1\n"), "{text}");

    let second = text.replace("version = 1\n", "version = 2\n");
    let second = written(&office, "second.toml", &second);
    let signers: Vec<_> = ["registrar-1", "registrar-2"]
        .map(|name| format!("{}/keys/{name}.key", office.root()))
        .into_iter()
        .collect();
    let director = office.key("director");
    let keys = ["--key", &director, "--key", &signers[0], "--key", &signers[1]];
    let broken = written(&office, "broken.toml", "code = 1\n");
    let adopt = |file: &str, keys: &[&str]| {
        office.run(&[&["profile", "adopt", file, "--from", "2099-01-01", "--yes"], keys].concat())
    };
    let refused = adopt(&broken, &keys);
    assert!(refused.bad().contains("line 1: "), "{}", refused.err);
    let alone = adopt(&second, &keys[..2]);
    assert!(alone.bad().contains("refused"), "{}", alone.err);
    adopt(&second, &keys).good();
    let shown = office.run(&["profile", "show", "--lang", "bg", "--key", &head]).good();
    assert!(shown.contains("(bg), версия 1\n"), "{shown}");
    assert!(shown.contains("Следва версия 2, от 1 януари 2099, 00:00"), "{shown}");
}

#[test]
fn a_statement_is_signed_from_a_form() {
    let office = Office::open();
    let template = letopis(&["sign", "--template", "посещение", "--lang", "bg"]).good();
    assert!(template.starts_with("# Посещение (VisitRecorded)\n"), "{template}");
    assert!(template.contains("  - type: visit/1\n    class: restricted\n"), "{template}");
    let kinds = letopis(&["sign", "--kinds", "--lang", "bg"]).good();
    assert!(kinds.contains("Изслушване\n") && !kinds.contains("DeadlineMissed"), "{kinds}");
    assert!(letopis(&["sign", "--template", "DeadlineMissed"]).bad().contains("--kinds"));

    let worker = office.key("worker");
    let sign = |path: &str, answer: &str| {
        let args = ["sign", path, "--lang", "bg", "--key", &worker];
        office.run_asked(&args, answer)
    };
    // A closed case still takes what its people say of it.
    let path = written(&office, "note.yaml", &note(&office.case));
    let no = sign(&path, "не\n");
    assert!(no.bad().contains("не е подписано"), "{}", no.err);
    let said = sign(&path, "да\n");
    assert!(said.err.contains("Обратна връзка (FeedbackGiven)"), "{}", said.err);
    assert!(said.err.contains("При видяна история до версия 16"), "{}", said.err);
    assert!(said.err.contains("Помогнаха ни бързо."), "{}", said.err);
    assert!(said.good().contains("вписано под номер "));

    // The template as it is says nothing that anybody could mean.
    let blank = sign(&written(&office, "blank.yaml", &template), "да\n");
    assert!(blank.bad().contains("blank.yaml: line "), "{}", blank.err);
    let example = letopis(&["sign", "--template", "FeedbackGiven"]).good();
    let example =
        example.replacen("case/<id>", &format!("case/{}", office.case), 1).replace("<time>", "now");
    let example = sign(&written(&office, "example.yaml", &example), "да\n");
    assert!(example.bad().contains("измисления пример"), "{}", example.err);
}

#[test]
fn a_rule_that_refuses_is_told_with_its_article() {
    let office = Office::open();
    let plan = letopis(&["sign", "--template", "ReviewHeld"]).good();
    let plan = plan
        .replacen("case/<id>", &format!("case/{}", office.case), 1)
        .replace("<time>", "now")
        .replacen("<under_10 ", "under_10 # ", 1);
    let mut plan: Vec<_> = plan.lines().map(str::to_owned).collect();
    // Anything but the examples.
    for line in &mut plan {
        for field in ["conclusion", "wishes", "views"] {
            if line.trim_start().starts_with(&format!("{field}: ")) {
                *line = format!("{}: измислено", line.split(':').next().unwrap());
            }
        }
    }
    let path = written(&office, "review.yaml", &plan.join("\n"));
    let worker = office.key("worker");
    let of = |lang| office.run(&["sign", &path, "--yes", "--lang", lang, "--key", &worker]);
    let bg = of("bg");
    assert!(bg.bad().contains("летописът отказва: случаят е закрит"), "{}", bg.err);
    assert!(bg.err.contains("правило: case.closed\n"), "{}", bg.err);
    assert!(bg.err.contains("отказът е подписан от летописа"), "{}", bg.err);
    let en = of("en");
    assert!(en.bad().contains("the ledger refused: the case is closed"), "{}", en.err);
    assert!(en.err.contains("rule: case.closed\n"), "{}", en.err);
}
