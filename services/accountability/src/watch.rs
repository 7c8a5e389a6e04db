//! WatchClocks: what is due, as it changes.
//!
//! Level, not edge: whenever something in a file may have changed, or one of its clocks passed a time that
//! counts, all of its open clocks are told. So a watch is resumed from two numbers, how many events and which
//! time were looked at, and telling a file twice does no harm.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use letopis_ledger::token::Caller;
use letopis_ledger::{Asking, Ledger, LedgerError, Place, page_token};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_proto::error::v1::Reason;
use letopis_service_rpc::convert::stream_message;
use letopis_service_rpc::{Authority, Told};
use letopis_types::{Sequence, StreamKey, StreamKind};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tonic::Status;

use crate::clocks::Whose;
use crate::convert;
use crate::pages;
use crate::seen::{Seen, protected};

/// How long before its due date a clock is near it, where the caller does not say; in seconds.
const SOON: u32 = 3 * 24 * 3600;

/// The longest that may be asked for, in seconds.
const SOON_MAX: u32 = 366 * 24 * 3600;

/// How often the clock is looked at while nothing is recorded.
const LOOK: Duration = Duration::from_secs(1);

/// How many rows or events are looked at together.
const STEP: usize = 256;

/// The furthest behind that a watch may be resumed, in events.
const BEHIND_MAX: u64 = 100_000;

/// What is watched.
#[derive(Clone)]
pub(crate) struct Watched {
    scope: Vec<u8>,
    whose: Whose,
    soon: i64,
    at: Cursor,
}

/// How far a watch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    /// How many events of the log were looked at.
    size: Sequence,
    /// The time up to which due dates were looked at; seconds since 1970 UTC.
    time: i64,
    /// While every file is told for the first time: up to which row. `None`: that is done.
    first: Option<Place>,
}

/// What is to be told next.
struct Step {
    told: Vec<proto::WatchClocksResponse>,
    /// The files that are told with their clocks.
    files: Vec<StreamKey>,
    at: Cursor,
    /// There is nothing more to look at for now.
    at_rest: bool,
}

impl Watched {
    pub(crate) fn new(ledger: &Ledger, request: proto::WatchClocksRequest) -> Result<Self, Told> {
        let token = request.resume_token.clone();
        let question = proto::WatchClocksRequest { resume_token: String::new(), ..request };
        let soon = match question.soon_seconds {
            0 => SOON,
            1..=SOON_MAX => question.soon_seconds,
            _ => return Err(Told::request("soon_seconds", "at most 366 days")),
        };
        let scope = pages::scope("watch", &question);
        let resumed = page_token::decode::<6>(&token, &scope)?.map(Cursor::from_numbers);
        let size = ledger.size();
        let at = resumed.transpose()?.unwrap_or(Cursor {
            size,
            time: ledger.now().seconds(),
            first: Some([0; 29]),
        });
        if size.0.saturating_sub(at.size.0) > BEHIND_MAX {
            let why = "too much happened since: begin again without a token";
            return Err(Told::new(Reason::PageTokenInvalid, why));
        }
        let whose = Whose::new(&question.holder, &question.lead, question.region)?;
        Ok(Self { scope, whose, soon: soon.into(), at })
    }
}

impl Cursor {
    fn numbers(&self) -> [u64; 6] {
        let [a, b, c, d] = pages::numbers(&self.first.unwrap_or([0xff; 29]));
        [self.size.0, self.time as u64, a, b, c, d]
    }

    fn from_numbers([size, time, a, b, c, d]: [u64; 6]) -> Result<Self, Told> {
        let place = pages::place([a, b, c, d]);
        let first = (place != [0xff; 29]).then_some(place);
        Ok(Self { size: Sequence(size), time: time as i64, first })
    }
}

