#!/usr/bin/env python3
"""The independent verifier of Letopis: one file, to be read from top to bottom.

It was written from `proto/README.md` (the format) and the protos beside it, and shares no code
with the server. Where the two disagree, one of them is wrong about the format.

    verify.py data DIR [--checkpoint FILE] [--kek FILE] [--verbose | --json]
                                                       a data directory's record
    verify.py receipt FILE --vkey VKEY                 a receipt, against a verification key
    verify.py deidentified FILE                        the signatures of a case for discussion
    verify.py vectors DIR                              the project's golden vectors

What it needs: Python 3.11, `blake3` for the hashes, `cryptography` for the Ed25519 equation and for
ChaCha20-Poly1305.

What it shows of a record: that every byte hangs together, that every statement was signed by keys,
roles and qualifications that were in force, in the place that it has and with nothing in its file
that forbids it, that nothing was forgotten which no erasure on the record names, and that the record
is the one that the head file's checkpoint (and an earlier one, if you have it) was signed over. Where
the vault and its key-encryption key are at hand, it opens every section and compares what is in it
with what was signed; it prints none of it.

What it says besides: which statements are marked (on expired qualification, under recusal, without
the holder), which are disputed, and which emergency access nobody has reviewed.

What it does not show: that the ledger's id is the one you expect (compare it), that what people
stated is true, that the operator's times are right, that the adopted policy permitted what was
read and written (policies are in Cedar, which is not evaluated here), and that the adopted rules of
procedure were kept: their clocks, stages, sections and confirming signatures are not replayed here, and
sections are not held to their types' schemas. That such rules were adopted before anything was recorded
of a case it does show.

Order of this file: errors, hashes, the messages, their wire encoding, their form, signatures, sealed
sections, the log's links and Merkle tree, notes and checkpoints, receipts, the data directory, the
vault, who may sign, who may read and write, positions, a whole record, de-identified cases, the
golden vectors, the command line.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import functools
import hashlib
import json
import os
import re
import struct
import sys
import time
from array import array
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, NamedTuple

from blake3 import blake3
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

ZERO_16 = bytes(16)
ZERO_32 = bytes(32)


# ======================================================================================== Errors


class Refused(Exception):
    """Something does not hold. `reason` is a word in snake_case, and one of the Reasons in
    proto/letopis/error/v1/error.proto where one fits; `detail` is for people."""

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


class Fault(Exception):
    """The first thing that does not hold in a data directory: in which file (`segment`, relative
    to the directory), at which byte, at which sequence (None where none is known), and why."""

    def __init__(self, segment: str, offset: int, sequence: int | None, reason: str, detail: str = ""):
        at = "" if sequence is None else f", sequence {sequence}"
        super().__init__(f"{segment}, offset {offset}{at}: {reason}" + (f": {detail}" if detail else ""))
        self.segment, self.offset, self.sequence = segment, offset, sequence
        self.reason, self.detail = reason, detail
        # What was known before the fault was met; set by `verify_data`.
        self.report: Report | None = None


# ======================================================================================== Hashes

# H(purpose, x) is BLAKE3 in derive_key mode, with one context for each purpose.
HASHERS = {
    purpose: blake3(derive_key_context=f"letopis 2026-11 {context} v1")
    for purpose, context in {
        "ledger id": "ledger id",
        "commitment": "section commitment",
        "statement": "statement",
        "signatures": "signatures",
        "link": "link",
        "stream head": "stream head",
        "deidentified": "deidentified case",
    }.items()
}


def H(purpose: str, data: bytes) -> bytes:
    hasher = HASHERS[purpose].copy()
    hasher.update(data)
    return hasher.digest()


def LP(data: bytes) -> bytes:
    """A length in eight bytes, then the bytes."""
    return struct.pack(">Q", len(data)) + data


def statement_hash(statement: bytes) -> bytes:
    return H("statement", statement)


def signatures_hash(signatures: list[bytes]) -> bytes:
    return H("signatures", b"".join(signatures))


def next_head(head: bytes, hash_of_statement: bytes) -> bytes:
    """A stream's head after one more statement; it begins at 32 zero bytes."""
    return H("stream head", head + hash_of_statement)


def commitment(nonce: bytes, index: int, class_: int, payload_type: bytes, salt: bytes, content: bytes) -> bytes:
    """What a statement holds of a section's content."""
    fixed = b"\x01" + nonce + struct.pack(">II", index, class_)
    return H("commitment", fixed + LP(payload_type) + salt + LP(content))


# ================================================================================== The messages
#
# The messages of package letopis.statement.v1, written out by hand: for each field its number,
# name and type, and what the protos' comments say about its length or bounds. The encoding is
# checked against numbers and types (`decode`), the form against the rest (`check_form`).


class Number(NamedTuple):
    """A varint of so many bits; `zigzag` for sint32 and sint64."""

    name: str
    bits: int
    zigzag: bool = False


class Enum(NamedTuple):
    """An enum whose known values are 1 to `highest`; 0 is never used."""

    name: str
    highest: int


class Chunk(NamedTuple):
    """Bytes, or a string."""

    name: str


UINT32, UINT64 = Number("uint32", 32), Number("uint64", 64)
SINT32, SINT64 = Number("sint32", 32, zigzag=True), Number("sint64", 64, zigzag=True)
BOOL = Number("bool", 1)
BYTES, STRING = Chunk("bytes"), Chunk("string")


class Field(NamedTuple):
    name: str
    type: Any
    size: tuple[int, int] | None = None  # bytes and strings: least and greatest length
    value: tuple[int, int] | None = None  # numbers: least and greatest value
    repeated: tuple[int, int] | None = None  # least and greatest number of entries
    optional: bool = False  # a number or enum with presence: written at its default too
    needed: bool = True  # messages, enums, and bytes with a size: must be there


class Message:
    def __init__(self, name: str, fields: dict[int, Field], rule: Callable | None = None, oneof: bool = False):
        self.name, self.fields, self.rule, self.oneof = name, fields, rule, oneof


def naming(name: str, member: str, length: int = 32, needed: bool = True) -> Message:
    """A fact that is one id or statement hash, and nothing else."""
    return Message(name, {1: Field(member, BYTES, size=exactly(length), needed=needed)})


def exactly(length: int) -> tuple[int, int]:
    return (length, length)


# --- types.proto

ROOT, ACTOR, CASE, PROTECTED, ACCESS, CLOCKS, SIGNAL, PERSON, COMPLAINT = range(1, 10)

STREAM_KIND = Enum("StreamKind", 9)
CLASS = Enum("Class", 3)
PURPOSE = Enum("Purpose", 10)
AGE_BAND = Enum("AgeBand", 5)
TRACK = Enum("Track", 6)

SECTIONS_MAX = 32  # of a statement
SECONDS = (-62135596800, 253402300799)  # the years 1 to 9999
NANOS = (0, 999_999_999)
OFFSET_MINUTES = (-1080, 1080)
DAYS = (-719_162, 2_932_896)  # since 1970-01-01; the same years


def rule_of_stream(stream: dict) -> None:
    if (stream["kind"] == ROOT) != (stream["id"] == ZERO_16):
        raise Refused("stream_kind_wrong", "the root stream's id is zero, and no other stream's is")


STREAM = Message(
    "Stream",
    {
        1: Field("kind", STREAM_KIND),
        2: Field("id", BYTES, size=exactly(16)),
    },
    rule=rule_of_stream,
)

INSTANT = Message(
    "Instant",
    {
        1: Field("seconds", SINT64, value=SECONDS),
        2: Field("nanos", UINT32, value=NANOS),
        3: Field("offset_minutes", SINT32, value=OFFSET_MINUTES),
    },
)

# --- registry.proto


def rule_of_registrar(registrar: dict) -> None:
    if registrar["actor"] == ZERO_16:
        raise Refused("value_out_of_range", "Registrar.actor is zero, which is the ledger itself")


def rule_of_genesis(genesis: dict) -> None:
    if not re.fullmatch(r"[a-z0-9.-]+", genesis["name"]):
        raise Refused("value_out_of_range", "Genesis.name is not of lower case letters, digits, hyphens, dots")
    if not re.fullmatch(r"[a-z0-9-]+", genesis["procedure"]):
        raise Refused("value_out_of_range", "Genesis.procedure is not of [a-z0-9-]")
    registrars = genesis["registrars"]
    keys = [registrar["statement_key"] for registrar in registrars]
    keys += [genesis["statement_key"], genesis["checkpoint_key"]]
    if len(set(keys)) != len(keys):
        raise Refused("value_out_of_range", "one key is named twice in the Genesis")
    if len({registrar["actor"] for registrar in registrars}) != len(registrars):
        raise Refused("value_out_of_range", "one actor is two registrars in the Genesis")


def rule_of_actor_enrolled(enrolled: dict) -> None:
    if enrolled["key"]["use"] != USE_STATEMENT:
        raise Refused("value_out_of_range", "an actor's first key is one that signs statements")


def rule_of_term(term: dict) -> None:
    since, until = term.get("from_seconds"), term.get("until_seconds")
    if since is not None and until is not None and until <= since:
        raise Refused("value_out_of_range", "a term ends before it begins")


def need_ascending(values: dict, name: str, key: Callable = lambda entry: entry) -> None:
    entries = [key(entry) for entry in values[name]]
    if not all(a < b for a, b in zip(entries, entries[1:])):
        raise Refused("value_out_of_range", f"{name} is not strictly ascending")


def rule_of_role_delegated(delegated: dict) -> None:
    rule_of_term(delegated)
    need_ascending(delegated, "kinds")


def rule_of_duty_roster(roster: dict) -> None:
    shifts = roster["shifts"]
    if any(b["from_seconds"] < a["until_seconds"] for a, b in zip(shifts, shifts[1:])):
        raise Refused("value_out_of_range", "DutyRosterSet.shifts are not ascending, or overlap")
    need_ascending(roster, "kinds")


REGISTRAR = Message(
    "Registrar",
    {
        1: Field("actor", BYTES, size=exactly(16)),
        2: Field("statement_key", BYTES, size=exactly(32)),
    },
    rule=rule_of_registrar,
)

GENESIS = Message(
    "Genesis",
    {
        1: Field("name", STRING, size=(1, 200)),
        2: Field("procedure", STRING, size=(2, 16)),
        3: Field("trial", BOOL),
        4: Field("registrars", REGISTRAR, repeated=(3, 14)),
        5: Field("statement_key", BYTES, size=exactly(32)),
        6: Field("checkpoint_key", BYTES, size=exactly(32)),
        7: Field("previous_ledger", BYTES, size=exactly(32), needed=False),
    },
    rule=rule_of_genesis,
)

USE_STATEMENT, USE_TOKEN, USE_CHECKPOINT, USE_WITNESS = range(1, 5)

ENROLLED_KEY = Message(
    "EnrolledKey",
    {
        1: Field("public_key", BYTES, size=exactly(32)),
        2: Field("use", Enum("KeyUse", 4)),
    },
)

ACTOR_ENROLLED = Message(
    "ActorEnrolled",
    {
        1: Field("kind", Enum("ActorKind", 2)),
        2: Field("key", ENROLLED_KEY),
    },
    rule=rule_of_actor_enrolled,
)

KEY_ENROLLED = Message("KeyEnrolled", {1: Field("key", ENROLLED_KEY)})
KEY_REVOKED = Message("KeyRevoked", {1: Field("public_key", BYTES, size=exactly(32))})

# The roles that some rule names.
REGISTRAR_OF_KEYS, SOCIAL_WORKER, HEAD_OF_DEPARTMENT, DIRECTOR, DUTY_OFFICER = 1, 2, 3, 4, 6
SUPERIOR, PROVIDER, TEAM_MEMBER, SUPERVISOR, COMPLAINT_HANDLER = 7, 8, 9, 10, 11
DATA_PROTECTION_OFFICER, AUDITOR, CLERK = 12, 13, 15

ROLE_GRANTED = Message(
    "RoleGranted",
    {
        1: Field("role", Enum("Role", 15)),
        2: Field("agency", BYTES, size=exactly(16), needed=False),
        3: Field("region", UINT32, optional=True),
        4: Field("from_seconds", SINT64, optional=True),
        5: Field("until_seconds", SINT64, optional=True),
    },
    rule=rule_of_term,
)

ROLE_ENDED = Message("RoleEnded", {1: Field("grant", BYTES, size=exactly(32))})

KEY_ROTATED = Message(
    "KeyRotated",
    {
        1: Field("key", ENROLLED_KEY),
        2: Field("replaces", BYTES, size=exactly(32)),
    },
)

KEY_SUSPENDED = Message("KeySuspended", {1: Field("public_key", BYTES, size=exactly(32))})
KEY_REINSTATED = Message("KeyReinstated", {1: Field("public_key", BYTES, size=exactly(32))})

KEY_COMPROMISED = Message(
    "KeyCompromised",
    {
        1: Field("public_key", BYTES, size=exactly(32)),
        2: Field("since_sequence", UINT64),
    },
)

QUALIFICATION_VERIFIED = Message("QualificationVerified", {1: Field("until_seconds", SINT64, optional=True)})
QUALIFICATION_EXPIRED = Message("QualificationExpired", {1: Field("verified", BYTES, size=exactly(32))})

KIND_NUMBER = (1, 2**32 - 1)  # of a kind of fact, which need not be known here

ROLE_DELEGATED = Message(
    "RoleDelegated",
    {
        1: Field("from_seconds", SINT64),
        2: Field("until_seconds", SINT64),
        3: Field("kinds", UINT32, value=KIND_NUMBER, repeated=(0, 64)),
    },
    rule=rule_of_role_delegated,
)

SHIFT = Message(
    "Shift",
    {
        1: Field("from_seconds", SINT64),
        2: Field("until_seconds", SINT64),
    },
    rule=rule_of_term,
)

DUTY_ROSTER_SET = Message(
    "DutyRosterSet",
    {
        1: Field("shifts", SHIFT, repeated=(1, 64)),
        2: Field("kinds", UINT32, value=KIND_NUMBER, repeated=(0, 64)),
    },
    rule=rule_of_duty_roster,
)

POLICY_ADOPTED = Message("PolicyAdopted", {1: Field("text", STRING, size=(1, 49_152))})

# --- access.proto


def by_version(released: dict) -> int:
    return released["version"]


def by_kind_and_id(stream: dict) -> tuple[int, bytes]:
    return stream["kind"], stream["id"]


def rule_of_sections_erased(erased: dict) -> None:
    if not erased:
        raise Refused("field_missing", "SectionsErased names nothing")


TOKEN_BYTES = (1, 2048)

RELEASED_SECTIONS = Message(
    "ReleasedSections",
    {
        1: Field("version", UINT64, value=(1, 2**64 - 1)),
        2: Field("sections", UINT32, value=(0, SECTIONS_MAX - 1), repeated=(1, SECTIONS_MAX)),
    },
    rule=lambda released: need_ascending(released, "sections"),
)

SECTIONS_READ = Message(
    "SectionsRead",
    {
        1: Field("reader", BYTES, size=exactly(16)),
        2: Field("purpose", PURPOSE),
        3: Field("token", BYTES, size=TOKEN_BYTES),
        4: Field("kind", STREAM_KIND),
        5: Field("released", RELEASED_SECTIONS, repeated=(1, 2048)),
    },
    rule=lambda reading: need_ascending(reading, "released", by_version),
)

FACTS_READ = Message(
    "FactsRead",
    {
        1: Field("reader", BYTES, size=exactly(16)),
        2: Field("purpose", PURPOSE),
        3: Field("token", BYTES, size=TOKEN_BYTES),
        4: Field("files", STREAM, repeated=(1, 200)),
    },
    rule=lambda reading: need_ascending(reading, "files", by_kind_and_id),
)

ACCESS_DENIED = Message(
    "AccessDenied",
    {
        1: Field("reader", BYTES, size=exactly(16)),
        2: Field("purpose", PURPOSE),
        3: Field("token", BYTES, size=TOKEN_BYTES),
        4: Field("file", STREAM),
        5: Field("reason", Enum("Denial", 4)),
        6: Field("count", UINT32, value=(1, 2**32 - 1)),
    },
)

ACCESS_GRANTED = Message(
    "AccessGranted",
    {
        1: Field("reader", BYTES, size=exactly(16)),
        2: Field("classes", CLASS, repeated=(1, 3)),
        3: Field("purpose", PURPOSE),
        4: Field("until_seconds", SINT64),
        5: Field("complaint", BYTES, size=exactly(16), needed=False),
    },
    rule=lambda granted: need_ascending(granted, "classes"),
)

ACCESS_REVOKED = Message("AccessRevoked", {1: Field("granted", BYTES, size=exactly(32))})

BREAK_GLASS_OPENED = Message(
    "BreakGlassOpened",
    {
        1: Field("classes", CLASS, repeated=(1, 3)),
        2: Field("until_seconds", SINT64),
    },
    rule=lambda opened: need_ascending(opened, "classes"),
)

BREAK_GLASS_CLOSED = Message("BreakGlassClosed", {1: Field("opened", BYTES, size=exactly(32))})

BREAK_GLASS_REVIEWED = Message(
    "BreakGlassReviewed",
    {
        1: Field("opened", BYTES, size=exactly(32)),
        2: Field("justified", BOOL),
    },
)

INFORMATION_SHARED = Message(
    "InformationShared",
    {
        1: Field("receiver", BYTES, size=exactly(16)),
        2: Field("shared", RELEASED_SECTIONS, repeated=(1, 256)),
        3: Field("until_seconds", SINT64, optional=True),
    },
    rule=lambda shared: need_ascending(shared, "shared", by_version),
)

DISCLOSURE_RECEIVED = Message("DisclosureReceived", {1: Field("shared", BYTES, size=exactly(32))})
DISCLOSURE_REFUSED = Message("DisclosureRefused", {})
SUBJECT_ACCESS_ANSWERED = Message("SubjectAccessAnswered", {})
BREACH_RECORDED = Message("BreachRecorded", {})

ERASED_SECTION = Message(
    "ErasedSection",
    {
        1: Field("version", UINT64, value=(1, 2**64 - 1)),
        2: Field("index", UINT32, value=(0, SECTIONS_MAX - 1)),
    },
)

SECTIONS_ERASED = Message(
    "SectionsErased",
    {
        1: Field("class", CLASS, optional=True, needed=False),
        2: Field("section", ERASED_SECTION, needed=False),
    },
    rule=rule_of_sections_erased,
    oneof=True,
)

ERASURE_COMPLETED = Message("ErasureCompleted", {1: Field("erased", BYTES, size=exactly(32))})
LEGAL_HOLD_SET = Message("LegalHoldSet", {})
LEGAL_HOLD_LIFTED = Message("LegalHoldLifted", {1: Field("set", BYTES, size=exactly(32))})

# --- people.proto

PERSON_RECORDED = Message("PersonRecorded", {})
PERSON_CORRECTED = Message("PersonCorrected", {})
PERSONS_MERGED = naming("PersonsMerged", "other", 16)
PERSONS_SEPARATED = naming("PersonsSeparated", "merged")
PERSON_LINKED = Message("PersonLinked", {})
PERSON_UNLINKED = naming("PersonUnlinked", "linked")

# --- signal.proto

SIGNAL_RECEIVED = Message(
    "SignalReceived",
    {
        1: Field("channel", Enum("SignalChannel", 5)),
        2: Field("children", BYTES, size=exactly(16), repeated=(1, 32)),
        3: Field("track", TRACK),
        4: Field("anonymous", BOOL),
    },
    rule=lambda received: need_ascending(received, "children"),
)

