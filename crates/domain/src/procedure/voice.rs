//! The child's and the family's voice, consent, and what may be shared (чл. 11а, 15 ЗЗДет).

use letopis_proto::statement::v1::AgeBand;
use letopis_types::{Digest, StreamKind};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::decide::check_after;
use super::required::required;
use super::rule::Verdict;
use crate::clocks::occasion::Name;
use crate::fact::Fact;
use crate::file::FileState;

super::rule::rules! {
    NOT_INFORMED: "voice.not-informed",
        "the child was not informed before the hearing: record how it was informed first",
        "детето не е информирано преди изслушването: първо впишете информирането";
    NO_DECISION: "voice.no-decision",
        "name a decision in force in this case that had the child's views",
        "посочете действащо решение по случая, при което е взето мнението на детето";
    NO_CONSENT: "voice.no-consent",
        "no such consent is in force: name one that was given and not withdrawn",
        "няма такова действащо съгласие: посочете дадено и неоттеглено";
    NO_OPINION: "share.without-opinion",
        "once a measure exists, sharing takes the opinion of whoever decided it as well; where delay \
         endangers a child, state it in a section `danger`",
        "след предприета мярка е нужно и становище на органа, който я е предприел; при опасност за \
         детето я опишете в раздел `danger`";
    NOT_HEARD: "voice.not-heard",
        "a child of ten or more is heard before it is placed, or it is recorded why not",
        "дете, навършило десет години, се изслушва преди настаняването или се вписва защо не е";
}

/// A statement that counts until another one ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    hash: Digest,
    ended: Option<Digest>,
}

impl Noted {
    const fn new(hash: Digest) -> Self {
        Self { hash, ended: None }
    }

    const fn counts(&self) -> bool {
        self.ended.is_none()
    }
}

/// What the child and the family said and let be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Voice {
    /// By which statements the child was informed.
    informed: Vec<Digest>,
    /// By which statements the child was heard, or it was recorded why not.
    asked: Vec<Digest>,
    /// The decisions that had the child's views.
    considered: Vec<Digest>,
    /// The consents, until they are withdrawn.
    consents: Vec<Noted>,
    /// The opinions of чл. 11а, ал. 2.
    opinions: Vec<Digest>,
    /// The orders by which the child is or was to be placed, until its placement ends.
    measures: Vec<Noted>,
}

impl Voice {
    /// This statement was entered in the wrong file.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        let (informed, asked) = (&mut self.informed, &mut self.asked);
        for noted in [informed, asked, &mut self.considered, &mut self.opinions] {
            noted.retain(|hash| hash != event);
        }
        for noted in [&mut self.consents, &mut self.measures] {
            noted.retain(|noted| noted.hash != *event);
            noted.iter_mut().for_each(|noted| noted.ended = noted.ended.filter(|by| by != event));
        }
    }
}

/// The statement that is named, if it is among these.
fn find<'a>(noted: &'a [Digest], wanted: &Digest) -> Option<&'a Digest> {
    noted.iter().find(|hash| *hash == wanted)
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let procedure = asked.procedure();
    let voice = &procedure.voice;
    match asked.fact() {
        Fact::ChildHeard(_) => {
            let mut informed = voice.informed.iter();
            NOT_INFORMED.unless(informed.any(|by| check_after(asked, by).is_ok()))
        }
        Fact::WeightOfViewsExplained(fact) => {
            let decided = find(&voice.considered, &fact.decision);
            check_after(asked, decided.ok_or(NO_DECISION)?)
        }
        Fact::ConsentWithdrawn(fact) => {
            let mut consents = voice.consents.iter().filter(|consent| consent.counts());
            let given = consents.find(|consent| consent.hash == fact.given);
            check_after(asked, &given.ok_or(NO_CONSENT)?.hash)
        }
        Fact::PlacementOrdered(fact) => {
            let obliged =
                matches!(fact.age_band(), AgeBand::AgeBand10To13 | AgeBand::AgeBand14To17);
            NOT_HEARD.unless(!obliged || !voice.asked.is_empty())
        }
        Fact::InformationShared(_) => {
            let ordered = voice.measures.iter().any(Noted::counts);
            let measure = procedure.placement.is_placed() || ordered;
            let let_out = !voice.opinions.is_empty();
            NO_OPINION.unless(!measure || let_out || asked.has_section("danger"))
        }
        _ => Ok(()),
    }
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let voice = &mut file.procedure.voice;
    match deed.fact {
        Fact::ChildInformed(_) => voice.informed.push(deed.hash),
        Fact::ChildHeard(_) | Fact::ChildNotHeard(_) => voice.asked.push(deed.hash),
        Fact::ConsentGiven(_) => voice.consents.push(Noted::new(deed.hash)),
        Fact::ConsentWithdrawn(fact) => {
            let given = voice.consents.iter_mut().filter(|consent| consent.hash == fact.given);
            given.for_each(|consent| consent.ended = Some(deed.hash));
        }
        Fact::ProtectiveOpinionGiven(_) => voice.opinions.push(deed.hash),
        Fact::PlacementOrdered(_)
        | Fact::EmergencyPlacementOrdered(_)
        | Fact::PlacementStarted(_) => voice.measures.push(Noted::new(deed.hash)),
        Fact::PlacementEnded(_) => end_all(&mut voice.measures, deed.hash),
        Fact::WeightOfViewsExplained(fact) => {
            happened.push(deed.is(Name::WeightExplained).about(fact.decision));
        }
        Fact::EventMisfiled(fact) => voice.misfiled(&fact.event),
        _ => {}
    }
    if has_views(deed.fact) {
        voice.considered.push(deed.hash);
        happened.push(deed.is(Name::ViewsConsidered));
    }
}

/// What still counts is ended by this statement.
fn end_all(noted: &mut [Noted], by: Digest) {
    noted.iter_mut().for_each(|noted| {
        noted.ended.get_or_insert(by);
    });
}

/// Is it a decision on a case that needs the child's views? What follows from a signal's check is told
/// to the child in its case.
fn has_views(fact: &Fact) -> bool {
    let in_case = fact.kind().streams.contains(&StreamKind::Case.number());
    in_case && required(fact).iter().any(|need| need.any_of.contains(&"views"))
}
