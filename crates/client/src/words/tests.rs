use letopis_crypto::sign::SecretKey;
use letopis_domain::figures::{Categories, UNIVERSES};
use letopis_domain::statement::Instant;
use letopis_proto::statement::v1::{
    self as proto, Knowledge, Relation, Role, VisitRecorded, fact::Kind,
};
use letopis_types::{LedgerId, StreamId, StreamKind, Version};

use super::*;
use crate::draft::Draft;

const OCCURRED_AT: OccurredAt = OccurredAt {
    instant: Instant { seconds: 1_760_000_000, nanos: 0, offset_minutes: 180 },
    precision: Precision::Minute,
    knowledge: Knowledge::Witnessed,
};

fn stream_of(kind: StreamKind) -> StreamKey {
    StreamKey { kind, id: StreamId([3; 16]) }
}

fn signer_of(number: u8) -> Signer {
    let key = SecretKey::from_seed(&[number; 32]).public();
    Signer { actor: ActorId([number; 16]), key, grant: Some(letopis_types::Digest([9; 32])) }
}

fn seal(draft: &Draft) -> Unsigned {
    draft.seal(LedgerId([0xee; 32]), &[signer_of(4)]).unwrap()
}

fn visit() -> Draft {
    let fact = Kind::VisitRecorded(VisitRecorded { child_seen_alone: true });
    Draft::new(stream_of(StreamKind::Case), fact, OCCURRED_AT)
        .seen(Seen { version: Version(4), head: letopis_types::Digest([0xab; 32]) })
        .reference(Reference {
            relation: Relation::BasedOn,
            stream: stream_of(StreamKind::Signal),
            statement_hash: letopis_types::Digest([0xcd; 32]),
        })
        .section(Class::Normal, "text/plain", "Измислено посещение.\nВтори ред.")
        .section(Class::VeryRestricted, "child/words.1", "„Искам вкъщи.“")
}

#[test]
fn an_act_is_told_in_bulgarian() {
    let unsigned = seal(&visit());
    let hash = statement_hash(unsigned.statement_bytes());
    let key = signer_of(4).key.to_string();
    assert_eq!(
        describe(&unsigned, Lang::Bg),
        [
            "Посещение (VisitRecorded)",
            "В: случай 03030303-0303-0303-0303-030303030303",
            "Кога: 2025-10-09 11:53 +03:00 (с точност до минутата; лично видяно)",
            "детето е видяно насаме: да",
            "При видяна история до версия 4 (abababababababab…)",
            "Връзка: въз основа на сигнал 03030303-0303-0303-0303-030303030303, cdcdcdcdcdcdcdcd…",
            "Раздели: 2; обикновено 1; строго ограничено 1",
            "Раздел 1, обикновено, text/plain:",
            "  │ Измислено посещение.",
            "  │ Втори ред.",
            "Раздел 2, строго ограничено, child/words.1:",
            "  │ „Искам вкъщи.“",
            &format!(
                "Подписва: 04040404-0404-0404-0404-040404040404, по роля 0909090909090909…, \
                 ключ {}…",
                &key[..16]
            ),
            "За летопис: eeeeeeeeeeeeeeee…",
            &format!("Отпечатък на изявлението: {hash}"),
        ]
    );
}

#[test]
fn an_act_is_told_in_english_without_the_contents() {
    let unsigned = seal(&visit());
    let told = describe_bytes(unsigned.statement_bytes(), Lang::En).unwrap();
    assert_eq!(told[0], "Visit recorded (VisitRecorded)");
    assert_eq!(told[1], "In: case 03030303-0303-0303-0303-030303030303");
    assert_eq!(told[2], "When: 2025-10-09 11:53 +03:00 (minute; witnessed)");
    assert_eq!(told[3], "child seen alone: yes");
    assert_eq!(told[6], "Sections: 2; normal 1; very restricted 1");
    assert_eq!(told[8], "  (the content is not at hand)");
    assert!(!told.concat().contains("Измислено"));
    assert!(describe_bytes(b"invented", Lang::En).is_err());
}

