//! Codes in sealed sections are counted inside, and stay counted where the sections are erased: from any state, after
//! a crash between any two steps, and from a vault that was brought back from before.

use letopis_domain::figures::Quarter;
use letopis_vault::Vault;

use super::*;
use crate::coded::Counts;

/// The universes of children heard, and of children not heard; by support, its categories.
pub(super) const HEARD: (u8, u32) = (33, 0);
const NOT_HEARD: (u8, u32) = (34, 0);
const LACKING: u32 = 2;
pub(super) const INTERPRETER: u32 = 3;
const SIGN: u32 = 4;

fn supported(kind: Kind, number: u64, content: &str) -> Draft {
    let draft = Draft::new(number, case(1), &[worker()], kind);
    draft.section(Class::Restricted, b"how").section_of(
        Class::Restricted,
        "participation/1",
        content.as_bytes(),
    )
}

pub(super) fn heard(number: u64, content: &str) -> Draft {
    let fact = proto::ChildHeard { age_band: proto::AgeBand::Unknown.into() };
    supported(Kind::ChildHeard(fact), number, content)
}

fn not_heard(number: u64, content: &str) -> Draft {
    let fact = proto::ChildNotHeard { age_band: proto::AgeBand::Unknown.into() };
    supported(Kind::ChildNotHeard(fact), number, content)
}

