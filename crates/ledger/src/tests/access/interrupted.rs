//! A crash between each two steps of an erasure, and between a reading and what it gives out.

use std::collections::BTreeMap;
use std::time::Duration;

use letopis_record::Space;
use letopis_record::testing::Failure;
use letopis_types::{Sequence, Timestamp};
use letopis_vault::Vault;

use super::*;

/// How far an erasure came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Recorded,
    PartDestroyed,
    AllDestroyed,
    /// What is to be remembered was half written, beside its place.
    HalfRemembered,
    Remembered,
}

const STEPS: [Step; 5] = [
    Step::Recorded,
    Step::PartDestroyed,
    Step::AllDestroyed,
    Step::HalfRemembered,
    Step::Remembered,
];

/// What is erased: three sections of a class, of two events; (2, 1), of another class, stays.
const ERASED: [(u64, u32); 3] = [(2, 0), (3, 0), (3, 1)];
const KEPT: [(u64, u32); 3] = [(1, 0), (2, 1), (3, 2)];

fn second() -> Draft {
    let second = note(12, case(1)).section(Class::Restricted, b"second");
    second.section(Class::Restricted, b"third").section(Class::Normal, b"fourth")
}

/// An office whose vault was copied before anything was erased, as `kept`.
fn office_before_erasing() -> (World, Running) {
    let (world, running) = office_at_work();
    running.record(&second());
    running.caught_up();
    copy_vault(&world, "vault", "kept");
    (world, running)
}

fn all_restricted(running: &Running) -> Draft {
    let class = Class::Restricted.number() as i32;
    erase(running, 20, proto::sections_erased::What::Class(class))
}

/// The keys of the case's sections, by version and index.
fn keys(world: &World) -> BTreeMap<(u64, u32), KeyId> {
    let first = open_case(10, case(1)).section(Class::Normal, b"normal");
    let both = note(11, case(1))
        .section(Class::Restricted, b"restricted")
        .section(Class::VeryRestricted, b"very restricted");
    let drafts = [(1, first), (2, both), (3, second())];
    let mut keys = BTreeMap::new();
    for (version, draft) in drafts {
        keys.extend((0..).zip(keys_of(world, &draft)).map(|(index, key)| ((version, index), key)));
    }
    keys
}

/// What the lead is given and opens of the case.
fn opened(running: &Running) -> BTreeMap<(u64, u32), Vec<u8>> {
    let sifted = running.ledger.sift(&lead(running), &everything(case(1))).unwrap();
    let releases = sifted.releases.iter();
    let sections = releases.flat_map(|release| running.ledger.open_released(release).unwrap());
    sections.map(|it| ((it.version.0, it.index), it.content.to_vec())).collect()
}

/// The vault as it was before the erasure, and then as far as this step.
fn put_back(world: &World, step: Step, erasure: (Sequence, Digest)) {
    std::fs::remove_dir_all(world.path("vault")).unwrap();
    copy_vault(world, "kept", "vault");
    let keys = keys(world);
    let vault = Vault::open(&world.path("vault"), id(), &kek(), 0).unwrap();
    let of = |places: &[(u64, u32)]| places.iter().map(|at| keys[at]).collect::<Vec<_>>();
    match step {
        Step::Recorded => {}
        Step::PartDestroyed => vault.destroy_all(&of(&ERASED[1..2])).unwrap(),
        _ => vault.destroy_all(&of(&ERASED)).unwrap(),
    }
    match step {
        Step::HalfRemembered => {
            std::fs::write(world.path("vault").join("erased.new"), b"LTPVER1\n\x00").unwrap();
        }
        Step::Remembered => vault.remember_erasure(erasure.0, erasure.1).unwrap(),
        _ => {}
    }
}

