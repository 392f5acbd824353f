"""Reading by REST: records, their history, the inbox and the day's timeline, all through one predicate of visibility."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from server.domain.feature import A, Listing
from server.domain.look import Look
from server.domain.rules import KINDS
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, change, ownership_event
from server.services import actors, tiles
from server.services.act import NOBODY
from server.services.actors import actor as load_actor
from server.store import history, load
from server.store.convert import columns, from_row
from server.store.history import VALUES_DECODER
from server.store.visible import visible, visible_among, visible_to
from shared_schema.entity import Entity
from shared_schema.policy import InTile, Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_NAME, BY_NUMBER, BY_RECORD, ENTITIES, FAMILY
from shared_schema.rest import PAGE_ITEMS, CustomerNamed, Event, HistoryEntry
from sync.rules import Actor, Reach
from sync.state import State

TIMELINE_MAX = 500
FACTS = tuple(entity for entity in FAMILY if entity.policy == Policy.fact)
FACT_SLOTS = frozenset(
    {"note", "purpose", "distance_mm", "verdict", "flags", "left_ms", "leaving", "moved_mm"}
    | {"channel", "late", "occurred_ms", "amends_id", "withdrawn", "product_id", "quantity"}
)
"""The timeline's values of a fact."""


def _of_parent(entity: Entity, slot: str) -> sa.ColumnElement[bool]:
    """Changes of a child that a command on its parent made."""
    return sa.and_(change.c.entity == entity.number, change.c.decision.in_(sorted(BY_NAME[entity.parents[slot]].commands)))


NOT_TOLD_BY_A_PARENT = tuple(sa.not_(_of_parent(entity, slot)) for entity in ENTITIES for slot in entity.searched_parents)


class Wanted(msgspec.Struct, frozen=True):
    """Which records to list, in id order after `after`."""

    entity: str
    after: bytes | None = None
    customer_id: bytes | None = None


class Place(msgspec.Struct, frozen=True):
    """The record behind which a page begins: its id, and its value in the slot that orders the list."""

    id: bytes
    value: int = 0


class Between(msgspec.Struct, frozen=True):
    """Values from `first` on and below `end`; None = without such a bound."""

    first: int | None
    end: int | None


class Sought(msgspec.Struct, frozen=True):
    """A text that stands somewhere in one of these slots, whatever the case of its letters."""

    slots: tuple[str, ...]
    text: str


class Part(msgspec.Struct, frozen=True):
    """The part of one kind of record that is asked for. `chosen`: slot → the value that it must hold, or between which it must lie.
    `newest`: the slot that orders, None = the id."""

    entity: Entity
    chosen: Mapping[str, object]
    after: Place | None
    newest: str | None = None
    of_place: str | None = None
    """A slot that names a place with tiles: all records there, for a member."""


def entity_named(name: str) -> Entity:
    """The entity of a path. Raises Problem(NOT_FOUND)."""
    if name not in BY_NAME:
        raise Problem(Code.not_found, "there is no such kind of record")
    return BY_NAME[name]


def look(conn: sa.Connection, claims: Claims, declared: Look[A], record_id: bytes, now_ms: int) -> A:
    """A visible record with its children, as they stand. Raises Problem(not_found)."""
    entity = BY_RECORD[declared.record]
    _one(conn, actors.entitled(conn, claims, now_ms, declared.route), entity, record_id)
    state = State()
    for record in (declared.record, *declared.beside):
        load.by_ids(conn, state, claims.org_id, BY_RECORD[record], {record_id})
    load.among(conn, state, claims.org_id, BY_RECORD[declared.child], declared.by, {record_id})
    return declared.show(state, record_id)


def listed(conn: sa.Connection, claims: Claims, wanted: Wanted, now_ms: int) -> tuple[list[Record], bytes | None]:
    """A page of visible records, and where the next page begins."""
    acting = load_actor(conn, claims, now_ms)
    entity = entity_named(wanted.entity)
    after = Place(wanted.after) if wanted.after is not None else None
    of_one = wanted.customer_id is not None and entity.about not in (None, "id")
    items, place = _page(conn, acting, Part(entity, {str(entity.about): wanted.customer_id} if of_one else {}, after))
    return items, place.id if place is not None else None


def desk_list(
    conn: sa.Connection, claims: Claims, listing: Listing, chosen: Mapping[str, object], after: Place | None, now_ms: int
) -> tuple[list[Record], Place | None]:
    """A page of a list of the desk, and behind which record the next one begins. `chosen`: slot → value of each filter that is asked for;
    a text that is looked for (`Sought`) under any other name.

    Raises Problem(forbidden).
    """
    acting = actors.entitled(conn, claims, now_ms, listing.route)
    return _page(conn, acting, Part(listing.entity, chosen, after, listing.newest, listing.of_place))


