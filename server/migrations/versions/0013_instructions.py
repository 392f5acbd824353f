"""Instructions that a manager gives to a rep."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "instruction",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("rep_id", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("sent_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="instruction_pkey"),
    )
    op.create_index("instruction_org_id_author_id_idx", "instruction", ["org_id", "author_id"])
    op.create_index("instruction_org_id_rep_id_idx", "instruction", ["org_id", "rep_id"])
