"""The living session of a device line, named in its access tokens; how many failed log-ins a success has forgiven.

A line that has refresh tokens gets a session, so that its phone goes on: its access token, which names none yet, counts as expired.
The failures of the last minutes are forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
NEWEST = """
UPDATE device SET session_id = (
    SELECT family_id FROM refresh_token
    WHERE refresh_token.org_id = device.org_id AND refresh_token.line_no = device.line_no
    ORDER BY issued_ms DESC LIMIT 1
)
"""


def upgrade() -> None:
    op.add_column("device", sa.Column("session_id", sa.LargeBinary(), nullable=True))
    op.execute(NEWEST)
    op.drop_table("attempt")
    op.create_table(
        "attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("window_ms", sa.BigInteger(), nullable=False),
        sa.Column("forgiven", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="attempt_pkey"),
    )
