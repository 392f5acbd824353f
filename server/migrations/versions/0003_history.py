"""Field history, ownership, notices, inbox items, team notes and their receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _ownership_event()
    _change()
    _notice()
    _inbox_item()
    _team_note()
    _receipt()


def _ownership_event() -> None:
    op.create_table(
        "ownership_event",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.LargeBinary(), nullable=True),
        sa.Column("by_user_id", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "customer_id", "epoch", name="ownership_event_pkey"),
    )
    op.create_index("ownership_event_org_id_line_no_n_idx", "ownership_event", ["org_id", "line_no", "n"])


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.LargeBinary(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("customer_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "entity", "id", "rev", "group_name", name="change_pkey"),
    )
    op.create_index("change_org_id_at_ms_idx", "change", ["org_id", "at_ms"])


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="notice_pkey"),
        sa.UniqueConstraint("org_id", "user_id", "dedupe_key", name="notice_org_id_user_id_dedupe_key_key"),
    )
    op.create_index("notice_state_lease_until_ms_idx", "notice", ["state", "lease_until_ms"])


def _inbox_item() -> None:
    op.create_table(
        "inbox_item",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.LargeBinary(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=True),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("earlier", sa.LargeBinary(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("origin_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="inbox_item_pkey"),
    )
    op.create_index("inbox_item_org_id_customer_id_idx", "inbox_item", ["org_id", "customer_id"])
    op.create_index("inbox_item_org_id_holder_id_idx", "inbox_item", ["org_id", "holder_id"])
    op.create_index("inbox_item_org_id_line_no_state_idx", "inbox_item", ["org_id", "line_no", "state"])


def _team_note() -> None:
    op.create_table(
        "team_note",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.LargeBinary(), nullable=False),
        sa.Column("device_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("amends_id", sa.LargeBinary(), nullable=True),
        sa.Column("author_id", sa.LargeBinary(), nullable=True),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="team_note_pkey"),
    )
    op.create_index("team_note_org_id_department_id_idx", "team_note", ["org_id", "department_id"])


def _receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.LargeBinary(), nullable=True),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="receipt_pkey"),
    )
    op.create_index("receipt_org_id_author_id_idx", "receipt", ["org_id", "author_id"])
    op.create_index("receipt_org_id_user_id_idx", "receipt", ["org_id", "user_id"])
