"""Contests of reclaims; from whom the last reclaim took a customer, and when; how long a version lets a reclaim be contested."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
DAYS = 14
MONTHLY = 5


def upgrade() -> None:
    op.create_table(
        "contest",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("claimant_id", sa.LargeBinary(), nullable=False),
        sa.Column("fact_entity", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.LargeBinary(), nullable=False),
        *(sa.Column(slot, sa.BigInteger(), nullable=False) for slot in ("occurred_ms", "reclaimed_ms", "made_ms", "state")),
        sa.Column("decider_id", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.LargeBinary(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        *(sa.Column(slot, sa.Text(), nullable=False) for slot in ("reason", "customer_name", "note")),
        sa.Column("verdict", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="contest_pkey"),
    )
    for slot in ("customer_id", "claimant_id", "decider_id"):
        op.create_index(f"contest_org_id_{slot}_idx", "contest", ["org_id", slot])
    op.add_column("standing", sa.Column("reclaimed_from_id", sa.LargeBinary(), nullable=True))
    op.add_column("standing", sa.Column("reclaimed_ms", sa.BigInteger(), nullable=True))
    for slot, value in (("contest_days", DAYS), ("contests_monthly", MONTHLY)):
        op.add_column("reclaim_rule", sa.Column(slot, sa.BigInteger(), nullable=True))
        op.execute(sa.update(sa.table("reclaim_rule", sa.column(slot, sa.BigInteger()))).values({slot: value}))
        with op.batch_alter_table("reclaim_rule") as change:
            change.alter_column(slot, existing_type=sa.BigInteger(), nullable=False)
