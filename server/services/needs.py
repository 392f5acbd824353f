"""Loads the needs of the features: each thing once, by one query for each kind of record and column, until nothing new is asked for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import sqlalchemy as sa

from server.domain.needs import Asking, Changing, Counter, DeskNeed, Entering, Every, InTurn, Leavers, Rows, Superiors, Whole
from server.domain.rules import wants
from server.services.actors import superiors
from server.store import identity, load
from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.decode import Intent
from sync.rules import Actor
from sync.state import State

K = TypeVar("K", bytes, str)
ROUNDS_MAX: Final = 4
"""A need that hangs on a record that hangs on a record; more is a mistake in a feature."""


Wanted = Callable[[Asking], Iterable[DeskNeed]]


def of_entries(intents: Sequence[Intent]) -> Wanted:
    """The needs of these entries."""
    return lambda asking: (need for intent in intents for need in wants(asking, intent))


class Place(NamedTuple):
    """Where records are searched: a kind of record by one of its columns."""

    entity: Entity
    column: str


class Loader:
    """The needs of one transaction, and the state into which they are loaded."""

    def __init__(self, conn: sa.Connection, actor: Actor, state: State, now_ms: int) -> None:
        self.conn = conn
        self.actor = actor
        self.state = state
        self.now_ms = now_ms
        self.rows: dict[Place, set[bytes]] = {}
        self.entering: set[bytes] = set()
        self.whole: set[bytes] = set()
        self.changing: dict[Entity, set[bytes]] = {}
        self._turns: set[str] = set()
        self._every: set[Entity] = set()
        self._after: set[int] = set()
        self._counters: set[str] = set()
        self._superiors = False
        self._leavers = False
        self._locked = False
        self._waiting_rows: dict[Place, set[bytes]] = {}
        self._waiting_every: list[Entity] = []

    def ask(self, needs: Iterable[DeskNeed]) -> None:
        """Note the new needs; nothing is read yet."""
        for need in needs:
            match need:
                case Rows(record=record, ids=ids, by=by):
                    self._ask_rows(record, by, ids)
                case Every(record=record):
                    if BY_RECORD[record] not in self._every:
                        self._every.add(BY_RECORD[record])
                        self._waiting_every.append(BY_RECORD[record])
                case Whole() | Entering() | Changing() | InTurn():
                    self._ask_lock(need)
                case Counter(key=key):
                    self._counters.add(key)
                case Superiors():
                    self._superiors = True
                case Leavers():
                    self._leavers = True

    def asking(self, actor: Actor | None = None) -> Asking:
        """The actor and the state of the question, with all that is loaded so far. `actor`: the author of an entry, if not the user
        whose transaction it is."""
        return Asking(actor if actor is not None else self.actor, self.state, self.now_ms)

    def by_id(self) -> dict[Entity, set[bytes]]:
        """The records that were asked for by their id."""
        return {place.entity: ids for place, ids in self.rows.items() if place.column == "id"}

    def has(self, entity: Entity, ids: Iterable[bytes]) -> None:
        """These records are loaded already."""
        self.rows.setdefault(Place(entity, "id"), set()).update(ids)

    def lock_turns(self) -> None:
        """The first locks: a unit that waits for a turn holds nothing for which the unit before could wait."""
        for key in sorted(self._turns):
            identity.next_number(self.conn, self.actor.org_id, key, 0)

    def lock_ends(self) -> None:
        """All locks but those of counters are taken: a record that must be locked can no longer be asked for."""
        self._locked = True

    def load(self) -> bool:
        """Read the needs noted since; whether there were any."""
        rows, every = self._waiting_rows, self._waiting_every
        self._waiting_rows, self._waiting_every = {}, []
        for place in sorted(rows, key=lambda place: (place.entity.number, place.column)):
            load.among(self.conn, self.state, self.actor.org_id, place.entity, place.column, rows[place])
        for entity in every:
            load.every(self.conn, self.state, self.actor.org_id, entity)
        return bool(rows or every)

    def rounds(self, wanted: Wanted, actor: Actor | None = None) -> None:
        """Load and ask again, until nothing new is asked for. Raises RuntimeError when that does not end."""
        for _ in range(ROUNDS_MAX):
            if not self.load():
                return
            self.ask(wanted(self.asking(actor)))
        if self.load():
            raise RuntimeError(f"what a feature wants is not loaded after {ROUNDS_MAX} rounds")

    def load_moves(self) -> None:
        """Load the families that are about to change hands, and the epochs to which earlier commands of this line led."""
        if self.whole:
            load.family(self.conn, self.state, self.actor.org_id, self.whole)
            load.epochs_after(self.conn, self.state, self.actor.org_id, self.actor.line_no, self._after)

    def load_people(self) -> None:
        """Load the managers above the actor, and the users below a manager who left."""
        if self._superiors:
            managers = superiors(self.conn, self.actor.org_id, self.actor.user_id)
            self.state.superiors = tuple(bytes(row.id) for row in managers)
        if self.actor.role is Role.manager and self._leavers:
            self.state.leavers = frozenset(identity.inactive_in(self.conn, self.actor.org_id, self.actor.addressed_ids))

    def lock_counters(self) -> None:
        """The last locks: the holder of a counter waits for nothing but the feed."""
        for key in sorted(self._counters):
            load.lock_counter(self.conn, self.state, self.actor.org_id, key)

    def _ask_rows(self, record: type[Record], column: str, ids: Iterable[bytes]) -> None:
        place = Place(BY_RECORD[record], column)
        known = self.rows.setdefault(place, set())
        new = set(ids) - known
        if new:
            known |= new
            self._waiting_rows.setdefault(place, set()).update(new)

    def _ask_lock(self, need: Whole | Entering | Changing | InTurn) -> None:
        match need:
            case Whole(customer_id=customer_id, after=after):
                self._take(self.whole, customer_id)
                self._after |= {after} if after is not None else set()
            case Entering(pool_id=pool_id):
                self._take(self.entering, pool_id)
            case Changing(record=record, id=record_id):
                self._take(self.changing.setdefault(BY_RECORD[record], set()), record_id)
                self._ask_rows(record, "id", {record_id})
            case InTurn(key=key):
                self._take(self._turns, key)

    def _take(self, taken: set[K], new: K) -> None:
        if new not in taken and self._locked:
            raise RuntimeError("what has to be locked is asked for in the first round, by the entry alone")
        taken.add(new)