/// Events 3 to 10 of the case: what nobody checked may hold anything.
pub(super) fn office_that_hears() -> (World, Running) {
    let (world, running) = office_at_work();
    running.record_all(&[
        heard(40, r#"{"code":"interpreter"}"#),
        heard(41, r#"{"code":"sign","text":"Измислен текст"}"#),
        heard(42, r#"{"code":"interpreter"}"#),
        heard(43, r#"{"code":"unheard-of"}"#),
        heard(44, r#"{"code":"not-stated"}"#),
        heard(45, "no JSON"),
        not_heard(46, r#"{"code":"lacking"}"#),
        not_heard(47, r#"{"code":"lacking"}"#),
    ]);
    running.caught_up();
    (world, running)
}

pub(super) fn expected() -> Counts {
    [((HEARD, INTERPRETER), 2), ((HEARD, SIGN), 1), ((NOT_HEARD, LACKING), 2)].into()
}

#[track_caller]
pub(super) fn counted(running: &Running) -> Counts {
    let of = |universe| running.ledger.0.coded.of(Quarter::of(BEGAN.seconds()), universe).unwrap();
    of(HEARD.0).into_iter().chain(of(NOT_HEARD.0)).collect()
}

fn section(running: &Running, number: u64, version: u64) -> Draft {
    let section = proto::ErasedSection { version, index: 1 };
    erase(running, number, proto::sections_erased::What::Section(section))
}

pub(super) fn all_restricted(running: &Running, number: u64) -> Draft {
    let class = Class::Restricted.number() as i32;
    erase(running, number, proto::sections_erased::What::Class(class))
}

#[test]
fn what_is_erased_stays_counted_and_is_counted_once() {
    let (world, mut running) = office_that_hears();
    let another = Quarter::of(BEGAN.seconds() + 100 * 24 * 3600);
    assert_eq!(running.ledger.0.coded.of(another, HEARD.0).unwrap(), Counts::new());
    assert_eq!(counted(&running), expected());
    // One, another, one that states nothing, and then all of them with those that are gone.
    for (number, version) in [(60, 3), (61, 9), (62, 8), (63, 0)] {
        let erasure = match version {
            0 => all_restricted(&running, number),
            version => section(&running, number, version),
        };
        running.record(&erasure);
        // What was told before is not asked.
        running.ledger.0.coded.lock().told.clear();
        assert_eq!(counted(&running), expected(), "at once, {version}");
        running.close();
        running = world.open();
        assert_eq!(counted(&running), expected(), "opened again, {version}");
        running.close();
        running = world.open_with_state(&format!("anew-{version}"));
        assert_eq!(counted(&running), expected(), "from the record, {version}");
    }
    let gone = keys_of(&world, &heard(41, r#"{"code":"sign","text":"Измислен текст"}"#));
    assert!(gone.iter().all(|key| running.ledger.0.vault.key(key).unwrap().is_none()));

    // What is kept of them are numbers.
    let kept = running.ledger.0.vault.residue().unwrap().unwrap();
    assert_eq!(kept.len(), 8 + 3 * 20);
    for id in [&case(1).id.0[..], &actor(WORKER).0, "Измислен".as_bytes()] {
        assert!(!kept.windows(id.len()).any(|window| window == id));
    }
}

/// How far an erasure came: each step with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// As the vault was before, or was brought back from a backup.
    Recorded,
    Counted,
    PartDestroyed,
    AllDestroyed,
    Remembered,
}

#[test]
fn an_erasure_counts_once_wherever_it_stopped() {
    let (world, running) = office_that_hears();
    running.record(&section(&running, 60, 3));
    running.close();
    copy_vault(&world, "vault", "before");
    let running = world.open();
    let erasure = running.record(&all_restricted(&running, 61)).link;
    running.close();
    copy_vault(&world, "vault", "after");
    let doomed: Vec<KeyId> = [
        heard(41, r#"{"code":"sign","text":"Измислен текст"}"#),
        heard(42, r#"{"code":"interpreter"}"#),
        not_heard(46, r#"{"code":"lacking"}"#),
        not_heard(47, r#"{"code":"lacking"}"#),
    ]
    .iter()
    .flat_map(|draft| keys_of(&world, draft))
    .collect();

    use Step::{AllDestroyed, Counted, PartDestroyed, Recorded, Remembered};
    for step in [Recorded, Counted, PartDestroyed, AllDestroyed, Remembered] {
        std::fs::remove_dir_all(world.path("vault")).unwrap();
        copy_vault(&world, "before", "vault");
        if step >= Counted {
            let residue = |vault| world.path(vault).join("residue");
            std::fs::copy(residue("after"), residue("vault")).unwrap();
        }
        let vault = Vault::open(&world.path("vault"), id(), &kek(), 0).unwrap();
        match step {
            Recorded | Counted => {}
            PartDestroyed => vault.destroy_all(&doomed[..3]).unwrap(),
            AllDestroyed | Remembered => vault.destroy_all(&doomed).unwrap(),
        }
        if step == Remembered {
            vault.remember_erasure(erasure.sequence, erasure.hash()).unwrap();
        }
        drop(vault);
        for state in ["state".to_owned(), format!("anew-{step:?}")] {
            let running = world.open_with_state(&state);
            assert_eq!(counted(&running), expected(), "{step:?} {state}");
            let vault = &running.ledger.0.vault;
            assert!(doomed.iter().all(|key| vault.key(key).unwrap().is_none()), "{step:?}");
            running.close();
        }
    }
}

/// Never a wrong number: a key that is lost, though nobody erased it, and a residue that can't be read are errors.
#[test]
fn what_is_lost_is_not_left_out() {
    let (world, running) = office_that_hears();
    let key = keys_of(&world, &not_heard(46, r#"{"code":"lacking"}"#))[1];
    running.ledger.0.vault.destroy(&key).unwrap();
    let quarter = Quarter::of(BEGAN.seconds());
    let of = |universe| running.ledger.0.coded.of(quarter, universe);
    let (lost, log) = logged(|| of(NOT_HEARD.0).unwrap_err());
    assert_eq!(lost.reason(), Reason::RecordUnavailable);
    // Which section it is, the operator is told and nobody else.
    let hash = not_heard(46, r#"{"code":"lacking"}"#).hash();
    let events = world.events();
    let at = events.iter().find(|event| event.link.statement_hash == hash).unwrap().link.sequence;
    assert!(log.contains(&format!("sequence={at} section=1 error=")), "{log}");
    let lost = lost.to_string();
    assert!(lost.contains("letopis verify") && !lost.contains(&at.to_string()), "{lost}");
    // Of other universes figures are still told.
    let layout = running.ledger.figure_layout();
    let tell =
        |universes: &[u8]| running.ledger.figures(Quarter::of(BEGAN.seconds()), &layout, universes);
    assert!(tell(&[1, 32]).is_ok() && tell(&[HEARD.0]).is_ok());
    assert!(tell(&[]).is_err() && tell(&[HEARD.0, NOT_HEARD.0]).is_err());
    running.close();

    std::fs::write(world.path("vault").join("residue"), b"LTPVRS1\n").unwrap();
    let (state, _) = world.state("state");
    let refused = crate::open(world.parts(std::sync::Arc::new(world.record.reopen()), state));
    assert!(refused.unwrap_err().to_string().contains("residue"));
}

/// A residue that counts more than there was, and one of a region where nothing was.
#[test]
fn what_was_not_recorded_is_not_counted() {
    let quarter = Quarter::of(BEGAN.seconds());
    for region in [0_u32, 7] {
        let (world, running) = office_that_hears();
        let mut residue = vec![0; 8];
        residue.extend_from_slice(&quarter.year().to_be_bytes());
        residue.extend_from_slice(&[quarter.quarter(), HEARD.0]);
        residue.extend([region, SIGN].map(u32::to_be_bytes).concat());
        residue.extend_from_slice(&4_u64.to_be_bytes());
        running.ledger.0.vault.keep_residue(&residue).unwrap();
        running.close();
        let running = world.open();
        let layout = running.ledger.figure_layout();
        let (refused, log) =
            logged(|| running.ledger.figures(quarter, &layout, &[HEARD.0]).unwrap_err());
        assert!(log.contains(&format!("universe=33 region={region}")), "{log}");
        assert!(refused.to_string().contains("letopis verify"), "{refused}");
        assert!(running.ledger.figures(quarter, &layout, &[NOT_HEARD.0]).is_ok());
    }
}
