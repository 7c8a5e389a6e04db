"""The profile: its clocks, its calendar, and how a term is counted.

Written from crates/domain/profiles/bg.toml (its comments), crates/domain/src/clocks/tests/statutory.txt and
proto/README.md, "Procedure", Profile and Clocks. The text comes from ProfileAdopted on the record.
"""

import calendar
import datetime
import functools
import tomllib
import zoneinfo
from dataclasses import dataclass

from journal import Event

DAY = datetime.timedelta(days=1)
EPOCH = datetime.date(1970, 1, 1)
HOURS = {"hour": 3600, "hours": 3600, "minute": 60, "minutes": 60}


@dataclass
class Profile:
    text: dict
    applies_from: int  # seconds since 1970 UTC

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.text["zone"])

    def day(self, seconds: int) -> datetime.date:
        """The civil day of an instant."""
        return datetime.datetime.fromtimestamp(seconds, self.zone).date()

    def end_of(self, day: datetime.date) -> int:
        """The first second after a civil day."""
        midnight = datetime.datetime.combine(day + DAY, datetime.time(), self.zone)
        return int(midnight.timestamp())

    def clocks(self) -> list[dict]:
        return self.text["clock"]

    def is_known(self, day: datetime.date) -> bool:
        first, last = self.text["calendar"]["covers"]
        return first <= day.year <= last

    def is_off(self, day: datetime.date) -> bool:
        """A day of the weekend or a holiday. "In other years: weekends and these": assumed-holidays."""
        days = self.text["calendar"]
        if day.strftime("%A").lower() in days["weekend"]:
            return True
        if self.is_known(day):
            return day.isoformat() in days["holidays"]
        return day.strftime("%m-%d") in days["assumed-holidays"]


def read_profile(event: Event) -> Profile:
    """From the beginning of `effective_day` in its own zone; where that is absent, from recorded_at."""
    profile = Profile(parsed(event.fact.text), event.recorded_at // 10**9)
    for clock in profile.clocks():
        unknown = {"suspend", "resume", "extend"} & clock.keys()
        if unknown:
            raise SystemExit(f"clock {clock['number']}: {unknown} is not played here; no profile so far has it")
    if event.fact.HasField("effective_day"):
        day = EPOCH + datetime.timedelta(days=event.fact.effective_day)
        profile.applies_from = profile.end_of(day - DAY)
    return profile


@functools.cache
def parsed(text: str) -> dict:
    """Read once: a text is always the same."""
    return tomllib.loads(text)


def in_force(profiles: list[Profile], seconds: int) -> Profile | None:
    """Of "those that apply by then, the one adopted last; before the first applies, the first"."""
    applying = [p for p in profiles if p.applies_from <= seconds]
    if applying:
        return applying[-1]
    return min(profiles, key=lambda p: p.applies_from) if profiles else None


def applies(rule: dict, day: datetime.date) -> bool:
    """Clocks "apply from their first day to before their last"."""
    begins = datetime.date.fromisoformat(rule["applies-from"])
    ends = rule.get("applies-until")
    return begins <= day and (ends is None or day < datetime.date.fromisoformat(ends))


def due(profile: Profile, rule: dict, seconds: int, stated_day: int | None) -> tuple[int, bool]:
    """The first second that is too late, and whether the counting is not settled in law."""
    unsettled = rule.get("counting-assumed", False)
    length = rule["length"]
    if length == "stated":
        # By the end of the day that the event states.
        last = EPOCH + datetime.timedelta(days=stated_day)
        return profile.end_of(last), unsettled
    if length == "next working day":
        last, known = working_days(profile, profile.day(seconds), 1)
        return profile.end_of(last), unsettled or not known
    number, unit = length.split(" ", 1)
    if unit in HOURS:
        # "one in hours or minutes from the minute"
        return seconds - seconds % 60 + int(number) * HOURS[unit], unsettled
    if unit.startswith("working"):
        last, known = working_days(profile, profile.day(seconds), int(number))
        return profile.end_of(last), unsettled or not known
    last, assumed = last_day(profile, rule, civil(profile.day(seconds), int(number), unit))
    return profile.end_of(last), unsettled or assumed


def civil(day: datetime.date, number: int, unit: str) -> datetime.date:
    """The last day of a term "from the day after, to the end of its last day"."""
    if unit.startswith("month"):
        months = day.year * 12 + day.month - 1 + number
        year, month = divmod(months, 12)
        return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    return day + DAY * number * (7 if unit.startswith("week") else 1)


def working_days(profile: Profile, day: datetime.date, number: int) -> tuple[datetime.date, bool]:
    """The last of so many working days after a day, and whether the calendar covers them all."""
    known = True
    while number:
        day += DAY
        known = known and profile.is_known(day)
        number -= not profile.is_off(day)
    return day, known


def last_day(profile: Profile, rule: dict, last: datetime.date) -> tuple[datetime.date, bool]:
    """How a term ends whose last day is a day off: `last-day` of the clock, else of the calendar."""
    general = profile.text["calendar"]["last-day"]
    if "last-day" not in rule:
        # The calendar's rule is itself only assumed: so is a term that it decides.
        return last, profile.is_off(last) and general["basis"] == "assumed"
    known = profile.is_known(last)
    while profile.is_off(last):
        last += DAY
        known = known and profile.is_known(last)
    return last, not known
