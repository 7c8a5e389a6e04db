"""Small tests of the naive program's own parts: python -m unittest, in this directory.

All data are invented.
"""

import datetime
import pathlib
import unittest
import zoneinfo

import acts
import known
import terms
from actors import DIRECTOR, HEAD, SOCIAL_WORKER
from answer import answer
from journal import CASE, SIGNAL, Event, messages

DOMAIN = pathlib.Path(__file__).resolve().parents[2] / "crates" / "domain"
SOFIA = zoneinfo.ZoneInfo("Europe/Sofia")
AGENCY, CASE_ID, SIGNAL_ID, CHILD = bytes([9]) * 16, bytes([1]) * 16, bytes([2]) * 16, bytes([3]) * 16
LEAD, CHIEF, BOSS = bytes([4]) * 16, bytes([5]) * 16, bytes([6]) * 16
ROLES = {LEAD: SOCIAL_WORKER, CHIEF: HEAD, BOSS: DIRECTOR}


def at(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=SOFIA).timestamp())


class Log:
    """A log in memory, without signatures or hashes: an event's hash is its number."""

    def __init__(self):
        self.events: list[Event] = []
        self.grants: dict[bytes, bytes] = {}
        profile = (DOMAIN / "profiles" / "bg.toml").read_text(encoding="utf-8")
        self.add((1, bytes(16)), "2026-01-01 08:00", [], profile_adopted={"text": profile})
        for actor, role in ROLES.items():
            key = {"public_key": actor * 2, "use": 1}
            self.add((2, actor), "2026-01-01 08:00", [], actor_enrolled={"kind": 1, "key": key})
            grant = {"role": role, "agency": AGENCY}
            self.grants[actor] = self.add((2, actor), "2026-01-01 08:00", [], role_granted=grant)

    def add(self, stream, when: str, signers, references=(), sections=(), **fact) -> bytes:
        statement = messages().Statement(nonce=bytes(32))
        statement.stream.kind, statement.stream.id = stream
        statement.occurred_at.seconds = at(when)
        for actor in signers:
            statement.signers.add(actor=actor, public_key=actor * 2, grant=self.grants[actor])
        for relation, target, hash_ in references:
            reference = statement.references.add(relation=relation, statement_hash=hash_)
            reference.stream.kind, reference.stream.id = target
        for name in sections:
            statement.sections.add(payload_type=name, **{"class": 1})
        for member, values in fact.items():
            getattr(statement.fact, member).SetInParent()
            statement.MergeFrom(messages().Statement(fact={member: values}))
        version = 1 + sum(e.stream == stream for e in self.events)
        hash_ = len(self.events).to_bytes(32, "big")
        self.events.append(Event(len(self.events), at(when) * 10**9, hash_, statement, version))
        return hash_

    def opened(self) -> "Log":
        signal, case = (SIGNAL, SIGNAL_ID), (CASE, CASE_ID)
        received = {"channel": 1, "children": [CHILD], "track": 1}
        self.add(signal, "2026-03-02 10:00", [LEAD], signal_received=received)
        outcomes = [{"child": CHILD, "outcome": 1, "track": 1, "age_band": 2}]
        found = self.add(signal, "2026-03-04 10:00", [LEAD, CHIEF], signal_assessed={"outcomes": outcomes})
        based = [(1, signal, found)]
        self.add(case, "2026-03-05 10:00", [LEAD], based, case_opened={"holder": AGENCY, "lead": LEAD})
        return self

    def ask(self, size: int | None = None, actor: bytes | None = None) -> dict:
        request = {"case_id": CASE_ID.hex(), "size": size or len(self.events)}
        return answer(self.events, request | ({"actor": actor.hex()} if actor else {}))


class Terms(unittest.TestCase):
    def test_every_statutory_line_is_counted_as_written_by_hand(self):
        log = Log()
        profile = terms.read_profile(log.events[0])
        rules = {c["number"]: c for c in profile.clocks()}
        lines = (DOMAIN / "src/clocks/tests/statutory.txt").read_text(encoding="utf-8").splitlines()
        rows = [[part.strip() for part in line.split("|")] for line in lines if "|" in line and line[0] != "#"]
        self.assertGreater(len(rows), 50)
        for number, _, starts, due, _ in rows:
            rule = rules[int(number)]
            if rule["length"] == "stated":
                continue
            self.assertEqual(terms.due(profile, rule, at(starts), None)[0], at(due), number)


