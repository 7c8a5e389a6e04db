//! `letopis case accept-lead`: the new lead accepts what the head handed over.
//!
//! Whoever is to lead a case may not read it before. What they accept is known from the receipts that the
//! head passed on: each proves what was assigned, by whom, and that it is on the record.

use std::collections::BTreeMap;
use std::path::Path;

use letopis_client::{Draft, Reference, Seen};
use letopis_domain::Fact;
use letopis_domain::fact::LeadAssigned;
use letopis_log::VerifierKey;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose, Relation};
use letopis_types::{ActorId, Digest, StreamId, StreamKey, StreamKind, Timestamp};
use letopis_words::{Lang, say};

use super::many::{InCase, Left, Report};
use super::receipts;
use crate::act::ask;
use crate::caseload::{Case, Caseload};
use crate::cli::AcceptLeadArgs;
use crate::cmd::init::now;
use crate::cmd::receipt::check;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::words;

pub(super) async fn run(args: &AcceptLeadArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let [me] = connected.holders.as_slice() else {
        return Err(Failure::other("the new lead alone accepts: give one --key, or --agent"));
    };
    let me = me.signer().actor;
    let assigned = assigned(&args.file, connected.client.known().key(), me)?;

    let mut report = Report::new(args.lang, args.server.json);
    let mut caseload = Caseload::open(connected.client.clone()).await?;
    let visible = caseload.ids().await?;
    let mut open = Vec::new();
    for one in assigned {
        // Asking for a case that they may not see would be recorded as denied.
        let case = match visible.contains(&one.case) {
            true => match caseload.case(one.case).await {
                Ok(case) => Some(case),
                // To accept it need not be read.
                Err(Failure::Refused { .. } | Failure::Unknown { .. }) => None,
                Err(failure) => return Err(failure),
            },
            false => None,
        };
        match case.as_ref().and_then(|case| settled(&one, case, me)) {
            Some(why) => report.left(one.case, why)?,
            None => open.push((one, case.map(|case| case.history.seen()))),
        }
    }
    if !open.is_empty() {
        ask(&connected.holders, args.yes, args.lang, || eprint!("{}", summary(&open, args.lang)))?;
    }
    let acts: Vec<InCase> = open.iter().map(|(one, seen)| one.accepted(*seen)).collect();
    report.carry_out(&connected, &acts, &mut Vec::new()).await?;
    report.end()
}

/// A case that was assigned.
#[derive(Debug)]
struct Assigned {
    case: StreamId,
    /// The LeadAssigned.
    hash: Digest,
    by: Vec<ActorId>,
    at: Timestamp,
}

impl Assigned {
    /// The acceptance, on the history that the new lead has before them, if they may see it.
    fn accepted(&self, seen: Option<Seen>) -> InCase {
        let stream = StreamKey { kind: StreamKind::Case, id: self.case };
        let (relation, statement_hash) = (Relation::Endorses, self.hash);
        let draft = Draft::new(stream, Kind::Endorsed(proto::Endorsed {}), now())
            .reference(Reference { relation, stream, statement_hash });
        let draft = match seen {
            Some(seen) => draft.seen(seen),
            None => draft,
        };
        InCase { case: self.case, draft }
    }
}

/// What a file says was assigned to somebody, each receipt verified; the last one of each case.
fn assigned(path: &Path, key: &VerifierKey, to: ActorId) -> Result<Vec<Assigned>, Failure> {
    let wrong = |what: &str| Failure::other(format!("{}: {what}", path.display()));
    let mut found = BTreeMap::new();
    for text in receipts::read(path)? {
        let (receipt, statement) = check(&text, key).map_err(|error| wrong(&error.to_string()))?;
        match statement.fact {
            Fact::LeadAssigned(LeadAssigned { lead: Some(lead) }) if lead == to => {}
            Fact::LeadAssigned(_) => return Err(wrong("a case in it was assigned to another")),
            _ => return Err(wrong("there is something else in it than assignments of a lead")),
        }
        let one = Assigned {
            case: statement.stream.id,
            hash: receipt.link.statement_hash,
            by: statement.signers.iter().map(|signer| signer.actor).collect(),
            at: receipt.link.recorded_at,
        };
        let before = found.get(&one.case).map(|before: &Assigned| before.at);
        if before.is_none_or(|before| before <= one.at) {
            found.insert(one.case, one);
        }
    }
    if found.is_empty() {
        return Err(wrong("it is empty: ask the head for another"));
    }
    Ok(found.into_values().collect())
}

/// Where the new lead sees the case: why there is nothing left to accept.
fn settled(one: &Assigned, case: &Case, me: ActorId) -> Option<Left> {
    let waits = case.waiting().is_some_and(|(_, event)| event.link.statement_hash == one.hash);
    match case.lead() {
        _ if waits => None,
        Some(lead) if lead == me => Some(Left::Accepted),
        _ => Some(Left::Ended),
    }
}

/// What is to be signed, in plain words.
fn summary(open: &[(Assigned, Option<Seen>)], lang: Lang) -> String {
    let n = open.len();
    let title = say!(lang, "hand-over-accept-title", n = n);
    let mut text = format!("  {title}\n");
    for (one, _) in open {
        let by: Vec<_> = one.by.iter().map(words::short).collect();
        let (who, at) = (by.join(", "), words::recorded(one.at, lang));
        let assigned = say!(lang, "hand-over-assigned-by", who = who, when = at.trim_start());
        text += &format!("    {}  {assigned}\n", one.case);
    }
    text
}
