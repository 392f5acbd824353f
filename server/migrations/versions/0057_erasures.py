"""Which persons were erased: none so far."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0050"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("by_user_id", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=True),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "entity", "id", name="erasure_pkey"),
    )
