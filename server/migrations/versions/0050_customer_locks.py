"""Locks of customers: each is a record that stays, with what ended it (D-178, D-179)."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "customer_lock",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.LargeBinary(), nullable=False),
        sa.Column("locked_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by_id", sa.LargeBinary(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="customer_lock_pkey"),
    )
    op.create_index("customer_lock_org_id_customer_id_idx", "customer_lock", ["org_id", "customer_id"])
