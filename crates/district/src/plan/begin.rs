//! Which signals come in, about whom, and what becomes of each: a story's lines with their times.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;

use super::{Begun, Deed, Plan, Planned, Story};
use crate::calendar::{Calendar, DAY, DAYS, HOUR, MINUTE};
use crate::cast::{FamilyCast, next};
use crate::random::Random;
use crate::script::{Line, Part, Script, Wanted, What};
use crate::staff::DEPARTMENTS;

/// Signals about several children, in a thousand of those that may be.
const SEVERAL: u64 = 330;
/// The most children of a signal.
const CHILDREN_MAX: u64 = 4;
/// Families for a thousand children.
const FAMILIES: usize = 625;
/// How often each story happens at least.
const AT_LEAST: usize = 3;
/// The days of the year in which signals come in: after everybody is enrolled, and while something can
/// still become of them.
const FIRST_DAY: i64 = 7;
const LAST_DAY: i64 = DAYS - 20;
/// Gaps of days are drawn out by up to so many thousandths.
const DRAWN_OUT: i64 = 250;
/// How long the lead of a signal stays at least, so that its check is done in one hand.
const CHECK: i64 = 60 * DAY;

/// Kinds of entries that people write up when they get to it, and how many of a thousand are late.
const WRITTEN_UP: [&str; 7] = [
    "VisitRecorded",
    "NoteAdded",
    "FamilyHeard",
    "SupervisionHeld",
    "DocumentAdded",
    "ServiceReported",
    "FeedbackGiven",
];
const LATE: u64 = 460;

/// Entries that get into the wrong file first, in a thousand of those that may.
const MISFILED: u64 = 260;
const MAY_BE_MISFILED: [&str; 4] = ["NoteAdded", "FamilyHeard", "DocumentAdded", "VisitRecorded"];

/// After these a case no longer stands in one hand.
const ENDS: [&str; 6] =
    ["CaseClosed", "TransferProposed", "CaseVoided", "CasesMerged", "LeadAssigned", "ChildDied"];

/// A signal that will come in, or something of the office's.
#[derive(Debug)]
pub(super) struct Signal {
    pub(super) at: i64,
    pub(super) family: Option<usize>,
    script: usize,
    children: u8,
    department: usize,
}

/// Every signal of a year, by its beginning.
pub(super) fn signals(
    seed: u64,
    children: usize,
    scripts: &[Script],
    calendar: &Calendar,
) -> Vec<Signal> {
    let mut random = Random::of(seed, "signals", 0);
    let mut deck = deck(&mut random, scripts);
    let mut signals = Vec::new();
    let families = (children * FAMILIES).div_ceil(1000).max(1);
    let mut left = children;
    while left > 0 {
        let Some((script, of)) = deck.pop().or_else(|| by_weight(&mut random, scripts)) else {
            break;
        };
        let several = of.whole && random.per_mille(SEVERAL);
        let about = if several { 2 + random.below(CHILDREN_MAX - 1) } else { 1 };
        // However few there are, one is left for each story that is still to happen.
        let about = about.min(left.saturating_sub(deck.len()).max(1) as u64);
        left -= about as usize;
        let last = (LAST_DAY - of.length() * 5 / 4 / DAY).max(FIRST_DAY + 1);
        let day = random.between(FIRST_DAY, last);
        let at = calendar.at(day, 8, 30) + random.between(0, 9 * HOUR);
        let begin = if of.night { Calendar::off_work } else { Calendar::at_work };
        let at = begin(calendar, at, &mut random);
        let number = signals.len();
        // Each family has a first signal; the rest are about further children of some of them.
        let family =
            if number < families { number } else { random.below(families as u64) as usize };
        signals.push(Signal {
            at,
            family: Some(family),
            script,
            children: u8::try_from(about).unwrap_or(1),
            department: family % DEPARTMENTS,
        });
    }
    signals.extend(of_office(&mut random, scripts, calendar));
    signals.sort_by_key(|signal| signal.at);
    signals
}

/// The stories that happen in any case, each a few times.
fn deck<'a>(random: &mut Random, scripts: &'a [Script]) -> Vec<(usize, &'a Script)> {
    let of_signals = scripts.iter().enumerate().filter(|(_, of)| of.part == Part::Signal);
    let mut deck: Vec<_> = of_signals.cycle().take(AT_LEAST * count(scripts)).collect();
    random.shuffle(&mut deck);
    deck
}

fn count(scripts: &[Script]) -> usize {
    scripts.iter().filter(|of| of.part == Part::Signal).count()
}

