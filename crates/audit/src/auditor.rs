//! The report of a record, while that is verified: what each event shows by itself; at the end, what the
//! files came to; then once more over the record for the events that findings name by their hash alone.

use std::collections::{BTreeMap, HashMap};

use letopis_domain::Fact;
use letopis_domain::fact::Needs;
use letopis_domain::file::{FileState, file_of, own_file};
use letopis_domain::registry::Placed;
use letopis_ledger::submission::parse;
use letopis_ledger::verify::{
    Ended, Onlooker, Options, Replayed, Verified, VerifyError, each_event, verify_before,
};
use letopis_record::ReadOnlyDataDir;
use letopis_types::{Digest, StreamKey};

use crate::event::{EventRef, Listed, Named, Shown, Time};
use crate::readings::{Denials, Read};
use crate::report::{
    Change, ChangeFinding, EmergencyAccess, LedgerRef, MarkedFinding, RecordRef, RefusalOf,
    Refusals, Report, ReviewOf, Supervision,
};
use crate::scope::{LATE_ENTRY_SECONDS, Scope};
use crate::{acts, clocks};

/// What changes something after the fact, in the order of the report.
const CHANGES: [&str; 9] = [
    "EventCorrected",
    "PersonCorrected",
    "EventMisfiled",
    "SectionsErased",
    "ErasureCompleted",
    "LegalHoldSet",
    "LegalHoldLifted",
    "CaseVoided",
    "CasesMerged",
];

/// Verifies the record of a data directory, and reports what an inspection asks of it; `progress` is told
/// how many events are done.
///
/// # Errors
/// As [`verify_before`]: there is no report of a record that does not verify.
pub fn audit(
    data: &ReadOnlyDataDir,
    options: Options,
    scope: Scope,
    progress: impl FnMut(u64),
) -> Result<(Verified, Report), VerifyError> {
    let mut auditor = Auditor { scope, ..Auditor::default() };
    let (verified, ended) = verify_before(data, options, progress, &mut auditor)?;
    let mut report = auditor.report(&verified, &ended);
    look_up(data, &ended, &mut report)?;
    Ok((verified, report))
}

/// What was seen while the record was replayed.
#[derive(Default)]
pub(crate) struct Auditor {
    pub(crate) scope: Scope,
    entered_late: Listed<Named>,
    marked: [Listed<MarkedFinding>; 3],
    read: Read,
    denials: Denials,
    counted: BTreeMap<u32, u64>,
    endorsements: Listed<Named>,
    changes: BTreeMap<&'static str, Listed<ChangeFinding>>,
    compromised_keys: Listed<Named>,
    disputed: Listed<Named>,
    /// By file, the clock's number and what started it.
    pub(crate) explanations: HashMap<(StreamKey, u32, Digest), Vec<Digest>>,
    /// By the opening that they are of: the review, and whether it was justified.
    pub(crate) reviews: HashMap<Digest, (Digest, bool)>,
}

impl Onlooker for Auditor {
    fn event(&mut self, event: &Replayed<'_>) {
        let placed = &event.placed;
        // Whatever the scope: what they are about may lie in it.
        self.note(placed);
        if !self.scope.covers(placed.recorded_at.seconds()) {
            return;
        }
        self.read.take(event, &self.scope);
        self.denials.take(event, &self.scope);
        match &placed.statement.fact {
            Fact::RefusalsCounted(fact) => {
                for (reason, count) in &fact.counts {
                    *self.counted.entry(*reason).or_default() += count;
                }
            }
            Fact::KeyCompromised(_) => self.compromised_keys.push(|| named(event)),
            _ => {}
        }
        let file = own_file(placed.statement).and_then(|key| event.file(&key));
        if self.scope.is_of(file) {
            self.of_file(event);
        }
    }

    fn disputed(&mut self, event: &Replayed<'_>) {
        let file = file_of(&event.placed.statement.stream).and_then(|key| event.file(&key));
        if self.scope.covers(event.placed.recorded_at.seconds()) && self.scope.is_of(file) {
            self.disputed.push(|| named(event));
        }
    }
}

fn named(event: &Replayed<'_>) -> Named {
    Named::of(&event.placed, event.registry)
}

impl Auditor {
    fn note(&mut self, placed: &Placed<'_>) {
        let (statement, hash) = (placed.statement, placed.statement_hash);
        match &statement.fact {
            Fact::DelayExplained(fact) => {
                if let Some(file) = own_file(statement) {
                    let of = (file, fact.clock, fact.started_by);
                    self.explanations.entry(of).or_default().push(hash);
                }
            }
            Fact::BreakGlassReviewed(fact) => {
                self.reviews.insert(fact.opened, (hash, fact.justified));
            }
            _ => {}
        }
    }

