"""Tests of verify.py: other people's vectors, and small records that are written here.

    python3 -m unittest test_verify        in this folder

All data is invented. Other people's vectors are read from `$LETOPIS_SHARED/vectors`, else from
`../shared/vectors` beside the repository; where there are none, their tests say so and pass."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import verify  # noqa: E402
from verify import ACCESS, ACTOR, CASE, CLOCKS, COMPLAINT, PERSON, PROTECTED, ROOT, SECOND, SIGNAL  # noqa: E402
from verify import Fault, Refused  # noqa: E402

SHARED = Path(os.environ.get("LETOPIS_SHARED") or HERE.parents[1].parent / "shared")


def shared(name: str) -> Path | None:
    path = SHARED / "vectors" / name
    if path.exists():
        return path
    print(f"left out: there is no {path}", file=sys.stderr)
    return None


def accepts(check, *arguments) -> bool:
    try:
        check(*arguments)
    except Refused:
        return False
    return True


class RefusedAs:
    """Asserts that what is within is refused for this reason."""

    def __init__(self, test: unittest.TestCase, reason: str):
        self.test, self.reason = test, reason

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, trace) -> bool:
        self.test.assertIsNotNone(error, f"not refused; should be {self.reason}")
        if not isinstance(error, Refused):
            return False
        self.test.assertEqual(error.reason, self.reason, str(error))
        return True


# ============================================================================== A writer of records
#
# An encoder and a writer of data directories, only as good as the tests need them.


def varint(number: int) -> bytes:
    encoded = b""
    while number >= 0x80:
        encoded, number = encoded + bytes([number & 0x7F | 0x80]), number >> 7
    return encoded + bytes([number])


def zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def num(field: int, number: int, presence: bool = False) -> bytes:
    return varint(field << 3) + varint(number) if number or presence else b""


def chunk(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def bytes_(field: int, data: bytes | None) -> bytes:
    return chunk(field, data) if data else b""


def random_bytes(label: object, length: int = 32) -> bytes:
    """The same bytes for the same label, so that every run tests the same."""
    return blake3(f"test {label}".encode()).digest(length=length)


def uuid7(label: object) -> bytes:
    data = bytearray(random_bytes(label, 16))
    data[6], data[8] = 0x70 | data[6] & 0x0F, 0x80 | data[8] & 0x3F
    return bytes(data)


def stream(kind: int, id_: bytes) -> bytes:
    return num(1, kind) + bytes_(2, id_)


def instant(seconds: int = 1_790_000_000, nanos: int = 0, offset: int = 120) -> bytes:
    return num(1, zigzag(seconds)) + num(2, nanos) + num(3, zigzag(offset))


def section(class_: int = 1, payload_type: str = "note/1", commitment: bytes = random_bytes("commitment")) -> bytes:
    return num(1, class_) + bytes_(2, payload_type.encode()) + bytes_(3, commitment)


def reference(kind: int, id_: bytes, statement_hash: bytes, relation: int = 1) -> bytes:
    return num(1, relation) + chunk(2, stream(kind, id_)) + bytes_(3, statement_hash)


class Pair:
    """A key pair, and the actor to whom it belongs."""

    def __init__(self, label: str, actor: bytes | None = None):
        self.secret = Ed25519PrivateKey.from_private_bytes(random_bytes(label))
        self.public = self.secret.public_key().public_bytes_raw()
        self.actor = random_bytes(f"actor {label}", 16) if actor is None else actor

    def sign(self, data: bytes) -> bytes:
        return self.secret.sign(data)


def genesis_fact(registrars: list[Pair], statement_key: Pair, checkpoint_key: Pair, trial: bool = True) -> bytes:
    named = b"".join(chunk(4, bytes_(1, r.actor) + bytes_(2, r.public)) for r in registrars)
    keys = bytes_(5, statement_key.public) + bytes_(6, checkpoint_key.public)
    return bytes_(1, b"test.invalid") + bytes_(2, b"bg") + num(3, trial) + named + keys


def actor_enrolled(key: Pair, kind: int = 1, use: int = 1) -> bytes:
    return num(1, kind) + chunk(2, bytes_(1, key.public) + num(2, use))


def key_enrolled(key: Pair, use: int = 1) -> bytes:
    return chunk(1, bytes_(1, key.public) + num(2, use))


def role_granted(role: int, agency: bytes = b"", since: int | None = None, until: int | None = None) -> bytes:
    term = b"" if since is None else num(4, zigzag(since), True)
    term += b"" if until is None else num(5, zigzag(until), True)
    return num(1, role) + bytes_(2, agency) + term


def case_opened(lead: bytes = random_bytes("lead", 16), holder: bytes = random_bytes("holder", 16)) -> bytes:
    return bytes_(1, holder) + bytes_(2, lead)


def packed(field: int, *numbers: int) -> bytes:
    return bytes_(field, b"".join(map(varint, numbers)))


def released(field: int, *versions: int, sections: tuple[int, ...] = (0, 1)) -> bytes:
    return b"".join(chunk(field, num(1, v) + packed(2, *sections)) for v in versions)


def reading(reader: bytes, token: bytes = b"a.b.c") -> bytes:
    """With which the facts about readings and denials begin."""
    return bytes_(1, reader) + num(2, 1) + bytes_(3, token)


def sections_read(reader: bytes, versions: tuple[int, ...] = (1,), sections: tuple[int, ...] = (0, 1)) -> bytes:
    return reading(reader) + num(4, CASE) + released(5, *versions, sections=sections)


def facts_read(reader: bytes, *files: tuple[int, bytes]) -> bytes:
    return reading(reader) + b"".join(chunk(4, stream(*file)) for file in files)


def access_denied(reader: bytes, file: tuple[int, bytes], count: int = 1) -> bytes:
    return reading(reader) + chunk(4, stream(*file)) + num(5, 4) + num(6, count)


def key_rotated(key: Pair, replaces: Pair, use: int = 1) -> bytes:
    return key_enrolled(key, use) + bytes_(2, replaces.public)


def term(since: int, until: int) -> bytes:
    return num(1, zigzag(since)) + num(2, zigzag(until))


def duty_roster(*shifts: tuple[int, int], kinds: tuple[int, ...] = ()) -> bytes:
    return b"".join(chunk(1, term(*shift)) for shift in shifts) + packed(2, *kinds)


def access_granted(reader: bytes, until: int, complaint: bytes = b"") -> bytes:
    return bytes_(1, reader) + packed(2, 1, 2) + num(3, 1) + num(4, zigzag(until)) + bytes_(5, complaint)


def break_glass(until: int, *classes: int) -> bytes:
    return packed(1, *(classes or (1, 2, 3))) + num(2, zigzag(until))


def information_shared(receiver: bytes, *versions: int, until: int | None = None) -> bytes:
    end = b"" if until is None else num(3, zigzag(until), True)
    return bytes_(1, receiver) + released(2, *versions) + end


def erased_class(class_: int) -> bytes:
    return num(1, class_, True)


def erased_section(version: int, index: int) -> bytes:
    return chunk(2, num(1, version) + num(2, index))


def inspection(auditors: bytes, agency: bytes = b"", cases: bytes = b"", *classes: int) -> bytes:
    return auditors + bytes_(2, agency) + cases + packed(4, *classes) + num(5, zigzag(NOW))


def ids(field: int, count: int) -> bytes:
    """So many ids, ascending."""
    return b"".join(chunk(field, struct.pack(">H", i) + bytes(14)) for i in range(1, count + 1))


AGE = num(1, 2)  # 10 to 13
ACT = num(1, 2) + num(2, 2)  # an EmergencyActRecorded
PLAN = num(1, 1) + num(2, 2)  # a PlanAdopted without commitments


def signal(children: bytes, track: int = 1) -> bytes:
    return num(1, 1) + children + num(3, track)


def outcome(child: bytes, what: int, track: int | None = None, age: int = 2) -> bytes:
    """Of the check of a signal, for one child."""
    return chunk(1, bytes_(1, child) + num(2, what) + (num(3, track, True) if track is not None else b"") + num(4, age))


def commitment(label: bytes, day: int = 20_800, field: int = 3) -> bytes:
    return chunk(field, bytes_(1, label * 16) + bytes_(2, b"o" * 16) + num(3, zigzag(day)))


def settled(subject: bytes, owner: bytes = b"") -> bytes:
    return chunk(3, bytes_(1, subject) + bytes_(2, owner))


def profile(text: bytes = b"code = 'xx'", day: int | None = None) -> bytes:
    return bytes_(1, text) + (b"" if day is None else num(2, zigzag(day), True))


def refusals(*counts: tuple[int, int], day: int = 20_800) -> bytes:
    return num(1, zigzag(day)) + b"".join(chunk(2, num(1, reason) + num(2, count)) for reason, count in counts)


def missed(file: int = CASE, clock: int = 7, started_by: bytes = b"s" * 32, subject: bytes = b"t" * 32) -> bytes:
    return num(1, clock) + bytes_(2, started_by) + bytes_(3, subject) + num(4, zigzag(NOW)) + num(5, file)


def corrected(fact: bytes | None = None, time: bytes | None = None, *indices: int, event: bytes = b"e" * 32) -> bytes:
    parts = b"" if fact is None else chunk(2, fact)
    parts += b"" if time is None else chunk(3, time)
    return bytes_(1, event) + parts + (packed(4, *indices) if indices else b"")


EMPTY_ROOT = hashlib.sha256(b"").digest()


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return naive_path(m, leaves[:k]) + [naive_root(leaves[k:])]
    return naive_path(m - k, leaves[k:]) + [naive_root(leaves[:k])]


def naive_proof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if whole else [naive_root(leaves)]
    k = 1 << (n - 1).bit_length() - 1
    if m <= k:
        return naive_proof(m, leaves[:k], whole) + [naive_root(leaves[k:])]
    return naive_proof(m - k, leaves[k:], False) + [naive_root(leaves[:k])]


NOW = 1_790_000_000  # seconds; when the test ledger begins


class Book:
    """A ledger being written: three registrars, and whatever a test adds. Nothing is checked."""

    def __init__(self, trial: bool = True, **changes):
        self.registrars = [Pair(f"registrar {i}") for i in range(3)]
        self.statement_key, self.checkpoint_key = Pair("statement", bytes(16)), Pair("checkpoint", bytes(16))
        self.pairs = {p.public: p for p in [*self.registrars, self.statement_key, self.checkpoint_key]}
        self.events: list[dict] = []
        self.heads: dict[tuple[int, bytes], list[bytes]] = {}
        self.grants: dict[bytes, bytes] = {}  # the latest of each actor
        self.ledger: bytes | None = None
        self.vault: KeyVault | None = None
        self.now = NOW * SECOND
        fact = changes.pop("fact", genesis_fact(self.registrars, self.statement_key, self.checkpoint_key, trial))
        self.genesis = self.add(
            1, (ROOT, bytes(16)), fact, changes.pop("signers", list(self.pairs.values())), **changes
        )
        self.ledger = blake3(self.events[0]["statement"], derive_key_context="letopis 2026-11 ledger id v1").digest()
        for pair in [*self.registrars, self.statement_key]:
            self.grants[pair.actor] = self.genesis

    def vkey(self) -> str:
        name = f"test.invalid/{self.ledger.hex()}"
        key_id = hashlib.sha256(f"{name}\n".encode() + b"\1" + self.checkpoint_key.public).hexdigest()[:8]
        return f"{name}+{key_id}+" + b64(b"\1" + self.checkpoint_key.public)

    def add(self, kind: int, stream_id: tuple[int, bytes], fact: bytes, signers: list, **changes) -> bytes:
        """One more event. A signer is a Pair, which signs under its actor's latest grant, or a
        pair of Pair and grant. `contents` are sealed under keys of the vault; `changes` replace what
        would be written. Returns its hash."""
        n = len(self.events)
        heads = self.heads.setdefault(stream_id, [bytes(32)])
        default = (len(heads) - 1, heads[-1]) if len(heads) > 1 else None
        seen = changes.get("seen", default)
        named = [s if isinstance(s, tuple) else (s, self.grants.get(s.actor)) for s in signers]
        named = sorted(named, key=lambda s: s[0].public)
        nonce, contents = random_bytes(f"nonce {n}"), changes.get("contents", [])
        salts = [random_bytes(f"salt {n} {index}") for index in range(len(contents))]
        committed = [
            section(c, payload_type, verify.commitment(nonce, index, c, payload_type.encode(), salts[index], content))
            for index, (c, payload_type, content) in enumerate(contents)
        ]
        sections = changes.get("sections", committed)
        parts = [
            bytes_(1, changes.get("ledger", self.ledger)),
            bytes_(2, changes.get("event_id", uuid7(n))),
            chunk(3, stream(*stream_id)),
            *(chunk(4, bytes_(1, p.actor) + bytes_(2, p.public) + bytes_(3, grant)) for p, grant in named),
            chunk(5, num(1, seen[0]) + bytes_(2, seen[1])) if seen else b"",
            chunk(6, instant() + num(4, 1) + num(5, 1)),
            bytes_(7, nonce),
            *(chunk(8, reference(*r)) for r in changes.get("references", [])),
            *(chunk(9, s) for s in sections),
            chunk(10, chunk(kind, fact)),
        ]
        statement = changes.get("statement", b"".join(parts))
        message = verify.pae(verify.STATEMENT_TYPE, statement)
        signatures = changes.get("signatures", [pair.sign(message) for pair, _ in named])
        hash_ = blake3(statement, derive_key_context="letopis 2026-11 statement v1").digest()
        sealed = changes.get("sealed", len(sections))
        if contents:
            places = [
                verify.SectionPlace(self.ledger, stream_id, c, hash_, index) for index, (c, *_) in enumerate(contents)
            ]
            sealed = [self.vault.seal(*one) for one in zip(places, salts, (content for *_, content in contents))]
        elif isinstance(sealed, int):
            sealed = [random_bytes(f"sealed {n} {i}", 120) for i in range(sealed)]
        self.now = changes.get("recorded_at", self.now + SECOND)
        self.events.append(
            {
                "sequence": changes.get("sequence", n),
                "recorded_at": self.now,
                "previous": changes.get("previous"),
                "statement": statement,
                "statement_hash": changes.get("statement_hash", hash_),
                "signatures": signatures,
                "signatures_hash": changes.get("signatures_hash"),
                "sealed": sealed,
            }
        )
        old = heads[-1]
        heads.append(blake3(old + hash_, derive_key_context="letopis 2026-11 stream head v1").digest())
        return hash_

    def links(self) -> list[bytes]:
        links, previous = [], bytes(32)
        for event in self.events:
            joined = b"".join(event["signatures"])
            signed = (
                event["signatures_hash"] or blake3(joined, derive_key_context="letopis 2026-11 signatures v1").digest()
            )
            link = struct.pack(">QQ", event["sequence"], event["recorded_at"])
            link += (event["previous"] or previous) + event["statement_hash"] + signed
            previous = blake3(link, derive_key_context="letopis 2026-11 link v1").digest()
            links.append(link)
        return links

    def checkpoint(self, size: int | None = None, root: bytes | None = None, origin: str | None = None) -> bytes:
        links = self.links()
        size = len(links) if size is None else size
        name = f"test.invalid/{self.ledger.hex()}"
        root = naive_root(links[:size]) if root is None else root
        text = f"{origin or name}\n{size}\n{base64.b64encode(root).decode()}\n"
        return note(text, name, self.checkpoint_key)

    def receipt(self, index: int, size: int | None = None) -> str:
        links, event = self.links(), self.events[index]
        size = len(links) if size is None else size
        lines = ["letopis.receipt.v1", b64(event["statement"]), b64(b"".join(event["signatures"])), ""]
        lines += ["c2sp.org/tlog-proof@v1", f"extra {b64(links[index])}", f"index {index}"]
        lines += [b64(hash_) for hash_ in naive_path(index, links[:size])]
        return "\n".join(lines) + "\n\n" + self.checkpoint(size).decode()

    def frames(self, first: int, counts: list[int], durable: int | None = None) -> bytes:
        """Frames of so many events each, one after the other."""
        links, data = self.links(), b""
        for count in counts:
            body = b""
            for link, event in zip(links[first : first + count], self.events[first : first + count]):
                body += link + struct.pack(">I", len(event["statement"])) + event["statement"]
                body += bytes([len(event["signatures"])]) + b"".join(event["signatures"])
                body += bytes([len(event["sealed"])])
                body += b"".join(struct.pack(">I", len(s)) + s for s in event["sealed"])
            last = blake3(links[first + count - 1], derive_key_context="letopis 2026-11 link v1").digest()
            data += frame(first, count, first if durable is None else durable, last, body)
            first += count
        return data

    def link_hash(self, sequence: int) -> bytes:
        return blake3(self.links()[sequence], derive_key_context="letopis 2026-11 link v1").digest()

    def write(self, directory: Path, segments: list[list[int]] | None = None, tail: int = 64) -> None:
        """The whole directory. `segments` has the numbers of events of each frame of each."""
        rest = len(self.events) - 1
        segments = segments or ([[1], [rest]] if rest else [[1]])
        (directory / "record").mkdir(parents=True)
        (directory / "letopis").write_bytes(b"letopis data 1\n" + self.ledger.hex().encode() + b"\n")
        first = 0
        for i, counts in enumerate(segments):
            before = self.link_hash(first - 1) if first else bytes(32)
            data = segment_header(first, self.ledger, before) + self.frames(first, counts)
            path, first = directory / f"record/{first:020}.segment", first + sum(counts)
            last = i == len(segments) - 1
            data += bytes(tail) if last else footer(len(data), first, self.link_hash(first - 1))
            path.write_bytes(data)
        (directory / "record/head").write_bytes(self.checkpoint())
        if self.vault:
            self.vault.write(directory)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def note(text: str, name: str, key: Pair) -> bytes:
    key_id = hashlib.sha256(f"{name}\n".encode() + b"\1" + key.public).digest()[:4]
    return f"{text}\n\u2014 {name} {b64(key_id + key.sign(text.encode()))}\n".encode()


def segment_header(first: int, ledger: bytes, previous: bytes) -> bytes:
    data = b"LTPSEG1\n" + struct.pack(">Q", first) + ledger + previous
    return data + blake3(data).digest()


def frame(first: int, count: int, durable: int, last: bytes, body: bytes) -> bytes:
    data = b"LTPFRM1\n" + struct.pack(">QIIQ", first, count, len(body), durable) + last
    return data + blake3(data + body).digest() + body


def footer(offset: int, next_sequence: int, last: bytes) -> bytes:
    data = b"LTPEND1\n" + struct.pack(">QQ", offset, next_sequence) + last
    return data + blake3(data).digest()


ANNA = Pair("anna")  # an invented social worker
BORIS = Pair("boris")  # an invented provider
A_CASE = (CASE, random_bytes("case", 16))


def enrol(book: Book, pair: Pair, role: int | None = 2, **changes) -> bytes | None:
    """Enrols an actor, and grants a role."""
    actor, registrars = (ACTOR, pair.actor), book.registrars[:2]
    book.pairs[pair.public] = pair
    book.add(2, actor, actor_enrolled(pair), [*registrars, (pair, None)], sections=[section()], **changes)
    return grant(book, pair, role) if role else None


def grant(book: Book, pair: Pair, role: int, **term) -> bytes:
    book.grants[pair.actor] = book.add(5, (ACTOR, pair.actor), role_granted(role, **term), book.registrars[:2])
    return book.grants[pair.actor]


def with_anna() -> Book:
    book = Book()
    enrol(book, ANNA)
    return book


def with_case() -> Book:
    """Genesis, an actor, a role, a case, a note that refers to the case's opening."""
    book = with_anna()
    opened = book.add(100, A_CASE, case_opened(), [ANNA], sections=[section(2)])
    book.add(101, A_CASE, b"", [ANNA], sections=[section(), section(3, "note/2")], references=[(*A_CASE, opened)])
    return book


class TestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def write(self, book: Book, **how) -> Path:
        path = Path(tempfile.mkdtemp(dir=self.directory)) / "data"
        book.write(path, **how)
        return path

    def verified(self, book: Book, **how) -> verify.Report:
        return verify.verify_data(self.write(book, **how))

    def assert_fault(self, path: Path, reason: str, sequence: int | None = None, **how) -> Fault:
        with self.assertRaises(Fault) as caught:
            verify.verify_data(path, **how)
        self.assertEqual(caught.exception.reason, reason, str(caught.exception))
        if sequence is not None:
            self.assertEqual(caught.exception.sequence, sequence)
        return caught.exception

    def assert_last_refused(self, book: Book, reason: str) -> None:
        """The record without the last event is right, and with it is refused for this reason."""
        last = book.events.pop()
        if book.events:
            self.verified(book)
        book.events.append(last)
        self.assert_fault(self.write(book), reason, len(book.events) - 1)


# ============================================================================ Other people's vectors


class Ed25519(unittest.TestCase):
    def test_wycheproof(self) -> None:
        path = shared("ed25519-wycheproof.json")
        if not path:
            return
        seen = {"valid": 0, "invalid": 0}
        for group in json.loads(path.read_text())["testGroups"]:
            key = bytes.fromhex(group["publicKey"]["pk"])
            for case in group["tests"]:
                arguments = key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
                with self.subTest(case["tcId"]):
                    self.assertEqual(accepts(verify.verify_signature, *arguments), case["result"] == "valid")
                seen[case["result"]] += 1
        self.assertGreater(min(seen.values()), 50)

    def test_cctv_by_our_rule(self) -> None:
        """Every combination of edge cases in A and R; a low order residue separates the equation
        without cofactor from the one with it."""
        path = shared("ed25519-cctv.json")
        if not path:
            return
        refused = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"}
        seen = {"byte condition": 0, "residue": 0, "valid with torsion": 0, "valid": 0}
        for case in json.loads(path.read_text()):
            flags = set(case["flags"] or [])
            arguments = bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"])
            try:
                verify.verify_signature(*arguments)
                reason = None
            except Refused as error:
                reason = error.reason
            with self.subTest(case["number"], flags=flags):
                if flags & refused:
                    seen["byte condition"] += 1
                    self.assertEqual(reason, "key_weak")
                elif "low_order_residue" in flags:
                    seen["residue"] += 1
                    self.assertEqual(reason, "signature_invalid")
                else:
                    seen["valid with torsion" if flags else "valid"] += 1
                    self.assertIsNone(reason)
        self.assertTrue(all(seen.values()), seen)

    def test_the_librarys_own_equation_has_no_cofactor_and_compares_bytes(self) -> None:
        """Without our byte conditions: what the library is relied on for."""
        path = shared("ed25519-cctv.json")
        if not path:
            return
        for case in json.loads(path.read_text()):
            flags = set(case["flags"] or [])
            key = verify.Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["key"]))
            try:
                key.verify(bytes.fromhex(case["sig"]), case["msg"].encode())
                accepted = True
            except verify.InvalidSignature:
                accepted = False
            self.assertEqual(accepted, not flags & {"low_order_residue", "non_canonical_R"}, case["number"])

    def test_small_order_points(self) -> None:
        """The multiples of a point of order 8 are the ones that are listed by their y."""
        point = verify.decompress(verify.Y8.to_bytes(32, "little"))
        ys = set()
        for k in range(8):
            x, y, z, _ = verify.multiply(k, point)
            ys.add(y * pow(z, -1, verify.P) % verify.P)
        self.assertEqual(ys, verify.SMALL_ORDER_Y)
        x, y, z, _ = verify.multiply(8, point)
        self.assertEqual((x, y), (0, z))

    def test_s_not_reduced(self) -> None:
        signature = ANNA.sign(b"m")
        verify.verify_signature(ANNA.public, b"m", signature)
        s = int.from_bytes(signature[32:], "little") + verify.L
        with RefusedAs(self, "signature_invalid"):
            verify.verify_signature(ANNA.public, b"m", signature[:32] + s.to_bytes(32, "little"))

    def test_byte_conditions_do_not_rest_on_the_library(self) -> None:
        """A library that finds every signature right is not even asked."""
        right = ANNA.sign(b"m")
        high = right[:32] + (int.from_bytes(right[32:], "little") + verify.L).to_bytes(32, "little")
        with unittest.mock.patch.object(verify, "Ed25519PublicKey"):
            verify.verify_signature(ANNA.public, b"m", right)
            for key, signature in ((ANNA.public, high), (ANNA.public, right + b"\0"), (ANNA.public[:31], right)):
                with RefusedAs(self, "signature_invalid"):
                    verify.verify_signature(key, b"m", signature)
            for y in (*verify.SMALL_ORDER_Y, verify.P, verify.P + 2, 2**255 - 1):
                for sign in (0, 1):
                    weak = (y | sign << 255).to_bytes(32, "little")
                    for key, signature in ((weak, right), (ANNA.public, weak + right[32:])):
                        with RefusedAs(self, "key_weak"):
                            verify.verify_signature(key, b"m", signature)

    def test_enrolled_keys(self) -> None:
        for i in range(5):
            verify.check_enrolled_key(Pair(f"key {i}").public)
        torsion = verify.decompress(verify.Y8.to_bytes(32, "little"))
        for k in range(1, 8):
            x, y, z, _ = verify.add(verify.decompress(ANNA.public), verify.multiply(k, torsion))
            x, y = x * pow(z, -1, verify.P) % verify.P, y * pow(z, -1, verify.P) % verify.P
            with RefusedAs(self, "key_torsioned"):
                verify.check_enrolled_key((y | (x & 1) << 255).to_bytes(32, "little"))
        for weak in (bytes(32), (1).to_bytes(32, "little"), (verify.P + 3).to_bytes(32, "little"), b"\xff" * 32):
            with RefusedAs(self, "key_weak"):
                verify.check_enrolled_key(weak)
        not_on_curve = (2).to_bytes(32, "little")
        with RefusedAs(self, "key_weak"):
            verify.check_enrolled_key(not_on_curve)