fn by_weight<'a>(random: &mut Random, scripts: &'a [Script]) -> Option<(usize, &'a Script)> {
    let of_signals = || scripts.iter().enumerate().filter(|(_, of)| of.part == Part::Signal);
    let mut left = random.below(of_signals().map(|(_, of)| of.weight).sum());
    of_signals().find(|(_, of)| {
        let found = left < of.weight;
        left = left.saturating_sub(of.weight);
        found
    })
}

/// What is of no family happens in each department once.
fn of_office(random: &mut Random, scripts: &[Script], calendar: &Calendar) -> Vec<Signal> {
    let of = scripts.iter().enumerate().filter(|(_, of)| of.part == Part::Office);
    let each = of.flat_map(|(script, _)| (0..DEPARTMENTS).map(move |at| (script, at)));
    each.map(|(script, department)| {
        let day = 30 + 100 * department as i64 + random.between(0, 60);
        let at = calendar.at_work(calendar.at(day, 10, 0), random);
        Signal { at, family: None, script, children: 1, department }
    })
    .collect()
}

impl Plan {
    /// Plans the story of a signal, and those of its further children.
    pub(super) fn begin(&mut self, signal: &Signal) -> Option<()> {
        let script = self.scripts.get(signal.script)?.clone();
        let first = self.begun + 1;
        let mut random = self.chance("story", first);
        let track = random.pick(&script.tracks).cloned().unwrap_or_default();
        let cast = self.cast(signal, &script, &mut random)?;
        let mut begun = Begun {
            cast: Arc::new(cast),
            after: None,
            family: signal.family,
            children: signal.children,
            track,
            title: script.title.as_str().into(),
        };
        let opened = self.begin_story(&script, &begun, signal.at, &mut random);
        let fits = |of: &&Script| of.part == Part::Sibling && of.tracks.contains(&begun.track);
        let siblings: Vec<Script> = self.scripts.iter().filter(fits).cloned().collect();
        for child in 1..signal.children {
            let script = random.pick(&siblings)?;
            let opened = opened?;
            let workers = self.staff.workers(signal.department, signal.at, opened + CHECK);
            let lead = *random.pick(&workers.collect::<Vec<_>>())?;
            begun.cast = Arc::new(begun.cast.of_sibling(child, lead));
            begun.after = Some(first);
            begun.title = script.title.as_str().into();
            let at = opened + i64::from(child) * 10 * MINUTE;
            self.begin_story(script, &begun, at, &mut random);
        }
        Some(())
    }

    fn cast(&self, signal: &Signal, script: &Script, random: &mut Random) -> Option<FamilyCast> {
        let (department, at) = (signal.department, signal.at);
        let until = if script.steady { i64::MAX } else { at + CHECK };
        let mut one = |department, until| {
            let workers: Vec<_> = self.staff.workers(department, at, until).collect();
            random.pick(&workers).copied()
        };
        let lead = one(department, until)?;
        let mut colleague = one(department, i64::MAX)?;
        while colleague == lead {
            colleague = one(department, i64::MAX)?;
        }
        let parts = (lead, colleague, one(next(department), i64::MAX)?);
        let seed = random.next();
        let cast = FamilyCast::new(&self.staff, seed, department, parts);
        let relief = self.staff.find("relief", department).filter(|_| script.relief);
        Some(relief.map_or_else(|| cast.clone(), |relief| cast.with("duty", relief)))
    }

    /// Plans one story from this time on. When its case is opened.
    fn begin_story(
        &mut self,
        script: &Script,
        begun: &Begun,
        at: i64,
        random: &mut Random,
    ) -> Option<i64> {
        self.begun += 1;
        let number = self.begun;
        let timed = self.timed(script, at, random);
        let opened = timed.iter().find(|(_, line)| line.is("CaseOpened")).map(|(at, _)| *at);
        let last = timed.last().map_or(at, |(at, _)| *at);
        let ended = timed.iter().find(|(_, line)| ends(line)).map_or(last, |(at, _)| *at);
        let open = (opened.map_or(i64::MAX, |at| at + HOUR), ended);
        let begins = Deed::Begins(Box::new(begun.clone()));
        let mut acts = VecDeque::from([(at, Planned::Deed(begins))]);
        let mut began = at;
        for (when, line) in timed {
            if line.is("SignalReceived") {
                began = when;
            }
            let may_be_misfiled = open.0 < when - DAY;
            plan_line(&mut acts, (when, line), (begun, began), may_be_misfiled, random);
        }
        let handed = self.hand_over(begun, (open, last), random);
        acts.extend(handed.into_iter().map(|(at, deed)| (at, Planned::Deed(deed))));
        // Stable: what is at one time stays in its order.
        acts.make_contiguous().sort_by_key(|(at, _)| *at);
        self.next.push(Reverse((at, number)));
        let cast = Arc::clone(&begun.cast);
        self.stories.insert(number, Story { cast, acts, open, mistake: None });
        opened
    }

