"""The proof of a contest; when a device line pushed last: of lines that are there nobody kept it, so they prove nothing before the next."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0048"


def upgrade() -> None:
    for slot in ("proven_ms", "silent_from_ms"):
        op.add_column("contest", sa.Column(slot, sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("pushed_ms", sa.BigInteger(), nullable=True))
    op.execute(sa.update(sa.table("device", sa.column("pushed_ms", sa.BigInteger()))).values(pushed_ms=0))
    with op.batch_alter_table("device") as change:
        change.alter_column("pushed_ms", existing_type=sa.BigInteger(), nullable=False)
