"""When a refused mutation arrived, and how far its device's clock was ahead: a fact in it keeps both when it is judged anew."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for name in ("received_ms", "skew_ms"):
        op.add_column("payload", sa.Column(name, sa.BigInteger(), nullable=True))