/// Tells what is due until nobody listens any more.
pub(crate) async fn watch_clocks(
    ledger: &Ledger,
    authority: &Authority,
    watched: Watched,
    sender: &mpsc::Sender<Result<proto::WatchClocksResponse, Status>>,
) -> Result<(), Told> {
    let caller = authority.caller()?.clone();
    let mut follower = ledger.follow();
    let mut at = watched.at;
    let mut known = HashSet::new();
    loop {
        ledger.caught_up().await?;
        let (asked, of, asking) = (ledger.clone(), watched.clone(), ledger.asking(&caller));
        let looked = spawn_blocking(move || {
            let step =
                Looking { watched: &of, from: at, at, known: &mut known }.look(&asked, &asking);
            (step, known)
        });
        let (step, now_known) = looked.await.map_err(|_| Told::lost())?;
        let step = step?;
        known = now_known;
        tell(ledger, authority, &caller, &step, sender).await?;
        if sender.is_closed() {
            return Ok(());
        }
        at = step.at;
        if step.at_rest {
            tokio::select! {
                goes_on = follower.beyond(at.size) => if !goes_on {
                    return Err(Told::shutting_down());
                },
                () = tokio::time::sleep(LOOK) => {}
                () = sender.closed() => return Ok(()),
            }
        }
    }
}