SIGNAL_ASSIGNED = naming("SignalAssigned", "worker", 16)
SIGNAL_JOINED = naming("SignalJoined", "prior", 16)
SIGNAL_FORWARDED = Message("SignalForwarded", {})

NO_CASE = 2  # a SignalOutcome


def rule_of_child_outcome(found: dict) -> None:
    if ("track" in found) != (found["outcome"] != NO_CASE):
        raise Refused("value_out_of_range", "ChildOutcome.track is there unless no case is opened")


CHILD_OUTCOME = Message(
    "ChildOutcome",
    {
        1: Field("child", BYTES, size=exactly(16)),
        2: Field("outcome", Enum("SignalOutcome", 3)),
        3: Field("track", TRACK, optional=True, needed=False),
        4: Field("age_band", AGE_BAND),
    },
    rule=rule_of_child_outcome,
)

SIGNAL_ASSESSED = Message(
    "SignalAssessed",
    {1: Field("outcomes", CHILD_OUTCOME, repeated=(1, 32))},
    rule=lambda assessed: need_ascending(assessed, "outcomes", lambda found: found["child"]),
)

SIGNAL_NOT_PURSUED = Message("SignalNotPursued", {})
SENDER_NOTIFIED = Message("SenderNotified", {})

# --- case.proto


def at_age(name: str) -> Message:
    """A fact that holds the child's age band alone."""
    return Message(name, {1: Field("age_band", AGE_BAND)})


HISTORY_IMPORTED = Message(
    "HistoryImported",
    {
        1: Field("activity", UINT32, value=(1, 2**32 - 1)),
        2: Field("time", INSTANT),
    },
)

CASE_OPENED = Message(
    "CaseOpened",
    {
        1: Field("holder", BYTES, size=exactly(16)),
        2: Field("lead", BYTES, size=exactly(16)),
    },
)

NOTE_ADDED = Message("NoteAdded", {})
LEAD_ASSIGNED = naming("LeadAssigned", "lead", 16, needed=False)
ASSESSMENT_COMPLETED = at_age("AssessmentCompleted")
CONFLICT_DECLARED = Message("ConflictDeclared", {})
ENDORSED = Message("Endorsed", {})
ENDORSEMENT_REFUSED = Message("EndorsementRefused", {})
ENDORSEMENT_LAPSED = Message("EndorsementLapsed", {})
SIGNATURE_ATTESTED = Message("SignatureAttested", {1: Field("stance", Enum("Stance", 3))})
TRANSFER_PROPOSED = naming("TransferProposed", "to", 16)
TRANSFER_ACCEPTED = naming("TransferAccepted", "proposed")
TRANSFER_REJECTED = naming("TransferRejected", "proposed")
COMPETENCE_DECIDED = naming("CompetenceDecided", "holder", 16)

DUTY_SETTLED = Message(
    "DutySettled",
    {
        1: Field("subject", BYTES, size=exactly(32)),
        2: Field("owner", BYTES, size=exactly(16), needed=False),
    },
)

CASE_CLOSED = Message(
    "CaseClosed",
    {
        1: Field("age_band", AGE_BAND),
        2: Field("observed", BOOL),
        3: Field("settled", DUTY_SETTLED, repeated=(0, 64)),
    },
    rule=lambda closed: need_ascending(closed, "settled", lambda settled: settled["subject"]),
)

OBSERVATION_RECORDED = Message("ObservationRecorded", {})
CASE_VOIDED = Message("CaseVoided", {})
CASES_MERGED = naming("CasesMerged", "into", 16)
CASE_REOPENED = naming("CaseReopened", "lead", 16)
NEW_CASE_LINKED = naming("NewCaseLinked", "case_id", 16)
EVENT_MISFILED = naming("EventMisfiled", "event")
DISPUTE_NOTED = naming("DisputeNoted", "event", needed=False)
DOCUMENT_ADDED = Message("DocumentAdded", {})
DOCUMENT_CERTIFIED = naming("DocumentCertified", "document")

# --- plan.proto

TEAM_CONVENED = Message(
    "TeamConvened",
    {
        1: Field("mechanism", Enum("Mechanism", 5)),
        2: Field("members", BYTES, size=exactly(16), repeated=(1, 64)),
    },
    rule=lambda convened: need_ascending(convened, "members"),
)

TEAM_MET = Message(
    "TeamMet",
    {1: Field("attended", BYTES, size=exactly(16), repeated=(1, 64))},
    rule=lambda met: need_ascending(met, "attended"),
)

COMMITMENT = Message(
    "Commitment",
    {
        1: Field("id", BYTES, size=exactly(16)),
        2: Field("owner", BYTES, size=exactly(16)),
        3: Field("due_day", SINT32, value=DAYS),
    },
)


def rule_of_plan(plan: dict) -> None:
    need_ascending(plan, "commitments", lambda commitment: commitment["id"])


def plan(name: str) -> Message:
    fields = {
        1: Field("track", TRACK),
        2: Field("age_band", AGE_BAND),
        3: Field("commitments", COMMITMENT, repeated=(0, 64)),
    }
    return Message(name, fields, rule=rule_of_plan)


TEAM_PLAN_ADOPTED = Message(
    "TeamPlanAdopted", {1: Field("commitments", COMMITMENT, repeated=(0, 64))}, rule=rule_of_plan
)

COMMITMENT_FULFILLED = naming("CommitmentFulfilled", "commitment", 16)
COMMITMENT_MISSED = naming("CommitmentMissed", "commitment", 16)
PLAN_ADOPTED = plan("PlanAdopted")
PLAN_AMENDED = plan("PlanAmended")
INSTRUCTION_ISSUED = Message("InstructionIssued", {})

SERVICE_REFERRED = Message(
    "ServiceReferred",
    {
        1: Field("provider", BYTES, size=exactly(16)),
        2: Field("shared", RELEASED_SECTIONS, repeated=(0, 256)),
    },
    rule=lambda referred: need_ascending(referred, "shared", by_version),
)

REFERRAL_ACCEPTED = naming("ReferralAccepted", "referral")
REFERRAL_DECLINED = naming("ReferralDeclined", "referral")
SERVICE_REPORTED = naming("ServiceReported", "referral")
SERVICE_ENDED = naming("ServiceEnded", "referral")
AID_DECIDED = naming("AidDecided", "request")

# --- placement.proto


def naming_and(name: str, member: str, field_name: str, enum: Enum, needed: bool = True) -> Message:
    """A fact that is a statement hash and a code."""
    return Message(name, {1: Field(member, BYTES, size=exactly(32), needed=needed), 2: Field(field_name, enum)})


EMERGENCY_ACT_RECORDED = Message(
    "EmergencyActRecorded",
    {
        1: Field("act", Enum("EmergencyAct", 2)),
        2: Field("age_band", AGE_BAND),
    },
)

POLICE_PROTECTION_RECORDED = naming("PoliceProtectionRecorded", "ended", needed=False)
EMERGENCY_PLACEMENT_ORDERED = at_age("EmergencyPlacementOrdered")
EMERGENCY_STUDY_COMPLETED = naming("EmergencyStudyCompleted", "order")
PROSECUTOR_NOTIFIED = Message("ProsecutorNotified", {})
CARER_CONSENT_RECORDED = Message("CarerConsentRecorded", {})
FILE_SHOWN_TO_PARTY = Message("FileShownToParty", {})
PARTY_COMMENTED = naming("PartyCommented", "shown")
ACCESS_POSTPONED = Message("AccessPostponed", {})

PLACEMENT_ORDERED = Message(
    "PlacementOrdered",
    {
        1: Field("age_band", AGE_BAND),
        2: Field("file_access", Enum("FileAccess", 3)),
    },
)

ORDER_SERVED = naming_and("OrderServed", "order", "notice", Enum("AppealNotice", 3))
ORDER_DEEMED_SERVED = naming("OrderDeemedServed", "order")
EXECUTION_ORDERED = naming("ExecutionOrdered", "order")
EXECUTION_SUSPENDED = naming("ExecutionSuspended", "order")
COURT_REQUEST_FILED = naming("CourtRequestFiled", "order", needed=False)

COURT_DECISION_RECORDED = Message(
    "CourtDecisionRecorded",
    {
        1: Field("request", BYTES, size=exactly(32), needed=False),
        2: Field("outcome", Enum("CourtOutcome", 3)),
        3: Field("term_day", SINT32, value=DAYS, optional=True),
    },
)

COURT_REPORT_REQUESTED = Message("CourtReportRequested", {1: Field("due_day", SINT32, value=DAYS)})
COURT_REPORT_FILED = at_age("CourtReportFiled")
PROTECTION_ORDER_SOUGHT = Message("ProtectionOrderSought", {})
CUSTODY_SUIT_FILED = Message("CustodySuitFiled", {})
MEASURE_REQUESTED_BY_PARTY = Message("MeasureRequestedByParty", {1: Field("request", Enum("PartyRequest", 3))})
CHILD_MISSING = Message("ChildMissing", {})
CHILD_FOUND = Message("ChildFound", {})
CHILD_DIED = Message("ChildDied", {})
APPEAL_FILED = naming_and("AppealFiled", "act", "route", Enum("AppealRoute", 3))
APPEAL_FORWARDED = naming("AppealForwarded", "appeal")
APPEAL_DECIDED = naming_and("AppealDecided", "appeal", "outcome", Enum("AppealOutcome", 3))
PLACEMENT_STARTED = naming_and("PlacementStarted", "order", "age_band", AGE_BAND)
PLACEMENT_CHANGED = naming_and("PlacementChanged", "order", "age_band", AGE_BAND)
PLACEMENT_ENDED = naming_and("PlacementEnded", "decision", "age_band", AGE_BAND, needed=False)

# --- voice.proto

CHILD_INFORMED = Message("ChildInformed", {})
CHILD_HEARD = at_age("ChildHeard")
CHILD_NOT_HEARD = at_age("ChildNotHeard")
WEIGHT_OF_VIEWS_EXPLAINED = naming("WeightOfViewsExplained", "decision")
FAMILY_HEARD = Message("FamilyHeard", {})
CONSENT_GIVEN = at_age("ConsentGiven")
CONSENT_REFUSED = at_age("ConsentRefused")
CONSENT_WITHDRAWN = naming("ConsentWithdrawn", "given")
PROTECTIVE_OPINION_GIVEN = Message("ProtectiveOpinionGiven", {})
VISIT_RECORDED = Message("VisitRecorded", {1: Field("child_seen_alone", BOOL)})
REVIEW_HELD = at_age("ReviewHeld")
SUPERVISION_HELD = Message("SupervisionHeld", {})
EFFECTIVENESS_CHECKED = Message("EffectivenessChecked", {})
FEEDBACK_GIVEN = Message("FeedbackGiven", {})

# --- procedure.proto

PROFILE_ADOPTED = Message(
    "ProfileAdopted",
    {
        1: Field("text", STRING, size=(1, 49_152)),
        2: Field("effective_day", SINT32, value=DAYS, optional=True),
    },
)

REFUSAL_COUNT = Message(
    "RefusalCount",
    {
        1: Field("reason", UINT32, value=(1, 2**32 - 1)),
        2: Field("count", UINT64, value=(1, 2**64 - 1)),
    },
)

REFUSALS_COUNTED = Message(
    "RefusalsCounted",
    {
        1: Field("day", SINT32, value=DAYS),
        2: Field("counts", REFUSAL_COUNT, repeated=(1, 256)),
    },
    rule=lambda counted: need_ascending(counted, "counts", lambda of: of["reason"]),
)

CLOCK = (1, 2**32 - 1)  # a clock's number in a profile

DEADLINE_MISSED = Message(
    "DeadlineMissed",
    {
        1: Field("clock", UINT32, value=CLOCK),
        2: Field("started_by", BYTES, size=exactly(32)),
        3: Field("subject", BYTES, size=exactly(32)),
        4: Field("due_seconds", SINT64),
        5: Field("file", STREAM_KIND),
    },
)

DELAY_EXPLAINED = Message(
    "DelayExplained",
    {
        1: Field("clock", UINT32, value=CLOCK),
        2: Field("started_by", BYTES, size=exactly(32)),
    },
)


def rule_of_inspection(opened: dict) -> None:
    for name in ("auditors", "cases", "classes"):
        need_ascending(opened, name)
    if "agency" in opened and opened["cases"]:
        raise Refused("value_out_of_range", "InspectionOpened names an agency and cases")


INSPECTION_OPENED = Message(
    "InspectionOpened",
    {
        1: Field("auditors", BYTES, size=exactly(16), repeated=(1, 64)),
        2: Field("agency", BYTES, size=exactly(16), needed=False),
        3: Field("cases", BYTES, size=exactly(16), repeated=(0, 200)),
        4: Field("classes", CLASS, repeated=(0, 3)),
        5: Field("until_seconds", SINT64),
    },
    rule=rule_of_inspection,
)

INSPECTION_FINDING = naming("InspectionFinding", "opened")

INSPECTION_INSTRUCTION = Message(
    "InspectionInstruction",
    {
        1: Field("opened", BYTES, size=exactly(32)),
        2: Field("due_day", SINT32, value=DAYS),
    },
)

INSPECTION_COMPLIED = naming("InspectionComplied", "instruction")

# --- complaint.proto

COMPLAINT_LODGED = Message("ComplaintLodged", {})
HANDLER_ASSIGNED = naming("HandlerAssigned", "handler", 16)

# --- fact.proto


def rule_of_correction(corrected: dict) -> None:
    need_ascending(corrected, "sections")
    fact = corrected.get("fact")
    if fact is not None and CORRECTION in fact:
        raise Refused("value_out_of_range", "EventCorrected.fact is itself a correction")
    if fact is None and "occurred_at" not in corrected and not corrected["sections"]:
        raise Refused("field_missing", "EventCorrected corrects nothing")


CORRECTION = "198"  # as the field of a Fact is known here

EVENT_CORRECTED = Message(
    "EventCorrected",
    {
        1: Field("event", BYTES, size=exactly(32)),
        # 2 is a Fact, which is described below.
        3: Field("occurred_at", INSTANT, needed=False),
        4: Field("sections", UINT32, value=(0, SECTIONS_MAX - 1), repeated=(0, SECTIONS_MAX)),
    },
    rule=rule_of_correction,
)


class Kind(NamedTuple):
    """A kind of fact: how it takes its place, in which kinds of stream, and whether it is *urgent*:
    marked where another kind would be refused."""

    message: Message
    exclusive: bool
    streams: tuple[int, ...]
    urgent: bool = False


ADDITIVE, EXCLUSIVE, URGENT = False, True, True
ACCESSIBLE = (CASE, PROTECTED, SIGNAL, COMPLAINT)
ERASABLE = (ACTOR, CASE, PROTECTED, SIGNAL, PERSON, COMPLAINT)

