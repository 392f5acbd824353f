"""Visits and contact logs are listed by author and by the moment when they happened."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for fact in ("visit", "contact_log"):
        for slot in ("author_id", "occurred_ms"):
            op.create_index(f"{fact}_org_id_{slot}_idx", fact, ["org_id", slot])
