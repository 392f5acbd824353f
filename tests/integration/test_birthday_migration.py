"""The migration that gives contacts a birthday, on a database with contacts of before."""

import msgspec
import sqlalchemy as sa

from server.models import due
from server.store import load, schema
from shared_schema.records.customer import Contact
from shared_schema.registry import BY_RECORD
from sync.state import State
from tests.integration.test_migrations import of

BEFORE = "0020"
OLD = sa.text(
    "INSERT INTO contact (org_id, id, rev, customer_id, name, title, phone, email, note, extra, phones, field_revs)"
    " VALUES (1, :id, 2, :customer_id, 'Lin', 'buyer', '5', 'l@example.com', 'tea', :map, :list, :revs)"
)
ID, CUSTOMER_ID = b"c" * 16, b"s" * 16


def _fill(conn: sa.Connection) -> None:
    empty = {"map": msgspec.msgpack.encode({}), "list": msgspec.msgpack.encode([]), "revs": msgspec.msgpack.encode({"": [1, 1, 1]})}
    conn.execute(OLD, {"id": ID, "customer_id": CUSTOMER_ID, **empty})


def _found(conn: sa.Connection) -> tuple[Contact | None, int]:
    state = State()
    load.every(conn, state, 1, BY_RECORD[Contact])
    return state.find(Contact, ID), len(conn.execute(sa.select(due.c.at_ms)).all())


async def test_contacts_of_before_stand_as_they_stood_without_a_birthday(database_url: str) -> None:
    """D-118: each slot reads its own column, though the new one stands behind the revs of the fields; nothing is due."""
    await schema.alone(database_url, schema.upgrade, BEFORE)
    await of(database_url, _fill)
    await schema.migrate(database_url)
    contact, dues = await of(database_url, _found)
    assert contact == Contact(ID, 2, CUSTOMER_ID, "Lin", "buyer", "5", "l@example.com", "tea", {}, (), "")
    assert dues == 0
