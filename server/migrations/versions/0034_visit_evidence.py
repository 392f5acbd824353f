"""Further evidence of a visit, its check-out, and how far from a customer a check-in counts. Of what is there nothing of it is known."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
KNOWN: Final[dict[str, Any]] = {"provider": 0, "mocked": 0, "boot": "", "left_datum": 0, "leaving": False}
"""Columns that are never empty, and their value in the visits that are there."""
MAYBE: Final = (
    *("uptime_ms", "heard_ms", "heard_uptime_ms", "left_ms", "left_latitude_e6", "left_longitude_e6", "left_accuracy_mm", "left_fix_ms"),
    *("left_uptime_ms", "moved_mm", "fence_m"),
)
TYPES: Final[dict[type, Any]] = {int: sa.BigInteger, str: sa.Text, bool: sa.Boolean}
FENCES: Final[dict[str, Any]] = {"fence_shop_m": 100, "fence_office_m": 200, "fence_plant_m": 500, "fence_other_m": 300}


def upgrade() -> None:
    for name in MAYBE:
        op.add_column("visit", sa.Column(name, sa.BigInteger(), nullable=True))
    _filled("visit", KNOWN)
    _filled("organisation", FENCES)
    op.create_index("visit_org_id_author_id_occurred_ms_id_idx", "visit", ["org_id", "author_id", "occurred_ms", "id"])


def _filled(table: str, values: dict[str, Any]) -> None:
    """New columns, with a value in each row that is there, and empty in none."""
    kinds: dict[str, Any] = {name: TYPES[type(value)]() for name, value in values.items()}
    for name, kind in kinds.items():
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute(sa.update(sa.table(table, *(sa.column(name, kind) for name, kind in kinds.items()))).values(values))
    with op.batch_alter_table(table) as change:
        for name, kind in kinds.items():
            change.alter_column(name, existing_type=kind, nullable=False)
