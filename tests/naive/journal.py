"""Reads the record of a data directory: every event, in log order.

Written from proto/README.md, "Record" and "Link". It reads and does not verify: that is the work of
`letopis verify` and tools/verify-py.
"""

import pathlib
import sys
import tempfile
from dataclasses import dataclass

from grpc_tools import protoc

HEADER, FRAME_HEAD, LINK, SIGNATURE = 112, 96, 112, 64
CASE, PROTECTED, ACCESS, CLOCKS, SIGNAL = 3, 4, 5, 6, 7
STREAM_NAMES = {
    1: "root", 2: "actor", 3: "case", 4: "protected", 5: "access",
    6: "clocks", 7: "signal", 8: "person", 9: "complaint",
}
_messages = None


def messages():
    """The generated code of the protos' statement messages, made once for each run."""
    global _messages
    if _messages is None:
        protos = pathlib.Path(__file__).resolve().parents[2] / "proto"
        with tempfile.TemporaryDirectory() as out:
            files = sorted(str(p.relative_to(protos)) for p in protos.rglob("statement/v1/*.proto"))
            well_known = pathlib.Path(protoc.__file__).parent / "_proto"
            options = [f"-I{protos}", f"-I{well_known}", f"--python_out={out}"]
            if protoc.main(["protoc", *options, *files]) != 0:
                sys.exit("the stubs can't be made: the official compiler does not take the protos")
            sys.path.insert(0, out)
            from letopis.statement.v1 import statement_pb2

            sys.path.remove(out)
        _messages = statement_pb2
    return _messages


@dataclass
class Event:
    """One event of the log, with its place in log and stream."""

    sequence: int
    recorded_at: int  # nanoseconds since 1970 UTC
    hash: bytes
    statement: object
    version: int  # in its stream, from 1

    @property
    def stream(self) -> tuple[int, bytes]:
        return self.statement.stream.kind, self.statement.stream.id

    @property
    def member(self) -> str:
        return self.statement.fact.WhichOneof("kind")

    @property
    def fact(self):
        return getattr(self.statement.fact, self.member)

    @property
    def kind(self) -> str:
        """The kind as the protos name it, such as CaseOpened."""
        return type(self.fact).DESCRIPTOR.name

    @property
    def number(self) -> int:
        """The number of the kind's member in Fact."""
        return type(self.statement.fact).DESCRIPTOR.fields_by_name[self.member].number

    @property
    def occurred(self) -> int:
        """When it happened, as it says itself; seconds since 1970 UTC."""
        return self.statement.occurred_at.seconds

    @property
    def actors(self) -> list[bytes]:
        return [signer.actor for signer in self.statement.signers]

    def section_types(self) -> list[str]:
        return [section.payload_type for section in self.statement.sections]

    def references(self, relation: int) -> list:
        return [r for r in self.statement.references if r.relation == relation]


def uint(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def read_log(data_dir: str) -> list[Event]:
    """Every event of the record, in log order."""
    events: list[Event] = []
    versions: dict[tuple[int, bytes], int] = {}
    for path in sorted((pathlib.Path(data_dir) / "record").glob("*.segment")):
        read_segment(path.read_bytes(), events, versions)
    return events


def read_segment(data: bytes, events: list[Event], versions: dict) -> None:
    """Frames stand one after the other; a footer, or zeros, end them."""
    at = HEADER
    while data[at : at + 8] == b"LTPFRM1\n":
        count, length = uint(data, at + 16, 4), uint(data, at + 20, 4)
        body = data[at + FRAME_HEAD : at + FRAME_HEAD + length]
        read_body(body, count, events, versions)
        at += FRAME_HEAD + length


def read_body(body: bytes, count: int, events: list[Event], versions: dict) -> None:
    at = 0
    for _ in range(count):
        link = body[at : at + LINK]
        at += LINK
        length = uint(body, at, 4)
        statement = messages().Statement.FromString(body[at + 4 : at + 4 + length])
        at += 4 + length
        at += 1 + SIGNATURE * body[at]
        sections = body[at]
        at += 1
        for _ in range(sections):
            at += 4 + uint(body, at, 4)
        stream = (statement.stream.kind, statement.stream.id)
        versions[stream] = versions.get(stream, 0) + 1
        events.append(
            Event(uint(link, 0, 8), uint(link, 8, 8), link[48:80], statement, versions[stream])
        )
