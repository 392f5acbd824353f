"""Notifications of users and the users' settings, records of their own; the outbox of pushes takes the place of the notices, which went
to a log alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _notifications()
    _settings()
    _pushes()
    op.drop_table("notice")


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("subject_entity", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("urgency", sa.BigInteger(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.BigInteger(), nullable=False),
        sa.Column("delivered_ms", sa.BigInteger(), nullable=True),
        sa.Column("seen_ms", sa.BigInteger(), nullable=True),
        sa.Column("opened_ms", sa.BigInteger(), nullable=True),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="notification_pkey"),
    )
    op.create_index("notification_org_id_user_id_idx", "notification", ["org_id", "user_id"])
    op.create_index("notification_org_id_subject_id_idx", "notification", ["org_id", "subject_id"])


def _settings() -> None:
    op.create_table(
        "user_settings",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.BigInteger(), nullable=True),
        sa.Column("quiet_until", sa.BigInteger(), nullable=True),
        sa.Column("listed", sa.LargeBinary(), nullable=False),
        sa.Column("field_revs", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="user_settings_pkey"),
    )
    op.create_index("user_settings_org_id_user_id_idx", "user_settings", ["org_id", "user_id"])


def _pushes() -> None:
    op.create_table(
        "push",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("notification_id", sa.LargeBinary(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "notification_id", "line_no", name="push_pkey"),
    )
    op.create_index("push_due_ms_idx", "push", ["due_ms"])
