"""What a signal's and a case's file have in common: acts, their signatures and reviews, and clocks.

Written from proto/README.md, "Files", "Signatures under an act", "Reviews" and "Clocks".
"""

from dataclasses import dataclass, field

import acts
import terms
import triggers
from acts import IN_FORCE, LAPSED, MISFILED, PENDING, REFUSED, SUPERSEDED, UNCONFIRMED, Act, Due
from actors import Actors
from clocks import Clocks, Trigger
from journal import Event

ENDORSES, RESPONDS_TO = 2, 5
EXPLANATION = 412  # the clock delay-explained
MARKS = ("ON_EXPIRED_QUALIFICATION", "UNDER_RECUSAL", "UNDER_DELEGATION", "DISPUTED")
# "what ends the matter or hands it to another agency"
ENDS_THE_MATTER = {
    "SignalJoined", "SignalForwarded", "CaseVoided", "CasesMerged", "TransferAccepted", "CompetenceDecided",
}


@dataclass
class View:
    """What is known at a moment of what happened when: corrections, if they are to count, and what was misfiled."""

    times: dict[bytes, int]
    facts: dict[bytes, object]
    misfiled: set[bytes]
    # What was said of the time of a corrected event, and in which event of the log; its own time first.
    said: dict[bytes, list[tuple[int, int]]] = field(default_factory=dict)

    def at_by(self, statement: bytes, sequence: int, otherwise: int) -> int:
        """When it happened, by what was said before an event of the log."""
        said = [at for by, at in self.said.get(statement, []) if by < sequence]
        return said[-1] if said else otherwise

    def at(self, event: Event) -> int:
        return self.times.get(event.hash, event.occurred)


