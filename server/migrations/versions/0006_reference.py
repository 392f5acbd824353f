"""Organisation profile, people, products, prices, custom field definitions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _organisation()
    _department()
    _person()
    _product()
    _price_book()
    _price()
    _field_definition()


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="organisation_pkey"),
    )


def _department() -> None:
    op.create_table(
        "department",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="department_pkey"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="person_pkey"),
    )


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("tax_bps", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="product_pkey"),
    )


def _price_book() -> None:
    op.create_table(
        "price_book",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from_day", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="price_book_pkey"),
    )


def _price() -> None:
    op.create_table(
        "price",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("price_book_id", sa.LargeBinary(), nullable=False),
        sa.Column("product_id", sa.LargeBinary(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("floor_minor", sa.BigInteger(), nullable=False),
        sa.Column("max_discount_bps", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="price_pkey"),
    )
    op.create_index("price_org_id_price_book_id_idx", "price", ["org_id", "price_book_id"])


def _field_definition() -> None:
    op.create_table(
        "field_definition",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("choices", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="field_definition_pkey"),
    )