class Merkle(unittest.TestCase):
    # The eight leaves and their roots with which Certificate Transparency's implementations are tested.
    LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    ROOTS = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    def test_reference_roots(self) -> None:
        tree = verify.Tree()
        for leaf, root in zip([None, *self.LEAVES], self.ROOTS):
            if leaf is not None:
                tree.append(verify.leaf_hash(bytes.fromhex(leaf)))
            self.assertEqual(tree.root().hex(), root)

    def test_against_the_definitions(self) -> None:
        leaves = [bytes([i]) for i in range(40)]
        hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
        tree = verify.Tree()
        for n in range(1, 41):
            tree.append(hashes[n - 1])
            root = naive_root(leaves[:n])
            self.assertEqual(tree.root(), root)
            for m in range(n):
                proof = naive_path(m, leaves[:n])
                verify.verify_inclusion(m, n, hashes[m], proof, root)
                self.assertFalse(accepts(verify.verify_inclusion, m, n, hashes[m], proof + [root], root))
                if n > 1:
                    other = (m + 1) % n
                    self.assertFalse(accepts(verify.verify_inclusion, other, n, hashes[m], proof, root))
            for m in range(1, n + 1):
                proof = naive_proof(m, leaves[:n])
                verify.verify_consistency(m, n, naive_root(leaves[:m]), root, proof)
                self.assertFalse(accepts(verify.verify_consistency, m, n, root[::-1], root, proof))

    def test_inclusion_vectors(self) -> None:
        self.run_vectors(
            "inclusion",
            lambda v, hash_: accepts(
                verify.verify_inclusion,
                v["leafIdx"],
                v["treeSize"],
                hash_(v["leafHash"]),
                [hash_(h) for h in v["proof"] or []],
                hash_(v["root"]),
            ),
        )

    def test_consistency_vectors(self) -> None:
        """That library refuses every proof from size 0; see `test_from_size_0` for what holds here."""
        self.run_vectors(
            "consistency",
            lambda v, hash_: accepts(
                verify.verify_consistency,
                v["size1"],
                v["size2"],
                hash_(v["root1"]),
                hash_(v["root2"]),
                [hash_(h) for h in v["proof"] or []],
            ),
        )

    def run_vectors(self, folder: str, accepted) -> None:
        path = shared(f"merkle/{folder}")
        if not path:
            return
        files = sorted(path.rglob("*.json"))
        self.assertGreater(len(files), 50)
        for file in files:
            vector = json.loads(file.read_text())
            with self.subTest(str(file)):
                # Some of their roots stand only for any root; here a root has 32 bytes.
                roots = [vector[name] for name in ("root", "root1", "root2") if name in vector]
                right = not vector["wantErr"] and all(len(base64.b64decode(root)) == 32 for root in roots)
                self.assertEqual(accepted(vector, lambda text: base64.b64decode(text or "")), right)

    def test_proofs_that_are_too_long(self) -> None:
        leaf, other = hashlib.sha256(b"\0a").digest(), HASH
        joined = verify.node_hash(other, leaf)
        self.assertFalse(accepts(verify.verify_inclusion, 0, 1, leaf, [other], joined))
        leaves = [b"a", b"b", b"c", b"d"]
        roots, proof = (naive_root(leaves[:3]), naive_root(leaves)), naive_proof(3, leaves)
        verify.verify_consistency(3, 4, *roots, proof)
        longer = [verify.node_hash(other, root) for root in roots]
        self.assertFalse(accepts(verify.verify_consistency, 3, 4, *longer, [*proof, other]))

    def test_one_size_two_roots(self) -> None:
        for size in (0, 1, 2, 3):
            self.assertFalse(accepts(verify.verify_consistency, size, size, EMPTY_ROOT, HASH, []))

    def test_from_size_0(self) -> None:
        root = naive_root([b"a"])
        verify.verify_consistency(0, 1, EMPTY_ROOT, root, [])
        verify.verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
        for wrong in (
            (0, 1, EMPTY_ROOT, root, [root]),
            (0, 1, root, root, []),
            (0, 0, root, root, []),
            (2, 1, root, root, []),
        ):
            self.assertFalse(accepts(verify.verify_consistency, *wrong))


