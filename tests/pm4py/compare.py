#!/usr/bin/env python3
"""Whether two XES files tell the same history, judged by PM4Py.

The same means: the same cases, and per case the same activities, resources and timestamps in the
same order. Cases are matched by name, wherever they stand in a file. Timestamps are points in
time, whatever the offset they are written with, to the microsecond (more PM4Py does not keep).

    python3 -m venv .venv && .venv/bin/pip install --only-binary :all: -r requirements.txt
    .venv/bin/python compare.py before.xes.gz after.xes

Exits with 0 if they are the same, 1 if not, 2 if one of them can't be judged.

PM4Py's reader is named on purpose: `iterparse`, its default where lxml is installed, is an XML
parser; the others leave references such as &amp; as they are. Its tables are sorted by time, so
that the order in the file is lost; the log of traces keeps it. And since it leaves out attributes
that it can't parse, without a word, traces and events are counted by themselves as well, and an
event without name or time is an error.
"""

import argparse
import gzip
import os
import sys
from collections import Counter
from datetime import datetime

# Both are read when PM4Py is imported.
os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
os.environ["PM4PY_SHOW_INTERNAL_WARNINGS"] = "False"

import pm4py  # noqa: E402
from lxml import etree  # noqa: E402

DIFFERENCES_SHOWN = 10
FIELDS = ("activity", "resource", "timestamp")


class NotJudged(Exception):
    """A file that PM4Py does not read whole."""


def count_elements(path):
    """How many <trace> and <event> elements the file has, counted without PM4Py."""
    counts = Counter()
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
        for _, element in etree.iterparse(file, events=("end",), tag=("{*}trace", "{*}event")):
            counts[etree.QName(element).localname] += 1
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return counts["trace"], counts["event"]


def load(path):
    """The cases of a file: name -> [(activity, resource, timestamp)], in the file's order."""
    try:
        log = pm4py.read_xes(path, variant="iterparse", return_legacy_log_object=True)
        counted = count_elements(path)
    except Exception as error:
        raise NotJudged(f"{path}: not read: {error}") from error
    cases = {}
    for number, trace in enumerate(log, start=1):
        name = trace.attributes.get("concept:name")
        if name is None:
            raise NotJudged(f"{path}: trace {number} has no name")
        if str(name) in cases:
            raise NotJudged(f"{path}: two traces are named {name!r}")
        events = []
        for position, event in enumerate(trace, start=1):
            activity, time = event.get("concept:name"), event.get("time:timestamp")
            if activity is None or not isinstance(time, datetime) or time.tzinfo is None:
                raise NotJudged(f"{path}: case {name!r}, event {position}: no name or no time")
            resource = event.get("org:resource")
            events.append((str(activity), None if resource is None else str(resource), time))
        cases[str(name)] = events
    loaded = (len(cases), sum(map(len, cases.values())))
    if loaded != counted:
        raise NotJudged(
            f"{path}: PM4Py has {loaded[0]} cases and {loaded[1]} events, "
            f"the file {counted[0]} and {counted[1]}"
        )
    return cases


def differences(before, after):
    """What differs, one line each."""
    for name in sorted(before.keys() - after.keys()):
        yield f"case {name!r}: only in the first"
    for name in sorted(after.keys() - before.keys()):
        yield f"case {name!r}: only in the second"
    for name, ours in before.items():
        theirs = after.get(name)
        if theirs is None:
            continue
        if len(ours) != len(theirs):
            yield f"case {name!r}: {len(ours)} events and {len(theirs)}"
        for position, (one, other) in enumerate(zip(ours, theirs), start=1):
            for field, left, right in zip(FIELDS, one, other):
                if left != right:
                    yield f"case {name!r}, event {position}: {field} {show(left)} and {show(right)}"


def show(value):
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def describe(path, cases):
    events = [event for case in cases.values() for event in case]
    times = [time for _, _, time in events]
    print(path)
    print(f"  cases      {len(cases):>9,}")
    print(f"  events     {len(events):>9,}")
    print(f"  activities {len({activity for activity, _, _ in events}):>9,}")
    print(f"  resources  {len({who for _, who, _ in events if who is not None}):>9,}")
    if times:
        print(f"  from {min(times).isoformat()} to {max(times).isoformat()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", help="the file that was imported (.xes or .xes.gz)")
    parser.add_argument("after", help="the file that was exported (.xes or .xes.gz)")
    arguments = parser.parse_args()
    try:
        before, after = load(arguments.before), load(arguments.after)
    except NotJudged as error:
        print(f"NOT JUDGED: {error}")
        return 2
    describe(arguments.before, before)
    describe(arguments.after, after)
    found = list(differences(before, after))
    for line in found[:DIFFERENCES_SHOWN]:
        print(f"  {line}")
    if len(found) > DIFFERENCES_SHOWN:
        print(f"  and {len(found) - DIFFERENCES_SHOWN} more")
    if found:
        print(f"DIFFERENT: {len(found)} differences (PM4Py {pm4py.__version__})")
        return 1
    print(
        "SAME: the same cases, and per case the same activities, resources and timestamps "
        f"in the same order (PM4Py {pm4py.__version__})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
