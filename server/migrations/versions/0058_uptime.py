"""Since when servers have heard phones: nothing is known of before."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0056"


def upgrade() -> None:
    op.create_table(
        "uptime",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "from_ms", name="uptime_pkey"),
    )