class Formats(unittest.TestCase):
    def test_pae_example_of_dsse(self) -> None:
        encoded = verify.pae(b"http://example.com/HelloWorld", b"hello world")
        self.assertEqual(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world")

    VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    NOTE = (
        "This is an example message.\n\n\u2014 example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    ).encode()

    def test_example_of_signed_note(self) -> None:
        vkey = verify.parse_vkey(self.VKEY)
        self.assertEqual(verify.verify_note(self.NOTE, vkey).text, "This is an example message.\n")
        for i in range(len(self.NOTE)):
            wrong = self.NOTE[:i] + bytes([self.NOTE[i] ^ 1]) + self.NOTE[i + 1 :]
            self.assertFalse(accepts(verify.verify_note, wrong, vkey), i)

    def test_wrong_vkeys(self) -> None:
        name, key_id, key = self.VKEY.split("+")
        wrong = [f"{name}+{key_id}", f"{name}+530D903A+{key}", f"{name}+530d903b+{key}", f"+{key_id}+{key}"]
        ecdsa = b64(b"\2" + base64.b64decode(key)[1:])
        wrong += [f"{name}+{key_id}+{ecdsa}", f"{name}+{key_id}+{b64(base64.b64decode(key)[:-1])}"]
        wrong += [f"a b+{key_id}+{key}", f"{name}+{key_id}+{key}=", f"{name}+{key_id}+{key[:-4]}", ""]
        for text in wrong:
            self.assertFalse(accepts(verify.parse_vkey, text), text)

    def test_wrong_notes(self) -> None:
        line = self.NOTE.split(b"\n")[2] + b"\n"
        text = b"This is an example message.\n"
        self.assertEqual(len(verify.parse_note(text + b"\nmore\n\n" + line + line).signatures), 2)
        wrong = [b"", b"\n\n", text, text + b"\n", text + line, text + b"\n" + line[:-1], text + b"\n" + line + b"\n"]
        wrong += [b"\r" + text + b"\n" + line, b"\xff" + text + b"\n" + line, text + b"\n" + line.replace(b" ", b"  ")]
        wrong += [line, line + line, text + b"\n" + line[:-1] + b"x", text + b"\n\n"]
        for name in ("a+b", "a\u00a0b", "a\u2003b", ""):
            wrong.append(text + b"\n" + line.replace(b"example.com/foo", name.encode()))
        wrong += [text + b"\n" + line.replace("\u2014".encode(), b"-"), text + b"\n\xe2\x80\x94 name AAAA\n"]
        for data in wrong:
            self.assertFalse(accepts(verify.parse_note, data), data)
        # At most 256 KiB and 32 signatures.
        verify.parse_note(text + b"\n" + line * 32)
        self.assertFalse(accepts(verify.parse_note, text + b"\n" + line * 33))
        room = 256 * 1024 - len(b"\n\n" + line)
        verify.parse_note(b"x" * room + b"\n\n" + line)
        self.assertFalse(accepts(verify.parse_note, b"x" * (room + 1) + b"\n\n" + line))
        with RefusedAs(self, "note_signature"):
            verify.verify_note(text + b"\n" + line + line, verify.parse_vkey(self.VKEY))

    def test_checkpoints(self) -> None:
        root = b64(bytes(32))
        self.assertEqual(verify.parse_checkpoint(f"a\n5\n{root}\n"), ("a", 5, bytes(32)))
        wrong = [f"a\n05\n{root}\n", f"a\n5\n{root}\nx\n", f"a\n5\n{root}", f"\n5\n{root}\n", f"a\n5\n{root[:-4]}\n"]
        wrong += [f"a\n-5\n{root}\n", f"a\n{2**64}\n{root}\n", f"a\n5\n{root[:-2]}B=\n", f"a\n٥\n{root}\n"]
        for text in wrong:
            self.assertFalse(accepts(verify.parse_checkpoint, text), text)

    def test_example_of_hchacha20(self) -> None:
        """The example of draft-irtf-cfrg-xchacha-03, section 2.2.1."""
        made = verify.hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
        self.assertEqual(made.hex(), "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")

    def test_sections_open_only_where_they_belong(self) -> None:
        key, key_id, nonce, salt = (random_bytes(label, n) for label, n in (("k", 32), ("i", 16), ("n", 24), ("s", 32)))
        place = verify.SectionPlace(HASH, A_CASE, 2, KEY_1, 3)
        for length in (0, 1, 28, 29, 92, 93):
            content = random_bytes("content", length) if length else b""
            sealed = verify.seal_section(key, key_id, nonce, place, salt, content)
            self.assertEqual(len(sealed), 56 + 64 * -(-(36 + length) // 64))
            self.assertEqual(verify.open_section(key, sealed, place), (salt, content))
            for at in range(len(sealed)):
                wrong = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
                self.assertFalse(accepts(verify.open_section, key, wrong, place), at)
                with RefusedAs(self, "sealed_tag" if at > 119 and at % 64 == 56 else "sealed_length"):
                    verify.open_section(key, sealed[:at], place)
            for other in (
                {"ledger": KEY_1},
                {"stream": (1, A_CASE[1])},
                {"stream": (CASE, KEY_1[:16])},
                {"class_": 1},
                {"statement_hash": HASH},
                {"index": 2},
            ):
                with RefusedAs(self, "sealed_tag"):
                    verify.open_section(key, sealed, place._replace(**other))
        aead, short_nonce = verify.xchacha(key, nonce)
        for plaintext in (salt + bytes(4 + 27) + b"\1", salt + bytes(96), salt + b"\0\0\0\x1d" + bytes(28)):
            sealed = key_id + nonce + aead.encrypt(short_nonce, plaintext, place.aad(key_id))
            with RefusedAs(self, "sealed_padding"):
                verify.open_section(key, sealed, place)

    def test_layout_of_a_commitment(self) -> None:
        by_hand = b"\1" + b"n" * 32 + b"\0\0\0\7" + b"\0\0\0\3" + b"\0\0\0\0\0\0\0\6note/1" + b"s" * 32
        by_hand += b"\0\0\0\0\0\0\0\3yes"
        expected = blake3(by_hand, derive_key_context="letopis 2026-11 section commitment v1").digest()
        self.assertEqual(verify.commitment(b"n" * 32, 7, 3, b"note/1", b"s" * 32, b"yes"), expected)


# ==================================================================================== Statements


def encode(message: verify.Message, values: dict) -> bytes:
    """The canonical encoding of what `decode` returned."""
    data = b""
    for field, described in sorted(message.fields.items()):
        value = values.get(described.name)
        if value is None:
            continue
        numeric = isinstance(described.type, (verify.Number, verify.Enum))
        if numeric and described.repeated:
            data += chunk(field, b"".join(map(varint, value)))
        elif numeric:
            zig = isinstance(described.type, verify.Number) and described.type.zigzag
            data += num(field, zigzag(value) if zig else value, described.optional)
        else:
            for entry in value if described.repeated else [value]:
                inner = encode(described.type, entry) if isinstance(described.type, verify.Message) else entry
                data += chunk(field, inner.encode() if isinstance(inner, str) else inner)
    return data


KEY_1, KEY_2 = b"\1" * 32, b"\2" * 32
HASH = b"\3" * 32
SIGNER = bytes_(1, b"\5" * 16) + bytes_(2, KEY_1) + bytes_(3, HASH)
NOTE_FACT = chunk(101, b"")


def parts(**changes) -> bytes:
    """A statement that adds a note, field by field."""
    fields = {
        "ledger": bytes_(1, b"\4" * 32),
        "event_id": bytes_(2, uuid7("event")),
        "stream": chunk(3, stream(CASE, b"\6" * 16)),
        "signers": chunk(4, SIGNER),
        "seen": chunk(5, num(1, 300) + bytes_(2, HASH)),
        "occurred_at": chunk(6, instant(-5, 7, -60) + num(4, 1) + num(5, 2)),
        "nonce": bytes_(7, HASH),
        "references": chunk(8, reference(CASE, b"\6" * 16, HASH)),
        "sections": chunk(9, section()),
        "fact": chunk(10, NOTE_FACT),
    }
    unknown = set(changes) - set(fields)
    assert not unknown, unknown
    return b"".join({**fields, **changes}.values())


def with_fact(kind: int, fact: bytes, stream_kind: int = CASE, **changes) -> bytes:
    changes = {"stream": chunk(3, stream(stream_kind, b"\6" * 16)), **changes}
    return parts(fact=chunk(10, chunk(kind, fact)), **changes)


def genesis(fact: bytes, **changes) -> bytes:
    changes = {"ledger": b"", "seen": b"", "stream": chunk(3, stream(ROOT, bytes(16))), **changes}
    return parts(fact=chunk(10, chunk(1, fact)), **changes)


def genesis_of(count: int = 3, name: bytes = b"a.b-1", procedure: bytes = b"bg", rest: bytes = b"") -> bytes:
    registrars = b"".join(
        chunk(4, bytes_(1, bytes([i + 1] * 16)) + bytes_(2, bytes([i + 20] * 32))) for i in range(count)
    )
    return bytes_(1, name) + bytes_(2, procedure) + registrars + bytes_(5, KEY_1) + bytes_(6, KEY_2) + rest


# Kinds by what they hold, and a stream in which they stand: nothing, one statement hash, one id, the
# child's age band alone. Marked: the hash or id may be left out.
OF_NOTHING = {
    102: PERSON, 103: PERSON, 119: CASE, 123: PROTECTED, 124: PERSON, 134: COMPLAINT, 138: SIGNAL, 139: SIGNAL,
    140: SIGNAL, 143: PROTECTED, 144: PROTECTED, 145: SIGNAL, 152: CASE, 158: CASE, 159: CASE, 161: CASE, 170: CASE,
    171: CASE, 173: CASE, 174: CASE, 175: CASE, 182: CASE, 183: CASE, 186: CASE, 189: CASE, 190: CASE, 191: CASE,
    192: CASE, 200: SIGNAL, 202: COMPLAINT,
}  # fmt: skip
OF_A_HASH = {
    105: PERSON, 120: CASE, 128: CASE, 129: CASE, 132: CASE, 142: CASE, 153: CASE, 154: CASE, 155: CASE, 156: CASE,
    157: CASE, 160: CASE, 164: CASE, 165: CASE, 166: CASE, 177: CASE, 188: CASE, 194: PROTECTED, 201: PROTECTED, 203: ROOT,
    205: ROOT,
}  # fmt: skip
MAYBE_A_HASH = {141: PROTECTED, 167: CASE, 199: PERSON}
OF_AN_ID = {
    104: PERSON, 127: CASE, 135: COMPLAINT, 136: SIGNAL, 137: SIGNAL, 149: CASE, 150: CASE, 193: CASE, 195: CASE,
    196: CASE, 197: CASE,
}  # fmt: skip
MAYBE_AN_ID = {112: CASE}
OF_AN_AGE = {113: CASE, 114: CASE, 117: CASE, 118: CASE, 125: CASE, 130: CASE, 131: CASE, 169: CASE, 187: CASE}
# A statement hash, and a code up to so much.
OF_A_HASH_AND_A_CODE = {163: 3, 176: 3, 178: 3, 179: 5, 180: 5}


def in_(kind: int, fact: bytes, stream_kind: int) -> bytes:
    """A statement with this fact, in the root stream with its id."""
    return with_fact(kind, fact, stream=chunk(3, stream(stream_kind, bytes(16) if stream_kind == ROOT else b"\6" * 16)))


VALID = {
    **{f"kind {kind}": in_(kind, b"", where) for kind, where in {**OF_NOTHING, **MAYBE_A_HASH, **MAYBE_AN_ID}.items()},
    **{f"hash in {kind}": in_(kind, bytes_(1, HASH), where) for kind, where in {**OF_A_HASH, **MAYBE_A_HASH}.items()},
    **{f"id in {kind}": in_(kind, bytes_(1, b"i" * 16), where) for kind, where in {**OF_AN_ID, **MAYBE_AN_ID}.items()},
    **{f"age in {kind}": in_(kind, num(1, 5), where) for kind, where in OF_AN_AGE.items()},
    **{
        f"hash and code in {kind}": with_fact(kind, bytes_(1, HASH) + num(2, most))
        for kind, most in OF_A_HASH_AND_A_CODE.items()
    },
    "note": parts(),
    "note without what may be absent": parts(seen=b"", references=b"", sections=b""),
    "signer without a grant": parts(signers=chunk(4, bytes_(1, b"\5" * 16) + bytes_(2, KEY_1))),
    "version 8": parts(event_id=bytes_(2, bytes.fromhex("00000000000080008000000000000000"))),
    "no offset, at 1970": parts(occurred_at=chunk(6, num(4, 4) + num(5, 3))),
    "first second": parts(occurred_at=chunk(6, instant(-62135596800, 999999999, -1080) + num(4, 1) + num(5, 1))),
    "last second": parts(occurred_at=chunk(6, instant(253402300799, 0, 1080) + num(4, 1) + num(5, 1))),
    "16 signers": parts(
        signers=b"".join(chunk(4, bytes_(1, HASH[:16]) + bytes_(2, bytes([i] * 32))) for i in range(16))
    ),
    "64 references, 32 sections": parts(
        references=chunk(8, reference(CASE, b"\6" * 16, HASH)) * 64, sections=chunk(9, section()) * 32
    ),
    "genesis": genesis(genesis_of()),
    "genesis, trial, after another": genesis(
        bytes_(1, b"a" * 200) + bytes_(2, b"a-1") + num(3, 1) + genesis_of(14, b"", b"", bytes_(7, HASH))
    ),
    "actor enrolled": with_fact(2, actor_enrolled(ANNA, 2), ACTOR),
    "key enrolled": with_fact(3, key_enrolled(ANNA, 4), ACTOR),
    "key revoked": with_fact(4, bytes_(1, KEY_1), ACTOR),
    "role granted": with_fact(5, role_granted(15), ACTOR),
    "role granted, all present at 0": with_fact(5, num(1, 1) + num(3, 0, True) + num(4, 0, True), ACTOR),
    "role granted, until 1970": with_fact(5, num(1, 1) + num(5, 0, True), ACTOR),
    "role granted for a second": with_fact(5, role_granted(2, since=5, until=6), ACTOR),
    "role granted, region": with_fact(
        5, num(1, 1) + bytes_(2, b"a" * 16) + num(3, 2**32 - 1) + num(4, 2**64 - 1) + num(5, 1), ACTOR
    ),
    "role ended": with_fact(6, bytes_(1, HASH), ACTOR),
    "history imported": with_fact(40, num(1, 1) + chunk(2, instant())),
    "history imported at 1970": with_fact(40, num(1, 1) + chunk(2, b"")),
    "sections read": with_fact(60, sections_read(b"r" * 16, (1, 2, 300), (0, 1, 31)), ACCESS),
    "case opened": with_fact(100, case_opened()),
    "visit recorded": with_fact(116, num(1, 1)),
    "visit recorded, not alone": with_fact(116, b""),
    "key rotated": with_fact(7, key_rotated(ANNA, BORIS, 4), ACTOR),
    "key suspended": with_fact(8, bytes_(1, KEY_1), ACTOR),
    "key reinstated": with_fact(9, bytes_(1, KEY_1), ACTOR),
    "key compromised since the genesis": with_fact(10, bytes_(1, KEY_1), ACTOR),
    "key compromised": with_fact(10, bytes_(1, KEY_1) + num(2, 2**64 - 1), ACTOR),
    "qualification verified": with_fact(11, b"", ACTOR),
    "qualification verified, until 1970": with_fact(11, num(1, 0, True), ACTOR),
    "qualification expired": with_fact(12, bytes_(1, HASH), ACTOR),
    "role delegated": with_fact(13, term(5, 6), ACTOR),
    "role delegated until 1970": with_fact(13, term(-5, 0), ACTOR),
    "role delegated for kinds": with_fact(13, term(5, 6) + packed(3, *range(1, 65)), ACTOR),
    "duty roster": with_fact(14, duty_roster((5, 6)), ACTOR),
    "duty roster of 64 shifts": with_fact(
        14, duty_roster(*((i, i + 1) for i in range(64)), kinds=(100, 2**32 - 1)), ACTOR
    ),
    "policy adopted": with_fact(15, bytes_(1, b"p"), stream=chunk(3, stream(ROOT, bytes(16)))),
    "policy adopted, longest": with_fact(15, bytes_(1, b"p" * 49_152), stream=chunk(3, stream(ROOT, bytes(16)))),
    "facts read": with_fact(61, facts_read(b"r" * 16, (CASE, b"2" * 16), (SIGNAL, b"1" * 16)), ACCESS),
    "facts of 200 files read": with_fact(
        61, facts_read(b"r" * 16, *((CASE, bytes([i] * 16)) for i in range(1, 201))), ACCESS
    ),
    "access denied": with_fact(62, access_denied(b"r" * 16, (CASE, b"1" * 16)), ACCESS),
    "access granted": with_fact(63, access_granted(b"r" * 16, NOW)),
    "access granted in a protected stream": with_fact(63, access_granted(b"r" * 16, 0), PROTECTED),
    "access granted for a signal": with_fact(63, access_granted(b"r" * 16, 0), SIGNAL),
    "access granted for a complaint": with_fact(63, access_granted(b"r" * 16, 0, b"c" * 16), COMPLAINT),
    "access revoked": with_fact(64, bytes_(1, HASH), COMPLAINT),
    "break-glass opened": with_fact(65, break_glass(NOW), SIGNAL),
    "break-glass closed": with_fact(66, bytes_(1, HASH)),
    "break-glass reviewed": with_fact(67, bytes_(1, HASH) + num(2, 1), SIGNAL),
    "break-glass reviewed, not justified": with_fact(67, bytes_(1, HASH)),
    "information shared": with_fact(68, information_shared(b"r" * 16, *range(1, 257))),
    "information shared until 1970": with_fact(68, information_shared(b"r" * 16, 1, until=0)),
    "disclosure received": with_fact(69, bytes_(1, HASH)),
    "disclosure refused": with_fact(70, b""),
    "subject access answered": with_fact(71, b""),
    "breach recorded": with_fact(72, b""),
    "breach recorded in the root": with_fact(72, b"", stream=chunk(3, stream(ROOT, bytes(16)))),
    "class erased": with_fact(73, erased_class(3), PERSON),
    "section erased": with_fact(73, erased_section(1, 31), ACTOR),
    "first section erased": with_fact(73, erased_section(2**64 - 1, 0), COMPLAINT),
    "erasure completed": with_fact(74, bytes_(1, HASH), ACCESS),
    "legal hold set": with_fact(75, b"", PROTECTED),
    "legal hold lifted": with_fact(76, bytes_(1, HASH), SIGNAL),
    "team convened": with_fact(121, num(1, 5) + ids(2, 64)),
    "service referred": with_fact(122, bytes_(1, b"p" * 16)),
    "service referred, with events": with_fact(122, bytes_(1, b"p" * 16) + released(2, *range(1, 257))),
    "inspection of an agency": with_fact(
        133, inspection(ids(1, 64), b"a" * 16, b"", 1, 2, 3), stream=chunk(3, stream(ROOT, bytes(16)))
    ),
    "inspection of cases": with_fact(
        133, inspection(ids(1, 1), b"", ids(3, 200)), stream=chunk(3, stream(ROOT, bytes(16)))
    ),
    "signal received": with_fact(110, signal(ids(2, 32), 6), SIGNAL),
    "signal received of nobody": with_fact(110, signal(ids(2, 1)) + num(4, 1), SIGNAL),
    "signal assessed": with_fact(
        111, outcome(b"a" * 16, 1, 1) + outcome(b"b" * 16, 2) + outcome(b"c" * 16, 3, 6, 5), SIGNAL
    ),
    "signal assessed for 32 children": with_fact(
        111, b"".join(outcome(bytes([i] * 16), 2) for i in range(32)), SIGNAL
    ),
    "plan adopted": with_fact(115, PLAN),
    "plan adopted, with commitments": with_fact(115, PLAN + commitment(b"a", -719_162) + commitment(b"b", 2_932_896)),
    "plan amended": with_fact(151, PLAN + b"".join(commitment(bytes([i])) for i in range(64))),
    "team plan adopted": with_fact(148, commitment(b"a", 0, field=1)),
    "team plan without commitments": with_fact(148, b""),
    "team met": with_fact(147, ids(1, 64)),
    "case closed, observed, duties settled": with_fact(
        118, AGE + num(2, 1) + settled(b"a" * 32) + settled(b"b" * 32, ANNA.actor)
    ),
    "case closed, 64 duties": with_fact(118, AGE + b"".join(settled(bytes([i] * 32)) for i in range(64))),
    "emergency act recorded": with_fact(126, ACT),
    "signature attested": with_fact(146, num(1, 3)),
    "placement ordered": with_fact(162, num(1, 5) + num(2, 3)),
    "court decision": with_fact(168, bytes_(1, HASH) + num(2, 3) + num(3, 0, True)),
    "court decision for another, no term": with_fact(168, num(2, 1)),
    "measure requested": with_fact(172, num(1, 3)),
    "placement ended": with_fact(181, num(2, 5)),
    "placement ended by the court": with_fact(181, bytes_(1, HASH) + num(2, 1)),
    "profile adopted": in_(16, profile(), ROOT),
    "profile adopted, longest, from 1970": in_(16, profile(b"p" * 49_152, 0), ROOT),
    "refusals counted": in_(17, refusals((101, 1), (2**32 - 1, 2**64 - 1)), ROOT),
    "refusals counted, 256 reasons, in 1970": in_(17, refusals(*((i, 1) for i in range(1, 257)), day=0), ROOT),
    "deadline missed": in_(184, missed(), CLOCKS),
    "deadline missed in a signal": in_(184, missed(SIGNAL), CLOCKS),
    "deadline missed in a protected stream": in_(184, missed(), PROTECTED),
    "deadline missed after an inspection": in_(184, missed(ROOT), ROOT),
    "deadline missed in 1970": in_(184, missed().replace(num(4, zigzag(NOW)), b""), CLOCKS),
    "delay explained": with_fact(185, num(1, 1) + bytes_(2, HASH), SIGNAL),
    "court's request for a report": in_(206, num(1, zigzag(2_932_896)), CASE),
    "inspection's instruction": in_(204, bytes_(1, HASH) + num(2, zigzag(-719_162)), ROOT),
    "event corrected": with_fact(198, corrected(NOTE_FACT, instant(), 0, 31), PROTECTED),
    "event corrected, only its time": with_fact(198, corrected(None, b"")),
    "event corrected, only its sections": with_fact(198, corrected(None, None, *range(32)), PERSON),
    "event corrected, a plan": with_fact(198, corrected(chunk(115, PLAN + commitment(b"a")))),
    "references to the root": parts(references=chunk(8, reference(ROOT, bytes(16), HASH, 6))),
}

OCCURRED = num(4, 1) + num(5, 2)

INVALID = [
    ("statement_too_large", parts() + bytes(64 * 1024)),
    ("truncated", parts()[:-1]),
    ("truncated", parts(fact=b"")[:-1]),
    ("truncated", b"\x80"),
    ("truncated", parts(fact=chunk(10, varint(101 << 3 | 2) + b"\x01"))),
    ("truncated", with_fact(60, chunk(5, num(1, 1) + chunk(2, b"\x80")), ACCESS)),
    ("wire_type_wrong", parts(ledger=num(1, 5))),
    ("wire_type_wrong", parts(ledger=varint(1 << 3 | 1) + bytes(8))),
    ("wire_type_wrong", parts(ledger=varint(1 << 3 | 5) + bytes(4))),
    ("wire_type_wrong", parts(occurred_at=chunk(6, chunk(1, b"\1") + OCCURRED))),
    ("wire_type_wrong", parts(fact=chunk(10, num(101, 1)))),
    ("field_unknown", parts() + num(11, 1)),
    ("field_unknown", parts(fact=chunk(10, chunk(101, num(1, 1))))),
    ("field_unknown", parts() + bytes_(11, b"x")),
    ("field_unknown", parts(ledger=b"\x00\x01")),
    ("field_unknown", parts(ledger=varint(1 << 3 | 3) + varint(1 << 3 | 4))),
    ("field_unknown", parts(stream=chunk(3, stream(CASE, b"\6" * 16) + num(3, 1)))),
    ("field_unknown", parts(fact=chunk(10, chunk(999, b"")))),
    ("field_unknown", parts(fact=chunk(10, num(999, 1)))),
    ("field_order", parts(ledger=b"", event_id=bytes_(2, uuid7(1)) + bytes_(1, b"\4" * 32))),
    ("field_order", parts(stream=chunk(3, bytes_(2, b"\6" * 16) + num(1, CASE)))),
    ("field_order", parts(fact=chunk(10, NOTE_FACT + chunk(100, case_opened())))),
    ("field_repeated", parts(nonce=bytes_(7, HASH) * 2)),
    ("field_repeated", parts(fact=chunk(10, NOTE_FACT) * 2)),
    ("field_repeated", parts(fact=chunk(10, NOTE_FACT * 2))),
    ("field_repeated", parts(fact=chunk(10, chunk(100, case_opened()) + NOTE_FACT))),
    ("field_repeated", parts(occurred_at=chunk(6, num(2, 1) * 2 + OCCURRED))),
    ("varint_not_minimal", parts(ledger=b"\x0a\xa0\x00" + b"\4" * 32)),
    ("varint_not_minimal", parts(ledger=b"\x8a\x00\x20" + b"\4" * 32)),
    ("varint_not_minimal", parts(occurred_at=chunk(6, b"\x10\x81\x80\x00" + OCCURRED))),
    ("varint_not_minimal", with_fact(60, chunk(5, num(1, 1) + chunk(2, b"\x81\x00")), ACCESS)),
    ("varint_out_of_range", parts(occurred_at=chunk(6, num(2, 2**32) + OCCURRED))),
    ("varint_out_of_range", parts(occurred_at=chunk(6, num(3, 2**32) + OCCURRED))),
    ("varint_out_of_range", parts(occurred_at=chunk(6, num(1, 2**64) + OCCURRED))),
    ("varint_out_of_range", parts(occurred_at=chunk(6, num(1, 2**70) + OCCURRED))),
    ("varint_out_of_range", parts(ledger=b"\x0a" + varint(2**65 + 32) + b"\4" * 32)),
    ("varint_out_of_range", with_fact(116, num(1, 2))),
    ("varint_out_of_range", with_fact(60, chunk(5, num(1, 1) + chunk(2, varint(2**32))), ACCESS)),
    ("default_written", parts(ledger=chunk(1, b""))),
    ("default_written", parts(occurred_at=chunk(6, num(1, 0, True) + OCCURRED))),
    ("default_written", with_fact(116, num(1, 0, True))),
    ("default_written", parts(stream=chunk(3, num(1, 0, True) + bytes_(2, b"\6" * 16)))),
    ("default_written", parts(sections=chunk(9, num(1, 1) + chunk(2, b"") + bytes_(3, HASH)))),
    ("default_written", with_fact(5, num(1, 2) + chunk(2, b""), ACTOR)),
    ("not_packed", with_fact(60, chunk(5, num(1, 1) + num(2, 1)), ACCESS)),
    ("not_packed", with_fact(60, chunk(5, num(1, 1) + chunk(2, b"")), ACCESS)),
    ("not_packed", with_fact(60, chunk(5, num(1, 1) + chunk(2, b"\0") + chunk(2, b"\1")), ACCESS)),
    ("enum_unknown", parts(occurred_at=chunk(6, num(4, 5) + num(5, 1)))),
    ("enum_unknown", parts(stream=chunk(3, stream(10, b"\6" * 16)))),
    ("enum_unknown", with_fact(5, num(1, 16), ACTOR)),
    ("enum_unspecified", parts(occurred_at=chunk(6, num(5, 1)))),
    ("enum_unspecified", parts(stream=chunk(3, bytes_(2, b"\6" * 16)))),
    ("enum_unspecified", with_fact(5, b"", ACTOR)),
    ("enum_unspecified", with_fact(114, b"")),
    ("enum_unspecified", with_fact(3, chunk(1, bytes_(1, KEY_1)), ACTOR)),
    ("utf8_invalid", genesis(genesis_of(name=b"a\xff"))),
    ("utf8_invalid", parts(sections=chunk(9, num(1, 1) + bytes_(2, b"\xed\xa0\x80") + bytes_(3, HASH)))),
    ("field_missing", b""),
    ("field_missing", parts(ledger=b"")),
    ("field_missing", parts(event_id=b"")),
    ("field_missing", parts(stream=b"")),
    ("field_missing", parts(stream=chunk(3, num(1, CASE)))),
    ("field_missing", parts(signers=b"")),
    ("field_missing", parts(signers=chunk(4, bytes_(2, KEY_1)))),
    ("field_missing", parts(seen=chunk(5, num(1, 1)))),
    ("field_missing", parts(occurred_at=b"")),
    ("field_missing", parts(nonce=b"")),
    ("field_missing", parts(fact=b"")),
    ("field_missing", parts(fact=chunk(10, b""))),
    ("field_missing", parts(references=chunk(8, num(1, 1) + bytes_(3, HASH)))),
    ("field_missing", with_fact(3, b"", ACTOR)),
    ("field_missing", with_fact(100, bytes_(1, b"h" * 16))),
    ("field_missing", with_fact(110, signal(b""), SIGNAL)),
    ("field_missing", with_fact(40, num(1, 1))),
    ("field_missing", with_fact(60, bytes_(1, b"r" * 16) + num(2, 1) + bytes_(3, b"t") + num(4, 3), ACCESS)),
    ("field_missing", genesis(genesis_of(name=b""))),
    ("length_wrong", parts(ledger=bytes_(1, b"\4" * 31))),
    ("length_wrong", parts(event_id=bytes_(2, uuid7(1) + b"\0"))),
    ("length_wrong", parts(stream=chunk(3, stream(CASE, b"\6" * 15)))),
    ("length_wrong", parts(signers=chunk(4, bytes_(1, b"\5" * 16) + bytes_(2, KEY_1) + bytes_(3, HASH[:31])))),
    ("length_wrong", parts(nonce=bytes_(7, HASH + b"\0"))),
    ("length_wrong", parts(sections=chunk(9, section(commitment=b"c" * 33)))),
    ("length_wrong", with_fact(110, signal(chunk(2, b"c" * 16) + chunk(2, b"")), SIGNAL)),
    ("length_wrong", with_fact(5, num(1, 2) + bytes_(2, b"a" * 17), ACTOR)),
    ("value_out_of_range", genesis(genesis_of(name=b"a" * 201))),
    ("value_out_of_range", genesis(genesis_of(procedure=b"b"))),
    ("value_out_of_range", genesis(genesis_of().replace(bytes([20] * 32), bytes([21] * 32)))),
    ("value_out_of_range", genesis(genesis_of().replace(bytes([20] * 32), KEY_1))),
    ("value_out_of_range", genesis(genesis_of().replace(KEY_1, KEY_2))),
    ("value_out_of_range", genesis(genesis_of().replace(bytes([1] * 16) + b"\x12", bytes([2] * 16) + b"\x12"))),
    ("value_out_of_range", with_fact(2, actor_enrolled(ANNA, use=2), ACTOR)),
    ("value_out_of_range", with_fact(5, role_granted(2, since=5, until=5), ACTOR)),
    (
        "value_out_of_range",
        with_fact(
            60,
            bytes_(1, b"r" * 16)
            + num(2, 1)
            + bytes_(3, b"t" * 2049)
            + num(4, 3)
            + chunk(5, num(1, 1) + chunk(2, b"\0")),
            ACCESS,
        ),
    ),
    ("value_out_of_range", with_fact(60, sections_read(b"r" * 16, (1,), (32,)), ACCESS)),
    ("field_missing", with_fact(60, sections_read(b"r" * 16, (1,), ()), ACCESS)),
    ("value_out_of_range", parts(seen=chunk(5, bytes_(2, HASH)))),
    ("value_out_of_range", parts(occurred_at=chunk(6, instant(253402300800) + OCCURRED))),
    ("value_out_of_range", parts(occurred_at=chunk(6, instant(-62135596801) + OCCURRED))),
    ("value_out_of_range", parts(occurred_at=chunk(6, instant(0, 10**9) + OCCURRED))),
    ("value_out_of_range", parts(occurred_at=chunk(6, instant(0, 0, 1081) + OCCURRED))),
    ("value_out_of_range", parts(occurred_at=chunk(6, instant(0, 0, -1081) + OCCURRED))),
    ("value_out_of_range", with_fact(40, chunk(2, instant()))),
    ("value_out_of_range", with_fact(40, num(1, 1) + chunk(2, instant(0, 10**9)))),
    ("value_out_of_range", genesis(genesis_of(2))),
    ("value_out_of_range", genesis(genesis_of(name=b"A.b"))),
    ("value_out_of_range", genesis(genesis_of(name="б".encode()))),
    ("value_out_of_range", genesis(genesis_of(procedure=b"b_g"))),
    ("value_out_of_range", genesis(genesis_of(), ledger=bytes_(1, b"\4" * 32))),
    ("value_out_of_range", genesis(genesis_of().replace(b"\1" * 16 + b"\x12", bytes(16) + b"\x12"))),
    ("value_out_of_range", with_fact(60, sections_read(b"r" * 16, (2, 1)), ACCESS)),
    ("value_out_of_range", with_fact(60, sections_read(b"r" * 16, (1, 1)), ACCESS)),
    ("value_out_of_range", with_fact(60, sections_read(b"r" * 16, (0,)), ACCESS)),
    ("value_out_of_range", with_fact(60, sections_read(b"r" * 16, (1,), (1, 0)), ACCESS)),
    (
        "too_many",
        parts(signers=b"".join(chunk(4, bytes_(1, HASH[:16]) + bytes_(2, bytes([i] * 32))) for i in range(17))),
    ),
    ("too_many", parts(references=chunk(8, reference(CASE, b"\6" * 16, HASH)) * 65)),
    ("too_many", parts(sections=chunk(9, section()) * 33)),
    ("too_many", genesis(genesis_of(15))),
    ("too_many", with_fact(110, signal(ids(2, 33)), SIGNAL)),
    ("too_many", with_fact(60, sections_read(b"r" * 16, tuple(range(1, 2050)), (0,)), ACCESS)),
    ("signers_not_sorted", parts(signers=chunk(4, SIGNER) * 2)),
    ("signers_not_sorted", parts(signers=chunk(4, SIGNER.replace(KEY_1, KEY_2)) + chunk(4, SIGNER))),
    ("payload_type_invalid", parts(sections=chunk(9, section(payload_type="Note/1")))),
    ("payload_type_invalid", parts(sections=chunk(9, section(payload_type="a" * 65)))),
    ("payload_type_invalid", parts(sections=chunk(9, section(payload_type="note/1\n")))),
    ("payload_type_invalid", parts(sections=chunk(9, section(payload_type="")))),
    ("event_id_invalid", parts(event_id=bytes_(2, bytes.fromhex("00000000000040008000000000000000")))),
    ("event_id_invalid", parts(event_id=bytes_(2, bytes.fromhex("0000000000007000c000000000000000")))),
    ("stream_kind_wrong", parts(stream=chunk(3, stream(ACTOR, b"\6" * 16)))),
    ("stream_kind_wrong", parts(stream=chunk(3, stream(CASE, bytes(16))))),
    ("stream_kind_wrong", genesis(genesis_of(), stream=chunk(3, stream(ROOT, b"\6" * 16)))),
    ("stream_kind_wrong", parts(references=chunk(8, reference(CASE, bytes(16), HASH)))),
    ("stream_kind_wrong", with_fact(60, sections_read(b"r" * 16), CASE)),
    # Of the kinds that came with access: the registry's,
    ("field_missing", with_fact(7, key_enrolled(ANNA), ACTOR)),
    ("field_missing", with_fact(7, bytes_(2, KEY_1), ACTOR)),
    ("length_wrong", with_fact(7, key_enrolled(ANNA) + bytes_(2, KEY_1[:31]), ACTOR)),
    ("length_wrong", with_fact(8, bytes_(1, KEY_1[:31]), ACTOR)),
    ("length_wrong", with_fact(9, bytes_(1, KEY_1[:31]), ACTOR)),
    ("length_wrong", with_fact(10, bytes_(1, KEY_1[:31]), ACTOR)),
    ("field_missing", with_fact(12, b"", ACTOR)),
    ("value_out_of_range", with_fact(13, term(5, 5), ACTOR)),
    ("value_out_of_range", with_fact(13, b"", ACTOR)),
    ("value_out_of_range", with_fact(13, term(5, 6) + packed(3, 1, 1), ACTOR)),
    ("value_out_of_range", with_fact(13, term(5, 6) + packed(3, 0, 1), ACTOR)),
    ("too_many", with_fact(13, term(5, 6) + packed(3, *range(1, 66)), ACTOR)),
    ("field_missing", with_fact(14, b"", ACTOR)),
    ("value_out_of_range", with_fact(14, duty_roster((5, 5)), ACTOR)),
    ("value_out_of_range", with_fact(14, duty_roster((5, 7), (6, 8)), ACTOR)),
    ("value_out_of_range", with_fact(14, duty_roster((6, 7), (5, 6)), ACTOR)),
    ("value_out_of_range", with_fact(14, duty_roster((5, 6), kinds=(2, 1)), ACTOR)),
    ("too_many", with_fact(14, duty_roster(*((i, i + 1) for i in range(65))), ACTOR)),
    ("too_many", with_fact(14, duty_roster((5, 6), kinds=tuple(range(1, 66))), ACTOR)),
    ("field_missing", with_fact(15, b"", stream=chunk(3, stream(ROOT, bytes(16))))),
    ("value_out_of_range", with_fact(15, bytes_(1, b"p" * 49_153), stream=chunk(3, stream(ROOT, bytes(16))))),
    # readings and what is granted,
    ("field_missing", with_fact(61, facts_read(b"r" * 16), ACCESS)),
    ("value_out_of_range", with_fact(61, facts_read(b"r" * 16, *[(CASE, b"1" * 16)] * 2), ACCESS)),
    ("value_out_of_range", with_fact(61, facts_read(b"r" * 16, (SIGNAL, b"1" * 16), (CASE, b"2" * 16)), ACCESS)),
    (
        "too_many",
        with_fact(61, facts_read(b"r" * 16, *((CASE, bytes([i] * 16)) for i in range(1, 202))), ACCESS),
    ),
    (
        "value_out_of_range",
        with_fact(61, reading(b"r" * 16, b"t" * 2049) + chunk(4, stream(CASE, b"1" * 16)), ACCESS),
    ),
    ("field_missing", with_fact(61, reading(b"r" * 16, b"") + chunk(4, stream(CASE, b"1" * 16)), ACCESS)),
    ("value_out_of_range", with_fact(62, access_denied(b"r" * 16, (CASE, b"1" * 16), 0), ACCESS)),
    ("enum_unspecified", with_fact(62, reading(b"r" * 16) + chunk(4, stream(CASE, b"1" * 16)) + num(6, 1), ACCESS)),
    ("field_missing", with_fact(62, reading(b"r" * 16) + num(5, 4) + num(6, 1), ACCESS)),
    ("stream_kind_wrong", with_fact(62, access_denied(b"r" * 16, (CASE, bytes(16))), ACCESS)),
    ("field_missing", with_fact(63, bytes_(1, b"r" * 16) + num(3, 1))),
    ("value_out_of_range", with_fact(63, bytes_(1, b"r" * 16) + packed(2, 2, 1) + num(3, 1))),
    ("value_out_of_range", with_fact(63, bytes_(1, b"r" * 16) + packed(2, 1, 1) + num(3, 1))),
    ("enum_unspecified", with_fact(63, bytes_(1, b"r" * 16) + packed(2, 0, 1) + num(3, 1))),
    ("enum_unknown", with_fact(63, bytes_(1, b"r" * 16) + packed(2, 1, 4) + num(3, 1))),
    ("not_packed", with_fact(63, bytes_(1, b"r" * 16) + num(2, 1) + num(3, 1))),
    ("too_many", with_fact(63, bytes_(1, b"r" * 16) + packed(2, 1, 2, 3, 3) + num(3, 1))),
    ("length_wrong", with_fact(63, access_granted(b"r" * 16, 5, b"c" * 15))),
    ("stream_kind_wrong", with_fact(63, access_granted(b"r" * 16, 5), PERSON)),
    ("length_wrong", with_fact(64, bytes_(1, HASH[:31]))),
    ("field_missing", with_fact(65, num(2, 5))),
    ("value_out_of_range", with_fact(65, break_glass(5, 2, 1))),
    ("stream_kind_wrong", with_fact(65, break_glass(5), PROTECTED)),
    ("field_missing", with_fact(66, b"")),
    ("field_missing", with_fact(67, num(2, 1))),
    ("field_missing", with_fact(68, information_shared(b"r" * 16))),
    ("value_out_of_range", with_fact(68, information_shared(b"r" * 16, 2, 1))),
    ("value_out_of_range", with_fact(68, bytes_(1, b"r" * 16) + released(2, 1, sections=(1, 0)))),
    ("too_many", with_fact(68, information_shared(b"r" * 16, *range(1, 258)))),
    ("field_missing", with_fact(69, b"")),
    ("field_unknown", with_fact(70, num(1, 1))),
    # erasure,
    ("field_missing", with_fact(73, b"")),
    ("enum_unspecified", with_fact(73, erased_class(0))),
    ("enum_unknown", with_fact(73, erased_class(4))),
    ("field_repeated", with_fact(73, erased_class(1) + erased_section(1, 1))),
    ("value_out_of_range", with_fact(73, erased_section(0, 1))),
    ("value_out_of_range", with_fact(73, erased_section(1, 32))),
    ("stream_kind_wrong", with_fact(73, erased_class(1), ACCESS)),
    ("field_missing", with_fact(74, b"", ACCESS)),
    ("field_missing", with_fact(76, b"")),
    # and of cases.
    ("length_wrong", with_fact(120, bytes_(1, HASH[:16]))),
    ("enum_unspecified", with_fact(121, ids(2, 1))),
    ("enum_unknown", with_fact(121, num(1, 6) + ids(2, 1))),
    ("field_missing", with_fact(121, num(1, 1))),
    ("too_many", with_fact(121, num(1, 1) + ids(2, 65))),
    ("value_out_of_range", with_fact(121, num(1, 1) + ids(2, 1) * 2)),
    ("field_missing", with_fact(122, released(2, 1))),
    ("value_out_of_range", with_fact(122, bytes_(1, b"p" * 16) + released(2, 1, 1))),
    ("too_many", with_fact(122, bytes_(1, b"p" * 16) + released(2, *range(1, 258)))),
    ("stream_kind_wrong", with_fact(123, b"", CASE)),
    ("stream_kind_wrong", with_fact(124, b"", ACCESS)),
    ("length_wrong", with_fact(127, bytes_(1, HASH))),
    ("length_wrong", with_fact(128, bytes_(1, HASH[:16]))),
    ("length_wrong", with_fact(129, bytes_(1, HASH[:16]))),
    ("enum_unspecified", with_fact(130, b"")),
    ("enum_unspecified", with_fact(131, b"")),
    ("field_missing", with_fact(132, b"")),
    *(
        (reason, with_fact(133, fact, stream=chunk(3, stream(ROOT, bytes(16)))))
        for reason, fact in [
            ("field_missing", inspection(b"", b"a" * 16)),
            ("too_many", inspection(ids(1, 65), b"a" * 16)),
            ("value_out_of_range", inspection(ids(1, 1) * 2, b"a" * 16)),
            ("value_out_of_range", inspection(ids(1, 1), b"a" * 16, ids(3, 1))),
            ("value_out_of_range", inspection(ids(1, 1), b"", ids(3, 1) * 2)),
            ("too_many", inspection(ids(1, 1), b"", ids(3, 201))),
            ("value_out_of_range", inspection(ids(1, 1), b"a" * 16, b"", 2, 1)),
            ("length_wrong", inspection(ids(1, 1), b"a" * 15)),
        ]
    ),
    ("length_wrong", with_fact(135, bytes_(1, b"h" * 17), COMPLAINT)),
    # Of the kinds of the procedure: those that hold next to nothing,
    *(("field_unknown", in_(kind, num(1, 1), where)) for kind, where in OF_NOTHING.items()),
    *(("field_missing", in_(kind, b"", where)) for kind, where in {**OF_A_HASH, **OF_AN_ID}.items()),
    *(
        ("length_wrong", in_(kind, bytes_(1, HASH[:16]), where))
        for kind, where in {**OF_A_HASH, **MAYBE_A_HASH}.items()
    ),
    *(("length_wrong", in_(kind, bytes_(1, HASH), where)) for kind, where in {**OF_AN_ID, **MAYBE_AN_ID}.items()),
    *(("enum_unspecified", in_(kind, b"", where)) for kind, where in OF_AN_AGE.items()),
    *(("enum_unknown", in_(kind, num(1, 6), where)) for kind, where in OF_AN_AGE.items()),
    *(("enum_unspecified", with_fact(kind, bytes_(1, HASH))) for kind in OF_A_HASH_AND_A_CODE),
    *(("field_missing", with_fact(kind, num(2, 1))) for kind in OF_A_HASH_AND_A_CODE),
    *(
        ("enum_unknown", with_fact(kind, bytes_(1, HASH) + num(2, most + 1)))
        for kind, most in OF_A_HASH_AND_A_CODE.items()
    ),
    *(
        ("stream_kind_wrong", in_(kind, b"", ACTOR if kind != 124 else ACCESS))
        for kind in [*OF_NOTHING, *MAYBE_A_HASH, *MAYBE_AN_ID]
    ),
    # signals,
    ("enum_unspecified", with_fact(110, num(1, 1) + ids(2, 1), SIGNAL)),
    ("enum_unspecified", with_fact(110, ids(2, 1) + num(3, 1), SIGNAL)),
    ("enum_unknown", with_fact(110, signal(ids(2, 1), 7), SIGNAL)),
    ("value_out_of_range", with_fact(110, signal(ids(2, 1) * 2), SIGNAL)),
    ("value_out_of_range", with_fact(110, signal(chunk(2, b"b" * 16) + chunk(2, b"a" * 16)), SIGNAL)),
    ("default_written", with_fact(110, signal(ids(2, 1)) + num(4, 0, True), SIGNAL)),
    ("field_missing", with_fact(111, b"", SIGNAL)),
    ("too_many", with_fact(111, b"".join(outcome(bytes([i] * 16), 2) for i in range(33)), SIGNAL)),
    ("value_out_of_range", with_fact(111, outcome(b"a" * 16, 2) * 2, SIGNAL)),
    ("value_out_of_range", with_fact(111, outcome(b"b" * 16, 2) + outcome(b"a" * 16, 2), SIGNAL)),
    ("value_out_of_range", with_fact(111, outcome(b"a" * 16, 1), SIGNAL)),
    ("value_out_of_range", with_fact(111, outcome(b"a" * 16, 2, 1), SIGNAL)),
    ("value_out_of_range", with_fact(111, outcome(b"a" * 16, 3), SIGNAL)),
    ("enum_unspecified", with_fact(111, outcome(b"a" * 16, 1, 0), SIGNAL)),
    ("enum_unspecified", with_fact(111, outcome(b"a" * 16, 2, age=0), SIGNAL)),
    ("enum_unspecified", with_fact(111, outcome(b"a" * 16, 0), SIGNAL)),
    ("enum_unknown", with_fact(111, outcome(b"a" * 16, 4, 1), SIGNAL)),
    ("length_wrong", with_fact(111, outcome(b"a" * 15, 2), SIGNAL)),
    # plans,
    ("enum_unspecified", with_fact(115, num(1, 1))),
    ("enum_unspecified", with_fact(151, num(2, 1))),
    ("value_out_of_range", with_fact(115, PLAN + commitment(b"b") + commitment(b"a"))),
    ("value_out_of_range", with_fact(151, PLAN + commitment(b"a") * 2)),
    ("value_out_of_range", with_fact(148, commitment(b"a", field=1) * 2)),
    ("value_out_of_range", with_fact(115, PLAN + commitment(b"a", -719_163))),
    ("value_out_of_range", with_fact(115, PLAN + commitment(b"a", 2_932_897))),
    ("field_missing", with_fact(115, PLAN + chunk(3, bytes_(1, b"a" * 16) + num(3, 2)))),
    ("length_wrong", with_fact(115, PLAN + chunk(3, bytes_(1, b"a" * 17) + bytes_(2, b"o" * 16)))),
    ("too_many", with_fact(115, PLAN + b"".join(commitment(bytes([i])) for i in range(65)))),
    ("field_missing", with_fact(147, b"")),
    ("too_many", with_fact(147, ids(1, 65))),
    ("value_out_of_range", with_fact(147, ids(1, 1) * 2)),
    # what was placed, decided, closed,
    ("enum_unspecified", with_fact(126, AGE)),
    ("enum_unknown", with_fact(126, num(1, 3) + num(2, 1))),
    ("enum_unspecified", with_fact(162, AGE)),
    ("enum_unknown", with_fact(162, num(1, 1) + num(2, 4))),
    ("enum_unspecified", with_fact(168, bytes_(1, HASH))),
    ("value_out_of_range", with_fact(168, num(2, 1) + num(3, zigzag(2_932_897)))),
    ("length_wrong", with_fact(168, bytes_(1, HASH[:31]) + num(2, 1))),
    ("enum_unspecified", with_fact(146, b"")),
    ("enum_unknown", with_fact(146, num(1, 4))),
    ("enum_unspecified", with_fact(172, b"")),
    ("enum_unspecified", with_fact(181, bytes_(1, HASH))),
    ("enum_unspecified", with_fact(118, num(2, 1))),
    ("value_out_of_range", with_fact(118, AGE + settled(b"b" * 32) + settled(b"a" * 32))),
    ("value_out_of_range", with_fact(118, AGE + settled(b"a" * 32) + settled(b"a" * 32, ANNA.actor))),
    ("field_missing", with_fact(118, AGE + chunk(3, bytes_(2, ANNA.actor)))),
    ("length_wrong", with_fact(118, AGE + settled(b"a" * 16))),
    ("length_wrong", with_fact(118, AGE + settled(b"a" * 32, HASH))),
    ("too_many", with_fact(118, AGE + b"".join(settled(bytes([i] * 32)) for i in range(65)))),
    # the procedure itself,
    ("field_missing", in_(16, b"", ROOT)),
    ("value_out_of_range", in_(16, profile(b"p" * 49_153), ROOT)),
    ("value_out_of_range", in_(16, profile(day=2_932_897), ROOT)),
    ("utf8_invalid", in_(16, profile(b"p\xff"), ROOT)),
    ("stream_kind_wrong", with_fact(16, profile())),
    ("field_missing", in_(17, refusals(), ROOT)),
    ("value_out_of_range", in_(17, refusals((2, 1), (1, 1)), ROOT)),
    ("value_out_of_range", in_(17, refusals((2, 1), (2, 1)), ROOT)),
    ("value_out_of_range", in_(17, refusals((0, 1)), ROOT)),
    ("value_out_of_range", in_(17, refusals((1, 0)), ROOT)),
    ("value_out_of_range", in_(17, refusals((1, 1), day=-719_163), ROOT)),
    ("too_many", in_(17, refusals(*((i, 1) for i in range(1, 258))), ROOT)),
    ("value_out_of_range", in_(184, missed(clock=0), CLOCKS)),
    ("field_missing", in_(184, missed(started_by=b""), CLOCKS)),
    ("length_wrong", in_(184, missed(started_by=b"s" * 16), CLOCKS)),
    ("field_missing", in_(184, missed(subject=b""), CLOCKS)),
    ("length_wrong", in_(184, missed(subject=b"t" * 33), CLOCKS)),
    ("enum_unspecified", in_(184, missed(0), CLOCKS)),
    ("enum_unknown", in_(184, missed(10), CLOCKS)),
    ("stream_kind_wrong", in_(184, missed(), CASE)),
    ("stream_kind_wrong", in_(184, missed(), SIGNAL)),
    ("value_out_of_range", with_fact(185, bytes_(2, HASH))),
    ("field_missing", with_fact(185, num(1, 1))),
    ("field_missing", in_(204, num(2, 2), ROOT)),
    ("value_out_of_range", in_(204, bytes_(1, HASH) + num(2, zigzag(2_932_897)), ROOT)),
    ("value_out_of_range", in_(206, num(1, zigzag(2_932_897)), CASE)),
    # and corrections.
    ("field_missing", with_fact(198, corrected(NOTE_FACT, event=b""))),
    ("length_wrong", with_fact(198, corrected(NOTE_FACT, event=b"e" * 31))),
    ("field_missing", with_fact(198, corrected())),
    ("field_missing", with_fact(198, corrected(b""))),
    ("value_out_of_range", with_fact(198, corrected(chunk(198, corrected(NOTE_FACT))))),
    ("value_out_of_range", with_fact(198, corrected(None, instant(0, 10**9)))),
    ("value_out_of_range", with_fact(198, corrected(None, None, 1, 0))),
    ("value_out_of_range", with_fact(198, corrected(None, None, 0, 0))),
    ("value_out_of_range", with_fact(198, corrected(None, None, 32))),
    ("not_packed", with_fact(198, bytes_(1, HASH) + num(4, 1))),
    ("enum_unspecified", with_fact(198, corrected(chunk(114, b"")))),
    ("field_unknown", with_fact(198, corrected(chunk(101, num(1, 1))))),
    ("field_unknown", with_fact(198, corrected(chunk(999, b"")))),
    ("field_repeated", with_fact(198, corrected(NOTE_FACT * 2))),
    ("stream_kind_wrong", with_fact(198, corrected(NOTE_FACT), ACTOR)),
]


class Statements(unittest.TestCase):
    def test_valid(self) -> None:
        for name, data in VALID.items():
            with self.subTest(name):
                verify.canonical(data, unknown_kinds=False)
                values = verify.decode(verify.STATEMENT, data, 0, len(data), False)
                self.assertEqual(encode(verify.STATEMENT, values), data)

    def test_invalid(self) -> None:
        for i, (reason, data) in enumerate(INVALID):
            with self.subTest(i, reason=reason), RefusedAs(self, reason):
                verify.canonical(data, unknown_kinds=False)

    def test_every_kind_is_among_the_valid(self) -> None:
        self.assertEqual({verify.canonical(data).kind for data in VALID.values()}, set(verify.KINDS))

    def test_the_table_of_kinds_is_the_protos(self) -> None:
        proto = (HERE.parents[1] / "proto/letopis/statement/v1/fact.proto").read_text()
        member = r"^    (\w+) \w+ = (\d+) \[\((?:[\w.]+\.)?kind\) = \{position: POSITION_(\w+), streams: \[([\d, ]+)\](.*)\}\];"
        listed = {
            int(number): (name, position == "EXCLUSIVE", tuple(map(int, streams.split(","))), "urgent: true" in rest)
            for name, number, position, streams, rest in re.findall(member, proto, re.MULTILINE)
        }
        here = {number: (kind.message.name, *kind[1:]) for number, kind in verify.KINDS.items()}
        self.assertEqual(here, listed)

    def test_the_messages_are_the_protos(self) -> None:
        """Numbers, names, types, presence, and how far each enum goes."""
        protos = (HERE.parents[1] / "proto/letopis/statement/v1").glob("*.proto")
        text = re.sub(r"//.*", "", "\n".join(path.read_text() for path in sorted(protos)))
        text = text.replace("oneof what {", "")  # its members stand as any others
        enums = {
            name: sorted(map(int, re.findall(r"= (\d+)", body)))
            for name, body in re.findall(r"^enum (\w+) \{(.*?)^\}", text, re.MULTILINE | re.DOTALL)
        }
        member = r"^ +(?:(repeated|optional) )?([\w.]+) (\w+) = (\d+)(?: \[.*\])?;"
        messages = {
            name: {
                int(number): (type_, field, how)
                for how, type_, field, number in re.findall(member, body, re.MULTILINE)
            }
            for name, body in re.findall(r"^message (\w+) \{(.*?)\}$", text, re.MULTILINE | re.DOTALL)
        }
        seen: dict[str, verify.Message] = {}
        waiting = [verify.STATEMENT]
        while waiting:
            message = waiting.pop()
            if message.name in seen:
                self.assertIs(seen[message.name], message)
                continue
            seen[message.name] = message
            if message is verify.FACT:
                waiting += [kind.message for kind in verify.KINDS.values()]
                continue
            listed = messages[message.name]
            self.assertEqual(set(message.fields), set(listed), message.name)
            for number, described in message.fields.items():
                type_, field, how = listed[number]
                with self.subTest(f"{message.name}.{field}"):
                    self.assertEqual((described.name, described.type.name), (field, type_))
                    self.assertEqual(bool(described.repeated), how == "repeated")
                    if isinstance(described.type, (verify.Number, verify.Enum)) and not message.oneof:
                        self.assertEqual(described.optional, how == "optional")
                    if isinstance(described.type, verify.Enum):
                        self.assertEqual(enums[type_], list(range(described.type.highest + 1)))
                    if isinstance(described.type, verify.Message):
                        waiting.append(described.type)
        self.assertEqual(set(seen) | {"Kind"}, set(messages) | {"Fact"})

    def test_corrections_of_corrections_do_not_nest_for_ever(self) -> None:
        nested = corrected(NOTE_FACT)
        for _ in range(3000):
            nested = corrected(chunk(198, nested))
            if len(nested) > 60_000:
                break
        for unknown_kinds in (True, False):
            with RefusedAs(self, "field_unknown"):
                verify.canonical(with_fact(198, nested), unknown_kinds)

    def test_every_reason_of_form_is_among_the_invalid(self) -> None:
        proto = (HERE.parents[1] / "proto/letopis/error/v1/error.proto").read_text()
        listed = {
            line.split(" = ")[0].strip().removeprefix("REASON_").lower()
            for line in proto.splitlines()
            if re.fullmatch(r" +REASON_\w+ = 1\d\d;", line)
        }
        self.assertEqual(len(listed), 21)
        self.assertEqual({reason for reason, _ in INVALID}, listed)

    def test_kind_not_known(self) -> None:
        statement = verify.canonical(parts(fact=chunk(10, chunk(999, b"whatever"))))
        self.assertEqual((statement.kind, statement.name, statement.fact), (999, "", None))
        self.assertEqual(verify.canonical(parts(fact=chunk(10, chunk(18, b"")))).kind, 18)
        # Also as what an event should have been; the correction itself is known.
        self.assertEqual(verify.canonical(with_fact(198, corrected(chunk(999, b"whatever")))).name, "EventCorrected")
        for fact in (chunk(999, b"") * 2, NOTE_FACT + chunk(999, b""), num(999, 1), chunk(998, b"") + chunk(999, b"")):
            self.assertFalse(accepts(verify.canonical, parts(fact=chunk(10, fact))))

    def test_whatever_is_accepted_is_as_it_would_be_written(self) -> None:
        """Statements changed at random: only ever refused, or accepted in their one encoding."""
        dice, accepted = random.Random(1), 0
        seeds = list(VALID.values())
        for _ in range(20000):
            data = bytearray(dice.choice(seeds))
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                at = dice.randrange(len(data))
                how = dice.randrange(4)
                if how == 0:
                    data[at] ^= 1 << dice.randrange(8)
                elif how == 1:
                    data[at] = dice.randrange(256)
                elif how == 2:
                    del data[at : at + dice.choice((1, 2, 18))]
                else:
                    data[at:at] = dice.choice((b"\0", b"\x80", b"\x80\0", bytes([dice.randrange(256)])))
                if not data:
                    break
            data = bytes(data)
            try:
                verify.canonical(data, unknown_kinds=False)
            except Refused:
                continue
            accepted += 1
            values = verify.decode(verify.STATEMENT, data, 0, len(data), False)
            self.assertEqual(encode(verify.STATEMENT, values), data)
        self.assertGreater(accepted, 1000)


# ====================================================================================== Records


class Records(TestCase):
    def test_a_small_record(self) -> None:
        book = with_case()
        report = self.verified(book, segments=[[1, 1], [2], [1]])
        self.assertEqual((report.trial, report.events, report.streams, report.segments), (True, 5, 3, 3))
        self.assertEqual((report.name, report.procedure, report.ledger), ("test.invalid", "bg", book.ledger.hex()))
        self.assertEqual(report.first_recorded_at, (NOW + 1) * SECOND)
        self.assertEqual(report.last_recorded_at, (NOW + 5) * SECOND)
        self.assertEqual(report.root, naive_root(book.links()).hex())
        self.assertEqual((report.unknown_kinds, report.notes, report.head_size), ({}, [], 5))

    def test_not_a_trial(self) -> None:
        self.assertFalse(self.verified(Book(trial=False)).trial)

    def test_every_flipped_byte_is_found(self) -> None:
        path = self.write(with_case(), segments=[[1, 1], [2, 1]], tail=8)
        verify.verify_data(path)
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            data = bytearray(file.read_bytes())
            name = str(file.relative_to(path))
            for at in range(len(data)):
                for bit in (1 << at % 8, 0xFF):
                    data[at] ^= bit
                    file.write_bytes(data)
                    with self.assertRaises(Fault, msg=f"{name}, byte {at}") as caught:
                        verify.verify_data(path)
                    data[at] ^= bit
                    # A changed ledger id in the mark shows where it is first compared.
                    if name != "letopis":
                        self.assertEqual(caught.exception.segment, name)
                        if file.suffix == ".segment":
                            self.assertLessEqual(caught.exception.offset, at)
            file.write_bytes(data)
        verify.verify_data(path)

    def test_every_flipped_byte_is_found_where_the_checksum_was_made_again(self) -> None:
        """Except in sealed sections: those bytes are outside of everything that is hashed."""
        book = with_case()
        path, (first, count) = self.write(book, segments=[[5]]), (0, 5)
        segment, whole, last = path / f"record/{0:020}.segment", book.frames(0, [5]), book.link_hash(4)
        sealed = set()
        for data in (data for event in book.events for data in event["sealed"]):
            at = whole.index(data)
            sealed.update(range(at, at + len(data)))
        before = segment.read_bytes()[:112]
        for at in range(96, len(whole)):
            body = bytearray(whole[96:])
            body[at - 96] ^= 1 << at % 8
            segment.write_bytes(before + frame(first, count, 0, last, bytes(body)))
            if at in sealed:
                verify.verify_data(path)
            else:
                with self.assertRaises(Fault, msg=at):
                    verify.verify_data(path)

    def test_every_cut_is_found(self) -> None:
        path = self.write(with_case(), segments=[[1, 1], [2, 1]], tail=0)
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            data = file.read_bytes()
            for length in range(len(data)):
                file.write_bytes(data[:length])
                with self.assertRaises(Fault, msg=f"{file.name} cut to {length}"):
                    verify.verify_data(path)
            file.unlink()
            with self.assertRaises(Fault):
                verify.verify_data(path)
            file.write_bytes(data)
        verify.verify_data(path)

    def test_places_are_right(self) -> None:
        book = with_case()
        path = self.write(book, segments=[[1, 1], [2, 1]])
        segment = path / f"record/{2:020}.segment"
        data = bytearray(segment.read_bytes())
        second = 112 + len(book.frames(2, [2]))
        data[second + 200] ^= 1
        segment.write_bytes(data)
        fault = self.assert_fault(path, "frame_checksum", 4)
        self.assertEqual((fault.segment, fault.offset), (f"record/{2:020}.segment", second))
        self.assertIsNone(fault.report.trial)

        book.events[3]["signatures"][0] = bytes(64)
        fault = self.assert_fault(self.write(book, segments=[[1, 1], [2, 1]]), "key_weak", 3)
        self.assertEqual(fault.offset, 112 + 96 + len(book.frames(2, [1])) - 96)
        self.assertTrue(fault.report.trial)

    # --- Files

    def changed(self, change, segments=((1, 1), (2, 1))) -> Path:
        path = self.write(with_case(), segments=[list(counts) for counts in segments])
        change(path)
        return path

    def test_torn_files(self) -> None:
        torn, acknowledged = f"record/torn-{5:020}", f"record/acknowledged-{5:020}"
        self.assert_fault(self.changed(lambda p: (p / torn).write_bytes(b"x")), "torn")
        report = verify.verify_data(self.changed(lambda p: (p / acknowledged).write_bytes(b"x")))
        self.assertEqual(len(report.notes), 1)
        report = verify.verify_data(self.changed(lambda p: (p / "record/clean").write_bytes(b"")))
        self.assertEqual(report.notes, [])

    def test_tail(self) -> None:
        last = f"record/{2:020}.segment"
        end = (self.changed(lambda p: None) / last).stat().st_size

        def append(data: bytes):
            return lambda p: (p / last).write_bytes((p / last).read_bytes() + data)

        verify.verify_data(self.changed(append(bytes(3 << 20))))
        fault = self.assert_fault(self.changed(append(bytes(2 << 20) + b"\0\1\0")), "tail", 5)
        self.assertEqual(fault.offset, end + (2 << 20) + 1)
        self.assert_fault(self.changed(append(b"LTPFRM1\n")), "tail", 5)
        book = with_case()
        whole_footer = footer(112, 5, book.link_hash(4))
        path = self.write(book, tail=0)
        last = path / f"record/{1:020}.segment"
        last.write_bytes(last.read_bytes() + whole_footer)
        self.assert_fault(path, "tail", 5)

    def test_a_torn_frame(self) -> None:
        def cut(path: Path) -> None:
            segment = path / f"record/{2:020}.segment"
            segment.write_bytes(segment.read_bytes().rstrip(b"\0")[:-30] + bytes(100))

        self.assert_fault(self.changed(cut), "frame_checksum", 4)

    def test_names_and_headers(self) -> None:
        first, second = f"record/{0:020}.segment", f"record/{2:020}.segment"
        self.assert_fault(self.changed(lambda p: (p / first).unlink()), "segment_order", 0)
        self.assert_fault(self.changed(lambda p: (p / second).unlink()), "tail", 2)
        self.assert_fault(self.changed(lambda p: (p / second).rename(p / "record/2.segment")), "segment_name")
        self.assert_fault(self.changed(lambda p: (p / second).rename(p / f"record/{3:020}.segment")), "segment_order")
        self.assert_fault(self.changed(lambda p: shutil.rmtree(p / "record")), "file_missing")
        self.assert_fault(self.changed(lambda p: (p / "letopis").unlink()), "file_missing")
        self.assert_fault(self.changed(lambda p: (p / "record/head").unlink()), "file_missing")
        self.assert_fault(
            self.changed(lambda p: (p / "letopis").write_bytes(b"letopis data 2\n" + b"0" * 64 + b"\n")), "marker"
        )
        self.assert_fault(
            self.changed(lambda p: (p / "letopis").write_bytes(b"letopis data 1\n" + b"0" * 64 + b"\n")),
            "ledger_wrong",
            0,
        )

        def header(first_sequence: int, ledger: bytes | None, previous: bytes | None):
            book = with_case()
            data = segment_header(first_sequence, ledger or book.ledger, previous or book.link_hash(1))
            return lambda p: (p / second).write_bytes(data + (p / second).read_bytes()[112:])

        verify.verify_data(self.changed(header(2, None, None)))
        self.assert_fault(self.changed(header(3, None, None)), "segment_order", 2)
        self.assert_fault(self.changed(header(2, HASH, None)), "ledger_wrong", 2)
        self.assert_fault(self.changed(header(2, None, HASH)), "header_previous", 2)
        wrong = segment_header(0, with_case().ledger, HASH)
        self.assert_fault(self.changed(lambda p: (p / first).write_bytes(wrong)), "header_previous", 0)

    def test_unreadable(self) -> None:
        def folder_instead(path: Path) -> None:
            (path / f"record/{2:020}.segment").unlink()
            (path / f"record/{2:020}.segment").mkdir()

        self.assert_fault(self.changed(folder_instead), "unreadable")

    def test_no_segment(self) -> None:
        def empty(path: Path) -> None:
            for segment in (path / "record").glob("*.segment"):
                segment.unlink()

        self.assert_fault(self.changed(empty), "file_missing", 0)

    def test_no_event(self) -> None:
        path = self.changed(lambda p: (p / f"record/{2:020}.segment").unlink())
        (path / f"record/{0:020}.segment").write_bytes(segment_header(0, with_case().ledger, bytes(32)) + bytes(9))
        self.assert_fault(path, "genesis", 0)

    def test_a_new_segment_without_events(self) -> None:
        book = with_case()
        path = self.write(book, segments=[[1, 4]], tail=0)
        first = path / f"record/{0:020}.segment"
        data = first.read_bytes()
        first.write_bytes(data + footer(len(data), 5, book.link_hash(4)))
        (path / f"record/{5:020}.segment").write_bytes(segment_header(5, book.ledger, book.link_hash(4)) + bytes(9))
        self.assertEqual(verify.verify_data(path).segments, 2)

    def test_footers(self) -> None:
        first = f"record/{0:020}.segment"
        book = with_case()
        at = 112 + len(book.frames(0, [1, 1]))

        def replaced(data: bytes):
            return lambda p: (p / first).write_bytes((p / first).read_bytes()[:at] + data)

        right = footer(at, 2, book.link_hash(1))
        verify.verify_data(self.changed(replaced(right)))
        wrong = [
            footer(at + 1, 2, book.link_hash(1)),
            footer(at, 3, book.link_hash(1)),
            footer(at, 2, book.link_hash(0)),
        ]
        for data in wrong:
            self.assert_fault(self.changed(replaced(data)), "footer", 2)
        self.assert_fault(self.changed(replaced(right + b"\0")), "footer_length", 2)
        self.assert_fault(self.changed(replaced(b"")), "footer_length", 2)
        self.assert_fault(self.changed(replaced(bytes(88))), "footer_magic", 2)

    def test_frames(self) -> None:
        book = with_case()
        path = self.write(book, segments=[[5]])
        segment = path / f"record/{0:020}.segment"
        whole = book.frames(0, [5])
        body, last, header = whole[96:], book.link_hash(4), segment_header(0, book.ledger, bytes(32))

        def assert_frame(reason: str, *fields) -> None:
            segment.write_bytes(header + frame(*fields) + bytes(20))
            self.assert_fault(path, reason)

        assert_frame("frame_order", 1, 5, 0, last, body)
        assert_frame("frame_count", 0, 0, 0, last, b"")
        assert_frame("frame_durable", 0, 5, 1, last, body)
        assert_frame("frame_last_link", 0, 5, 0, book.link_hash(3), body)
        # With the head file that such a log would have, so that the body is looked at.
        (path / "record/head").write_bytes(book.checkpoint(3))
        assert_frame("frame_body", 0, 4, 0, last, body)
        assert_frame("frame_body", 0, 6, 0, last, body)
        assert_frame("frame_body", 0, 5, 0, last, body + b"\0")
        assert_frame("frame_body", 0, 5, 0, last, body[:-1])
        far = bytearray(whole)
        far[20:24] = b"\xff" * 4
        segment.write_bytes(header + far)
        self.assert_fault(path, "frame_length", 0)

    def test_a_damaged_length_reserves_no_memory(self) -> None:
        class Counting(io.BytesIO):
            largest = 0

            def read(self, length: int = -1) -> bytes:
                self.largest = max(self.largest, length)
                return super().read(length)

        data = bytearray(with_case().frames(0, [5]))
        data[20:24] = b"\xff" * 4
        file = Counting(data)
        with RefusedAs(self, "frame_length"):
            list(verify.read_frames(file, len(data)))
        self.assertEqual(file.largest, 96)

    # --- The head file, and an earlier checkpoint

    def test_head_file(self) -> None:
        book = with_case()

        def head(data: bytes) -> Path:
            path = self.write(book)
            (path / "record/head").write_bytes(data)
            return path

        for size in range(6):
            self.assertEqual(verify.verify_data(head(book.checkpoint(size))).head_size, size)
        cosigned = book.checkpoint() + note("x\n", "witness.invalid", BORIS).split(b"\n\n")[1]
        verify.verify_data(head(cosigned))
        self.assert_fault(head(book.checkpoint(6)), "rolled_back", 5)
        self.assert_fault(head(book.checkpoint(4, root=naive_root(book.links()))), "root")
        self.assert_fault(head(book.checkpoint(origin="test.invalid/" + "0" * 64)), "checkpoint")
        self.assert_fault(
            head(note(f"x\n5\n{b64(HASH)}\n", f"test.invalid/{book.ledger.hex()}", BORIS)), "note_signature"
        )
        book.checkpoint_key = book.statement_key
        self.assert_fault(head(book.checkpoint()), "note_signature")

    def test_rolled_back(self) -> None:
        """The record is cut back to an earlier state that is right in itself."""
        book = with_case()
        head = book.checkpoint()
        book.events.pop()
        path = self.write(book)
        verify.verify_data(path)
        (path / "record/head").write_bytes(head)
        self.assert_fault(path, "rolled_back", 4)

    def test_another_history_under_the_same_keys(self) -> None:
        earlier = with_case().checkpoint()
        book = with_anna()
        book.add(100, A_CASE, case_opened(bytes([9] * 16)), [ANNA])
        book.add(101, A_CASE, b"", [ANNA])
        path = self.write(book)
        verify.verify_data(path)
        verify.verify_data(path, checkpoint=with_anna().checkpoint())
        self.assert_fault(path, "root", checkpoint=earlier)
        book.events.pop()
        self.assert_fault(self.write(book), "rolled_back", checkpoint=earlier)

    # --- Links

    def test_links(self) -> None:
        for reason, change in {
            "link_sequence": {"sequence": 7},
            "link_previous": {"previous": HASH},
            "link_time": {"recorded_at": NOW * SECOND},
            "statement_hash": {"statement_hash": HASH},
            "signatures_hash": {"signatures_hash": HASH},
        }.items():
            with self.subTest(reason):
                book = with_case()
                book.add(101, A_CASE, b"", [ANNA], **change)
                self.assert_last_refused(book, reason)

    def test_the_same_time_twice(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], recorded_at=book.now)
        self.verified(book)

    # --- Statements, signatures, sections

    def test_statement_that_is_not_canonical(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA])
        fields = book.events.pop()["statement"]
        ledger, rest = fields[:34], fields[34:]
        for reason, statement in {
            "field_order": rest[:18] + ledger + rest[18:],
            "field_unknown": fields + num(11, 1),
            "field_repeated": ledger + ledger + rest,
            "varint_not_minimal": b"\x0a\xa0\x00" + fields[2:],
            "field_missing": rest,
        }.items():
            with self.subTest(reason):
                book = with_case()
                book.add(101, A_CASE, b"", [ANNA], statement=statement)
                self.assert_last_refused(book, reason)

    def test_signatures(self) -> None:
        for reason, signatures in {
            "signature_missing": [],
            "signature_extra": [ANNA.sign(b"x")] * 2,
            "signature_invalid": [ANNA.sign(b"x")],
            "key_weak": [bytes([1] + [0] * 63)],
        }.items():
            with self.subTest(reason):
                book = with_case()
                book.add(101, A_CASE, b"", [ANNA], signatures=signatures)
                self.assert_last_refused(book, reason)

    def test_sealed_sections(self) -> None:
        for reason, sealed in {"section_missing": 1, "section_extra": 3}.items():
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], sections=[section()] * 2, sealed=sealed)
            self.assert_last_refused(book, reason)

    def test_ledger(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], ledger=HASH)
        self.assert_last_refused(book, "ledger_wrong")

    # --- The genesis

    def test_genesis_is_first_and_only(self) -> None:
        book = with_case()
        fact = genesis_fact(book.registrars, book.statement_key, book.checkpoint_key)
        everyone = [(pair, None) for pair in [*book.registrars, book.statement_key, book.checkpoint_key]]
        book.add(1, (ROOT, bytes(16)), fact, everyone, ledger=None, event_id=uuid7("x"), seen=None)
        self.assert_last_refused(book, "genesis")
        book = with_case()
        del book.events[0]
        for i, event in enumerate(book.events):
            event["sequence"] = i
        self.assert_fault(self.write(book), "genesis", 0)

    def test_genesis_signers(self) -> None:
        whole = Book()
        keys = [*whole.registrars, whole.statement_key, whole.checkpoint_key]
        for reason, book in {
            "holder_missing": Book(signers=keys[:-1]),
            "key_unknown": Book(signers=[*keys, ANNA]),
            "grant_unknown": Book(signers=[*keys[1:], (keys[0], HASH)]),
            "seen_unknown": Book(seen=(1, HASH)),
        }.items():
            with self.subTest(reason):
                self.assert_last_refused(book, reason)

    # --- Keys

    def test_enrolment_takes_two_registrars_and_the_key(self) -> None:
        anna = (ACTOR, ANNA.actor)
        r = Book().registrars
        for reason, signers in {
            "registrars_missing": [r[0], (ANNA, None)],
            "holder_missing": r[:2],
            "grant_unknown": [*r[:2], (ANNA, HASH)],
            "grant_missing": [*r[:2], (r[2], None), (ANNA, None)],
            "key_unknown": [*r[:2], (ANNA, None), (Pair("x", r[2].actor), Book().genesis)],
            "actor_unknown": [*r[:2], (Pair("anna", BORIS.actor), None)],
        }.items():
            with self.subTest(reason):
                book = Book()
                book.add(2, anna, actor_enrolled(ANNA), signers)
                self.assert_last_refused(book, reason)

    def test_actors_are_enrolled_once(self) -> None:
        book = with_anna()
        other = Pair("other", ANNA.actor)
        book.add(2, (ACTOR, ANNA.actor), actor_enrolled(other), [*book.registrars[:2], (other, None)])
        self.assert_last_refused(book, "actor_already_enrolled")
        book = Book()
        other = Pair("other", book.registrars[2].actor)
        book.add(2, (ACTOR, other.actor), actor_enrolled(other), [*book.registrars[:2], (other, None)])
        self.assert_last_refused(book, "actor_already_enrolled")

    def test_keys_are_enrolled_once(self) -> None:
        book = with_anna()
        thief = Pair("anna", BORIS.actor)
        book.add(2, (ACTOR, BORIS.actor), actor_enrolled(thief), [*book.registrars[:2], (thief, None)])
        self.assert_last_refused(book, "key_already_enrolled")
        book = with_anna()
        book.add(4, (ACTOR, ANNA.actor), bytes_(1, ANNA.public), [book.registrars[0]])
        book.add(3, (ACTOR, ANNA.actor), key_enrolled(ANNA), [*book.registrars[:2], (ANNA, None)])
        self.assert_last_refused(book, "key_already_enrolled")

    def test_a_torsioned_key_is_not_enrolled(self) -> None:
        torsion = verify.decompress(verify.Y8.to_bytes(32, "little"))
        x, y, z, _ = verify.add(verify.decompress(ANNA.public), torsion)
        x, y = x * pow(z, -1, verify.P) % verify.P, y * pow(z, -1, verify.P) % verify.P
        with RefusedAs(self, "key_torsioned"):
            pair = Pair("anna")
            pair.public = (y | (x & 1) << 255).to_bytes(32, "little")
            registry, statement = verify.Registry(), verify.canonical(
                with_fact(2, actor_enrolled(pair), ACTOR, seen=b"")
            )
            registry.check(statement, False, 0, 0)

    def further_key(self, holder: bool, use: int = 1) -> tuple[Book, Pair]:
        book = with_anna()
        key = Pair("second", ANNA.actor)
        signers = [*book.registrars[:2], (key, None)] + ([ANNA] if holder else [])
        book.add(3, (ACTOR, ANNA.actor), key_enrolled(key, use), signers)
        return book, key

    def test_further_key(self) -> None:
        book, key = self.further_key(holder=True)
        book.add(100, A_CASE, case_opened(), [key])
        self.verified(book)

    def test_further_key_without_the_holder_waits_72_hours(self) -> None:
        book, key = self.further_key(holder=False)
        book.add(100, A_CASE, case_opened(), [key], recorded_at=book.now + 72 * 3600 * SECOND - 1)
        self.assert_last_refused(book, "key_not_in_force")
        book, key = self.further_key(holder=False)
        book.add(100, A_CASE, case_opened(), [key], recorded_at=book.now + 72 * 3600 * SECOND)
        self.verified(book)

    def test_a_token_key_signs_no_statement(self) -> None:
        book, key = self.further_key(holder=True, use=2)
        book.add(100, A_CASE, case_opened(), [key])
        self.assert_last_refused(book, "key_unknown")
        book = with_anna()
        book.add(100, A_CASE, case_opened(), [ANNA, (book.checkpoint_key, book.genesis)])
        self.assert_last_refused(book, "key_unknown")

    def test_further_key_of_an_actor_that_is_not_enrolled(self) -> None:
        book = Book()
        book.add(3, (ACTOR, ANNA.actor), key_enrolled(ANNA), [*book.registrars[:2], (ANNA, None)])
        self.assert_last_refused(book, "actor_unknown")

    def test_further_key_of_a_registrar_of_the_genesis(self) -> None:
        book = Book()
        third = book.registrars[2]
        key = Pair("third's second", third.actor)
        book.add(3, (ACTOR, third.actor), key_enrolled(key), [*book.registrars[:2], third, (key, None)])
        enrol_signers = [book.registrars[0], key, (ANNA, None)]
        book.add(2, (ACTOR, ANNA.actor), actor_enrolled(ANNA), enrol_signers)
        self.verified(book)

    def test_a_registrar_does_not_count_for_itself(self) -> None:
        book = Book()
        third = book.registrars[2]
        key = Pair("third's second", third.actor)
        book.add(3, (ACTOR, third.actor), key_enrolled(key), [book.registrars[0], third, (key, None)])
        self.assert_last_refused(book, "registrars_missing")

    def test_one_registrar_with_two_keys_is_one(self) -> None:
        book = Book()
        third = book.registrars[2]
        key = Pair("third's second", third.actor)
        book.add(3, (ACTOR, third.actor), key_enrolled(key), [*book.registrars[:2], third, (key, None)])
        book.add(2, (ACTOR, ANNA.actor), actor_enrolled(ANNA), [third, key, (ANNA, None)])
        self.assert_last_refused(book, "registrars_missing")

    def test_revoked_key(self) -> None:
        for by_registrar in (True, False):
            book = with_case()
            signer = book.registrars[0] if by_registrar else ANNA
            book.add(4, (ACTOR, ANNA.actor), bytes_(1, ANNA.public), [signer])
            book.add(101, A_CASE, b"", [ANNA])
            self.assert_last_refused(book, "key_not_in_force")

    def test_what_ended_does_not_end_again(self) -> None:
        for kind, reason in {4: "key_not_in_force", 6: "grant_not_in_force"}.items():
            book = with_case()
            fact = bytes_(1, ANNA.public if kind == 4 else book.grants[ANNA.actor])
            for _ in range(2):
                book.add(kind, (ACTOR, ANNA.actor), fact, [book.registrars[0]])
            self.assert_last_refused(book, reason)

    def test_a_key_can_be_revoked_before_it_is_in_force(self) -> None:
        book, key = self.further_key(holder=False)
        book.add(4, (ACTOR, ANNA.actor), bytes_(1, key.public), [ANNA])
        self.verified(book)

    def test_revoking(self) -> None:
        book = with_case()
        enrol(book, BORIS, 8)
        book.add(4, (ACTOR, ANNA.actor), bytes_(1, ANNA.public), [BORIS])
        self.assert_last_refused(book, "role_wrong")
        book = with_case()
        enrol(book, BORIS, 8)
        book.add(4, (ACTOR, BORIS.actor), bytes_(1, ANNA.public), [BORIS])
        self.assert_last_refused(book, "key_unknown")
        book = with_anna()
        book.add(4, (ACTOR, BORIS.actor), bytes_(1, ANNA.public), [book.registrars[0]])
        self.assert_last_refused(book, "actor_unknown")

    def test_revoking_a_registrars_key_takes_two_others_or_the_registrar(self) -> None:
        for signers, good in ([1], False), ([1, 2], True), ([0], True):
            book = with_case()
            registrar = book.registrars[0]
            fact = bytes_(1, registrar.public)
            book.add(4, (ACTOR, registrar.actor), fact, [book.registrars[i] for i in signers])
            if good:
                self.verified(book)
            else:
                self.assert_last_refused(book, "registrars_missing")

    # --- Roles

    def test_granting_takes_two_registrars(self) -> None:
        for signers in ([0], [0, 0]):
            book = with_anna()
            chosen = [book.registrars[i] for i in dict.fromkeys(signers)] + ([ANNA] if len(signers) > 1 else [])
            book.add(5, (ACTOR, ANNA.actor), role_granted(3), chosen)
            self.assert_last_refused(book, "registrars_missing")

    def test_a_granted_registrar(self) -> None:
        book = Book()
        enrol(book, ANNA, 1)
        book.add(2, (ACTOR, BORIS.actor), actor_enrolled(BORIS), [ANNA, book.registrars[0], (BORIS, None)])
        self.verified(book)

    def test_who_opens_a_case(self) -> None:
        for role in range(1, 16):
            book = Book()
            enrol(book, ANNA, role)
            book.add(100, A_CASE, case_opened(), [ANNA])
            if role in (2, 3, 6):
                self.verified(book)
            else:
                self.assert_last_refused(book, "role_wrong")

    def test_grants(self) -> None:
        for reason, named in {"grant_missing": None, "grant_unknown": HASH}.items():
            book = with_anna()
            book.add(100, A_CASE, case_opened(), [(ANNA, named)])
            self.assert_last_refused(book, reason)
        book = with_anna()
        book.add(100, A_CASE, case_opened(), [(ANNA, book.genesis)])
        self.assert_last_refused(book, "grant_unknown")
        book = with_anna()
        theirs = book.grants[ANNA.actor]
        enrol(book, BORIS, 8)
        book.add(100, A_CASE, case_opened(), [(BORIS, theirs)])
        self.assert_last_refused(book, "grant_unknown")

    def test_terms(self) -> None:
        start = NOW + 1000

        def opened(at: int) -> Book:
            book = Book()
            enrol(book, ANNA, None)
            grant(book, ANNA, 2, since=start, until=start + 10)
            book.add(100, A_CASE, case_opened(), [ANNA], recorded_at=at)
            return book

        self.assert_last_refused(opened(start * SECOND - 1), "grant_not_in_force")
        self.verified(opened(start * SECOND))
        self.verified(opened((start + 10) * SECOND - 1))
        self.assert_last_refused(opened((start + 10) * SECOND), "grant_not_in_force")

    def test_ended_role(self) -> None:
        for by_registrar in (True, False):
            book = with_case()
            signer = book.registrars[0] if by_registrar else ANNA
            book.add(6, (ACTOR, ANNA.actor), bytes_(1, book.grants[ANNA.actor]), [signer])
            book.add(101, A_CASE, b"", [ANNA])
            self.assert_last_refused(book, "grant_not_in_force")

    def test_ending(self) -> None:
        book = with_case()
        enrol(book, BORIS, 8)
        book.add(6, (ACTOR, ANNA.actor), bytes_(1, book.grants[ANNA.actor]), [BORIS])
        self.assert_last_refused(book, "role_wrong")
        book = with_case()
        enrol(book, BORIS, 8)
        book.add(6, (ACTOR, BORIS.actor), bytes_(1, book.grants[ANNA.actor]), [BORIS])
        self.assert_last_refused(book, "grant_unknown")

    def test_ending_a_registrar_takes_two_others(self) -> None:
        def ended(*signers: int) -> Book:
            book = Book()
            third = (ACTOR, book.registrars[2].actor)
            book.add(6, third, bytes_(1, book.genesis), [book.registrars[i] for i in signers])
            return book

        self.assert_last_refused(ended(0), "registrars_missing")
        self.assert_last_refused(ended(2), "registrars_missing")
        self.assert_last_refused(ended(0, 2), "registrars_missing")
        book = ended(0, 1)
        self.verified(book)
        book.add(2, (ACTOR, ANNA.actor), actor_enrolled(ANNA), [book.registrars[0], book.registrars[2], (ANNA, None)])
        self.assert_last_refused(book, "grant_not_in_force")

    # --- Who else signs what

    def test_reading_is_the_ledgers_alone(self) -> None:
        access = (ACCESS, A_CASE[1])
        book = with_case()
        book.add(60, access, sections_read(ANNA.actor), [book.statement_key])
        self.verified(book)
        for others in ([ANNA], [ANNA, book.statement_key]):
            book = with_case()
            book.add(60, access, sections_read(ANNA.actor), others)
            self.assert_last_refused(book, "ledger_kind")

    def test_the_ledger_alone_writes_no_note(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [book.statement_key])
        self.assert_last_refused(book, "role_wrong")
        book = with_case()
        book.add(101, A_CASE, b"", [book.statement_key, ANNA])
        self.verified(book)

    def test_importing_takes_a_registrar(self) -> None:
        fact = num(1, 1) + chunk(2, instant())
        book = with_case()
        book.add(40, A_CASE, fact, [book.registrars[2]])
        self.verified(book)
        book = with_case()
        book.add(40, A_CASE, fact, [ANNA])
        self.assert_last_refused(book, "role_wrong")

    def test_every_signer_named_must_hold(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA, (BORIS, HASH)])
        self.assert_last_refused(book, "actor_unknown")

    def test_the_other_kinds(self) -> None:
        book = with_anna()
        a_signal = (SIGNAL, random_bytes("signal", 16))
        book.add(110, a_signal, signal(ids(2, 1)), [ANNA])
        book.add(111, a_signal, outcome(b"c" * 16, 1, 1), [ANNA])
        book.add(100, A_CASE, case_opened(), [ANNA])
        for kind, fact in {113: AGE, 114: AGE, 115: PLAN, 116: b"", 117: AGE, 118: AGE}.items():
            book.add(kind, A_CASE, fact, [ANNA])
        self.assertEqual(self.verified(book).events, 12)

    # --- Kinds not known here

    def test_kinds_not_known(self) -> None:
        book = with_case()
        book.add(999, A_CASE, b"of a later version", [ANNA])
        book.add(999, A_CASE, b"", [ANNA], seen=(1, book.heads[A_CASE][1]))
        book.add(18, (ACTOR, ANNA.actor), b"", [book.registrars[0]])
        self.assertEqual(self.verified(book).unknown_kinds, {999: 2, 18: 1})
        for reason, change in {
            "seen_unknown": {"seen": (1, HASH)},
            "event_id_taken": {"event_id": uuid7(3)},
            "reference_unknown": {"references": [(*A_CASE, HASH)]},
            "signature_invalid": {"signatures": [ANNA.sign(b"")]},
        }.items():
            book = with_case()
            book.add(999, A_CASE, b"", [ANNA], **change)
            self.assert_last_refused(book, reason)

    # --- Positions

    def test_exclusive(self) -> None:
        first = with_case().heads[A_CASE][1]
        for reason, seen in {"seen_stale": (1, first), "seen_missing": None, "seen_unknown": (2, first)}.items():
            with self.subTest(reason):
                book = with_case()
                book.add(113, A_CASE, AGE, [ANNA], seen=seen)
                self.assert_last_refused(book, reason)
        book = with_case()
        book.add(113, A_CASE, AGE, [ANNA])
        self.verified(book)

    def test_additive(self) -> None:
        heads = with_case().heads[A_CASE]
        for seen in (None, (1, heads[1]), (2, heads[2])):
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], seen=seen)
            self.verified(book)
        for seen in ((3, heads[2]), (1, heads[2]), (2, heads[1]), (2**64 - 1, heads[1])):
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], seen=seen)
            self.assert_last_refused(book, "seen_unknown")

    def test_seen_on_a_stream_that_does_not_exist(self) -> None:
        book = with_anna()
        book.add(100, A_CASE, case_opened(), [ANNA], seen=(1, HASH))
        self.assert_last_refused(book, "seen_unknown")

    def test_event_ids(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], event_id=uuid7(3))
        self.assert_last_refused(book, "event_id_taken")
        book = with_case()
        book.add(100, (CASE, b"o" * 16), case_opened(), [ANNA], event_id=uuid7(3))
        self.verified(book)

    def test_references(self) -> None:
        book = with_case()
        opened = book.events[3]["statement_hash"]
        for stream_id in ((CASE, b"o" * 16), (ACTOR, ANNA.actor), (4, A_CASE[1])):
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], references=[(*A_CASE, opened), (*stream_id, opened)])
            self.assert_last_refused(book, "reference_unknown")
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], references=[(ROOT, bytes(16), book.genesis), (*A_CASE, opened)])
        self.verified(book)


