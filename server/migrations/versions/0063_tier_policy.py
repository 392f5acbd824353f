"""Versions of the tier policy."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
BENEFITS = (
    "discounts_bps",
    "payment_days",
    "credit_limits_minor",
    "delivery_priorities",
    "contact_days",
    "held_days",
    "ticket_hours",
    "call_priorities",
)


def upgrade() -> None:
    op.create_table(
        "tier_policy",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("effective_from_day", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(benefit, sa.LargeBinary(), nullable=False) for benefit in BENEFITS),
        sa.PrimaryKeyConstraint("org_id", "id", name="tier_policy_pkey"),
    )
