"""Evaluation of customers: what a customer says of itself, what a standing shows, and the tables of the desk."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
FILLED: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    "customer": (("size", 0), ("stock_listing", 0), ("earnings", 0)),
    "contact": (("seniority", 0),),
    "standing": (("lifecycle", 0), ("provisional", False), ("earned_tier", 0), ("tier_set_reason", ""), ("rating", 0)),
}
"""Table → new columns that always have a value, with the one of rows that are there."""
TYPES: Final[dict[type, sa.types.TypeEngine[Any]]] = {int: sa.BigInteger(), bool: sa.Boolean(), str: sa.Text()}


def upgrade() -> None:
    _slots()
    _found()
    _work()


def _slots() -> None:
    for table, columns in FILLED.items():
        for name, value in columns:
            op.add_column(table, sa.Column(name, TYPES[type(value)], nullable=True))
        filled = dict(columns)
        op.execute(sa.update(sa.table(table, *(sa.column(name, TYPES[type(value)]) for name, value in columns))).values(filled))
        with op.batch_alter_table(table) as change:
            for name, value in columns:
                change.alter_column(name, existing_type=TYPES[type(value)], nullable=False)
    for name in ("points", "next_points", "tier_set_until_ms"):
        op.add_column("standing", sa.Column(name, sa.BigInteger(), nullable=True))
    is_due = sa.text("tier_set_until_ms IS NOT NULL")
    op.create_index(
        "standing_tier_set_until_ms_org_id_id_idx",
        "standing",
        ["tier_set_until_ms", "org_id", "id"],
        postgresql_where=is_due,
        sqlite_where=is_due,
    )


def _found() -> None:
    op.create_table(
        "evaluation_model",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("effective_from_day", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "version", name="evaluation_model_pkey"),
        sa.UniqueConstraint("org_id", "id", name="evaluation_model_org_id_id_key"),
    )
    op.create_table(
        "evaluation",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "customer_id", "number", name="evaluation_pkey"),
    )
    op.create_table(
        "evaluated",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("low_periods", sa.BigInteger(), nullable=False),
        sa.Column("low_period", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "customer_id", name="evaluated_pkey"),
    )


def _work() -> None:
    op.create_table(
        "evaluation_pass",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="evaluation_pass_pkey"),
    )
    op.create_table(
        "evaluation_wait",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "customer_id", "at_ms", name="evaluation_wait_pkey"),
    )
