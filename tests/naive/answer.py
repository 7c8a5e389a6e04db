"""What GetCaseAsKnownAt must answer, as `letopis case as-known-at --json` prints it.

Written from accountability.proto. Everything is folded from event one, for each answer.
"""

import uuid

import readings
import terms
from actors import SOCIAL_WORKER, Actors
from casefold import CaseFold
from filefold import MARKS, SignalFold, View
from journal import CASE, CLOCKS, PROTECTED, SIGNAL, STREAM_NAMES, Event

BASED_ON = 1
BASIS = {"law": "BASIS_LAW", "policy": "BASIS_POLICY", "assumed": "BASIS_ASSUMED"}
TRACK_NAMES = (
    "UNSPECIFIED", "GENERAL", "COORDINATION", "PREVENTION", "URGENT_CHECK", "REINTEGRATION", "AFTERCARE",
)


def hexed(value: bytes) -> str | None:
    return value.hex() if value else None


def uuid_text(value: bytes) -> str | None:
    return str(uuid.UUID(bytes=value)) if value else None


def stream_text(stream: tuple[int, bytes]) -> str:
    return f"{STREAM_NAMES[stream[0]]}/{uuid.UUID(bytes=stream[1])}"


class KnownAt:
    """A case as the log's first events had it."""

    def __init__(self, case_id: bytes, log: list[Event], now_ns: int, protected: bool):
        self.case_id, self.log, self.now_ns = case_id, log, now_ns
        self.protected = protected
        self.profiles = [terms.read_profile(e) for e in log if e.kind == "ProfileAdopted"]
        self.events = [e for e in log if self.is_shown(e)]
        self.fold, self.actors = self.fold_with(corrected(log))
        self.first, _ = self.fold_with(View({}, {}, misfiled(log)))

    def is_shown(self, event: Event) -> bool:
        kinds = (CASE, PROTECTED) if self.protected else (CASE,)
        return event.stream[1] == self.case_id and event.stream[0] in kinds

    def fold_with(self, view: View) -> tuple[CaseFold, Actors]:
        """The case, its signals and the registry, from event one."""
        known = Actors()
        case = CaseFold(known, self.profiles, view)
        wanted = {
            r.stream.id
            for e in self.events if e.kind == "CaseOpened"
            for r in e.references(BASED_ON) if r.stream.kind == SIGNAL
        }
        case.signals = {id_: SignalFold(known, self.profiles, view) for id_ in wanted}
        for event in self.log:
            known.take(event)
            kind, id_ = event.stream
            if id_ == self.case_id and kind in (CASE, PROTECTED, CLOCKS):
                case.take(event)
            elif id_ in wanted and kind in (SIGNAL, CLOCKS):
                case.signals[id_].take(event)
        return case, known

    # ---- the case

    def case(self) -> dict:
        fold = self.fold
        return {
            "case_id": uuid_text(self.case_id),
            "stage": "STAGE_" + fold.stage,
            "holder": uuid_text(fold.holder),
            "lead": uuid_text(fold.lead),
            "lead_in_force": self.lead_in_force(),
            "team": [uuid_text(a) for a in fold.team],
            "track": "TRACK_" + TRACK_NAMES[fold.track],
            "proposed_to": [uuid_text(a) for a in fold.proposed.values()],
            "former_holders": [uuid_text(a) for a in fold.former],
            "disputed": fold.disputed,
            "observed": fold.observed,
            "plan": hexed(fold.plan),
            "placed_on": hexed(fold.placed_on),
            "orders": [self.order(o) for o in fold.orders],
            "clocks": self.clocks(),
            "acts": self.acts(),
            "commitments": [self.commitment(c) for c in fold.commitments.values()],
            "events": len(self.events),
        }

    def lead_in_force(self) -> bool:
        """It "has accepted, holds the role at the holder, and has a key"."""
        fold = self.fold
        if not fold.lead:
            return False
        holds = self.actors.holds(fold.lead, SOCIAL_WORKER, fold.holder, self.now_ns // 10**9)
        return holds and self.actors.has_key(fold.lead, self.now_ns)

    def order(self, order) -> dict:
        return {
            "act": order.act.hex(),
            "kind": "ORDER_KIND_" + order.kind,
            "in_force": order.in_force,
            "executable": order.executable(self.now_ns // 10**9),
            "served_at": order.served_at,
        }

    def clocks(self) -> list[dict]:
        shown = [c for c in self.fold.clocks.open if self.protected or not c.protected]
        return [self.clock(c) for c in sorted(shown, key=lambda c: (c.due, c.number, c.started_by, c.subject))]

    def clock(self, clock) -> dict:
        rule = clock.rule
        reading = clock.reading(self.now_ns)
        first = self.stated_first(clock)
        moved = first is not None and first.due != clock.due
        first_reading = first.reading(self.now_ns) if first else reading
        return {
            "file": stream_text((CASE, self.case_id)),
            "number": clock.number,
            "name": rule["name"],
            "words": {"bg": rule["bg"], "en": rule["en"]},
            "article": rule["article"],
            "basis": BASIS[rule["basis"]],
            "duty": "DUTY_" + rule["duty"].upper().replace("-", "_"),
            "subject": clock.subject.hex(),
            "started_by": clock.started_by.hex(),
            "started_at": clock.started_at,
            "due": clock.due,
            "reading": "CLOCK_READING_" + reading,
            "suspended_since": None,
            "extended": 0,
            "term": clock.is_term,
            "assumed": clock.assumed,
            "missed_at": clock.missed_at,
            "ended_by": None,
            "ended_at": None,
            "first_due": first.due if moved else None,
            "first_reading": "CLOCK_READING_" + (first_reading if first_reading != reading else "UNSPECIFIED"),
        }

    def stated_first(self, clock):
        """The same clock by the times that were stated first."""
        same = (clock.number, clock.started_by, clock.subject)
        found = [c for c in self.first.clocks.open if (c.number, c.started_by, c.subject) == same]
        return found[0] if found else None

    def acts(self) -> list[dict]:
        waiting = [a for a in self.fold.acts.values() if a.due]
        return [self.act(a) for a in waiting if self.protected or a.event.stream[0] != PROTECTED]

    def act(self, act) -> dict:
        return {
            "act": act.event.hash.hex(),
            "kind": act.event.kind,
            "status": "ACT_STATUS_" + act.status,
            "signers": [uuid_text(a) for a in act.event.actors],
            "happened_at": self.fold.view.at(act.event),
            "due": [
                {"roles": sorted(d.roles), "actor": uuid_text(d.actor), "review": d.review} for d in act.due
            ],
        }

    def commitment(self, commitment) -> dict:
        return {
            "id": uuid_text(commitment.id),
            "owner": uuid_text(commitment.owner),
            "due_day": commitment.due_day,
            "plan": commitment.plan.hex(),
            "fulfilled": commitment.fulfilled,
            "missed": commitment.missed,
        }

    # ---- the entries

    def entries(self, actor: bytes | None) -> list[dict]:
        read = readings.collect(self.log, self.case_id, actor) if actor else None
        profile = terms.in_force(self.profiles, self.now_ns // 10**9)
        return [
            {
                "entry": self.entry(event),
                "given": readings.given(event, actor, read, profile),
                "sections": readings.sections_given(event, read) if actor else [],
            }
            for event in self.events
        ]

    def entry(self, event: Event) -> dict:
        fold = self.fold
        act = fold.acts.get(event.hash)
        return {
            "event": {
                "sequence": event.sequence,
                "recorded_at": event.recorded_at,
                "statement_hash": event.hash.hex(),
                "stream": stream_text(event.stream),
                "event_id": uuid_text(event.statement.event_id),
                "kind": event.kind,
                "signers": [uuid_text(a) for a in event.actors],
                "sections": len(event.statement.sections),
            },
            "stream": stream_text(event.stream),
            "version": event.version,
            "marks": ["MARK_" + m for m in self.marks(event)],
            "status": "ACT_STATUS_" + (act.status if act and act.was_due else "UNSPECIFIED"),
            "corrected_by": [h.hex() for h in fold.corrected_by.get(event.hash, [])],
            "corrected_at": fold.view.times.get(event.hash),
            "misfiled_by": hexed(fold.misfiled_by.get(event.hash, b"")),
            "endorsed_by": [uuid_text(a) for a in fold.endorsed_by.get(event.hash, [])],
        }

    def marks(self, event: Event) -> list[str]:
        marks = list(self.fold.marks.get(event.hash, []))
        return marks + [MARKS[3]] if self.is_disputed(event) else marks

    def is_disputed(self, event: Event) -> bool:
        """Signed by a compromised key since a sequence, "unless an Endorsed in the same stream, signed by an
        actor who is not among its signers, references it, whether from before or after"."""
        keys = {s.public_key for s in event.statement.signers}
        disputed = any(
            c.key in keys and c.since <= event.sequence < c.sequence for c in self.actors.compromises
        )
        others = set(self.fold.endorsed_by.get(event.hash, [])) - set(event.actors)
        return disputed and not others


def misfiled(log: list[Event]) -> set[bytes]:
    """Events that belong elsewhere."""
    return {e.fact.event for e in log if e.kind == "EventMisfiled"}


def corrected(log: list[Event]) -> View:
    """The times and facts by the last correction of each event that says so."""
    view = View({}, {}, misfiled(log))
    stated = {event.hash: event.occurred for event in log}
    for event in log:
        if event.kind == "EventCorrected":
            if event.fact.HasField("occurred_at"):
                at = view.times[event.fact.event] = event.fact.occurred_at.seconds
                first = (-1, stated.get(event.fact.event, at))
                view.said.setdefault(event.fact.event, [first]).append((event.sequence, at))
            if event.fact.HasField("fact"):
                fact = event.fact.fact
                view.facts[event.fact.event] = getattr(fact, fact.WhichOneof("kind"))
    return view


def answer(whole: list[Event], request: dict, protected: bool = True) -> dict:
    """The answer to {"case_id", "size" or "recorded_at", "actor"?}; before its first event "there is no case yet"."""
    case_id = uuid.UUID(request["case_id"]).bytes
    if not any(e.stream == (CASE, case_id) or e.stream == (PROTECTED, case_id) for e in whole):
        raise SystemExit("there is no such case in the record")
    if "size" in request:
        log = whole[: int(request["size"])]
        now_ns = log[-1].recorded_at
    else:
        now_ns = int(request["recorded_at"])
        log = [e for e in whole if e.recorded_at <= now_ns]
    actor = uuid.UUID(request["actor"]).bytes if request.get("actor") else None
    known = KnownAt(case_id, log, now_ns, protected)
    return {"case": known.case(), "entries": known.entries(actor), "as_of_size": len(log)}
