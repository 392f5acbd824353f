"""Order lines with their cost, collections, costs, exchange rates, and the profit by customer, product and month."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
INTEGER: Final = sa.BigInteger
BYTES: Final = sa.LargeBinary
TEXT: Final = sa.Text
FLAG: Final = sa.Boolean
GIVEN: Final = False
NULL: Final = True
TABLES: Final = {
    "order_line": (
        ("org_id", INTEGER, GIVEN),
        ("id", BYTES, GIVEN),
        ("order_id", BYTES, GIVEN),
        ("customer_id", BYTES, GIVEN),
        ("product_id", BYTES, GIVEN),
        ("day", INTEGER, GIVEN),
        ("currency", TEXT, GIVEN),
        ("quantity_thousandths", INTEGER, GIVEN),
        ("price_minor", INTEGER, GIVEN),
        ("discount_minor", INTEGER, GIVEN),
        ("tax_minor", INTEGER, GIVEN),
        ("is_return", FLAG, GIVEN),
        ("cost_minor", INTEGER, NULL),
        ("counts", FLAG, GIVEN),
        ("unit_cost_minor", INTEGER, NULL),
        ("rate_e9", INTEGER, NULL),
    ),
    "collection": (
        ("org_id", INTEGER, GIVEN),
        ("id", BYTES, GIVEN),
        ("customer_id", BYTES, GIVEN),
        ("external_id", TEXT, GIVEN),
        ("currency", TEXT, GIVEN),
        ("amount_minor", INTEGER, GIVEN),
        ("unapplied_minor", INTEGER, GIVEN),
        ("day", INTEGER, GIVEN),
        ("method", INTEGER, GIVEN),
        ("reference", TEXT, GIVEN),
    ),
    "allocation": (
        ("org_id", INTEGER, GIVEN),
        ("collection_id", BYTES, GIVEN),
        ("receivable_id", BYTES, GIVEN),
        ("customer_id", BYTES, GIVEN),
        ("amount_minor", INTEGER, GIVEN),
    ),
    "product_cost": (
        ("org_id", INTEGER, GIVEN),
        ("product_id", BYTES, GIVEN),
        ("from_day", INTEGER, GIVEN),
        ("cost_minor", INTEGER, GIVEN),
    ),
    "exchange_rate": (
        ("org_id", INTEGER, GIVEN),
        ("currency", TEXT, GIVEN),
        ("from_day", INTEGER, GIVEN),
        ("rate_e9", INTEGER, GIVEN),
    ),
    "profit_month": (
        ("org_id", INTEGER, GIVEN),
        ("customer_id", BYTES, GIVEN),
        ("product_id", BYTES, GIVEN),
        ("month", INTEGER, GIVEN),
        ("lines", INTEGER, GIVEN),
        ("revenue", INTEGER, GIVEN),
        ("cost", INTEGER, GIVEN),
        ("discounts", INTEGER, GIVEN),
        ("returns", INTEGER, GIVEN),
        ("profit", INTEGER, NULL),
        ("unknown", INTEGER, GIVEN),
        ("unrated", INTEGER, GIVEN),
    ),
}
"""Table → (column, type, whether it may be empty)."""
KEYS: Final = {
    "order_line": ("org_id", "id"),
    "collection": ("org_id", "id"),
    "allocation": ("org_id", "collection_id", "receivable_id"),
    "product_cost": ("org_id", "product_id", "from_day"),
    "exchange_rate": ("org_id", "currency", "from_day"),
    "profit_month": ("org_id", "customer_id", "product_id", "month"),
}
INDEXES: Final = (
    ("order_line", "org_id", "currency", "day"),
    ("order_line", "org_id", "order_id"),
    ("order_line", "org_id", "product_id", "day"),
    ("collection", "org_id", "customer_id", "day"),
    ("allocation", "org_id", "receivable_id"),
    ("profit_month", "org_id", "month"),
)


def upgrade() -> None:
    for name, columns in TABLES.items():
        spelled = (sa.Column(column, type_(), nullable=nullable) for column, type_, nullable in columns)
        op.create_table(name, *spelled, sa.PrimaryKeyConstraint(*KEYS[name], name=f"{name}_pkey"))
    for name, *searched in INDEXES:
        op.create_index(f"{name}_{'_'.join(searched)}_idx", name, searched)
