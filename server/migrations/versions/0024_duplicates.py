"""The index of numbers, filled from the customers that are there; pairs that may be one and the same; the region of an organisation's
telephone numbers. Pairs that stood before the upgrade are not flagged."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from server.domain.numbers import phone, registration

revision = "0024"
down_revision = "0023"
PAGE: Final = 1_000
BEARERS: Final = 3
REGION: Final = "CN"
NUMBERS: Final = sa.table(
    "customer_number",
    sa.column("org_id", sa.BigInteger()),
    sa.column("customer_id", sa.LargeBinary()),
    sa.column("kind", sa.Text()),
    sa.column("value", sa.Text()),
)
CUSTOMERS: Final = sa.table(
    "customer",
    sa.column("org_id", sa.BigInteger()),
    sa.column("id", sa.LargeBinary()),
    sa.column("phone", sa.Text()),
    sa.column("registration_number", sa.Text()),
)


def upgrade() -> None:
    _region()
    op.create_table(
        "customer_number",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "customer_id", "kind", name="customer_number_pkey"),
    )
    op.create_index("customer_number_org_id_value_idx", "customer_number", ["org_id", "value"])
    op.create_table(
        "duplicate",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.LargeBinary(), nullable=False),
        sa.Column("second_id", sa.LargeBinary(), nullable=False),
        sa.Column("alike_by", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.LargeBinary(), nullable=True),
        sa.Column("decider_id", sa.LargeBinary(), nullable=True),
        sa.Column("found_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.LargeBinary(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="duplicate_pkey"),
    )
    for slot in ("first_id", "second_id", "author_id", "decider_id"):
        op.create_index(f"duplicate_org_id_{slot}_idx", "duplicate", ["org_id", slot])
    _fill(op.get_bind())


def _region() -> None:
    op.add_column("organisation", sa.Column("phone_region", sa.Text(), nullable=True))
    op.execute(sa.update(sa.table("organisation", sa.column("phone_region", sa.Text()))).values(phone_region=REGION))
    with op.batch_alter_table("organisation") as change:
        change.alter_column("phone_region", existing_type=sa.Text(), nullable=False)


def _fill(conn: sa.Connection) -> None:
    """Every number of every customer, then no more than a few bearers of each."""
    for customers in _pages(conn):
        rows = [row for one in customers for row in _numbers(one)]
        if rows:
            conn.execute(sa.insert(NUMBERS), rows)
    place = sa.func.row_number().over(partition_by=(NUMBERS.c.org_id, NUMBERS.c.kind, NUMBERS.c.value), order_by=NUMBERS.c.customer_id)
    ranked = sa.select(NUMBERS.c.org_id, NUMBERS.c.customer_id, NUMBERS.c.kind, place.label("place")).subquery()
    beyond = sa.select(ranked.c.org_id, ranked.c.customer_id, ranked.c.kind).where(ranked.c.place > BEARERS)
    conn.execute(sa.delete(NUMBERS).where(sa.tuple_(NUMBERS.c.org_id, NUMBERS.c.customer_id, NUMBERS.c.kind).in_(beyond)))


def _numbers(customer: sa.Row[Any]) -> Iterator[dict[str, object]]:
    found = {"phone": phone(customer.phone, REGION), "registration": registration(customer.registration_number)}
    for kind, value in found.items():
        if value is not None:
            yield {"org_id": customer.org_id, "customer_id": customer.id, "kind": kind, "value": value}


def _pages(conn: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    """The customers that have a number, a page at a time."""
    place = sa.tuple_(CUSTOMERS.c.org_id, CUSTOMERS.c.id)
    has_one = sa.or_(CUSTOMERS.c.phone != "", CUSTOMERS.c.registration_number != "")
    chosen = sa.select(CUSTOMERS).where(has_one).order_by(CUSTOMERS.c.org_id, CUSTOMERS.c.id).limit(PAGE)
    page = conn.execute(chosen).all()
    while page:
        yield page
        page = conn.execute(chosen.where(place > (page[-1].org_id, page[-1].id))).all()