#[test]
fn an_erasure_is_completed_wherever_it_stopped() {
    let (world, running) = office_before_erasing();
    let before = opened(&running);
    running.close();
    world.copy_state("state", "behind");
    let running = world.open();
    let erasure = running.record(&all_restricted(&running));
    running.close();
    world.copy_state("state", "ahead");
    let erasure = (erasure.link.sequence, erasure.link.hash());
    let (events, keys) = (world.events().len(), keys(&world));
    for step in STEPS {
        // The state may have followed the record or not, or be gone.
        for from in ["ahead", "behind", "none"] {
            let state = format!("{step:?}-{from}");
            if from != "none" {
                world.copy_state(from, &state);
            }
            put_back(&world, step, erasure);
            for again in [false, true] {
                let running = world.open_with_state(&state);
                let vault = &running.ledger.0.vault;
                for at in ERASED {
                    assert!(vault.key(&keys[&at]).unwrap().is_none(), "{state} {again}: {at:?}");
                }
                assert_eq!(vault.last_erasure(), Some(erasure), "{state} {again}");
                let opened = opened(&running);
                assert_eq!(opened.keys().copied().collect::<Vec<_>>(), KEPT, "{state} {again}");
                assert!(opened.iter().all(|(at, content)| before[at] == *content), "{state}");
                running.close();
                assert_eq!(world.events().len(), events, "{state}: it is on the record once");
            }
        }
    }
}

/// Nothing is destroyed before the erasure is durable; and when nobody could be told whether it is,
/// the next start finds out.
#[test]
fn nothing_is_erased_that_is_not_on_the_record() {
    for (failure, kept) in [(Failure::FatalAndLost, false), (Failure::FatalAndKept, true)] {
        let (world, running) = office_before_erasing();
        let before = opened(&running);
        let draft = all_restricted(&running);
        running.close();
        let keys = keys(&world);
        let (running, gate, record) = world.open_gated();
        gate.shut();
        let answer = running.send(std::slice::from_ref(&draft)).pop().unwrap();
        std::thread::sleep(Duration::from_millis(30));
        let there = |running: &Running, at: &(u64, u32)| {
            running.ledger.0.vault.key(&keys[at]).unwrap().is_some()
        };
        assert!(!answer.is_finished() && ERASED.iter().all(|at| there(&running, at)));
        record.fail_next(failure);
        gate.open();
        let error = running.wait(answer).unwrap_err();
        assert_eq!(error.reason(), Reason::RecordUnavailable, "{failure:?}");
        assert!(ERASED.iter().all(|at| there(&running, at)), "{failure:?}");
        assert!(running.ledger.close().is_err());

        let running = world.open();
        let expected: Vec<_> =
            before.keys().copied().filter(|at| !kept || !ERASED.contains(at)).collect();
        assert_eq!(opened(&running).into_keys().collect::<Vec<_>>(), expected, "{failure:?}");
        assert!(ERASED.iter().all(|at| there(&running, at) != kept), "{failure:?}");
        // Sent again it is right either way, and done when it is answered.
        assert_eq!(running.record(&draft).already_recorded, kept, "{failure:?}");
        assert!(!ERASED.iter().any(|at| there(&running, at)), "{failure:?}");
    }
}

/// A crash while it is recorded that an erasure is final: it is recorded once, whether or not the
/// first attempt is found.
#[test]
fn an_erasure_is_final_once() {
    for (failure, kept) in [(Failure::FatalAndLost, false), (Failure::FatalAndKept, true)] {
        let (world, running) = office_before_erasing();
        running.record(&all_restricted(&running));
        running.close();
        let rotated_at = BEGAN.seconds() as u64;
        letopis_vault::rotate(&world.path("vault"), id(), &kek(), &kek(), rotated_at).unwrap();
        world.set_time(Timestamp::from_seconds(rotated_at + 24 * 3600));
        let (running, _gate, record) = world.open_gated();
        let complete =
            |running: &Running| running.runtime.block_on(running.ledger.complete_erasures(1));
        record.fail_next(failure);
        assert!(complete(&running).is_err(), "{failure:?}");
        assert!(running.ledger.close().is_err());
        let completed = || {
            let facts = facts(&world).into_iter();
            facts.filter(|it| matches!(it.fact, Fact::ErasureCompleted(_))).count()
        };
        assert_eq!(completed(), usize::from(kept), "{failure:?}");

        let running = world.open();
        assert_eq!(complete(&running).unwrap(), usize::from(!kept), "{failure:?}");
        running.caught_up();
        assert_eq!(complete(&running).unwrap(), 0, "{failure:?}");
        assert_eq!(completed(), 1, "{failure:?}");
        let expected: Vec<_> = KEPT.to_vec();
        assert_eq!(opened(&running).into_keys().collect::<Vec<_>>(), expected, "{failure:?}");
    }
}