# ============================================================================ Keys, roles, grants


HEAD, DIRECTOR, OFFICER = Pair("head"), Pair("director"), Pair("officer")  # invented, too
SUPERIOR, AUDITOR = Pair("superior"), Pair("auditor")
STAFF = {HEAD: 3, DIRECTOR: 4, SUPERIOR: 7, OFFICER: 12, AUDITOR: 13}
HOUR, DAY = 3600, 24 * 3600


def of(pair: Pair) -> tuple[int, bytes]:
    """The actor's stream."""
    return (ACTOR, pair.actor)


def with_staff(*pairs: Pair) -> Book:
    """`with_case`, and these enrolled in their roles."""
    book = with_case()
    for pair in pairs:
        enrol(book, pair, STAFF.get(pair, 8))
    return book


def second_key(book: Book, pair: Pair, use: int = 1) -> Pair:
    key = Pair(f"second of {pair.actor.hex()}", pair.actor)
    book.add(3, of(pair), key_enrolled(key, use), [*book.registrars[:2], (key, None), pair])
    return key


class KeysAndRoles(TestCase):
    # --- Keys

    def test_rotated_key(self) -> None:
        for signers, reason in [
            ([0, 1, "new", "old"], None),
            ([0, 1, "new"], None),
            ([0, "new", "old"], "registrars_missing"),
            ([0, 1, "old"], "holder_missing"),
            ([0, 1, "new with a grant"], "grant_unknown"),
        ]:
            book, new = with_case(), Pair("new", ANNA.actor)
            pairs = {"new": (new, None), "old": ANNA, "new with a grant": (new, HASH)}
            chosen = [book.registrars[s] if isinstance(s, int) else pairs[s] for s in signers]
            book.add(7, of(ANNA), key_rotated(new, ANNA), chosen)
            with self.subTest(signers):
                self.assert_last_refused(book, reason) if reason else self.verified(book)

    def test_when_rotated_keys_are_in_force(self) -> None:
        """The old one no longer at once, also while the new one still waits."""
        wait = 72 * HOUR * SECOND
        for by_holder, signer, after, reason in (
            (True, "old", SECOND, "key_not_in_force"),
            (True, "new", SECOND, None),
            (False, "old", SECOND, "key_not_in_force"),
            (False, "new", wait - 1, "key_not_in_force"),
            (False, "new", wait, None),
        ):
            book, new = with_case(), Pair("new", ANNA.actor)
            signers = [*book.registrars[:2], (new, None)] + ([ANNA] if by_holder else [])
            book.add(7, of(ANNA), key_rotated(new, ANNA), signers)
            marked = [] if by_holder else [5]
            self.assertEqual(self.verified(book).marks[verify.WITHOUT_THE_HOLDER], marked)
            book.add(101, A_CASE, b"", [new if signer == "new" else ANNA], recorded_at=book.now + after)
            with self.subTest((by_holder, signer, after)):
                self.assert_last_refused(book, reason) if reason else self.verified(book)

    def test_what_rotation_may_replace(self) -> None:
        def rotated(replaces: Pair, use: int = 1, before=lambda book: None) -> Book:
            book, new = with_case(), Pair("new", ANNA.actor)
            before(book)
            book.add(7, of(ANNA), key_rotated(new, replaces, use), [*book.registrars[:2], (new, None)])
            return book

        self.assert_last_refused(rotated(BORIS), "key_unknown")
        self.assert_last_refused(rotated(Book().registrars[0]), "key_unknown")
        self.assert_last_refused(rotated(Pair("new", ANNA.actor)), "value_out_of_range")
        self.assert_last_refused(rotated(ANNA, use=2), "key_not_in_force")
        self.assert_last_refused(rotated(ANNA, before=lambda b: revoke(b, ANNA)), "key_not_in_force")
        self.verified(rotated(ANNA, before=lambda b: b.add(8, of(ANNA), bytes_(1, ANNA.public), [ANNA])))
        book, newer = rotated(ANNA), Pair("newer", ANNA.actor)
        book.add(7, of(ANNA), key_rotated(newer, ANNA), [*book.registrars[:2], (newer, None)])
        self.assert_last_refused(book, "key_not_in_force")

    def test_rotating_a_token_key(self) -> None:
        book = with_case()
        old = second_key(book, ANNA, use=2)
        new = Pair("new", ANNA.actor)
        book.add(7, of(ANNA), key_rotated(new, old, 2), [*book.registrars[:2], ANNA, (new, None)])
        book.add(101, A_CASE, b"", [ANNA])
        self.verified(book)
        book.add(101, A_CASE, b"", [(new, book.grants[ANNA.actor])])
        self.assert_last_refused(book, "key_unknown")

    def test_suspended_and_reinstated_key(self) -> None:
        def suspended() -> Book:
            book = with_case()
            book.add(8, of(ANNA), bytes_(1, ANNA.public), [(ANNA, None)])
            return book

        book = suspended()
        book.add(101, A_CASE, b"", [ANNA])
        self.assert_last_refused(book, "key_not_in_force")
        book = suspended()
        book.add(8, of(ANNA), bytes_(1, ANNA.public), [book.registrars[0]])
        self.assert_last_refused(book, "not_in_force")
        book = suspended()
        book.add(9, of(ANNA), bytes_(1, ANNA.public), [book.registrars[0]])
        self.assert_last_refused(book, "registrars_missing")
        book = suspended()
        book.add(9, of(ANNA), bytes_(1, ANNA.public), book.registrars[:2])
        book.add(101, A_CASE, b"", [ANNA])
        book.add(8, of(ANNA), bytes_(1, ANNA.public), [ANNA])
        self.verified(book)
        book = with_case()
        book.add(9, of(ANNA), bytes_(1, ANNA.public), book.registrars[:2])
        self.assert_last_refused(book, "not_in_force")
        # What was revoked is suspended no more, and does not come back.
        book = suspended()
        revoke(book, ANNA)
        book.add(9, of(ANNA), bytes_(1, ANNA.public), book.registrars[:2])
        self.assert_last_refused(book, "not_in_force")
        book = with_case()
        revoke(book, ANNA)
        book.add(8, of(ANNA), bytes_(1, ANNA.public), [book.registrars[0]])
        self.assert_last_refused(book, "not_in_force")

    def test_who_revokes_suspends_and_reports_a_compromise(self) -> None:
        for kind in (4, 8, 10):
            for signer, reason in ((BORIS, "role_wrong"), (None, None), (ANNA, None), ((ANNA, None), None)):
                book = with_staff(BORIS)
                fact = bytes_(1, ANNA.public)
                book.add(kind, of(ANNA), fact, [signer or book.registrars[0]])
                with self.subTest((kind, reason)):
                    self.assert_last_refused(book, reason) if reason else self.verified(book)
            for signers, good in ([1], False), ([1, 2], True), ([0], True):
                book = Book()
                registrar = book.registrars[0]
                chosen = [book.registrars[i] for i in signers]
                book.add(kind, of(registrar), bytes_(1, registrar.public), chosen)
                with self.subTest((kind, signers)):
                    self.verified(book) if good else self.assert_last_refused(book, "registrars_missing")

    def test_whoever_has_no_role_left_gives_up_a_key(self) -> None:
        """Without a grant, but only in the own stream and for what narrows the own power."""
        for kind, fact in ((4, bytes_(1, ANNA.public)), (8, bytes_(1, ANNA.public)), (10, bytes_(1, ANNA.public))):
            book = with_case()
            book.add(6, of(ANNA), bytes_(1, book.grants[ANNA.actor]), [(ANNA, None)])
            book.add(kind, of(ANNA), fact, [(ANNA, None)])
            self.verified(book)
        book = with_staff(BORIS)
        book.add(4, of(ANNA), bytes_(1, ANNA.public), [(BORIS, None)])
        self.assert_last_refused(book, "grant_missing")
        book, second = with_case(), Pair("second", ANNA.actor)
        book.add(3, of(ANNA), key_enrolled(second), [*book.registrars[:2], (second, None), (ANNA, None)])
        self.assert_last_refused(book, "grant_missing")
        book = with_case()
        book.add(4, of(ANNA), bytes_(1, ANNA.public), [(ANNA, HASH)])
        self.assert_last_refused(book, "grant_unknown")
        # A registrar's own power to give up the role is not in its hands alone.
        book = Book()
        registrar = book.registrars[0]
        book.add(6, of(registrar), bytes_(1, book.genesis), [(registrar, None)])
        self.assert_last_refused(book, "registrars_missing")

    # --- Compromised keys

    def compromised(self, since: int, signer: Pair | None = None) -> Book:
        """Of 0 to 4, Anna's key signed 1 (its enrolment), 3 and 4."""
        book = with_case()
        book.add(10, of(ANNA), bytes_(1, ANNA.public) + num(2, since), [signer or (ANNA, None)])
        return book

    def test_compromised_key(self) -> None:
        for since, disputed in {0: [1, 3, 4], 2: [3, 4], 4: [4], 5: []}.items():
            book = self.compromised(since)
            self.assertEqual(self.verified(book).disputed, disputed)
        self.assert_last_refused(self.compromised(6), "not_in_force")
        book = self.compromised(0)
        book.add(101, A_CASE, b"", [ANNA])
        self.assert_last_refused(book, "key_not_in_force")
        book = self.compromised(0)
        book.add(10, of(ANNA), bytes_(1, ANNA.public), [book.registrars[0]])
        self.assert_last_refused(book, "not_in_force")
        book = self.compromised(0)
        book.add(4, of(ANNA), bytes_(1, ANNA.public), [book.registrars[0]])
        self.assert_last_refused(book, "key_not_in_force")

    def test_a_revoked_key_may_be_found_compromised(self) -> None:
        for kind in (4, 8):
            book = with_case()
            book.add(kind, of(ANNA), bytes_(1, ANNA.public), [book.registrars[0]])
            book.add(10, of(ANNA), bytes_(1, ANNA.public) + num(2, 4), [book.registrars[0]])
            self.assertEqual(self.verified(book).disputed, [4])

    def test_endorsement_ends_a_dispute(self) -> None:
        book = self.compromised(2)
        enrol(book, BORIS, 8)
        third = Pair("third of anna", ANNA.actor)
        signers = [*book.registrars[:2], (third, None)]
        book.add(3, of(ANNA), key_enrolled(third), signers, recorded_at=book.now)
        opened, noted = (book.events[i]["statement_hash"] for i in (3, 4))
        # Anna may not endorse what she signed, with whichever key.
        book.add(124, A_CASE, b"", [third], references=[(*A_CASE, noted, 2)], recorded_at=book.now + 73 * HOUR * SECOND)
        self.assertEqual(self.verified(book).disputed, [3, 4])
        book.add(124, A_CASE, b"", [BORIS], references=[(*A_CASE, noted, 2), (*A_CASE, opened, 1)])
        self.assertEqual(self.verified(book).disputed, [3])
        book.add(124, A_CASE, b"", [third, BORIS], references=[(*A_CASE, opened, 2)])
        self.assertEqual(self.verified(book).disputed, [])

    def test_an_endorsement_from_before_the_compromise_counts(self) -> None:
        book = with_staff(BORIS)
        book.add(124, A_CASE, b"", [BORIS], references=[(*A_CASE, book.events[4]["statement_hash"], 2)])
        book.add(10, of(ANNA), bytes_(1, ANNA.public) + num(2, 4), [(ANNA, None)])
        self.assertEqual(self.verified(book).disputed, [])

    def test_whoever_signed_along_does_not_end_a_dispute(self) -> None:
        book = with_staff(BORIS, HEAD)
        noted = book.add(101, A_CASE, b"", [ANNA, BORIS])
        book.add(10, of(ANNA), bytes_(1, ANNA.public) + num(2, 5), [(ANNA, None)])
        book.add(124, A_CASE, b"", [BORIS], references=[(*A_CASE, noted, 2)])
        self.assertEqual(self.verified(book).disputed, [9])
        book.add(124, A_CASE, b"", [HEAD], references=[(*A_CASE, noted, 2)])
        self.assertEqual(self.verified(book).disputed, [])

    # --- Qualifications

    def qualified(self, until: int | None = None, role: int = 2) -> tuple[Book, bytes]:
        book = Book()
        enrol(book, ANNA, role)
        fact = b"" if until is None else num(1, zigzag(until), True)
        verified = book.add(11, of(ANNA), fact, [book.registrars[0]])
        return book, verified

    def test_qualification(self) -> None:
        book, verified = self.qualified()
        book.add(100, A_CASE, case_opened(), [ANNA])
        self.verified(book)
        book.add(12, of(ANNA), bytes_(1, verified), [(ANNA, None)])
        self.verified(book)
        book.add(101, A_CASE, b"", [ANNA])
        self.assert_last_refused(book, "qualification_expired")
        book.events.pop()
        del book.heads[A_CASE][-1]
        book.add(11, of(ANNA), b"", [book.registrars[1]])
        book.add(101, A_CASE, b"", [ANNA])
        self.verified(book)

    def test_qualification_has_a_term(self) -> None:
        start = NOW + 1000
        for at, good in ((start * SECOND - 1, True), (start * SECOND, False)):
            book, _ = self.qualified(until=start)
            book.add(100, A_CASE, case_opened(), [ANNA], recorded_at=at)
            self.verified(book) if good else self.assert_last_refused(book, "qualification_expired")
        book, _ = self.qualified(until=start)
        book.add(11, of(ANNA), b"", [book.registrars[0]])
        book.add(100, A_CASE, case_opened(), [ANNA], recorded_at=start * SECOND)
        self.verified(book)

    def test_which_roles_are_qualified(self) -> None:
        for role in range(1, 16):
            book, verified = self.qualified(role=role)
            book.add(12, of(ANNA), bytes_(1, verified), [book.registrars[0]])
            book.add(101, A_CASE, b"", [ANNA])
            if role in (2, 3, 6, 10):
                self.assert_last_refused(book, "qualification_expired")
            else:
                self.verified(book)

    def test_urgent_kinds_on_an_expired_qualification(self) -> None:
        book, verified = self.qualified()
        book.add(12, of(ANNA), bytes_(1, verified), [book.registrars[0]])
        a_signal = (SIGNAL, random_bytes("signal", 16))
        until = NOW + HOUR
        book.add(110, a_signal, signal(ids(2, 1)), [ANNA])
        book.add(65, a_signal, break_glass(until), [ANNA], sections=[section(2, "danger/1")])
        book.add(123, (PROTECTED, A_CASE[1]), b"", [ANNA])
        book.add(173, A_CASE, b"", [ANNA])
        book.add(126, A_CASE, ACT, [ANNA])
        # And what narrows the own power.
        book.add(6, of(ANNA), bytes_(1, book.grants[ANNA.actor]), [ANNA])
        report = self.verified(book)
        self.assertEqual(report.marks[verify.ON_EXPIRED_QUALIFICATION], [5, 6, 7, 8, 9])
        # Of a kind not known here, nobody knows whether it is urgent.
        book, verified = self.qualified()
        book.add(12, of(ANNA), bytes_(1, verified), [book.registrars[0]])
        book.add(999, A_CASE, b"", [ANNA])
        self.assertEqual(self.verified(book).marks[verify.ON_EXPIRED_QUALIFICATION], [])

    def test_who_verifies_and_ends_a_qualification(self) -> None:
        book = with_staff(BORIS)
        book.add(11, of(ANNA), b"", [BORIS])
        self.assert_last_refused(book, "role_wrong")
        book, verified = self.qualified()
        enrol(book, BORIS, 8)
        book.add(12, of(ANNA), bytes_(1, verified), [BORIS])
        self.assert_last_refused(book, "role_wrong")
        for twice in (True, False):
            book, verified = self.qualified()
            if twice:
                book.add(12, of(ANNA), bytes_(1, verified), [ANNA])
            book.add(12, of(ANNA), bytes_(1, verified if twice else HASH), [book.registrars[0]])
            self.assert_last_refused(book, "not_in_force")

    # --- Delegation

    def delegated(self, role: int = 3, kinds: tuple[int, ...] = (), signers: int = 1, **changes) -> Book:
        """Boris, a provider, stands in for the head from NOW + 1000 to NOW + 2000."""
        book = with_staff(BORIS)
        enrol(book, HEAD, role)
        fact = term(NOW + 1000, NOW + 2000) + packed(3, *kinds)
        stands_in = changes.pop("to", BORIS)
        chosen = changes.pop("signers", [HEAD, ANNA][:signers])
        book.delegated = book.add(13, of(stands_in), fact, chosen, **changes)
        return book

    def rostered(self, role: int = 3, kinds: tuple[int, ...] = ()) -> Book:
        """Boris is on duty in two shifts."""
        book = with_staff(BORIS)
        enrol(book, HEAD, role)
        fact = duty_roster((NOW + 1000, NOW + 1100), (NOW + 1900, NOW + 2000), kinds=kinds)
        book.delegated = book.add(14, of(BORIS), fact, [HEAD])
        return book

    def opened_by_boris(self, book: Book, at: int = NOW + 1050, nanos: int = 0) -> Book:
        signers = [(BORIS, book.delegated)]
        book.add(100, (CASE, b"o" * 16), case_opened(), signers, recorded_at=at * SECOND + nanos)
        return book

    def test_terms_of_what_is_delegated(self) -> None:
        for make, terms in (
            (self.delegated, [(NOW + 1000, NOW + 2000)]),
            (self.rostered, [(NOW + 1000, NOW + 1100), (NOW + 1900, NOW + 2000)]),
        ):
            for since, until in terms:
                self.assert_last_refused(self.opened_by_boris(make(), since, -1), "grant_not_in_force")
                self.verified(self.opened_by_boris(make(), since))
                self.verified(self.opened_by_boris(make(), until, -1))
                self.assert_last_refused(self.opened_by_boris(make(), until), "grant_not_in_force")

    def test_who_delegates(self) -> None:
        for role in range(1, 16):
            for make, roles in ((self.delegated, (3, 4, 7)), (self.rostered, (3, 4))):
                book = make(role)
                with self.subTest((role, make.__name__)):
                    self.verified(book) if role in roles else self.assert_last_refused(book, "role_wrong")
        self.assert_last_refused(self.delegated(signers=2), "holder_alone")
        self.assert_last_refused(self.delegated(to=HEAD), "holder_alone")

    def test_what_is_delegated_is_not_delegated_again(self) -> None:
        for kind, fact in ((13, term(NOW, NOW + 9000)), (14, duty_roster((NOW, NOW + 9000)))):
            book = self.delegated()
            signers = [(BORIS, book.delegated)]
            book.add(kind, of(ANNA), fact, signers, recorded_at=(NOW + 1050) * SECOND)
            self.assert_last_refused(book, "holder_alone")

    def test_the_role_that_is_delegated(self) -> None:
        """A director does not open a case, and is not on duty; a duty officer refuses no disclosure."""
        self.assert_last_refused(self.opened_by_boris(self.delegated(4)), "role_wrong")
        self.verified(self.opened_by_boris(self.rostered(4)))
        for make, good in ((self.delegated, True), (self.rostered, False)):
            book = make(4)
            book.add(70, A_CASE, b"", [(BORIS, book.delegated)], recorded_at=(NOW + 1050) * SECOND)
            self.verified(book) if good else self.assert_last_refused(book, "role_wrong")

    def test_kinds_that_are_delegated(self) -> None:
        for make in (self.delegated, self.rostered):
            self.verified(self.opened_by_boris(make(kinds=(100, 101))))
            self.assert_last_refused(self.opened_by_boris(make(kinds=(99, 101))), "not_delegated")

    def test_what_is_delegated_is_in_force_while_the_holders_grant_is(self) -> None:
        for make in (self.delegated, self.rostered):
            book = make()
            book.add(6, of(HEAD), bytes_(1, book.grants[HEAD.actor]), [(HEAD, None)])
            self.assert_last_refused(self.opened_by_boris(book), "grant_not_in_force")
        book = with_staff(BORIS)
        enrol(book, HEAD, None)
        grant(book, HEAD, 3, until=NOW + 1500)
        book.delegated = book.add(13, of(BORIS), term(NOW, NOW + 2000), [HEAD])
        self.verified(self.opened_by_boris(book, NOW + 1500, -1))
        book.events.pop()
        del book.heads[(CASE, b"o" * 16)][1:]
        self.assert_last_refused(self.opened_by_boris(book, NOW + 1500), "grant_not_in_force")

    def test_ending_what_is_delegated(self) -> None:
        for signer in (HEAD, (BORIS, None), Book().registrars[0]):
            book = self.delegated()
            book.add(6, of(BORIS), bytes_(1, book.delegated), [signer])
            self.verified(book)
            self.assert_last_refused(self.opened_by_boris(book), "grant_not_in_force")
        book = self.delegated()
        book.add(6, of(BORIS), bytes_(1, book.delegated), [ANNA])
        self.assert_last_refused(book, "role_wrong")
        # Who delegated one grant does not end another.
        book = self.delegated()
        book.add(6, of(BORIS), bytes_(1, book.grants[BORIS.actor]), [HEAD])
        self.assert_last_refused(book, "role_wrong")

    def test_who_stands_in_is_asked_for_the_own_qualification(self) -> None:
        book = self.delegated()
        verified = book.add(11, of(BORIS), b"", [book.registrars[0]])
        self.verified(self.opened_by_boris(book))
        book = self.delegated()
        verified = book.add(11, of(BORIS), b"", [book.registrars[0]])
        book.add(12, of(BORIS), bytes_(1, verified), [book.registrars[0]])
        self.assert_last_refused(self.opened_by_boris(book), "qualification_expired")

    # --- Who signs what

    def test_single_roles(self) -> None:
        """Of all roles, which one these kinds take."""
        root = (ROOT, bytes(16))
        for kind, role, stream_id, fact in (
            (70, 4, A_CASE, b""),
            (71, 12, A_CASE, b""),
            (72, 12, A_CASE, b""),
            (72, 12, root, b""),
            (75, 12, A_CASE, b""),
            (133, 13, root, inspection(ids(1, 1), b"a" * 16)),
        ):
            for other in range(1, 16):
                book = with_case()
                enrol(book, BORIS, other)
                book.add(kind, stream_id, fact, [BORIS])
                with self.subTest((kind, other)):
                    self.verified(book) if other == role else self.assert_last_refused(book, "role_wrong")

    def test_roles_of_the_procedure(self) -> None:
        """Of all roles, which of them take these kinds alone."""
        social_worker, head, director, duty, superior, provider = 2, 3, 4, 6, 7, 8
        for kind, where, fact, roles in (
            (102, (PERSON, b"p" * 16), b"", {social_worker, head, duty}),
            (103, (PERSON, b"p" * 16), b"", {social_worker, head}),
            (111, A_SIGNAL, outcome(b"c" * 16, 2), {social_worker, head}),
            (112, A_CASE, b"", {head}),
            (122, A_CASE, bytes_(1, b"p" * 16), {director}),
            (125, A_CASE, AGE, {director}),
            (127, A_CASE, bytes_(1, OTHER_AGENCY), {head}),
            (138, A_SIGNAL, b"", {head, director}),
            (141, PROTECTED_OF_CASE, b"", {social_worker, head, duty, 9}),
            (143, PROTECTED_OF_CASE, b"", {director}),
            (153, A_CASE, bytes_(1, HASH), {provider}),
            (163, A_CASE, bytes_(1, HASH) + num(2, 1), {social_worker, head, 15}),
            (165, A_CASE, bytes_(1, HASH), {social_worker, head, director}),
            (195, A_CASE, bytes_(1, OTHER_AGENCY), {superior}),
            (199, A_CASE, b"", {social_worker, head, 11, 12, 15}),
            (205, ROOT_STREAM, bytes_(1, HASH), {director}),
            (206, A_CASE, num(1, 2), {social_worker, head, director}),
        ):
            for role in range(1, 16):
                book = with_case()
                enrol(book, BORIS, role)
                book.add(kind, where, fact, [BORIS])
                with self.subTest((kind, role)):
                    self.verified(book) if role in roles else self.assert_last_refused(book, "role_wrong")

    def test_kinds_that_take_two(self) -> None:
        ended, merged = num(2, 1), bytes_(1, b"i" * 16)
        for kind, fact, signers, good in (
            (181, ended, [ANNA, DIRECTOR], True),
            (181, ended, [HEAD, DIRECTOR], True),
            (181, ended, [ANNA, HEAD], False),
            (181, ended, [DIRECTOR], False),
            (179, bytes_(1, HASH) + ended, [ANNA, DIRECTOR], True),
            (180, bytes_(1, HASH) + ended, [DIRECTOR, SUPERIOR], False),
            (192, b"", [HEAD, DIRECTOR], True),
            (192, b"", [ANNA, DIRECTOR], False),
            (193, merged, [HEAD, DIRECTOR], True),
            (193, merged, [HEAD], False),
            (182, b"", [ANNA, AUDITOR], False),
        ):
            book = with_staff(HEAD, DIRECTOR, SUPERIOR, AUDITOR)
            book.add(kind, A_CASE, fact, signers)
            with self.subTest((kind, len(signers))):
                self.verified(book) if good else self.assert_last_refused(book, "role_wrong")
        book = with_case()
        enrol(book, BORIS, 10)
        book.add(182, A_CASE, b"", [ANNA, BORIS])
        self.verified(book)

    def test_what_the_ledger_signs_of_the_procedure(self) -> None:
        for where, kind, fact in (
            (ROOT_STREAM, 17, refusals((1001, 1))),
            ((CLOCKS, A_CASE[1]), 184, missed()),
        ):
            for signers in ([Book().statement_key], [ANNA], [ANNA, Book().statement_key]):
                book = with_case()
                book.add(kind, where, fact, signers)
                good = signers[0].actor == bytes(16)
                self.verified(book) if good else self.assert_last_refused(book, "ledger_kind")

    def test_what_the_ledger_signs(self) -> None:
        access = (ACCESS, A_CASE[1])
        facts = {
            61: facts_read(ANNA.actor, A_CASE),
            62: access_denied(ANNA.actor, (CASE, b"nowhere, really!")),
            74: bytes_(1, HASH),
        }
        for kind, fact in facts.items():
            for signers in ([Book().statement_key], [ANNA], [ANNA, Book().statement_key]):
                book = with_case()
                book.add(kind, access, fact, signers)
                with self.subTest((kind, len(signers))):
                    good = signers[0].actor == bytes(16)
                    self.verified(book) if good else self.assert_last_refused(book, "ledger_kind")

    def test_adopting_a_policy(self) -> None:
        root, fact = (ROOT, bytes(16)), bytes_(1, b"permit (principal, action, resource);")
        r = Book().registrars
        for signers, reason in (
            ([*r[:2], OFFICER], None),
            (r[:2], "role_wrong"),
            ([r[0], OFFICER], "registrars_missing"),
            ([*r[:2], BORIS], "role_wrong"),
        ):
            book = with_staff(OFFICER, BORIS)
            book.add(15, root, fact, signers)
            self.assert_last_refused(book, reason) if reason else self.verified(book)

    def test_kinds_in_an_actors_stream_need_the_actor(self) -> None:
        for kind, fact, signer in ((75, b"", OFFICER), (73, erased_class(1), OFFICER), (11, b"", None)):
            book = with_staff(OFFICER)
            book.add(kind, of(BORIS), fact, [signer or book.registrars[0]])
            self.assert_last_refused(book, "actor_unknown")
        book = with_staff(OFFICER)
        book.add(75, of(ANNA), b"", [OFFICER])
        book.add(75, (PERSON, b"p" * 16), b"", [OFFICER])
        self.verified(book)