async fn tell(
    ledger: &Ledger,
    authority: &Authority,
    caller: &Caller,
    step: &Step,
    sender: &mpsc::Sender<Result<proto::WatchClocksResponse, Status>>,
) -> Result<(), Told> {
    if step.told.is_empty() {
        return Ok(());
    }
    // Nothing is recorded in the name of a caller who would not be given it, and nothing leaves before that is
    // on the record.
    authority.check()?;
    ledger.record_facts_read(caller, Action::ReadFacts, step.files.iter().copied()).await?;
    for response in &step.told {
        if sender.send(Ok(response.clone())).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// One look at what changed.
struct Looking<'a> {
    watched: &'a Watched,
    /// Where this look began.
    from: Cursor,
    at: Cursor,
    /// The files of which clocks were told.
    known: &'a mut HashSet<StreamKey>,
}

impl Looking<'_> {
    fn look(mut self, ledger: &Ledger, asking: &Asking) -> Result<Step, LedgerError> {
        let mut seen = Seen::new(ledger, asking);
        let mut step = match self.at.first {
            Some(after) => self.first(&mut seen, &after),
            None => self.further(&mut seen),
        }?;
        // Whoever resumes from a message before the last is told all of this again.
        let after = self.token(&step.at);
        if let Some(last) = step.told.last_mut() {
            last.resume_token = after;
        }
        Ok(step)
    }

    /// The next files in which a clock runs, by due date.
    fn first(&mut self, seen: &mut Seen<'_>, after: &Place) -> Result<Step, LedgerError> {
        let holder = self.watched.whose.holder.as_ref();
        let mut files = Vec::new();
        let mut last = None;
        for row in seen.ledger.waiting(holder, Some(after)).take(STEP) {
            let row = row?;
            last = Some(row.place());
            if !self.known.contains(&row.file) && !files.contains(&row.file) {
                files.push(row.file);
            }
        }
        self.at.first = last;
        let mut step = self.told(seen, files.into_iter().map(|file| (file, false)))?;
        if last.is_none() {
            let as_of_size = seen.ledger.state_size().0;
            let complete =
                proto::WatchClocksResponse { as_of_size, complete: true, ..Default::default() };
            step.told.push(complete);
        }
        Ok(step)
    }

    /// The files in which something may have changed since.
    fn further(&mut self, seen: &mut Seen<'_>) -> Result<Step, LedgerError> {
        let ledger = seen.ledger;
        // Which of them an event may have changed; of the others only the time went on.
        let mut files = BTreeMap::new();
        let held = ledger.state_size();
        let wanted = usize::try_from(held.0.saturating_sub(self.at.size.0)).unwrap_or(STEP);
        for event in ledger.read_log(self.at.size, wanted.min(STEP))? {
            files.extend(ledger.touched(&event)?.into_iter().map(|file| (file, true)));
            self.at.size = event.link.sequence.next();
        }
        let since = self.at.time;
        self.at.time = since.max(ledger.now().seconds());
        for ahead in [0, self.watched.soon] {
            let span = (since.saturating_add(ahead), self.at.time.saturating_add(ahead));
            self.came_due(ledger, span, &mut files)?;
        }
        files.retain(|file, _| matches!(file.kind, StreamKind::Case | StreamKind::Signal));
        let at_rest = self.at.size >= held;
        Ok(Step { at_rest, ..self.told(seen, files)? })
    }

    /// The files in which a clock was due after one time, and not after another.
    fn came_due(
        &self,
        ledger: &Ledger,
        (after, until): (i64, i64),
        files: &mut BTreeMap<StreamKey, bool>,
    ) -> Result<(), LedgerError> {
        let place = end_of(after);
        for row in ledger.waiting(self.watched.whose.holder.as_ref(), Some(&place)) {
            let row = row?;
            if row.due > until {
                break;
            }
            files.entry(row.file).or_insert(false);
        }
        Ok(())
    }

    /// These files, each with whether an event may have changed it, as far as the caller may be told of them.
    fn told(
        &mut self,
        seen: &mut Seen<'_>,
        files: impl IntoIterator<Item = (StreamKey, bool)>,
    ) -> Result<Step, LedgerError> {
        let mut step = Step { told: Vec::new(), files: Vec::new(), at: self.at, at_rest: false };
        for (file, changed) in files {
            let found = self.clocks(seen, file)?;
            let is_empty = found.clocks.is_empty();
            let was_known = match is_empty {
                true => self.known.remove(&file),
                false => !self.known.insert(file),
            };
            // That nothing runs any more is told of what was told before, by an earlier watch perhaps.
            if is_empty && !was_known && !(changed && found.concerns) {
                continue;
            }
            step.files.extend(found.may_see.then_some(file));
            step.told.push(proto::WatchClocksResponse {
                file: Some(stream_message(&file)),
                clocks: found.clocks,
                resume_token: self.token(&self.from),
                as_of_size: found.as_of.0,
                complete: false,
            });
        }
        Ok(step)
    }

    /// The clocks of a file that are asked for, by due date.
    fn clocks(&self, seen: &mut Seen<'_>, file: StreamKey) -> Result<Found, LedgerError> {
        let may_see = seen.allows(file)?;
        let sees_hidden = may_see && seen.allows(protected(file))?;
        let view = seen.view(file)?;
        let whose = &self.watched.whose;
        let is_held = |holder| view.file.holder == Some(holder);
        let is_wanted = may_see
            && whose.holder.is_none_or(is_held)
            && (whose.lead.is_none() || whose.lead == view.file.lead)
            && whose.is_of(view.file.region);
        let open = view.file.procedure.clocks().open();
        let open = open.filter(|clock| is_wanted && (sees_hidden || !clock.protected));
        let mut clocks: Vec<proto::Clock> =
            open.map(|clock| convert::clock(&file, view, &clock)).collect();
        clocks.sort_by_key(|clock| clock.due);
        let was_held = |holder| is_held(holder) || view.file.former.contains(&holder);
        let may_be_led = whose.lead.is_none() || file.kind == StreamKind::Case;
        let concerns = may_see && may_be_led && whose.holder.is_none_or(was_held);
        Ok(Found { clocks, as_of: view.as_of, may_see, concerns })
    }

    fn token(&self, at: &Cursor) -> String {
        page_token::encode(&self.watched.scope, at.numbers())
    }
}

/// What was found in a file.
struct Found {
    clocks: Vec<proto::Clock>,
    as_of: Sequence,
    may_see: bool,
    /// It is, or was, of those asked for.
    concerns: bool,
}

/// The place behind all that is due by this second.
fn end_of(due: i64) -> Place {
    let mut place = [0xff; 29];
    let ordered = (due ^ i64::MIN).to_be_bytes();
    place.iter_mut().zip(ordered).for_each(|(to, from)| *to = from);
    place
}