class Case(unittest.TestCase):
    def test_a_case_inherits_the_signal_s_clock_and_track(self):
        case = Log().opened().ask()["case"]
        self.assertEqual((case["stage"], case["track"]), ("STAGE_OPEN", "TRACK_GENERAL"))
        self.assertEqual([c["number"] for c in case["clocks"]], [104, 411])
        self.assertTrue(case["lead_in_force"])

    def test_a_pending_act_takes_effect_when_it_is_endorsed_and_not_before(self):
        log = Log().opened()
        case = (CASE, CASE_ID)
        act = log.add(case, "2026-03-09 10:00", [LEAD], assessment_completed={"age_band": 2})
        log.add(case, "2026-03-10 10:00", [CHIEF], [(2, case, act)], endorsed={})
        before, after = log.ask(len(log.events) - 1), log.ask()
        self.assertEqual(before["entries"][1]["entry"]["status"], "ACT_STATUS_PENDING")
        self.assertEqual(before["case"]["acts"][0]["due"][0]["roles"], [HEAD, DIRECTOR])
        self.assertIn(104, [c["number"] for c in before["case"]["clocks"]])
        self.assertEqual(after["entries"][1]["entry"]["status"], "ACT_STATUS_IN_FORCE")
        self.assertEqual([c["number"] for c in after["case"]["clocks"]], [413, 411])

    def test_a_correction_moves_a_clock_and_the_first_reading_stays_beside(self):
        log = Log().opened()
        moved = {"event": log.events[-3].hash, "occurred_at": {"seconds": at("2026-03-01 10:00")}}
        log.add((SIGNAL, SIGNAL_ID), "2026-03-06 10:00", [CHIEF, BOSS], event_corrected=moved)
        clock = log.ask()["case"]["clocks"][0]
        self.assertEqual((clock["due"], clock["first_due"]), (at("2026-03-30 00:00"), at("2026-03-31 00:00")))

    def test_a_correction_moves_a_start_and_undoes_no_stop(self):
        log = Log().opened()
        case = (CASE, CASE_ID)
        act = log.add(case, "2026-03-09 10:00", [LEAD, CHIEF], assessment_completed={"age_band": 2})
        log.add(case, "2026-03-09 11:00", [LEAD], weight_of_views_explained={"decision": act})
        moved = {"event": act, "occurred_at": {"seconds": at("2026-03-10 10:00")}}
        log.add(case, "2026-03-11 10:00", [CHIEF, BOSS], event_corrected=moved)
        self.assertNotIn(413, [c["number"] for c in log.ask()["case"]["clocks"]])

    def test_what_is_misfiled_has_no_effect(self):
        log = Log().opened()
        case = (CASE, CASE_ID)
        held = log.add(case, "2026-03-09 10:00", [LEAD], supervision_held={})
        log.add(case, "2026-03-10 10:00", [LEAD], event_misfiled={"event": held})
        clocks = {c["number"]: c["started_at"] for c in log.ask()["case"]["clocks"]}
        self.assertEqual(clocks[411], at("2026-03-05 10:00"))

    def test_two_appeals_of_one_order_are_two_duties(self):
        log = Log().opened()
        case = (CASE, CASE_ID)
        order = log.add(case, "2026-03-20 10:00", [BOSS], placement_ordered={"age_band": 2, "file_access": 3})
        appeal = {"act": order, "route": 1}
        first = log.add(case, "2026-03-23 10:00", [BOSS], appeal_filed=appeal)
        second = log.add(case, "2026-03-23 11:00", [BOSS], appeal_filed=appeal)
        log.add(case, "2026-03-23 12:00", [BOSS], appeal_forwarded={"appeal": first})
        open_ = [c["started_by"] for c in log.ask()["case"]["clocks"] if c["number"] == 507]
        self.assertEqual(open_, [second.hex()])


class Given(unittest.TestCase):
    def test_signed_read_perhaps_and_nothing(self):
        log = Log().opened()
        read = {"reader": BOSS, "purpose": 1, "files": [{"kind": CASE, "id": CASE_ID}]}
        self.assertEqual(log.ask(actor=LEAD)["entries"][0]["given"], "GIVEN_SIGNED")
        self.assertEqual(log.ask(actor=BOSS)["entries"][0]["given"], "GIVEN_NOTHING")
        log.add((5, BOSS), "2026-03-05 12:00", [], facts_read=read)
        log.add((CASE, CASE_ID), "2026-03-05 13:00", [LEAD], note_added={})
        log.add((CASE, CASE_ID), "2026-03-06 13:00", [LEAD], note_added={})
        given = [e["given"] for e in log.ask(actor=BOSS)["entries"]]
        self.assertEqual(given, ["GIVEN_FACTS", "GIVEN_PERHAPS", "GIVEN_NOTHING"])


class Compare(unittest.TestCase):
    def test_a_missing_clock_is_one_difference(self):
        clock = {"due": 1, "number": 101, "started_by": "a", "subject": "a"}
        later = clock | {"due": 2, "number": 102}
        found = list(known.differences({"clocks": [clock, later]}, {"clocks": [later]}))
        self.assertEqual([path for path, _, _ in found], [".clocks[101, 'a', 'a']"])

    def test_danger_never_lets_a_closing_take_effect(self):
        log = Log().opened()
        log.add((CASE, CASE_ID), "2026-03-09 10:00", [LEAD], (), ["danger/1"], case_closed={"age_band": 2})
        self.assertFalse(acts.is_in_force_at_once(log.events[-1]))


if __name__ == "__main__":
    unittest.main()
