"""A card says how far away a claim was that came from too far."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("inbox_item", sa.Column("distance_mm", sa.BigInteger(), nullable=True))
