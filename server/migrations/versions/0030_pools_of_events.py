"""The pool into which an ownership event brought a customer; of earlier events only of those by which customers stand today."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("ownership_event", sa.Column("pool_id", sa.LargeBinary(), nullable=True))
    event = sa.table("ownership_event", *(sa.column(name) for name in ("org_id", "customer_id", "epoch", "pool_id")))
    standing = sa.table("standing", *(sa.column(name) for name in ("org_id", "id", "epoch", "pool_id")))
    by_which = (standing.c.org_id == event.c.org_id, standing.c.id == event.c.customer_id, standing.c.epoch == event.c.epoch)
    pool_id = sa.select(standing.c.pool_id).where(*by_which).scalar_subquery()
    op.execute(sa.update(event).values(pool_id=pool_id))
