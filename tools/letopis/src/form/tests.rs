use letopis_crypto::sign::SecretKey;
use letopis_domain::Fact;
use letopis_domain::statement::Signer;
use letopis_proto::statement::v1 as proto;
use letopis_proto::{KINDS, KindInfo};
use letopis_types::{ActorId, Digest, LedgerId};
use letopis_words::Lang;

use super::template::{filled_in, find, is_example, kinds, lacking, template};
use super::*;

fn signer() -> Signer {
    let key = SecretKey::from_seed(&[3; 32]).public();
    Signer { actor: ActorId([4; 16]), key, grant: Some(Digest([9; 32])) }
}

fn fill(text: &str) -> Result<Filled, FormError> {
    Form::parse(text)?.fill(&Found::new())
}

#[test]
fn every_kind_that_people_sign_has_a_template_that_can_be_filled_in() {
    let wrong: Vec<_> = kinds().filter_map(|kind| check(kind).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let none = KINDS.iter().filter(|kind| kinds().all(|one| one.number != kind.number));
    // What the ledger says itself, and its beginning.
    assert_eq!(
        none.map(|kind| kind.name).collect::<Vec<_>>(),
        [
            "Genesis",
            "RefusalsCounted",
            "SectionsRead",
            "FactsRead",
            "AccessDenied",
            "ErasureCompleted",
            "DeadlineMissed",
        ]
    );
}

fn check(kind: &KindInfo) -> Result<(), String> {
    for lang in [Lang::Bg, Lang::En] {
        let text = template(kind, lang);
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}\n{text}", kind.name);
        let filled = fill(&filled_in(&text)).map_err(|error| told(&error))?;
        assert_eq!(filled.kind.name, kind.name);
        let fact = Fact::from_proto(&proto::Fact { kind: Some(filled.fact.clone()) })
            .map_err(|error| told(&error))?;
        assert!(lacking(&fact, &filled.sections).is_empty(), "{text}");
        assert!(filled.sections.iter().all(|one| is_example(&one.payload_type, &one.content)));
        let sealed = filled.draft(None).seal(LedgerId([1; 32]), &[signer()]);
        sealed.map_err(|error| told(&error))?;
        // Nothing is said by default that nobody said.
        assert!(fill(&text).is_err(), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 300), "{text}");
    }
    Ok(())
}

#[test]
fn what_the_ledger_signs_has_none() {
    for name in ["Genesis", "SectionsRead", "DeadlineMissed", "RefusalsCounted"] {
        assert!(find(name).is_none(), "{name}");
    }
    assert_eq!(find("посещение").unwrap().name, "VisitRecorded");
    assert_eq!(find("visit recorded").unwrap().name, "VisitRecorded");
}

#[test]
fn a_template_says_who_signs_and_what_must_be_there() {
    let plan = template(find("PlanAdopted").unwrap(), Lang::Bg);
    for said in [
        "# План за действие (PlanAdopted)\n",
        "# Подписва: социален работник или началник на ОЗД\n",
        "# Потвърждава с подпис: началник на ОЗД или директор на ДСП\n",
        "# Решение: ",
        "  - type: goals/1\n    class: restricted\n",
        "или вместо него раздел disagreement/1",
        "  track: <general | coordination | ",
    ] {
        assert!(plan.contains(said), "{said}\n{plan}");
    }
    let endorsed = template(find("Endorsed").unwrap(), Lang::En);
    assert!(endorsed.contains("  - relation: endorses\n    version: <number>\n"), "{endorsed}");
    let erased = template(find("SectionsErased").unwrap(), Lang::En);
    assert!(
        erased.contains("\n  class: <normal |") && erased.contains("\n  # section:\n"),
        "{erased}"
    );
}

const VISIT: &str = "\
kind: VisitRecorded
stream: case/11111111-1111-4111-8111-111111111111
occurred_at: 2026-02-18T14:00
fact:
  child_seen_alone: false
sections:
  - type: visit/1
    content:
      where: У дома
      date: 2026-02-18
      who: [Детето, Майката]
      seen_alone: true
      observations: |
        Топло е.
        Има храна.
";