    /// An event of a file within the scope.
    fn of_file(&mut self, event: &Replayed<'_>) {
        let Placed { statement, recorded_at, .. } = event.placed;
        let fact = &statement.fact;
        let told = fact.needs() != Needs::Ledger && !matches!(fact, Fact::HistoryImported(_));
        let waited = recorded_at.seconds().saturating_sub(statement.occurred_at.instant.seconds);
        if told && waited > LATE_ENTRY_SECONDS {
            self.entered_late.push(|| named(event));
        }
        let taken = event.taken;
        let marks = [taken.on_expired_qualification, taken.under_recusal, taken.under_delegation];
        for (list, is_marked) in self.marked.iter_mut().zip(marks) {
            if is_marked {
                let (review, endorsed_by) = (ReviewOf::NotDue, Vec::new());
                list.push(|| MarkedFinding { act: named(event), review, endorsed_by });
            }
        }
        if matches!(fact, Fact::EndorsementRefused(_)) {
            self.endorsements.push(|| named(event));
        }
        if let Some(kind) = CHANGES.into_iter().find(|kind| *kind == fact.name()) {
            let of = fact.named().first().map(|hash| Named::hash(*hash));
            let list = self.changes.entry(kind).or_default();
            list.push(|| ChangeFinding { event: named(event), of });
        }
    }

    /// What all of it comes to.
    fn report(mut self, verified: &Verified, ended: &Ended) -> Report {
        let mut report = self.begun(verified, ended);
        let mut files: Vec<(&StreamKey, &FileState)> =
            ended.files.iter().map(|(key, file)| (key, &**file)).collect();
        files.sort_unstable_by_key(|(key, _)| **key);
        for (key, file) in files {
            let of = acts::OfFile { key, file, ended };
            if self.scope.is_of(Some(file)) {
                acts::take(&mut report, &self, &of);
                clocks::take(&mut report, &self, &of);
            }
        }
        self.marked.iter_mut().for_each(|list| acts::reviews(list, ended));
        let [on_expired_qualification, under_recusal, under_delegation] = self.marked;
        clocks::sort(&mut report);
        Report { on_expired_qualification, under_recusal, under_delegation, ..report }
    }

    /// The report with what the events have shown.
    fn begun(&mut self, verified: &Verified, ended: &Ended) -> Report {
        use std::mem::take;
        let genesis = &verified.genesis;
        let id = Shown(verified.ledger);
        let changes = CHANGES
            .into_iter()
            .filter_map(|kind| Some(Change { kind, findings: self.changes.remove(kind)? }));
        let changes = changes.collect();
        let (denied, denials) = take(&mut self.denials).told();
        Report {
            format: "letopis-audit-report/1",
            ledger: LedgerRef { id, name: genesis.name.clone(), trial: genesis.trial },
            record: RecordRef {
                events: verified.events,
                root: Shown(verified.root),
                ends_at: Time(ended.at.seconds()),
                continues: None,
            },
            scope: self.scope.clone(),
            late: Listed::default(),
            entered_late: take(&mut self.entered_late),
            emergency_access: EmergencyAccess::default(),
            unreviewed_acts: Listed::default(),
            on_expired_qualification: Listed::default(),
            under_recusal: Listed::default(),
            under_delegation: Listed::default(),
            supervision: Supervision::default(),
            readings: take(&mut self.read).told(),
            compromised_keys: take(&mut self.compromised_keys),
            disputed: take(&mut self.disputed),
            refusals: Refusals {
                counted: take(&mut self.counted)
                    .into_iter()
                    .map(|(reason, count)| RefusalOf { reason, count })
                    .collect(),
                denied,
                denials,
                endorsements: take(&mut self.endorsements),
            },
            unfinished_acts: Listed::default(),
            open_duties: Listed::default(),
            changes,
        }
    }
}

/// Tells of the events that findings name by their hash alone what they are.
fn look_up(data: &ReadOnlyDataDir, ended: &Ended, report: &mut Report) -> Result<(), VerifyError> {
    let mut found: HashMap<Digest, Option<EventRef>> = HashMap::new();
    report.named(&mut |named| drop(found.insert(named.hash.0, None)));
    if found.is_empty() {
        return Ok(());
    }
    each_event(data, |event| {
        let Some(entry) = found.get_mut(&event.link.statement_hash) else { return Ok(()) };
        // It parsed before.
        let Ok(statement) = parse(&event.statement) else { return Ok(()) };
        let placed = Placed {
            statement: &statement,
            statement_hash: event.link.statement_hash,
            sequence: event.link.sequence,
            recorded_at: event.link.recorded_at,
        };
        *entry = Some(EventRef::of(&placed, &ended.registry));
        Ok::<(), VerifyError>(())
    })?;
    report.named(&mut |named| named.event = found.get(&named.hash.0).cloned().flatten());
    Ok(())
}
