//! Whatever is asked for: what a file took holds by what it took before, read again from the
//! beginning each time.

use proptest::prelude::*;

use super::*;

/// What is asked for: a kind, an agency, who signs (a bit each), an earlier statement, hours later.
type Step = (u8, usize, u16, usize, u64);

const KINDS: u8 = 24;
const AGENCIES: [AgencyId; 3] = [SOFIA, VARNA, SERVICE];
/// The hash of the first statement asked for repeats this byte; no other statement has it.
const FIRST: u8 = 0x80;

fn asked(history: &[Draft], number: u8, (kind, agency, signers, earlier, hours): Step) -> Draft {
    let to = AGENCIES[agency];
    // Of the right kind where there is one, and sometimes of another.
    let of = |kind: fn(&Fact) -> bool| {
        let any: Vec<_> = history.iter().filter(|draft| kind(&draft.statement.fact)).collect();
        let found = if any.is_empty() || earlier % 5 == 0 {
            history.get(earlier % history.len().max(1))
        } else {
            any.get(earlier % any.len()).copied()
        };
        found.map_or(0x99, |draft| draft.hash.0[0])
    };
    let is_proposal = |fact: &Fact| matches!(fact, Fact::TransferProposed(_));
    let is_opening = |fact: &Fact| matches!(fact, Fact::BreakGlassOpened(_));
    let now = history.last().map_or(START, |draft| draft.at.0 / 1_000_000_000) + hours * 3600;
    let mut draft = match kind {
        0 | 1 => case_opened(),
        2 => signal_received(),
        3 => conflict_declared(GALYA),
        4 => endorsed(of(|_| true)),
        5 => access_granted(),
        6 => access_revoked(of(|fact| matches!(fact, Fact::AccessGranted(_)))),
        7 => break_glass(),
        8 => glass_closed(of(is_opening)),
        9 => glass_reviewed(of(is_opening)),
        10 => shared(to.0, Some((now + 7200) as i64)),
        11 => referred(),
        12 => received(of(|fact| matches!(fact, Fact::InformationShared(_)))),
        13 => hold_set(if agency == 0 { PROTECTED } else { CASE }),
        14 => hold_lifted(CASE, of(|fact| matches!(fact, Fact::LegalHoldSet(_)))),
        15 => erased(CASE, SectionsErased::Class(Class::ALL[agency])),
        16 => {
            let version = Version(earlier as u64 % 8 + 1);
            erased(CASE, SectionsErased::Section { version, index: 0 })
        }
        17 | 18 => proposed(to, 0),
        19 => accepted(of(is_proposal)),
        20 => rejected(of(is_proposal)),
        21 => closed(),
        22 => {
            let placed = proto::EmergencyPlacementOrdered { age_band: 5 };
            Draft::new(CASE, Fact::EmergencyPlacementOrdered(placed))
        }
        _ => note(),
    };
    let chosen = PEOPLE.iter().enumerate().filter(|(at, _)| signers >> at & 1 == 1);
    let mut chosen: Vec<_> = chosen.map(|(_, person)| signer(person.0)).collect();
    if chosen.is_empty() || signers >> 12 == 0 {
        chosen.clone_from(&draft.statement.signers);
    }
    if !chosen.is_empty() {
        draft.statement.signers = chosen;
    }
    let until = match &mut draft.statement.fact {
        Fact::AccessGranted(fact) => Some(&mut fact.until_seconds),
        Fact::BreakGlassOpened(fact) => Some(&mut fact.until_seconds),
        _ => None,
    };
    if let Some(until) = until {
        *until = (now + 3600 * (earlier as u64 % 30)) as i64;
    }
    draft.hashed(number).at(now)
}

/// Was this named by a statement of such a kind?
fn was_named(history: &[Draft], names: impl Fn(&Fact) -> Option<Digest>, hash: Digest) -> bool {
    history.iter().any(|draft| names(&draft.statement.fact) == Some(hash))
}

fn is_there(history: &[Draft], hash: Digest, kind: fn(&Fact) -> bool) -> bool {
    history.iter().any(|draft| draft.hash == hash && kind(&draft.statement.fact))
}

/// Who held the case, one after the other.
fn holders(history: &[Draft]) -> Vec<AgencyId> {
    let holder = |draft: &Draft| match &draft.statement.fact {
        Fact::CaseOpened(fact) => Some(fact.holder),
        Fact::TransferAccepted(fact) => {
            history.iter().find_map(|draft| match &draft.statement.fact {
                Fact::TransferProposed(to) if draft.hash == fact.proposed => Some(to.to),
                _ => None,
            })
        }
        _ => None,
    };
    history.iter().filter_map(holder).collect()
}

