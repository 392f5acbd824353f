"""Where visits were is deleted after some days: which records tell it, and since when; and what says that it was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0057"
DAYS = 180
FIRST = "SELECT received_ms FROM visit AS first WHERE first.org_id = visit.org_id AND first.id = visit.amends_id"
FILLED = (
    f"INSERT INTO retained SELECT org_id, 4, id, coalesce(({FIRST}), received_ms) FROM visit",  # noqa: S608 - our own names
    'INSERT INTO retained SELECT org_id, 38, id, proposed_ms FROM "placing"',
    "INSERT INTO retained SELECT org_id, 11, id, created_ms FROM inbox_item",
    "INSERT INTO retained SELECT org_id, 13, id, created_ms FROM contribution",
    "UPDATE payload SET tells_ms = coalesce(received_ms, 0)",
)
"""More than tell anything: the job looks at each once."""


def upgrade() -> None:
    op.create_table(
        "retained",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "entity", "id", name="retained_pkey"),
    )
    op.create_index("retained_org_id_at_ms_entity_id_idx", "retained", ["org_id", "at_ms", "entity", "id"])
    for table in ("visit", "placing"):
        op.add_column(table, sa.Column("forgotten_days", sa.BigInteger(), nullable=True))
    op.add_column("payload", sa.Column("tells_ms", sa.BigInteger(), nullable=True))
    told = sa.text("tells_ms IS NOT NULL")
    op.create_index("payload_org_id_tells_ms_idx", "payload", ["org_id", "tells_ms"], sqlite_where=told, postgresql_where=told)
    op.add_column("organisation", sa.Column("visit_days", sa.BigInteger(), nullable=True))
    organisation = sa.table("organisation", sa.column("visit_days", sa.BigInteger()))
    op.execute(sa.update(organisation).values(visit_days=DAYS))
    with op.batch_alter_table("organisation") as change:
        change.alter_column("visit_days", existing_type=sa.BigInteger(), nullable=False)
    for statement in FILLED:
        op.execute(statement)
