"""The needs of a decision, loaded and locked: a noun asks for them, and the engine brings them."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from shared_schema.records.base import Record
from sync.decode import Intent
from sync.rules import Actor
from sync.state import State


class Rows(Struct, frozen=True):
    """Records by their id, or by another slot that is searched; of an id that is not there, whether it was deleted."""

    record: type[Record]
    ids: frozenset[bytes]
    by: str = "id"


class Every(Struct, frozen=True):
    """All records of one kind: for a kind of which an organisation has few."""

    record: type[Record]


class Whole(Struct, frozen=True):
    """The whole family of a customer that is about to change hands, and the cards that wait for it. `after`: the number of an earlier
    command of the same device line; the epoch to which it led is loaded (P-341)."""

    customer_id: bytes
    after: int | None = None


class Entering(Struct, frozen=True):
    """A pool that a customer enters: locked, shared, before any family."""

    pool_id: bytes


class Changing(Struct, frozen=True):
    """A record of every device that is about to change: locked. If customers stand in its tiles, it is locked before all families,
    then theirs; customers, standings and cards are loaded."""

    record: type[Record]
    id: bytes


class InTurn(Struct, frozen=True):
    """Changes that go one after the other, because each must see how the one before left all records: locked before any record."""

    key: str


class Counter(Struct, frozen=True):
    """A counter of the organisation: locked, last."""

    key: str


class Superiors(Struct, frozen=True):
    """The active managers above the actor, the nearest first."""


class Leavers(Struct, frozen=True):
    """The users of a manager's departments who are no longer active: the manager still disposes of their customers (D-107)."""


Need = Rows | Every | Whole | Entering | Counter | Superiors | Leavers
DeskNeed = Need | Changing | InTurn
"""Further needs of the desk: no phone changes a record of every device."""


class Asking(Struct, frozen=True):
    """The actor, the moment, and the records loaded so far: none in the first round, so locks follow from the entry alone."""

    actor: Actor
    state: State
    now_ms: int


Wants = Callable[[Asking, Intent], Iterable[Need]]
"""Total and pure: it is asked again with all that is loaded, until it asks for nothing new."""


def nothing(_asking: Asking, _intent: Intent) -> Iterable[Need]:
    """The needs of most entries beside their record, its customer and its parents."""
    return ()