KINDS = {
    1: Kind(GENESIS, ADDITIVE, (ROOT,)),
    2: Kind(ACTOR_ENROLLED, ADDITIVE, (ACTOR,)),
    3: Kind(KEY_ENROLLED, ADDITIVE, (ACTOR,)),
    4: Kind(KEY_REVOKED, ADDITIVE, (ACTOR,)),
    5: Kind(ROLE_GRANTED, EXCLUSIVE, (ACTOR,)),
    6: Kind(ROLE_ENDED, ADDITIVE, (ACTOR,)),
    7: Kind(KEY_ROTATED, ADDITIVE, (ACTOR,)),
    8: Kind(KEY_SUSPENDED, ADDITIVE, (ACTOR,)),
    9: Kind(KEY_REINSTATED, ADDITIVE, (ACTOR,)),
    10: Kind(KEY_COMPROMISED, ADDITIVE, (ACTOR,)),
    11: Kind(QUALIFICATION_VERIFIED, ADDITIVE, (ACTOR,)),
    12: Kind(QUALIFICATION_EXPIRED, ADDITIVE, (ACTOR,)),
    13: Kind(ROLE_DELEGATED, EXCLUSIVE, (ACTOR,)),
    14: Kind(DUTY_ROSTER_SET, ADDITIVE, (ACTOR,)),
    15: Kind(POLICY_ADOPTED, EXCLUSIVE, (ROOT,)),
    16: Kind(PROFILE_ADOPTED, EXCLUSIVE, (ROOT,)),
    17: Kind(REFUSALS_COUNTED, ADDITIVE, (ROOT,)),
    40: Kind(HISTORY_IMPORTED, ADDITIVE, (CASE,)),
    60: Kind(SECTIONS_READ, ADDITIVE, (ACCESS,)),
    61: Kind(FACTS_READ, ADDITIVE, (ACCESS,)),
    62: Kind(ACCESS_DENIED, ADDITIVE, (ACCESS,)),
    63: Kind(ACCESS_GRANTED, EXCLUSIVE, ACCESSIBLE),
    64: Kind(ACCESS_REVOKED, ADDITIVE, ACCESSIBLE),
    65: Kind(BREAK_GLASS_OPENED, ADDITIVE, (CASE, SIGNAL), URGENT),
    66: Kind(BREAK_GLASS_CLOSED, ADDITIVE, (CASE, SIGNAL)),
    67: Kind(BREAK_GLASS_REVIEWED, ADDITIVE, (CASE, SIGNAL)),
    68: Kind(INFORMATION_SHARED, ADDITIVE, (CASE,)),
    69: Kind(DISCLOSURE_RECEIVED, ADDITIVE, (CASE,)),
    70: Kind(DISCLOSURE_REFUSED, ADDITIVE, (CASE,)),
    71: Kind(SUBJECT_ACCESS_ANSWERED, ADDITIVE, (CASE,)),
    72: Kind(BREACH_RECORDED, ADDITIVE, (ROOT, CASE)),
    73: Kind(SECTIONS_ERASED, EXCLUSIVE, ERASABLE),
    74: Kind(ERASURE_COMPLETED, ADDITIVE, (ACCESS,)),
    75: Kind(LEGAL_HOLD_SET, EXCLUSIVE, ERASABLE),
    76: Kind(LEGAL_HOLD_LIFTED, EXCLUSIVE, ERASABLE),
    100: Kind(CASE_OPENED, EXCLUSIVE, (CASE,)),
    101: Kind(NOTE_ADDED, ADDITIVE, (CASE,)),
    102: Kind(PERSON_RECORDED, ADDITIVE, (PERSON,)),
    103: Kind(PERSON_CORRECTED, ADDITIVE, (PERSON,)),
    104: Kind(PERSONS_MERGED, ADDITIVE, (PERSON,)),
    105: Kind(PERSONS_SEPARATED, ADDITIVE, (PERSON,)),
    110: Kind(SIGNAL_RECEIVED, ADDITIVE, (SIGNAL,), URGENT),
    111: Kind(SIGNAL_ASSESSED, EXCLUSIVE, (SIGNAL,)),
    112: Kind(LEAD_ASSIGNED, EXCLUSIVE, (CASE,)),
    113: Kind(ASSESSMENT_COMPLETED, EXCLUSIVE, (CASE,)),
    114: Kind(CHILD_HEARD, ADDITIVE, (CASE,)),
    115: Kind(PLAN_ADOPTED, EXCLUSIVE, (CASE,)),
    116: Kind(VISIT_RECORDED, ADDITIVE, (CASE,)),
    117: Kind(REVIEW_HELD, ADDITIVE, (CASE,)),
    118: Kind(CASE_CLOSED, EXCLUSIVE, (CASE,)),
    119: Kind(PERSON_LINKED, ADDITIVE, (CASE,)),
    120: Kind(PERSON_UNLINKED, ADDITIVE, (CASE,)),
    121: Kind(TEAM_CONVENED, ADDITIVE, (CASE,)),
    122: Kind(SERVICE_REFERRED, ADDITIVE, (CASE,)),
    123: Kind(CONFLICT_DECLARED, ADDITIVE, (PROTECTED,), URGENT),
    124: Kind(ENDORSED, ADDITIVE, ERASABLE),
    125: Kind(EMERGENCY_PLACEMENT_ORDERED, EXCLUSIVE, (CASE,), URGENT),
    126: Kind(EMERGENCY_ACT_RECORDED, ADDITIVE, (CASE,), URGENT),
    127: Kind(TRANSFER_PROPOSED, EXCLUSIVE, (CASE,)),
    128: Kind(TRANSFER_ACCEPTED, EXCLUSIVE, (CASE,)),
    129: Kind(TRANSFER_REJECTED, EXCLUSIVE, (CASE,)),
    130: Kind(CONSENT_GIVEN, ADDITIVE, (CASE,)),
    131: Kind(CONSENT_REFUSED, ADDITIVE, (CASE,)),
    132: Kind(CONSENT_WITHDRAWN, ADDITIVE, (CASE,)),
    133: Kind(INSPECTION_OPENED, ADDITIVE, (ROOT,)),
    134: Kind(COMPLAINT_LODGED, ADDITIVE, (COMPLAINT,)),
    135: Kind(HANDLER_ASSIGNED, EXCLUSIVE, (COMPLAINT,)),
    136: Kind(SIGNAL_ASSIGNED, EXCLUSIVE, (SIGNAL,)),
    137: Kind(SIGNAL_JOINED, EXCLUSIVE, (SIGNAL,)),
    138: Kind(SIGNAL_FORWARDED, ADDITIVE, (SIGNAL,)),
    139: Kind(SIGNAL_NOT_PURSUED, EXCLUSIVE, (SIGNAL,)),
    140: Kind(SENDER_NOTIFIED, ADDITIVE, (SIGNAL,)),
    141: Kind(POLICE_PROTECTION_RECORDED, ADDITIVE, (PROTECTED,), URGENT),
    142: Kind(EMERGENCY_STUDY_COMPLETED, ADDITIVE, (CASE,)),
    143: Kind(PROSECUTOR_NOTIFIED, ADDITIVE, (PROTECTED,), URGENT),
    144: Kind(ENDORSEMENT_REFUSED, ADDITIVE, (CASE, PROTECTED, SIGNAL)),
    145: Kind(ENDORSEMENT_LAPSED, ADDITIVE, (CASE, PROTECTED, SIGNAL)),
    146: Kind(SIGNATURE_ATTESTED, ADDITIVE, (CASE,)),
    147: Kind(TEAM_MET, ADDITIVE, (CASE,)),
    148: Kind(TEAM_PLAN_ADOPTED, EXCLUSIVE, (CASE,)),
    149: Kind(COMMITMENT_FULFILLED, ADDITIVE, (CASE,)),
    150: Kind(COMMITMENT_MISSED, ADDITIVE, (CASE,)),
    151: Kind(PLAN_AMENDED, EXCLUSIVE, (CASE,)),
    152: Kind(INSTRUCTION_ISSUED, EXCLUSIVE, (CASE,)),
    153: Kind(REFERRAL_ACCEPTED, ADDITIVE, (CASE,)),
    154: Kind(REFERRAL_DECLINED, ADDITIVE, (CASE,)),
    155: Kind(SERVICE_REPORTED, ADDITIVE, (CASE,)),
    156: Kind(SERVICE_ENDED, ADDITIVE, (CASE,)),
    157: Kind(AID_DECIDED, EXCLUSIVE, (CASE,)),
    158: Kind(CARER_CONSENT_RECORDED, ADDITIVE, (CASE,)),
    159: Kind(FILE_SHOWN_TO_PARTY, ADDITIVE, (CASE,)),
    160: Kind(PARTY_COMMENTED, ADDITIVE, (CASE,)),
    161: Kind(ACCESS_POSTPONED, ADDITIVE, (CASE,)),
    162: Kind(PLACEMENT_ORDERED, EXCLUSIVE, (CASE,)),
    163: Kind(ORDER_SERVED, ADDITIVE, (CASE,)),
    164: Kind(ORDER_DEEMED_SERVED, ADDITIVE, (CASE,)),
    165: Kind(EXECUTION_ORDERED, EXCLUSIVE, (CASE,)),
    166: Kind(EXECUTION_SUSPENDED, EXCLUSIVE, (CASE,)),
    167: Kind(COURT_REQUEST_FILED, ADDITIVE, (CASE,)),
    168: Kind(COURT_DECISION_RECORDED, ADDITIVE, (CASE,)),
    169: Kind(COURT_REPORT_FILED, ADDITIVE, (CASE,)),
    170: Kind(PROTECTION_ORDER_SOUGHT, ADDITIVE, (CASE,)),
    171: Kind(CUSTODY_SUIT_FILED, ADDITIVE, (CASE,)),
    172: Kind(MEASURE_REQUESTED_BY_PARTY, ADDITIVE, (CASE,)),
    173: Kind(CHILD_MISSING, ADDITIVE, (CASE,), URGENT),
    174: Kind(CHILD_FOUND, ADDITIVE, (CASE,), URGENT),
    175: Kind(CHILD_DIED, ADDITIVE, (CASE,), URGENT),
    176: Kind(APPEAL_FILED, ADDITIVE, (CASE,)),
    177: Kind(APPEAL_FORWARDED, ADDITIVE, (CASE,)),
    178: Kind(APPEAL_DECIDED, ADDITIVE, (CASE,)),
    179: Kind(PLACEMENT_STARTED, EXCLUSIVE, (CASE,)),
    180: Kind(PLACEMENT_CHANGED, EXCLUSIVE, (CASE,)),
    181: Kind(PLACEMENT_ENDED, EXCLUSIVE, (CASE,)),
    182: Kind(SUPERVISION_HELD, ADDITIVE, (CASE,)),
    183: Kind(EFFECTIVENESS_CHECKED, ADDITIVE, (CASE,)),
    184: Kind(DEADLINE_MISSED, ADDITIVE, (ROOT, PROTECTED, CLOCKS)),
    185: Kind(DELAY_EXPLAINED, ADDITIVE, (CASE, PROTECTED, SIGNAL)),
    186: Kind(CHILD_INFORMED, ADDITIVE, (CASE,)),
    187: Kind(CHILD_NOT_HEARD, ADDITIVE, (CASE,)),
    188: Kind(WEIGHT_OF_VIEWS_EXPLAINED, ADDITIVE, (CASE,)),
    189: Kind(FAMILY_HEARD, ADDITIVE, (CASE,)),
    190: Kind(PROTECTIVE_OPINION_GIVEN, ADDITIVE, (CASE,)),
    191: Kind(OBSERVATION_RECORDED, ADDITIVE, (CASE,)),
    192: Kind(CASE_VOIDED, EXCLUSIVE, (CASE,)),
    193: Kind(CASES_MERGED, EXCLUSIVE, (CASE,)),
    194: Kind(EVENT_MISFILED, EXCLUSIVE, (CASE, PROTECTED)),
    195: Kind(COMPETENCE_DECIDED, EXCLUSIVE, (CASE,)),
    196: Kind(CASE_REOPENED, EXCLUSIVE, (CASE,)),
    197: Kind(NEW_CASE_LINKED, ADDITIVE, (CASE,)),
    198: Kind(EVENT_CORRECTED, EXCLUSIVE, (CASE, PROTECTED, SIGNAL, PERSON)),
    199: Kind(DISPUTE_NOTED, ADDITIVE, (CASE, SIGNAL, PERSON)),
    200: Kind(DOCUMENT_ADDED, ADDITIVE, (CASE, PROTECTED, SIGNAL)),
    201: Kind(DOCUMENT_CERTIFIED, ADDITIVE, (CASE, PROTECTED, SIGNAL)),
    202: Kind(FEEDBACK_GIVEN, ADDITIVE, (CASE, COMPLAINT)),
    203: Kind(INSPECTION_FINDING, ADDITIVE, (ROOT,)),
    204: Kind(INSPECTION_INSTRUCTION, ADDITIVE, (ROOT,)),
    205: Kind(INSPECTION_COMPLIED, ADDITIVE, (ROOT,)),
    206: Kind(COURT_REPORT_REQUESTED, ADDITIVE, (CASE,)),
}

def rule_of_fact(fact: dict) -> None:
    if len(fact) != 1:
        raise Refused("field_missing", "the Fact holds no fact")


# The field of a Fact is known here by its number, since the number is what says the kind.
FACT = Message(
    "Fact",
    {number: Field(str(number), kind.message, needed=False) for number, kind in KINDS.items()},
    rule=rule_of_fact,
    oneof=True,
)
# A correction holds a Fact, which holds none: see `rule_of_correction`.
EVENT_CORRECTED.fields[2] = Field("fact", FACT, needed=False)

# --- statement.proto


def rule_of_section(section: dict) -> None:
    if not re.fullmatch(r"[a-z0-9./+-]{1,64}", section.get("payload_type", "")):
        raise Refused("payload_type_invalid", "not 1 to 64 bytes of [a-z0-9./+-]")


def rule_of_statement(statement: dict) -> None:
    number = int(next(iter(statement["fact"])))
    if number == 1 and "ledger" in statement:
        raise Refused("value_out_of_range", "a Genesis names no ledger")
    if number != 1 and "ledger" not in statement:
        raise Refused("field_missing", "Statement.ledger")
    event_id = statement["event_id"]
    if event_id[6] >> 4 not in (7, 8) or event_id[8] >> 6 != 0b10:
        raise Refused("event_id_invalid", "not a UUID of version 7 or 8")
    keys = [signer["public_key"] for signer in statement["signers"]]
    if not all(a < b for a, b in zip(keys, keys[1:])):
        raise Refused("signers_not_sorted", "not strictly ascending by public key")
    if number in KINDS and statement["stream"]["kind"] not in KINDS[number].streams:
        raise Refused("stream_kind_wrong", f"a {KINDS[number].message.name} does not stand in such a stream")


SIGNER = Message(
    "Signer",
    {
        1: Field("actor", BYTES, size=exactly(16)),
        2: Field("public_key", BYTES, size=exactly(32)),
        3: Field("grant", BYTES, size=exactly(32), needed=False),
    },
)

SEEN = Message(
    "Seen",
    {
        1: Field("version", UINT64, value=(1, 2**64 - 1)),
        2: Field("head", BYTES, size=exactly(32)),
    },
)

OCCURRED_AT = Message(
    "OccurredAt",
    {
        1: Field("seconds", SINT64, value=SECONDS),
        2: Field("nanos", UINT32, value=NANOS),
        3: Field("offset_minutes", SINT32, value=OFFSET_MINUTES),
        4: Field("precision", Enum("Precision", 4)),
        5: Field("knowledge", Enum("Knowledge", 3)),
    },
)

ENDORSES = 2  # a Relation

REFERENCE = Message(
    "Reference",
    {
        1: Field("relation", Enum("Relation", 6)),
        2: Field("stream", STREAM),
        3: Field("statement_hash", BYTES, size=exactly(32)),
    },
)

SECTION = Message(
    "Section",
    {
        1: Field("class", CLASS),
        2: Field("payload_type", STRING),
        3: Field("commitment", BYTES, size=exactly(32)),
    },
    rule=rule_of_section,
)

STATEMENT = Message(
    "Statement",
    {
        1: Field("ledger", BYTES, size=exactly(32), needed=False),
        2: Field("event_id", BYTES, size=exactly(16)),
        3: Field("stream", STREAM),
        4: Field("signers", SIGNER, repeated=(1, 16)),
        5: Field("seen", SEEN, needed=False),
        6: Field("occurred_at", OCCURRED_AT),
        7: Field("nonce", BYTES, size=exactly(32)),
        8: Field("references", REFERENCE, repeated=(0, 64)),
        9: Field("sections", SECTION, repeated=(0, SECTIONS_MAX)),
        10: Field("fact", FACT),
    },
    rule=rule_of_statement,
)


# ============================================================================= Canonical encoding

VARINT, LEN, START_GROUP, END_GROUP = 0, 2, 3, 4
STATEMENT_BYTES_MAX = 64 * 1024


def read_varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The varint at `at`, and where it ends. As short as can be, and of at most 64 bits."""
    value = 0
    for i in range(at, min(end, at + 10)):
        value |= (data[i] & 0x7F) << (7 * (i - at))
        if data[i] < 0x80:
            if data[i] == 0 and i > at:
                raise Refused("varint_not_minimal")
            if value >> 64:
                raise Refused("varint_out_of_range", "more than 64 bits")
            return value, i + 1
    if end - at >= 10:
        raise Refused("varint_out_of_range", "more than ten bytes")
    raise Refused("truncated", "in a varint")


def read_number(type_: Number | Enum, data: bytes, at: int, end: int) -> tuple[int, int]:
    """The number or enum at `at`, and where it ends."""
    raw, at = read_varint(data, at, end)
    if isinstance(type_, Enum):
        if raw > type_.highest:
            raise Refused("enum_unknown", type_.name)
        return raw, at
    if raw >> type_.bits:
        raise Refused("varint_out_of_range", f"a {type_.name} of more than {type_.bits} bits")
    if type_.zigzag:
        return (raw >> 1) ^ -(raw & 1), at
    return raw, at


def read_length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where what follows the length at `at` begins, and where it ends."""
    length, at = read_varint(data, at, end)
    if length > end - at:
        raise Refused("truncated", "a length points past the end")
    return at, at + length


def read_packed(type_: Number | Enum, data: bytes, at: int, end: int) -> list[int]:
    if at == end:
        raise Refused("not_packed", "an empty packed field is not written")
    numbers = []
    while at < end:
        number, at = read_number(type_, data, at, end)
        numbers.append(number)
    return numbers


DEPTH_MAX = 16  # of messages; more than any statement needs that has the right form


def decode(message: Message, data: bytes, at: int, end: int, unknown_kinds: bool, depth: int = 1) -> dict:
    """The fields of a message between two places, by name; those that are not written are not
    there. Refuses every encoding but the canonical one."""
    if depth > DEPTH_MAX:
        raise Refused("field_unknown", f"{message.name} is nested too deep")
    values: dict[str, Any] = {}
    last = 0
    while at < end:
        tag, at = read_varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        described = message.fields.get(number)
        if described is None and message is FACT and unknown_kinds and wire == LEN and 0 < number < 2**29:
            # A kind of a later version. Its content is skipped; see "Kinds of this version".
            described = Field(str(number), BYTES, optional=True)
        if described is None or wire in (START_GROUP, END_GROUP):
            raise Refused("field_unknown", f"{message.name}, field {number}, wire type {wire}")
        name, type_ = described.name, described.type
        path = f"{message.name}.{name}"
        numeric = isinstance(type_, (Number, Enum))
        if number < last:
            raise Refused("field_order", path)
        if number == last and not described.repeated or message.oneof and values:
            raise Refused("field_repeated", path)
        if numeric and described.repeated and (wire == VARINT or number == last):
            raise Refused("not_packed", path)
        if wire != (VARINT if numeric and not described.repeated else LEN):
            raise Refused("wire_type_wrong", path)
        last = number

        if numeric and not described.repeated:
            value, at = read_number(type_, data, at, end)
            if value == 0 and not described.optional:
                raise Refused("default_written", path)
            values[name] = value
            continue
        start, at = read_length(data, at, end)
        if numeric:
            values[name] = read_packed(type_, data, start, at)
            continue
        if isinstance(type_, Message):
            value = decode(type_, data, start, at, unknown_kinds, depth + 1)
        else:
            value = data[start:at]
            if not value and not described.repeated and not described.optional:
                raise Refused("default_written", path)
            if type_ is STRING:
                try:
                    value = value.decode("utf-8")
                except UnicodeDecodeError:
                    raise Refused("utf8_invalid", path) from None
        if described.repeated:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    return values


# =========================================================================================== Form


def check_form(message: Message, values: dict) -> None:
    """Lengths, bounds, and what must be there; entries that may be absent and are stay so, except
    that numbers without presence count as 0 and repeated fields as empty."""
    for described in message.fields.values():
        path = f"{message.name}.{described.name}"
        value = values.get(described.name)
        if described.repeated:
            value = values.setdefault(described.name, [])
            if len(value) < described.repeated[0]:
                raise Refused("value_out_of_range" if value else "field_missing", f"too few {path}")
            if len(value) > described.repeated[1]:
                raise Refused("too_many", path)
            for entry in value:
                check_value(described, entry, path)
        elif value is not None:
            check_value(described, value, path)
        elif isinstance(described.type, Enum):
            if described.needed:
                raise Refused("enum_unspecified", path)
        elif isinstance(described.type, Number):
            if not described.optional:
                values[described.name] = 0
                check_value(described, 0, path)
        elif described.needed and (isinstance(described.type, Message) or described.size):
            raise Refused("field_missing", path)
    if message.rule:
        message.rule(values)


def check_value(described: Field, value: Any, path: str) -> None:
    if isinstance(described.type, Message):
        check_form(described.type, value)
    elif isinstance(described.type, Enum):
        if value == 0:
            raise Refused("enum_unspecified", path)
    elif described.size:
        # A string's length is counted in bytes.
        length = len(value.encode()) if isinstance(value, str) else len(value)
        least, greatest = described.size
        if not least <= length <= greatest:
            raise Refused("length_wrong" if least == greatest else "value_out_of_range", f"{path} has {length} bytes")
    elif described.value and not described.value[0] <= value <= described.value[1]:
        raise Refused("value_out_of_range", f"{path} is {value}")


class Signer(NamedTuple):
    actor: bytes
    public_key: bytes
    grant: bytes | None


StreamId = tuple[int, bytes]  # kind and id


class Reference(NamedTuple):
    relation: int
    stream: StreamId
    statement_hash: bytes


class Section(NamedTuple):
    class_: int
    payload_type: str
    commitment: bytes


class Statement(NamedTuple):
    """What the rest of this file needs of a statement."""

    ledger: bytes | None
    event_id: bytes
    stream: StreamId
    signers: list[Signer]
    seen: tuple[int, bytes] | None
    nonce: bytes
    references: list[Reference]
    sections: list[Section]
    kind: int  # number of the member in Fact
    name: str  # of the kind, such as "NoteAdded"; empty where it is not known here
    fact: dict | None  # None where the kind is not known here


def canonical(data: bytes, unknown_kinds: bool = True) -> Statement:
    """The statement in these bytes, if they are its canonical encoding and its form is right.

    A verifier lets a kind of a later version pass and says so; `unknown_kinds=False` refuses it,
    as a server does that is asked to record one."""
    if len(data) > STATEMENT_BYTES_MAX:
        raise Refused("statement_too_large", f"{len(data)} bytes")
    values = decode(STATEMENT, data, 0, len(data), unknown_kinds)
    check_form(STATEMENT, values)
    stream, seen = values["stream"], values.get("seen")
    member, fact = next(iter(values["fact"].items()))
    kind = int(member)
    return Statement(
        ledger=values.get("ledger"),
        event_id=values["event_id"],
        stream=(stream["kind"], stream["id"]),
        signers=[Signer(s["actor"], s["public_key"], s.get("grant")) for s in values["signers"]],
        seen=(seen["version"], seen["head"]) if seen else None,
        nonce=values["nonce"],
        references=[
            Reference(r["relation"], (r["stream"]["kind"], r["stream"]["id"]), r["statement_hash"])
            for r in values["references"]
        ],
        sections=[Section(s["class"], s["payload_type"], s["commitment"]) for s in values["sections"]],
        kind=kind,
        name=KINDS[kind].message.name if kind in KINDS else "",
        fact=fact if kind in KINDS else None,
    )


