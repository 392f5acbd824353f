"""A contact has a birthday; none of those that are there has one yet."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("contact", sa.Column("birthday", sa.Text(), nullable=True))
    op.execute(sa.update(sa.table("contact", sa.column("birthday", sa.Text()))).values(birthday=""))
    with op.batch_alter_table("contact") as change:
        change.alter_column("birthday", existing_type=sa.Text(), nullable=False)
