"""Scopes and their feed, stored outcomes, tombstones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _scope()
    _feed()
    _answered()
    _payload()
    _tombstone()


def _scope() -> None:
    op.create_table(
        "scope",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.LargeBinary(), nullable=False),
        sa.Column("tile", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "number", name="scope_pkey"),
        sa.UniqueConstraint("org_id", "subject_id", "lane", "tile", name="scope_org_id_subject_id_lane_tile_key"),
    )


def _feed_keys() -> tuple[sa.Constraint, sa.Constraint]:
    """SQLite keeps rows in the order of the primary key, so a pull is one range of it; PostgreSQL finds the row to update by it."""
    by_place: tuple[str, ...] = ("org_id", "scope_no", "seq")
    by_record: tuple[str, ...] = ("org_id", "scope_no", "entity", "id")
    primary, unique = (by_place, by_record) if op.get_context().dialect.name == "sqlite" else (by_record, by_place)
    return (
        sa.PrimaryKeyConstraint(*primary, name="feed_pkey"),
        sa.UniqueConstraint(*unique, name=f"feed_{'_'.join(unique)}_key"),
    )


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("scope_no", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_ms", sa.BigInteger(), nullable=False),
        *_feed_keys(),
        sqlite_with_rowid=False,
    )


def _answered() -> None:
    op.create_table(
        "answered",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("first_n", sa.BigInteger(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "line_no", "first_n", name="answered_pkey"),
    )


def _payload() -> None:
    op.create_table(
        "payload",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "line_no", "n", name="payload_pkey"),
    )


def _tombstone() -> None:
    op.create_table(
        "tombstone",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(), nullable=True),
        sa.Column("deleted_ms", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "entity", "id", name="tombstone_pkey"),
    )
