"""Instructions to many recipients, in rounds, with their steps, what they require, their place and their escalations."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
NUMBER: Final = sa.BigInteger()
BYTES: Final = sa.LargeBinary()
MAY_LACK: Final[dict[str, Any]] = {
    "batch_id": BYTES,
    "latitude_e6": NUMBER,
    "longitude_e6": NUMBER,
    "wgs_latitude_e6": NUMBER,
    "wgs_longitude_e6": NUMBER,
    "from_id": BYTES,
    "tell_ms": NUMBER,
}
ALWAYS: Final[dict[str, tuple[Any, Any]]] = {
    "requires": (NUMBER, 1),
    "place": (sa.Text(), ""),
    "datum": (NUMBER, 0),
    "reply": (sa.Text(), ""),
    "round": (NUMBER, 1),
    "steps": (BYTES, b"\x90"),
    "escalated": (NUMBER, 0),
}
"""Column → its type, and its value in the instructions that are there: the defaults of the record. Each is a request of its own."""


def upgrade() -> None:
    for name, kind in (*MAY_LACK.items(), *((name, kind) for name, (kind, _) in ALWAYS.items())):
        op.add_column("instruction", sa.Column(name, kind, nullable=True))
    own = (sa.column("id", BYTES), sa.column("batch_id", BYTES))
    table = sa.table("instruction", *own, *(sa.column(name, kind) for name, (kind, _) in ALWAYS.items()))
    op.execute(sa.update(table).values({"batch_id": table.c.id, **{name: value for name, (_, value) in ALWAYS.items()}}))
    with op.batch_alter_table("instruction") as change:
        for name, (kind, _) in ALWAYS.items():
            change.alter_column(name, existing_type=kind, nullable=False)
    for slot in ("customer_id", "batch_id"):
        op.create_index(f"instruction_org_id_{slot}_idx", "instruction", ["org_id", slot])
    is_due = sa.text("tell_ms IS NOT NULL")
    op.create_index(
        "instruction_org_id_tell_ms_id_idx", "instruction", ["org_id", "tell_ms", "id"], postgresql_where=is_due, sqlite_where=is_due
    )
