"""A case, folded from its first event.

Written from proto/README.md ("Files", "Procedure"), accountability.proto (Case, Order) and the protos of the
facts.
"""

from dataclasses import dataclass

import acts
import orders
from actors import Actors
from filefold import FileFold, SignalFold, View
from journal import SIGNAL, Event
from orders import Order

BASED_ON, CASE_OUTCOME = 1, 1


@dataclass
class Commitment:
    id: bytes
    owner: bytes
    due_day: int
    plan: bytes
    fulfilled: bool = False
    missed: bool = False


class CaseFold(FileFold):
    """A case's file: its own and its protected stream, and what it inherits of its signals."""

    def __init__(self, actors: Actors, profiles, view: View):
        super().__init__(actors, profiles, view)
        self.signals: dict[bytes, SignalFold] = {}
        self.stage = "UNSPECIFIED"
        self.lead = b""
        self.team: list[bytes] = []
        self.team_by = b""
        self.proposed: dict[bytes, bytes] = {}
        self.former: list[bytes] = []
        self.disputed = self.observed = False
        self.plan = self.placed_on = b""
        self.orders: list[Order] = []
        self.commitments: dict[bytes, Commitment] = {}
        self.appeals: dict[bytes, object] = {}
        self.requests: dict[bytes, bytes] = {}
        self.corrected_by: dict[bytes, list[bytes]] = {}
        self.misfiled_by: dict[bytes, bytes] = {}

    def effect(self, event: Event) -> None:
        if self.stage == "UNSPECIFIED" and event.kind != "CaseOpened" and acts.is_governed(event):
            self.stage = "NOT_OPENED"
        rule = getattr(self, "on_" + event.member, None)
        if event.kind == "CaseOpened":
            # What is handed over runs already when the opening's own triggers come.
            self.on_case_opened(event, event.fact)
            super().effect(event)
            return
        super().effect(event)
        if rule:
            rule(event, event.fact)
        if event.kind in ("CaseVoided", "CasesMerged", "TransferAccepted", "CompetenceDecided"):
            self.end_pending(event)

    # ---- opening, lead, holder

    def on_case_opened(self, event, fact) -> None:
        self.stage, self.holder, self.lead = "OPEN", fact.holder, fact.lead
        for reference in event.references(BASED_ON):
            signal = self.signals.get(reference.stream.id)
            if reference.stream.kind != SIGNAL or signal is None:
                continue
            # "A signal's open clocks go on in the cases that are opened with a reference to it as *based on*"
            self.clocks.open.extend(signal.clocks.hand_over(SignalFold.STAY))
            # Which child a case is about stands in no fact: the track of the first outcome that is a case.
            tracks = [o.track for o in signal.outcomes or [] if o.outcome == CASE_OUTCOME]
            self.track = self.track or (tracks[0] if tracks else 0)

    def on_lead_assigned(self, _event, fact) -> None:
        self.lead = fact.lead

    def on_team_convened(self, event, fact) -> None:
        # "It takes the place of the team before."
        self.team, self.team_by = list(fact.members), event.hash

    def on_transfer_proposed(self, event, fact) -> None:
        self.proposed[event.hash] = fact.to

    def on_transfer_rejected(self, _event, fact) -> None:
        self.proposed.pop(fact.proposed, None)
        # "A transfer was rejected: nobody wants to hold it, and a superior decides."
        self.disputed = True

    def on_transfer_accepted(self, _event, fact) -> None:
        # "no lead, team or proposal any more"
        self.hold(self.proposed.get(fact.proposed, self.holder))

    def on_competence_decided(self, _event, fact) -> None:
        if fact.holder == self.holder:
            self.proposed, self.disputed = {}, False
        else:
            self.hold(fact.holder)

    def hold(self, agency: bytes) -> None:
        if self.holder not in self.former:
            self.former.append(self.holder)
        self.holder, self.lead, self.team = agency, b"", []
        self.proposed, self.disputed = {}, False

    # ---- plan and commitments

    def on_plan_adopted(self, event, fact) -> None:
        self.plan, self.track = event.hash, fact.track
        self.commit(event)

    on_plan_amended = on_plan_adopted

    def on_team_plan_adopted(self, event, _fact) -> None:
        self.commit(event)

    def commit(self, event: Event) -> None:
        for c in self.stated(event).commitments:
            self.commitments[c.id] = Commitment(c.id, c.owner, c.due_day, event.hash)

    def on_commitment_fulfilled(self, _event, fact) -> None:
        self.commitments[fact.commitment].fulfilled = True

    def on_commitment_missed(self, _event, fact) -> None:
        self.commitments[fact.commitment].missed = True

    # ---- orders and courts

    def order(self, act: bytes) -> Order | None:
        return next((o for o in self.orders if o.act == act), None)

    def on_emergency_placement_ordered(self, event, _fact) -> None:
        self.order_placement(event, orders.EMERGENCY)

    def on_emergency_act_recorded(self, event, fact) -> None:
        if fact.act == 1:
            self.order_placement(event, orders.EMERGENCY)

    def on_placement_ordered(self, event, _fact) -> None:
        self.order_placement(event, orders.PLACEMENT)

    def order_placement(self, event: Event, kind: str) -> None:
        """GAP: that an order of placement takes the place of the orders before, but of no court's decision."""
        for old in self.placing():
            old.in_force = old.kind == orders.DECISION
        self.orders.append(Order(event.hash, kind))

    def on_instruction_issued(self, event, _fact) -> None:
        self.orders.append(Order(event.hash, orders.INSTRUCTION))

    def on_aid_decided(self, event, _fact) -> None:
        self.orders.append(Order(event.hash, orders.AID))

    def on_order_served(self, event, fact) -> None:
        order, at = self.order(fact.order), self.view.at(event)
        if order is None:
            return
        if order.served_at is None or at < order.served_at:
            order.served_at = at
        # The clocks of the term of appeal that this service started.
        order.terms += [c.due for c in self.clocks.open if c.started_by == event.hash and c.is_term]

    on_order_deemed_served = on_order_served

    def on_execution_ordered(self, _event, fact) -> None:
        if order := self.order(fact.order):
            order.ordered, order.suspended = True, False

    def on_execution_suspended(self, _event, fact) -> None:
        # GAP: whether a suspension ends when the appeal is decided; the answers keep it until execution is ordered.
        if order := self.order(fact.order):
            order.ordered, order.suspended = False, True

    def on_court_request_filed(self, event, fact) -> None:
        self.requests[event.hash] = fact.order

    def placing(self) -> list[Order]:
        """Orders and decisions in force that place a child."""
        kinds = (orders.EMERGENCY, orders.PLACEMENT, orders.DECISION)
        return [o for o in self.orders if o.in_force and o.kind in kinds and not o.refused]

    def asked_of(self, fact) -> Order | None:
        """The order on which a court decides: that of the request, else the last one that is in force.

        GAP: on which it decides "at another's request" (bg.toml, clock 502) is said nowhere.
        """
        if order := self.order(self.requests.get(fact.request, b"")):
            return order
        ordered = [o for o in self.placing() if o.kind != orders.DECISION]
        return ordered[-1] if ordered else None

    def on_court_decision_recorded(self, event, fact) -> None:
        self.end_decisions(event, fact)
        order, granted = self.asked_of(fact), fact.outcome == orders.GRANTED
        requested = order is not None and self.requests.get(fact.request, b"") == order.act
        # "An order lasts until the court has decided: after a refusal nobody is placed under it" (story).
        if requested and fact.outcome == orders.REFUSED:
            order.in_force = False
        if granted:
            # GAP: "A new one takes the place of the old" is said of the term alone (bg.toml, clock 512).
            for old in self.placing():
                old.in_force = False
        # GAP: when a court's decision counts as told: when it was given, since its clock 511 runs from there.
        at = self.view.at(event)
        self.orders.append(Order(event.hash, orders.DECISION, at, refused=not granted))
        # GAP: a child that is placed on the order of the request is placed on the decision from there on; where
        # another asked the court, only when the placement is changed.
        if granted and requested and order.act == self.placed_on:
            self.placed_on = event.hash

    def end_decisions(self, event, fact) -> None:
        """Once one on a request is in force, "what else waits as a decision on it ends" (README, Signatures)."""
        for act in self.acts.values():
            other = act.event.kind == event.kind and act.event is not event
            if other and act.status == acts.PENDING and fact.request and act.event.fact.request == fact.request:
                self.end(act, acts.SUPERSEDED, self.view.at(event), event)

    def on_appeal_filed(self, event, fact) -> None:
        self.appeals[event.hash] = fact
        if order := self.order(fact.act):
            order.appeals[event.hash] = self.view.at(event)

    def on_appeal_decided(self, _event, fact) -> None:
        order = self.order(self.appeals[fact.appeal].act)
        if order is None:
            return
        order.appeals.pop(fact.appeal, None)
        order.stands = fact.outcome == orders.STANDS
        order.in_force = order.in_force and order.stands

    def on_placement_started(self, _event, fact) -> None:
        self.placed_on = fact.order

    # GAP: a court's decision stays in force where the placement is changed by a later order.
    on_placement_changed = on_placement_started

    def on_placement_ended(self, _event, _fact) -> None:
        # GAP: what becomes of the orders: nothing that places the child is in force any more.
        for order in self.placing():
            order.in_force = False
        self.placed_on = b""

    # ---- end, correction

    def on_case_closed(self, _event, fact) -> None:
        self.stage, self.observed = "CLOSED", fact.observed
        self.end_case()
        for settled in fact.settled:
            # "Without a new owner it is dropped"
            if not settled.owner:
                self.clocks.open = [c for c in self.clocks.open if c.subject != settled.subject]

    def on_case_voided(self, _event, _fact) -> None:
        self.stage = "VOIDED"
        self.end_case()

    def on_cases_merged(self, _event, _fact) -> None:
        self.stage = "MERGED"
        self.end_case()

    def end_case(self) -> None:
        """No proposal any more (README, Files). GAP: that no plan is in force in a case that has ended."""
        self.proposed, self.plan = {}, b""

    def on_case_reopened(self, _event, fact) -> None:
        self.stage, self.lead, self.observed = "OPEN", fact.lead, False

    def on_event_corrected(self, event, fact) -> None:
        self.corrected_by.setdefault(fact.event, []).append(event.hash)

    def on_event_misfiled(self, event, fact) -> None:
        self.misfiled_by[fact.event] = event.hash
        # "where it is the TeamConvened of the present team, no team any more" (README, Files): nor the one before
        if fact.event == self.team_by:
            self.team = []

    def left_out(self, event: Event) -> None:
        """What is misfiled has no effect; but it took the place of the team before."""
        if event.kind == "TeamConvened":
            self.on_team_convened(event, event.fact)