fn check(history: &[Draft], draft: &Draft, marks: FileMarks) {
    let fact = &draft.statement.fact;
    let signs = |actor| draft.statement.signers.iter().any(|signer| signer.actor == actor);
    // Nobody who declared a conflict in the case signs anything there but what is urgent.
    let conflicted = draft.statement.stream != SIGNAL
        && history.iter().any(|earlier| {
            matches!(earlier.statement.fact, Fact::ConflictDeclared(_))
                && earlier.statement.signers.iter().any(|signer| signs(signer.actor))
        });
    assert!(!conflicted || draft.statement.kind().urgent, "{fact:?}");
    assert_eq!(marks.under_recusal, conflicted);

    let lifted = |fact: &Fact| match fact {
        Fact::LegalHoldLifted(fact) => Some(fact.set),
        _ => None,
    };
    let answered = |fact: &Fact| match fact {
        Fact::TransferAccepted(TransferAccepted { proposed })
        | Fact::TransferRejected(TransferRejected { proposed }) => Some(*proposed),
        _ => None,
    };
    let now = draft.at.seconds();
    match fact {
        Fact::SectionsErased(what) => {
            for hold in history {
                let is_hold = matches!(hold.statement.fact, Fact::LegalHoldSet(_));
                assert!(!is_hold || was_named(history, lifted, hold.hash), "under a hold");
            }
            if let SectionsErased::Section { version, .. } = what {
                let events = history.iter().filter(|draft| draft.statement.stream == CASE).count();
                assert!(version.0 <= events as u64, "there");
            }
        }
        Fact::LegalHoldLifted(fact) => {
            assert!(is_there(history, fact.set, |fact| matches!(fact, Fact::LegalHoldSet(_))));
            assert!(!was_named(history, lifted, fact.set), "once");
        }
        Fact::TransferProposed(fact) => {
            let holder = holders(history).last().copied().expect("a holder");
            assert_ne!(holder, fact.to);
        }
        Fact::TransferAccepted(_) | Fact::TransferRejected(_) => {
            let proposed = answered(fact).unwrap();
            assert!(is_there(history, proposed, |it| matches!(it, Fact::TransferProposed(_))));
            assert!(!was_named(history, answered, proposed), "once");
        }
        Fact::AccessGranted(fact) => {
            assert!(signs(HEAD) && !signs(fact.reader) && now < fact.until_seconds);
        }
        Fact::AccessRevoked(fact) => {
            assert!(is_there(history, fact.granted, |it| matches!(it, Fact::AccessGranted(_))));
        }
        Fact::BreakGlassOpened(fact) => {
            let length = fact.until_seconds - now;
            assert!((1..=DAY as i64).contains(&length) && draft.statement.signers.len() == 1);
        }
        Fact::BreakGlassReviewed(BreakGlassReviewed { opened, .. })
        | Fact::BreakGlassClosed(BreakGlassClosed { opened }) => {
            let opening = history.iter().find(|draft| draft.hash == *opened).expect("there");
            let opener = opening.statement.signers[0].actor;
            let is_review = matches!(fact, Fact::BreakGlassReviewed(_));
            let may = if is_review {
                !signs(opener)
            } else {
                signs(opener) || signs(HEAD) || signs(OFFICER)
            };
            assert!(may, "{fact:?}");
            let before = history.iter().filter(|draft| draft.statement.fact == *fact).count();
            assert_eq!(before, 0, "once");
        }
        Fact::DisclosureReceived(fact) => {
            let is_share = |fact: &Fact| matches!(fact, Fact::InformationShared(_));
            assert!(is_there(history, fact.shared, is_share));
        }
        _ => {}
    }
}

/// What holds of a file, whatever its history.
fn check_file(history: &[Draft], file: &FileState) {
    let holders = holders(history);
    assert_eq!(file.holder, holders.last().copied());
    for held in holders.iter().rev().skip(1) {
        // A second opening names a holder anew, and leaves nobody behind.
        assert!(
            file.former.contains(held) || history.iter().filter(is_opening_of_case).count() > 1
        );
    }
    let mut former = file.former.clone();
    former.dedup();
    assert_eq!(former, file.former);
    assert!(
        file.closed == history.iter().any(|it| matches!(it.statement.fact, Fact::CaseClosed(_)))
    );
}

fn is_opening_of_case(draft: &&Draft) -> bool {
    matches!(draft.statement.fact, Fact::CaseOpened(_))
}

proptest! {
    #[test]
    fn what_is_taken_holds(
        steps in prop::collection::vec(
            (0..KINDS, 0..AGENCIES.len(), any::<u16>(), 0usize..64, 0u64..6),
            1..60,
        )
    ) {
        let mut history: Vec<Draft> = Vec::new();
        let mut files = given([]);
        for (number, step) in (FIRST..).zip(steps) {
            let draft = asked(&history, number, step);
            if let Ok(marks) = files.decide(&draft) {
                check(&history, &draft, marks);
                files.evolve(&draft);
                history.push(draft);
                check_file(&history, &files.file(CASE));
            }
        }
        // The same history folds to the same files.
        let again = given(history);
        assert_eq!(again.files, files.files);
        // A file that was written and read is the same file.
        for file in files.files.values() {
            let text = serde_json::to_string(file).unwrap();
            assert_eq!(&serde_json::from_str::<FileState>(&text).unwrap(), file);
        }
    }
}
