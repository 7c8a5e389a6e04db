"""The clocks of one file, folded from triggers.

Written from proto/README.md, "Procedure", Clocks, and the comments of crates/domain/profiles/bg.toml.
A trigger is what the profile's `start`, `stop`, `restart` and `drop` name, such as `plan-adopted.general`.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import terms
from journal import Event


@dataclass
class Trigger:
    """Something that happened and that the profile has a name for."""

    names: list[str]
    at: int  # when it happened, seconds since 1970 UTC
    by: bytes  # the statement's hash
    subject: bytes  # what a clock that starts by it concerns
    about: frozenset[bytes] | None = None  # what it ends; None: whatever the file has
    stated_day: int | None = None
    protected: bool = False


@dataclass
class Clock:
    rule: dict
    subject: bytes
    started_by: bytes
    started_at: int
    due: int
    assumed: bool
    protected: bool
    missed_at: int | None = None

    @property
    def number(self) -> int:
        return self.rule["number"]

    @property
    def is_term(self) -> bool:
        return self.rule["ends"] == "term"

    def reading(self, now_ns: int) -> str:
        """See ClockReading; of clocks that have not ended."""
        if now_ns < self.due * 10**9:
            return "RUNNING"
        if self.is_term:
            return "EXPIRED"
        # A clock that was moved to later is recorded once more only where it "ran out again": one that had run out
        # by then as well is missed already.
        was_recorded = self.missed_at is not None and self.missed_at >= self.due
        return "MISSED" if was_recorded else "OVERDUE"


@dataclass
class Clocks:
    """The clocks of a file that have not ended."""

    profiles: list[terms.Profile]
    at_by: Callable[[bytes, int, int], int]
    sequence: int = 0  # of the event that is folded
    open: list[Clock] = field(default_factory=list)

    def take(self, trigger: Trigger) -> None:
        profile = terms.in_force(self.profiles, trigger.at)
        if profile is None:
            return
        for clock in list(self.open):
            self.touch(clock, trigger, profile)
        for rule in profile.clocks():
            if listed(rule, "start", trigger):
                self.start(rule, trigger, profile)
        drop_all = profile.text.get("drop-all", [])
        if any(matches(entry, trigger) for entry in drop_all):
            self.open.clear()

    def touch(self, clock: Clock, trigger: Trigger, profile: terms.Profile) -> None:
        """Stops, drops or restarts a clock that runs."""
        rule = clock.rule
        ends = listed(rule, "stop", trigger) or listed(rule, "drop", trigger)
        restarts = listed(rule, "restart", trigger)
        if not (ends or restarts) or not concerns(clock, trigger):
            return
        # "What happened on an earlier civil day than a clock's start does nothing to it": as it was said then, since
        # a later correction "moves what an event's time started, stopped or moved", and undoes none of it.
        at = self.at_by(trigger.by, self.sequence, trigger.at)
        if profile.day(at) < profile.day(self.at_by(clock.started_by, self.sequence, clock.started_at)):
            return
        self.open.remove(clock)
        if restarts and not ends:
            # The clock of before was kept; a new one begins with what restarts it.
            subject = trigger.by if of_file(rule) else clock.subject
            self.begin(rule, trigger, profile, subject)

    def start(self, rule: dict, trigger: Trigger, profile: terms.Profile) -> None:
        if not terms.applies(rule, profile.day(trigger.at)):
            return
        # A clock of the file runs once in it.
        if of_file(rule) and any(c.number == rule["number"] for c in self.open):
            return
        self.begin(rule, trigger, profile, trigger.subject)

    def begin(self, rule: dict, trigger: Trigger, profile: terms.Profile, subject: bytes) -> None:
        due, assumed = terms.due(profile, rule, trigger.at, trigger.stated_day)
        self.open.append(Clock(rule, subject, trigger.by, trigger.at, due, assumed, trigger.protected))

    def missed(self, event: Event) -> None:
        """DeadlineMissed: "that what was due was not on the record when the clock ran out"."""
        fact = event.fact
        for clock in self.open:
            named = (fact.clock, fact.started_by, fact.subject)
            if named == (clock.number, clock.started_by, clock.subject):
                clock.missed_at = event.recorded_at // 10**9

    def hand_over(self, numbers_that_stay: set[int]) -> list[Clock]:
        """The signal's open clocks that go on in a case."""
        return [copy.copy(c) for c in self.open if c.number not in numbers_that_stay]


def of_file(rule: dict) -> bool:
    return rule.get("of") == "file"


def matches(entry: str, trigger: Trigger) -> bool:
    """An entry without a variant stands for all variants: `review-held` for `review-held.general`."""
    return any(name == entry or name.split(".")[0] == entry for name in trigger.names)


def listed(rule: dict, what: str, trigger: Trigger) -> bool:
    return any(matches(entry, trigger) for entry in rule.get(what, []))


def concerns(clock: Clock, trigger: Trigger) -> bool:
    """A clock "belongs to a subject …, and only what is about that subject stops it" (bg.toml)."""
    if of_file(clock.rule) or trigger.about is None:
        return True
    return clock.subject in trigger.about or clock.started_by in trigger.about