def revoke(book: Book, pair: Pair) -> None:
    book.add(4, of(pair), bytes_(1, pair.public), [book.registrars[0]])


# ========================================================================================= Files


PROTECTED_OF_CASE = (PROTECTED, A_CASE[1])
ROOT_STREAM = (ROOT, bytes(16))
A_SIGNAL = (SIGNAL, random_bytes("signal", 16))
A_COMPLAINT = (COMPLAINT, random_bytes("complaint", 16))
AGENCY, OTHER_AGENCY = random_bytes("holder", 16), random_bytes("other", 16)
DANGER = {"sections": [section(2, "text/1"), section(2, "danger/1")]}


class Files(TestCase):
    # --- Conflicts of interests

    def test_conflict(self) -> None:
        def conflicted(*signers: Pair) -> Book:
            book = with_staff(BORIS)
            book.add(123, PROTECTED_OF_CASE, b"", signers or [ANNA])
            return book

        for stream_id in (A_CASE, PROTECTED_OF_CASE):
            book = conflicted()
            fact = access_granted(BORIS.actor, NOW + DAY) if stream_id == PROTECTED_OF_CASE else b""
            if stream_id == A_CASE:
                book.add(101, A_CASE, b"", [BORIS])
                self.verified(book)
                book.add(101, A_CASE, b"", [ANNA, BORIS])
            else:
                enrol(book, HEAD, 3)
                book.add(63, stream_id, fact, [HEAD, ANNA])
            self.assert_last_refused(book, "conflict_declared")
        # It bars nobody in another case, and none of two who did not declare it.
        book = conflicted()
        book.add(100, (CASE, b"o" * 16), case_opened(), [ANNA])
        self.verified(book)
        book = conflicted(ANNA, BORIS)
        book.add(101, A_CASE, b"", [BORIS])
        self.assert_last_refused(book, "conflict_declared")

    def test_urgent_kinds_under_recusal(self) -> None:
        book = with_case()
        book.add(123, PROTECTED_OF_CASE, b"", [ANNA])
        book.add(173, A_CASE, b"", [ANNA])
        book.add(126, A_CASE, ACT, [ANNA])
        book.add(65, A_CASE, break_glass(NOW + HOUR), [ANNA], **DANGER)
        book.add(123, PROTECTED_OF_CASE, b"", [ANNA])
        book.add(999, A_CASE, b"", [ANNA])
        self.assertEqual(self.verified(book).marks[verify.UNDER_RECUSAL], [6, 7, 8, 9])

    # --- Access that is granted

    def granted(self, *signers: Pair, until: int = NOW + DAY, complaint: bytes = b"", reader: Pair = BORIS) -> Book:
        book = with_staff(HEAD, OFFICER, SUPERIOR, BORIS)
        book.granted = book.add(63, A_CASE, access_granted(reader.actor, until, complaint), signers or [HEAD])
        return book

    def test_who_grants_access(self) -> None:
        self.verified(self.granted())
        self.verified(self.granted(HEAD, ANNA))
        self.assert_last_refused(self.granted(ANNA), "role_wrong")
        self.assert_last_refused(self.granted(OFFICER, SUPERIOR), "role_wrong")
        self.assert_last_refused(self.granted(HEAD, BORIS), "self_review")
        self.assert_last_refused(self.granted(HEAD, reader=HEAD), "self_review")

    def test_who_grants_access_to_a_reporters_identity(self) -> None:
        complaint = A_COMPLAINT[1]
        self.verified(self.granted(OFFICER, SUPERIOR, complaint=complaint))
        for signers in ((HEAD,), (HEAD, OFFICER), (HEAD, SUPERIOR), (OFFICER,)):
            self.assert_last_refused(self.granted(*signers, complaint=complaint), "role_wrong")
        reader = self.granted(OFFICER, SUPERIOR, complaint=complaint, reader=SUPERIOR)
        self.assert_last_refused(reader, "self_review")

    def test_two_roles_of_one_actor_are_not_two_actors(self) -> None:
        for role, kind, fact in (
            (7, 63, access_granted(BORIS.actor, NOW + DAY, A_COMPLAINT[1])),
            (3, 67, None),
            (4, 73, erased_class(3)),
        ):
            for one in (True, False):
                book = self.opened()
                enrol(book, DIRECTOR, role)
                key, first = second_key(book, OFFICER), book.grants[OFFICER.actor]
                second = grant(book, OFFICER, role)
                also = (key, second) if one else DIRECTOR
                book.add(kind, A_CASE, fact or bytes_(1, book.opened), [(OFFICER, first), also])
                with self.subTest((kind, one)):
                    self.assert_last_refused(book, "role_wrong") if one else self.verified(book)

    def test_terms_of_granted_access(self) -> None:
        # It is recorded at NOW + 14.
        self.assert_last_refused(self.granted(until=NOW + 14), "term_invalid")
        self.verified(self.granted(until=NOW + 15))

    def test_revoking_access(self) -> None:
        book = self.granted()
        book.add(64, A_CASE, bytes_(1, book.granted), [ANNA])
        self.verified(book)
        book.add(64, A_CASE, bytes_(1, book.granted), [ANNA])
        self.assert_last_refused(book, "not_in_force")
        for stream_id, named in ((A_CASE, HASH), (PROTECTED_OF_CASE, None), ((CASE, b"o" * 16), None)):
            book = self.granted()
            book.add(64, stream_id, bytes_(1, named or book.granted), [ANNA])
            self.assert_last_refused(book, "not_in_force")
        book = self.granted()
        book.add(64, A_CASE, bytes_(1, book.events[3]["statement_hash"]), [ANNA])
        self.assert_last_refused(book, "not_in_force")

    # --- Break-glass

    def opened(self, until: int = NOW + HOUR, who: list | None = None, **changes) -> Book:
        """It is recorded at NOW + 14."""
        book = with_staff(HEAD, OFFICER, BORIS, SUPERIOR)
        changes = {**DANGER, **changes}
        book.opened = book.add(65, A_CASE, break_glass(until), who or [BORIS], **changes)
        return book

    def test_break_glass(self) -> None:
        self.verified(self.opened())
        self.assert_last_refused(self.opened(who=[BORIS, ANNA]), "role_wrong")
        self.assert_last_refused(self.opened(who=[Book().statement_key]), "role_wrong")
        for sections in ([], [section(1, "danger")], [section(1, "no-danger/1")]):
            self.assert_last_refused(self.opened(sections=sections), "danger_missing")
        self.assert_last_refused(self.opened(until=NOW + 14), "term_invalid")
        self.verified(self.opened(until=NOW + 15))
        self.verified(self.opened(until=NOW + 14 + DAY))
        self.assert_last_refused(self.opened(until=NOW + 15 + DAY), "term_invalid")

    def test_closing_break_glass(self) -> None:
        for signer, good in ((BORIS, True), (HEAD, True), (OFFICER, True), (ANNA, False), (SUPERIOR, False)):
            book = self.opened()
            book.add(66, A_CASE, bytes_(1, book.opened), [signer])
            self.verified(book) if good else self.assert_last_refused(book, "role_wrong")
        book = self.opened()
        book.add(66, A_CASE, bytes_(1, book.opened), [BORIS])
        book.add(66, A_CASE, bytes_(1, book.opened), [HEAD])
        self.assert_last_refused(book, "not_in_force")
        book = self.opened()
        book.add(66, A_CASE, bytes_(1, HASH), [BORIS])
        self.assert_last_refused(book, "not_in_force")

    def test_reviewing_break_glass(self) -> None:
        """Before or after it is closed, once, by others than who opened it."""
        for closed in (True, False):
            book = self.opened()
            if closed:
                book.add(66, A_CASE, bytes_(1, book.opened), [BORIS])
            book.add(67, A_CASE, bytes_(1, book.opened), [HEAD, OFFICER])
            self.verified(book)
            if not closed:
                book.add(66, A_CASE, bytes_(1, book.opened), [BORIS])
                self.verified(book)
            book.add(67, A_CASE, bytes_(1, book.opened), [HEAD, OFFICER])
            self.assert_last_refused(book, "not_in_force")
        for signers in ([HEAD], [OFFICER], [HEAD, SUPERIOR]):
            book = self.opened()
            book.add(67, A_CASE, bytes_(1, book.opened), signers)
            self.assert_last_refused(book, "role_wrong")
        for who, signers in ((BORIS, [HEAD, OFFICER, BORIS]), (HEAD, [HEAD, OFFICER])):
            book = self.opened(who=[who])
            book.add(67, A_CASE, bytes_(1, book.opened), signers)
            self.assert_last_refused(book, "self_review")

    # --- What is shared

    def test_sharing(self) -> None:
        # The case has two events, and it is recorded at NOW + 8.
        for kind, fact, reason in (
            (68, information_shared(b"r" * 16, 1, 2), None),
            (68, information_shared(b"r" * 16, 2, 3), "section_unknown"),
            (68, information_shared(b"r" * 16, 1, until=NOW + 8), "term_invalid"),
            (68, information_shared(b"r" * 16, 1, until=NOW + 9), None),
            (122, bytes_(1, b"p" * 16) + released(2, 1, 2), None),
            (122, bytes_(1, b"p" * 16), None),
            (122, bytes_(1, b"p" * 16) + released(2, 3), "section_unknown"),
        ):
            book = with_staff(DIRECTOR)
            book.add(kind, A_CASE, fact, [ANNA, DIRECTOR])
            self.assert_last_refused(book, reason) if reason else self.verified(book)

    def test_receiving(self) -> None:
        """By the actor who receives, or under a grant of the agency, delegated or not."""
        for receiver, role, good in (
            (BORIS.actor, 8, True),
            (AGENCY, 8, True),
            (OTHER_AGENCY, 8, False),
            (ANNA.actor, 8, False),
        ):
            book = with_case()
            enrol(book, BORIS, None)
            grant(book, BORIS, role, agency=AGENCY)
            shared_hash = book.add(68, A_CASE, information_shared(receiver, 1), [ANNA])
            book.add(69, A_CASE, bytes_(1, shared_hash), [BORIS])
            if good:
                book.add(69, A_CASE, bytes_(1, shared_hash), [BORIS])
                self.verified(book)
            else:
                self.assert_last_refused(book, "role_wrong")
        book = with_staff(BORIS)
        enrol(book, HEAD, None)
        grant(book, HEAD, 3, agency=AGENCY)
        delegated = book.add(13, of(BORIS), term(NOW, NOW + DAY), [HEAD])
        shared_hash = book.add(68, A_CASE, information_shared(AGENCY, 1), [ANNA])
        book.add(69, A_CASE, bytes_(1, shared_hash), [(BORIS, delegated)])
        self.verified(book)
        book.add(69, A_CASE, bytes_(1, HASH), [(BORIS, delegated)])
        self.assert_last_refused(book, "not_in_force")

    # --- Holds

    def test_holds(self) -> None:
        def held() -> Book:
            book = with_staff(OFFICER, DIRECTOR)
            book.hold = book.add(75, A_CASE, b"", [OFFICER])
            return book

        def erased(book: Book, stream_id: tuple[int, bytes] = A_CASE) -> Book:
            book.add(73, stream_id, erased_class(3), [OFFICER, DIRECTOR])
            return book

        self.assert_last_refused(erased(held()), "legal_hold")
        self.assert_last_refused(erased(held(), PROTECTED_OF_CASE), "legal_hold")
        self.verified(erased(held(), A_SIGNAL))
        self.verified(erased(held(), of(ANNA)))
        book = held()
        book.add(75, A_CASE, b"", [OFFICER])
        book.add(76, A_CASE, bytes_(1, book.hold), [OFFICER])
        self.verified(book)
        self.assert_last_refused(erased(book), "legal_hold")
        book = held()
        book.add(76, A_CASE, bytes_(1, book.hold), [OFFICER])
        self.verified(erased(book))
        book.add(76, A_CASE, bytes_(1, book.hold), [OFFICER])
        self.assert_last_refused(book, "not_in_force")
        book = held()
        book.add(76, A_CASE, bytes_(1, book.hold), [ANNA])
        self.assert_last_refused(book, "role_wrong")
        book = held()
        book.add(76, PROTECTED_OF_CASE, bytes_(1, book.hold), [OFFICER])
        self.assert_last_refused(book, "not_in_force")

    # --- Transfers

    def proposed(self, to: bytes = OTHER_AGENCY) -> Book:
        book = with_staff(HEAD, SUPERIOR)
        book.proposed = book.add(127, A_CASE, bytes_(1, to), [HEAD])
        return book

    def test_proposing_a_transfer(self) -> None:
        self.verified(self.proposed())
        self.assert_last_refused(self.proposed(AGENCY), "not_in_force")
        book = with_anna()
        enrol(book, HEAD, 3)
        book.add(119, A_CASE, b"", [ANNA])
        book.add(127, A_CASE, bytes_(1, OTHER_AGENCY), [HEAD])
        self.assert_last_refused(book, "not_in_force")

    def test_answering_a_transfer(self) -> None:
        for first in (128, 129):
            for second in (128, 129):
                book = self.proposed()
                book.add(first, A_CASE, bytes_(1, book.proposed), [HEAD])
                self.verified(book)
                book.add(second, A_CASE, bytes_(1, book.proposed), [HEAD])
                self.assert_last_refused(book, "not_in_force")
            book = self.proposed()
            book.add(first, A_CASE, bytes_(1, HASH), [HEAD])
            self.assert_last_refused(book, "not_in_force")

    def test_a_transfer_changes_the_holder(self) -> None:
        for answer, to, good in (
            (128, OTHER_AGENCY, False),
            (128, AGENCY, True),
            (129, OTHER_AGENCY, True),
            (129, AGENCY, False),
        ):
            book = self.proposed()
            book.add(answer, A_CASE, bytes_(1, book.proposed), [HEAD])
            book.add(127, A_CASE, bytes_(1, to), [HEAD])
            self.verified(book) if good else self.assert_last_refused(book, "not_in_force")

    def test_of_two_proposals_one_is_accepted(self) -> None:
        for first, good in ((129, True), (128, False)):
            book = self.proposed()
            other = book.add(127, A_CASE, bytes_(1, b"third agency, id"), [HEAD])
            book.add(first, A_CASE, bytes_(1, book.proposed), [HEAD])
            book.add(128, A_CASE, bytes_(1, other), [HEAD])
            self.verified(book) if good else self.assert_last_refused(book, "not_in_force")

    def test_a_superior_decides_who_holds(self) -> None:
        """What was proposed before is answered thereby."""
        for holder, to, good in ((OTHER_AGENCY, OTHER_AGENCY, False), (OTHER_AGENCY, AGENCY, True)):
            book = self.proposed()
            book.add(195, A_CASE, bytes_(1, holder), [SUPERIOR])
            book.add(127, A_CASE, bytes_(1, to), [HEAD])
            self.verified(book) if good else self.assert_last_refused(book, "not_in_force")
        for holder in (AGENCY, OTHER_AGENCY):
            for answer in (128, 129):
                book = self.proposed()
                book.add(195, A_CASE, bytes_(1, holder), [SUPERIOR])
                book.add(answer, A_CASE, bytes_(1, book.proposed), [HEAD])
                self.assert_last_refused(book, "not_in_force")

    # --- Endorsements

    def test_endorsing(self) -> None:
        opened = (*A_CASE, with_case().events[3]["statement_hash"])
        noted = (*A_CASE, with_case().events[4]["statement_hash"])
        enrolled = (*of(ANNA), with_case().events[1]["statement_hash"])
        for references, good in (
            ([(*noted, 2)], True),
            ([(*noted, 2), (*opened, 1)], True),
            ([(*noted, 2), (*enrolled, 2)], True),
            ([], False),
            ([(*noted, 1)], False),
            ([(*enrolled, 2)], False),
            ([(*noted, 2), (*opened, 2)], False),
        ):
            book = with_case()
            book.add(124, A_CASE, b"", [ANNA], references=references)
            self.verified(book) if good else self.assert_last_refused(book, "field_missing")

    # --- The rest

    def test_kinds_that_take_anyone_with_a_role(self) -> None:
        book = with_staff(BORIS)
        for kind, fact in {
            144: b"",
            145: b"",
            149: bytes_(1, b"c" * 16),
            150: bytes_(1, b"c" * 16),
            174: b"",
            194: bytes_(1, HASH),
            198: corrected(NOTE_FACT),
        }.items():
            book.add(kind, A_CASE, fact, [BORIS])
        book.add(134, A_COMPLAINT, b"", [BORIS])
        book.add(135, A_COMPLAINT, bytes_(1, ANNA.actor), [BORIS])
        self.assertEqual(self.verified(book).events, 16)

    def test_what_an_actor_stream_and_the_root_hold_of_the_procedure(self) -> None:
        """No conflict of interests reaches there, and no file but their own is concerned."""
        book = with_staff(DIRECTOR, AUDITOR)
        book.add(123, PROTECTED_OF_CASE, b"", [ANNA, AUDITOR])
        opened = book.add(133, ROOT_STREAM, inspection(ids(1, 1), b"a" * 16), [AUDITOR])
        book.add(203, ROOT_STREAM, bytes_(1, opened), [AUDITOR])
        instruction = book.add(204, ROOT_STREAM, bytes_(1, opened) + num(2, zigzag(20_900)), [AUDITOR])
        book.add(184, ROOT_STREAM, missed(ROOT), [book.statement_key])
        book.add(205, ROOT_STREAM, bytes_(1, instruction), [DIRECTOR])
        book.add(184, (CLOCKS, A_SIGNAL[1]), missed(SIGNAL), [book.statement_key])
        report = self.verified(book)
        self.assertEqual((report.events, report.marks[verify.UNDER_RECUSAL]), (16, []))

    def test_own_files(self) -> None:
        def file_of(kind: int, where: tuple[int, bytes], fact: bytes) -> tuple[int, bytes] | None:
            return verify.own_file(verify.canonical(with_fact(kind, fact, stream=chunk(3, stream(*where)))))

        id_ = A_CASE[1]
        self.assertEqual(file_of(184, (CLOCKS, id_), missed(SIGNAL)), (SIGNAL, id_))
        self.assertEqual(file_of(184, (CLOCKS, id_), missed(CASE)), (CASE, id_))
        self.assertEqual(file_of(184, (PROTECTED, id_), missed(CASE)), (CASE, id_))
        self.assertEqual(file_of(184, ROOT_STREAM, missed(ROOT)), ROOT_STREAM)
        self.assertEqual(file_of(203, ROOT_STREAM, bytes_(1, HASH)), ROOT_STREAM)
        self.assertEqual(file_of(72, ROOT_STREAM, b""), ROOT_STREAM)
        self.assertEqual(file_of(17, ROOT_STREAM, refusals((1, 1))), None)
        self.assertEqual(file_of(185, (PROTECTED, id_), num(1, 1) + bytes_(2, HASH)), (CASE, id_))


