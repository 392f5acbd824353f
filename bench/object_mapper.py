"""The usual way, for comparison: pull and push through SQLAlchemy's unit of work, over the same tables and the same door."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import orm

from bench.world import CUSTOMER
from server.models import RECORD_TABLES, change, feed, scope
from server.store.convert import from_row
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, MUTATION_DECODER, Mutation, SyncRequest
from sync.state import STAMPS_DECODER, Stamp

STANDING: Final = BY_NAME["standing"]
_BODY: Final = msgspec.msgpack.Decoder(dict[str, str])


class Mapped:
    """A row as an object."""

    def __init__(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)


def _mapped(table: sa.Table) -> Any:
    mapped = type(f"Mapped_{table.name}", (Mapped,), {})
    orm.registry().map_imperatively(mapped, table)
    return mapped


CustomerRow, StandingRow, FeedRow, ScopeRow, ChangeRow = map(
    _mapped, (RECORD_TABLES["customer"], RECORD_TABLES["standing"], feed, scope, change)
)


def pull(conn: sa.Connection, org_id: int, scope_no: int, position: int) -> list[bytes]:
    """Customers and standings after a position, as objects, encoded one by one."""
    bodies: list[bytes] = []
    with orm.Session(conn) as session:
        for entity, mapped in ((CUSTOMER, CustomerRow), (STANDING, StandingRow)):
            same = sa.and_(FeedRow.org_id == mapped.org_id, FeedRow.id == mapped.id, FeedRow.entity == entity.number)
            where = (FeedRow.org_id == org_id, FeedRow.scope_no == scope_no, FeedRow.seq > position)
            for found in session.scalars(sa.select(mapped).join(FeedRow, same).where(*where).order_by(FeedRow.seq)):
                record = from_row(entity, [getattr(found, slot) for slot in entity.slots])
                bodies.append(ENCODER.encode((entity.number, record)))
    return bodies


def push(conn: sa.Connection, owner: tuple[int, int, int], request: SyncRequest, now_ms: int) -> int:
    """Patches of phone numbers: the same records, history and feed rows as a push of ours, by a unit of work. `owner`: org, line, scope."""
    org_id, line_no, scope_no = owner
    patches = [MUTATION_DECODER.decode(raw) for raw in request.mutations]
    ids = [one.id for one in patches]
    with orm.Session(conn) as session:
        head = session.get_one(ScopeRow, (org_id, scope_no))
        customers = _by_id(session, sa.select(CustomerRow).where(CustomerRow.org_id == org_id, CustomerRow.id.in_(ids)))
        placed = (FeedRow.org_id == org_id, FeedRow.scope_no == scope_no, FeedRow.entity == CUSTOMER.number, FeedRow.id.in_(ids))
        places = _by_id(session, sa.select(FeedRow).where(*placed))
        for one in patches:
            head.head += 1
            session.add(_patch(customers[one.id], one, line_no, now_ms))
            _place(places[one.id], customers[one.id], head.head, now_ms)
        session.commit()
    return len(patches)


def _patch(customer: Any, one: Mutation, line_no: int, now_ms: int) -> Any:
    """Change the customer; the line of its history."""
    before, values = customer.phone, _BODY.decode(one.body)
    customer.rev, customer.phone = customer.rev + 1, values["phone"]
    customer.field_revs = ENCODER.encode(STAMPS_DECODER.decode(customer.field_revs) | {"phone": Stamp(customer.rev, line_no, one.n)})
    noted = {"line_no": line_no, "n": one.n, "at_ms": now_ms, "decision": "applied", "customer_id": one.id, "group_name": "phone"}
    values_before = ENCODER.encode({"phone": before})
    return ChangeRow(
        org_id=customer.org_id, entity=one.entity, id=one.id, rev=customer.rev, before=values_before, after=bytes(one.body), **noted
    )


def _place(place: Any, customer: Any, seq: int, now_ms: int) -> None:
    """Move the feed row behind everything else, with the new bytes."""
    record = from_row(CUSTOMER, [getattr(customer, slot) for slot in CUSTOMER.slots])
    place.seq, place.body, place.written_ms = seq, ENCODER.encode((CUSTOMER.number, record)), now_ms


def _by_id(session: orm.Session, chosen: sa.Select[Any]) -> dict[bytes, Any]:
    return {one.id: one for one in _all(session, chosen)}


def _all(session: orm.Session, chosen: sa.Select[Any]) -> Sequence[Any]:
    return session.scalars(chosen).all()
