#!/usr/bin/env python3
"""Asks a running server for cases as known at moments, and writes what known.py compares.

    collect.py --data DIR --server URL --key FILE … [--letopis PROGRAM] [--case CASE …]
               [--sizes all|NUMBER] [--actors all|NUMBER] [--seed N] > answers.jsonl

Which cases, sizes and actors there are it reads in the record of DIR: every one of them, or so many, drawn from
a seed number. A refusal is told on standard error and left out.
"""

import argparse
import json
import random
import subprocess
import sys
import uuid

from journal import CASE, read_log


def main() -> None:
    asked = arguments()
    log = read_log(asked.data)
    draw = random.Random(asked.seed)
    cases = asked.case or sorted({str(uuid.UUID(bytes=e.stream[1])) for e in log if e.stream[0] == CASE})
    actors = sorted({str(uuid.UUID(bytes=a)) for e in log for a in e.actors if any(a)})
    for case in cases:
        for request in requests(log, case, actors, asked, draw):
            response = ask(request, asked)
            if response:
                print(json.dumps({"request": request, "response": response}, ensure_ascii=False), flush=True)


def requests(log, case: str, actors: list[str], asked, draw: random.Random):
    """Moments at which the case changed, or its readers, or the log's end; and who had been given it."""
    own = [e.sequence + 1 for e in log if concerns(e, uuid.UUID(case).bytes)]
    sizes = sorted(set(own) | {len(log)}) if asked.sizes == "all" else some(draw, own, asked.sizes)
    for size in sizes:
        for actor in [None] + some(draw, actors, asked.actors):
            request = {"case_id": case, "size": size}
            yield request | ({"actor": actor} if actor else {})


def some(draw: random.Random, values: list, number: str) -> list:
    return values if number == "all" else draw.sample(values, min(int(number), len(values)))


def concerns(event, case: bytes) -> bool:
    """In a stream of the case, or a reading that names it."""
    named = event.member == "facts_read" and any(f.id == case for f in event.fact.files)
    return event.stream[1] == case or named


def ask(request: dict, asked) -> dict | None:
    for key in asked.key:
        run = subprocess.run(command(request, asked, key), capture_output=True, text=True, check=False)
        if run.returncode == 0:
            head, *entries = [json.loads(line) for line in run.stdout.splitlines()]
            return head | {"entries": entries}
    print(f"{request}: {run.stderr.strip()}", file=sys.stderr)
    return None


def command(request: dict, asked, key: str) -> list[str]:
    words = [asked.letopis, "case", "as-known-at", request["case_id"], "--json", "--server", asked.server]
    words += ["--key", key, "--size", str(request["size"])]
    words += ["--trust", asked.trust] if asked.trust else []
    return words + (["--actor", request["actor"]] if request.get("actor") else [])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--key", required=True, action="append", help="tried in turn where one is refused")
    parser.add_argument("--letopis", default="letopis")
    parser.add_argument("--trust")
    parser.add_argument("--case", action="append")
    parser.add_argument("--sizes", default="all")
    parser.add_argument("--actors", default="0")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
