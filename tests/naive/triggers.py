"""Which triggers of the profile an event is.

The names are those of crates/domain/profiles/bg.toml; that each goes with the kind of the same name, and what
it is about, follows from the fact's own fields ("a clock belongs to a subject (an order, an instruction, a
referral, an appeal, a request, an act), and only what is about that subject stops it"). Where that does not
tell, a comment says how it is read here.
"""

from clocks import Trigger
from journal import Event

TRACKS = {
    1: "general", 2: "coordination", 3: "prevention", 4: "urgent-check", 5: "reintegration", 6: "aftercare",
}
ROUTES = {1: "placement", 2: "superior", 3: "court"}
NOTICES = {1: "complete", 2: "notice-missing", 3: "notice-wrong"}
CASE_OUTCOME, NO_CASE = 1, 2
STANDS = GRANTED = 1
RESPONDS_TO = 5
# "CV" in the catalogue: decisions that weigh the child's views, which are then told back to the child.
WITH_VIEWS = {
    "EmergencyPlacementOrdered", "AssessmentCompleted", "PlanAdopted", "PlanAmended", "PlacementOrdered",
    "ReviewHeld", "CaseClosed", "PlacementStarted", "PlacementChanged", "PlacementEnded",
}
# Kinds whose trigger has their own name, and the field that names the subject that they are about.
ABOUT_FIELD = {
    "EmergencyStudyCompleted": "order",
    "ReferralAccepted": "referral",
    "ReferralDeclined": "referral",
    "ServiceReported": "referral",
    "ServiceEnded": "referral",
    "AidDecided": "request",
    "PartyCommented": "shown",
    "OrderDeemedServed": "order",
    "TransferAccepted": "proposed",
    "TransferRejected": "proposed",
    "BreakGlassReviewed": "opened",
}
# Whose clocks go on about the thing that is named, not about the naming statement.
SUBJECT_IS_NAMED = {"ReferralAccepted", "ServiceReported", "ServiceEnded", "OrderDeemedServed"}
# Kinds whose trigger has their own name and that concern whatever the file has.
OWN_NAME = {
    "SignalNotPursued", "SignalJoined", "SignalForwarded", "SenderNotified", "EmergencyPlacementOrdered",
    "CaseOpened", "AssessmentCompleted", "TeamConvened", "ServiceReferred", "InstructionIssued",
    "PlacementOrdered", "PlacementStarted", "PlacementEnded", "VisitRecorded", "SupervisionHeld",
    "CaseReopened", "TransferProposed", "CompetenceDecided", "ChildDied", "BreakGlassOpened", "BreachRecorded",
}
# What answers a party's request for a measure, see `named`.
ANSWERS = {
    "InstructionIssued", "ServiceReferred", "PlanAdopted", "PlanAmended", "TeamPlanAdopted", "PlacementOrdered",
    "EmergencyPlacementOrdered", "PlacementChanged", "PlacementEnded", "CourtRequestFiled",
    "ProtectionOrderSought", "CustodySuitFiled", "AidDecided", "DocumentAdded", "CaseClosed",
}


def dashed(kind: str) -> str:
    """CaseOpened: case-opened."""
    return "".join("-" + c.lower() if c.isupper() else c for c in kind).lstrip("-")


def of_event(event: Event, at: int, fold) -> list[Trigger]:
    """The triggers of an event that takes effect; `fold` tells what the file knows of the rest."""
    found = list(named(event, at, fold))
    if event.kind in WITH_VIEWS:
        found.append(Trigger(["views-considered"], at, event.hash, event.hash, frozenset()))
    protected = event.stream[0] == 4
    for trigger in found:
        trigger.protected = protected
    return found


