"""SQL of erasing persons: every place where one stands is emptied in the transaction that erases (D-484 to D-488)."""

from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from server.domain.rights import words_in
from server.models import RECORD_TABLES, change, due, erasure, org, ownership_event, payload, quarantine, tombstone
from server.store import erased_users, load, mentions, owed
from server.store.erased import known
from server.store.history import VALUES_DECODER
from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution
from shared_schema.records.inbox import InboxItem, Member
from shared_schema.records.notification import Notification
from shared_schema.registry import BY_NUMBER, BY_RECORD, CARD, ENTITIES
from shared_schema.twin import id_text
from shared_schema.wire import ENCODER
from sync.erasing import MASK, Erasing, Sought, masked, of_bytes, of_values, without
from sync.forgetting import NOTHING
from sync.rules import Actor
from sync.state import Key, State

ITEM, NOTICE = BY_RECORD[InboxItem], BY_RECORD[Notification]
WAITING: Final = (ITEM, BY_RECORD[Contribution])
"""Records that hold entries which wait."""
ABOUT: Final = tuple(one for one in ENTITIES if one.about is not None and one is not CARD)
"""Records about a customer. What a card shows is the customer's own."""
EMPTY: Final = ENCODER.encode({})
Row = sa.Row[*tuple[Any, ...]]


def listed(conn: sa.Connection, org_id: int, limit: int) -> list[Row]:
    """The erasures of an organisation, the newest first."""
    newest = sa.select(erasure).where(erasure.c.org_id == org_id).order_by(erasure.c.at_ms.desc(), erasure.c.entity, erasure.c.id)
    return list(conn.execute(newest.limit(limit)))


def every(conn: sa.Connection) -> list[Row]:
    """(organisation, entity, id, by_user_id, at_ms) of all erasures of all organisations; none in tables of a version that had none."""
    if not {erasure.name, org.name} <= set(sa.inspect(conn).get_table_names()):
        return []
    columns = (org.c.login, erasure.c.entity, erasure.c.id, erasure.c.by_user_id, erasure.c.at_ms)
    return list(conn.execute(sa.select(*columns).join(org, org.c.org_id == erasure.c.org_id).order_by(erasure.c.org_id, erasure.c.at_ms)))


def erase(conn: sa.Connection, org_id: int, state: State, now_ms: int) -> None:
    """Empty every place of the persons whom the state erases. Called before the records are written: what changes here is written with
    them, and reaches the devices that hold it."""
    for one in state.erasing.values():
        _load(conn, org_id, state, one)
        seen = Sought(frozenset({one.key}), _words(conn, org_id, state, one), one.partly)
        family = _without(state, seen) if one.customer_id is not None else set()
        _history(conn, org_id, one, seen)
        _kept(conn, org_id, one, seen, family)
        conn.execute(sa.delete(due).where(due.c.org_id == org_id, due.c.subject_id == one.id))
        if one.is_user:
            erased_users.erase(conn, org_id, state, one.id, seen.words)
        _note(conn, org_id, one, now_ms)


def _load(conn: sa.Connection, org_id: int, state: State, one: Erasing) -> None:
    """All that may name the person: the customer with its records, entries that wait anywhere, and the notices about these."""
    if one.customer_id is not None:
        for entity in ABOUT:
            load.among(conn, state, org_id, entity, str(entity.about), {one.customer_id})
    for entity in WAITING:
        table = RECORD_TABLES[entity.name]
        found = conn.execute(sa.select(table.c.id).where(table.c.org_id == org_id, mentions.bears(table, one.id))).scalars()
        load.by_ids(conn, state, org_id, entity, {bytes(row) for row in found})
    if one.customer_id is not None:
        load.among(conn, state, org_id, NOTICE, "subject_id", {one.id, *(record_id for _, record_id in state.held)})


def _words(conn: sa.Connection, org_id: int, state: State, one: Erasing) -> frozenset[str]:
    """The words by which the person was ever named: in the record, in its history, and in entries about it that wait."""
    held = state.originals.get(one.key) or state.held.get(one.key)
    words = words_in(msgspec.structs.asdict(held.record), one.named) if held is not None else frozenset[str]()
    for row in mentions.history(conn, org_id, BY_NUMBER[one.entity], one.id):
        words |= words_in(VALUES_DECODER.decode(row.before), one.named) | words_in(VALUES_DECODER.decode(row.after), one.named)
    for each in _members(state):
        if (each.entity, each.id) == one.key:
            words |= words_in(each.before, one.named) | words_in(each.mine, one.named) | words_in(each.theirs, one.named)
    return words


