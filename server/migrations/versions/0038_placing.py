"""Places that visits propose for customers, none yet; and the latest visits at a customer are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0041"
WHOLE = ("placing", "state", "latitude_e6", "longitude_e6", "datum", "wgs_latitude_e6", "wgs_longitude_e6", "visits", "days", "spread_mm")


def upgrade() -> None:
    op.create_table(
        "placing",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        *(sa.Column(slot, sa.BigInteger(), nullable=False) for slot in (*WHOLE, "proposed_ms")),
        sa.Column("decided_by", sa.LargeBinary(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="placing_pkey"),
    )
    op.create_index("placing_org_id_customer_id_idx", "placing", ["org_id", "customer_id"])
    op.create_index("visit_org_id_customer_id_occurred_ms_id_idx", "visit", ["org_id", "customer_id", "occurred_ms", "id"])
