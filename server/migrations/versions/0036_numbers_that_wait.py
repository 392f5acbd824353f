"""The numbers of customers that phones changed and that wait to be compared. What stands in the index of numbers was compared already, so
nothing waits."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "number_change",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "seq", "line_no", name="number_change_pkey"),
    )
