"""Orders and receivables, as the devices of a customer's family hold them."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    op.create_table(
        "sales_order",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("promised_day", sa.BigInteger(), nullable=True),
        sa.Column("delivered_day", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("quote_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="sales_order_pkey"),
    )
    op.create_index("sales_order_org_id_customer_id_idx", "sales_order", ["org_id", "customer_id"])
    op.create_index("sales_order_org_id_quote_id_idx", "sales_order", ["org_id", "quote_id"])
    op.create_table(
        "receivable",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("due_day", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.LargeBinary(), nullable=True),
        sa.Column("paid_day", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="receivable_pkey"),
    )
    op.create_index("receivable_org_id_customer_id_idx", "receivable", ["org_id", "customer_id"])
