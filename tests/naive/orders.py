"""Orders and court decisions: in force, executable, served.

Written from accountability.proto (Order), placement.proto, law-bg.md ("Appeals and complaints") and the
stories under "Placement" and "Service of orders".
"""

from dataclasses import dataclass

EMERGENCY, PLACEMENT, INSTRUCTION, AID, DECISION = (
    "EMERGENCY", "PLACEMENT", "INSTRUCTION", "AID", "DECISION",
)
GRANTED, REFUSED, DISCONTINUED = 1, 2, 3
STANDS, ANNULLED, RETURNED = 1, 2, 3


@dataclass
class Order:
    act: bytes
    kind: str
    in_force: bool = True
    may_execute: bool = True
    served_at: int | None = None

    @property
    def executable(self) -> bool:
        """"It may be executed; never without being in force.\""""
        return self.in_force and self.may_execute
