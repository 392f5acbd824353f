"""Requests for more time with a customer, and why a customer is locked; none of those that are there is."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "extension",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("until_day", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.LargeBinary(), nullable=True),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("granted_until_day", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", sa.LargeBinary(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="extension_pkey"),
    )
    for slot in ("customer_id", "author_id"):
        op.create_index(f"extension_org_id_{slot}_idx", "extension", ["org_id", slot])
    op.add_column("standing", sa.Column("lock_reason", sa.Text(), nullable=True))
    op.execute(sa.update(sa.table("standing", sa.column("lock_reason", sa.Text()))).values(lock_reason=""))
    with op.batch_alter_table("standing") as change:
        change.alter_column("lock_reason", existing_type=sa.Text(), nullable=False)