# ===================================================================================== Signatures

STATEMENT_TYPE = b"application/vnd.letopis.statement.v1+protobuf"


def pae(type_: bytes, body: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1."""
    return b"DSSEv1 %d %b %d %b" % (len(type_), type_, len(body), body)


P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the order of the group that keys belong in
D = -121665 * pow(121666, -1, P) % P  # of the curve -x² + y² = 1 + d·x²·y²
SQRT_M1 = pow(2, (P - 1) // 4, P)

# The y of the 8 points of small order: 1 of the identity, −1 of the point of order 2, 0 of the two of
# order 4, and ±Y8 of the four of order 8, where d·y⁴ + 2·y² = 1.
Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER_Y = {1, P - 1, 0, Y8, P - Y8}


def check_point(encoded: bytes, what: str) -> None:
    """The byte conditions on A and R: canonically encoded, and not of small order. A sign bit at
    x = 0 needs no test of its own: x is 0 only where y is 1 or −1, which are of small order."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if y >= P:
        raise Refused("key_weak", f"{what} is not canonically encoded")
    if y in SMALL_ORDER_Y:
        raise Refused("key_weak", f"{what} is of small order")


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Ed25519 as strictly as the format wants it. Refuses with `key_weak` or `signature_invalid`.

    The byte conditions are checked here. The equation is OpenSSL's, which computes
    encode([S]B − [k]A), k reduced modulo L, and compares it with R byte by byte: that is
    the equation without cofactor. The tests show so with vectors made for this question."""
    if len(public_key) != 32 or len(signature) != 64:
        raise Refused("signature_invalid", "wrong length of key or signature")
    check_point(public_key, "A")
    check_point(signature[:32], "R")
    if int.from_bytes(signature[32:], "little") >= L:
        raise Refused("signature_invalid", "S is not less than L")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused("signature_invalid", "it does not verify") from None


# --- Points, needed only to see whether a key that is enrolled has a torsion component. Extended
# coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z. Nothing here is secret.


def decompress(encoded: bytes) -> tuple[int, int, int, int]:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_M1 % P
    if x * x % P != square:
        raise Refused("key_weak", "not a point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def add(p: tuple, q: tuple) -> tuple[int, int, int, int]:
    """The complete addition law for a = −1; also doubles."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: tuple) -> tuple[int, int, int, int]:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


@functools.lru_cache(maxsize=4096)
def check_enrolled_key(public_key: bytes) -> None:
    """Refuses a key that may not be enrolled."""
    check_point(public_key, "the key")
    x, y, z, _ = multiply(L, decompress(public_key))
    if x != 0 or y != z:
        raise Refused("key_torsioned", "L times the key is not the identity")


def verify_statement_signatures(data: bytes, statement: Statement, signatures: list[bytes]) -> None:
    """Exactly one valid signature for each signer, in their order."""
    if len(signatures) < len(statement.signers):
        raise Refused("signature_missing", f"{len(statement.signers)} signers, {len(signatures)} signatures")
    if len(signatures) > len(statement.signers):
        raise Refused("signature_extra", f"{len(statement.signers)} signers, {len(signatures)} signatures")
    message = pae(STATEMENT_TYPE, data)
    for index, (signer, signature) in enumerate(zip(statement.signers, signatures)):
        try:
            verify_signature(signer.public_key, message, signature)
        except Refused as refused:
            raise Refused(refused.reason, f"signer {index}: {refused.detail}") from None


# ================================================================================ Sealed sections
#
# A record's sections open with the keys in its vault. XChaCha20-Poly1305 is ChaCha20-Poly1305 (RFC
# 8439) under a key that HChaCha20 makes of the key and 16 bytes of nonce.


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """draft-irtf-cfrg-xchacha-03, section 2.2: the first and last four words of a ChaCha20 block
    without the last addition, which is taken back here: of the constants and of the nonce."""
    block = Cipher(ChaCha20(key, nonce), mode=None).encryptor().update(bytes(64))
    added = struct.unpack("<8I", b"expand 32-byte k" + nonce)
    words = struct.unpack("<8I", block[:16] + block[48:])
    return struct.pack("<8I", *((word - more) & 0xFFFFFFFF for word, more in zip(words, added)))


def xchacha(key: bytes, nonce: bytes) -> tuple[ChaCha20Poly1305, bytes]:
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]


def section_plaintext(salt: bytes, content: bytes) -> bytes:
    whole = salt + struct.pack(">I", len(content)) + content
    return whole + bytes(-len(whole) % 64)


class SectionPlace(NamedTuple):
    """Where a section belongs; the key's id comes after it in the additional data."""

    ledger: bytes
    stream: StreamId
    class_: int
    statement_hash: bytes
    index: int

    def aad(self, key_id: bytes) -> bytes:
        kind, id_ = self.stream
        stream, rest = struct.pack(">I16sI", kind, id_, self.class_), struct.pack(">I", self.index)
        return self.ledger + stream + self.statement_hash + rest + key_id


def seal_section(key: bytes, key_id: bytes, nonce: bytes, place: SectionPlace, salt: bytes, content: bytes) -> bytes:
    aead, short_nonce = xchacha(key, nonce)
    return key_id + nonce + aead.encrypt(short_nonce, section_plaintext(salt, content), place.aad(key_id))


def check_sealed_length(sealed: bytes) -> None:
    """Key id, nonce and tag, and a multiple of 64 bytes between them."""
    if len(sealed) < 56 + 64 or len(sealed) % 64 != 56:
        raise Refused("sealed_length", f"{len(sealed)} bytes")


def open_section(key: bytes, sealed: bytes, place: SectionPlace) -> tuple[bytes, bytes]:
    """Salt and content. The caller computes the commitment again."""
    check_sealed_length(sealed)
    key_id, nonce, ciphertext = sealed[:16], sealed[16:40], sealed[40:]
    aead, short_nonce = xchacha(key, nonce)
    try:
        plaintext = aead.decrypt(short_nonce, ciphertext, place.aad(key_id))
    except InvalidTag:
        raise Refused("sealed_tag", "it does not open") from None
    salt, length = plaintext[:32], int.from_bytes(plaintext[32:36], "big")
    content = plaintext[36 : 36 + length]
    if plaintext != section_plaintext(salt, content) or len(content) != length:
        raise Refused("sealed_padding", "not the fewest zeros after the content")
    return salt, content


# ================================================================================ Links, the tree

LINK_BYTES = 112


class Link(NamedTuple):
    sequence: int
    recorded_at: int  # nanoseconds since 1970 UTC
    previous: bytes
    statement_hash: bytes
    signatures_hash: bytes


def parse_link(data: bytes) -> Link:
    if len(data) != LINK_BYTES:
        raise Refused("link_length", f"{len(data)} bytes")
    return Link(*struct.unpack(">QQ32s32s32s", data))


def build_link(link: Link) -> bytes:
    return struct.pack(">QQ32s32s32s", *link)


def link_hash(link: bytes) -> bytes:
    return H("link", link)


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The Merkle tree of RFC 6962 over the leaves so far: of each complete subtree only the root."""

    def __init__(self) -> None:
        self.size = 0
        self.subtrees: list[bytes] = []  # from the largest to the smallest

    def append(self, leaf: bytes) -> None:
        # As many subtrees are completed as the old size has ones at its end.
        size = self.size
        while size & 1:
            leaf = node_hash(self.subtrees.pop(), leaf)
            size >>= 1
        self.subtrees.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        return functools.reduce(lambda right, left: node_hash(left, right), reversed(self.subtrees))


def verify_inclusion(index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes) -> None:
    """RFC 9162, section 2.1.3.2."""
    if index < 0 or index >= size:
        raise Refused("inclusion_proof", f"index {index} is not below size {size}")
    if any(len(hash_) != 32 for hash_ in [leaf, root, *proof]):
        raise Refused("inclusion_proof", "a hash is not of 32 bytes")
    fn, sn, result = index, size - 1, leaf
    for hash_ in proof:
        if sn == 0:
            raise Refused("inclusion_proof", "it is too long")
        if fn & 1 or fn == sn:
            result = node_hash(hash_, result)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, hash_)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or result != root:
        raise Refused("inclusion_proof", "it does not lead to the root")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: list[bytes]) -> None:
    """RFC 9162, section 2.1.4.2. From size 0 every tree goes on: such a proof is empty."""
    if size1 < 0 or size1 > size2:
        raise Refused("consistency_proof", f"size {size1} is not at most {size2}")
    if any(len(hash_) != 32 for hash_ in [root1, root2, *proof]):
        raise Refused("consistency_proof", "a hash is not of 32 bytes")
    if size1 == 0 and root1 != Tree().root():
        raise Refused("consistency_proof", "the root of size 0 is not the empty tree's")
    if size1 == size2 and root1 != root2:
        raise Refused("consistency_proof", "one size, two roots")
    if size1 == 0 or size1 == size2:
        if proof:
            raise Refused("consistency_proof", "it is not empty")
        return
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    if not path:
        raise Refused("consistency_proof", "it is empty")
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for hash_ in path[1:]:
        if sn == 0:
            raise Refused("consistency_proof", "it is too long")
        if fn & 1 or fn == sn:
            first, second = node_hash(hash_, first), node_hash(hash_, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, hash_)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or first != root1 or second != root2:
        raise Refused("consistency_proof", "it does not lead to both roots")


# ================================================================================ Notes, checkpoints


def from_base64(text: str) -> bytes:
    """RFC 4648's standard alphabet with padding, written in the one way that there is."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Refused("base64", "not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Refused("base64", "not as it would be written again")
    return data


def from_decimal(text: str) -> int:
    """A u64 in ASCII decimal without leading zeros."""
    if not re.fullmatch("0|[1-9][0-9]{0,19}", text, re.ASCII) or int(text) >= 2**64:
        raise Refused("decimal", "not a number from 0 to 2^64 - 1")
    return int(text)


class Vkey(NamedTuple):
    """A verification key of an Ed25519 signed note."""

    name: str
    key_id: bytes
    public_key: bytes


def note_key(name: str, public_key: bytes) -> Vkey:
    key_id = hashlib.sha256(name.encode("utf-8", "replace") + b"\n\x01" + public_key).digest()[:4]
    return Vkey(name, key_id, public_key)


def check_key_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise Refused("key_name", "empty, or with a space or a plus in it")


def parse_vkey(text: str) -> Vkey:
    """`<name>+<8 hex digits of the key hash>+<base64 of 01 and the public key>`"""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise Refused("vkey", "not of three parts")
    name, key_id, encoded = parts
    check_key_name(name)
    key = from_base64(encoded)
    if len(key) != 33 or key[0] != 1:
        raise Refused("vkey", "not an Ed25519 key")
    vkey = note_key(name, key[1:])
    if vkey.key_id.hex() != key_id:
        raise Refused("vkey", "the key hash is not the key's")
    return vkey


NOTE_BYTES_MAX = 256 * 1024
NOTE_SIGNATURES_MAX = 32


class NoteSignature(NamedTuple):
    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    text: str  # with its last newline
    signatures: list[NoteSignature]


def parse_note(data: bytes) -> Note:
    """A C2SP signed note; its signatures are not verified yet."""
    if len(data) > NOTE_BYTES_MAX:
        raise Refused("note", "more than 256 KiB")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("note", "not UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise Refused("note", "a control character")
    text, blank, block = whole.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise Refused("note", "no signature lines after an empty line")
    signatures, lines = [], block[:-1].split("\n")
    if len(lines) > NOTE_SIGNATURES_MAX:
        raise Refused("note", f"{len(lines)} signatures")
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014":
            raise Refused("note", "a signature line is malformed")
        check_key_name(parts[1])
        signature = from_base64(parts[2])
        if len(signature) < 5:
            raise Refused("note", "a signature is too short")
        signatures.append(NoteSignature(parts[1], signature[:4], signature[4:]))
    return Note(text + "\n", signatures)


def verify_note(data: bytes, vkey: Vkey) -> Note:
    """A note with exactly one signature of this key, which verifies. Other keys' signatures, such
    as witnesses', are passed over."""
    note = parse_note(data)
    own = [s for s in note.signatures if (s.name, s.key_id) == (vkey.name, vkey.key_id)]
    if len(own) != 1:
        raise Refused("note_signature", f"{len(own)} signatures of {vkey.name}")
    verify_signature(vkey.public_key, note.text.encode(), own[0].signature)
    return note


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: str) -> Checkpoint:
    """The text of a checkpoint's note: origin, size, root; no extension lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] != "" or not lines[0]:
        raise Refused("checkpoint", "not three lines")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Refused("checkpoint", "the root is not of 32 bytes")
    return Checkpoint(lines[0], from_decimal(lines[1]), root)


def verify_checkpoint(data: bytes, vkey: Vkey) -> Checkpoint:
    """A checkpoint of the log whose key this is: the origin is the key's name."""
    checkpoint = parse_checkpoint(verify_note(data, vkey).text)
    if checkpoint.origin != vkey.name:
        raise Refused("checkpoint", "its origin is not the key's name")
    return checkpoint


# ======================================================================================== Receipt


class Receipt(NamedTuple):
    origin: str
    sequence: int
    recorded_at: int
    statement_hash: bytes
    checkpoint_size: int
    statement: Statement


def verify_receipt(text: str | bytes, vkey: str) -> Receipt:
    """A receipt against the ledger's verification key, which the reader has from elsewhere."""
    key = parse_vkey(vkey)
    try:
        lines = (text.decode("utf-8") if isinstance(text, bytes) else text).split("\n")
    except UnicodeDecodeError:
        raise Refused("receipt", "not UTF-8") from None
    if len(lines) < 8 or lines[0] != "letopis.receipt.v1" or lines[3] != "":
        raise Refused("receipt", "not a receipt")
    if lines[4] != "c2sp.org/tlog-proof@v1" or not lines[5].startswith("extra "):
        raise Refused("receipt", "not a tlog-proof with extra data")
    if not lines[6].startswith("index ") or "" not in lines[7:]:
        raise Refused("receipt", "not a tlog-proof with index and checkpoint")
    data, joined = from_base64(lines[1]), from_base64(lines[2])
    if len(joined) % 64:
        raise Refused("receipt", "the signatures are not of 64 bytes")
    signatures = [joined[i : i + 64] for i in range(0, len(joined), 64)]
    link_data, index = from_base64(lines[5].removeprefix("extra ")), from_decimal(lines[6].removeprefix("index "))
    blank = lines.index("", 7)
    proof = [from_base64(line) for line in lines[7:blank]]
    if len(proof) > 64:
        raise Refused("receipt", "more than 64 hashes")

    checkpoint = verify_checkpoint("\n".join(lines[blank + 1 :]).encode("utf-8", "replace"), key)
    statement, link = canonical(data), parse_link(link_data)
    ledger = statement.ledger or H("ledger id", data)
    if not checkpoint.origin.endswith("/" + ledger.hex()):
        raise Refused("ledger_wrong", "the checkpoint is of another ledger than the statement")
    if link.sequence != index:
        raise Refused("receipt", "the link has another sequence")
    if link.statement_hash != statement_hash(data):
        raise Refused("statement_hash", "the link is of another statement")
    if link.signatures_hash != signatures_hash(signatures):
        raise Refused("signatures_hash", "the link is of other signatures")
    verify_statement_signatures(data, statement, signatures)
    verify_inclusion(index, checkpoint.size, leaf_hash(link_data), proof, checkpoint.root)
    return Receipt(checkpoint.origin, index, link.recorded_at, link.statement_hash, checkpoint.size, statement)


# ============================================================================= The data directory

HEADER_BYTES, FRAME_HEADER_BYTES, FOOTER_BYTES = 112, 96, 88
HEADER_MAGIC, FRAME_MAGIC, FOOTER_MAGIC = b"LTPSEG1\n", b"LTPFRM1\n", b"LTPEND1\n"


class SegmentHeader(NamedTuple):
    first_sequence: int
    ledger: bytes
    previous: bytes  # link hash of the sequence before


class Footer(NamedTuple):
    offset: int  # its own, in the file
    next_sequence: int
    last_link: bytes


class Frame(NamedTuple):
    first_sequence: int
    count: int
    durable: int  # how many events of the log were known durable when it was written
    last_link: bytes
    body: bytes


class Event(NamedTuple):
    link: bytes
    statement: bytes
    signatures: list[bytes]
    sealed: list[bytes]


def parse_segment_header(data: bytes) -> SegmentHeader:
    if len(data) != HEADER_BYTES:
        raise Refused("header_length", f"{len(data)} bytes")
    if data[:8] != HEADER_MAGIC:
        raise Refused("header_magic")
    if blake3(data[:80]).digest() != data[80:]:
        raise Refused("header_checksum")
    header = SegmentHeader(*struct.unpack(">Q32s32s", data[8:80]))
    if header.first_sequence == 0 and header.previous != ZERO_32:
        raise Refused("header_previous", "nothing is before sequence 0")
    return header


def parse_footer(data: bytes) -> Footer:
    if len(data) != FOOTER_BYTES:
        raise Refused("footer_length", f"{len(data)} bytes")
    if data[:8] != FOOTER_MAGIC:
        raise Refused("footer_magic")
    if blake3(data[:56]).digest() != data[56:]:
        raise Refused("footer_checksum")
    return Footer(*struct.unpack(">QQ32s", data[8:56]))


def parse_frame(header: bytes, body: bytes) -> Frame:
    """A frame whose checksum is right; its events are read by `frame_events`."""
    if len(header) != FRAME_HEADER_BYTES:
        raise Refused("frame_length", "the header ends early")
    magic, first, count, length, durable, last_link, checksum = struct.unpack(">8sQIIQ32s32s", header)
    if magic != FRAME_MAGIC:
        raise Refused("frame_magic")
    if length != len(body):
        raise Refused("frame_length", f"{length} bytes of body, {len(body)} there")
    hasher = blake3(header[:64])
    hasher.update(body)
    if hasher.digest() != checksum:
        raise Refused("frame_checksum")
    if count < 1:
        raise Refused("frame_count", "no events")
    if durable > first:
        raise Refused("frame_durable", "more was durable than was there")
    return Frame(first, count, durable, last_link, body)


def frame_events(frame: Frame) -> Iterator[tuple[int, Event]]:
    """The events of a frame, each with its place in the body. Exactly so many, and nothing else."""
    body, at = frame.body, 0

    def take(length: int) -> bytes:
        nonlocal at
        if length > len(body) - at:
            raise Refused("frame_body", "an event ends after the body")
        at += length
        return body[at - length : at]

    def take_sized() -> bytes:
        return take(int.from_bytes(take(4), "big"))

    link = b""
    for _ in range(frame.count):
        start = at
        link = take(LINK_BYTES)
        statement = take_sized()
        signatures = [take(64) for _ in range(take(1)[0])]
        sealed = [take_sized() for _ in range(take(1)[0])]
        yield start, Event(link, statement, signatures, sealed)
    if at != len(body):
        raise Refused("frame_body", f"{len(body) - at} bytes after the last event")
    if link_hash(link) != frame.last_link:
        raise Refused("frame_last_link", "not the link hash of the last event")