# ===================================================================================== Procedure


class Procedure(TestCase):
    def test_nothing_about_cases_before_a_profile(self) -> None:
        """Except in a trial."""
        for trial in (True, False):
            for kind, where, fact in (
                (100, A_CASE, case_opened()),
                (110, A_SIGNAL, signal(ids(2, 1))),
                (68, A_CASE, information_shared(b"r" * 16, 1)),
                (102, (PERSON, b"p" * 16), b""),
            ):
                book = Book(trial=trial)
                enrol(book, ANNA)
                if kind == 68:
                    book.add(40, A_CASE, num(1, 1) + chunk(2, instant()), [book.registrars[0]])
                book.add(kind, where, fact, [ANNA])
                self.verified(book) if trial else self.assert_last_refused(book, "profile_missing")
        book = Book(trial=False)
        enrol(book, ANNA)
        enrol(book, OFFICER, 12)
        book.add(72, ROOT_STREAM, b"", [OFFICER])
        book.add(75, A_CASE, b"", [OFFICER])
        book.add(65, A_CASE, break_glass(NOW + HOUR), [ANNA], **DANGER)
        book.add(134, A_COMPLAINT, b"", [ANNA])
        book.add(135, A_COMPLAINT, bytes_(1, ANNA.actor), [ANNA])
        book.add(17, ROOT_STREAM, refusals((1002, 3)), [book.statement_key])
        book.add(999, A_CASE, b"", [ANNA])
        self.assertEqual(self.verified(book).procedure_not_replayed, 0)

    def test_adopting_a_profile(self) -> None:
        r = Book().registrars
        for signers, reason in (
            ([*r[:2], DIRECTOR], None),
            (r[:2], "role_wrong"),
            ([r[0], DIRECTOR], "registrars_missing"),
            ([*r[:2], OFFICER], "role_wrong"),
        ):
            book = with_staff(OFFICER, DIRECTOR)
            book.add(16, ROOT_STREAM, profile(), signers)
            self.assert_last_refused(book, reason) if reason else self.verified(book)
        book = with_staff(DIRECTOR)
        book.add(16, ROOT_STREAM, profile(), [*r[:2], DIRECTOR], seen=None)
        self.assert_last_refused(book, "seen_missing")

    def test_what_rules_would_decide_is_counted(self) -> None:
        book = with_staff(DIRECTOR, OFFICER)
        book.add(16, ROOT_STREAM, profile(), [*book.registrars[:2], DIRECTOR])
        self.assertEqual(self.verified(book).procedure_not_replayed, 0)
        book.add(101, A_CASE, b"", [ANNA])
        book.add(68, A_CASE, information_shared(b"r" * 16, 1), [ANNA])
        book.add(184, (CLOCKS, A_CASE[1]), missed(), [book.statement_key])
        self.assertEqual(self.verified(book).procedure_not_replayed, 3)
        book.add(72, A_CASE, b"", [OFFICER])
        book.add(40, A_CASE, num(1, 1) + chunk(2, instant()), [book.registrars[0]])
        book.add(134, A_COMPLAINT, b"", [ANNA])
        book.add(999, A_CASE, b"", [ANNA])
        self.assertEqual(self.verified(book).procedure_not_replayed, 3)


