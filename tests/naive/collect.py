#!/usr/bin/env python3
"""Asks a running server for cases as known at moments, and writes what known.py compares.

    collect.py --data DIR --server URL --key FILE[=PURPOSE] … [--without-protected FILE[=PURPOSE]]
               [--letopis PROGRAM] [--trust DIR] [--clock FILE] [--case CASE …]
               [--draw NUMBER [--seed N]] > answers.jsonl

Which cases, moments and actors there are it reads in the record of DIR. Without `--draw` it asks for each case at
every size at which something changed in it. With it, for each case as it stands, and for so many more that a seed
decides: any case, at a size or a time, with anybody. Keys are tried in turn; with `--without-protected` that key is
used for some of the draws: of somebody whom the policy does not show the protected stream. A refusal is told on
standard error and left out.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import uuid
from datetime import datetime, timedelta, timezone

from journal import CASE, Event, read_log

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = 24 * 3600
# By a time: just before something was recorded, together with it, or somewhat later.
LATER = (0, 1, 1, 3600, DAY, 9 * DAY)


def main() -> None:
    asked = arguments()
    log = read_log(asked.data)
    cases = asked.case or sorted({str(uuid.UUID(bytes=e.stream[1])) for e in log if e.stream[0] == CASE})
    requests = everything(log, cases)
    if asked.draw is not None:
        requests = drawn(log, cases, asked.draw, random.Random(asked.seed), bool(asked.without_protected))
    for request in requests:
        response = ask(request, asked)
        if response:
            print(json.dumps({"request": request, "response": response}, ensure_ascii=False), flush=True)


def everything(log: list[Event], cases: list[str]):
    for case in cases:
        sizes = {e.sequence + 1 for e in log if concerns(e, case)}
        yield from ({"case_id": case, "size": size} for size in sorted(sizes | {len(log)}))


def drawn(log: list[Event], cases: list[str], number: int, draw: random.Random, unprotected: bool):
    """Each case as it stands, so that all that is on the record is in some answer; then any."""
    everybody = people(log)
    own = {case: [e for e in log if concerns(e, case)] for case in cases}
    for case in cases:
        yield {"case_id": case, "size": len(log), "actor": draw.choice(readers(own[case]) or people(own[case]))}
    for _ in range(number):
        case = draw.choice(cases)
        request = {"case_id": case} | moment(log, own[case], draw)
        whom = draw.choice(([], people(own[case]), readers(own[case]), everybody))
        request |= {"actor": draw.choice(whom)} if whom else {}
        yield request | ({"protected": False} if unprotected and draw.random() < 0.3 else {})


def moment(log: list[Event], own: list[Event], draw: random.Random) -> dict:
    """A size or a time, mostly about when something happened in the case."""
    event = draw.choice(own if draw.random() < 0.8 else log)
    if draw.random() < 0.5:
        return {"size": max(1, event.sequence + draw.choice((0, 1, 1, 2)))}
    # Nobody knows yet what is recorded in the last second: these questions are, too.
    first, last = log[0].recorded_at // 10**9, log[-1].recorded_at // 10**9
    over = min(max(event.recorded_at // 10**9 + draw.choice(LATER), first + 1), last)
    # The last moment before the first second that is too late, as the program asks for it.
    return {"recorded_at": over * 10**9 - 1}


def concerns(event: Event, case: str) -> bool:
    """In a stream of the case, or a reading that names it."""
    id_ = uuid.UUID(case).bytes
    named = event.member == "facts_read" and any(f.id == id_ for f in event.fact.files)
    return event.stream[1] == id_ or named


def people(events: list[Event]) -> list[str]:
    """Who signed, or read."""
    signed = {str(uuid.UUID(bytes=actor)) for e in events for actor in e.actors if any(actor)}
    return sorted(signed | set(readers(events)))


def readers(events: list[Event]) -> list[str]:
    read = {e.fact.reader for e in events if e.member in ("facts_read", "sections_read")}
    return sorted(str(uuid.UUID(bytes=reader)) for reader in read)


def ask(request: dict, asked) -> dict | None:
    keys = [asked.without_protected] if request.get("protected") is False else asked.key
    for key in keys:
        run = subprocess.run(
            command(request, asked, key), capture_output=True, text=True, check=False, env=os.environ | {"TZ": "UTC"}
        )
        if run.returncode == 0:
            head, *entries = [json.loads(line) for line in run.stdout.splitlines()]
            return head | {"entries": entries}
    print(f"{request}: {run.stderr.strip()}", file=sys.stderr)
    return None


def command(request: dict, asked, key: str) -> list[str]:
    file, _, purpose = key.partition("=")
    words = [asked.letopis, "case", "as-known-at", request["case_id"], "--json", "--server", asked.server]
    words += ["--key", file] + (["--purpose", purpose] if purpose else [])
    words += ["--trust", asked.trust] if asked.trust else []
    words += ["--simulated-clock", asked.clock] if asked.clock else []
    if "size" in request:
        words += ["--size", str(request["size"])]
    else:
        over = EPOCH + timedelta(seconds=request["recorded_at"] // 10**9 + 1)
        words += ["--at", f"{over:%Y-%m-%dT%H:%M:%S}"]
    return words + (["--actor", request["actor"]] if request.get("actor") else [])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--key", required=True, action="append", help="tried in turn where one is refused")
    parser.add_argument("--without-protected", help="of whom the policy does not show the protected stream")
    parser.add_argument("--letopis", default="letopis")
    parser.add_argument("--trust")
    parser.add_argument("--clock", help="that the server's trial follows")
    parser.add_argument("--case", action="append")
    parser.add_argument("--draw", type=int)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