def _members(state: State) -> Iterable[Member]:
    for held in list(state.held.values()):
        if isinstance(held.record, InboxItem):
            yield from (*held.record.members, *held.record.earlier)
        elif isinstance(held.record, Contribution):
            yield from held.record.members


def _without(state: State, seen: Sought) -> set[bytes]:
    """Write the loaded records without the person; the ids of all that were looked at."""
    looked_at = set()
    for _, held in list(state.held.items()):
        record = without(_silent(held.record, seen), seen)
        looked_at.add(record.id)
        if record is not held.record:
            state.write(record)
    return looked_at


def _silent(record: Record, seen: Sought) -> Record:
    """A notice about the person's own record tells nothing of it any more."""
    if not isinstance(record, Notification) or (record.subject_entity, record.subject_id) not in seen.keys:
        return record
    return msgspec.structs.replace(record, facts=dict.fromkeys(record.facts, MASK))


def _history(conn: sa.Connection, org_id: int, one: Erasing, seen: Sought) -> None:
    """The lines of the person's record stay, without values; those of others about the customer lose the words."""
    mine = (change.c.org_id == org_id, change.c.entity == one.entity, change.c.id == one.id)
    conn.execute(sa.update(change).where(*mine).values(before=EMPTY, after=EMPTY))
    if one.customer_id is None or not seen.words:
        return
    here = sa.and_(change.c.customer_id == one.customer_id, mentions.names(change, seen.words))
    for row in list(mentions.rows(conn, change, here, org_id)):
        values = {
            name: ENCODER.encode(of_values(row.entity, VALUES_DECODER.decode(packed), seen))
            for name, packed in (("before", row.before), ("after", row.after))
        }
        line = (change.c.entity == row.entity, change.c.id == row.id, change.c.rev == row.rev, change.c.group_name == row.group_name)
        conn.execute(sa.update(change).where(change.c.org_id == org_id, *line).values(values))
    moved = sa.and_(ownership_event.c.customer_id == one.customer_id, mentions.names(ownership_event, seen.words))
    for row in list(mentions.rows(conn, ownership_event, moved, org_id)):
        event = (ownership_event.c.org_id == org_id, ownership_event.c.customer_id == row.customer_id, ownership_event.c.epoch == row.epoch)
        conn.execute(sa.update(ownership_event).where(*event).values(reason=masked(row.reason, seen.words)))


def _kept(conn: sa.Connection, org_id: int, one: Erasing, seen: Sought, family: Collection[bytes]) -> None:
    """Bytes that are kept as they came: entries about the person lose their body, others the words; uploads put aside lose all."""
    if one.is_user:
        return
    named = sa.or_(mentions.bears(payload, one.id), mentions.names(payload, seen.words))
    for row in list(mentions.rows(conn, payload, named, org_id)):
        raw = bytes(row.body)
        kept = of_bytes(raw, seen) if one.id in raw or any(each in raw for each in family) else raw
        if kept != raw:
            line = (payload.c.org_id == org_id, payload.c.line_no == row.line_no, payload.c.n == row.n)
            conn.execute(sa.update(payload).where(*line).values(body=kept))
    aside = sa.or_(
        mentions.bears(quarantine, one.id), mentions.names(quarantine, {id_text(one.id)}), mentions.names(quarantine, seen.words)
    )
    conn.execute(sa.update(quarantine).where(quarantine.c.org_id == org_id, aside).values(body=NOTHING))


def _note(conn: sa.Connection, org_id: int, one: Erasing, now_ms: int) -> None:
    """That it was done, and nothing of the person. The files of the database are to be scrubbed."""
    owed.note(conn, org_id, now_ms)
    if not known(conn, org_id, {one.key}):
        values = {"by_user_id": one.by_user_id, "at_ms": now_ms, "customer_id": one.customer_id, "waits": True}
        conn.execute(sa.insert(erasure).values(org_id=org_id, entity=one.entity, id=one.id, **values))


def forbid(conn: sa.Connection, acting: Actor, key: Key, rev: int, now_ms: int) -> None:
    """A person who is not in this database was erased elsewhere: the record counts as deleted, so that no entry makes it."""
    number, record_id = key
    row = {"org_id": acting.org_id, "entity": number, "id": record_id}
    if not conn.execute(sa.select(tombstone.c.rev).where(*(tombstone.c[name] == value for name, value in row.items()))).first():
        conn.execute(sa.insert(tombstone).values(**row, rev=rev, deleted_ms=now_ms, user_id=acting.user_id))
    _note(conn, acting.org_id, Erasing(number, record_id, acting.user_id), now_ms)
