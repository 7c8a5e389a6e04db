"""Who could sign as what: keys, grants, delegations, qualifications.

Written from proto/README.md, "Who may sign". The ledger has admitted whatever is on the record, so
that nothing is checked here; the answers need to know in which role somebody signed, and with which marks.
"""

from dataclasses import dataclass, field

from journal import Event

SOCIAL_WORKER, HEAD, DIRECTOR, DUTY_OFFICER, SUPERIOR, SUPERVISOR = 2, 3, 4, 6, 7, 10
REGISTRAR, STATEMENT_KEY = 1, 1
# "the actor signs under the roles social worker, head of department, duty officer and supervisor only while"
# a qualification is in force
QUALIFIED_ROLES = {SOCIAL_WORKER, HEAD, DUTY_OFFICER, SUPERVISOR}
HOURS_72 = 72 * 3600 * 10**9


@dataclass
class Grant:
    actor: bytes
    role: int
    agency: bytes
    from_seconds: int | None
    until_seconds: int | None
    delegated: bool = False
    ended: bool = False


@dataclass
class Key:
    use: int
    in_force_from: int  # nanoseconds
    out: bool = False
    suspended: bool = False


@dataclass
class Qualification:
    until: int | None
    expired: bool = False


@dataclass
class Compromise:
    key: bytes
    since: int
    sequence: int


@dataclass
class Actors:
    """The registry, as the actor streams of some first part of the log make it."""

    grants: dict[bytes, Grant] = field(default_factory=dict)
    keys: dict[bytes, dict[bytes, Key]] = field(default_factory=dict)
    qualifications: dict[bytes, dict[bytes, Qualification]] = field(default_factory=dict)
    compromises: list[Compromise] = field(default_factory=list)
    genesis: bytes = b""

    def take(self, event: Event) -> None:
        rule = getattr(self, "on_" + event.member, None)
        if rule:
            rule(event, event.stream[1], event.fact)

    def on_genesis(self, event, _stream, fact) -> None:
        self.genesis = event.hash
        for registrar in fact.registrars:
            self.add_key(registrar.actor, registrar.statement_key, STATEMENT_KEY, 0)

    def add_key(self, actor: bytes, public: bytes, use: int, at: int) -> None:
        self.keys.setdefault(actor, {})[public] = Key(use, at)

    def on_actor_enrolled(self, event, actor, fact) -> None:
        self.add_key(actor, fact.key.public_key, fact.key.use, event.recorded_at)

    def on_key_enrolled(self, event, actor, fact) -> None:
        # Without a signature by a present statement key of the actor it waits for 72 hours.
        mine = self.keys.get(actor, {})
        with_holder = any(
            s.public_key in mine and mine[s.public_key].use == STATEMENT_KEY
            for s in event.statement.signers
        )
        wait = 0 if with_holder else HOURS_72
        self.add_key(actor, fact.key.public_key, fact.key.use, event.recorded_at + wait)

    def on_key_rotated(self, event, actor, fact) -> None:
        self.on_key_enrolled(event, actor, fact)
        self.keys[actor][fact.replaces].out = True

    def on_key_revoked(self, _event, actor, fact) -> None:
        self.keys[actor][fact.public_key].out = True

    def on_key_compromised(self, event, actor, fact) -> None:
        self.keys[actor][fact.public_key].out = True
        self.compromises.append(Compromise(fact.public_key, fact.since_sequence, event.sequence))

    def on_key_suspended(self, _event, actor, fact) -> None:
        self.keys[actor][fact.public_key].suspended = True

    def on_key_reinstated(self, _event, actor, fact) -> None:
        self.keys[actor][fact.public_key].suspended = False

    def on_role_granted(self, event, actor, fact) -> None:
        begins = fact.from_seconds if fact.HasField("from_seconds") else None
        ends = fact.until_seconds if fact.HasField("until_seconds") else None
        self.grants[event.hash] = Grant(actor, fact.role, fact.agency, begins, ends)

    def on_role_delegated(self, event, actor, fact) -> None:
        holder = self.grants[event.statement.signers[0].grant]
        self.grants[event.hash] = Grant(
            actor, holder.role, holder.agency, fact.from_seconds, fact.until_seconds, True
        )

    def on_duty_roster_set(self, event, actor, _fact) -> None:
        holder = self.grants[event.statement.signers[0].grant]
        self.grants[event.hash] = Grant(actor, DUTY_OFFICER, holder.agency, None, None, True)

    def on_role_ended(self, _event, _actor, fact) -> None:
        if fact.grant in self.grants:
            self.grants[fact.grant].ended = True

    def on_qualification_verified(self, event, actor, fact) -> None:
        until = fact.until_seconds if fact.HasField("until_seconds") else None
        self.qualifications.setdefault(actor, {})[event.hash] = Qualification(until)

    def on_qualification_expired(self, _event, actor, fact) -> None:
        self.qualifications[actor][fact.verified].expired = True

    def role(self, signer) -> int | None:
        grant = self.grants.get(signer.grant)
        if grant:
            return grant.role
        return REGISTRAR if signer.grant == self.genesis else None

    def agency(self, signer) -> bytes:
        grant = self.grants.get(signer.grant)
        return grant.agency if grant else b""

    def is_delegated(self, signer) -> bool:
        grant = self.grants.get(signer.grant)
        return bool(grant and grant.delegated)

    def is_qualified(self, actor: bytes, seconds: int) -> bool:
        """True also of whoever never had a qualification verified: nothing is asked of them."""
        all_ = self.qualifications.get(actor, {}).values()
        return not all_ or any(
            not q.expired and (q.until is None or seconds < q.until) for q in all_
        )

    def on_expired_qualification(self, event: Event) -> bool:
        seconds = event.recorded_at // 10**9
        return any(
            self.role(s) in QUALIFIED_ROLES and not self.is_qualified(s.actor, seconds)
            for s in event.statement.signers
        )

    def holds(self, actor: bytes, role: int, agency: bytes, seconds: int) -> bool:
        """Has a grant of this role at this agency in force."""
        return any(
            g.actor == actor and g.role == role and g.agency == agency and not g.ended
            and (g.from_seconds is None or g.from_seconds <= seconds)
            and (g.until_seconds is None or seconds < g.until_seconds)
            for g in self.grants.values()
        )

    def has_key(self, actor: bytes, nanoseconds: int) -> bool:
        return any(
            k.use == STATEMENT_KEY and not k.out and not k.suspended and k.in_force_from <= nanoseconds
            for k in self.keys.get(actor, {}).values()
        )
