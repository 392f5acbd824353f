"""The people of a department are found by an index: every request of a manager asks for the reports."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("person_org_id_department_id_idx", "person", ["org_id", "department_id"])
