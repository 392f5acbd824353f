"""Loads the needs of the features: each thing once, by one query for each kind of record and column, until nothing new is asked for."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import sqlalchemy as sa
from msgspec import structs

from server.domain.needs import (
    Above,
    Admins,
    Asking,
    Beside,
    Changing,
    Counter,
    DeskNeed,
    Entering,
    EnteringAny,
    Every,
    InTurn,
    Latest,
    Leavers,
    Many,
    Page,
    Rows,
    Seen,
    Superiors,
    Unsettled,
    Whole,
    WholeIfLocked,
)
from server.domain.rules import wants, wants_to_follow
from server.services.actors import superiors
from server.store import books, devices, identity, load
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


LATE: Final = "what has to be locked is asked for in the first round, by the entry alone"


Wanted = Callable[[Asking], Iterable[DeskNeed]]


def of_entries(intents: Sequence[Intent]) -> Wanted:
    """The needs of these entries."""
    return lambda asking: (need for intent in intents for need in wants(asking, intent))


class Place(NamedTuple):
    """Where records are searched: a kind of record by one of its columns."""

    entity: Entity
    column: str


def counted(conn: sa.Connection, org_id: int, wanted: Collection[Many], now_ms: int) -> dict[tuple[int, str, bytes], int]:
    """(entity, slot, id) → how many stored records name the id there: one query for each kind of record and column."""
    many: dict[tuple[int, str, bytes], int] = {}
    places = {Place(BY_RECORD[one.record], one.by): load.Ahead(one.ahead, now_ms) if one.ahead else None for one in wanted}
    for entity, by in sorted(places, key=lambda place: (place.entity.number, place.column)):
        ids = {one.id for one in wanted if BY_RECORD[one.record] is entity and one.by == by}
        found = load.counts(conn, org_id, entity, by, ids, places[Place(entity, by)])
        many |= {(entity.number, by, one): found.get(one, 0) for one in ids}
    return many


class Loader:
    """The needs of one transaction, and the state into which they are loaded."""

    def __init__(self, conn: sa.Connection, actor: Actor, state: State, now_ms: int) -> None:
        self.conn = conn
        self.actor = actor
        self.state = state
        self.now_ms = now_ms
        self.rows: dict[Place, set[bytes]] = {}
        self.entering: set[bytes] = set()
        self.enters_any = False
        self.whole: set[bytes] = set()
        self.families: set[bytes] = set()
        """Customers whose families are locked."""
        self.changing: dict[Entity, set[bytes]] = {}
        self._turns: set[str] = set()
        self._every: set[Entity] = set()
        self._after: set[int] = set()
        self._counters: set[str] = set()
        self._many: set[Many] = set()
        self._superiors = False
        self._above: set[bytes] = set()
        self._seen: set[bytes] = set()
        self._leavers = False
        self._admins = False
        self._pages: dict[Page | Latest | Unsettled | Beside, bool] = {}
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
                case Whole() | WholeIfLocked() | Entering() | EnteringAny() | Changing() | InTurn():
                    self._ask_lock(need)
                case Counter(key=key):
                    self._counters.add(key)
                case Many():
                    self._many.add(need)
                case Page() | Latest() | Unsettled() | Beside():
                    self._pages.setdefault(need, False)
                case Superiors() | Above() | Seen() | Leavers() | Admins():
                    self._ask_people(need)

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
        pages = [page for page, is_read in self._pages.items() if not is_read]
        for page in pages:
            self._load_page(page)
            self._pages[page] = True
        return bool(rows or every or pages)

    def _load_page(self, page: Page | Latest | Unsettled | Beside) -> None:
        conn, state, org_id = self.conn, self.state, self.actor.org_id
        match page:
            case Page(record=record, after=after, limit=limit):
                load.page(conn, state, org_id, BY_RECORD[record], after, limit)
            case Latest(record=record):
                load.latest(conn, state, org_id, BY_RECORD[record], load.Latest(*structs.astuple(page)[1:]))
            case Unsettled(record=record, by=by, ids=ids, slot=slot):
                load.unsettled(conn, state, org_id, BY_RECORD[record], load.Unsettled(by, ids, slot))
            case Beside():
                books.load(conn, state, org_id, page)

    def rounds(self, wanted: Wanted, actor: Actor | None = None) -> None:
        """Load and ask again, until nothing new is asked for. Raises RuntimeError when that does not end."""
        for _ in range(ROUNDS_MAX):
            if not self.load():
                return
            self.ask(wanted(self.asking(actor)))
        if self.load():
            raise RuntimeError(f"what a feature wants is not loaded after {ROUNDS_MAX} rounds")

    def load_moves(self) -> None:
        """Load the families that are about to change hands with what follows them, and the epochs to which earlier commands of this line
        led."""
        if self.whole:
            load.family(self.conn, self.state, self.actor.org_id, self.whole)
            load.epochs_after(self.conn, self.state, self.actor.org_id, self.actor.line_no, self._after)
            moving = frozenset(self.whole)
            self.ask(wants_to_follow(self.asking(), moving))
            self.rounds(lambda asking: wants_to_follow(asking, moving))

    def load_people(self) -> None:
        """Load the managers above the actor and above others, and the users below a manager who left."""
        if self._superiors:
            managers = superiors(self.conn, self.actor.org_id, self.actor.user_id)
            self.state.superiors = tuple(bytes(row.id) for row in managers)
        for user_id in sorted(self._above):
            self.state.leaders[user_id] = tuple(bytes(row.id) for row in superiors(self.conn, self.actor.org_id, user_id))
        self.state.seen_ms.update(devices.last_seen(self.conn, self.actor.org_id, self._seen))
        self.state.spoke_ms.update(devices.last_spoke(self.conn, self.actor.org_id, self._seen))
        if self._admins:
            self.state.admins = tuple(identity.admins(self.conn, self.actor.org_id))
        if self.actor.role is Role.manager and self._leavers:
            self.state.leavers = frozenset(identity.inactive_in(self.conn, self.actor.org_id, self.actor.addressed_ids))

    def lock_counters(self) -> None:
        """The last locks: the holder of a counter waits for nothing but the feed. Behind them what is many is counted."""
        for key in sorted(self._counters):
            load.lock_counter(self.conn, self.state, self.actor.org_id, key)
        self.state.many.update(counted(self.conn, self.actor.org_id, self._many, self.now_ms))

    def _ask_people(self, need: Superiors | Above | Seen | Leavers | Admins) -> None:
        match need:
            case Superiors():
                self._superiors = True
            case Above(user_id=user_id):
                self._above.add(user_id)
            case Seen(user_id=user_id):
                self._seen.add(user_id)
            case Leavers():
                self._leavers = True
            case Admins():
                self._admins = True

    def _ask_rows(self, record: type[Record], column: str, ids: Iterable[bytes]) -> None:
        place = Place(BY_RECORD[record], column)
        known = self.rows.setdefault(place, set())
        new = set(ids) - known
        if new:
            known |= new
            self._waiting_rows.setdefault(place, set()).update(new)

    def _ask_lock(self, need: Whole | WholeIfLocked | Entering | EnteringAny | Changing | InTurn) -> None:
        match need:
            case Whole(customer_id=customer_id, after=after):
                self._take(self.whole, customer_id)
                self._after |= {after} if after is not None else set()
            case WholeIfLocked(customer_id=customer_id):
                self.whole |= {customer_id} & self.families
            case Entering(pool_id=pool_id):
                self._take(self.entering, pool_id)
            case EnteringAny():
                if self._locked and not self.enters_any:
                    raise RuntimeError(LATE)
                self.enters_any = True
            case Changing(record=record, id=record_id):
                self._take(self.changing.setdefault(BY_RECORD[record], set()), record_id)
                self._ask_rows(record, "id", {record_id})
            case InTurn(key=key):
                self._take(self._turns, key)

    def _take(self, taken: set[K], new: K) -> None:
        if new not in taken and self._locked:
            raise RuntimeError(LATE)
        taken.add(new)
