"""The rules by which a customer without a named owner finds one; none of those that are there has any."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "assignment_rule",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *(sa.Column(slot, sa.Text(), nullable=False) for slot in ("region", "city", "industry")),
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("user_ids", sa.LargeBinary(), nullable=False),
        sa.Column("pool_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="assignment_rule_pkey"),
    )
