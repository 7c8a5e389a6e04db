"""What an actor had been given of a case by a moment.

Written from accountability.proto, Given and KnownEntry.
"""

from dataclasses import dataclass, field

from journal import CASE, PROTECTED, Event
from terms import Profile


@dataclass
class Readings:
    """One actor's readings of one case on the record, by then."""

    facts: list[Event] = field(default_factory=list)
    sections: dict[tuple, set[int]] = field(default_factory=dict)


def collect(log: list[Event], case_id: bytes, actor: bytes) -> Readings:
    found = Readings()
    for event in log:
        if event.kind == "FactsRead" and event.fact.reader == actor:
            # "A case stands for all its streams."
            if any((f.kind, f.id) == (CASE, case_id) for f in event.fact.files):
                found.facts.append(event)
        elif event.kind == "SectionsRead" and event.fact.reader == actor:
            for released in event.fact.released:
                key = (event.fact.kind, event.stream[1], released.version)
                found.sections.setdefault(key, set()).update(released.sections)
    return found


def given(event: Event, actor: bytes | None, readings: Readings, profile: Profile | None) -> str:
    if actor is None:
        return "GIVEN_UNSPECIFIED"
    if actor in event.actors:
        return "GIVEN_SIGNED"
    if sections_given(event, readings):
        return "GIVEN_FACTS"
    after = any(r.sequence > event.sequence for r in readings.facts)
    # "Or the event stands in the protected stream, and the reading does not say whether that was shown."
    if after:
        return "GIVEN_PERHAPS" if event.stream[0] == PROTECTED else "GIVEN_FACTS"
    if any(same_day(r, event, profile) for r in readings.facts):
        return "GIVEN_PERHAPS"
    return "GIVEN_NOTHING"


def same_day(reading: Event, event: Event, profile: Profile | None) -> bool:
    """The civil day of the procedure's zone; before a profile there is none, and UTC's is taken."""
    days = [e.recorded_at // 10**9 for e in (reading, event)]
    if profile is None:
        return days[0] // 86400 == days[1] // 86400
    return profile.day(days[0]) == profile.day(days[1])


def sections_given(event: Event, readings: Readings) -> list[int]:
    kind, id_ = event.stream
    return sorted(readings.sections.get((kind, id_, event.version), ()))
