#!/usr/bin/env python3
"""Whether PROV-JSON documents say what traces of decisions do, as the `prov` package reads them.

    .venv/bin/python traced.py more.json prov-1.json trace-1.json [prov-2.json trace-2.json ...]

A trace is what `letopis case trace --json` says. `more.json` has what that leaves out: `stated`, {hash:
[microseconds since 1970 UTC, precision]}, `labels`, {kind: [Bulgarian, English]}, and `roles`, {number: name}.

What a document should say is made here once more from the trace, by the table in
tools/letopis/src/cmd/case/prov.rs and by nothing else of Letopis: every entity, activity, agent and relation,
with all its attributes, no more and no fewer. Whatever `prov` warns of is an error.

Exits with 0 if they say the same, 1 if not.
"""

import argparse
import json
import sys
import warnings
from collections import Counter
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from prov.identifier import QualifiedName
from prov.model import Literal, ProvDocument

DIFFERENCES_SHOWN = 10
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# The ledger itself, where it signs what nobody sends it.
LEDGER = "uuid:00000000-0000-0000-0000-000000000000"
# Relations have no names.
NAMED = ("Entity", "Activity", "Agent")


def plain(value):
    """A value of the package as this program writes it."""
    if isinstance(value, datetime):
        return time((value - EPOCH) // timedelta(microseconds=1))
    if isinstance(value, QualifiedName):
        return str(value)
    if isinstance(value, Literal):
        return f"{value.value}@{value.langtag}" if value.langtag else str(value.value)
    return value


def time(micros):
    return ("time", micros)


def records(path):
    with open(path, encoding="utf-8") as file:
        document = ProvDocument.deserialize(file, format="json")
    found = Counter()
    for record in document.get_records():
        kind = record.get_type().localpart
        name = str(record.identifier) if kind in NAMED else None
        attributes = frozenset((str(key), plain(value)) for key, value in record.attributes)
        found[(kind, name, attributes)] += 1
    return found


class Expected(Counter):
    """What a document should hold."""

    def say(self, kind, name, *attributes, **formal):
        pairs = [(f"prov:{key}", value) for key, value in formal.items()]
        self[(kind, name, frozenset((*pairs, *attributes)))] += 1

    def thing(self, kind, name, what, *attributes):
        """The same thing may be spoken of twice, and is one."""
        pairs = frozenset((("prov:type", f"letopis:{what}"), *attributes))
        self[(kind, name, pairs)] = 1


def code(prefix, name):
    return name.removeprefix(prefix).lower()


def expected(trace, more):
    said = Expected()
    [decision] = {entry["event"]["statement_hash"] for entry in trace["entries"] if entry["is_it"]}
    of_decision = next(entry for entry in trace["entries"] if entry["is_it"])
    by_hash = {entry["event"]["statement_hash"]: entry for entry in trace["entries"]}
    for name, entry in by_hash.items():
        statement(said, name, entry, more, [] if name == decision else entry["event"]["signers"])
    for edge in trace["edges"]:
        tie(said, edge, by_hash[edge["from"]]["event"]["kind"])
    assert [one["actor"] for one in trace["authors"]] == of_decision["event"]["signers"]
    for author in trace["authors"]:
        authorship(said, author, decision, of_decision["stream"], more["roles"])
    for clock in trace["clocks"]:
        clock_of(said, clock)
    said.thing(
        "Entity", f"trace:{decision}", "Trace",
        ("letopis:decision", f"statement:{decision}"),
        ("letopis:as_of_size", trace["as_of_size"]),
        ("letopis:withheld", trace["withheld"]),
    )
    return said


def statement(said, name, entry, more, signers):
    event = entry["event"]
    stated, precision = more["stated"][name]
    corrected = entry["corrected_at"]
    begun = stated if corrected is None else corrected * 1_000_000
    labels = [f"{label}@{lang}" for label, lang in zip(more["labels"][event["kind"]], ("bg", "en"))]
    attributes = [("prov:label", label) for label in labels]
    attributes += [("letopis:kind", event["kind"]), ("letopis:precision", precision)]
    if corrected is not None:
        attributes.append(("letopis:first_stated", time(stated)))
    said.thing("Activity", f"act:{name}", "Act", ("prov:startTime", time(begun)), *attributes)
    attributes = [
        ("letopis:stream", entry["stream"]),
        ("letopis:version", entry["version"]),
        ("letopis:sequence", event["sequence"]),
    ]
    if entry["status"] != "ACT_STATUS_UNSPECIFIED":
        attributes.append(("letopis:status", code("ACT_STATUS_", entry["status"])))
    attributes += [("letopis:marks", code("MARK_", mark)) for mark in entry["marks"]]
    attributes += [("letopis:corrected_by", f"statement:{by}") for by in entry["corrected_by"]]
    if entry["misfiled_by"]:
        attributes.append(("letopis:misfiled_by", f"statement:{entry['misfiled_by']}"))
    attributes += [("letopis:endorsed_by", f"uuid:{by}") for by in entry["endorsed_by"]]
    said.thing("Entity", f"statement:{name}", "Statement", *attributes)
    recorded = time(event["recorded_at"] // 1000)
    said.say("Generation", None, entity=f"statement:{name}", activity=f"act:{name}", time=recorded)
    for signer in signers:
        agent(said, f"uuid:{signer}")
        said.say("Association", None, activity=f"act:{name}", agent=f"uuid:{signer}")


def agent(said, actor):
    is_ledger = actor == LEDGER
    said.thing("Agent", actor, "Actor", *([("prov:type", "prov:SoftwareAgent")] if is_ledger else []))


def tie(said, edge, kind):
    source, target, relation = edge["from"], edge["to"], code("RELATION_", edge["relation"])
    how = ("letopis:relation", "names" if relation == "unspecified" else relation)
    revises = kind == "EventCorrected" or relation in ("corrects", "supersedes")
    if relation == "based_on" or revises:
        revision = [("prov:type", "prov:Revision")] if relation != "based_on" else []
        said.say(
            "Derivation", None, how, *revision, generatedEntity=f"statement:{source}",
            usedEntity=f"statement:{target}", activity=f"act:{source}",
        )
    else:
        said.say("Communication", None, how, informed=f"act:{source}", informant=f"act:{target}")


def authorship(said, author, decision, stream, roles):
    act, actor = f"act:{decision}", f"uuid:{author['actor']}"
    agent(said, actor)
    attributes = [
        ("letopis:seen_version", author["seen_version"]),
        ("letopis:readings_withheld", author["readings_withheld"]),
    ]
    attributes += [("letopis:unseen", f"statement:{unseen}") for unseen in author["unseen"]]
    if author["role"]:
        attributes.append(("prov:role", f"letopis:{roles[str(author['role'])]}"))
    said.say("Association", None, *attributes, activity=act, agent=actor)
    if author["agency"]:
        agency = f"uuid:{author['agency']}"
        said.thing("Agent", agency, "Agency")
        said.say("Delegation", None, delegate=actor, responsible=agency, activity=act)
    if author["seen_version"]:
        seen = f"stream:{stream}/{author['seen_version']}"
        said.thing("Entity", seen, "Stream")
        said.say("Usage", None, activity=act, entity=seen)
    if author["facts_read_at"] is None and not author["sections"]:
        return
    reading = f"reading:{decision}/{author['actor']}"
    said.thing("Activity", reading, "Reading")
    said.say("Association", None, activity=reading, agent=actor)
    said.say("Communication", None, ("letopis:relation", "had_read"), informed=act, informant=reading)
    if author["facts_read_at"] is not None:
        facts, at = f"facts:{stream.split('/')[1]}", time(author["facts_read_at"] // 1000)
        said.thing("Entity", facts, "Facts")
        said.say("Usage", None, activity=reading, entity=facts, time=at)
    for given in author["sections"]:
        for index in given["sections"]:
            section = f"section:{given['stream']}/{given['version']}/{index}"
            said.thing("Entity", section, "Section")
            said.say("Usage", None, activity=reading, entity=section)


def clock_of(said, clock):
    name = f"clock:{clock['started_by']}/{clock['number']}/{clock['subject']}"
    said.thing(
        "Entity", name, "Clock",
        ("letopis:name", clock["name"]),
        ("letopis:article", clock["article"]),
        ("letopis:reading", code("CLOCK_READING_", clock["reading"])),
        ("letopis:due", time(clock["due"] * 1_000_000)),
        ("letopis:term", clock["term"]),
        *(("prov:label", f"{words}@{lang}") for lang, words in (clock["words"] or {}).items()),
    )
    started = time(clock["started_at"] * 1_000_000)
    said.say("Generation", None, entity=name, activity=f"act:{clock['started_by']}", time=started)
    if clock["ended_by"]:
        ended = time(clock["ended_at"] * 1_000_000)
        said.say("Invalidation", None, entity=name, activity=f"act:{clock['ended_by']}", time=ended)


def show(record, count):
    kind, name, attributes = record
    told = ", ".join(f"{key}={value}" for key, value in sorted(attributes, key=str))
    return f"{count} × {kind} {name or ''}({told})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("more")
    parser.add_argument("pairs", nargs="+")
    arguments = parser.parse_args()
    warnings.simplefilter("error")
    with open(arguments.more, encoding="utf-8") as file:
        more = json.load(file)
    differences, kinds = 0, Counter()
    for path, told in zip(arguments.pairs[::2], arguments.pairs[1::2], strict=True):
        with open(told, encoding="utf-8") as file:
            trace = json.load(file)
        found, wanted = records(path), expected(trace, more)
        for kind, _, _ in found.elements():
            kinds[kind] += 1
        for words, left in (("missing", wanted - found), ("too many", found - wanted)):
            for record, count in list(left.items())[:DIFFERENCES_SHOWN]:
                print(f"  {path}: {words}: {show(record, count)}")
            differences += sum(left.values())
    if differences:
        print(f"DIFFERENT: {differences} differences (prov {version('prov')})")
        return 1
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"SAME: {len(arguments.pairs) // 2} traces: {counts} (prov {version('prov')})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
