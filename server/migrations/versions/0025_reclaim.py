"""Versions of the reclaim rule; of each customer the last visit that its evidence proves, and until when nobody takes it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
AT_CUSTOMER = (1, 2)
"""Verdicts: verified, probable."""


def upgrade() -> None:
    op.create_table(
        "reclaim_rule",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("effective_from_day", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("pool_id", sa.LargeBinary(), nullable=True),
        sa.Column("basis", sa.BigInteger(), nullable=False),
        *(sa.Column(f"{tier}_days", sa.BigInteger(), nullable=False) for tier in ("unknown", "a", "b", "c", "grace")),
        sa.Column("warn_days", sa.LargeBinary(), nullable=False),
        sa.Column("min_warning_hours", sa.BigInteger(), nullable=False),
        sa.Column("exempt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="reclaim_rule_pkey"),
    )
    for slot in ("last_visit_ms", "locked_until_ms", "extended_until_ms"):
        op.add_column("standing", sa.Column(slot, sa.BigInteger(), nullable=True))
    number, data = sa.BigInteger(), sa.LargeBinary()
    standing = sa.table("standing", sa.column("org_id", number), sa.column("id", data), sa.column("last_visit_ms", number))
    names = [sa.column(name, number) for name in ("org_id", "occurred_ms", "verdict")]
    visit = sa.table("visit", *names, sa.column("customer_id", data), sa.column("late", sa.Boolean()), sa.column("withdrawn", sa.Boolean()))
    counted = (visit.c.verdict.in_(AT_CUSTOMER), visit.c.late.is_(False), visit.c.withdrawn.is_(False))
    mine = (visit.c.org_id == standing.c.org_id, visit.c.customer_id == standing.c.id)
    last = sa.select(sa.func.max(visit.c.occurred_ms)).where(*mine, *counted).scalar_subquery()
    op.execute(sa.update(standing).values(last_visit_ms=last))
