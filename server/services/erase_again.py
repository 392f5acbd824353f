"""Erase again, after a restore, the persons who were erased since the backup was made: before anybody is served (D-488)."""

from collections.abc import Iterable
from typing import Final

import msgspec
import sqlalchemy as sa

from server.domain.erasures import buried_again
from server.store import erased, erasures, families, identity, load
from server.store.write import save
from shared_schema.entity import Entity
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.twin import id_bytes, id_text
from sync.access import family_of
from sync.rules import Actor
from sync.state import State


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the list that stands beside backups: ids as text, and nothing of the person."""

    organisation: str
    kind: str
    id: str
    by_user_id: str
    at_ms: int


LINE: Final = msgspec.json.Decoder(Line)


def line(organisation: str, entity: Entity, record_id: bytes, by_user_id: bytes, at_ms: int) -> Line:
    """An erasure as a line."""
    return Line(organisation, entity.name, id_text(record_id), id_text(by_user_id), at_ms)


def read(text: bytes) -> list[Line]:
    """The lines of a file. Raises ValueError."""
    found = [LINE.decode(one) for one in text.splitlines() if one.strip()]
    if any(one.kind not in BY_NAME or id_bytes(one.id) is None or id_bytes(one.by_user_id) is None for one in found):
        raise ValueError("a line names no record")
    return found


def again(conn: sa.Connection, lines: Iterable[Line], now_ms: int) -> int:
    """Erase those of these persons who are not erased in this database; how many. An organisation that is not here is left out."""
    done = 0
    for one in sorted(set(lines), key=lambda each: (each.organisation, each.at_ms, each.id)):
        org = identity.org_by_login(conn, one.organisation)
        person_id, by_user_id = id_bytes(one.id) or b"", id_bytes(one.by_user_id) or b""
        if org is not None and not erased.known(conn, org.org_id, {(BY_NAME[one.kind].number, person_id)}):
            done += _erased(conn, Actor(org.org_id, by_user_id, 0, Role.admin), BY_NAME[one.kind], person_id, now_ms)
    return done


def _erased(conn: sa.Connection, acting: Actor, entity: Entity, person_id: bytes, now_ms: int) -> int:
    state = State(load.rev_floor(conn, acting.org_id))
    load.by_ids(conn, state, acting.org_id, entity, {person_id})
    held = state.get(entity, person_id)
    if held is None:
        load.tombstones(conn, state, acting, {(entity.number, person_id)})
    else:
        customers = {family_of(entity, held.record) or b""} - {b""}
        load.standings(conn, state, acting.org_id, families.lock(conn, acting.org_id, customers))
    if buried_again(state, acting, entity, person_id):
        save(conn, state, acting, now_ms)
    else:  # of after the backup: no phone that sends its entries again brings the person back
        erasures.forbid(conn, acting, (entity.number, person_id), state.next_rev(), now_ms)
    return 1
