"""The questions that the fold asks the business: a frozen struct of callables that the server fills from its domain."""

from collections.abc import Callable, Collection, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.wire import Mutation
from sync.state import State


class Reach(IntEnum):
    """Whose records a request of the desk may be about."""

    own = 0
    """What the actor holds or follows up."""
    department = 1
    """What the users of the actor's department, and of all below it, hold."""
    organisation = 2


class Actor(msgspec.Struct, frozen=True):
    """The user who acts, from which device line, judged anew in every transaction."""

    org_id: int
    user_id: bytes
    line_no: int
    role: Role
    report_ids: frozenset[bytes] = frozenset()
    """Users whose `now` lane this manager holds."""
    language: str = "en"
    team_ids: frozenset[bytes] = frozenset()
    """Departments whose notes the user holds: the own one and those above it, for a manager also those below (P-124)."""
    addressed_ids: frozenset[bytes] = frozenset()
    """Departments to which the user may write: the own one, for a manager also those below (D-501)."""
    department_id: bytes | None = None
    reach: Reach = Reach.own
    """Of this request; a phone's is always its own."""


class Running(msgspec.Struct, frozen=True):
    """A device at its push: how long it has run, in which start, and when by the server's clock it had pushed last before (0: never)."""

    uptime_ms: int
    boot: str
    pushed_ms: int


class Moment(msgspec.Struct, frozen=True):
    """The server's clock at the request, and how far the device's was ahead of it."""

    now_ms: int
    skew_ms: int = 0
    running: Running | None = None
    """Of a push whose device told it; an entry that is judged anew later has lost it."""

    def occurred_ms(self, device_ms: int) -> int:
        """Business time of a fact: the device's, corrected by its skew, never in the future (P-440)."""
        return max(0, min(device_ms - self.skew_ms, self.now_ms))


class Entered(NamedTuple):
    """When a command arrived, its number on its device line (0: from the desk), and when the device says that it was given."""

    moment: Moment
    n: int = 0
    device_ms: int = 0

    @property
    def occurred_ms(self) -> int:
        """When it was given: by the device's clock, corrected; at the desk now."""
        return self.moment.occurred_ms(self.device_ms) if self.n else self.moment.now_ms


class Holding(IntEnum):
    """How the actor stands to a customer."""

    none = 0
    former = 1
    """Held it once, by ownership events: facts are still taken, as late."""
    holder = 2


class Entry(msgspec.Struct, frozen=True):
    """A record about to be written: the version that stood before (None: created now), and whether the author lost its customer before."""

    entity: Entity
    record: Record
    before: Record | None
    late: bool = False


Complete = Callable[[Actor, State, Entry, Moment], tuple[Record, ...]]
Decider = Callable[[Actor, State, Any, Any, Entered], tuple[Record, ...]]
"""Actor, state, the record that a command is on, the command. The types of both are those under which `Rules.answers` has it."""


Deputy = Callable[[Actor, State, Any], bool]
"""Actor, state, the record that a command is on."""
Follows = Callable[[Actor, State, Collection[bytes], Moment], None]


def nothing_follows(_actor: Actor, _state: State, _moved: Collection[bytes], _moment: Moment) -> None:
    """No record follows a customer."""


Allowed = Callable[[Actor, State, Mutation], Mutation]


def all_allowed(_actor: Actor, _state: State, mutation: Mutation) -> Mutation:
    """Whatever an author sends may be kept."""
    return mutation


class Rules(msgspec.Struct, frozen=True):
    """`holding` judges access · `complete` fills the slots that the server owns and returns the record first, then server-owned neighbours
    that move with it · `guard` raises Problem when the record may not stand so · `guard_delete` likewise · `answers`: (type of a record,
    type of a command on it) → a function that decides it and returns the records that change, first the one in which the author sees the
    effect. A command on a record of no family judges by itself which actors may give it · `follow` writes what follows customers whose
    holders changed, and that is no record of their families · `deputies`: by the same types, whether an actor who does not hold the record
    may give the command in a holder's place · `allowed` takes out of an entry what must not be kept, on a card as little as on a record: it
    comes before all others, also for an entry that nobody understands."""

    holding: Callable[[Actor, State, bytes], Holding]
    complete: Complete
    guard: Callable[[State, Entity, Record], None]
    guard_delete: Callable[[State, Entity, Record], tuple[Record, ...]]
    answers: Mapping[tuple[type, type], Decider]
    follow: Follows = nothing_follows
    deputies: Mapping[tuple[type, type], Deputy] = {}
    allowed: Allowed = all_allowed


class Turn(msgspec.Struct, frozen=True):
    """The frame in which entries are carried out: the state so far, the user who entered them, the rules, and the server's clock."""

    state: State
    actor: Actor
    rules: Rules
    moment: Moment

    def on(self, state: State) -> "Turn":
        """The same turn on another state."""
        return Turn(state, self.actor, self.rules, self.moment)

    def under(self, rules: Rules) -> "Turn":
        """The same turn under other rules."""
        return Turn(self.state, self.actor, rules, self.moment)