def customers_of(conn: sa.Connection, claims: Claims, listing: Listing, items: Iterable[Record], now_ms: int) -> list[CustomerNamed]:
    """The customers that these records are about: all for a role that sees the whole list, else those that the actor sees."""
    acting = actors.entitled(conn, claims, now_ms, listing.route)
    ids = {one for item in items for slot in listing.about if (one := getattr(item, slot)) is not None}
    state, seen = State(), ids if acting.reach is Reach.organisation else visible_among(conn, acting, ids)
    for record in (Customer, Standing):
        load.by_ids(conn, state, claims.org_id, BY_RECORD[record], seen)
    found = (one for customer_id in sorted(seen) if (one := state.find(Customer, customer_id)) is not None)
    return [CustomerNamed(id=one.id, name=one.name, city=one.city, standing=state.standing(one.id)) for one in found]


def _page(conn: sa.Connection, acting: Actor, part: Part) -> tuple[list[Record], Place | None]:
    table = RECORD_TABLES[part.entity.name]
    seen = _visible(conn, acting, part.entity)
    if part.of_place is not None and acting.reach is not Reach.organisation:
        seen = sa.or_(seen, table.c[part.of_place].in_(tiles.of_member(conn, acting)))
    fits = [one for slot, value in part.chosen.items() for one in _fits(table, slot, value)]
    chosen = _select(acting, part.entity, [seen, *fits])
    if part.newest is None:
        chosen = chosen.order_by(table.c.id)
        chosen = chosen.where(table.c.id > part.after.id) if part.after is not None else chosen
    else:
        place = sa.tuple_(table.c[part.newest], table.c.id)
        chosen = chosen.order_by(table.c[part.newest].desc(), table.c.id.desc())
        chosen = chosen.where(place < (part.after.value, part.after.id)) if part.after is not None else chosen
    found = _read(conn, part.entity, chosen.limit(PAGE_ITEMS + 1))
    items = found[:PAGE_ITEMS]
    value = getattr(items[-1], part.newest) if items and part.newest is not None else 0
    return items, Place(items[-1].id, value) if len(found) > PAGE_ITEMS else None


def _fits(table: sa.Table, slot: str, value: object) -> list[sa.ColumnElement[bool]]:
    if isinstance(value, Sought):
        return [sa.or_(*(table.c[one].icontains(value.text, autoescape=True) for one in value.slots))]
    column = table.c[slot]
    if not isinstance(value, Between):
        return [column == value]
    return [*([] if value.first is None else [column >= value.first]), *([] if value.end is None else [column < value.end])]


def one(conn: sa.Connection, claims: Claims, name: str, record_id: bytes, now_ms: int) -> Record:
    """One visible record. Raises Problem(NOT_FOUND), alike for unknown and foreign ids."""
    return _one(conn, load_actor(conn, claims, now_ms), entity_named(name), record_id)


def changes(conn: sa.Connection, claims: Claims, name: str, record_id: bytes, now_ms: int) -> list[HistoryEntry]:
    """The newest changes of one visible record, newest first. Raises Problem(NOT_FOUND)."""
    acting = load_actor(conn, claims, now_ms)
    entity = entity_named(name)
    _one(conn, acting, entity, record_id)
    return [_entry(row) for row in history.of_record(conn, acting.org_id, entity.number, record_id, PAGE_ITEMS)]


def _one(conn: sa.Connection, acting: Actor, entity: Entity, record_id: bytes) -> Record:
    table = RECORD_TABLES[entity.name]
    found = _read(conn, entity, _select(acting, entity, [_visible(conn, acting, entity), table.c.id == record_id]))
    if not found:
        raise Problem(Code.not_found, "no such record of yours")
    return found[0]


def _visible(conn: sa.Connection, acting: Actor, entity: Entity) -> sa.ColumnElement[bool]:
    if acting.reach is Reach.organisation:
        return sa.true()
    return visible(acting, entity, tiles.of_member(conn, acting) if isinstance(entity.hold, InTile) else ())


def _select(acting: Actor, entity: Entity, where: Iterable[sa.ColumnElement[bool]]) -> sa.Select[*tuple[Any, ...]]:
    """The records of one kind in the actor's organisation for which all of this holds."""
    table = RECORD_TABLES[entity.name]
    slots = (table.c[name] for name in columns(entity)[1:])
    return sa.select(*slots).where(table.c.org_id == acting.org_id, *where)


