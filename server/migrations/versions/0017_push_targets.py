"""Where a device is reached by push."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "push_target",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.LargeBinary(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "line_no", name="push_target_pkey"),
        sa.UniqueConstraint("org_id", "hash", name="push_target_org_id_hash_key"),
    )
    op.create_index("push_target_org_id_user_id_idx", "push_target", ["org_id", "user_id"])
