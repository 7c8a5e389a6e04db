"""Orders and court decisions: in force, executable, served.

Written from accountability.proto (Order), placement.proto, law-bg.md ("Appeals and complaints") and the
stories under "Placement" and "Service of orders".
"""

from dataclasses import dataclass, field

EMERGENCY, PLACEMENT, INSTRUCTION, AID, DECISION = (
    "EMERGENCY", "PLACEMENT", "INSTRUCTION", "AID", "DECISION",
)
GRANTED, REFUSED, DISCONTINUED = 1, 2, 3
STANDS, ANNULLED, RETURNED = 1, 2, 3


@dataclass
class Order:
    act: bytes
    kind: str
    served_at: int | None = None
    in_force: bool = True
    refused: bool = False  # a court's decision that grants nothing
    ordered: bool = False  # its execution was ordered
    suspended: bool = False
    stands: bool = False  # an appeal was decided, and it stands
    terms: list[int] = field(default_factory=list)  # when each party's term of appeal is over
    appeals: dict[bytes, int] = field(default_factory=dict)  # those that are not decided

    def executable(self, now: int) -> bool:
        """It may be executed; "never without being in force"."""
        if not self.in_force or self.suspended:
            return False
        if self.kind == DECISION:
            # "A request that the court refused places nobody" (story).
            return not self.refused
        if self.kind in (EMERGENCY, PLACEMENT):
            # "it is executed by force of law" (stories, чл. 27а, ал. 1 ЗЗДет), served or not, appealed or not
            return True
        return self.ordered or self.is_final(now)

    def is_final(self, now: int) -> bool:
        """Of an instruction, or aid. "an appealed act is **not executed** unless the law (27а) or an order (60) says
        so (90)" (law-bg.md).

        GAP: that it is not executed before the term of appeal is over either, and that an appeal after the term
        keeps nothing up, is said nowhere; the answers have it so.
        """
        over = bool(self.terms) and max(self.terms) <= now
        in_time = [at for at in self.appeals.values() if not self.terms or at < max(self.terms)]
        return (over or self.stands) and not in_time
