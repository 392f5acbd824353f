"""Holds of pooled customers; no card that is there shows one."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "pool_hold",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("pool_id", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("taken_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.LargeBinary(), nullable=True),
        sa.Column("ends_ms", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by_id", sa.LargeBinary(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="pool_hold_pkey"),
    )
    for slot in ("customer_id", "pool_id", "user_id", "holder_id"):
        op.create_index(f"pool_hold_org_id_{slot}_idx", "pool_hold", ["org_id", slot])
    is_due = sa.text("ends_ms IS NOT NULL")
    op.create_index(
        "pool_hold_ends_ms_org_id_id_idx", "pool_hold", ["ends_ms", "org_id", "id"], postgresql_where=is_due, sqlite_where=is_due
    )
    op.add_column("pool_card", sa.Column("held_by_id", sa.LargeBinary(), nullable=True))
    op.add_column("pool_card", sa.Column("held_until_ms", sa.BigInteger(), nullable=True))
