"""Signatures and reviews that are due under acts.

Written from proto/README.md, "Signatures under an act", "Reviews" and the table of kinds.
"""

import itertools
from dataclasses import dataclass, field

from actors import DIRECTOR, HEAD, SOCIAL_WORKER, SUPERIOR, Actors
from journal import Event

WORKER = frozenset({SOCIAL_WORKER, HEAD})
HEAD_OR_DIRECTOR = frozenset({HEAD, DIRECTOR})
REVIEWERS = frozenset({HEAD, DIRECTOR, SUPERIOR})
# The kinds with a *confirmed* signature in the table of kinds: whose it is beside the worker's.
CONFIRMED = {
    "SignalAssessed": [HEAD_OR_DIRECTOR],
    "SignalNotPursued": [HEAD_OR_DIRECTOR],
    "AssessmentCompleted": [HEAD_OR_DIRECTOR],
    "PlanAdopted": [HEAD_OR_DIRECTOR],
    "PlanAmended": [HEAD_OR_DIRECTOR],
    "EmergencyStudyCompleted": [HEAD_OR_DIRECTOR],
    "CourtDecisionRecorded": [HEAD_OR_DIRECTOR],
    "DelayExplained": [HEAD_OR_DIRECTOR],
    "CaseClosed": [frozenset({HEAD}), frozenset({DIRECTOR})],
}
# "PlanAdopted and PlanAmended are one sort, SignalAssessed and SignalNotPursued another"
SORTS = {"PlanAmended": "PlanAdopted", "SignalNotPursued": "SignalAssessed"}
# "CourtDecisionRecorded and DelayExplained take no other's place"
WITHOUT_SORT = {"CourtDecisionRecorded", "DelayExplained"}
# Not governed, and yet "reviews and clocks follow from" them.
REVIEWED_BESIDE_GOVERNED = {
    "InformationShared", "BreakGlassOpened", "BreakGlassReviewed", "BreachRecorded", "SubjectAccessAnswered",
}
PENDING, UNCONFIRMED, IN_FORCE = "PENDING", "UNCONFIRMED", "IN_FORCE"
REFUSED, LAPSED, SUPERSEDED, MISFILED = "REFUSED", "LAPSED", "SUPERSEDED", "MISFILED"


@dataclass
class Due:
    """A signature that is due: of one of these roles, or of this actor."""

    roles: frozenset[int] = frozenset()
    actor: bytes = b""
    review: bool = False

    def is_given_by(self, signer, actors: Actors, holder: bytes) -> bool:
        if self.actor:
            return signer.actor == self.actor
        role = actors.role(signer)
        if role not in self.roles:
            return False
        # "a head of department or director of another agency than the file's holder, where it has one, gives
        # none"
        elsewhere = holder and actors.agency(signer) != holder
        return not (role in HEAD_OR_DIRECTOR and elsewhere)


@dataclass
class Act:
    event: Event
    status: str
    due: list[Due]
    sort: tuple
    signed: set[bytes] = field(default_factory=set)
    was_due: bool = False  # a signature or review was due under it at some time
    review: bool = False  # clock 204 runs for it


def is_governed(event: Event) -> bool:
    """The governed kinds: InformationShared, and those from 100 on "but ComplaintLodged and HandlerAssigned"."""
    return event.kind in REVIEWED_BESIDE_GOVERNED or (
        event.number >= 100 and event.number not in (134, 135)
    )


def confirming(event: Event) -> list[Due]:
    """The confirming signatures that the kind asks for."""
    if event.kind == "LeadAssigned":
        # "confirmed by the new lead"; nobody has to where nobody is named.
        return [Due(actor=event.fact.lead)] if event.fact.lead else []
    return [Due(roles=roles) for roles in CONFIRMED.get(event.kind, [])]


def missing(event: Event, actors: Actors, holder: bytes) -> list[Due]:
    """The confirming signatures that the statement itself does not hold "beside another signer's"."""
    asked = confirming(event)
    signers = list(event.statement.signers)
    needed = frozenset({HEAD}) if event.kind == "LeadAssigned" else WORKER
    best = asked
    # Who signs as whom is not said: the assignment that leaves the least due.
    for first in signers:
        if actors.role(first) not in needed:
            continue
        others = [s for s in signers if s.actor != first.actor]
        for given in itertools.permutations(range(len(asked))):
            left = unfilled([asked[i] for i in given], others, actors, holder)
            if len(left) < len(best):
                best = [d for d in asked if d in left]
    return best


def unfilled(asked: list[Due], signers: list, actors: Actors, holder: bytes) -> list[Due]:
    left, free = [], list(signers)
    for due in asked:
        giver = next((s for s in free if due.is_given_by(s, actors, holder)), None)
        if giver is None:
            left.append(due)
        else:
            free.remove(giver)
    return left


def is_in_force_at_once(event: Event) -> bool:
    """With a section `danger`; never what ends protection."""
    if not any(t.split("/")[0] == "danger" for t in event.section_types()):
        return False
    if event.kind in ("CaseClosed", "SignalNotPursued"):
        return False
    no_case = 2
    return not (
        event.kind == "SignalAssessed" and any(o.outcome == no_case for o in event.fact.outcomes)
    )


def sort_of(event: Event) -> tuple:
    """What takes each other's place."""
    if event.kind in WITHOUT_SORT:
        return (event.kind, event.hash)
    if event.kind == "EmergencyStudyCompleted":
        return (event.kind, event.fact.order)
    return (SORTS.get(event.kind, event.kind),)
