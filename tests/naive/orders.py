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
    given_at: int = 0
    in_force: bool = True
    refused: bool = False  # a court's decision that grants nothing
    ordered: bool = False  # its execution was ordered
    suspended: bool = False
    terms: list[int] = field(default_factory=list)  # when each party's term of appeal is over
    contestable_until: int | None = None  # the court may be asked since the superior let it stand
    appeals: dict[bytes, bool] = field(default_factory=dict)  # those not decided, and whether in time

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
        """Of an instruction, or aid: "once it was served, each party's term of appeal is over, every appeal that came
        in time is decided, and, where the superior let it stand, the term to ask the court is over" (README, Orders).
        """
        over = all(term <= now for term in self.terms + [self.contestable_until or now])
        return self.served_at is not None and over and not self.appeals_in_time()

    def appeals_in_time(self) -> list[bytes]:
        return [appeal for appeal, in_time in self.appeals.items() if in_time]

    def is_late(self, at: int) -> bool:
        """Is an appeal at this time too late?"""
        terms = self.terms + ([self.contestable_until] if self.contestable_until else [])
        return bool(terms) and max(terms) <= at
