"""The field history: what a value was when somebody last saw it, and one record's changes in order."""

import msgspec
import sqlalchemy as sa

from server.models import change
from shared_schema.records.inbox import InboxItem, Member, Values
from shared_schema.registry import BY_RECORD
from sync.state import WHOLE, Held, State

VALUES_DECODER = msgspec.msgpack.Decoder(Values)
ITEM = BY_RECORD[InboxItem]


def fill_before(conn: sa.Connection, org_id: int, state: State) -> None:
    """Give the members of new inbox items the value their author had on screen, and who wrote what stands now."""
    for key in [key for key in state.touched if key[0] == ITEM.number]:
        item = state.held[key].record
        if isinstance(item, InboxItem) and any(one.theirs and not one.before for one in item.members):
            members = tuple(_with_before(conn, org_id, one) if one.theirs else one for one in item.members)
            state.held[key] = Held(msgspec.structs.replace(item, members=members), {})


def _with_before(conn: sa.Connection, org_id: int, one: Member) -> Member:
    """The first change after the base replaced what the author saw; the last one up to the card's rev names who wrote what it prints."""
    where = [change.c.org_id == org_id, change.c.entity == one.entity, change.c.id == one.id]
    where += [change.c.rev > one.base_rev, change.c.rev <= one.their_rev]
    if one.group != WHOLE:
        where.append(change.c.group_name == one.group)
    later = conn.execute(sa.select(change.c.before, change.c.user_id).where(*where).order_by(change.c.rev)).all()
    if not later:
        return one
    before = VALUES_DECODER.decode(later[0].before) if one.base_rev else {}
    return msgspec.structs.replace(one, before=before, their_user_id=later[-1].user_id)


def of_record(conn: sa.Connection, org_id: int, entity: int, record_id: bytes, limit: int) -> list[sa.Row[*tuple[object, ...]]]:
    """The newest changes of one record, newest first."""
    where = (change.c.org_id == org_id, change.c.entity == entity, change.c.id == record_id)
    return list(conn.execute(sa.select(change).where(*where).order_by(change.c.rev.desc(), change.c.group_name).limit(limit)))
