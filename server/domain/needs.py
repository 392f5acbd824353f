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


class Unsettled(Struct, frozen=True):
    """Records by a slot that is searched, of which `slot` holds a number that is not 0."""

    record: type[Record]
    by: str
    ids: frozenset[bytes]
    slot: str


class Beside(Struct, frozen=True):
    """Rows of a table that no device holds, by a column. `since_day`: of that day and later. `open`: a column that is not 0."""

    kind: type[Struct]
    by: str
    keys: frozenset[bytes] | frozenset[str]
    since_day: int = 0
    open: str = ""


class Whole(Struct, frozen=True):
    """The whole family of a customer that is about to change hands, and the cards that wait for it. `after`: the number of an earlier
    command of the same device line; the epoch to which it led is loaded (P-341)."""

    customer_id: bytes
    after: int | None = None


class WholeIfLocked(Struct, frozen=True):
    """The whole family of a customer that may change hands after all, if the entries of the batch have locked it already: it is asked for
    once the loaded records tell. Else nothing."""

    customer_id: bytes


class Entering(Struct, frozen=True):
    """A pool that a customer enters: locked, shared, before any family."""

    pool_id: bytes


class EnteringAny(Struct, frozen=True):
    """A pool that only the loaded records tell: a customer may enter any of the organisation's, so all are locked as by `Entering`."""


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


class Many(Struct, frozen=True):
    """How many records of one kind name an id in a slot that is searched: counted once all counters are locked, so that units that lock
    the same counter count one after the other. `ahead`: a slot with a moment; a record whose moment has come counts no longer."""

    record: type[Record]
    by: str
    id: bytes
    ahead: str = ""


class Latest(Struct, frozen=True):
    """Of the records of one kind that name an id in `by` those with the highest `newest`, `limit` of them, the higher id before the lower.
    Nothing is locked; entries of the same request come on top of them."""

    record: type[Record]
    by: str
    id: bytes
    newest: str
    limit: int


class Superiors(Struct, frozen=True):
    """The active managers above the actor, the nearest first."""


class Above(Struct, frozen=True):
    """The active managers above any user, the nearest first."""

    user_id: bytes


class Seen(Struct, frozen=True):
    """When a user's active devices were last seen, and when any device of the user last spoke, also one that was revoked since."""

    user_id: bytes


class Admins(Struct, frozen=True):
    """The active admins of the organisation, by their ids."""


class Page(Struct, frozen=True):
    """Records of one kind by their ids, `limit` of them behind `after`: for a question of the desk about many. Nothing is locked."""

    record: type[Record]
    after: bytes | None
    limit: int


class Leavers(Struct, frozen=True):
    """The users of a manager's departments who are no longer active: the manager still disposes of their customers (D-107)."""


Need = (
    Rows
    | Every
    | Latest
    | Unsettled
    | Beside
    | Whole
    | WholeIfLocked
    | Entering
    | EnteringAny
    | Counter
    | Many
    | Superiors
    | Above
    | Leavers
)
DeskNeed = Need | Seen | Admins | Page | Changing | InTurn
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