def _read(conn: sa.Connection, entity: Entity, chosen: sa.Select[*tuple[Any, ...]]) -> list[Record]:
    return [from_row(entity, tuple(row)) for row in conn.execute(chosen)]


def _entry(row: sa.Row[*tuple[object, ...]]) -> HistoryEntry:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return HistoryEntry(
        rev=values["rev"], group=values["group_name"], decision=values["decision"], user_id=_by(values["user_id"]),
        line_no=values["line_no"], at_ms=values["at_ms"],
        before=VALUES_DECODER.decode(values["before"]), after=VALUES_DECODER.decode(values["after"]),
    )  # fmt: skip


def _by(user_id: bytes | None) -> bytes | None:
    """Who did it; None: the server by itself."""
    return None if user_id == NOBODY else user_id


class Since(msgspec.Struct, frozen=True):
    """Which part of the timeline: from a moment on, of one customer or of all that are visible."""

    at_ms: int
    customer_id: bytes | None = None

    def of(self, acting: Actor, customer_id: sa.ColumnElement[bytes]) -> list[sa.ColumnElement[bool]]:
        """Conditions on the column that names the customer."""
        chosen = [customer_id == self.customer_id] if self.customer_id is not None else []
        return [*chosen, visible_to(acting, customer_id)]


def timeline(conn: sa.Connection, claims: Claims, since: Since, now_ms: int) -> list[Event]:
    """Events on visible customers since a moment, newest first: changes, facts, moves of ownership."""
    acting = actors.entitled(conn, claims, now_ms, "GET /v1/desk/timeline")
    events = [*_changes_since(conn, acting, since), *_moves_since(conn, acting, since)]
    for entity in FACTS:
        events += _facts_since(conn, acting, entity, since)
    return sorted(events, key=lambda event: (-event.at_ms, -event.rev, event.id))[:TIMELINE_MAX]


def _changes_since(conn: sa.Connection, acting: Actor, since: Since) -> list[Event]:
    """Each happening once: a claim and a release are told as moves, a command on a record by that record and not by its children."""
    told = sa.and_(change.c.entity != BY_NAME["standing"].number, *NOT_TOLD_BY_A_PARENT)
    where = (change.c.org_id == acting.org_id, change.c.at_ms >= since.at_ms, told, *since.of(acting, change.c.customer_id))
    rows = conn.execute(sa.select(change).where(*where).order_by(change.c.at_ms.desc(), change.c.rev.desc()).limit(TIMELINE_MAX))
    return [_changed(row, VALUES_DECODER.decode(row.after)) for row in rows]


def _changed(row: sa.Row[*tuple[object, ...]], after: Values) -> Event:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    kind = KINDS.get(BY_NUMBER[values["entity"]].record)
    happened = kind.happened(after) if kind is not None else None
    return Event(
        at_ms=values["at_ms"], what=happened or values["decision"], user_id=_by(values["user_id"]), entity=values["entity"],
        id=values["id"], customer_id=values["customer_id"], group=values["group_name"], values=after, rev=values["rev"],
        before=VALUES_DECODER.decode(values["before"]),
    )  # fmt: skip


def _moves_since(conn: sa.Connection, acting: Actor, since: Since) -> list[Event]:
    table = ownership_event
    mine = since.of(acting, table.c.customer_id)
    where = (table.c.org_id == acting.org_id, table.c.at_ms >= since.at_ms, table.c.kind != "created", *mine)
    rows = conn.execute(sa.select(table).where(*where).order_by(table.c.at_ms.desc()).limit(TIMELINE_MAX))
    number = BY_NAME["standing"].number
    return [
        Event(at_ms=row.at_ms, what=row.kind, user_id=_by(row.by_user_id), entity=number, id=row.customer_id, customer_id=row.customer_id,
              group="", values={"owner_id": row.owner_id, "reason": row.reason})
        for row in rows
    ]  # fmt: skip


def _facts_since(conn: sa.Connection, acting: Actor, entity: Entity, since: Since) -> list[Event]:
    table = RECORD_TABLES[entity.name]
    customer_id = table.c[str(entity.about)]
    where = (table.c.org_id == acting.org_id, table.c.received_ms >= since.at_ms, *since.of(acting, customer_id))
    rows = conn.execute(sa.select(table).where(*where).order_by(table.c.received_ms.desc()).limit(TIMELINE_MAX))
    return [
        Event(at_ms=row.received_ms, what=entity.name, user_id=row.author_id, entity=entity.number, id=row.id,
              customer_id=row._mapping[customer_id],  # noqa: SLF001
              group="", values={name: row._mapping[name] for name in entity.slots if name in FACT_SLOTS})  # noqa: SLF001
        for row in rows
    ]  # fmt: skip