# ================================================================================= Policies


class Policies(TestCase):
    def test_nothing_is_given_out_before_a_policy(self) -> None:
        """Except in a trial, to whoever has a role in force."""
        access = (ACCESS, A_CASE[1])
        for trial in (True, False):
            for kind, make in ((60, sections_read), (61, lambda actor: facts_read(actor, A_CASE))):
                book = Book(trial=trial)
                enrol(book, ANNA)
                book.add(62, access, access_denied(ANNA.actor, A_CASE), [book.statement_key])
                book.add(kind, access, make(ANNA.actor), [book.statement_key])
                self.verified(book) if trial else self.assert_last_refused(book, "policy_missing")
        book = with_case()
        book.add(6, of(ANNA), bytes_(1, book.grants[ANNA.actor]), [ANNA])
        book.add(60, access, sections_read(ANNA.actor), [book.statement_key])
        self.assert_last_refused(book, "role_not_in_force")
        for nobody in (BORIS.actor, bytes(15) + b"\1"):
            book = with_case()
            book.add(60, access, sections_read(nobody), [book.statement_key])
            self.assert_last_refused(book, "role_not_in_force")

    def test_what_an_adopted_policy_decides_is_counted(self) -> None:
        for trial in (True, False):
            book = Book(trial=trial)
            enrol(book, ANNA)
            enrol(book, OFFICER, 12)
            enrol(book, DIRECTOR, 4)
            book.add(16, ROOT_STREAM, profile(), [*book.registrars[:2], DIRECTOR])
            book.add(100, A_CASE, case_opened(), [ANNA])
            book.add(15, (ROOT, bytes(16)), bytes_(1, b"text"), [*book.registrars[:2], OFFICER])
            self.assertEqual(self.verified(book).policy_not_replayed, 0)
            access = (ACCESS, A_CASE[1])
            book.add(60, access, sections_read(BORIS.actor), [book.statement_key])
            book.add(61, access, facts_read(ANNA.actor, A_CASE), [book.statement_key])
            book.add(101, A_CASE, b"", [ANNA])
            book.add(40, A_CASE, num(1, 1) + chunk(2, instant()), [book.registrars[0]])
            self.assertEqual(self.verified(book).policy_not_replayed, 4)
            book.add(62, access, access_denied(ANNA.actor, A_CASE), [book.statement_key])
            book.add(126, A_CASE, ACT, [ANNA])
            enrol(book, BORIS, 8)
            book.add(999, A_CASE, b"", [ANNA])
            self.assertEqual(self.verified(book).policy_not_replayed, 4)


# ================================================================================= Sections, vault


class KeyVault:
    """A vault being written: a block of keys, which are used in their order."""

    def __init__(self, ledger: bytes):
        self.ledger, self.used = ledger, 0
        self.kek, self.key, self.key_id = random_bytes("kek"), random_bytes("vault key"), random_bytes("id", 16)
        self.slots = [self.slot(number) for number in range(8)]
        self.magic = b"LTPVKY1\n"
        self.erased: bytes | None = None

    def wrap(self, key: bytes, label: object, data: bytes, purpose: bytes, key_id: bytes) -> bytes:
        nonce = random_bytes(f"nonce of {label}", 24)
        aead, short = verify.xchacha(key, nonce)
        return key_id + nonce + aead.encrypt(short, data, purpose + self.ledger + key_id)

    def data_key(self, number: int) -> bytes:
        return random_bytes(f"data key {number}")

    def key_id_of(self, number: int) -> bytes:
        return struct.pack(">Q", number) + random_bytes(f"key id {number}", 8)

    def slot(self, number: int) -> bytes:
        key_id, purpose = self.key_id_of(number), b"letopis 2026-11 data key v1"
        return self.wrap(self.key, number, self.data_key(number), purpose, key_id)

    def seal(self, place: verify.SectionPlace, salt: bytes, content: bytes) -> bytes:
        number, self.used = self.used, self.used + 1
        key, key_id = self.data_key(number), self.key_id_of(number)
        return verify.seal_section(key, key_id, random_bytes(f"sealed {number}", 24), place, salt, content)

    def block(self, number: int = 0) -> bytes:
        head = b"LTPVBK1\n" + struct.pack(">Q", number) + self.ledger
        slots = b"".join(self.slots)
        return head + blake3(head).digest()[:16] + slots + bytes(1024 * 88 - len(slots))

    def remember(self, book: Book, sequence: int) -> None:
        """That the erasure with this sequence is the last that was applied."""
        link = book.link_hash(sequence) if sequence < len(book.events) else HASH
        self.erased = b"LTPVER1\n" + self.ledger + struct.pack(">Q", sequence) + link
        self.erased += blake3(self.erased).digest()

    def write(self, directory: Path) -> None:
        (directory / "vault").mkdir(parents=True)
        (directory / "keys").mkdir()
        (directory / "keys/vault.kek").write_bytes(self.kek.hex().encode() + b"\n")
        wrapped = self.wrap(self.kek, "vault", self.key, b"letopis 2026-11 vault key v1", self.key_id)
        (directory / "vault/key").write_bytes(self.magic + self.ledger + wrapped)
        (directory / "vault/block-0000000000").write_bytes(self.block())
        if self.erased:
            (directory / "vault/erased").write_bytes(self.erased)


N, R, V = 1, 2, 3
WORDS = "измислено съдържание".encode()  # invented content


def with_vault() -> Book:
    """Staff, and a case with four sections: version 1 has N; 2 has R, V and V. Their slots are 0 to 3."""
    book = Book()
    for pair, role in ((ANNA, 2), (OFFICER, 12), (DIRECTOR, 4)):
        book.add(2, of(pair), actor_enrolled(pair), [*book.registrars[:2], (pair, None)])
        grant(book, pair, role)
    book.vault = KeyVault(book.ledger)
    book.add(100, A_CASE, case_opened(), [ANNA], contents=[(N, "text/1", WORDS)])
    book.add(
        101, A_CASE, b"", [ANNA], contents=[(R, "text/1", b""), (V, "reporter/1", WORDS * 9), (V, "place/1", WORDS)]
    )
    return book


def erase(book: Book, fact: bytes, **changes) -> int:
    """Returns its sequence."""
    book.add(73, A_CASE, fact, [OFFICER, DIRECTOR], **changes)
    return len(book.events) - 1