def read_frames(file: BinaryIO, size: int) -> Iterator[tuple[int, Frame]]:
    """The frames from the file's present place on, each with its offset, until the first eight
    bytes that begin none; the file is left there."""
    while True:
        offset = file.tell()
        header = file.read(FRAME_HEADER_BYTES)
        if header[:8] != FRAME_MAGIC:
            file.seek(offset)
            return
        length = int.from_bytes(header[20:24], "big")
        # A damaged length must not make this read, or reserve, gigabytes.
        if len(header) < FRAME_HEADER_BYTES or length > size - file.tell():
            raise Refused("frame_length", "the frame ends after the file")
        yield offset, parse_frame(header, file.read(length))


def first_nonzero(file: BinaryIO) -> int | None:
    """Where the first byte other than zero is, from the file's present place on."""
    while True:
        offset, chunk = file.tell(), file.read(1 << 20)
        if not chunk:
            return None
        if chunk != bytes(len(chunk)):
            return offset + len(chunk) - len(chunk.lstrip(b"\0"))


class Files:
    """The files of a data directory: names, headers, frames' checksums, footers, zeros. What the
    events say is not looked at."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.notes: list[str] = []
        self.size = 0  # of the log
        self.ledger = self.read_marker()
        self.segments = self.list_record()

    def read_marker(self) -> bytes:
        data = self.read_whole("letopis")
        match = re.fullmatch(rb"letopis data 1\n([0-9a-f]{64})\n", data)
        if not match:
            raise Fault("letopis", 0, None, "marker", "not the mark of a data directory")
        return bytes.fromhex(match[1].decode())

    def read_whole(self, name: str) -> bytes:
        try:
            return (self.directory / name).read_bytes()
        except FileNotFoundError:
            raise Fault(name, 0, None, "file_missing") from None

    def list_record(self) -> list[str]:
        """The segments' names, in order."""
        try:
            names = sorted(os.listdir(self.directory / "record"))
        except FileNotFoundError:
            raise Fault("record", 0, None, "file_missing") from None
        segments = []
        for name in names:
            if re.fullmatch("[0-9]{20}[.]segment", name, re.ASCII):
                segments.append(f"record/{name}")
            elif name.endswith(".segment"):
                raise Fault(f"record/{name}", 0, None, "segment_name")
            elif name.startswith("torn-"):
                raise Fault(f"record/{name}", 0, None, "torn", "a torn frame that no operator has acknowledged")
            elif name.startswith("acknowledged-"):
                self.notes.append(f"record/{name}: a torn frame, acknowledged by the operator")
            elif name not in ("head", "clean"):
                self.notes.append(f"record/{name}: no part of the record, not read")
        if not segments:
            raise Fault("record", 0, 0, "file_missing", "no segment")
        return segments

    def check(self) -> None:
        """Every segment in order; each begins where the one before ended."""
        last_link = ZERO_32
        for segment in self.segments:
            last_link = self.check_segment(segment, last_link, last=segment == self.segments[-1])

    def check_segment(self, segment: str, last_link: bytes, last: bool) -> bytes:
        """Returns the link hash with which the segment ends."""
        offset = 0  # of what is being looked at
        with open(self.directory / segment, "rb") as file:
            try:
                size = os.fstat(file.fileno()).st_size
                header = parse_segment_header(file.read(HEADER_BYTES))
                if segment != f"record/{self.size:020}.segment" or header.first_sequence != self.size:
                    raise Refused("segment_order", f"sequence {self.size} should be the segment's first")
                if header.ledger != self.ledger:
                    raise Refused("ledger_wrong", "not the ledger of this directory")
                if header.previous != last_link:
                    raise Refused("header_previous", "not the last link hash of the segment before")
                offset = HEADER_BYTES
                for offset, frame in read_frames(file, size):
                    if frame.first_sequence != self.size:
                        raise Refused("frame_order", f"sequence {self.size} should be the frame's first")
                    self.size += frame.count
                    last_link = frame.last_link
                    offset = file.tell()
                if last:
                    nonzero = first_nonzero(file)
                    if nonzero is not None:
                        offset = nonzero
                        raise Refused("tail", "bytes other than zeros follow the last frame")
                else:
                    footer = parse_footer(file.read(FOOTER_BYTES + 1))
                    if footer != (offset, self.size, last_link):
                        raise Refused("footer", "not as the frames end")
            except Refused as refused:
                raise Fault(segment, offset, self.size, refused.reason, refused.detail) from None
        return last_link

    def events(self) -> Iterator[tuple[str, int, Event]]:
        """Every event in order, with its segment and offset. The checksums were checked before;
        they are again, since it costs little and the files may be changed in between."""
        sequence = 0
        for segment in self.segments:
            offset = HEADER_BYTES
            with open(self.directory / segment, "rb") as file:
                try:
                    size = os.fstat(file.fileno()).st_size
                    file.seek(HEADER_BYTES)
                    for offset, frame in read_frames(file, size):
                        for place, event in frame_events(frame):
                            yield segment, offset + FRAME_HEADER_BYTES + place, event
                            sequence += 1
                except Refused as refused:
                    raise Fault(segment, offset, sequence, refused.reason, refused.detail) from None


# ====================================================================================== The vault
#
# The keys of the sections, in DATA/vault. Which of them are there can be seen without any key; to use
# them takes the key-encryption key.

SLOTS, SLOT_BYTES, BLOCK_HEADER_BYTES = 1024, 88, 64
BLOCKS_KEPT = 64  # in memory
KEY_MAGIC, TOKEN_KEY_MAGIC = b"LTPVKY1\n", b"LTPVKT1\n"
BLOCK_MAGIC, ERASED_MAGIC = b"LTPVBK1\n", b"LTPVER1\n"


class Erased(NamedTuple):
    """The last erasure that a vault has applied."""

    ledger: bytes
    sequence: int
    link_hash: bytes


def parse_erased(data: bytes) -> Erased:
    if len(data) != 112:
        raise Refused("vault_length", f"{len(data)} bytes")
    if data[:8] != ERASED_MAGIC:
        raise Refused("vault_magic")
    if blake3(data[:80]).digest() != data[80:]:
        raise Refused("vault_checksum")
    return Erased(*struct.unpack(">32sQ32s", data[8:80]))


def unwrap_vault_key(data: bytes, ledger: bytes, kek: bytes) -> bytes:
    """The vault key in `vault/key`, with the key-encryption key."""
    if len(data) != 128:
        raise Refused("vault_length", f"{len(data)} bytes")
    magic, its_ledger, key_id, nonce, wrapped = struct.unpack(">8s32s16s24s48s", data)
    if magic != KEY_MAGIC:
        raise Refused("vault_magic")
    if its_ledger != ledger:
        raise Refused("ledger_wrong", "not the ledger of this directory")
    aead, short_nonce = xchacha(kek, nonce)
    try:
        return aead.decrypt(short_nonce, wrapped, b"letopis 2026-11 vault key v1" + ledger + key_id)
    except InvalidTag:
        raise Refused("vault_key", "the key-encryption key does not open it") from None


def parse_kek(data: bytes) -> bytes:
    match = re.fullmatch(rb"([0-9a-f]{64})\n", data)
    if not match:
        raise Refused("kek", "not 64 hex digits and a line's end")
    return bytes.fromhex(match[1].decode())


class Vault:
    """The vault of a data directory. Its blocks are read as they are needed."""

    def __init__(self, directory: Path, ledger: bytes, kek: Path | None):
        self.directory, self.ledger = directory, ledger
        self.blocks: dict[int, bytes | None] = {}
        self.key, self.closed = None, ""  # the vault key, or why there is none
        self.erased: Erased | None = None
        self.guarded("vault/key", self.read_key, kek)
        if (directory / "vault/erased").exists():
            self.guarded("vault/erased", self.read_erased)

    @staticmethod
    def guarded(name: str, read: Callable, *arguments: Any) -> None:
        try:
            read(*arguments)
        except Refused as refused:
            raise Fault(name, 0, None, refused.reason, refused.detail) from None

    def read_key(self, kek: Path | None) -> None:
        path = kek or self.directory / "keys/vault.kek"
        try:
            data = (self.directory / "vault/key").read_bytes()
        except FileNotFoundError:
            raise Refused("file_missing") from None
        if data[:8] == TOKEN_KEY_MAGIC:
            self.closed = "the key-encryption key is in a token, which is not asked here"
        elif kek is None and not path.exists():
            self.closed = "the key-encryption key is not here (--kek)"
        else:
            self.key = unwrap_vault_key(data, self.ledger, parse_kek(path.read_bytes()))

    def read_erased(self) -> None:
        self.erased = parse_erased((self.directory / "vault/erased").read_bytes())
        if self.erased.ledger != self.ledger:
            raise Refused("ledger_wrong", "not the ledger of this directory")

    def block(self, number: int) -> bytes | None:
        """The slots of a block; None where there is no such block."""
        if number not in self.blocks:
            if len(self.blocks) == BLOCKS_KEPT:
                del self.blocks[next(iter(self.blocks))]
            self.blocks[number] = self.read_block(number)
        return self.blocks[number]

    def read_block(self, number: int) -> bytes | None:
        name = f"vault/block-{number:010}"
        try:
            data = (self.directory / name).read_bytes()
        except FileNotFoundError:
            return None
        if len(data) != BLOCK_HEADER_BYTES + SLOTS * SLOT_BYTES:
            raise Fault(name, 0, None, "vault_length", f"{len(data)} bytes")
        if data[:48] != BLOCK_MAGIC + struct.pack(">Q", number) + self.ledger:
            raise Fault(name, 0, None, "vault_magic", "not this block of this ledger")
        if blake3(data[:48]).digest()[:16] != data[48:64]:
            raise Fault(name, 48, None, "vault_checksum")
        return data[BLOCK_HEADER_BYTES:]

    def slot(self, key_id: bytes) -> bytes | None:
        """The slot with this key; None where the key is not there."""
        slot_number = int.from_bytes(key_id[:8], "big")
        number, place = divmod(slot_number, SLOTS)
        block = self.block(number)
        slot = block[place * SLOT_BYTES : (place + 1) * SLOT_BYTES] if block else bytes(SLOT_BYTES)
        if slot == bytes(SLOT_BYTES):
            return None  # destroyed, or never there
        if slot[:8] != key_id[:8]:
            raise self.fault(slot_number, "vault_slot", "it holds the key of another slot")
        return slot if slot[:16] == key_id else None

    def data_key(self, slot: bytes) -> bytes:
        key_id, nonce, wrapped = slot[:16], slot[16:40], slot[40:]
        aead, short_nonce = xchacha(self.key, nonce)
        try:
            return aead.decrypt(short_nonce, wrapped, b"letopis 2026-11 data key v1" + self.ledger + key_id)
        except InvalidTag:
            slot_number = int.from_bytes(key_id[:8], "big")
            raise self.fault(slot_number, "vault_slot", "the vault key does not open it") from None

    @staticmethod
    def fault(slot_number: int, reason: str, detail: str) -> Fault:
        number, place = divmod(slot_number, SLOTS)
        name, offset = f"vault/block-{number:010}", BLOCK_HEADER_BYTES + place * SLOT_BYTES
        return Fault(name, offset, None, reason, detail)


# ================================================================================== Who may sign

SECOND = 10**9  # nanoseconds
DELAY_WITHOUT_HOLDER = 72 * 3600 * SECOND
ACTOR_ZERO = ZERO_16  # the ledger itself
ROLE_OF_ACTOR_ZERO = 0  # under the genesis's grant; no role of the catalogue

# Kinds that enrol a key; that name one of the actor's; with which an actor narrows its own power,
# for which it needs neither grant nor qualification; and that the ledger alone signs.
ENROLLING = {"ActorEnrolled", "KeyEnrolled", "KeyRotated"}
NAMING_A_KEY = {"KeyRevoked", "KeyRotated", "KeySuspended", "KeyReinstated", "KeyCompromised"}
NARROWING = {"KeyRevoked", "KeySuspended", "KeyCompromised", "RoleEnded", "QualificationExpired"}
OF_THE_LEDGER = {"SectionsRead", "FactsRead", "AccessDenied", "ErasureCompleted", "RefusalsCounted", "DeadlineMissed"}

# Kinds that two registrars adopt, and somebody in this role.
ADOPTING = {"PolicyAdopted": DATA_PROTECTION_OFFICER, "ProfileAdopted": DIRECTOR}

HEAD_ALONE, DIRECTOR_ALONE, OFFICER_ALONE = {HEAD_OF_DEPARTMENT}, {DIRECTOR}, {DATA_PROTECTION_OFFICER}
WORKER = {SOCIAL_WORKER, HEAD_OF_DEPARTMENT}  # the lead, or the head who acts as lead
ON_DUTY = {SOCIAL_WORKER, DUTY_OFFICER, HEAD_OF_DEPARTMENT}
WORKER_OR_CLERK, WORKER_OR_DIRECTOR = WORKER | {CLERK}, WORKER | {DIRECTOR}
VISITING = ON_DUTY | {TEAM_MEMBER, PROVIDER}
FILING = ON_DUTY | {DIRECTOR, TEAM_MEMBER, CLERK}
FOR_PERSONS = {SOCIAL_WORKER, HEAD_OF_DEPARTMENT, COMPLAINT_HANDLER, DATA_PROTECTION_OFFICER, CLERK}

# Kinds for which one signer in one of these roles is what it takes.
TAKES_ONE_OF = {
    "QualificationVerified": {REGISTRAR_OF_KEYS},
    "HistoryImported": {REGISTRAR_OF_KEYS},
    "DisclosureRefused": DIRECTOR_ALONE,
    "SubjectAccessAnswered": OFFICER_ALONE,
    "BreachRecorded": OFFICER_ALONE,
    "LegalHoldSet": OFFICER_ALONE,
    "LegalHoldLifted": OFFICER_ALONE,
    "CaseOpened": ON_DUTY,
    "PersonRecorded": ON_DUTY,
    "PersonCorrected": WORKER,
    "PersonsMerged": HEAD_ALONE,
    "PersonsSeparated": HEAD_ALONE,
    "SignalReceived": ON_DUTY,
    "SignalAssessed": WORKER,
    "LeadAssigned": HEAD_ALONE,
    "AssessmentCompleted": WORKER,
    "ChildHeard": WORKER,
    "PlanAdopted": WORKER,
    "VisitRecorded": VISITING,
    "DocumentAdded": FILING,
    "ReviewHeld": WORKER,
    "CaseClosed": WORKER,
    "PersonLinked": WORKER,
    "PersonUnlinked": WORKER,
    "TeamConvened": WORKER,
    "ServiceReferred": DIRECTOR_ALONE,
    "EmergencyPlacementOrdered": DIRECTOR_ALONE,
    "EmergencyActRecorded": ON_DUTY,
    "TransferProposed": HEAD_ALONE,
    "TransferAccepted": HEAD_ALONE,
    "TransferRejected": HEAD_ALONE,
    "ConsentGiven": WORKER,
    "ConsentRefused": WORKER,
    "ConsentWithdrawn": WORKER,
    "InspectionOpened": {AUDITOR},
    "SignalAssigned": HEAD_ALONE,
    "SignalJoined": HEAD_ALONE,
    "SignalForwarded": {HEAD_OF_DEPARTMENT, DIRECTOR},
    "SignalNotPursued": WORKER,
    "SenderNotified": ON_DUTY,
    "PoliceProtectionRecorded": ON_DUTY | {TEAM_MEMBER},
    "EmergencyStudyCompleted": WORKER,
    "ProsecutorNotified": DIRECTOR_ALONE,
    "SignatureAttested": WORKER_OR_CLERK,
    "TeamMet": WORKER,
    "TeamPlanAdopted": WORKER,
    "PlanAmended": WORKER,
    "InstructionIssued": DIRECTOR_ALONE,
    "ReferralAccepted": {PROVIDER},
    "ReferralDeclined": {PROVIDER},
    "ServiceReported": {PROVIDER},
    "ServiceEnded": {PROVIDER},
    "AidDecided": DIRECTOR_ALONE,
    "CarerConsentRecorded": WORKER,
    "FileShownToParty": WORKER_OR_CLERK,
    "PartyCommented": WORKER_OR_CLERK,
    "AccessPostponed": WORKER,
    "PlacementOrdered": DIRECTOR_ALONE,
    "OrderServed": WORKER_OR_CLERK,
    "OrderDeemedServed": WORKER_OR_CLERK,
    "ExecutionOrdered": WORKER_OR_DIRECTOR,
    "ExecutionSuspended": WORKER_OR_DIRECTOR,
    "CourtRequestFiled": DIRECTOR_ALONE,
    "CourtDecisionRecorded": WORKER,
    "CourtReportRequested": WORKER_OR_DIRECTOR,
    "CourtReportFiled": WORKER_OR_DIRECTOR,
    "ProtectionOrderSought": WORKER_OR_DIRECTOR,
    "CustodySuitFiled": WORKER_OR_DIRECTOR,
    "MeasureRequestedByParty": WORKER_OR_CLERK,
    "ChildMissing": ON_DUTY,
    "ChildDied": ON_DUTY,
    "AppealFiled": DIRECTOR_ALONE,
    "AppealForwarded": DIRECTOR_ALONE,
    "AppealDecided": DIRECTOR_ALONE,
    "EffectivenessChecked": DIRECTOR_ALONE,
    "DelayExplained": WORKER,
    "ChildInformed": WORKER,
    "ChildNotHeard": WORKER,
    "WeightOfViewsExplained": WORKER,
    "FamilyHeard": WORKER,
    "ProtectiveOpinionGiven": DIRECTOR_ALONE,
    "ObservationRecorded": WORKER,
    "CompetenceDecided": {SUPERIOR},
    "CaseReopened": HEAD_ALONE,
    "NewCaseLinked": HEAD_ALONE,
    "DisputeNoted": FOR_PERSONS,
    "DocumentCertified": WORKER_OR_CLERK,
    "FeedbackGiven": FOR_PERSONS,
    "InspectionFinding": {AUDITOR},
    "InspectionInstruction": {AUDITOR},
    "InspectionComplied": DIRECTOR_ALONE,
}

# Kinds that take two different actors, one of each group of roles.
TAKES_BOTH_OF = {
    "BreakGlassReviewed": (OFFICER_ALONE, HEAD_ALONE),
    "SectionsErased": (OFFICER_ALONE, DIRECTOR_ALONE),
    "PlacementStarted": (WORKER, DIRECTOR_ALONE),
    "PlacementChanged": (WORKER, DIRECTOR_ALONE),
    "PlacementEnded": (WORKER, DIRECTOR_ALONE),
    "SupervisionHeld": ({SUPERVISOR}, WORKER),
    "CaseVoided": (HEAD_ALONE, DIRECTOR_ALONE),
    "CasesMerged": (HEAD_ALONE, DIRECTOR_ALONE),
}

