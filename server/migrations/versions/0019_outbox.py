"""The outbox goes on to each target; how it stands with the providers of push; the robots of organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("push", sa.Column("channel", sa.Text(), nullable=True))
    for name in ("fails", "stands_for", "tried_ms", "sent_ms"):
        op.add_column("push", sa.Column(name, sa.BigInteger(), nullable=True))
    op.drop_index("push_due_ms_idx", "push")
    op.create_index("push_due_ms_org_id_idx", "push", ["due_ms", "org_id"])
    op.create_index("push_org_id_due_ms_idx", "push", ["org_id", "due_ms"])
    op.create_index("push_org_id_user_id_sent_ms_idx", "push", ["org_id", "user_id", "sent_ms"])
    op.create_table(
        "provider",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "name", name="provider_pkey"),
    )
    op.create_table(
        "robot",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("mentions", sa.LargeBinary(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="robot_pkey"),
    )
