//! `letopis case hand-over`: all the cases that somebody leads are given to another, or to nobody.
//!
//! One LeadAssigned in each. It is run again as often as needed: what was handed over is not led by them
//! any more, and what waits for the same new lead is left waiting, and put into the file again; where the
//! new lead signs this time, a new assignment takes its place.

use letopis_client::{Draft, Event, LedgerClient, Recorded};
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{ActorId, Class};
use letopis_words::{Lang, say};
use serde_json::json;

use super::many::{InCase, Left, Report};
use super::receipts;
use crate::act::ask;
use crate::caseload::{Case, Caseload};
use crate::cli::HandOverArgs;
use crate::cmd::init::now;
use crate::connect::{Connected, connect_for};
use crate::failure::Failure;
use crate::out;

/// The section that says how it was checked that the new lead is independent.
const CONFLICT_CHECK: &str = "conflict-check/1";

pub(super) async fn run(args: &HandOverArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let to = NewLead::of(args, &connected)?;
    let check = args.checked.as_deref().map(conflict_check).transpose()?;

    let mut report = Report::new(args.lang, args.server.json);
    let found = find(args, to, &connected.client, &mut report).await?;
    if found.is_empty() && args.cases.is_empty() && !args.server.json {
        let lead = args.from.to_string();
        out::line(&say!(args.lang, "hand-over-no-open-case", lead = lead))?;
    }
    if !found.to_assign.is_empty() {
        let summary = || eprint!("{}", summary(args, to, &found.to_assign));
        ask(&connected.holders, args.yes, args.lang, summary)?;
    }
    let draft =
        |case: &Case| InCase { case: case.history.stream.id, draft: draft(case, to, &check) };
    let acts: Vec<InCase> = found.to_assign.iter().map(draft).collect();
    let mut waiting = found.waiting;
    let carried_out = report.carry_out(&connected, &acts, &mut waiting).await;
    // Also where it ended early: what was recorded waits.
    pass_on(args, &waiting)?;
    carried_out?;
    report.end()
}

/// Writes what waits for the new lead, where that is wanted.
fn pass_on(args: &HandOverArgs, waiting: &[Recorded]) -> Result<(), Failure> {
    let Some(path) = args.out.as_ref().filter(|_| !waiting.is_empty()) else { return Ok(()) };
    receipts::write(path, waiting)?;
    if args.server.json {
        return Ok(());
    }
    let command = format!("letopis case accept-lead {} --key …", path.display());
    out::line(&say!(args.lang, "hand-over-out", command = command))
}

/// To whom the cases go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NewLead {
    Nobody,
    /// Who signs here, and thereby accepts.
    AtOnce(ActorId),
    /// Who is still to accept.
    Later(ActorId),
}

impl NewLead {
    /// Checked against whose keys are here, and where the rest is to go.
    fn of(args: &HandOverArgs, connected: &Connected) -> Result<Self, Failure> {
        let lang = args.lang;
        let wrong = |what: &str| Err(Failure::other(what));
        let head = connected.caller()?.signer().actor;
        let signs =
            |actor: &ActorId| connected.holders.iter().any(|one| one.signer().actor == *actor);
        let mut signers = connected.holders.iter().map(|holder| holder.signer().actor);
        if signers.any(|actor| actor != head && Some(actor) != args.to) {
            return wrong(say!(lang, "hand-over-other-key"));
        }
        match (args.to, &args.out) {
            (None, _) => Ok(Self::Nobody),
            (Some(to), _) if to == args.from => wrong(say!(lang, "hand-over-to-the-same")),
            (Some(to), None) if signs(&to) => Ok(Self::AtOnce(to)),
            (Some(to), Some(_)) if signs(&to) => {
                wrong(&say!(lang, "hand-over-out-left-out", to = to.to_string()))
            }
            (Some(_), None) => wrong(say!(lang, "hand-over-who-accepts")),
            (Some(to), Some(path)) if !path.exists() => Ok(Self::Later(to)),
            (Some(_), Some(path)) => {
                let file = path.display().to_string();
                wrong(&say!(lang, "hand-over-file-exists", file = file))
            }
        }
    }

    const fn actor(self) -> Option<ActorId> {
        match self {
            Self::Nobody => None,
            Self::AtOnce(actor) | Self::Later(actor) => Some(actor),
        }
    }

    fn words(self, lang: Lang) -> String {
        match self {
            Self::Nobody => say!(lang, "hand-over-to-nobody").to_owned(),
            Self::AtOnce(actor) => {
                let actor = actor.to_string();
                say!(lang, "hand-over-to-at-once", actor = actor)
            }
            Self::Later(actor) => say!(lang, "hand-over-to-later", actor = actor.to_string()),
        }
    }
}

/// What is to be done in a case.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Assign,
    Leave(Left),
}

/// A case is led by `lead`, and `waiting` is asked to accept it.
fn step(from: ActorId, to: NewLead, lead: Option<ActorId>, waiting: Option<ActorId>) -> Step {
    match to {
        _ if lead != Some(from) => Step::Leave(Left::NotLed),
        NewLead::Later(actor) if waiting == Some(actor) => Step::Leave(Left::Waits),
        _ => Step::Assign,
    }
}

