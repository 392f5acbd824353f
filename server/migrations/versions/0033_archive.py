"""Customers that were taken out of work, and whether they came back; none of those that are there is."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "archival",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.LargeBinary(), nullable=False),
        sa.Column("archived_ms", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.BigInteger(), nullable=False),
        *(sa.Column(slot, sa.Text(), nullable=False) for slot in ("customer_name", "customer_city", "reason")),
        sa.Column("back_by_id", sa.LargeBinary(), nullable=True),
        sa.Column("back_ms", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="archival_pkey"),
    )
    for slot in ("customer_id", "by_id", "owner_id"):
        op.create_index(f"archival_org_id_{slot}_idx", "archival", ["org_id", slot])
