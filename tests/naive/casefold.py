"""A case, folded from its first event.

Written from proto/README.md ("Files", "Procedure"), accountability.proto (Case, Order) and the protos of the
facts.
"""

from dataclasses import dataclass

import acts
import orders
import terms
from actors import Actors
from filefold import FileFold, SignalFold, View
from journal import SIGNAL, Event
from orders import Order

BASED_ON, CASE_OUTCOME, SUPERIOR = 1, 1, 2
COURT_AFTER_SUPERIOR = "appeal-after-superior"  # a named term of the profile


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
        """It "takes the place of the order of placement before it, but of no court's decision; an urgent one that is
        recorded only after a later one was ordered is itself replaced by that" (README, Orders)."""
        at, order = self.view.at(event), Order(event.hash, kind)
        order.given_at = at
        for old in self.placing():
            if old.kind == orders.DECISION:
                continue
            if kind == orders.EMERGENCY and at < old.given_at:
                order.in_force = False
            else:
                old.in_force = False
        self.orders.append(order)

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
        # "A suspension lasts until execution is ordered, whatever becomes of the appeal" (README, Orders).
        if order := self.order(fact.order):
            order.ordered, order.suspended = False, True

    def on_court_request_filed(self, event, fact) -> None:
        self.requests[event.hash] = fact.order

    def placing(self) -> list[Order]:
        """Orders and decisions in force that place a child."""
        kinds = (orders.EMERGENCY, orders.PLACEMENT, orders.DECISION)
        return [o for o in self.orders if o.in_force and o.kind in kinds and not o.refused]

    def asked_of(self, fact) -> Order | None:
        """The order on which a court decides: that of the request; at another's request, the one in force, since one
        that grants "takes the place of every order and decision by which the child may be placed, whoever asked"
        (README, Orders)."""
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
            # "One that grants takes the place of every order and decision" (README, Orders).
            for old in self.placing():
                old.in_force = False
        # "Of a court's decision, when it was given" (Order.served_at).
        at = self.view.at(event)
        self.orders.append(Order(event.hash, orders.DECISION, at, refused=not granted))
        # "One who is placed on an order of placement is placed on the court's decision from there on, where that
        # grants a request about an order; where another asked, only once PlacementChanged says so" (README, Orders).
        by_order = self.order(self.placed_on)
        if granted and requested and by_order and by_order.kind in (orders.EMERGENCY, orders.PLACEMENT):
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
            at = self.view.at(event)
            order.appeals[event.hash] = not order.is_late(at)

    def on_appeal_decided(self, event, fact) -> None:
        appeal = self.appeals[fact.appeal]
        order = self.order(appeal.act)
        if order is None:
            return
        order.appeals.pop(fact.appeal, None)
        order.in_force = order.in_force and fact.outcome == orders.STANDS
        if appeal.route == SUPERIOR:
            order.contestable_until = self.named_term(COURT_AFTER_SUPERIOR, event)

    def named_term(self, name: str, event: Event) -> int:
        """When a term of the profile is over that begins with this event."""
        profile = terms.in_force(self.clocks.profiles, event.recorded_at // 10**9)
        return terms.due(profile, profile.text["terms"][name], self.view.at(event), None)[0]

    def on_placement_started(self, _event, fact) -> None:
        self.placed_on = fact.order

    # "PlacementChanged ends none" (README, Orders).
    on_placement_changed = on_placement_started

    def on_placement_ended(self, _event, _fact) -> None:
        # "PlacementEnded ends every order and decision by which the child may be placed" (README, Orders).
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
        """No proposal any more (README, Files); "no plan is in force in a case that was closed, voided or merged"
        (README, Track and plan)."""
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
