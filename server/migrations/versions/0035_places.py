"""The index of places, filled from the customers that are there."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from geo.grid import cell, masked
from shared_schema.places import Position

revision = "0035"
down_revision = "0034"
PAGE: Final = 1_000
ID: Final = ("org_id", sa.BigInteger()), ("id", sa.LargeBinary())
PLACE: Final = ("wgs_latitude_e6", sa.BigInteger()), ("wgs_longitude_e6", sa.BigInteger())
HOLD: Final = ("owner_id", sa.LargeBinary()), ("pool_id", sa.LargeBinary())
SHARE: Final = ("org_id", sa.BigInteger()), ("customer_id", sa.LargeBinary()), ("user_id", sa.LargeBinary())
CUSTOMER: Final = sa.table("customer", *(sa.column(*one) for one in (*ID, *PLACE)))
STANDING: Final = sa.table("standing", *(sa.column(*one) for one in (*ID, *HOLD)))
COLLABORATOR: Final = sa.table("collaborator", *(sa.column(*one) for one in SHARE))
COLUMNS: Final = ("org_id", "holder_id", "cell", "id", "latitude_e6", "longitude_e6")


def upgrade() -> None:
    made = op.create_table(
        "spot",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("cell", "latitude_e6", "longitude_e6")),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "holder_id", "cell", "latitude_e6", "longitude_e6", "id", name="spot_pkey"),
    )
    op.create_index("spot_org_id_id_idx", "spot", ["org_id", "id"])
    conn = op.get_bind()
    for page in _pages(conn):
        rows = sorted({row for one in page for row in _rows(conn, one)})
        if rows:
            conn.execute(sa.insert(made), [dict(zip(COLUMNS, row, strict=True)) for row in rows])


def _rows(conn: sa.Connection, one: sa.Row[Any]) -> Iterator[tuple[Any, ...]]:
    at = Position(one.wgs_latitude_e6, one.wgs_longitude_e6)
    if one.owner_id is not None:
        yield _row(one, one.owner_id, at)
    elif one.pool_id is not None:
        yield _row(one, one.pool_id, masked(*at))
    shared = sa.select(COLLABORATOR.c.user_id).where(COLLABORATOR.c.org_id == one.org_id, COLLABORATOR.c.customer_id == one.id)
    yield from (_row(one, user_id, at) for user_id in conn.execute(shared).scalars())


def _row(one: sa.Row[Any], holder_id: bytes, at: Position) -> tuple[Any, ...]:
    return (one.org_id, bytes(holder_id), cell(*at), bytes(one.id), *at)


def _pages(conn: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    """The customers that have a place, with their holders, a page at a time."""
    same = sa.and_(STANDING.c.org_id == CUSTOMER.c.org_id, STANDING.c.id == CUSTOMER.c.id)
    chosen = sa.select(CUSTOMER, STANDING.c.owner_id, STANDING.c.pool_id).join_from(CUSTOMER, STANDING, same)
    chosen = chosen.where(CUSTOMER.c.wgs_latitude_e6.is_not(None)).order_by(CUSTOMER.c.org_id, CUSTOMER.c.id).limit(PAGE)
    page = conn.execute(chosen).all()
    while page:
        yield page
        page = conn.execute(chosen.where(sa.tuple_(CUSTOMER.c.org_id, CUSTOMER.c.id) > (page[-1].org_id, page[-1].id))).all()
