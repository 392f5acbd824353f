"""Open inbox items that a batch may touch: found by the records their entries are about, however many others are open (P-506)."""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import sqlalchemy as sa

from server.models import RECORD_TABLES, item_record
from server.store import load
from server.store.convert import columns
from server.store.hot import ByKey
from shared_schema.problem import Code
from shared_schema.records.inbox import InboxItem, ItemState, Member
from shared_schema.registry import BY_RECORD
from sync.access import customer_named
from sync.asked import asked_for
from sync.awaited import awaited, place_of
from sync.contribution import entries
from sync.state import WHOLE, Held, Stamp, State

ITEM: Final = BY_RECORD[InboxItem]
TABLE: Final = RECORD_TABLES[ITEM.name]
ABOUT: Final = ByKey(item_record, ("record_id",), ("item_id",))
MOVED: Final = ByKey(TABLE, ("customer_id",), columns(ITEM)[1:], same=("state", "code"), order="id")
BESIDE_MAX: Final = 4_000
"""Entries of cards, the newest, that are looked at because something else in their card is named."""


def about(conn: sa.Connection, org_id: int, record_ids: Collection[bytes]) -> list[InboxItem]:
    """Open items whose entries are about these records. First the ids, by an index alone: mostly there are none, and no plan is drawn up
    over all items."""
    found = State()
    load.by_ids(conn, found, org_id, ITEM, {bytes(row.item_id) for row in ABOUT.run(conn, org_id, record_ids)})
    return list(found.open_items.values())


class Whose(NamedTuple):
    """A holder, and customers: the cards of the one, and anybody's on the others."""

    holder_id: bytes
    customer_ids: Collection[bytes]


def naming(
    conn: sa.Connection,
    state: State,
    org_id: int,
    whose: Whose,
    record_ids: Collection[bytes],
    came: Collection[bytes] = (),
) -> list[InboxItem]:
    """Load the open items whose entries are about these records. The holder's own, and anybody's on the customers.

    The items that wait for one of `came`, of any holder, come by the same statement; they are not loaded.
    """
    found = about(conn, org_id, {*record_ids, *map(place_of, came)})
    for item in found:
        if item.holder_id == whose.holder_id or item.customer_id in whose.customer_ids:
            state.load(ITEM, Held(item, {WHOLE: Stamp(item.rev, 0, 0)}))
    return [item for item in found if not awaited(item).isdisjoint(came)] if came else []


def awaiting(conn: sa.Connection, org_id: int, record_ids: Collection[bytes]) -> list[InboxItem]:
    """Open cards that wait for one of these records (P-512)."""
    return [item for item in about(conn, org_id, set(map(place_of, record_ids))) if not awaited(item).isdisjoint(record_ids)]


def beside(items: Iterable[InboxItem]) -> list[Member]:
    """The other records that wait in these cards: a card closes when all of them stand, whichever is named now (P-509)."""
    found: list[Member] = []
    for item in sorted(items, key=lambda item: (-item.created_ms, item.id)):
        if 1 < len(item.members) <= BESIDE_MAX - len(found):
            found += item.members
    return found


def moved_with(items: Iterable[InboxItem], holder_id: bytes) -> set[bytes]:
    """Customers of this user's open cards, of these, that say `moved`, or that the user claimed in vain: an entry that joins such a card
    stands beside them."""
    found: set[bytes] = set()
    for item in items:
        if item.holder_id != holder_id:
            continue
        if item.code == Code.moved.word and item.customer_id is not None:
            named = (customer_named(one.entity, one.mine) for one in entries(item))
            found |= {item.customer_id, *(one for one in named if one is not None and len(one) == len(item.customer_id))}
        elif (claimed := asked_for(item)) is not None:
            found.add(claimed)
    return found


def moved(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes]) -> list[InboxItem]:
    """Every open card that says that one of these customers moved."""
    found = State()
    for row in MOVED.run(conn, org_id, customer_ids, int(ItemState.open), Code.moved.word):
        found.load(ITEM, load.held(ITEM, tuple(row)))
    return list(found.open_items.values())
