"""Open inbox items are found by the records that their entries are about."""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
OPEN = 1
BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "item_record",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", sa.LargeBinary(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "record_id", "holder_id", "created_ms", "item_id", name="item_record_pkey"),
    )
    _fill(op.get_bind())


def _fill(conn: sa.Connection) -> None:
    items = sa.table(
        "inbox_item", *(sa.column(name) for name in ("org_id", "id", "holder_id", "state", "created_ms", "members", "earlier"))
    )
    places = sa.table("item_record", *(sa.column(name) for name in ("org_id", "record_id", "holder_id", "created_ms", "item_id")))
    chosen = sa.select(items.c.org_id, items.c.id, items.c.holder_id, items.c.created_ms, items.c.members, items.c.earlier).where(
        items.c.state == OPEN
    )
    for batch in conn.execute(chosen).partitions(BATCH):
        rows = [
            {"org_id": row.org_id, "record_id": record_id, "holder_id": row.holder_id, "created_ms": row.created_ms, "item_id": row.id}
            for row in batch
            for record_id in sorted(_records(row.members) | _records(row.earlier))
        ]
        if rows:
            conn.execute(sa.insert(places), rows)


def _records(packed: bytes) -> set[bytes]:
    """Ids in the entries [n, kind, entity, id, …]; an entry that could not be read has entity 0 and names nothing."""
    return {bytes(one[3]) for one in msgspec.msgpack.decode(packed) if one[2]}