class SectionsAndVault(TestCase):
    def assert_gone(self, book: Book, reason: str, sequence: int) -> Fault:
        return self.assert_fault(self.write(book), reason, sequence)

    def test_sections_are_opened(self) -> None:
        report = self.verified(with_vault())
        self.assertEqual((report.sections, report.sections_opened, report.sections_gone), (4, 4, 0))
        self.assertEqual((report.sections_closed, report.notes), ("", []))

    def test_without_the_vault(self) -> None:
        path = self.write(with_vault())
        shutil.rmtree(path / "vault")
        report = verify.verify_data(path)
        self.assertEqual((report.sections, report.sections_opened), (4, 0))
        self.assertIn("the vault is not here", report.sections_closed)

    def test_the_key_encryption_key(self) -> None:
        path = self.write(with_vault())
        kek, elsewhere = path / "keys/vault.kek", self.directory / "kek"
        kek.rename(elsewhere)
        report = verify.verify_data(path)
        self.assertEqual((report.sections_opened, report.sections_closed[:4]), (0, "the "))
        self.assertEqual(verify.verify_data(path, kek=str(elsewhere)).sections_opened, 4)
        for data, reason in (
            (b"0" * 64 + b"\n", "vault_key"),
            (b"0" * 64, "kek"),
            (elsewhere.read_bytes().upper(), "kek"),
            (b"", "kek"),
        ):
            elsewhere.write_bytes(data)
            self.assert_fault(path, reason, kek=str(elsewhere))
        self.assert_fault(path, "unreadable", kek=str(self.directory / "nowhere"))

    def test_a_vault_under_a_token(self) -> None:
        """What is gone is seen all the same."""
        book = with_vault()
        book.vault.magic = b"LTPVKT1\n"
        report = self.verified(book)
        self.assertEqual(report.sections_opened, 0)
        self.assertIn("token", report.sections_closed)
        book.vault.slots[2] = bytes(88)
        self.assert_gone(book, "section_key_missing", 8)

    def test_every_flipped_byte_of_the_vault_is_found(self) -> None:
        book = with_vault()
        sequence = erase(book, erased_section(2, 1))
        book.vault.slots[2] = bytes(88)
        book.vault.remember(book, sequence)
        path = self.write(book)
        for name, length in (("key", 128), ("erased", 112), ("block-0000000000", 64 + 4 * 88)):
            file = path / "vault" / name
            data = bytearray(file.read_bytes())
            for at in range(length):
                data[at] ^= 1 << at % 8
                file.write_bytes(data)
                # What was erased may be anything but the key.
                with self.assertRaises(Fault, msg=f"{name}, byte {at}"):
                    verify.verify_data(path)
                data[at] ^= 1 << at % 8
            file.write_bytes(data[:-1])
            with self.assertRaises(Fault):
                verify.verify_data(path)
            file.write_bytes(data)
        verify.verify_data(path)

    def test_every_flipped_byte_of_a_section_is_found(self) -> None:
        book = with_vault()
        event = book.events[8]
        for index in range(3):
            whole = event["sealed"][index]
            for at in range(0, len(whole), 5):
                event["sealed"][index] = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
                with self.assertRaises(Fault, msg=at):
                    self.verified(book)
            event["sealed"][index] = whole

    def test_swapped_sections(self) -> None:
        book = with_vault()
        sealed = book.events[8]["sealed"]
        sealed[1], sealed[2] = sealed[2], sealed[1]
        self.assert_gone(book, "sealed_tag", 8)

    def test_swapped_slots(self) -> None:
        book = with_vault()
        slots = book.vault.slots
        slots[1], slots[2] = slots[2], slots[1]
        fault = self.assert_fault(self.write(book), "vault_slot")
        self.assertEqual((fault.segment, fault.offset), ("vault/block-0000000000", 64 + 88))

    def test_another_content_than_was_signed(self) -> None:
        book = with_vault()
        contents = [(N, "text/1", WORDS)]
        book.add(101, A_CASE, b"", [ANNA], contents=contents, sections=[section(N, "text/1")])
        self.assert_last_refused(book, "commitment_mismatch")

    def test_one_key_for_two_sections(self) -> None:
        """The record alone shows it."""
        for vault in (True, False):
            book = with_vault()
            book.vault.used -= 1
            book.add(101, A_CASE, b"", [ANNA], contents=[(N, "text/1", WORDS)])
            if not vault:
                book.vault = None
            self.assert_last_refused(book, "key_shared")

    def test_lengths(self) -> None:
        for length in (1, 56, 56 + 63, 56 + 65):
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], sections=[section()], sealed=[bytes(length)])
            self.assert_last_refused(book, "sealed_length")
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], sections=[section()], sealed=[bytes(56 + 128)])
        self.verified(book)

    # --- Erasure

    def test_who_erases(self) -> None:
        for signers in ([OFFICER], [DIRECTOR], [OFFICER, ANNA]):
            book = with_vault()
            book.add(73, A_CASE, erased_class(V), signers)
            self.assert_last_refused(book, "role_wrong")

    def test_what_is_erased_is_there(self) -> None:
        for version, good in ((2, True), (3, False)):
            book = with_vault()
            erase(book, erased_section(version, 0), contents=[(N, "text/1", WORDS)])
            self.verified(book) if good else self.assert_last_refused(book, "section_unknown")

    def test_a_key_that_is_gone(self) -> None:
        """By one of these erasures, or else it is a fault: which of the slots 0 to 3 they name."""
        for fact, named in (
            (None, []),
            (erased_class(N), [0]),
            (erased_class(V), [2, 3]),
            (erased_section(1, 0), [0]),
            (erased_section(2, 0), [1]),
            (erased_section(2, 2), [3]),
            (erased_section(2, 9), []),
        ):
            for slot in range(4):
                book = with_vault()
                if fact:
                    erase(book, fact)
                book.vault.slots[slot] = bytes(88)
                with self.subTest((fact, slot)):
                    if slot in named:
                        report = self.verified(book)
                        self.assertEqual((report.sections_opened, report.sections_gone), (3, 1))
                    else:
                        fault = self.assert_gone(book, "section_key_missing", 8 if slot else 7)
                        self.assertIn(f"section {max(slot - 1, 0)} ", fault.detail)

    def test_sealed_bytes_that_are_left_out(self) -> None:
        """With or without the vault, and whether or not it still has the key."""
        for vault in (True, False):
            for fact in (None, erased_class(V), erased_section(2, 1)):
                book = with_vault()
                if fact:
                    erase(book, fact)
                book.events[8]["sealed"][1] = b""
                if not vault:
                    book.vault = None
                if fact:
                    self.assertEqual(self.verified(book).sections_gone, 1)
                else:
                    self.assert_gone(book, "sealed_missing", 8)

    def test_an_erasure_names_nothing_later_and_nothing_elsewhere(self) -> None:
        book = with_vault()
        erase(book, erased_class(V), contents=[(V, "text/1", WORDS)])
        book.add(101, A_CASE, b"", [ANNA], contents=[(V, "text/1", WORDS)])
        for sequence in (9, 10):
            right, book.events[sequence]["sealed"] = book.events[sequence]["sealed"], [b""]
            self.assert_gone(book, "sealed_missing", sequence)
            book.events[sequence]["sealed"] = right
        self.verified(book)
        book = with_vault()
        book.add(75, PROTECTED_OF_CASE, b"", [OFFICER], contents=[(V, "text/1", WORDS)])
        book.add(76, PROTECTED_OF_CASE, bytes_(1, book.events[-1]["statement_hash"]), [OFFICER])
        erase(book, erased_class(V))
        book.events[9]["sealed"] = [b""]
        self.assert_gone(book, "sealed_missing", 9)

    def test_the_first_of_what_is_gone_is_named(self) -> None:
        book = with_vault()
        book.vault.slots[:4] = [bytes(88)] * 4
        fault = self.assert_gone(book, "section_key_missing", 7)
        self.assertEqual(fault.offset, 112 + 96 + len(book.frames(1, [6])) - 96)

    def test_no_block(self) -> None:
        path = self.write(with_vault())
        (path / "vault/block-0000000000").unlink()
        self.assert_fault(path, "section_key_missing", 7)

    def test_another_key_of_that_number(self) -> None:
        book = with_vault()
        slot = bytearray(book.vault.slots[3])
        slot[15] ^= 1
        book.vault.slots[3] = bytes(slot)
        self.assert_gone(book, "section_key_missing", 8)

    def test_a_slot_of_zeros_is_no_key(self) -> None:
        """Not even of a section whose key's id is zeros."""
        book = with_vault()
        book.vault.slots[0] = bytes(88)
        book.events[7]["sealed"] = [bytes(120)]
        self.assert_gone(book, "section_key_missing", 7)

    def test_blocks(self) -> None:
        path = self.write(with_vault())
        block = path / "vault/block-0000000000"
        for number, ledger, reason in ((1, None, "vault_magic"), (0, HASH, "vault_magic")):
            vault = KeyVault(ledger or with_vault().ledger)
            block.write_bytes(vault.block(number))
            self.assert_fault(path, reason)

    def test_a_vault_of_many_blocks(self) -> None:
        """Each section's key in a block of its own, more than are kept in memory."""
        book = with_vault()
        path, slots = self.write(book), {}
        for number in range(verify.BLOCKS_KEPT + 3):
            slots[number] = book.vault.slot(number * 1024 + 5)
            data = book.vault.block(number)[:64] + bytes(5 * 88) + slots[number] + bytes(1018 * 88)
            (path / f"vault/block-{number:010}").write_bytes(data)
        vault = verify.Vault(path, book.ledger, None)
        for number, slot in [*slots.items(), *slots.items()]:
            self.assertEqual(vault.slot(slot[:16]), slot)
            self.assertEqual(vault.data_key(slot), book.vault.data_key(number * 1024 + 5))
            self.assertLessEqual(len(vault.blocks), verify.BLOCKS_KEPT)

    # --- What the vault remembers

    def test_a_vault_that_has_applied_an_erasure(self) -> None:
        for erased, gone, reason in (
            ([2, 3], [2, 3], None),
            ([2, 3], [2], "section_not_erased"),
            ([2, 3], [], "section_not_erased"),
        ):
            book = with_vault()
            sequence = erase(book, erased_class(V), contents=[(V, "text/1", WORDS)])
            for slot in gone:
                book.vault.slots[slot] = bytes(88)
            book.vault.remember(book, sequence)
            if reason:
                self.assert_gone(book, reason, 8)
            else:
                self.assertEqual(self.verified(book).notes, [])
            # One that it has not applied yet is to be applied when the server is started.
            book.vault.erased = None
            self.assertIn("1 erasures that the vault has not applied yet", self.verified(book).notes[0])

    def test_an_erasure_after_the_one_that_was_applied(self) -> None:
        book = with_vault()
        first = erase(book, erased_section(2, 1))
        erase(book, erased_section(2, 2))
        book.vault.slots[2] = bytes(88)
        book.vault.remember(book, first)
        self.assertEqual(len(self.verified(book).notes), 1)
        book.vault.remember(book, first + 1)
        self.assert_gone(book, "section_not_erased", 8)

    def test_a_vault_ahead_of_its_record(self) -> None:
        book = with_vault()
        sequence = erase(book, erased_section(2, 1))
        book.vault.slots[2] = bytes(88)
        book.vault.remember(book, sequence)
        remembered = book.vault.erased
        self.verified(book)
        # The record was rolled back, and maybe went on.
        for more in range(3):
            book = with_vault()
            book.vault.slots[2] = bytes(88)
            book.vault.erased = remembered
            for _ in range(more):
                book.add(101, A_CASE, b"", [ANNA])
            self.assert_fault(self.write(book), "vault_ahead")
        book = with_vault()
        book.vault.remember(book, 8)  # not an erasure
        fault = self.assert_fault(self.write(book), "vault_ahead", 8)
        self.assertEqual(fault.segment, "vault/erased")

    def test_what_the_vault_remembers_alone(self) -> None:
        book = with_vault()
        book.vault.remember(book, 8)
        right = book.vault.erased
        self.assertEqual(verify.parse_erased(right), (book.ledger, 8, book.link_hash(8)))
        wrong = b"LTPVER2\n" + right[8:80]
        for reason, data in (
            ("vault_length", right[:-1]),
            ("vault_length", right + b"\0"),
            ("vault_magic", wrong + blake3(wrong).digest()),
            ("vault_checksum", right[:-1] + bytes([right[-1] ^ 1])),
        ):
            with RefusedAs(self, reason):
                verify.parse_erased(data)
        book.vault.erased = right[:8] + HASH + right[40:80]
        book.vault.erased += blake3(book.vault.erased).digest()
        self.assert_fault(self.write(book), "ledger_wrong")

    def test_vault_keys(self) -> None:
        path = self.write(with_vault())
        key = path / "vault/key"
        right = key.read_bytes()
        for reason, data in (
            ("vault_length", right + b"\0"),
            ("vault_magic", b"LTPVKY2\n" + right[8:]),
            ("ledger_wrong", right[:8] + HASH + right[40:]),
        ):
            key.write_bytes(data)
            self.assert_fault(path, reason)
        key.unlink()
        self.assert_fault(path, "file_missing")


# ===================================================================================== Receipts


class Receipts(TestCase):
    def test_right(self) -> None:
        book = with_case()
        for size in range(1, 6):
            for index in range(size):
                receipt = verify.verify_receipt(book.receipt(index, size), book.vkey())
                self.assertEqual((receipt.sequence, receipt.checkpoint_size), (index, size))
                self.assertEqual(receipt.statement_hash, book.events[index]["statement_hash"])

    def test_every_changed_character_is_found(self) -> None:
        book = with_case()
        right = book.receipt(3).encode()
        for at in range(len(right)):
            for bit in (1, 0x20):
                wrong = right[:at] + bytes([right[at] ^ bit]) + right[at + 1 :]
                self.assertFalse(accepts(verify.verify_receipt, wrong, book.vkey()), at)
            self.assertFalse(accepts(verify.verify_receipt, right[:at], book.vkey()), at)

    def test_wrong(self) -> None:
        book, right = with_case(), with_case().receipt(3)
        lines = right.split("\n")
        blank = lines.index("", 7)
        other = book.receipt(4).split("\n")
        for reason, wrong in [
            ("statement_hash", [lines[0], other[1], *lines[2:]]),
            ("signatures_hash", [*lines[:2], other[2], *lines[3:]]),
            ("signatures_hash", [*lines[:2], "", *lines[3:]]),
            ("receipt", [*lines[:2], b64(base64.b64decode(lines[2]) + b"\0"), *lines[3:]]),
            ("receipt", [*lines[:3], "x", *lines[4:]]),
            ("receipt", [*lines[:4], "c2sp.org/tlog-proof@v2", *lines[5:]]),
            ("receipt", [*lines[:5], *lines[6:]]),
            ("receipt", [*lines[:5], lines[5].removeprefix("extra "), *lines[6:]]),
            ("receipt", [*lines[:5], other[5], *lines[6:]]),
            ("link_length", [*lines[:5], "extra " + b64(book.links()[3][:-1]), *lines[6:]]),
            ("receipt", [*lines[:6], "index 4", *lines[7:]]),
            ("receipt", [*lines[:6], "3", *lines[7:]]),
            ("decimal", [*lines[:6], "index 03", *lines[7:]]),
            ("inclusion_proof", [*lines[:7], *lines[blank:]]),
            ("receipt", [*lines[:7], *[b64(HASH)] * 65, *lines[blank:]]),
            ("receipt", lines[:blank]),
            ("receipt", lines[:7]),
        ]:
            with self.subTest(reason, wrong=wrong), RefusedAs(self, reason):
                verify.verify_receipt("\n".join(wrong), book.vkey())
        self.assertFalse(accepts(verify.verify_receipt, right.replace("\n", "\r\n"), book.vkey()))
        self.assertFalse(accepts(verify.verify_receipt, right, Formats.VKEY))
        self.assertFalse(accepts(verify.verify_receipt, "", book.vkey()))
        self.assertFalse(accepts(verify.verify_receipt, "\ud800" + right, book.vkey()))

    def test_of_another_ledger(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], ledger=HASH)
        with RefusedAs(self, "ledger_wrong"):
            verify.verify_receipt(book.receipt(5), book.vkey())

    def test_links_that_were_recorded_wrong(self) -> None:
        for reason, change in {
            "receipt": {"sequence": 4},
            "statement_hash": {"statement_hash": HASH},
            "signatures_hash": {"signatures_hash": HASH},
        }.items():
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], **change)
            with self.subTest(reason), RefusedAs(self, reason):
                verify.verify_receipt(book.receipt(5), book.vkey())

    def test_signature_that_does_not_verify(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [ANNA], signatures=[ANNA.sign(b"")])
        with RefusedAs(self, "signature_invalid"):
            verify.verify_receipt(book.receipt(5), book.vkey())


# ============================================================================ Vectors, command line


class Deidentified(unittest.TestCase):
    """What the vectors have not: reviews and documents that only another program writes."""

    def line(self, seed: int, type_: bytes, line: str) -> str:
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        signature = key.sign(verify.pae(type_, line.encode()))
        return f"{line}\n{key.public_key().public_bytes_raw().hex()}:{signature.hex()}\n"

    def file(self, document: str) -> str:
        return "letopis.deidentified.v1\n" + self.line(1, verify.DEIDENTIFIED_TYPE, document)

    def test_a_review_is_in_words(self):
        document = '{"format":"letopis.deidentified.v1"}'
        digest = verify.H("deidentified", document.encode()).hex()
        for found, reason in (('"Измислено."', None), ('" "', "form"), ("5", "form"), ("[1]", "form"), ("null", "form")):
            review = f'{{"format":"letopis.deidentified-review.v1","document":"{digest}","found":{found}}}'
            text = self.file(document) + self.line(2, verify.DEIDENTIFIED_REVIEW_TYPE, review)
            with self.subTest(found), RefusedAs(self, reason) if reason else contextlib.nullcontext():
                self.assertEqual(verify.verify_deidentified(text).found, "Измислено.")

    def test_what_is_nested_deep_is_refused(self):
        with RefusedAs(self, "form"):
            verify.verify_deidentified(self.file("[" * 100_000 + "]" * 100_000))


class Vectors(TestCase):
    MARKS: list[list[str]] = [[]] * 4 + [["disputed"], ["disputed"], ["under_recusal", "disputed"]]
    MARKS += [["without_the_holder"], []]

    def marked(self) -> Book:
        """`with_case`, then an urgent act under recusal, a key without the holder, a dispute."""
        book, key = with_case(), Pair("second", ANNA.actor)
        book.add(123, (PROTECTED, A_CASE[1]), b"", [ANNA])
        book.add(126, A_CASE, ACT, [ANNA])
        book.add(3, (ACTOR, ANNA.actor), key_enrolled(key), [*book.registrars[:2], (key, None)])
        book.add(10, (ACTOR, ANNA.actor), bytes_(1, ANNA.public) + num(2, 4), [(ANNA, None)])
        return book

    def log_of(self, book: Book) -> dict:
        return {
            "events": [
                {
                    "recorded_at": event["recorded_at"],
                    "statement": event["statement"].hex(),
                    "signatures": [signature.hex() for signature in event["signatures"]],
                }
                for event in book.events
            ]
        }

    def vectors(self) -> list[dict]:
        book = with_case()
        statement, links = book.events[4]["statement"], book.links()
        whole = book.frames(3, [2])
        hash_ = book.events[4]["statement_hash"]
        link = verify.parse_link(links[4])
        made = [
            ("canonical", {"statement": statement.hex()}, {}),
            ("statement", {"statement": statement.hex()}, {"statement_hash": hash_.hex()}),
            ("ledger_id", {"genesis": book.events[0]["statement"].hex()}, {"ledger_id": book.ledger.hex()}),
            (
                "signature",
                {
                    "public_key": ANNA.public.hex(),
                    "type": "t",
                    "body": "00",
                    "signature": ANNA.sign(b"DSSEv1 1 t 1 \0").hex(),
                },
                {},
            ),
            (
                "signatures",
                {"signatures": [s.hex() for s in book.events[4]["signatures"]]},
                {"signatures_hash": link.signatures_hash.hex()},
            ),
            (
                "stream_head",
                {"head": book.heads[A_CASE][1].hex(), "statement_hash": hash_.hex()},
                {"head": book.heads[A_CASE][2].hex()},
            ),
            (
                "link",
                {
                    "sequence": 4,
                    "recorded_at": str(link.recorded_at),
                    "previous": link.previous.hex(),
                    "statement_hash": hash_.hex(),
                    "signatures_hash": link.signatures_hash.hex(),
                },
                {"link": links[4].hex(), "link_hash": book.link_hash(4).hex()},
            ),
            (
                "commitment",
                {
                    "nonce": HASH.hex(),
                    "index": 1,
                    "class": 2,
                    "payload_type": "note/1",
                    "salt": HASH.hex(),
                    "content": "",
                },
                {"commitment": verify.commitment(HASH, 1, 2, b"note/1", HASH, b"").hex()},
            ),
            (
                "checkpoint",
                {"vkey": book.vkey(), "note": book.checkpoint().decode()},
                {"origin": f"test.invalid/{book.ledger.hex()}", "size": 5, "root": naive_root(links).hex()},
            ),
            ("receipt", {"vkey": book.vkey(), "receipt": book.receipt(4)}, {"sequence": 4}),
            (
                "frame",
                {"bytes": whole.hex()},
                {
                    "first_sequence": 3,
                    "count": 2,
                    "durable": 3,
                    "last_link": book.link_hash(4).hex(),
                    "events": [
                        {"statement": book.events[3]["statement"].hex(), "sealed_count": 1},
                        {"statement": statement.hex(), "sealed_count": 2},
                    ],
                },
            ),
            (
                "segment_header",
                {"bytes": segment_header(7, HASH, HASH).hex()},
                {"first_sequence": 7, "ledger": HASH.hex(), "previous": HASH.hex()},
            ),
            (
                "footer",
                {"bytes": footer(700, 7, HASH).hex()},
                {"offset": 700, "next_sequence": 7, "last_link": HASH.hex()},
            ),
            ("log", self.log_of(self.marked()), {"last_link": self.marked().link_hash(8).hex(), "marks": self.MARKS}),
        ]
        vectors = [{"name": s, "structure": s, "valid": True, "input": i, "output": o} for s, i, o in made]
        for i, (reason, data) in enumerate(INVALID):
            vectors.append(
                {
                    "name": f"{reason}_{i}",
                    "structure": "canonical",
                    "valid": False,
                    "fault": reason,
                    "input": {"statement": data.hex()},
                }
            )
        return vectors

    def run_on(self, vectors: list[dict]) -> tuple[int, str]:
        folder = Path(tempfile.mkdtemp(dir=self.directory))
        for vector in vectors:
            (folder / f"{vector['name']}.json").write_text(json.dumps(vector))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = verify.verify_vectors(folder)
        return code, output.getvalue()

    def test_right(self) -> None:
        vectors = self.vectors()
        self.assertEqual(self.run_on(vectors), (0, f"{len(vectors)} passed, 0 failed\n"))

    def test_the_projects_golden_vectors(self) -> None:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = verify.verify_vectors(HERE.parents[1] / "tests/vectors")
        self.assertEqual(code, 0, output.getvalue())

    def test_a_reason_that_may_be_either(self) -> None:
        wrong = {
            "name": "x",
            "structure": "canonical",
            "valid": False,
            "input": {"statement": parts(stream=chunk(3, num(1, 0, True) + bytes_(2, b"\6" * 16))).hex()},
        }
        code, output = self.run_on([{**wrong, "fault": "enum_unspecified"}])
        self.assertEqual(code, 0)
        self.assertIn("note   x.json", output)
        code, output = self.run_on([{**wrong, "fault": "field_order"}])
        self.assertEqual(code, 1)
        self.assertIn("the reason is default_written, not field_order", output)

    def test_wrong(self) -> None:
        for vector in self.vectors()[:14]:
            opposite = {**vector, "valid": False, "fault": "something"}
            self.assertEqual(self.run_on([opposite])[0], 1, vector["structure"])
            for name, value in vector["output"].items():
                output = {**vector["output"], name: 99 if isinstance(value, int) else []}
                code, text = self.run_on([{**vector, "output": output}])
                self.assertEqual((code, text.splitlines()[-1]), (1, "0 passed, 1 failed"))
        for broken in ({"structure": "nothing"}, {"structure": "statement", "valid": True, "input": {}}, {}):
            self.assertEqual(self.run_on([{"name": "x", **broken}])[0], 1)
        self.assertEqual(self.run_on([]), (1, "0 passed, 0 failed\n"))

    def test_a_log_is_refused_for_its_last_event_alone_and_for_its_reason(self) -> None:
        book = with_case()
        book.add(101, A_CASE, b"", [(ANNA, HASH)])
        wrong = {"name": "x", "structure": "log", "valid": False, "input": self.log_of(book)}
        self.assertEqual(self.run_on([{**wrong, "fault": "grant_unknown"}])[0], 0)
        self.assertEqual(self.run_on([{**wrong, "fault": "grant_missing"}])[0], 1)
        book.add(101, A_CASE, b"", [ANNA])
        wrong["input"] = self.log_of(book)
        self.assertIn("refused_early", self.run_on([{**wrong, "fault": "grant_unknown"}])[1])

    def test_fixed_layouts_alone(self) -> None:
        def sealed(data: bytes) -> bytes:
            return data + blake3(data).digest()

        header, end = segment_header(7, HASH, HASH), footer(700, 7, HASH)
        for reason, data in [
            ("header_length", header + b"\0"),
            ("header_length", header[:-1]),
            ("header_magic", sealed(b"LTPSEG2\n" + header[8:80])),
            ("header_checksum", header[:79] + b"\0" + header[80:]),
            ("header_previous", segment_header(0, HASH, HASH)),
        ]:
            with RefusedAs(self, reason):
                verify.parse_segment_header(data)
        for reason, data in [
            ("footer_length", end + b"\0"),
            ("footer_length", end[:-1]),
            ("footer_magic", sealed(b"LTPEND2\n" + end[8:56])),
            ("footer_checksum", end[:55] + b"\0" + end[56:]),
        ]:
            with RefusedAs(self, reason):
                verify.parse_footer(data)
        whole = with_case().frames(3, [2])

        def with_checksum(head: bytes, body: bytes) -> bytes:
            return head + blake3(head + body).digest() + body

        for reason, data in [
            ("frame_length", whole[:95]),
            ("frame_magic", with_checksum(b"LTPFRM2\n" + whole[8:64], whole[96:])),
            ("frame_length", with_checksum(whole[:64], whole[96:] + b"\0")),
            ("frame_checksum", whole[:-1] + b"\0"),
        ]:
            with RefusedAs(self, reason):
                verify.vector_frame({"bytes": data.hex()})

    def test_a_frame_alone(self) -> None:
        for change in ({"sequence": 9}, {"previous": HASH}):
            book = with_case()
            book.add(101, A_CASE, b"", [ANNA], **change)
            self.assertFalse(accepts(verify.vector_frame, {"bytes": book.frames(4, [2]).hex()}))
        whole = with_case().frames(3, [2])
        for at in range(len(whole)):
            wrong = whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]
            self.assertFalse(accepts(verify.vector_frame, {"bytes": wrong.hex()}))


class CommandLine(TestCase):
    def run_it(self, *arguments: object) -> tuple[int, str]:
        command = [sys.executable, str(HERE / "verify.py"), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_data(self) -> None:
        book = with_case()
        book.add(18, (ACTOR, ANNA.actor), b"", [book.registrars[0]])
        path = self.write(book)
        earlier = self.directory / "earlier"
        earlier.write_bytes(book.checkpoint(3))
        code, output = self.run_it("data", path, "--checkpoint", earlier)
        self.assertEqual(code, 0)
        self.assertTrue(output.startswith("trial     YES"), output)
        self.assertIn("events    6 in 2 segments\nstreams   3\ntime      2026-09-21 14:13:21.", output)
        self.assertIn("signed, kind not known here", output)
        self.assertIn("sections  4, of which 0 are gone as an erasure says", output)
        self.assertIn("none was opened: the vault is not here", output)
        code, output = self.run_it("data", path, "--json")
        report = json.loads(output)
        self.assertEqual((code, report["trial"], report["verified"], report["events"]), (0, True, True, 6))

    def test_what_is_said_of_marks_disputes_policy_and_sections(self) -> None:
        book = with_vault()
        book.add(123, PROTECTED_OF_CASE, b"", [ANNA])
        book.add(126, A_CASE, ACT, [ANNA])
        book.add(126, A_CASE, ACT, [ANNA])
        book.add(10, of(ANNA), bytes_(1, ANNA.public) + num(2, 10), [(ANNA, None)])
        book.add(15, (ROOT, bytes(16)), bytes_(1, b"text"), [*book.registrars[:2], OFFICER])
        book.add(60, (ACCESS, A_CASE[1]), sections_read(OFFICER.actor), [book.statement_key])
        book.add(16, ROOT_STREAM, profile(), [*book.registrars[:2], DIRECTOR])
        book.add(184, (CLOCKS, A_CASE[1]), missed(), [book.statement_key])
        path = self.write(book)
        code, output = self.run_it("data", path)
        self.assertEqual(code, 0, output)
        self.assertIn("marked    2 under recusal\n", output)
        self.assertNotIn("without the holder", output)
        self.assertNotIn("emergency access", output)
        self.assertIn("disputed  2 signed with a compromised key, endorsed by nobody else\n", output)
        self.assertIn("policy    1 events under it: policy verdicts not replayed here\n", output)
        self.assertIn("procedure 1 events under it: rules of procedure: not replayed here\n", output)
        self.assertIn("4 were opened, and are as committed", output)
        self.assertNotIn(WORDS.decode(), output)
        code, output = self.run_it("data", path, "--verbose")
        self.assertIn("marked    2 under recusal: sequence 10, 11\n", output)
        self.assertIn("endorsed by nobody else: sequence 10, 11\n", output)
        report = json.loads(self.run_it("data", path, "--json")[1])
        self.assertEqual((report["disputed"], report["marks"]["under recusal"]), ([10, 11], [10, 11]))
        kek = (path / "keys/vault.kek").rename(self.directory / "kek")
        self.assertIn("(--kek)", self.run_it("data", path)[1])
        self.assertIn("4 were opened", self.run_it("data", path, "--kek", kek)[1])
        kek.write_bytes(b"")
        code, output = self.run_it("data", path, "--kek", kek)
        self.assertEqual(code, 1)
        self.assertIn("FAULT     vault/key, offset 0: kek", output)

    def test_emergency_access_stands_out_until_it_is_reviewed(self) -> None:
        book = with_staff(HEAD, OFFICER, BORIS)
        opened = [book.add(65, A_CASE, break_glass(NOW + HOUR), [BORIS], **DANGER) for _ in range(2)]
        sequence = len(book.events) - 1
        book.add(67, A_CASE, bytes_(1, opened[0]) + num(2, 1), [OFFICER, HEAD])
        code, output = self.run_it("data", self.write(book))
        self.assertEqual(code, 0, output)
        told = f"emergency access opened 2 times, 1 NOT REVIEWED: sequence {sequence}\n"
        self.assertIn(told, output)

    def test_fault(self) -> None:
        path = self.write(with_case())
        (path / "record/head").write_bytes(b"")
        code, output = self.run_it("data", path)
        self.assertEqual(code, 1)
        self.assertIn("FAULT     record/head, offset 0: note", output)
        code, output = self.run_it("data", path, "--json")
        self.assertEqual((code, json.loads(output)["fault"]["segment"]), (1, "record/head"))
        self.assertEqual(self.run_it("data", path / "nowhere")[0], 1)

    def test_receipt(self) -> None:
        book = with_case()
        file = self.directory / "receipt"
        file.write_text(book.receipt(4), encoding="utf-8")
        code, output = self.run_it("receipt", file, "--vkey", book.vkey())
        self.assertEqual(code, 0)
        self.assertIn("sequence  4, in the signed checkpoint of size 5", output)
        self.assertEqual(self.run_it("receipt", file, "--vkey", Formats.VKEY)[0], 1)
        self.assertEqual(self.run_it("receipt", self.directory / "nowhere", "--vkey", Formats.VKEY)[0], 1)


if __name__ == "__main__":
    unittest.main()
