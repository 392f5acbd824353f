"""Customers and their children."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _customer()
    _standing()
    _contact()
    _follow_up()
    _preference()
    _collaborator()


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("latitude_e6", sa.BigInteger(), nullable=True),
        sa.Column("longitude_e6", sa.BigInteger(), nullable=True),
        sa.Column("datum", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("wgs_latitude_e6", sa.BigInteger(), nullable=True),
        sa.Column("wgs_longitude_e6", sa.BigInteger(), nullable=True),
        sa.Column("extra", sa.LargeBinary(), nullable=False),
        sa.Column("tags", sa.LargeBinary(), nullable=False),
        sa.Column("interests", sa.LargeBinary(), nullable=False),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="customer_pkey"),
    )


def _standing() -> None:
    op.create_table(
        "standing",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.LargeBinary(), nullable=True),
        sa.Column("pool_id", sa.LargeBinary(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("owned_since_ms", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("due_day", sa.BigInteger(), nullable=True),
        sa.Column("last_contact_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="standing_pkey"),
    )
    op.create_index("standing_org_id_owner_id_idx", "standing", ["org_id", "owner_id"])


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("extra", sa.LargeBinary(), nullable=False),
        sa.Column("phones", sa.LargeBinary(), nullable=False),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="contact_pkey"),
    )
    op.create_index("contact_org_id_customer_id_idx", "contact", ["org_id", "customer_id"])


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("due_day", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.LargeBinary(), nullable=True),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="follow_up_pkey"),
    )
    op.create_index("follow_up_org_id_customer_id_idx", "follow_up", ["org_id", "customer_id"])


def _preference() -> None:
    op.create_table(
        "preference",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="preference_pkey"),
    )
    op.create_index("preference_org_id_customer_id_idx", "preference", ["org_id", "customer_id"])


def _collaborator() -> None:
    op.create_table(
        "collaborator",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="collaborator_pkey"),
    )
    op.create_index("collaborator_org_id_customer_id_idx", "collaborator", ["org_id", "customer_id"])
    op.create_index("collaborator_org_id_user_id_idx", "collaborator", ["org_id", "user_id"])