class FileFold:
    """One file, event by event."""

    def __init__(self, actors: Actors, profiles: list[terms.Profile], view: View):
        self.actors = actors
        self.view = view
        self.clocks = Clocks(profiles, view.at_by)
        self.holder = b""
        self.track = 0
        self.acts: dict[bytes, Act] = {}
        self.marks: dict[bytes, list[str]] = {}
        self.endorsed_by: dict[bytes, list[bytes]] = {}
        self.conflicted: set[bytes] = set()
        self.misses: list[Event] = []
        self.received = b""  # the SignalReceived of a signal's file

    # ---- one event

    def take(self, event: Event) -> None:
        self.clocks.sequence = event.sequence
        if event.kind == "DeadlineMissed":
            self.deadline_missed(event)
            return
        marks = self.marks[event.hash] = self.marks_of(event)
        self.enter(event, marks)
        if event.kind == "Endorsed":
            self.endorsed(event)
        elif event.kind == "EndorsementRefused":
            self.refused(event)
        elif event.kind == "EndorsementLapsed":
            self.end(self.act_named(event, RESPONDS_TO), LAPSED, self.view.at(event), event)
        elif event.kind == "ConflictDeclared":
            self.conflicted |= set(event.actors)

    def marks_of(self, event: Event) -> list[str]:
        """What has to be known with it; whether it is disputed is known only later."""
        signers = event.statement.signers
        expired = self.actors.on_expired_qualification(event)
        recused = any(s.actor in self.conflicted for s in signers)
        delegated = any(self.actors.is_delegated(s) for s in signers)
        return [mark for mark, holds in zip(MARKS, (expired, recused, delegated)) if holds]

    def enter(self, event: Event, marks: list[str]) -> None:
        """An act waits for its confirming signatures, or takes effect."""
        left = acts.missing(event, self.actors, self.holder)
        reviewed = acts.is_governed(event) and (
            event.kind == "EmergencyActRecorded" or (bool(marks) and event.kind != "Endorsed")
        )
        status = IN_FORCE
        if left:
            status = UNCONFIRMED if acts.is_in_force_at_once(event) else PENDING
        act = Act(event, status, left, acts.sort_of(event), set(event.actors))
        self.acts[event.hash] = act
        if event.hash in self.view.misfiled:
            # "What it began, ended, served or moved is as if it had not been; but an act that ended for it stays
            # ended" (README, Misfiled).
            self.make_way(act)
            act.status, act.due, act.was_due = MISFILED, [], bool(left) or reviewed
            self.left_out(event)
            return
        self.make_way(act)
        if status != PENDING:
            self.effect(event)
        self.start_waiting(act, reviewed)

    def left_out(self, event: Event) -> None:
        """What a misfiled event leaves behind."""

    def start_waiting(self, act: Act, reviewed: bool) -> None:
        at = self.view.at(act.event)
        if act.due:
            self.wait(act, "confirmation-due", at)
        # "Due for review is what is taken under delegation …, what is unconfirmed"
        if reviewed or act.status == UNCONFIRMED:
            act.review = True
            self.wait(act, "review-due", at)
            # Of what waits for confirming signatures "these are the review".
            if not act.due:
                act.due = [Due(roles=acts.REVIEWERS, review=True)]
        act.was_due = bool(act.due)

    def wait(self, act: Act, name: str, at: int, by: bytes | None = None) -> None:
        """A trigger about an act."""
        hash_ = act.event.hash
        protected = act.event.stream[0] == 4
        self.clocks.take(
            Trigger([name], at, by or hash_, hash_, frozenset({hash_}), protected=protected)
        )

    def effect(self, event: Event) -> None:
        """What follows from an event: its clocks; a case does more."""
        for trigger in triggers.of_event(event, self.view.at(event), self):
            self.clocks.take(trigger)

    # ---- signatures under an act

    def act_named(self, event: Event, relation: int) -> Act | None:
        for reference in event.references(relation):
            if (reference.stream.kind, reference.stream.id) == event.stream:
                return self.acts.get(reference.statement_hash)
        return None

    def endorsed(self, event: Event) -> None:
        act = self.act_named(event, ENDORSES)
        if act is None:
            return
        by = self.endorsed_by.setdefault(act.event.hash, [])
        by.extend(a for a in event.actors if a not in by)
        for signer in event.statement.signers:
            self.sign(act, signer)
        if act.was_due and not act.due:
            self.settled(act, event)

    def sign(self, act: Act, signer) -> None:
        # "Nobody gives two of an act's signatures"
        if signer.actor in act.signed or act.status not in (PENDING, UNCONFIRMED, IN_FORCE):
            return
        for due in act.due:
            if due.is_given_by(signer, self.actors, self.holder):
                act.due = [d for d in act.due if d is not due]
                act.signed.add(signer.actor)
                return

    def settled(self, act: Act, event: Event) -> None:
        """All signatures are there: "then it takes effect as of its own `occurred_at`"."""
        at, was = self.view.at(event), act.status
        act.status = IN_FORCE
        if was == PENDING:
            self.effect(act.event)
        if was in (PENDING, UNCONFIRMED):
            self.wait(act, "confirmed", at, event.hash)
        if was != PENDING or act.review:
            self.wait(act, "reviewed", at, event.hash)
        # An unconfirmed act gives way only now to one that was pending.
        if was == PENDING:
            self.make_way(act)

    def refused(self, event: Event) -> None:
        act = self.act_named(event, RESPONDS_TO)
        if act is None or not act.due:
            return
        if act.status == PENDING:
            self.end(act, REFUSED, self.view.at(event), event)
            return
        # "of one in force it counts as the review, and the act stays"
        at, was = self.view.at(event), act.status
        act.due, act.status = [], IN_FORCE
        if was == UNCONFIRMED:
            self.wait(act, "confirmation-ended", at, event.hash)
        self.wait(act, "reviewed", at, event.hash)

    def end(self, act: Act | None, status: str, at: int, event: Event) -> None:
        """A pending act ends without effect, or one in force waits no longer."""
        if act is None or not act.due:
            return
        was_review = act.status != PENDING
        act.due, act.status = [], status
        self.wait(act, "confirmation-ended", at, event.hash)
        if was_review:
            self.wait(act, "reviewed", at, event.hash)

    def make_way(self, newer: Act) -> None:
        """An older act gives way to "a newer act of the same sort"."""
        at = self.view.at(newer.event)
        for act in self.acts.values():
            older = act is not newer and act.event.sequence < newer.event.sequence
            if not older or act.sort != newer.sort or not acts.confirming(act.event):
                continue
            # "An unconfirmed act gives way only to a newer one that is itself in force."
            if act.status == PENDING or (act.status == UNCONFIRMED and newer.status != PENDING):
                self.end(act, SUPERSEDED, at, newer.event)

    def end_pending(self, event: Event) -> None:
        for act in self.acts.values():
            if act.status == PENDING and act.event is not event:
                self.end(act, SUPERSEDED, self.view.at(event), event)

    # ---- clocks that ran out

    def deadline_missed(self, event: Event) -> None:
        self.misses.append(event)
        self.clocks.missed(event)
        # "A late explanation asks for no explanation" (README, What a clock is about).
        if event.fact.clock == EXPLANATION:
            return
        protected = event.stream[0] == 4
        # "An explanation [is about] what the missed clock was about" (README, What a clock is about).
        subject = event.fact.subject
        self.clocks.take(
            Trigger(["deadline-missed"], event.occurred, event.hash, subject, frozenset(), None, protected)
        )

    def missed_by(self, number: int, started_by: bytes) -> frozenset[bytes]:
        """The DeadlineMissed that DelayExplained explains: of that clock, started by that."""
        return frozenset(
            m.hash for m in self.misses if (m.fact.clock, m.fact.started_by) == (number, started_by)
        )

    def stated(self, event: Event):
        """The fact, as corrected: only for the days that it states, which is what a correction may move."""
        return self.view.facts.get(event.hash, event.fact)


class SignalFold(FileFold):
    """A signal's file: only what a case inherits of it matters here."""

    # "those that wait for what stands in the signal's own stream: its assessment or the end of its check, the
    # notice to its sender, a signature, a review, an explanation"
    STAY = {101, 102, 103, 105, 204, 205, 412, 701}

    def __init__(self, *args):
        super().__init__(*args)
        self.outcomes = None

    def effect(self, event: Event) -> None:
        if event.kind == "SignalReceived":
            self.received = event.hash
            agencies = [self.actors.agency(s) for s in event.statement.signers]
            self.holder = self.holder or next((a for a in agencies if a), b"")
        if event.kind == "SignalAssessed":
            self.outcomes = event.fact.outcomes
        super().effect(event)
        if event.kind in ENDS_THE_MATTER:
            self.end_pending(event)