#[test]
fn a_form_becomes_what_it_says() {
    let filled = fill(VISIT).unwrap();
    assert_eq!(filled.occurred_at.instant.offset_minutes, 120);
    assert_eq!(filled.occurred_at.precision, proto::Precision::Minute);
    assert_eq!(filled.fact, Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: false }));
    assert_eq!(filled.sections[0].class, Class::Restricted);
    let content: serde_json::Value = serde_json::from_slice(&filled.sections[0].content).unwrap();
    assert_eq!(content["observations"], "Топло е.\nИма храна.\n");
    assert!(!filled.begins && filled.made.is_empty() && filled.wanted.is_empty());
}

#[test]
fn statements_are_pointed_at_by_their_places() {
    let case = "case/11111111-1111-4111-8111-111111111111";
    let text = format!(
        "kind: ConsentWithdrawn\nstream: {case}\noccurred_at: 2026-02-18\nreferences:\n  - relation: \
         responds_to\n    sequence: 17\nfact:\n  given: {{version: 3}}\n"
    );
    let form = Form::parse(&text).unwrap();
    let wanted = form.fill(&Found::new()).unwrap().wanted;
    let stream = form.fill(&Found::new()).unwrap().stream;
    let pointers = [Pointer::Sequence(Sequence(17)), Pointer::Version(stream, Version(3))];
    assert_eq!(wanted.into_iter().collect::<Vec<_>>(), pointers);
    let found: Found =
        (1..).zip(pointers).map(|(n, one)| (one, (stream, Digest([n; 32])))).collect();
    let filled = form.fill(&found).unwrap();
    assert!(filled.wanted.is_empty());
    assert_eq!(filled.references[0].statement_hash, Digest([1; 32]));
    let Kind::ConsentWithdrawn(fact) = filled.fact else { panic!("another fact") };
    assert_eq!(fact.given, [2; 32]);
}

#[test]
fn ids_that_are_made_are_told_and_sorted() {
    let text = "kind: SignalReceived\nstream: signal/new\noccurred_at: 2026-02-02T09:10\nfact:\n  \
                channel: oral\n  track: general\n  children: [new, new, new]\n  anonymous: false\n";
    let filled = fill(text).unwrap();
    assert!(filled.begins);
    assert_eq!(filled.made.len(), 4);
    let Kind::SignalReceived(fact) = filled.fact else { panic!("another fact") };
    assert!(fact.children.is_sorted());
}

#[test]
fn what_is_wrong_is_told_by_its_place_and_never_repeated() {
    for (from, to, line, place) in [
        ("child_seen_alone: false", "тайна: false", 5, "fact"),
        ("child_seen_alone: false", "child_seen_alone: тайна", 5, "fact.child_seen_alone"),
        ("kind: VisitRecorded", "kind: Тайна", 1, "kind"),
        ("stream: case/", "stream: тайна/", 2, "stream"),
        ("2026-02-18T14:00", "2026-02-18T14:тайна", 3, "occurred_at"),
        ("occurred_at", "тайна", 2, ""),
        ("type: visit/1", "type: тайна/1", 7, "sections.0"),
        ("where: У дома", "тайна: У дома", 9, "sections.0"),
        ("seen_alone: true", "seen_alone: тайна", 9, "sections.0"),
        ("    content:", "    class: normal\n    content:", 10, "sections.0"),
        ("fact:", "fact: &тайна", 4, ""),
    ] {
        let text = VISIT.replacen(from, to, 1);
        assert_ne!(text, VISIT, "{from}");
        let error = fill(&text).unwrap_err();
        assert!(error.line >= line && error.path.starts_with(place), "{to}: {error:?}");
        assert!(!error.to_string().to_lowercase().contains("тайна"), "{error}");
    }
    let twice = VISIT.replace("where: У дома", "where: У дома\n      where: тук");
    assert_eq!(fill(&twice).unwrap_err().line, 10);
}

#[test]
fn a_form_that_is_too_long_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.yaml");
    std::fs::write(&path, vec![b'#'; usize::try_from(BYTES_MAX).unwrap() + 1]).unwrap();
    let error = Form::read(&path).unwrap_err().to_string();
    assert!(error.contains("longer than 8 MiB"), "{error}");
}