#[test]
fn whoever_grants_a_role_is_told_which() {
    let fact = Kind::RoleGranted(proto::RoleGranted {
        role: Role::Director.into(),
        agency: vec![7; 16],
        until_seconds: Some(1_800_000_000),
        ..proto::RoleGranted::default()
    });
    let unsigned = seal(&Draft::new(stream_of(StreamKind::Actor), fact, OCCURRED_AT));
    let told = describe(&unsigned, Lang::Bg);
    assert_eq!(
        told[3..6],
        [
            "роля: директор на ДСП",
            "структура: 07070707-0707-0707-0707-070707070707",
            "до: 2027-01-15 08:00:00 +00:00",
        ]
    );
    let told = describe(&unsigned, Lang::En);
    assert_eq!(told[3], "role: director");
    assert_eq!(told[5], "until: 2027-01-15 08:00:00 +00:00");
}

#[test]
fn whoever_grants_access_is_told_what_for() {
    let fact = Kind::AccessGranted(proto::AccessGranted {
        reader: vec![5; 16],
        classes: vec![1],
        purpose: proto::Purpose::PartyAccess.into(),
        until_seconds: 1_800_000_000,
        complaint: Vec::new(),
    });
    let unsigned = seal(&Draft::new(stream_of(StreamKind::Case), fact, OCCURRED_AT));
    let told = describe(&unsigned, Lang::Bg).join("\n");
    assert!(told.contains(": преглед на преписката от страната\n"), "{told}");
    let told = describe(&unsigned, Lang::En).join("\n");
    assert!(told.contains(": a party reads its own file\n"), "{told}");
}

#[test]
fn a_zero_that_is_signed_is_said() {
    use letopis_proto::statement::v1::sections_erased::What;
    let section = proto::ErasedSection { version: 3, index: 0 };
    let fact = proto::SectionsErased { what: Some(What::Section(section)) };
    let draft = Draft::new(stream_of(StreamKind::Case), Kind::SectionsErased(fact), OCCURRED_AT);
    assert_eq!(describe(&seal(&draft), Lang::Bg)[3], "раздел: (версия 3, раздел 0)");
    assert_eq!(describe(&seal(&draft), Lang::En)[3], "section: (version 3, index 0)");
}

#[test]
fn a_no_is_said_as_well_as_a_yes() {
    let fact = Kind::VisitRecorded(VisitRecorded { child_seen_alone: false });
    let draft = Draft::new(stream_of(StreamKind::Case), fact, OCCURRED_AT);
    assert_eq!(describe(&seal(&draft), Lang::Bg)[3], "детето е видяно насаме: не");
}

#[test]
fn days_and_what_a_fact_corrects_are_told_in_words() {
    let age_band = proto::AgeBand::Under10.into();
    let closed = proto::CaseClosed { age_band, observed: true, ..Default::default() };
    let closed = Kind::CaseClosed(closed);
    let fact = Kind::EventCorrected(Box::new(proto::EventCorrected {
        event: vec![7; 32],
        fact: Some(Box::new(proto::Fact { kind: Some(closed) })),
        ..Default::default()
    }));
    let told =
        describe(&seal(&Draft::new(stream_of(StreamKind::Case), fact, OCCURRED_AT)), Lang::Bg);
    assert!(told[4].starts_with("вярното: (Закриване ("), "{told:?}");
    let fact = Kind::InspectionInstruction(proto::InspectionInstruction {
        opened: vec![7; 32],
        due_day: 20_788,
    });
    let draft = Draft::new(StreamKey::ROOT, fact, OCCURRED_AT);
    let told = describe(&seal(&draft), Lang::Bg);
    assert!(told[3].starts_with("проверка: 0707"), "{told:?}");
    assert_eq!(told[4], "срок: 2026-12-01");
    assert_eq!(describe(&seal(&draft), Lang::En)[4], "due: 2026-12-01");
}

#[test]
fn texts_can_not_pretend_to_be_more() {
    let text = "a\u{1b}[2Jb\u{202e}c\rПодписва: друг\nSigned by: another";
    let long = "я".repeat(2_005);
    let draft = visit()
        .section(Class::Normal, "text/plain", text)
        .section(Class::Normal, "text/plain", long)
        .section(Class::Normal, "image/png", vec![0xff; 3])
        .section(Class::Normal, "text/plain", "");
    let told = describe(&seal(&draft), Lang::En);
    assert!(told.contains(&"  │ a\u{fffd}[2Jb\u{fffd}c\u{fffd}Подписва: друг".to_owned()));
    assert!(told.contains(&"  │ Signed by: another".to_owned()), "{told:?}");
    assert!(told.contains(&"  (… 5 characters more)".to_owned()));
    // printf '\xff\xff\xff' | sha256sum
    let digest = "5ae7e6a42304dc6e4176210b83c43024f99a0bce9a870c3b6d2c95fc8ebfb74c";
    assert!(told.contains(&format!("  (3 bytes, not a text; SHA-256 {digest})")), "{told:?}");
    assert!(told.contains(&"  (empty)".to_owned()));
    assert_eq!(told.iter().filter(|line| line.starts_with("Signed by")).count(), 1);
}

