"""The quiet hours of an organisation, and the channels by which a user wants no notice of a group."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
NONE = b"\x90"


def upgrade() -> None:
    for slot in ("quiet_from", "quiet_until"):
        op.add_column("organisation", sa.Column(slot, sa.BigInteger(), nullable=True))
    op.add_column("user_settings", sa.Column("muted", sa.LargeBinary(), nullable=True))
    settings = sa.table("user_settings", sa.column("muted", sa.LargeBinary()))
    op.execute(sa.update(settings).values(muted=NONE))
    with op.batch_alter_table("user_settings") as change:
        change.alter_column("muted", existing_type=sa.LargeBinary(), nullable=False)
