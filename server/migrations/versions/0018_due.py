"""The due index: when a record is judged again for a reminder, and how an organisation wants to be reminded. Records that stand are judged
at the first turn after the upgrade; what was due before is past."""

import time
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
SUBJECTS: Final = (
    ("follow_up", "follow_up", "NOT done"),
    ("no_contact", "standing", "owner_id IS NOT NULL"),
    ("quote_validity", "quote", "valid_until_day IS NOT NULL AND status IN (2, 3)"),
    ("collaboration_end", "collaborator", "until_ms IS NOT NULL"),
)
"""(rule, table, which of its records have something ahead)."""
SETTINGS: Final[dict[str, tuple[Any, Any]]] = {
    "follow_up_by_visit": (sa.Boolean(), True),
    "cadence_days": (sa.BigInteger(), 30),
    "festivals": (sa.Text(), ""),
}
"""Column of the organisation → its type, and its value in those that are there."""


def upgrade() -> None:
    _settings()
    _due()


def _settings() -> None:
    for name, (kind, _) in SETTINGS.items():
        op.add_column("organisation", sa.Column(name, kind, nullable=True))
    table = sa.table("organisation", *(sa.column(name, kind) for name, (kind, _) in SETTINGS.items()))
    op.execute(sa.update(table).values({name: value for name, (_, value) in SETTINGS.items()}))
    with op.batch_alter_table("organisation") as change:
        for name, (kind, _) in SETTINGS.items():
            change.alter_column(name, existing_type=kind, nullable=False)


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.LargeBinary(), nullable=False),
        sa.Column("reader_id", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "rule", "subject_id", "reader_id", name="due_pkey"),
    )
    op.create_index("due_at_ms_org_id_rule_subject_id_idx", "due", ["at_ms", "org_id", "rule", "subject_id"])
    op.create_index("due_org_id_reader_id_idx", "due", ["org_id", "reader_id"])
    nobody = "X''" if op.get_bind().dialect.name == "sqlite" else "''::bytea"
    now_ms = int(time.time() * 1000)
    for rule, table, when in SUBJECTS:
        op.execute(
            "INSERT INTO due (org_id, rule, subject_id, reader_id, at_ms, since_ms) "  # noqa: S608 - our own names
            f"SELECT org_id, '{rule}', id, {nobody}, 0, {now_ms} FROM {table} WHERE {when}"
        )