# Who may delegate; and in which roles an actor who was ever qualified acts only while it is.
DELEGATING = {
    "RoleDelegated": {HEAD_OF_DEPARTMENT, DIRECTOR, SUPERIOR},
    "DutyRosterSet": {HEAD_OF_DEPARTMENT, DIRECTOR},
}
QUALIFIED_ROLES = {SOCIAL_WORKER, HEAD_OF_DEPARTMENT, DUTY_OFFICER, SUPERVISOR}


@dataclass
class Key:
    actor: bytes
    use: int
    in_force_from: int  # nanoseconds since 1970 UTC
    ended: bool = False  # revoked, replaced or compromised
    suspended: bool = False
    compromised: bool = False
    signed: array = field(default_factory=lambda: array("Q"))  # the sequences of what it signed

    def has_signed(self, sequence: int) -> bool:
        at = bisect_left(self.signed, sequence)
        return at < len(self.signed) and self.signed[at] == sequence


@dataclass
class Grant:
    """A grant, or one that was delegated: then it is also bound to the grant `under` which that was
    signed, to who signed it, and to the kinds that it lists, if it lists any."""

    role: int
    agency: bytes | None = None
    # From when and until when, in seconds since 1970 UTC: in force in any of these.
    terms: list[tuple[int | None, int | None]] = field(default_factory=lambda: [(None, None)])
    ended: bool = False
    under: Grant | None = None
    delegated_by: bytes | None = None
    kinds: list[int] = field(default_factory=list)

    def in_force(self, seconds: int) -> bool:
        term = any(
            (since is None or since <= seconds) and (until is None or seconds < until) for since, until in self.terms
        )
        return term and not self.ended and (self.under is None or self.under.in_force(seconds))


@dataclass
class Qualification:
    until_seconds: int | None
    ended: bool = False

    def in_force(self, seconds: int) -> bool:
        return not self.ended and (self.until_seconds is None or seconds < self.until_seconds)


@dataclass
class Actor:
    """Grants and qualifications by statement hash."""

    grants: dict[bytes, Grant] = field(default_factory=dict)
    qualifications: dict[bytes, Qualification] = field(default_factory=dict)

    def is_registrar(self) -> bool:
        return any(grant.role == REGISTRAR_OF_KEYS and not grant.ended for grant in self.grants.values())

    def is_unqualified(self, role: int, seconds: int) -> bool:
        """Whoever was never qualified is not asked."""
        known = self.qualifications.values()
        return role in QUALIFIED_ROLES and bool(known) and not any(q.in_force(seconds) for q in known)


class Acting(NamedTuple):
    """A signer who holds: who, and under which grant (None: an actor who narrows its own power)."""

    actor: bytes
    grant: Grant | None
    unqualified: bool = False  # on an expired qualification, in an urgent kind

    @property
    def role(self) -> int | None:
        return self.grant.role if self.grant else None


def in_role(acting: list[Acting], *roles: int) -> set[bytes]:
    """The actors among the signers who act in one of these roles."""
    return {signer.actor for signer in acting if signer.role in roles}


def need(holds: Any, reason: str, detail: str) -> None:
    if not holds:
        raise Refused(reason, detail)


def need_two(some: set[bytes], others: set[bytes], what: str) -> None:
    """One actor of each, who are not the same."""
    need(any(a != b for a in some for b in others), "role_wrong", f"it takes {what}")


