"""A pool names the regions and industries that fit it, its priority and a capacity for departments; rules may leave the pool to the fit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
NONE = b"\x90"


def upgrade() -> None:
    _given("pool", "regions", sa.LargeBinary(), NONE)
    _given("pool", "industries", sa.LargeBinary(), NONE)
    _given("pool", "priority", sa.BigInteger(), 0)
    op.add_column("pool", sa.Column("department_capacity", sa.BigInteger(), nullable=True))
    _given("reclaim_rule", "pool_by_fit", sa.Boolean(), False)
    _given("assignment_rule", "pool_by_fit", sa.Boolean(), False)


def _given(table: str, name: str, kind: sa.types.TypeEngine[Any], value: object) -> None:
    """A column that is never empty; each row that is there gets the value."""
    op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute(sa.update(sa.table(table, sa.column(name, kind))).values({name: value}))
    with op.batch_alter_table(table) as change:
        change.alter_column(name, existing_type=kind, nullable=False)
