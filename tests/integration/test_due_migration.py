"""The migration that makes the due index, on a database with records of before (D-921)."""

import time

import sqlalchemy as sa

from server.models import due
from server.store import schema
from tests.integration.test_migrations import of

BEFORE = "0017"
OWNER, SHOP = b"o" * 16, b"s" * 16
ENDS_MS = 4_000_000_000_000


def _filled(table: sa.Table, **values: object) -> sa.Insert:
    """A row of before: what is not named has the empty value of its column, as far as it must have one."""
    empty: dict[str, object] = {}
    for column in table.columns:
        kind = column.type
        if isinstance(kind, sa.Boolean):
            empty[column.name] = False
        elif isinstance(kind, sa.LargeBinary):
            empty[column.name] = b""
        else:
            empty[column.name] = 0 if isinstance(kind, (sa.Integer, sa.BigInteger)) else ""
    stood = {name: value for name, value in empty.items() if not table.columns[name].nullable}
    return sa.insert(table).values({**stood, "org_id": 1, **values})


def _fill(conn: sa.Connection) -> None:
    """Two records of each kind that a rule is about: one with something ahead, one without; a plan in another organisation too."""
    table = sa.MetaData()
    table.reflect(conn, only=["org", "follow_up", "standing", "quote", "collaborator"])
    plans, standings, quotes, shared = (table.tables[name] for name in ("follow_up", "standing", "quote", "collaborator"))
    for org_id in (1, 2):
        conn.execute(_filled(table.tables["org"], org_id=org_id, login=f"org{org_id}"))
    for number, done in ((1, False), (2, True)):
        conn.execute(_filled(plans, id=bytes([number]) * 16, customer_id=SHOP, due_day=30_000, done=done))
    conn.execute(_filled(plans, org_id=2, id=bytes([1]) * 16, customer_id=SHOP, due_day=30_000, done=False))
    conn.execute(_filled(standings, id=SHOP, owner_id=OWNER))
    conn.execute(_filled(standings, id=b"p" * 16, owner_id=None))
    for number, status, day in ((3, 2, 30_000), (4, 1, 30_000), (5, 3, None)):
        conn.execute(_filled(quotes, id=bytes([number]) * 16, customer_id=SHOP, status=status, valid_until_day=day))
    for number, until_ms in ((6, ENDS_MS), (7, None)):
        conn.execute(_filled(shared, id=bytes([number]) * 16, customer_id=SHOP, user_id=bytes([number]) * 16, until_ms=until_ms))


EXPECTED = {
    (1, "follow_up", bytes([1]) * 16),
    (2, "follow_up", bytes([1]) * 16),
    (1, "no_contact", SHOP),
    (1, "quote_validity", bytes([3]) * 16),
    (1, "collaboration_end", bytes([6]) * 16),
}


async def test_records_of_before_have_their_due_rows(database_url: str) -> None:
    """Each that has something ahead is judged at the first turn, for all readers; what was due before the upgrade is past (D-922)."""
    await schema.alone(database_url, schema.upgrade, BEFORE)
    await of(database_url, _fill)
    began_ms = int(time.time() * 1_000)
    await schema.migrate(database_url)
    rows = await of(database_url, lambda conn: conn.execute(sa.select(due)).all())
    assert {(row.org_id, row.rule, bytes(row.subject_id)) for row in rows} == EXPECTED
    assert {(bytes(row.reader_id), row.at_ms) for row in rows} == {(b"", 0)}
    assert all(began_ms <= row.since_ms <= time.time() * 1_000 for row in rows)