def named(event: Event, at: int, fold):
    kind, fact = event.kind, event.fact

    def trigger(names, about=None, subject=event.hash, stated_day=None):
        names = [names] if isinstance(names, str) else names
        return Trigger(names, at, event.hash, subject, about, stated_day)

    if kind in ABOUT_FIELD:
        target = getattr(fact, ABOUT_FIELD[kind])
        subject = target if kind in SUBJECT_IS_NAMED else event.hash
        yield trigger(dashed(kind), frozenset({target}), subject)
    elif kind in OWN_NAME:
        # What starts something of its own ends nothing but of the file: its subject is new.
        yield trigger(dashed(kind))

    if kind == "SignalReceived":
        yield trigger("signal-received." + TRACKS[fact.track])
    elif kind == "SignalAssessed":
        # "Assessment, joining, forwarding …: the SignalReceived" (README, What a clock is about).
        yield trigger(assessed(fact), subject=fold.received)
    elif kind in ("PlanAdopted", "PlanAmended"):
        yield trigger("plan-adopted." + TRACKS[fact.track])
    elif kind == "ReviewHeld":
        yield trigger("review-held." + TRACKS.get(fold.track, "general"))
    elif kind == "EmergencyActRecorded" and fact.act == 1:
        # A placement that was ordered on paper: clocks run from the act.
        yield trigger("emergency-placement-ordered")
    elif kind == "PoliceProtectionRecorded":
        if fact.ended:
            yield trigger("police-protection-ended", frozenset({fact.ended}))
        else:
            yield trigger("police-protection-begun", frozenset())
    elif kind == "MeasureRequestedByParty":
        name = {1: "measure-requested", 2: "aid-requested", 3: "data-requested"}[fact.request]
        yield trigger(name, frozenset())
    elif kind == "SubjectAccessAnswered":
        # Its fact names no request: whatever the file has.
        yield trigger("data-answered", answered(event))
    elif kind == "FileShownToParty":
        yield trigger("file-shown", frozenset())
    elif kind == "OrderServed":
        yield trigger("order-served." + NOTICES[fact.notice], frozenset({fact.order}), fact.order)
    elif kind == "AppealFiled":
        yield trigger("appeal-filed." + ROUTES[fact.route], frozenset({fact.act}))
    elif kind == "AppealForwarded":
        route = ROUTES[fold.appeals[fact.appeal].route]
        yield trigger("appeal-forwarded." + route, frozenset({fact.appeal}), fact.appeal)
    elif kind == "AppealDecided":
        yield from decided(event, trigger, fold)
    elif kind == "CourtDecisionRecorded":
        yield from court(event, trigger, fold)
    elif kind == "CourtReportFiled":
        # "The request that it responds to; without one, every report that was asked for" (README, What ends a clock).
        yield trigger("court-report-filed", answered(event))
    elif kind == "CourtRequestFiled":
        # "The order; of a request about none, the request" (README, What a clock is about).
        about = frozenset({fact.order} if fact.order else ())
        yield trigger("court-request-filed", about, fact.order or event.hash)
    elif kind == "CourtReportRequested":
        yield trigger("court-report-requested", frozenset(), stated_day=fold.stated(event).due_day)
    elif kind == "WeightOfViewsExplained":
        yield trigger("weight-explained", frozenset({fact.decision}))
    elif kind == "CommitmentFulfilled":
        yield trigger("commitment-fulfilled", frozenset({fact.commitment + bytes(16)}))
    elif kind == "CommitmentMissed":
        # "CommitmentMissed drops a commitment's clock" (README, What ends a clock).
        yield trigger("commitment-dropped", frozenset({fact.commitment + bytes(16)}))
    elif kind == "DelayExplained":
        yield trigger("delay-explained", fold.missed_by(fact.clock, fact.started_by))
    elif kind == "CaseClosed":
        yield trigger(["case-closed", "case-closed.observed"] if fact.observed else "case-closed")
    elif kind in ("CaseVoided", "CasesMerged"):
        # "CaseVoided and CasesMerged drop what was due" (issue 4); the profile names the one.
        yield trigger("case-voided")
    if kind in ("TeamPlanAdopted", "PlanAdopted", "PlanAmended"):
        for commitment in fold.stated(event).commitments:
            subject = commitment.id + bytes(16)
            yield trigger("commitment-made", frozenset(), subject, commitment.due_day)
    if kind == "TransferRejected":
        yield trigger("competence-disputed")
    # "What answers a party's request for a measure" (README, What ends a clock), with a reference *responds to*.
    about = answered(event)
    if about and kind in ANSWERS:
        yield trigger("measure-answered", about)


def assessed(fact) -> list[str]:
    outcomes = [o.outcome for o in fact.outcomes]
    tracks = {o.track for o in fact.outcomes if o.outcome == CASE_OUTCOME}
    if all(o == NO_CASE for o in outcomes):
        return ["signal-assessed.no-case"]
    return ["signal-assessed.case"] + [f"signal-assessed.{TRACKS[t]}" for t in sorted(tracks)]


def answered(event: Event) -> frozenset[bytes] | None:
    hashes = frozenset(r.statement_hash for r in event.references(RESPONDS_TO))
    return hashes or None


def decided(event: Event, trigger, fold):
    """An order that was "annulled on appeal" needs no court any more (bg.toml, clock 502)."""
    appeal = fold.appeals[event.fact.appeal]
    about = {event.fact.appeal}
    # "Annulled or returned" (README, Orders): what goes back to be decided anew is no longer in force either.
    if event.fact.outcome != STANDS:
        about.add(appeal.act)
    name = "superior" if appeal.route == 2 else "court"
    yield trigger("appeal-decided." + name, frozenset(about))


def court(event: Event, trigger, fold):
    """Nor does "an order on which the court decided at another's request" (bg.toml, clock 502)."""
    fact = event.fact
    order = fold.asked_of(fact)
    requested = bool(order and fold.requests.get(fact.request) == order.act)
    about = {fact.request}
    if order and (requested or fact.outcome == GRANTED):
        about.add(order.act)
    yield trigger("court-decision-recorded", frozenset(about))
    if fact.HasField("term_day"):
        yield trigger("court-term-stated", stated_day=fold.stated(event).term_day)