class Registry:
    """Actors, their keys, grants and qualifications, folded from the genesis and the actor streams in
    log order. `check` is asked before a statement is folded, so each is judged by what was before it."""

    def __init__(self) -> None:
        self.actors: dict[bytes, Actor] = {}
        self.keys: dict[bytes, Key] = {}
        self.disputed: set[int] = set()  # sequences
        self.endorsed: set[int] = set()  # those that somebody who did not sign them endorsed

    # --- May they sign?

    def check(self, statement: Statement, stream_exists: bool, sequence: int, now: int) -> list[Acting]:
        """Refuses a statement whose signers may not sign it at `now` (its recorded_at). Returns as whom
        they act, without the key that signs its own enrolment."""
        name, fact = statement.name, statement.fact
        if name == "Genesis":
            self.check_genesis(statement)
            return []
        kind, subject = statement.stream
        if name == "ActorEnrolled":
            if stream_exists or subject in self.actors:
                raise Refused("actor_already_enrolled")
        elif name and kind == ACTOR and subject not in self.actors:
            raise Refused("actor_unknown", "the stream's actor is not enrolled")
        enrolled = fact["key"]["public_key"] if name in ENROLLING else None
        if enrolled:
            self.check_enrolment(statement, enrolled)
        if name in NAMING_A_KEY:
            self.check_named_key(statement, sequence)
        others = [signer for signer in statement.signers if signer.public_key != enrolled]
        acting = [self.check_signer(signer, statement, now) for signer in others]
        if name:  # Of a kind not known here nobody in particular is needed.
            self.check_needed(statement, acting)
        return acting

    def check_genesis(self, statement: Statement) -> None:
        """Every key that it names, and no other; each is an enrolment."""
        fact = statement.fact
        named = {(registrar["statement_key"], registrar["actor"]) for registrar in fact["registrars"]}
        named |= {(fact["statement_key"], ACTOR_ZERO), (fact["checkpoint_key"], ACTOR_ZERO)}
        for key, _ in named:
            check_enrolled_key(key)
        signing = {(signer.public_key, signer.actor) for signer in statement.signers}
        if not signing >= named:
            raise Refused("holder_missing", "a key that the genesis names does not sign it")
        if signing != named:
            raise Refused("key_unknown", "a key that the genesis does not name signs it")
        if any(signer.grant is not None for signer in statement.signers):
            raise Refused("grant_unknown", "before the genesis there are no grants")

    def check_enrolment(self, statement: Statement, public_key: bytes) -> None:
        if statement.fact.get("replaces") == public_key:
            raise Refused("value_out_of_range", "a key does not replace itself")
        if public_key in self.keys:
            raise Refused("key_already_enrolled")
        check_enrolled_key(public_key)
        holder = next((s for s in statement.signers if s.public_key == public_key), None)
        if holder is None:
            raise Refused("holder_missing", "the enrolled key does not sign its enrolment")
        if holder.actor != statement.stream[1]:
            raise Refused("actor_unknown", "the enrolled key signs as another actor")
        if holder.grant is not None:
            raise Refused("grant_unknown", "the enrolled key signs its enrolment without a grant")

    def check_named_key(self, statement: Statement, sequence: int) -> None:
        """The key that is revoked, replaced, suspended, reinstated or compromised."""
        name, fact = statement.name, statement.fact
        key = self.keys.get(fact["replaces"] if name == "KeyRotated" else fact["public_key"])
        if key is None or key.actor != statement.stream[1]:
            raise Refused("key_unknown", f"what {name} names is no key of the actor")
        if name == "KeyCompromised":
            need(not key.compromised, "not_in_force", "the key is compromised already")
            need(fact["since_sequence"] <= sequence, "not_in_force", "disputed from after the event itself")
        elif name == "KeySuspended":
            need(not key.ended and not key.suspended, "not_in_force", "the key is not in force")
        elif name == "KeyReinstated":
            need(key.suspended and not key.ended, "not_in_force", "the key is not suspended")
        else:
            need(not key.ended, "key_not_in_force", "the key is revoked, replaced or compromised already")
        if name == "KeyRotated":
            need(key.use == fact["key"]["use"], "key_not_in_force", "the replaced key has another use")

    def check_signer(self, signer: Signer, statement: Statement, now: int) -> Acting:
        if signer.actor not in self.actors:
            raise Refused("actor_unknown", signer.actor.hex())
        actor, key = self.actors[signer.actor], self.keys.get(signer.public_key)
        if key is None or key.actor != signer.actor or key.use != USE_STATEMENT:
            raise Refused("key_unknown", f"{signer.public_key.hex()} is no statement key of its actor")
        if key.ended or key.suspended or now < key.in_force_from:
            raise Refused("key_not_in_force", signer.public_key.hex())
        narrows = statement.name in NARROWING and signer.actor == statement.stream[1]
        if signer.grant is None and narrows:
            return Acting(signer.actor, None)
        grant = self.check_grant(signer, statement.kind, now // SECOND)
        # Of a kind not known here it is not known whether it is urgent.
        unqualified = bool(statement.name) and not narrows and actor.is_unqualified(grant.role, now // SECOND)
        if unqualified and not KINDS[statement.kind].urgent:
            raise Refused("qualification_expired", signer.actor.hex())
        return Acting(signer.actor, grant, unqualified)

    def check_grant(self, signer: Signer, kind: int, seconds: int) -> Grant:
        if signer.grant is None:
            raise Refused("grant_missing", signer.actor.hex())
        grant = self.actors[signer.actor].grants.get(signer.grant)
        if grant is None:
            raise Refused("grant_unknown", signer.grant.hex())
        if not grant.in_force(seconds):
            raise Refused("grant_not_in_force", signer.grant.hex())
        if grant.kinds and kind not in grant.kinds:
            raise Refused("not_delegated", f"the grant was delegated, and not for kind {kind}")
        return grant

    def check_needed(self, statement: Statement, acting: list[Acting]) -> None:
        """The last column of the table "Kinds of this version". What of it depends on what was recorded
        in the file before is in `CaseFile.check_named`."""
        name, fact, subject = statement.name, statement.fact, statement.stream[1]
        actors, registrars = {signer.actor for signer in acting}, in_role(acting, REGISTRAR_OF_KEYS)

        def need_two_registrars() -> None:
            two = len(registrars - {subject}) >= 2
            need(two, "registrars_missing", "it takes two registrars other than the actor")

        def need_registrar_or(*others: bytes | None) -> None:
            need(registrars or actors & set(others), "role_wrong", "it takes a registrar or the actor")

        if name in ("ActorEnrolled", "KeyEnrolled", "KeyRotated", "KeyReinstated", "RoleGranted"):
            need_two_registrars()
        elif name in ("KeyRevoked", "KeySuspended", "KeyCompromised"):
            if self.actors[subject].is_registrar() and subject not in actors:
                need_two_registrars()  # otherwise one registrar could leave the ledger without two
            else:
                need_registrar_or(subject)
        elif name == "RoleEnded":
            ended = self.actors[subject].grants.get(fact["grant"])
            if ended is None:
                raise Refused("grant_unknown", "the ended grant is not the actor's")
            need(not ended.ended, "grant_not_in_force", "the grant has ended already")
            if ended.role == REGISTRAR_OF_KEYS:
                need_two_registrars()
            else:
                need_registrar_or(subject, ended.delegated_by)
        elif name == "QualificationExpired":
            verified = self.actors[subject].qualifications.get(fact["verified"])
            need(verified and not verified.ended, "not_in_force", "not a qualification of the actor that has not ended")
            need_registrar_or(subject)
        elif name in DELEGATING:
            need(in_role(acting, *DELEGATING[name]), "role_wrong", "it takes a role that can be delegated")
            alone = len(acting) == 1 and subject not in actors and acting[0].grant.under is None
            need(alone, "holder_alone", "who holds the role itself delegates it, alone, and to another")
        elif name in ADOPTING:
            need(in_role(acting, ADOPTING[name]), "role_wrong", "besides registrars it takes another role")
            need(len(registrars) >= 2, "registrars_missing", "it takes two registrars")
        elif name in OF_THE_LEDGER:
            need(actors == {ACTOR_ZERO} and len(acting) == 1, "ledger_kind", "the ledger alone signs it")
        elif name in TAKES_ONE_OF:
            need(in_role(acting, *TAKES_ONE_OF[name]), "role_wrong", "no signer has a role that it takes")
        elif name == "AccessGranted":
            if "complaint" in fact:
                officers, superiors = in_role(acting, DATA_PROTECTION_OFFICER), in_role(acting, SUPERIOR)
                need_two(officers, superiors, "a data protection officer and a superior")
            else:
                need(in_role(acting, HEAD_OF_DEPARTMENT), "role_wrong", "it takes a head of department")
            need(fact["reader"] not in actors, "self_review", "nobody gives access to oneself")
        elif name in TAKES_BOTH_OF:
            some, others = (in_role(acting, *roles) for roles in TAKES_BOTH_OF[name])
            need_two(some, others, "two actors, one of each group of roles")
        else:
            need(actors - {ACTOR_ZERO}, "role_wrong", "it takes anyone with a role")
            need(name != "BreakGlassOpened" or len(acting) == 1, "role_wrong", "one signs it alone")

    def has_role(self, actor: bytes, now: int) -> bool:
        """Whether somebody other than the ledger itself has any role in force."""
        known = self.actors.get(actor, Actor()).grants.values()
        return actor != ACTOR_ZERO and any(grant.in_force(now // SECOND) for grant in known)

    # --- What it changes

    def fold(self, statement: Statement, link: Link) -> None:
        """Applies a statement that was accepted."""
        name, fact, subject = statement.name, statement.fact, statement.stream[1]
        hash_, now = link.statement_hash, link.recorded_at
        if name == "Genesis":
            self.fold_genesis(fact, hash_, now)
        elif name in ENROLLING:
            self.actors.setdefault(subject, Actor())
            delay = DELAY_WITHOUT_HOLDER if without_holder(statement) else 0
            self.keys[fact["key"]["public_key"]] = Key(subject, fact["key"]["use"], now + delay)
            if name == "KeyRotated":
                self.keys[fact["replaces"]].ended = True
        elif name == "KeyRevoked":
            self.keys[fact["public_key"]].ended = True
        elif name in ("KeySuspended", "KeyReinstated"):
            self.keys[fact["public_key"]].suspended = name == "KeySuspended"
        elif name == "KeyCompromised":
            key = self.keys[fact["public_key"]]
            key.ended = key.compromised = True
            self.disputed.update(key.signed[bisect_left(key.signed, fact["since_sequence"]) :])
        elif name == "QualificationVerified":
            self.actors[subject].qualifications[hash_] = Qualification(fact.get("until_seconds"))
        elif name == "QualificationExpired":
            self.actors[subject].qualifications[fact["verified"]].ended = True
        elif name == "RoleGranted":
            term = fact.get("from_seconds"), fact.get("until_seconds")
            self.actors[subject].grants[hash_] = Grant(fact["role"], fact.get("agency"), [term])
        elif name in DELEGATING:
            self.fold_delegated(statement, hash_)
        elif name == "RoleEnded":
            self.actors[subject].grants[fact["grant"]].ended = True
        for signer in statement.signers:
            self.keys[signer.public_key].signed.append(link.sequence)

    def fold_genesis(self, fact: dict, hash_of_statement: bytes, now: int) -> None:
        for registrar in fact["registrars"]:
            self.actors[registrar["actor"]] = Actor({hash_of_statement: Grant(REGISTRAR_OF_KEYS)})
            self.keys[registrar["statement_key"]] = Key(registrar["actor"], USE_STATEMENT, now)
        self.actors[ACTOR_ZERO] = Actor({hash_of_statement: Grant(ROLE_OF_ACTOR_ZERO)})
        self.keys[fact["statement_key"]] = Key(ACTOR_ZERO, USE_STATEMENT, now)
        self.keys[fact["checkpoint_key"]] = Key(ACTOR_ZERO, USE_CHECKPOINT, now)

    def fold_delegated(self, statement: Statement, hash_of_statement: bytes) -> None:
        fact, holder = statement.fact, statement.signers[0]
        under = self.actors[holder.actor].grants[holder.grant]
        on_duty = statement.name == "DutyRosterSet"
        terms = [(term["from_seconds"], term["until_seconds"]) for term in (fact["shifts"] if on_duty else [fact])]
        self.actors[statement.stream[1]].grants[hash_of_statement] = Grant(
            role=DUTY_OFFICER if on_duty else under.role,
            agency=under.agency,
            terms=terms,
            under=under,
            delegated_by=holder.actor,
            kinds=fact["kinds"],
        )

    def endorse(self, sequence: int, signers: list[Signer]) -> None:
        """What somebody who did not sign it endorsed is not disputed, whether they did so before or after."""
        signed = {key.actor for key in self.keys.values() if key.has_signed(sequence)}
        if any(signer.actor not in signed for signer in signers):
            self.endorsed.add(sequence)


def without_holder(statement: Statement) -> bool:
    """Whether a further key is enrolled without a signature by a present key of the actor."""
    if statement.name not in ("KeyEnrolled", "KeyRotated"):
        return False
    subject, enrolled = statement.stream[1], statement.fact["key"]["public_key"]
    return not any(s.actor == subject and s.public_key != enrolled for s in statement.signers)


# ========================================================================== Who may read and write
#
# What the format calls a file: of a case with its protected and clocks streams, of a signal, a
# complaint, an actor or a person. Folded is what refuses a statement. What only a policy asks (lead,
# team, region, who received a signal, who was given what, whether it is closed) is not, since no policy is
# evaluated here; nor is what only the rules of procedure ask.

DAY_SECONDS = 24 * 3600

# Kinds that name a statement of another kind by its hash: under which name, and which kind.
NAMING = {
    "AccessRevoked": ("granted", "AccessGranted"),
    "BreakGlassClosed": ("opened", "BreakGlassOpened"),
    "BreakGlassReviewed": ("opened", "BreakGlassOpened"),
    "DisclosureReceived": ("shared", "InformationShared"),
    "LegalHoldLifted": ("set", "LegalHoldSet"),
    "TransferAccepted": ("proposed", "TransferProposed"),
    "TransferRejected": ("proposed", "TransferProposed"),
}
NAMED = {named for _, named in NAMING.values()}


def file_of(stream: StreamId) -> StreamId | None:
    """The file in which a stream is; None for root and access streams."""
    kind, id_ = stream
    if kind in (ROOT, ACCESS):
        return None
    return (CASE, id_) if kind in (PROTECTED, CLOCKS) else stream


INSPECTING = {"InspectionOpened", "InspectionFinding", "InspectionInstruction", "InspectionComplied"}


def own_file(statement: Statement) -> StreamId | None:
    """The file of a statement: its stream's, but for what the ledger says of a clock, and for what
    stands in the root stream of inspections and breaches."""
    kind, id_ = statement.stream
    if statement.name == "DeadlineMissed":
        return statement.fact["file"], id_
    if statement.name in INSPECTING or statement.name == "BreachRecorded" and kind == ROOT:
        return statement.stream
    return file_of(statement.stream)


def is_governed(statement: Statement) -> bool:
    """Whether rules of procedure must have been adopted before it."""
    cases = statement.kind >= 100 and statement.name not in ("ComplaintLodged", "HandlerAssigned")
    return bool(statement.name) and (cases or statement.name == "InformationShared")


def endorsed_by(statement: Statement) -> list[Reference]:
    """What an Endorsed endorses: it should be one."""
    return [r for r in statement.references if r.relation == ENDORSES and r.stream == statement.stream]


@dataclass
class Named:
    """A statement that later ones may name: each ends it in one way, and only once."""

    name: str
    stream: StreamId
    whom: bytes | None  # who opened, who receives, or the agency proposed
    ended_by: set[str] = field(default_factory=set)


@dataclass
class CaseFile:
    holder: bytes | None = None  # an agency
    conflicted: set[bytes] = field(default_factory=set)  # actors
    named: dict[bytes, Named] = field(default_factory=dict)  # by statement hash

    def is_held(self) -> bool:
        """Whether a legal hold is set that was not lifted."""
        return any(n.name == "LegalHoldSet" and not n.ended_by for n in self.named.values())

    def check(self, statement: Statement, acting: list[Acting], version: int, seconds: int) -> None:
        """Refuses what may not be recorded in this file at this time, in a stream that has had so many
        events. A statement of a kind not known here is let pass."""
        name, fact = statement.name, statement.fact
        if not name:
            return
        if self.is_under_recusal(acting) and not KINDS[statement.kind].urgent:
            raise Refused("conflict_declared", "a signer has a conflict of interests in this case")
        if name in NAMING:
            self.check_named(statement, acting)
        if name in ("AccessGranted", "BreakGlassOpened") or name == "InformationShared" and "until_seconds" in fact:
            need(fact["until_seconds"] > seconds, "term_invalid", "the term is over")
        if name == "BreakGlassOpened":
            need(fact["until_seconds"] <= seconds + DAY_SECONDS, "term_invalid", "more than 24 hours")
            stated = any(section.payload_type.startswith("danger/") for section in statement.sections)
            need(stated, "danger_missing", "no section states the danger")
        elif name in ("InformationShared", "ServiceReferred"):
            there = all(released["version"] <= version for released in fact["shared"])
            need(there, "section_unknown", f"{name} lists an event that the stream does not have")
        elif name == "SectionsErased":
            need(not self.is_held(), "legal_hold", "a legal hold bars erasure")
            there = fact["section"]["version"] <= version if "section" in fact else True
            need(there, "section_unknown", "it erases in an event that the stream does not have")
        elif name == "TransferProposed":
            need(self.holder, "not_in_force", "nobody holds the case")
            need(fact["to"] != self.holder, "not_in_force", "who is proposed holds the case already")
        elif name == "Endorsed":
            one = len(endorsed_by(statement)) == 1
            need(one, "field_missing", "it does not endorse exactly one statement of its stream")

    def is_under_recusal(self, acting: list[Acting]) -> bool:
        return any(signer.actor in self.conflicted for signer in acting)

    def check_named(self, statement: Statement, acting: list[Acting]) -> None:
        """What it names is there, of the right kind, and not ended in the same way before; and who
        signs it is who may, where that depends on what it names."""
        name, actors = statement.name, {signer.actor for signer in acting}
        member, kind = NAMING[name]
        named = self.named.get(statement.fact[member])
        if named is None or named.name != kind or named.stream != statement.stream:
            raise Refused("not_in_force", f"there is no such {kind} in this stream")
        if name in named.ended_by or named.name == "TransferProposed" and named.ended_by:
            raise Refused("not_in_force", f"the {kind} was answered by a {name} before")
        if name == "BreakGlassClosed":
            others = in_role(acting, DATA_PROTECTION_OFFICER, HEAD_OF_DEPARTMENT)
            need(named.whom in actors or others, "role_wrong", "it takes who opened it, or who looks after it")
        elif name == "BreakGlassReviewed":
            need(named.whom not in actors, "self_review", "who opened it does not review it")
        elif name == "DisclosureReceived":
            agencies = {signer.grant.agency for signer in acting if signer.grant}
            need(named.whom in actors | agencies, "role_wrong", "it takes who received it")

    def fold(self, statement: Statement, hash_of_statement: bytes) -> None:
        """Applies a statement that was accepted."""
        name, fact = statement.name, statement.fact
        if name == "CaseOpened":
            self.holder = fact["holder"]
        elif name == "ConflictDeclared":
            self.conflicted |= {signer.actor for signer in statement.signers}
        elif name in NAMED:
            whom = {
                "BreakGlassOpened": statement.signers[0].actor,
                "InformationShared": fact.get("receiver"),
                "TransferProposed": fact.get("to"),
            }.get(name)
            self.named[hash_of_statement] = Named(name, statement.stream, whom)
        elif name in NAMING:
            named = self.named[fact[NAMING[name][0]]]
            # Information may be received more than once.
            if name != "DisclosureReceived":
                named.ended_by.add(name)
            if name == "TransferAccepted":
                self.hold(named.whom, name)
        elif name == "CompetenceDecided":
            self.hold(fact["holder"], name)
        elif name in ("CaseVoided", "CasesMerged"):
            self.end_proposals(name)

    def hold(self, holder: bytes, by: str) -> None:
        """This agency holds it from here on."""
        self.holder = holder
        self.end_proposals(by)

    def end_proposals(self, by: str) -> None:
        """Nothing that was proposed before can be answered any more. So it is when a case is closed as well, but
        whether a closing has its signatures is for the procedure to say, which is not replayed here."""
        for other in self.named.values():
            if other.name == "TransferProposed":
                other.ended_by.add(by)


CHANGES_A_FILE = {
    *("CaseOpened", "ConflictDeclared", "CompetenceDecided", "CaseVoided", "CasesMerged"),
    *NAMED,
    *NAMING,
}
NO_FILE = CaseFile()  # stands for every file in which nothing was recorded that counts here


# ====================================================================================== Positions


class Stream:
    """What positions and references need of a stream: all that is kept of an event."""

    __slots__ = ("heads", "event_ids", "statements")

    def __init__(self) -> None:
        self.heads = bytearray(ZERO_32)  # head(0), head(1) and so on, 32 bytes each
        self.event_ids: set[bytes] = set()
        self.statements: dict[bytes, int] = {}  # their sequences

    def version(self) -> int:
        return len(self.heads) // 32 - 1

    def head(self, version: int) -> bytes:
        return bytes(self.heads[32 * version : 32 * version + 32])

    def check(self, statement: Statement) -> None:
        """Refuses a statement that may not come next."""
        if statement.event_id in self.event_ids:
            raise Refused("event_id_taken")
        # Of a kind not known here only that can be asked which holds for both.
        exclusive = statement.kind in KINDS and KINDS[statement.kind].exclusive
        if statement.seen is None:
            if exclusive and self.version() > 0:
                raise Refused("seen_missing", "a decision on a stream that exists names its head")
            return
        version, head = statement.seen
        if version > self.version() or head != self.head(version):
            raise Refused("seen_unknown", "the stream never had that head at that version")
        if exclusive and version < self.version():
            raise Refused("seen_stale", f"version {version} was seen, {self.version()} is the stream's")

    def append(self, statement: Statement, hash_of_statement: bytes, sequence: int) -> None:
        self.heads += next_head(self.head(self.version()), hash_of_statement)
        self.event_ids.add(statement.event_id)
        self.statements[hash_of_statement] = sequence


NO_STREAM = Stream()  # stands for every stream that does not exist; nothing is appended to it


# ================================================================================= A whole record


# With what a statement is shown that is taken all the same.
ON_EXPIRED_QUALIFICATION, UNDER_RECUSAL = "on expired qualification", "under recusal"
WITHOUT_THE_HOLDER = "without the holder"
MARKS = (WITHOUT_THE_HOLDER, ON_EXPIRED_QUALIFICATION, UNDER_RECUSAL)


@dataclass
class Report:
    """What was verified. Until the end it is what was met so far."""

    trial: bool | None = None  # the server made the registrars' keys itself; None: not known
    ledger: str = ""
    name: str = ""
    procedure: str = ""
    previous_ledger: str | None = None
    segments: int = 0
    events: int = 0
    streams: int = 0
    first_recorded_at: int | None = None  # nanoseconds since 1970 UTC
    last_recorded_at: int | None = None
    root: str = ""  # of the log at its whole size
    head_size: int | None = None  # how many events the head file's checkpoint covers
    sections: int = 0
    sections_opened: int = 0  # and found as committed
    sections_gone: int = 0  # whose key or sealed bytes are not there, as an erasure on the record says
    sections_closed: str = ""  # why none was opened
    # By sequence: statements that are to be shown with a mark, and such as are disputed at the end.
    marks: dict[str, list[int]] = field(default_factory=lambda: {mark: [] for mark in MARKS})
    disputed: list[int] = field(default_factory=list)
    emergencies: int = 0  # how often emergency access was opened
    unreviewed: list[int] = field(default_factory=list)  # by sequence: that which nobody has reviewed
    policy_not_replayed: int = 0  # how many events an adopted policy had to permit
    procedure_not_replayed: int = 0  # how many events adopted rules of procedure had to let pass
    unknown_kinds: dict[int, int] = field(default_factory=dict)  # how many of each
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0  # how long it took


class Place(NamedTuple):
    """Where an event is in the data directory."""

    segment: str
    offset: int


class SealedSection(NamedTuple):
    """A section of an event, as an erasure may name it."""

    version: int
    index: int
    class_: int
    sequence: int
    place: Place
    wrong: str = ""  # why it must be named by an erasure, where it must

    def is_named_by(self, erased: dict, version: int) -> bool:
        """By a SectionsErased of this version in the same stream."""
        if "section" in erased:
            one = erased["section"]
            named = (self.version, self.index) == (one["version"], one["index"])
        else:
            named = self.class_ == erased["class"]
        return named and self.version < version


class Sections:
    """The sealed sections of a record: that each key is of one section alone, that nothing is gone
    which no erasure names, and, with the vault, what is in them.

    An erasure stands later in the record than what it erases, so what is gone is kept in mind until
    one names it. What the vault says is erased must be gone."""

    def __init__(self, ledger: bytes, vault: Vault | None, report: Report):
        self.ledger, self.vault, self.report = ledger, vault, report
        self.key_ids: set[bytes] = set()
        self.gone: dict[StreamId, list[SealedSection]] = {}  # named by no erasure yet
        self.there: dict[StreamId, list[SealedSection]] = {}  # if the vault has applied an erasure
        self.not_applied = 0  # erasures
        report.sections_closed = vault.closed if vault else "the vault is not here"

    def take(self, statement: Statement, sealed: list[bytes], link: Link, version: int, place: Place) -> None:
        """Checks the sections of the event that becomes this version of its stream."""
        if len(sealed) != len(statement.sections):
            reason = "section_missing" if len(sealed) < len(statement.sections) else "section_extra"
            raise Refused(reason, f"{len(statement.sections)} commitments, {len(sealed)} sealed")
        for index, (section, data) in enumerate(zip(statement.sections, sealed)):
            entry = SealedSection(version, index, section.class_, link.sequence, place)
            wrong = self.check(statement, link, index, section, data)
            if wrong:
                self.gone.setdefault(statement.stream, []).append(entry._replace(wrong=wrong))
            elif self.vault and self.vault.erased:
                self.there.setdefault(statement.stream, []).append(entry)
        self.report.sections += len(sealed)

    def check(self, statement: Statement, link: Link, index: int, section: Section, data: bytes) -> str:
        """Returns how it is gone; nothing where it is not."""
        if not data:
            return "sealed_missing"
        check_sealed_length(data)
        key_id = data[:16]
        if key_id in self.key_ids:
            raise Refused("key_shared", f"section {index} has the key of another section")
        self.key_ids.add(key_id)
        slot = self.vault.slot(key_id) if self.vault else None
        if self.vault and slot is None:
            return "section_key_missing"
        if slot and self.vault.key:
            place = SectionPlace(self.ledger, statement.stream, section.class_, link.statement_hash, index)
            salt, content = open_section(self.vault.data_key(slot), data, place)
            payload_type = section.payload_type.encode()
            if section.commitment != commitment(statement.nonce, index, section.class_, payload_type, salt, content):
                raise Refused("commitment_mismatch", f"section {index} holds something else")
            self.report.sections_opened += 1
        return ""

    def erase(self, statement: Statement, link: Link, version: int) -> None:
        """Applies a SectionsErased that was accepted."""

        def split(entries: list[SealedSection]) -> tuple[list[SealedSection], list[SealedSection]]:
            named = [entry for entry in entries if entry.is_named_by(statement.fact, version)]
            return named, [entry for entry in entries if not entry.is_named_by(statement.fact, version)]

        named, self.gone[statement.stream] = split(self.gone.get(statement.stream, []))
        self.report.sections_gone += len(named)
        if not self.vault:
            return
        if not self.vault.erased or self.vault.erased.sequence < link.sequence:
            self.not_applied += 1
            return
        named, _ = split(self.there.get(statement.stream, []))
        for entry in named:
            detail = f"the vault says that sequence {link.sequence} erased section {entry.index}, and has its key"
            raise Fault(*entry.place, entry.sequence, "section_not_erased", detail)

    def check_erased(self, event: Event, statement: Statement, link: Link) -> None:
        """The last erasure that the vault has applied is this one, if it says so."""
        erased = self.vault.erased if self.vault else None
        if erased and erased.sequence == link.sequence:
            if statement.name != "SectionsErased" or link_hash(event.link) != erased.link_hash:
                raise Fault("vault/erased", 0, link.sequence, "vault_ahead", "the record has another event there")

    def finish(self) -> None:
        """What is gone now was named by no erasure."""
        if self.not_applied:
            told = f"{self.not_applied} erasures that the vault has not applied yet"
            self.report.notes.append(f"{told}: the server does so when it is started")
        gone = [entry for entries in self.gone.values() for entry in entries]
        if gone:
            first = min(gone, key=lambda entry: (entry.sequence, entry.index))
            detail = f"section {first.index} is gone, and no SectionsErased names it"
            raise Fault(*first.place, first.sequence, first.wrong, detail)


class Record:
    """Everything about a record that follows from its events, taken one after the other."""

    def __init__(self, ledger: bytes, vault: Vault | None, report: Report):
        self.ledger, self.report = ledger, report
        self.tree, self.registry = Tree(), Registry()
        self.streams: dict[StreamId, Stream] = {}
        self.files: dict[StreamId, CaseFile] = {}
        self.sections = Sections(ledger, vault, report)
        self.last_link_hash, self.last_recorded_at = ZERO_32, 0
        self.genesis: dict | None = None
        self.policy_adopted = self.profile_adopted = False
        self.unreviewed: dict[bytes, int] = {}  # what opened emergency access, and its sequence

    def take(self, event: Event, place: Place) -> None:
        """Checks the next event, then folds it."""
        link, statement, acting = self.check(event)
        self.check_reading(statement, link)
        self.sections.check_erased(event, statement, link)
        version = self.streams.get(statement.stream, NO_STREAM).version() + 1
        self.sections.take(statement, event.sealed, link, version, place)
        self.fold(event, link, statement, acting)

    def check(self, event: Event) -> tuple[Link, Statement, list[Acting]]:
        """Everything that does not take the sections' sealed bytes, or a policy."""
        link = self.check_link(event)
        statement = canonical(event.statement)
        verify_statement_signatures(event.statement, statement, event.signatures)
        self.check_ledger(event.statement, statement)
        stream = self.streams.get(statement.stream, NO_STREAM)
        acting = self.registry.check(statement, stream is not NO_STREAM, link.sequence, link.recorded_at)
        stream.check(statement)
        for index, reference in enumerate(statement.references):
            if reference.statement_hash not in self.streams.get(reference.stream, NO_STREAM).statements:
                raise Refused("reference_unknown", f"reference {index}")
        if is_governed(statement) and not self.profile_adopted and not self.genesis["trial"]:
            raise Refused("profile_missing", "something about a case before any profile was adopted")
        if own_file(statement):
            file = self.files.get(own_file(statement), NO_FILE)
            file.check(statement, acting, stream.version(), link.recorded_at // SECOND)
        return link, statement, acting

    def check_link(self, event: Event) -> Link:
        link = parse_link(event.link)
        if link.sequence != self.tree.size:
            raise Refused("link_sequence", f"it says {link.sequence}")
        if link.previous != self.last_link_hash:
            raise Refused("link_previous", "not the link hash of the event before")
        if link.recorded_at < self.last_recorded_at:
            raise Refused("link_time", "recorded before the event before")
        if link.statement_hash != statement_hash(event.statement):
            raise Refused("statement_hash", "the link is of another statement")
        if link.signatures_hash != signatures_hash(event.signatures):
            raise Refused("signatures_hash", "the link is of other signatures")
        return link

    def check_ledger(self, data: bytes, statement: Statement) -> None:
        """The genesis makes the ledger's id; every other statement names it."""
        if (statement.kind == 1) != (self.tree.size == 0):
            raise Refused("genesis", "sequence 0 is the genesis, and nothing else is")
        ledger = H("ledger id", data) if statement.kind == 1 else statement.ledger
        if ledger != self.ledger:
            raise Refused("ledger_wrong", "not the ledger of this directory")

    def check_reading(self, statement: Statement, link: Link) -> None:
        """Before a policy is adopted nothing is given out, in a trial to whoever has a role. What an
        adopted one permits is not judged here, but counted."""
        reading = statement.name in ("SectionsRead", "FactsRead")
        if not self.policy_adopted:
            if reading and not self.genesis["trial"]:
                raise Refused("policy_missing", "something was given out before any policy was adopted")
            if reading and not self.registry.has_role(statement.fact["reader"], link.recorded_at):
                raise Refused("role_not_in_force", "the reader has none")
        elif statement.name and statement.kind >= 40 and not KINDS[statement.kind].urgent:
            self.report.policy_not_replayed += reading or statement.name not in OF_THE_LEDGER

    def mark(self, statement: Statement, acting: list[Acting], sequence: int) -> None:
        marks, file = self.report.marks, self.files.get(own_file(statement), NO_FILE)
        if any(signer.unqualified for signer in acting):
            marks[ON_EXPIRED_QUALIFICATION].append(sequence)
        if statement.name and file.is_under_recusal(acting):
            marks[UNDER_RECUSAL].append(sequence)
        if without_holder(statement):
            marks[WITHOUT_THE_HOLDER].append(sequence)

    def fold(self, event: Event, link: Link, statement: Statement, acting: list[Acting]) -> None:
        report, name, hash_ = self.report, statement.name, link.statement_hash
        report.procedure_not_replayed += self.profile_adopted and is_governed(statement)
        self.mark(statement, acting, link.sequence)
        if name == "Genesis":
            self.genesis = statement.fact
            report.trial = bool(statement.fact["trial"])
            report.name, report.procedure = statement.fact["name"], statement.fact["procedure"]
            previous = statement.fact.get("previous_ledger")
            report.previous_ledger = previous.hex() if previous else None
            report.first_recorded_at = link.recorded_at
        if not name:
            report.unknown_kinds[statement.kind] = report.unknown_kinds.get(statement.kind, 0) + 1
        self.registry.fold(statement, link)
        stream = self.streams.setdefault(statement.stream, Stream())
        stream.append(statement, hash_, link.sequence)
        if name in CHANGES_A_FILE:
            self.files.setdefault(own_file(statement), CaseFile()).fold(statement, hash_)
        if name == "Endorsed":
            self.registry.endorse(stream.statements[endorsed_by(statement)[0].statement_hash], statement.signers)
        elif name == "SectionsErased":
            self.sections.erase(statement, link, stream.version())
        elif name == "PolicyAdopted":
            self.policy_adopted = True
        elif name == "ProfileAdopted":
            self.profile_adopted = True
        elif name == "BreakGlassOpened":
            report.emergencies += 1
            self.unreviewed[hash_] = link.sequence
        elif name == "BreakGlassReviewed":
            del self.unreviewed[statement.fact["opened"]]
        self.tree.append(leaf_hash(event.link))
        self.last_link_hash, self.last_recorded_at = link_hash(event.link), link.recorded_at
        report.events, report.streams = self.tree.size, len(self.streams)
        report.last_recorded_at = link.recorded_at

    def finish(self) -> None:
        """Once every event was taken."""
        self.sections.finish()
        self.report.disputed = sorted(self.registry.disputed - self.registry.endorsed)
        self.report.unreviewed = sorted(self.unreviewed.values())
        self.report.root = self.tree.root().hex()

    def vkey(self) -> Vkey:
        """The verification key of the ledger's checkpoints."""
        return note_key(f"{self.genesis['name']}/{self.ledger.hex()}", self.genesis["checkpoint_key"])


def verify_data(path: str | os.PathLike, checkpoint: bytes | None = None, kek: str | None = None) -> Report:
    """Verifies the record of a data directory that no server is using, that it goes on from an earlier
    checkpoint where one is given, and, where its vault is there, the sections: they are opened with
    the key-encryption key in the file `kek`, or in the directory's own. Raises the first `Fault`.
    Every checksum is looked at before any event, so that a changed byte is found soon."""
    started, report = time.monotonic(), Report()
    try:
        files = Files(Path(path))
        report.ledger, report.segments = files.ledger.hex(), len(files.segments)
        report.notes = files.notes
        files.check()
        if files.size == 0:
            raise Fault(files.segments[0], HEADER_BYTES, 0, "genesis", "there is no event")
        verify_events(files, report, checkpoint, Path(kek) if kek else None)
    except OSError as error:
        fault = Fault(str(error.filename or path), 0, None, "unreadable", str(error.strerror))
        fault.report = report
        raise fault from None
    except Fault as fault:
        fault.report = report
        raise
    report.seconds = time.monotonic() - started
    return report


def verify_events(files: Files, report: Report, earlier: bytes | None, kek: Path | None) -> None:
    given = [("record/head", files.read_whole("record/head"))]
    if earlier is not None:
        given.append(("the earlier checkpoint", earlier))
    sizes = {name: size_of_checkpoint(name, data, files.size) for name, data in given}
    report.head_size = sizes["record/head"]
    vault = Vault(files.directory, files.ledger, kek) if (files.directory / "vault").exists() else None
    if vault and vault.erased and vault.erased.sequence >= files.size:
        detail = f"it has applied sequence {vault.erased.sequence}, and the log has {files.size} events"
        raise Fault("vault/erased", 0, files.size, "vault_ahead", detail)

    record = Record(files.ledger, vault, report)
    roots = {0: record.tree.root()}
    for segment, offset, event in files.events():
        try:
            record.take(event, Place(segment, offset))
        except Refused as refused:
            raise Fault(segment, offset, record.tree.size, refused.reason, refused.detail) from None
        if record.tree.size in sizes.values():
            roots[record.tree.size] = record.tree.root()
    record.finish()

    for name, data in given:
        try:
            signed = verify_checkpoint(data, record.vkey())
        except Refused as refused:
            raise Fault(name, 0, None, refused.reason, refused.detail) from None
        if signed.root != roots[signed.size]:
            raise Fault(name, 0, None, "root", f"not that of the log's first {signed.size} links")


def size_of_checkpoint(name: str, data: bytes, log_size: int) -> int:
    """How many events a checkpoint speaks of; its signature and root are checked later."""
    try:
        size = parse_checkpoint(parse_note(data).text).size
    except Refused as refused:
        raise Fault(name, 0, None, refused.reason, refused.detail) from None
    if size > log_size:
        raise Fault(name, 0, log_size, "rolled_back", f"the log had {size} events, and has {log_size}")
    return size


# ============================================================================ De-identified cases

DEIDENTIFIED_TYPE = b"application/vnd.letopis.deidentified.v1+json"
DEIDENTIFIED_REVIEW_TYPE = b"application/vnd.letopis.deidentified-review.v1+json"
DEIDENTIFIED_BYTES_MAX = 1 << 20


class Deidentified(NamedTuple):
    digest: bytes
    author: bytes
    reviewer: bytes  # nobody: empty
    found: str


def verify_deidentified(text: str) -> Deidentified:
    """The file of a de-identified case: its lines, its signatures, whose review it is. Which kinds and codes a
    document may hold, and whether its risk is that of its steps, is not looked at."""
    lines = text.split("\n")
    whole = len(text.encode()) <= DEIDENTIFIED_BYTES_MAX and lines.pop() == ""
    if not whole or len(lines) not in (3, 5) or lines[0] != "letopis.deidentified.v1":
        raise Refused("form", "not the lines of such a file")
    document, author = lines[1], signed_line(lines[1], lines[2], DEIDENTIFIED_TYPE)
    if json_object(document).get("format") != lines[0]:
        raise Refused("form", "the document is of another format")
    digest = H("deidentified", document.encode())
    if len(lines) == 3:
        return Deidentified(digest, author, b"", "")
    review, reviewer = json_object(lines[3]), signed_line(lines[3], lines[4], DEIDENTIFIED_REVIEW_TYPE)
    found = review.get("found")
    if list(review) != ["format", "document", "found"] or not isinstance(found, str) or not found.strip():
        raise Refused("form", "the review says other things, or nothing")
    if (review["format"], review["document"]) != ("letopis.deidentified-review.v1", digest.hex()):
        raise Refused("other_document", "the review is of another document")
    if reviewer == author:
        raise Refused("own_review", "its author reviewed it")
    return Deidentified(digest, author, reviewer, found)


def json_object(line: str) -> dict:
    """An object that is written in one way only: no spaces, nothing escaped that need not be."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused("form", "not JSON, or nested too deep") from None
    if not isinstance(value, dict) or json.dumps(value, separators=(",", ":"), ensure_ascii=False) != line:
        raise Refused("writing", "the JSON would be written in another way")
    return value


def signed_line(line: str, by: str, type_: bytes) -> bytes:
    """The key that signed a line."""
    if not re.fullmatch("[0-9a-f]{64}:[0-9a-f]{128}", by):
        raise Refused("form", "not PUBLIC-KEY:SIGNATURE in lower-case hex")
    key, signature = (bytes.fromhex(part) for part in by.split(":"))
    verify_signature(key, pae(type_, line.encode()), signature)
    return key


# ================================================================================= Golden vectors
#
# Each is a JSON object: name, structure, valid, fault (what is wrong, where not valid), input,
# output. Bytes are lower-case hex. A function below takes the input, and returns the output or
# refuses.


def vector_canonical(given: dict) -> dict:
    canonical(bytes.fromhex(given["statement"]), unknown_kinds=False)
    return {}


def vector_statement(given: dict) -> dict:
    return {"statement_hash": statement_hash(bytes.fromhex(given["statement"]))}


def vector_signature(given: dict) -> dict:
    message = pae(given["type"].encode(), bytes.fromhex(given["body"]))
    verify_signature(bytes.fromhex(given["public_key"]), message, bytes.fromhex(given["signature"]))
    return {}


def vector_signatures(given: dict) -> dict:
    return {"signatures_hash": signatures_hash([bytes.fromhex(s) for s in given["signatures"]])}


def vector_commitment(given: dict) -> dict:
    nonce, salt, content = (bytes.fromhex(given[name]) for name in ("nonce", "salt", "content"))
    index, class_, payload_type = int(given["index"]), int(given["class"]), given["payload_type"].encode()
    return {"commitment": commitment(nonce, index, class_, payload_type, salt, content)}


def vector_sealed(given: dict) -> dict:
    """Without `sealed` the content is sealed here; either way it must open."""
    given = {name: bytes.fromhex(value) if isinstance(value, str) else value for name, value in given.items()}
    stream = given["stream_kind"], given["stream_id"]
    place = SectionPlace(given["ledger"], stream, given["class"], given["statement_hash"], given["index"])
    sealed = given.get("sealed")
    if sealed is None:
        salt, content = given["salt"], given["content"]
        sealed = seal_section(given["key"], given["key_id"], given["nonce"], place, salt, content)
    salt, content = open_section(given["key"], sealed, place)
    return {"sealed": sealed, "salt": salt, "content": content}


def vector_link(given: dict) -> dict:
    hashes = [bytes.fromhex(given[name]) for name in ("previous", "statement_hash", "signatures_hash")]
    link = build_link(Link(int(given["sequence"]), int(given["recorded_at"]), *hashes))
    return {"link": link, "link_hash": link_hash(link)}


def vector_stream_head(given: dict) -> dict:
    return {"head": next_head(bytes.fromhex(given["head"]), bytes.fromhex(given["statement_hash"]))}


def vector_ledger_id(given: dict) -> dict:
    return {"ledger_id": H("ledger id", bytes.fromhex(given["genesis"]))}


def vector_checkpoint(given: dict) -> dict:
    return verify_checkpoint(given["note"].encode(), parse_vkey(given["vkey"]))._asdict()


def vector_receipt(given: dict) -> dict:
    return verify_receipt(given["receipt"], given["vkey"])._asdict()


def vector_segment_header(given: dict) -> dict:
    return parse_segment_header(bytes.fromhex(given["bytes"]))._asdict()


def vector_footer(given: dict) -> dict:
    return parse_footer(bytes.fromhex(given["bytes"]))._asdict()


def vector_frame(given: dict) -> dict:
    """A frame alone: besides what `parse_frame` and `frame_events` check, that its links follow
    each other, which in a record is seen event by event."""
    data = bytes.fromhex(given["bytes"])
    frame = parse_frame(data[:FRAME_HEADER_BYTES], data[FRAME_HEADER_BYTES:])
    events, previous = [], None
    for _, event in frame_events(frame):
        link = parse_link(event.link)
        if link.sequence != frame.first_sequence + len(events):
            raise Refused("link_sequence")
        if previous is not None and link.previous != previous:
            raise Refused("link_previous")
        previous = link_hash(event.link)
        events.append({"statement": event.statement, "sealed_count": len(event.sealed)})
    return {**frame._asdict(), "events": events}


def vector_log(given: dict) -> dict:
    """A small whole log, without sealed sections and policies: of one that is not valid, the last
    event alone is refused. Its marks are, for each event, those that it has at the end."""
    events = [(bytes.fromhex(e["statement"]), [bytes.fromhex(s) for s in e["signatures"]]) for e in given["events"]]
    record = Record(H("ledger id", events[0][0]), None, Report())
    for sequence, (statement, signatures) in enumerate(events):
        recorded_at, previous = int(given["events"][sequence]["recorded_at"]), record.last_link_hash
        hashes = statement_hash(statement), signatures_hash(signatures)
        event = Event(build_link(Link(sequence, recorded_at, previous, *hashes)), statement, signatures, [])
        try:
            record.fold(event, *record.check(event))
        except Refused as refused:
            last = sequence == len(events) - 1
            raise refused if last else Refused("refused_early", f"event {sequence}: {refused}") from None
    record.finish()
    marked = {**record.report.marks, "disputed": record.report.disputed}
    marks = [[mark.replace(" ", "_") for mark in marked if i in marked[mark]] for i in range(len(events))]
    return {"last_link": record.last_link_hash, "marks": marks}


def vector_deidentified(given: dict) -> dict:
    return verify_deidentified(given["file"])._asdict()


# The structures of which the vectors' faults are Reasons, and compared.
WITH_REASONS = {"canonical", "log"}

# Reasons of which either may be given for the same bytes, since the format does not say which of
# two checks comes first.
EITHER_REASON = [
    {"default_written", "enum_unspecified"},  # an enum written as 0
    {"enum_unknown", "varint_out_of_range"},  # an enum of more than 32 bits
    {"varint_not_minimal", "varint_out_of_range"},  # a varint of more than ten bytes
    {"truncated", "varint_out_of_range"},  # a length of more than 32 bits
    {"field_order", "field_repeated"},  # a field written again after others
    {"not_packed", "field_repeated"},  # a second packed field
    {"not_packed", "default_written"},  # an empty packed field
    {"field_unknown", "wire_type_wrong"},  # a group under a known number
    {"field_missing", "value_out_of_range"},  # a number that counts as 0; a ledger where none may be
    {"field_missing", "payload_type_invalid"},  # no payload type
    {"genesis", "ledger_wrong"},  # another genesis, which would make another ledger
]


def normal(value: Any) -> Any:
    """Bytes as hex and numbers as text, so that what was computed and what was read compare."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: normal(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [normal(part) for part in value]
    return str(value)


def check_vector(vector: dict) -> tuple[str | None, str | None]:
    """What is wrong, and what is to be noted; None where there is nothing."""
    run = globals().get(f"vector_{vector['structure']}")
    if run is None:
        return f"structure {vector['structure']} is not known here", None
    try:
        output = normal(run(vector["input"]))
    except Refused as refused:
        if vector["valid"]:
            return f"refused: {refused}", None
        if vector["structure"] not in WITH_REASONS or refused.reason == vector["fault"]:
            return None, None
        if {refused.reason, vector["fault"]} in EITHER_REASON:
            return None, f"the reason may be either {vector['fault']} or {refused.reason}"
        return f"the reason is {refused.reason}, not {vector['fault']}", None
    if not vector["valid"]:
        return f"accepted in spite of {vector['fault']}", None
    for name, expected in normal(vector.get("output", {})).items():
        if name not in output:
            return f"there is no output {name}", None
        if output[name] != expected:
            return f"{name} is {output[name]}, not {expected}", None
    return None, None


def verify_vectors(directory: Path) -> int:
    passed = failed = 0
    for path in sorted(directory.rglob("*.json")):
        try:
            wrong, noted = check_vector(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
            wrong, noted = f"the vector is malformed: {error!r}", None
        if noted:
            print(f"note   {path.name}: {noted}")
        if wrong:
            print(f"FAILED {path.name}: {wrong}")
            failed += 1
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


# ================================================================================ The command line


def utc(nanoseconds: int) -> str:
    seconds, nanos = divmod(nanoseconds, SECOND)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{nanos:09d} UTC"


def print_trial(report: Report) -> None:
    if report.trial is None:
        print("trial     not known, the genesis was not reached")
    elif report.trial:
        print("trial     YES: the server made the registrars' keys itself, its signatures prove nothing")
    else:
        print("trial     no")


def listed(sequences: list[int], verbose: bool) -> str:
    return ": sequence " + ", ".join(map(str, sequences)) if verbose else ""


def print_report(report: Report, with_checkpoint: bool, verbose: bool) -> None:
    print_trial(report)
    print(f"events    {report.events} in {report.segments} segments")
    print(f"streams   {report.streams}")
    print(f"time      {utc(report.first_recorded_at)} to {utc(report.last_recorded_at)}, as the operator claims")
    print(f"ledger    {report.name}/{report.ledger}, procedure {report.procedure}")
    if report.previous_ledger:
        print(f"          goes on from ledger {report.previous_ledger} after a loss")
    print(f"root      {base64.b64encode(bytes.fromhex(report.root)).decode()} at size {report.events}")
    print(f"head      the signed checkpoint covers {report.head_size} events")
    if with_checkpoint:
        print("          the record goes on from the checkpoint given")
    for kind, count in sorted(report.unknown_kinds.items()):
        print(f"kind {kind:<4} {count} signed, kind not known here")
        if kind < 40:
            print("          it is of the registry: who may sign was judged without it")
    for mark, sequences in report.marks.items():
        if sequences:
            print(f"marked    {len(sequences)} {mark}{listed(sequences, verbose)}")
    if report.disputed:
        told = "signed with a compromised key, endorsed by nobody else"
        print(f"disputed  {len(report.disputed)} {told}{listed(report.disputed, verbose)}")
    if report.emergencies:
        not_reviewed = f"{len(report.unreviewed)} NOT REVIEWED{listed(report.unreviewed, bool(report.unreviewed))}"
        print(f"emergency access opened {report.emergencies} times, {not_reviewed}")
    if report.policy_not_replayed:
        print(f"policy    {report.policy_not_replayed} events under it: policy verdicts not replayed here")
    if report.procedure_not_replayed:
        print(f"procedure {report.procedure_not_replayed} events under it: rules of procedure: not replayed here")
    for note in report.notes:
        print(f"note      {note}")
    print(f"sections  {report.sections}, of which {report.sections_gone} are gone as an erasure says")
    if report.sections_closed:
        print(f"          none was opened: {report.sections_closed}")
    else:
        print(f"          {report.sections_opened} were opened, and are as committed")
    print(f"verified in {report.seconds:.3f} s")


def command_data(arguments: argparse.Namespace) -> int:
    checkpoint = Path(arguments.checkpoint).read_bytes() if arguments.checkpoint else None
    try:
        report = verify_data(arguments.directory, checkpoint, arguments.kek)
    except Fault as fault:
        if arguments.json:
            names = ("segment", "offset", "sequence", "reason", "detail")
            found = {name: getattr(fault, name) for name in names}
            trial = fault.report.trial if fault.report else None
            print(json.dumps({"trial": trial, "verified": False, "fault": found}))
        else:
            print_trial(fault.report or Report())
            print(f"FAULT     {fault}")
        return 1
    if arguments.json:
        print(json.dumps({"trial": report.trial, "verified": True, **asdict(report)}))
    else:
        print_report(report, checkpoint is not None, arguments.verbose)
    return 0


def command_receipt(arguments: argparse.Namespace) -> int:
    try:
        receipt = verify_receipt(Path(arguments.file).read_bytes(), arguments.vkey)
    except Refused as refused:
        print(f"FAULT     {refused}")
        return 1
    print(f"log       {receipt.origin}")
    print(f"sequence  {receipt.sequence}, in the signed checkpoint of size {receipt.checkpoint_size}")
    print(f"recorded  {utc(receipt.recorded_at)}, as the operator claims")
    print(f"statement {receipt.statement_hash.hex()}")
    if receipt.statement.fact is None:
        print(f"kind      {receipt.statement.kind}: signed, kind not known here")
    for signer in receipt.statement.signers:
        print(f"signed    by key {signer.public_key.hex()} of actor {signer.actor.hex()}")
    print("It shows that the statement was recorded; whether keys and grants were in force, the record shows.")
    return 0


def command_deidentified(arguments: argparse.Namespace) -> int:
    try:
        found = verify_deidentified(Path(arguments.file).read_bytes().decode())
    except (Refused, UnicodeDecodeError) as refused:
        print(f"FAULT     {refused}")
        return 1
    print(f"digest    {found.digest.hex()}")
    print(f"author    {found.author.hex()}")
    print(f"reviewer  {found.reviewer.hex() or 'NOBODY: it is not to be given to anybody'}")
    print("The signatures hold. Whose keys these are, is for you to know; what the document may say was not checked.")
    return 0 if found.reviewer else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="The independent verifier of Letopis.")
    commands = parser.add_subparsers(required=True)
    data = commands.add_parser("data", help="verify a data directory's record, and with its vault the sections")
    data.add_argument("directory")
    data.add_argument("--checkpoint", metavar="FILE", help="an earlier signed checkpoint of this ledger")
    data.add_argument("--kek", metavar="FILE", help="the vault's key-encryption key, if not DIR/keys/vault.kek")
    data.add_argument("--verbose", action="store_true", help="say which events are marked or disputed")
    data.add_argument("--json", action="store_true", help="print one JSON object")
    data.set_defaults(run=command_data)
    receipt = commands.add_parser("receipt", help="verify a receipt")
    receipt.add_argument("file")
    receipt.add_argument("--vkey", required=True, help="the ledger's verification key, from elsewhere")
    receipt.set_defaults(run=command_receipt)
    deidentified = commands.add_parser("deidentified", help="verify the signatures of a de-identified case")
    deidentified.add_argument("file")
    deidentified.set_defaults(run=command_deidentified)
    vectors = commands.add_parser("vectors", help="check the project's golden vectors")
    vectors.add_argument("directory")
    vectors.set_defaults(run=lambda arguments: verify_vectors(Path(arguments.directory)))
    arguments = parser.parse_args()
    try:
        return arguments.run(arguments)
    except OSError as error:
        print(f"FAULT     {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
