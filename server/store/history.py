"""The field history: the value when somebody last saw it, and one record's changes in order."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from server.models import change
from server.store.convert import known
from server.store.hot import ByKey
from shared_schema.records.inbox import InboxItem, Member, Values
from shared_schema.registry import BY_RECORD
from sync.history import Earlier, completed, earlier_of, has_bare, is_bare
from sync.state import WHOLE, Held, Key, State

VALUES_DECODER = msgspec.msgpack.Decoder(Values)
ITEM = BY_RECORD[InboxItem]
CHANGED = ByKey(change, ("entity", "id"), ("entity", "id", "group_name", "at_ms"))


def fill_before(conn: sa.Connection, org_id: int, state: State) -> None:
    """Give the members of new inbox items the value that their author had on screen, and the writer of the value that stands."""
    for key in [key for key in state.touched if key[0] == ITEM.number]:
        item = state.held[key].record
        if isinstance(item, InboxItem) and has_bare(item):
            members, earlier = (
                tuple(completed(one, _lines(conn, org_id, state, one)) if is_bare(one) else one for one in several)
                for several in (item.members, item.earlier)
            )
            state.held[key] = Held(msgspec.structs.replace(item, members=members, earlier=earlier), {})


def _lines(conn: sa.Connection, org_id: int, state: State, one: Member) -> list[Earlier]:
    """Changes of this batch count as those before it: the card is the same wherever a batch ends (P-303)."""
    where = [change.c.org_id == org_id, change.c.entity == one.entity, change.c.id == one.id]
    where += [change.c.rev > one.base_rev, change.c.rev <= one.their_rev]
    if one.group != WHOLE:
        where.append(change.c.group_name == one.group)
    rows = conn.execute(sa.select(change.c.rev, change.c.group_name, change.c.before, change.c.user_id).where(*where))
    stored = [Earlier(row.rev, row.group_name, VALUES_DECODER.decode(row.before), row.user_id) for row in rows]
    return [*stored, *earlier_of(one, state.changes)]


def last_changes(conn: sa.Connection, org_id: int, keys: Collection[Key]) -> dict[tuple[Key, str], int]:
    """When each field group of these records last changed, by the server's clock; a group never changed since its creation is missing."""
    last: dict[tuple[Key, str], int] = {}
    for row in CHANGED.run(conn, org_id, known(keys)):
        if row.group_name != WHOLE:
            place = (row.entity, row.id), row.group_name
            last[place] = max(row.at_ms, last.get(place, row.at_ms))
    return last


def of_record(conn: sa.Connection, org_id: int, entity: int, record_id: bytes, limit: int) -> list[sa.Row[*tuple[object, ...]]]:
    """The newest changes of one record, newest first."""
    where = (change.c.org_id == org_id, change.c.entity == entity, change.c.id == record_id)
    return list(conn.execute(sa.select(change).where(*where).order_by(change.c.rev.desc(), change.c.group_name).limit(limit)))