#[derive(Debug, Default)]
struct Found {
    to_assign: Vec<Case>,
    /// Assigned before to the same new lead.
    waiting: Vec<Recorded>,
}

impl Found {
    const fn is_empty(&self) -> bool {
        self.to_assign.is_empty() && self.waiting.is_empty()
    }
}

/// Goes through the cases that are named, or all that the caller may see.
async fn find(
    args: &HandOverArgs,
    to: NewLead,
    client: &LedgerClient,
    report: &mut Report,
) -> Result<Found, Failure> {
    let mut caseload = Caseload::open(client.clone()).await?;
    let mut ids = args.cases.clone();
    if ids.is_empty() {
        ids = caseload.ids().await?;
    }
    ids.sort_unstable();
    ids.dedup();
    let mut found = Found::default();
    for id in ids {
        let case = match caseload.case(id).await {
            Ok(case) => case,
            Err(failure) => {
                report.unread(id, failure)?;
                continue;
            }
        };
        let waiting = case.waiting();
        match step(args.from, to, case.lead(), waiting.map(|(lead, _)| lead)) {
            Step::Assign => found.to_assign.push(case),
            // Of others nothing is said, unless they were asked about.
            Step::Leave(Left::NotLed) if args.cases.is_empty() => {}
            Step::Leave(why) => {
                if let (Left::Waits, Some((_, event))) = (why, waiting) {
                    match receipt(client, &case, event).await {
                        Ok(receipt) => found.waiting.push(receipt),
                        Err(failure) => {
                            report.refused(id, failure)?;
                            continue;
                        }
                    }
                }
                report.left(id, why)?;
            }
        }
    }
    Ok(found)
}

async fn receipt(client: &LedgerClient, case: &Case, event: &Event) -> Result<Recorded, Failure> {
    let id = event.event_id().ok_or_else(|| Failure::other("the event has no id"))?;
    Ok(client.get_receipt(&case.history.stream, &id).await?.1)
}

/// How it was checked, as the section holds it.
fn conflict_check(how: &str) -> Result<String, Failure> {
    let content = format!("{:#}", json!({"result": "none", "how": how.trim()}));
    letopis_sections::check(CONFLICT_CHECK, Class::Normal, content.as_bytes())
        .map_err(Failure::other)?;
    Ok(content)
}

fn draft(case: &Case, to: NewLead, check: &Option<String>) -> Draft {
    let lead = to.actor().map(|actor| actor.0.to_vec()).unwrap_or_default();
    let kind = Kind::LeadAssigned(proto::LeadAssigned { lead });
    let draft = Draft::new(case.history.stream, kind, now()).seen(case.history.seen());
    match check {
        Some(check) => draft.section(Class::Normal, CONFLICT_CHECK, check.clone()),
        None => draft,
    }
}

/// What is to be signed, in plain words.
fn summary(args: &HandOverArgs, to: NewLead, cases: &[Case]) -> String {
    let lang = args.lang;
    let title = say!(lang, "hand-over-title");
    let mut text = format!("  {title}\n");
    let from = args.from.to_string();
    text += &format!("  {}\n", say!(lang, "hand-over-from", actor = from));
    text += &format!("  {}\n", say!(lang, "hand-over-to", to = to.words(lang)));
    if let Some(how) = &args.checked {
        let none = say!(lang, "hand-over-no-conflict", how = how.trim());
        text += &format!("  {none}\n");
    }
    text += &format!("  {}\n", say!(lang, "hand-over-cases", n = cases.len()));
    for case in cases {
        text += &format!("    {}{}\n", case.history.stream.id, replaced(case, lang));
    }
    text
}

fn replaced(case: &Case, lang: Lang) -> String {
    let Some((lead, _)) = case.waiting() else { return String::new() };
    format!("  ({})", say!(lang, "hand-over-replaces", lead = lead.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: ActorId = ActorId([1; 16]);
    const TO: ActorId = ActorId([2; 16]);
    const OTHER: ActorId = ActorId([3; 16]);

    #[test]
    fn a_case_is_assigned_once() {
        let later = NewLead::Later(TO);
        assert_eq!(step(FROM, later, Some(FROM), None), Step::Assign);
        assert_eq!(step(FROM, later, Some(FROM), Some(TO)), Step::Leave(Left::Waits));
        for lead in [Some(TO), Some(OTHER), None] {
            assert_eq!(step(FROM, later, lead, None), Step::Leave(Left::NotLed), "{lead:?}");
        }
    }

    #[test]
    fn what_waits_gives_way_to_what_is_in_force_and_to_another() {
        let another = NewLead::Later(OTHER);
        for to in [NewLead::Nobody, NewLead::AtOnce(TO), another] {
            assert_eq!(step(FROM, to, Some(FROM), Some(TO)), Step::Assign, "{to:?}");
        }
    }

    #[test]
    fn how_it_was_checked_has_to_be_said() {
        assert!(conflict_check("Измислена декларация.").is_ok());
        assert!(conflict_check(" \n").is_err());
    }
}
