"""Whether a person agrees that visits bear a position, and how exactly an organisation wants to know it: so far exactly."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0031"
EXACT = 1


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.BigInteger(), nullable=False),
        sa.Column("asked_in", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="consent_pkey"),
    )
    op.create_index("consent_org_id_user_id_idx", "consent", ["org_id", "user_id"])
    op.add_column("organisation", sa.Column("visit_precision", sa.BigInteger(), nullable=True))
    organisation = sa.table("organisation", sa.column("visit_precision", sa.BigInteger()))
    op.execute(sa.update(organisation).values(visit_precision=EXACT))
    with op.batch_alter_table("organisation") as change:
        change.alter_column("visit_precision", existing_type=sa.BigInteger(), nullable=False)
