"""The moments of jobs are found over all organisations: a tick no longer asks each of them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
SLOTS = (("instruction", "tell_ms"), ("collaborator", "until_ms"))


def upgrade() -> None:
    op.drop_index("instruction_org_id_tell_ms_id_idx", "instruction")
    for table, slot in SLOTS:
        is_due = sa.text(f"{slot} IS NOT NULL")
        columns = [slot, "org_id", "id"]
        op.create_index(f"{table}_{slot}_org_id_id_idx", table, columns, postgresql_where=is_due, sqlite_where=is_due)
