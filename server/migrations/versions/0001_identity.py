"""Organisations, accounts, devices and their credentials."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _org()
    _account()
    _device()
    _refresh_token()
    _enrolment_code()
    _attempt()
    _counter()
    _quarantine()


def _org() -> None:
    op.create_table(
        "org",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("rev_floor", sa.BigInteger(), nullable=False),
        sa.Column("device_approval", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="org_pkey"),
        sa.UniqueConstraint("login", name="org_login_key"),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "user_id", name="account_pkey"),
        sa.UniqueConstraint("org_id", "login", name="account_org_id_login_key"),
    )


def _device() -> None:
    op.create_table(
        "device",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("acked_n", sa.BigInteger(), nullable=False),
        sa.Column("backed_up_n", sa.BigInteger(), nullable=False),
        sa.Column("failed_n", sa.BigInteger(), nullable=False),
        sa.Column("failed_tries", sa.BigInteger(), nullable=False),
        sa.Column("skew_ms", sa.BigInteger(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("wiped_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("resets", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "line_no", name="device_pkey"),
    )
    op.create_index("device_org_id_installation_id_user_id_idx", "device", ["org_id", "installation_id", "user_id"])
    op.create_index("device_org_id_user_id_idx", "device", ["org_id", "user_id"])


def _refresh_token() -> None:
    op.create_table(
        "refresh_token",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", sa.LargeBinary(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("parent_hash", sa.LargeBinary(), nullable=True),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "hash", name="refresh_token_pkey"),
    )
    op.create_index("refresh_token_org_id_family_id_idx", "refresh_token", ["org_id", "family_id"])
    op.create_index("refresh_token_org_id_line_no_idx", "refresh_token", ["org_id", "line_no"])


def _enrolment_code() -> None:
    op.create_table(
        "enrolment_code",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "hash", name="enrolment_code_pkey"),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("window_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="attempt_pkey"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "key", name="counter_pkey"),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "line_no", "received_ms", name="quarantine_pkey"),
    )
