"""Inbox items on their way up: the managers above a holder, the entries that go with an item, and a leaver's items (P-531 to P-534)."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from server.domain.rules import RULES
from server.services.actors import of_user, placed, superiors
from server.services.notices import tell
from server.store import escalation, families, history, load
from server.store.write import save
from shared_schema.entity import Entity
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import InboxItem, Member
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.escalation import manager_for, send
from sync.rules import Actor, Moment
from sync.state import State

ITEM = BY_RECORD[InboxItem]
CUSTOMER = BY_RECORD[Customer]


def above(conn: sa.Connection, org_id: int, user_id: bytes) -> tuple[Actor, ...]:
    """The managers above a user, the nearest first, as the actors they are."""
    rows = superiors(conn, org_id, user_id)
    return tuple(placed(conn, Actor(org_id, row.id, 0, Role.manager), row.department_id) for row in rows)


def load_origins(conn: sa.Connection, state: State, org_id: int) -> None:
    """Load the items from which the loaded ones came, down to their authors': all close together. Load their holders, as they are now."""
    for item in state.open_items.values():
        if item.holder_id not in state.people:
            state.people[item.holder_id] = of_user(conn, org_id, item.holder_id, 0)
    missing = {item.origin_id for item in state.open_items.values() if item.origin_id is not None}
    while missing:
        load.by_ids(conn, state, org_id, ITEM, missing)
        found = [state.find(InboxItem, one) for one in sorted(missing)]
        missing = {item.origin_id for item in found if item is not None and item.origin_id is not None}


def records_in(conn: sa.Connection, org_id: int, item_ids: Collection[bytes]) -> dict[Entity, set[bytes]]:
    """The records which the members of these items are about: they are read again for the manager who gets the item."""
    return records_of(one for item in escalation.items(conn, org_id, item_ids) for one in (*item.members, *item.earlier))


def records_of(members: Iterable[Member]) -> dict[Entity, set[bytes]]:
    """The records which these entries are about, by entity."""
    found: dict[Entity, set[bytes]] = {}
    for one in members:
        if one.entity in BY_NUMBER:
            found.setdefault(BY_NUMBER[one.entity], set()).add(one.id)
    return found


def hand_items(conn: sa.Connection, org_id: int, user_id: bytes, now_ms: int, after: escalation.Place | None = None) -> int:
    """Send a page of the open items of a user who leaves to the user's manager; how many went. `after`: where the page before ended."""
    leaver, state = Actor(org_id, user_id, 0, Role.unknown), State(load.rev_floor(conn, org_id))
    went = send_up(conn, leaver, state, now_ms, after)
    tell(conn, leaver, state, now_ms)
    save(conn, state, leaver, now_ms)
    return went


def send_up(conn: sa.Connection, leaver: Actor, state: State, now_ms: int, after: escalation.Place | None = None) -> int:
    """Let a page of a leaver's open items go up in this state, which the caller tells and saves; how many went.

    Without a manager who has not had it yet an item stays open until there is one.
    """
    managers = above(conn, leaver.org_id, leaver.user_id)
    item_ids = [item_id for _, item_id in escalation.open_of(conn, leaver.org_id, leaver.user_id, after)] if managers else []
    if not item_ids:
        return 0
    _load_items(conn, leaver.org_id, state, item_ids)
    state.above[leaver.user_id] = managers
    # a card about a card is loaded with that card, but not with the one below: that one goes with its own page
    waiting = [state.open_items[one] for one in item_ids if one in state.open_items]
    going = [item for item in waiting if manager_for(state, item) is not None]
    for item in going:
        send(state, RULES, item, Moment(now_ms))
    history.fill_before(conn, leaver.org_id, state)
    return len(going)


def _load_items(conn: sa.Connection, org_id: int, state: State, item_ids: Collection[bytes]) -> None:
    """Lock the families of these items, then read them and the records that their members are about."""
    ids = records_in(conn, org_id, item_ids)
    ids.setdefault(ITEM, set()).update(item_ids)
    customers = families.families(conn, org_id, ids, ())
    families.lock(conn, org_id, customers)
    ids.setdefault(CUSTOMER, set()).update(customers)  # the manager's notice names the customer
    families.lock_rows(conn, org_id, ITEM, ids[ITEM])
    load.standings(conn, state, org_id, customers)
    for entity in sorted(ids, key=lambda entity: entity.number):
        load.by_ids(conn, state, org_id, entity, ids[entity])
    load_origins(conn, state, org_id)