#[test]
fn every_kind_has_a_name_in_both_languages() {
    let kinds = letopis_proto::KINDS.iter().map(|kind| kind.name);
    assert_eq!(missing("kind", kinds), [""; 0], "give these a name in crates/words/*/kinds.ftl");
    assert_eq!(kind_name("BreakGlassOpened", Lang::En).unwrap(), "Break glass opened");
    assert_eq!(kind_name("Invented", Lang::Bg), None);
}

#[test]
fn every_field_and_code_has_words() {
    let (fields, codes) = fact::names();
    let fields = fields.iter().filter_map(|field| Some(field.split_once('-')?.1));
    let codes = codes.iter().map(String::as_str).filter(|name| !name.starts_with("PURPOSE_"));
    assert_eq!(missing("field", fields), [""; 0], "give these words in crates/words/*/fields.ftl");
    assert_eq!(
        missing("code", codes),
        [""; 0],
        "give these words in crates/words/*/{{codes,reasons}}.ftl"
    );
}

/// Those of the names that there are no words for.
fn missing<'a>(group: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    names.filter(|name| letopis_words::named(Lang::Bg, group, name).is_none()).collect()
}

/// Whether a field is one of these: `name` is one in any message, `Message-name` in just that one.
fn is_field(fields: &[String], name: &str) -> bool {
    fields.iter().any(|field| {
        field == name || field.split_once('-').is_some_and(|(_, in_any)| in_any == name)
    })
}

/// Kinds aside: the catalogue has more of them than the protos so far.
#[test]
fn no_field_or_code_has_words_that_is_not_there() {
    let (fields, codes) = fact::names();
    for name in letopis_words::codes("field") {
        assert!(is_field(&fields, name), "{name}");
    }
    // A field of others, but not of these messages.
    assert!(is_field(&fields, "owner") && is_field(&fields, "Commitment-owner"));
    assert!(!is_field(&fields, "VisitRecorded-owner") && !is_field(&fields, "Invented-owner"));
    for name in letopis_words::codes("code") {
        assert!(codes.iter().any(|code| code == name), "{name}");
    }
}

/// What figures call a track comes with them, and is what everything else calls it.
#[test]
fn figures_have_the_same_words_for_a_track() {
    let breakdowns = UNIVERSES.iter().flat_map(|universe| universe.breakdowns);
    let tracks = breakdowns.filter(|breakdown| breakdown.code == "track");
    let mut compared = 0;
    for breakdown in tracks {
        let Categories::These(these) = breakdown.categories else { continue };
        for track in these.iter().filter(|track| track.code != "none") {
            let code = format!("TRACK_{}", track.code.to_uppercase().replace('-', "_"));
            let words = Lang::ALL.map(|lang| letopis_words::named(lang, "code", &code).unwrap());
            assert_eq!(words, [track.bg, track.en]);
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared}");
}

#[test]
fn names_tell_kinds_apart() {
    for lang in Lang::ALL {
        let mut names: Vec<_> =
            letopis_words::codes("kind").map(|name| kind_name(name, lang).unwrap()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two kinds have one name");
    }
}

/// The catalogue's own list, where it is at hand.
#[test]
fn the_catalogue_is_covered() {
    let shared = std::env::var_os("LETOPIS_SHARED").map(std::path::PathBuf::from);
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = shared.unwrap_or_else(beside).join("domain/catalogue.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("left out: the catalogue is not at hand");
        return;
    };
    let rows = text.lines().skip_while(|line| !line.starts_with("| event |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1)).filter(|cell| !cell.contains("**"));
    let kinds = cells.flat_map(|cell| cell.split('/')).map(|name| name.replace('◊', ""));
    let kinds: Vec<String> = kinds.map(|name| name.trim().to_owned()).collect();
    assert!(kinds.len() > 100);
    for kind in kinds {
        assert!(kind_name(&kind, Lang::Bg).is_some(), "{kind}");
    }
}
