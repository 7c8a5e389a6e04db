#!/usr/bin/env python3
"""A case as known at a moment: a naive program, written by another hand from the documents alone.

It reads a data directory's record with plain Python and says what GetCaseAsKnownAt
(proto/letopis/accountability/v1/accountability.proto) must answer. It shares no code with Letopis: it was
written from the catalogue, proto/README.md, the protos' comments, the profile and the told stories, and folds
from event one for every answer. Straightforward and slow; it trusts the record, and verifies nothing. Where the
documents were silent they now say what a rule here refers to.

    known.py answer --data DIR --case CASE (--size N | --at NANOSECONDS) [--actor ACTOR]
    known.py compare --data DIR --answers FILE

FILE has a line {"request": {"case_id", "size" or "recorded_at", "actor"}, "response": {"case", "entries",
"as_of_size"}} for each answer, as `letopis case as-known-at --json` prints them (its first line, with the
lines after it as "entries"). Exit code 1 where an answer differs.

`--without-protected` (or "protected": false in a request): for a caller who may not see the protected stream.
"""

import argparse
import json
import sys

from answer import answer
from journal import read_log

# Lists whose order no document states: compared as sets.
UNORDERED = {"clocks": ("due", "number", "started_by", "subject"), "acts": ("act",), "commitments": ("id",)}


def differences(ours, theirs, path: str = ""):
    """Every field that differs: path, ours, theirs."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            a, b = ours.get(key, "(absent)"), theirs.get(key, "(absent)")
            if key in UNORDERED and isinstance(a, list) and isinstance(b, list):
                yield from unordered(a, b, f"{path}.{key}", UNORDERED[key])
            else:
                yield from differences(a, b, f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (a, b) in enumerate(zip(ours, theirs)):
            yield from differences(a, b, f"{path}[{i}]")
    elif ours != theirs:
        yield path, ours, theirs


def unordered(ours: list, theirs: list, path: str, keys: tuple):
    """By what names an element, so that one that is missing does not shift all others."""
    names = keys[1:] if len(keys) > 1 else keys
    a = {tuple(x[k] for k in names): x for x in ours}
    b = {tuple(x[k] for k in names): x for x in theirs}
    if len(a) != len(ours) or len(b) != len(theirs):
        yield f"{path}.length", len(ours), len(theirs)
    for name in sorted(a.keys() | b.keys(), key=str):
        yield from differences(a.get(name, "(absent)"), b.get(name, "(absent)"), f"{path}{list(name)}")
    if "due" in keys and [x["due"] for x in theirs] != sorted(x["due"] for x in theirs):
        yield f"{path}.order", "by due date", "not by due date"


def moment(request: dict) -> str:
    return f"size {request['size']}" if "size" in request else f"time {request['recorded_at']}"


def compare(data: str, answers: str) -> int:
    log = read_log(data)
    asked = different = 0
    with open(answers, encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            pair = json.loads(line)
            request = pair["request"]
            ours = answer(log, request, request.get("protected", True))
            asked += 1
            found = list(differences(ours, pair["response"]))
            different += bool(found)
            for path, a, b in found:
                who = request.get("actor") or "nobody"
                print(f"case {request['case_id']} at {moment(request)}, actor {who}: {path.lstrip('.')}")
                print(f"    here:  {short(a)}\n    there: {short(b)}")
    print(f"{asked} answers compared, {different} differ", file=sys.stderr)
    return 1 if different else 0


def short(value) -> str:
    return json.dumps(value, ensure_ascii=False)[:600]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    one = modes.add_parser("answer", help="print one answer")
    one.add_argument("--data", required=True)
    one.add_argument("--case", required=True)
    when = one.add_mutually_exclusive_group(required=True)
    when.add_argument("--size", type=int)
    when.add_argument("--at", type=int, help="nanoseconds since 1970 UTC")
    one.add_argument("--actor")
    one.add_argument("--without-protected", action="store_true")
    many = modes.add_parser("compare", help="compare answers of the server")
    many.add_argument("--data", required=True)
    many.add_argument("--answers", required=True)
    asked = parser.parse_args()
    if asked.mode == "compare":
        return compare(asked.data, asked.answers)
    request = {"case_id": asked.case, "actor": asked.actor}
    request |= {"size": asked.size} if asked.size is not None else {"recorded_at": asked.at}
    print(json.dumps(answer(read_log(asked.data), request, not asked.without_protected), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