/// No content without a record: while the reading is not durable, nobody is told that it may be given
/// out; if it was recorded and nothing was given out after it, it is on the record and listed.
#[test]
fn a_reading_is_durable_before_anything_may_leave() {
    for failure in [None, Some(Failure::FatalAndLost), Some(Failure::FatalAndKept)] {
        let (world, running) = office_at_work();
        running.close();
        let (running, gate, record) = world.open_gated();
        world.set_time(Timestamp::from_seconds(BEGAN.seconds() as u64 + 30));
        let caller = caller_at(&running, BEGAN.seconds() + 30);
        let asking = running.ledger.asking(&caller);
        let sifted = running.ledger.sift(&asking, &everything(case(1))).unwrap();
        gate.shut();
        let (ledger, releases) = (running.ledger.clone(), sifted.releases.clone());
        let reading = running
            .runtime
            .spawn(async move { ledger.record_reading(&caller, &releases).await.map(drop) });
        std::thread::sleep(Duration::from_millis(30));
        assert!(!reading.is_finished(), "{failure:?}");
        if let Some(failure) = failure {
            record.fail_next(failure);
        }
        gate.open();
        let told = running.wait(reading);
        assert_eq!(told.is_ok(), failure.is_none(), "{failure:?}");
        // A crash, before anything was opened.
        let _ = running.ledger.close();

        let running = world.open();
        let size = running.ledger.size();
        let listed = running.ledger.readings_of(&case(1), size, 10).unwrap();
        let expected = usize::from(failure != Some(Failure::FatalAndLost));
        assert_eq!(listed.len(), expected, "{failure:?}");
        assert!(listed.iter().all(|it| it.reader == actor(WORKER) && !it.denied));
    }
}

/// On a full disk readings and erasures go on; when the reserve is used up nothing is given out.
#[test]
fn a_full_disk_gives_nothing_out_that_is_not_recorded() {
    let (world, running) = office_at_work();
    running.close();
    let (running, _gate, record) = world.open_gated();
    world.set_time(Timestamp::from_seconds(BEGAN.seconds() as u64 + 30));
    let caller = caller_at(&running, BEGAN.seconds() + 30);
    let asking = running.ledger.asking(&caller);
    let sifted = running.ledger.sift(&asking, &everything(case(1))).unwrap();
    let read =
        || running.runtime.block_on(running.ledger.record_reading(&caller, &sifted.releases));
    record.set_space(Space::Reserved);
    assert_eq!(running.refusal(&note(30, case(1))), Reason::DiskFull);
    read().unwrap();
    running.record(&all_restricted(&running));
    record.set_space(Space::Gone);
    assert_eq!(reason(read()), Reason::DiskFull);
    assert_eq!(
        running.refusal(&erase(&running, 31, proto::sections_erased::What::Class(1))),
        Reason::DiskFull
    );
}

/// The lead with a token of this second.
fn caller_at(running: &Running, at: i64) -> Caller {
    let mut claims = token_claims(CALL, Timestamp::from_seconds(at as u64), "invented-token-later");
    claims["sub"] = actor(WORKER).to_string().into();
    claims["purpose"] = "case_work".into();
    let text = token(&token_header(crate::testing::TOKEN), &claims, crate::testing::TOKEN);
    running.ledger.check_caller(Some(&text), CALL).unwrap()
}