    /// The lines with their times.
    fn timed(&self, script: &Script, begins: i64, random: &mut Random) -> Vec<(i64, Line)> {
        let mut at = begins;
        let mut timed = Vec::with_capacity(script.lines.len());
        for line in &script.lines {
            let later = line.later;
            at += later
                + if later >= 2 * DAY { random.between(0, later * DRAWN_OUT / 1000) } else { 0 };
            at += random.between(1, 5 * MINUTE);
            if timed.is_empty() {
                at = begins;
            } else if !cannot_wait(line) {
                at = self.calendar.at_work(at, random);
            }
            timed.push((at, line.clone()));
        }
        timed
    }

    /// Where the lead leaves while the case is open, the successor takes it over that morning.
    fn hand_over(
        &self,
        begun: &Begun,
        (open, last): ((i64, i64), i64),
        random: &mut Random,
    ) -> Vec<(i64, Deed)> {
        let cast = &begun.cast;
        let lead = cast.member("worker").and_then(|number| self.staff.member(number));
        let leaving = lead.and_then(|lead| lead.leaves.zip(lead.successor));
        let Some((leaves, successor)) = leaving else { return Vec::new() };
        let at = leaves - random.between(HOUR, 3 * HOUR);
        if !(open.0..open.1.min(last)).contains(&at) {
            return Vec::new();
        }
        let beside = cast.with("worker2", successor);
        let says = |text: &str| Deed::Says(text.to_owned());
        vec![
            (at, Deed::Recasts(Arc::new(beside))),
            (at, says("LeadAssigned lead=worker2")),
            (at + 20 * MINUTE, says("Endorsed by worker2 on LeadAssigned")),
            (at + 20 * MINUTE, Deed::Recasts(Arc::new(cast.with("worker", successor)))),
        ]
    }
}

/// What cannot wait until people are at work.
fn cannot_wait(line: &Line) -> bool {
    match &line.what {
        What::Says { kind, text } => {
            let urgent =
                letopis_proto::KINDS.iter().any(|known| known.urgent && known.name == *kind);
            urgent || text.contains("by duty")
        }
        What::Reads(reading) => reading.what == Wanted::Emergency,
        What::Tries(_) | What::Explains => false,
    }
}

/// Does the case no longer stand in one hand after it?
fn ends(line: &Line) -> bool {
    ENDS.iter().any(|kind| line.is(kind))
}

/// A line as it is planned, at its time, in a story whose file began before.
fn plan_line(
    acts: &mut VecDeque<(i64, Planned)>,
    (at, line): (i64, Line),
    (begun, began): (&Begun, i64),
    may_be_misfiled: bool,
    random: &mut Random,
) {
    let (kind, mut text) = match line.what {
        What::Says { kind, text } => (kind, text.replace("$track", &begun.track)),
        What::Tries(text) => return acts.push_back((at, Planned::Deed(Deed::Tries(text)))),
        What::Explains => return acts.push_back((at, Planned::Deed(Deed::Explains))),
        What::Reads(reading) => return acts.push_back((at, Planned::Deed(Deed::Reads(reading)))),
    };
    if begun.children > 1 && ["SignalReceived", "SignalAssessed"].contains(&kind.as_str()) {
        text = format!("{text} children={}", begun.children);
    }
    // What others name, or somebody else enters, stays where it is.
    let plain = [" by ", " as ", " happened "].iter().all(|word| !text.contains(word));
    let is_one_of = |kinds: &[&str]| plain && kinds.contains(&kind.as_str());
    if may_be_misfiled && is_one_of(&MAY_BE_MISFILED) && random.per_mille(MISFILED) {
        acts.push_back((at - DAY, Planned::Misfiles(text.clone())));
        acts.push_back((at, Planned::Anew(text)));
        return;
    }
    if is_one_of(&WRITTEN_UP) && random.per_mille(LATE) {
        // Nothing happened in a file before it began.
        let days = random.between(2, 6).min((at - began - HOUR) / DAY);
        if days > 0 {
            text = format!("{text} happened -{days}d");
        }
    }
    acts.push_back((at, Planned::Deed(Deed::Says(text))));
}
