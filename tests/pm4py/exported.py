#!/usr/bin/env python3
"""Whether an exported log says what the timelines of its cases do: the XES as PM4Py reads it, the CSV as
pandas does.

    .venv/bin/python exported.py log.xes log.csv told.json

`told.json` is {case: [event]} in log order. An event has a value for each attribute that is compared: times in
microseconds since 1970 UTC, numbers, texts; null or an empty text is what must not be there. Every attribute
that is told is compared, and the roles and agencies have as many parts as there are signers.

Exits with 0 if they say the same, 1 if not.
"""

import argparse
import json
import os
import sys
from datetime import datetime, timedelta, timezone

# Both are read when PM4Py is imported.
os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
os.environ["PM4PY_SHOW_INTERNAL_WARNINGS"] = "False"

import pandas  # noqa: E402
import pm4py  # noqa: E402

DIFFERENCES_SHOWN = 10
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TIMES = ("time:timestamp", "first_stated", "recorded")
NUMBERS = ("late_hours", "sequence", "version")
LISTS = ("org:role", "org:group")


def micros(time):
    return (time - EPOCH) // timedelta(microseconds=1)


def from_xes(path):
    """The cases as PM4Py reads them, in the file's order. See compare.py for the variant."""
    log = pm4py.read_xes(path, variant="iterparse", return_legacy_log_object=True)
    cases = {}
    for trace in log:
        events = [dict(event) for event in trace]
        for event in events:
            for key in TIMES:
                if key in event:
                    event[key] = micros(event[key])
        name = trace.attributes["concept:name"]
        if name in cases:
            raise SystemExit(f"DIFFERENT: {path}: two traces are named {name}")
        cases[name] = events
    return cases


def from_csv(path):
    """The cases as pandas reads them without being told of any column but which are times."""
    table = pandas.read_csv(path)
    for key in NUMBERS:
        if len(table) and table[key].dtype != "int64":
            raise SystemExit(f"DIFFERENT: {path}: {key} is read as {table[key].dtype}")
    for key in TIMES:
        before = table[key].notna().sum()
        table[key] = pandas.to_datetime(table[key], utc=True)
        if table[key].notna().sum() != before:
            raise SystemExit(f"DIFFERENT: {path}: not every {key} is a time")
    cases = {}
    for row in table.to_dict("records"):
        event = {key: value for key, value in row.items() if pandas.notna(value)}
        for key in TIMES:
            if key in event:
                event[key] = micros(event[key].to_pydatetime())
        cases.setdefault(event["case:concept:name"], []).append(event)
    return cases, len(table)


def differences(told, read):
    for case in sorted(told.keys() ^ read.keys()):
        yield f"case {case}: only {'told' if case in told else 'read'}"
    for case in told.keys() & read.keys():
        if len(told[case]) != len(read[case]):
            yield f"case {case}: {len(told[case])} events told, {len(read[case])} read"
        for place, (wanted, found) in enumerate(zip(told[case], read[case]), start=1):
            for key, value in wanted.items():
                value = None if value == "" else value
                if found.get(key) != value:
                    yield f"case {case}, event {place}: {key} {value!r}, not {found.get(key)!r}"
            signers = wanted["org:resource"].count(";")
            for key in LISTS:
                if key in found and found[key].count(";") != signers:
                    yield f"case {case}, event {place}: {key} is not of all signers"
            if found.get("lifecycle:transition") != "complete":
                yield f"case {case}, event {place}: not complete"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xes")
    parser.add_argument("csv")
    parser.add_argument("told")
    arguments = parser.parse_args()
    with open(arguments.told, encoding="utf-8") as file:
        told = json.load(file)
    events = sum(map(len, told.values()))
    rows, count = from_csv(arguments.csv)
    found = [f"XES: {line}" for line in differences(told, from_xes(arguments.xes))]
    found += [f"CSV: {line}" for line in differences(told, rows)]
    if count != events:
        found.append(f"CSV: {count} rows for {events} events")
    for line in found[:DIFFERENCES_SHOWN]:
        print(f"  {line}")
    if found:
        print(f"DIFFERENT: {len(found)} differences (PM4Py {pm4py.__version__})")
        return 1
    print(
        f"SAME: {len(told):,} cases and {events:,} events "
        f"(PM4Py {pm4py.__version__}, pandas {pandas.__version__})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
