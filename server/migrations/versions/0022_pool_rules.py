"""A pool has rules about claims, a standing remembers who had the customer last, and a card says when the same may be entered anew."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
NO_ADMINS = b"\x90"


def upgrade() -> None:
    for name in ("claim_daily_limit", "claim_radius_m", "capacity"):
        op.add_column("pool", sa.Column(name, sa.BigInteger(), nullable=True))
    _given("pool", "cool_off_days", sa.BigInteger(), 0)
    _given("pool", "newcomer_hold_hours", sa.BigInteger(), 0)
    _given("pool", "admin_ids", sa.LargeBinary(), NO_ADMINS)
    op.add_column("standing", sa.Column("last_owner_id", sa.LargeBinary(), nullable=True))
    op.add_column("standing", sa.Column("last_owned_until_ms", sa.BigInteger(), nullable=True))
    op.add_column("standing", sa.Column("undisturbed_until_day", sa.BigInteger(), nullable=True))
    op.add_column("inbox_item", sa.Column("retry_at_ms", sa.BigInteger(), nullable=True))


def _given(table: str, name: str, kind: sa.types.TypeEngine[Any], value: object) -> None:
    """A column that is never empty; each row that is there gets the value."""
    op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute(sa.update(sa.table(table, sa.column(name, kind))).values({name: value}))
    with op.batch_alter_table(table) as change:
        change.alter_column(name, existing_type=kind, nullable=False)
